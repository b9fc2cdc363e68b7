"""Whether somebody outside this account watches the clock, so that its silence is heard whatever has become of the account."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.deployment.findings import Finding, NotHere, fault, ok, warning
from adapters.deployment.stack import Deployment

GIVE_ONE = "Deploy with `HeartbeatUrl=https://…` of a dead man's service: docs/operations.md, The watch from outside"


def outside_watch(deployment: Deployment) -> Iterator[Finding]:
    """The alarms tell by this account's own topic; nobody is told by it that the account itself does not work."""
    function = next(
        (name for name in deployment.resources("AWS::Lambda::Function").values() if name.endswith("-clock")), None
    )
    if function is None and deployment.place.is_local:
        raise NotHere("nobody outside this machine watches `make run`")
    if function is None:
        yield fault("the stack has no clock", f"Deploy again: {deployment.deploy}")
        return
    configuration = deployment.client("lambda").get_function_configuration(FunctionName=function)
    # Whether there is one is all that is asked and shown: who knows the address can speak for the clock.
    if configuration.get("Environment", {}).get("Variables", {}).get("HEARTBEAT_URL"):
        yield ok("the clock tells somebody outside after each sweep after which pages leave")
    else:
        yield warning("nobody outside this account watches the clock", GIVE_ONE)
