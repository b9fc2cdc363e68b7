"""Which deployed stack the read-only verbs look at, without the checks of `connect`: they are a part of the answer."""

from __future__ import annotations

from adapters.deployment.dns import Dns
from adapters.deployment.stack import Deployment, Place
from cli.options import Options
from composition import AwsServices, is_of_this_machine

ATTEMPTS = 3
ANSWER_SECONDS = 8


def deployment_of(options: Options, services: AwsServices, dns: Dns | None = None) -> Deployment:
    """Return the stack that the options name; DNS is asked unless it is on this machine and no server is named."""
    from adapters.deployment.dns import Resolver

    place = place_of(options, services)
    services = services.at(options.endpoint) if options.endpoint else services

    def connect(service: str) -> object:
        return services.connect(service, attempts=ATTEMPTS, read_timeout=ANSWER_SECONDS)

    if dns is None and not place.is_local:
        dns = Resolver()
    return Deployment(place, connect, dns, services.now)


def place_of(options: Options, services: AwsServices) -> Place:
    """Return where the stack is that the options name."""
    endpoint = options.endpoint or services.place.get("endpoint_url") or services.environment.get("AWS_ENDPOINT_URL")
    is_local = endpoint is not None and is_of_this_machine(endpoint)
    return Place(options.stack or services.stack, endpoint or None, is_local=is_local)
