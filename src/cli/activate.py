"""`reglament activate`: make the deployed receipt rule set the active one, after showing what it replaces.

An account has one active set a region, and CloudFormation cannot choose it. Replacing the set of another
system stops that system's mail, so nothing is replaced unseen. A stack may have put its rule into the set of
another (parameter ReceiptRuleSetName): then that set is the one to be active, and both receive.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, TextIO

from botocore.exceptions import BotoCoreError, ClientError

from cli import printing
from cli.options import Options
from cli.target import Failed
from composition import AwsServices

if TYPE_CHECKING:
    from types_boto3_ses import SESClient
    from types_boto3_ses.type_defs import ReceiptRuleOutputTypeDef


@dataclass(frozen=True, slots=True)
class Activation:
    """What became of the request to make a receipt rule set the active one."""

    rule_set: str
    region: str
    active: bool
    """Whether it is the active one now."""
    changed: bool
    """Whether it was not before."""
    replaces: str | None
    """The other set that was active until now, or still is."""
    no_longer_received: tuple[str, ...]
    """The recipients that only the other set takes mail for."""


def run(options: Options, services: AwsServices, region: str | None, *, yes: bool) -> int:
    """Make the receipt rule set of a stack the active one; exit status 1 where it is not."""
    # With --json, standard output belongs to the answer alone.
    out = sys.stderr if options.json else sys.stdout
    agreed: Callable[[str], bool] = (lambda _question: True) if yes else partial(_ask, out=out)
    try:
        services = services.at(options.endpoint) if options.endpoint else services
        ses = services.connect("ses", region=region)
        name = _rule_set_of(options.stack or services.stack, services, region)
        activation = activate(ses, name, agreed=agreed, out=out)
    except ClientError as refusal:
        error = refusal.response["Error"]
        raise Failed(f"AWS refused {refusal.operation_name}: {error['Code']}: {error['Message']}") from refusal
    except BotoCoreError as trouble:
        raise Failed(f"AWS was not asked: {trouble}") from trouble
    if options.json:
        printing.as_json(asdict(activation))
    return 0 if activation.active else 1


def activate(ses: SESClient, name: str, *, agreed: Callable[[str], bool], out: TextIO) -> Activation:
    """Make a rule set the active one where `agreed` says so; raises Failed where there is no such set.

    `agreed` is asked only where another set would be replaced or mail would start to arrive.
    """
    region = ses.meta.region_name
    wanted = _rules(ses, name)
    if wanted is None:
        raise Failed(
            f"there is no receipt rule set named {name} in {region}. "
            f"Is the stack deployed there? `make deploy STACK={name}` creates it."
        )

    say = partial(print, file=out)
    active = ses.describe_active_receipt_rule_set()
    replaced = active.get("Metadata", {}).get("Name")
    if replaced == name:
        say(f"{name} already is the active receipt rule set in {region}:")
        _show(wanted, out)
        return Activation(name, region, active=True, changed=False, replaces=None, no_longer_received=())

    lost: tuple[str, ...] = ()
    if replaced is None:
        say(f"No receipt rule set is active in {region}: SES accepts no mail there.")
    else:
        replaced_rules = active.get("Rules", [])
        say(f"The active receipt rule set in {region} is {replaced}:")
        _show(replaced_rules, out)
        lost = tuple(sorted(_recipients(replaced_rules) - _recipients(wanted)))
        if lost:
            say(f"  no longer received by it: {', '.join(lost)}")
            say(
                f"  to receive both, deploy with ReceiptRuleSetName={replaced} instead: the desks' rule goes into that set."
            )
    say(f"To become active: {name}:")
    _show(wanted, out)

    is_agreed = agreed(f"Make {name} active?" if replaced is None else f"Replace {replaced} by {name}?")
    if is_agreed:
        ses.set_active_receipt_rule_set(RuleSetName=name)
        say(f"{name} is active. SES takes a few seconds to follow.")
        if replaced is not None:
            say(f"To go back: aws ses set-active-receipt-rule-set --region {region} --rule-set-name {replaced}")
    else:
        say("Nothing was changed.")
    return Activation(name, region, active=is_agreed, changed=is_agreed, replaces=replaced, no_longer_received=lost)


def _rule_set_of(stack: str, services: AwsServices, region: str | None) -> str:
    """Return the name of the set that a stack's rule is in: an output says; the set is named as the stack otherwise."""
    cloudformation = services.connect("cloudformation", region=region)
    try:
        (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        # "ValidationError" is CloudFormation's answer for a stack that does not exist.
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        return stack
    outputs: dict[str, str] = {one["OutputKey"]: one["OutputValue"] for one in described.get("Outputs", [])}
    return outputs.get("ReceiptRuleSet", stack)


def _rules(ses: SESClient, name: str) -> list[ReceiptRuleOutputTypeDef] | None:
    try:
        return ses.describe_receipt_rule_set(RuleSetName=name).get("Rules", [])
    except ses.exceptions.RuleSetDoesNotExistException:
        return None


def _recipients(rules: Iterable[ReceiptRuleOutputTypeDef]) -> set[str]:
    # A rule without recipients takes mail for every verified domain.
    return {recipient for rule in rules for recipient in rule.get("Recipients") or ["every verified domain"]}


def _show(rules: Sequence[ReceiptRuleOutputTypeDef], out: TextIO) -> None:
    if not rules:
        print("  (no rules)", file=out)
    for rule in rules:
        state = "" if rule.get("Enabled") else " (disabled)"
        recipients = ", ".join(sorted(_recipients([rule])))
        actions = ", ".join(kind for action in rule.get("Actions", []) for kind in action) or "nothing"
        print(f"  {rule['Name']}{state}: {recipients} -> {actions}", file=out)


def _ask(question: str, *, out: TextIO) -> bool:
    if not sys.stdin.isatty():
        printing.warn("No terminal to ask in: run it in one, or agree with --yes.")
        return False
    print(f"{question} [y/N] ", end="", file=out, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
