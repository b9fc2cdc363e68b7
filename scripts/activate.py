"""`make activate`: make the deployed receipt rule set the active one, after showing what it replaces.

An account has one active set a region, and CloudFormation cannot choose it. Replacing the set of another
system stops that system's mail, so nothing is replaced unseen.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from types_boto3_ses import SESClient
    from types_boto3_ses.type_defs import ReceiptRuleOutputTypeDef

DONE, NOT_DONE = 0, 1


def activate(ses: SESClient, name: str, *, agreed: Callable[[str], bool]) -> int:
    """Makes the set active and returns `DONE`; `NOT_DONE` where there is no such set or nobody agreed.

    `agreed` is asked only where another set would be replaced or mail would start to arrive.
    """
    region = ses.meta.region_name
    wanted = _rules(ses, name)
    if wanted is None:
        print(
            f"There is no receipt rule set named {name} in {region}. "
            f"Is the stack deployed there? `make deploy STACK={name}` creates it.",
            file=sys.stderr,
        )
        return NOT_DONE

    active = ses.describe_active_receipt_rule_set()
    replaced = active.get("Metadata", {}).get("Name")
    if replaced == name:
        print(f"{name} already is the active receipt rule set in {region}:")
        _show(wanted)
        return DONE

    if replaced is None:
        print(f"No receipt rule set is active in {region}: SES accepts no mail there.")
    else:
        replaced_rules = active.get("Rules", [])
        print(f"The active receipt rule set in {region} is {replaced}:")
        _show(replaced_rules)
        lost = sorted(_recipients(replaced_rules) - _recipients(wanted))
        if lost:
            print(f"  no longer received by it: {', '.join(lost)}")
    print(f"To become active: {name}:")
    _show(wanted)

    question = f"Make {name} active?" if replaced is None else f"Replace {replaced} by {name}?"
    if not agreed(question):
        print("Nothing was changed.")
        return NOT_DONE
    ses.set_active_receipt_rule_set(RuleSetName=name)
    print(f"{name} is active. SES takes a few seconds to follow.")
    if replaced is not None:
        print(f"To go back: aws ses set-active-receipt-rule-set --region {region} --rule-set-name {replaced}")
    return DONE


def _rules(ses: SESClient, name: str) -> list[ReceiptRuleOutputTypeDef] | None:
    try:
        return ses.describe_receipt_rule_set(RuleSetName=name).get("Rules", [])
    except ses.exceptions.RuleSetDoesNotExistException:
        return None


def _recipients(rules: Iterable[ReceiptRuleOutputTypeDef]) -> set[str]:
    # A rule without recipients takes mail for every verified domain.
    return {recipient for rule in rules for recipient in rule.get("Recipients") or ["every verified domain"]}


def _show(rules: Sequence[ReceiptRuleOutputTypeDef]) -> None:
    if not rules:
        print("  (no rules)")
    for rule in rules:
        state = "" if rule.get("Enabled") else " (disabled)"
        recipients = ", ".join(sorted(_recipients([rule])))
        actions = ", ".join(kind for action in rule.get("Actions", []) for kind in action) or "nothing"
        print(f"  {rule['Name']}{state}: {recipients} -> {actions}")


def _ask(question: str) -> bool:
    if not sys.stdin.isatty():
        print("There is nobody to ask: run it in a terminal, or agree with --yes.", file=sys.stderr)
        return False
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Reads the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.activate",
        description="Make the deployed SES receipt rule set the active one, after showing what it replaces.",
    )
    parser.add_argument("--stack", default="reglament", help="name of the stack (default: %(default)s)")
    parser.add_argument("--region", help="where it is deployed (default: the region of the AWS settings)")
    parser.add_argument("--endpoint", help="another address of the service, such as http://127.0.0.1:4566")
    parser.add_argument("--yes", action="store_true", help="agree beforehand; what is replaced is still shown")
    options = parser.parse_args(arguments)
    agreed: Callable[[str], bool] = (lambda _question: True) if options.yes else _ask
    try:
        ses = boto3.client("ses", region_name=options.region, endpoint_url=options.endpoint)
        return activate(ses, options.stack, agreed=agreed)
    except ClientError as refusal:
        error = refusal.response["Error"]
        print(f"SES refused {refusal.operation_name}: {error['Code']}: {error['Message']}", file=sys.stderr)
    except BotoCoreError as trouble:
        print(f"SES was not asked: {trouble}", file=sys.stderr)
    return NOT_DONE


if __name__ == "__main__":
    sys.exit(main())
