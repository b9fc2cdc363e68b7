"""What `make deploy` does more than `sam deploy`: a stack's data is not replaced unseen, and its table is protected.

    python -m scripts.deployment guard --stack reglament --region eu-west-1 [-- what sam deploy is given]
    python -m scripts.deployment protect --stack reglament --region eu-west-1 [--off]

`guard` comes before a deployment. It gives a stack that exists a policy by which an update that would replace the table,
a bucket, the key or the reply keys is refused: the new one would be empty, and what was kept lies in the old one
(CloudFormation user guide, "Prevent updates to stack resources"). It also compares `DeskAddresses` with the editions, as far
as the value of the deployment is known beforehand, and warns: an address that is missing is refused by SES.

`protect` comes after it. A table that is protected from the beginning cannot be deleted where the creation of the stack
fails and is rolled back, so that protection is turned on once the stack exists. Both change nothing where nothing is to
be changed. Exit status 0, or 1 where AWS refuses.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from cli.mailboxes import told
from domain.regulation.mailboxes import deployed_mailboxes, difference

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import StackTypeDef

IRREPLACEABLE = ("Table", "MailBucket", "AccessLogs", "Key", "ReplyKeys")
"""By their names in template.yaml: what a second one of is no substitute for."""
POLICY: dict[str, Any] = {
    "Statement": [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": "Update:Replace",
            "Principal": "*",
            "Resource": [f"LogicalResourceId/{name}" for name in IRREPLACEABLE],
        },
    ]
}
PROTECTION = "TableDeletionProtection"
ADDRESSES = "DeskAddresses"
OVERRIDES = "--parameter-overrides"
_ANSWER = re.compile(rf'({PROTECTION}=\\?"?)(?:true|false)')
"""The parameter as `sam deploy --guided` keeps it among the answers."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the two steps."""
    parser = argparse.ArgumentParser(prog="python -m scripts.deployment", description=__doc__)
    parser.add_argument("step", choices=["guard", "protect"], help="before a deployment, or after it")
    parser.add_argument("--stack", required=True, metavar="NAME", help="the stack")
    parser.add_argument("--region", metavar="NAME", help="where it is (default: the region of the AWS settings)")
    parser.add_argument("--endpoint", metavar="URL", help="another endpoint of AWS")
    parser.add_argument("--answers", type=Path, default=Path("samconfig.toml"), help="where `sam deploy` keeps answers")
    parser.add_argument("--off", action="store_true", help="of protect: off, before the stack is deleted with its data")
    own, deploying = _parted(sys.argv[1:] if arguments is None else arguments)
    asked = parser.parse_args(own)
    try:
        client = boto3.client("cloudformation", region_name=asked.region, endpoint_url=asked.endpoint)
        if asked.step == "guard":
            print(guard(client, asked.stack))
            for line in wrong_addresses(desk_addresses(client, asked.stack, deploying, asked.answers)):
                print(f"warning: {line}", file=sys.stderr)
        else:
            print(protect(client, asked.stack, on=not asked.off))
            keep_answer(asked.answers, on=not asked.off)
    except LookupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError, WaiterError) as error:
        print(f"error: CloudFormation, of the stack {asked.stack}: {error}", file=sys.stderr)
        return 1
    return 0


def guard(client: CloudFormationClient, stack: str) -> str:
    """Let updates of a stack that would replace its data be refused; return what was done, in words."""
    if _described(client, stack) is None:
        return f"{stack} is created now: there is nothing yet that an update could replace."
    if not _set_policy(client, stack):
        return f"{stack} has a stack policy of another's, which stays: see that it denies to replace {', '.join(IRREPLACEABLE)}."
    return f"An update of {stack} that would replace {', '.join(IRREPLACEABLE)} is refused."


def desk_addresses(client: CloudFormationClient, stack: str, arguments: Sequence[str], answers: Path) -> str | None:
    """Return the value of `DeskAddresses` that a deployment will have; None where that is not known beforehand.

    What `sam deploy` is given goes before what it keeps among its answers, and what neither names stays as it is deployed.
    Raises LookupError where the answers cannot be read.
    """
    given = _given(arguments)
    found = _value(_kept(answers) if given is None else given)
    if found is not None:
        return found
    described = _described(client, stack)
    parameters = [] if described is None else described.get("Parameters", [])
    return next((one.get("ParameterValue") for one in parameters if one["ParameterKey"] == ADDRESSES), None)


def wrong_addresses(listed: str | None) -> tuple[str, ...]:
    """Return how a value of `DeskAddresses` differs from what the editions say, and last the one that is right."""
    expected = deployed_mailboxes()
    found = () if listed is None else told(difference(listed.split(","), expected))
    return (*found, f"by the editions: {ADDRESSES}={','.join(expected.desk_addresses)}") if found else ()


