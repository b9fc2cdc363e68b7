"""`make deploy-local`: `sam build` and `sam deploy` into the embedded AWS, then one letter through it.

What `make run` drives by itself runs here as deployed: packages with their dependencies, the emulator's
Lambda run time, its event-source mappings. Only the two receipt-rule resources are taken out of the
template, since the emulator's CloudFormation refuses them; SES receiving is played by what the SMTP door does.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from adapters.dynamodb import DynamoTable
from adapters.mail.writing import text_field
from adapters.people_files import enter_seeds
from composition import LOOPBACK
from domain.addresses import without_plus
from domain.caller import local_caller
from domain.regulation.editions import desk_by_address
from domain.ticket.ticket import Ticket
from local import template as template_yaml
from local.emulator import REPOSITORY, Emulator, NotStarted, free_port
from local.resources import STACK, Aws, Deployment
from local.smtp_door import SmtpDoor
from local.template import NOT_IN_THE_EMULATOR

PYTHON = (3, 13)
"""What template.yaml names as the run time; the emulator runs functions on the Python that it runs on itself."""
WAIT_SECONDS = 60.0
SENDER = "vetrova@region.example.org"
LETTER = """Здравствуйте!

В приложении не открывается список заявлений: после входа экран остаётся пустым, перезапуск не помогает.

Ветрова Ольга Сергеевна
Мобильный телефон: +7 900 555-01-42
Организация: МФЦ Северного района
Должность: ведущий специалист
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Deploy, send, show; return 0 where the letter was acknowledged."""
    parser = argparse.ArgumentParser(prog="make deploy-local", description=__doc__)
    parser.add_argument("--dir", type=Path, default=Path("var/deploy-local"), help="builds, state and logs of this run")
    folder: Path = parser.parse_args(arguments).dir.resolve()
    try:
        _require_tools()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with Emulator(free_port(), folder / "state", folder / "emulator.log") as emulator:
            began = time.monotonic()
            _sam_build(folder)
            print(f"built in {time.monotonic() - began:.1f} s")
            began = time.monotonic()
            aws = Aws(emulator.endpoint)
            _sam_deploy(folder, aws)
            print(f"deployed to {emulator.endpoint} in {time.monotonic() - began:.1f} s")
            return _one_letter(aws, folder)
    except NotStarted as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _require_tools() -> None:
    if sys.version_info[:2] != PYTHON:
        found = ".".join(map(str, sys.version_info[:2]))
        raise NotStarted(
            f"the packages are built for Python {'.'.join(map(str, PYTHON))}, and the emulator would run them on the "
            f"Python of .venv, which is {found}. Make .venv anew with: make setup PYTHON=python3.13"
        )
    if shutil.which("sam") is None:
        raise NotStarted("the SAM CLI is not on PATH; `make deploy-local` installs it and puts it there")


def _sam_build(folder: Path) -> None:
    whole: dict[str, Any] = template_yaml.read()
    left_out = [name for name, one in whole["Resources"].items() if one["Type"] in NOT_IN_THE_EMULATOR]
    print(f"left out of the template, since the emulator's CloudFormation refuses them: {', '.join(left_out)}")
    template = folder / "template.json"
    template.write_text(json.dumps(template_yaml.leave_out(whole, left_out), ensure_ascii=False), "utf-8")
    _run(folder, "build", "--template-file", str(template), "--build-dir", str(folder / "build"), *_parameters())


def _sam_deploy(folder: Path, aws: Aws) -> None:
    aws.s3.create_bucket(
        Bucket="packages", CreateBucketConfiguration={"LocationConstraint": LOOPBACK["AWS_DEFAULT_REGION"]}
    )
    _run(
        folder, "deploy", "--template-file", str(folder / "build" / "template.yaml"), "--stack-name", STACK,
        "--s3-bucket", "packages", "--capabilities", "CAPABILITY_NAMED_IAM", "--region", LOOPBACK["AWS_DEFAULT_REGION"],
        "--no-confirm-changeset", "--no-progressbar", *_parameters(), endpoint=aws.endpoint,
    )  # fmt: skip


def _parameters() -> tuple[str, ...]:
    """Build for the processor at hand, on which the functions run, and without recipients of pages."""
    architecture = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    return "--parameter-overrides", f"Architecture={architecture}", "AllowNoRecipients=true"


def _run(folder: Path, verb: str, *arguments: str, endpoint: str | None = None) -> None:
    """Run one verb of the SAM CLI; its output goes into a file, whose end is shown where it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {**LOOPBACK, "SAM_CLI_TELEMETRY": "0", "AWS_EC2_METADATA_DISABLED": "true"}
    if endpoint is not None:
        environment["AWS_ENDPOINT_URL"] = endpoint
    log = folder / f"sam-{verb}.log"
    print(f"sam {verb} ... ({log})", flush=True)
    with log.open("wb") as output:
        ended = subprocess.run(
            ["sam", verb, *arguments], cwd=REPOSITORY, env=environment, stdout=output, stderr=output, check=False
        )
    if ended.returncode != 0:
        raise NotStarted(f"`sam {verb}` ended with {ended.returncode}:\n{log.read_text('utf-8', 'replace')[-2500:]}")


