"""`reglament doctor`: look at a deployed stack, from its mail's way in to its alarms, and change nothing."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from adapters.deployment.diagnosis import CHECKS, Report, diagnose
from adapters.deployment.dns import Dns, Resolver
from adapters.deployment.findings import State
from adapters.deployment.stack import Deployment, NoSuchStack
from cli import printing
from cli.deployed import deployment_of
from cli.options import Options
from cli.target import Failed, Misuse
from composition import AwsServices

GOOD = frozenset({State.OK, State.SKIPPED})
DNS_PORT = 53


def run(
    options: Options, services: AwsServices, names: Sequence[str], nameserver: str | None, *, strict: bool = False
) -> int:
    """Print what each check finds; exit status 1 where something is wrong, or where the stack could not be read at all."""
    checks = [check for check in CHECKS if not names or check.name in names]
    if unknown := sorted(set(names) - {check.name for check in CHECKS}):
        raise Misuse(f"no check {', '.join(unknown)}; there are: {', '.join(check.name for check in CHECKS)}")
    deployment = deployment_of(options, services, _resolver(nameserver))
    is_readable = _is_readable(deployment)
    reports = diagnose(deployment, checks, on_progress=_progress())
    if options.json:
        _as_json(reports)
    else:
        _as_text(reports)
    states = Counter(finding.state for report in reports for finding in report.findings)
    is_well = is_readable and not states[State.FAULT] and not (strict and set(states) - GOOD)
    return 0 if is_well else 1


def _is_readable(deployment: Deployment) -> bool:
    """Return whether CloudFormation tells of the stack; raises Failed where there is no such stack."""
    try:
        _ = deployment.description
    except NoSuchStack as error:
        raise Failed(
            f"no stack {str(error)!r} in {deployment.region}. Name another with --stack, another region with AWS_REGION, or "
            "the local one with --endpoint http://127.0.0.1:4566 while `make run` runs"
        ) from error
    except (BotoCoreError, ClientError):
        return False  # each check says for itself what it cannot do without it
    return True


def _resolver(nameserver: str | None) -> Dns | None:
    """Return a resolver that asks the server named, such as `9.9.9.9`, `127.0.0.1:5353` or `[::1]:5353`."""
    import ipaddress

    if nameserver is None:
        return None
    host, colon, port = (
        nameserver.rpartition(":") if nameserver.count(":") == 1 or "]:" in nameserver else (nameserver, "", "")
    )
    try:
        address = ipaddress.ip_address(host.strip("[]"))
        number = int(port) if colon else DNS_PORT
    except ValueError:
        raise Misuse(
            f"--nameserver: found {nameserver!r}, expected an IP address such as 9.9.9.9 or 127.0.0.1:5353"
        ) from None
    return Resolver(str(address), number)


def _progress() -> Callable[[int, int], None]:
    """Return what tells a person at a terminal how far it is; nothing is told to a file or a pipe."""
    if not sys.stderr.isatty():
        return lambda _done, _all: None

    def tell(done: int, every: int) -> None:
        end = "\r\x1b[K" if done == every else ""
        print(f"\r{done} of {every} checks{end}", end="", file=sys.stderr, flush=True)

    return tell


def _as_json(reports: Sequence[Report]) -> None:
    for report in reports:
        for finding in report.findings:
            printing.as_json(
                {"check": report.check.name, "state": finding.state, "text": finding.text, "remedy": finding.remedy}
            )


def _as_text(reports: Sequence[Report]) -> None:
    wide = max(len(report.check.name) for report in reports)
    states: Counter[State] = Counter()
    for report in reports:
        for finding in report.findings:
            states[finding.state] += 1
            print(f"{finding.state:<8} {report.check.name:<{wide}}  {finding.text}")
            if finding.remedy:
                print(f"{'':<8} {'':<{wide}}  -> {finding.remedy}")
    told = [f"{states[state]} {state}" for state in State if states[state]]
    print(f"\n{', '.join(told)}")