def _parted(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Return the arguments before `--` and those after it."""
    end = list(arguments).index("--") if "--" in arguments else len(arguments)
    return arguments[:end], arguments[end + 1 :]


def _given(arguments: Sequence[str]) -> list[str] | None:
    """Return the parameters among the arguments of `sam deploy`; None where it is left to the answers."""
    words = iter(arguments)
    for word in words:
        name, equals, first = word.partition("=")
        if name == OVERRIDES:
            rest = [first] if equals else []
            for value in words:
                if value.startswith("-"):
                    break
                rest.append(value)
            return [part for value in rest for part in shlex.split(value)]
    return None


def _kept(answers: Path) -> list[str]:
    """Return the parameters that `sam deploy` keeps among its answers."""
    if not answers.exists():
        return []
    try:
        return list(_overrides(tomllib.loads(answers.read_text("utf-8"))))
    except ValueError as error:
        raise LookupError(f"{answers} cannot be read, by `sam deploy` neither: {error}") from error


def _overrides(settings: object) -> Iterator[str]:
    if isinstance(settings, dict):
        for name, value in settings.items():
            if name == "parameter_overrides":
                for text in [value] if isinstance(value, str) else value:
                    yield from shlex.split(text)
            else:
                yield from _overrides(value)


def _value(parameters: Sequence[str]) -> str | None:
    """Return the addresses among parameters, in either of the two forms that `sam deploy` takes."""
    for one in parameters:
        for beginning in (f"{ADDRESSES}=", f"ParameterKey={ADDRESSES},ParameterValue="):
            if one.startswith(beginning):
                return one.removeprefix(beginning).replace("\\,", ",")
    return None


def protect(client: CloudFormationClient, stack: str, *, on: bool) -> str:
    """Turn the protection of the stack's table on or off; return what was done. Raises LookupError without a stack."""
    described = _described(client, stack)
    if described is None:
        raise LookupError(f"there is no stack {stack} in {client.meta.region_name}: `make deploy` creates it")
    wanted, state = ("true", "on") if on else ("false", "off")
    given = {one["ParameterKey"]: one.get("ParameterValue", "") for one in described.get("Parameters", [])}
    if PROTECTION not in given:
        raise LookupError(f"the stack {stack} has no parameter {PROTECTION}: it was deployed from an older template")
    if on:
        _set_policy(client, stack)
    if given[PROTECTION] == wanted:
        return f"The deletion protection of the table of {stack} is {state}, as before."
    others: list[Any] = [{"ParameterKey": name, "UsePreviousValue": True} for name in given if name != PROTECTION]
    client.update_stack(
        StackName=stack,
        UsePreviousTemplate=True,
        Parameters=[*others, {"ParameterKey": PROTECTION, "ParameterValue": wanted}],
        # The template names its policies, and has a transform, which CloudFormation applies again.
        Capabilities=sorted({*described.get("Capabilities", []), "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"}),
    )
    client.get_waiter("stack_update_complete").wait(StackName=stack, WaiterConfig={"Delay": 5, "MaxAttempts": 120})
    return f"The deletion protection of the table of {stack} is {state} now."


def keep_answer(answers: Path, *, on: bool) -> None:
    """Let the answers that `sam deploy` keeps agree, so that the next deployment does not undo it."""
    if not answers.exists():
        return
    text = answers.read_text("utf-8")
    kept = _ANSWER.sub(rf"\g<1>{'true' if on else 'false'}", text)
    if kept != text:
        answers.write_text(kept, "utf-8")


def _set_policy(client: CloudFormationClient, stack: str) -> bool:
    """Give a stack our policy; False where it has one that somebody else wrote, which may refuse more and is kept."""
    text = client.get_stack_policy(StackName=stack).get("StackPolicyBody")
    if text and _without_resources(json.loads(text)) != _without_resources(POLICY):
        return False
    client.set_stack_policy(StackName=stack, StackPolicyBody=json.dumps(POLICY))
    return True


def _without_resources(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a policy says, but of what: an earlier version of ours named other resources."""
    return [{**statement, "Resource": None} for statement in policy.get("Statement", [])]


def _described(client: CloudFormationClient, stack: str) -> StackTypeDef | None:
    """Return a stack; None where there is none, or one that only waits to be created after a look at its change set."""
    try:
        (described,) = client.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        return None
    return None if described["StackStatus"] == "REVIEW_IN_PROGRESS" else described


if __name__ == "__main__":
    sys.exit(main())