def _one_letter(aws: Aws, folder: Path) -> int:
    stack = aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    addresses = next(one for one in stack["Parameters"] if one["ParameterKey"] == "DeskAddresses")["ParameterValue"]
    recipient = addresses.split(",")[0]
    desk = desk_by_address(without_plus(recipient))
    assert desk is not None  # the template's default addresses are those of the desks
    deployment = Deployment(outputs, {}, tuple(addresses.split(",")), (), "", "", "")
    message = EmailMessage()
    message["From"], message["To"] = SENDER, recipient
    message["Subject"] = text_field("Subject", "Пустой экран после входа")
    message["Message-ID"] = "<deploy-local@region.example.org>"
    message.set_content(LETTER)
    # What a deployer does once by hand: SES sends only in the name of domains that were shown to be one's own.
    for address in deployment.recipients:
        aws.ses.verify_domain_identity(Domain=address.rpartition("@")[2])
    began = time.monotonic()
    door = SmtpDoor(aws, deployment, lambda: datetime.now(UTC), lambda _: None)
    door.accept(message.as_bytes(), SENDER, [recipient])
    print(f"letter announced to {outputs['MailTopic']}")
    store = DynamoTable(aws.dynamodb, outputs["Table"], int(outputs["DueShards"]))
    enter_seeds(store, at=datetime.now(UTC), caller=local_caller("deploy-local"))
    ticket = _wait_for(lambda: next(store.queue(desk), None))
    if not isinstance(ticket, Ticket):
        return _failed(aws, folder, "no ticket appeared in the table")
    print(f"{time.monotonic() - began:5.1f} s  ticket {ticket.id}, {ticket.status}")
    letter = _wait_for(lambda: _acknowledgement(aws))
    if letter is None:
        return _failed(aws, folder, "no acknowledgement was sent")
    print(f"{time.monotonic() - began:5.1f} s  letter to {SENDER}: {letter['Subject']}")
    if ticket.id not in letter["Subject"]:
        return _failed(aws, folder, "the acknowledgement does not name the ticket")
    print("the deployed functions took the letter from end to end")
    return 0


def _wait_for(look: Any) -> Any:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        if (found := look()) is not None:
            return found
        time.sleep(0.2)
    return None


def _acknowledgement(aws: Aws) -> dict[str, Any] | None:
    """Return the letter to the sender, as the emulator's SES keeps it."""
    with urllib.request.urlopen(f"{aws.endpoint}/_ministack/ses/messages", timeout=5) as answer:  # noqa: S310 - our own loopback
        accounts: dict[str, list[dict[str, Any]]] = json.load(answer)["messages"]
    return next((one for letters in accounts.values() for one in letters if SENDER in str(one["To"])), None)


def _failed(aws: Aws, folder: Path, what: str) -> int:
    """Say what went wrong, with the end of the functions' logs."""
    print(
        f"error: {what} within {WAIT_SECONDS:.0f} seconds; the emulator's log is {folder}/emulator.log", file=sys.stderr
    )
    for group in aws.logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{STACK}-")["logGroups"]:
        events = aws.logs.filter_log_events(logGroupName=group["logGroupName"], limit=200)["events"]
        for event in events[-5:]:
            print(f"{group['logGroupName']}: {event['message'].rstrip()}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
