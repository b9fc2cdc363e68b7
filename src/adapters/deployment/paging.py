"""Topics and text messages: who is subscribed to the pages and to this stack's own alarms, and what SNS lets through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import Any

from adapters.deployment.desks import phones
from adapters.deployment.findings import Finding, NotHere, fault, ok, problems_or, warning
from adapters.deployment.stack import Deployment
from adapters.deployment.subscriptions import BY_MAIL, Standing, Subscription, subscriptions_of

DEFAULT_LIMIT_DOLLARS = 1.0
"""The monthly spending limit of an account that never changed it: sns/latest/dg/sms_preferences.html."""
NEARLY = 0.8
TOPICS = {"PagesTopic": "pages", "OperationsTopic": "operations"}
"""The topics that people subscribe to, by the output that names each."""


def operations_recipients(deployment: Deployment) -> Iterator[Finding]:
    """The alarms of this stack are worth what is done about them."""
    subscriptions = subscriptions_to(deployment, "OperationsTopic")
    reached = [one for one in subscriptions if one.delivers]
    if reached:
        yield ok(f"alarms go to {', '.join(sorted(map(place_of, reached)))}")
    elif deployment.place.is_local:
        raise NotHere("no metric reaches an alarm; the console of `make run` tells what goes wrong")
    elif subscriptions:
        yield fault("the alarms have no confirmed recipient", "See the line `subscriptions`")
    else:
        yield fault("the alarms have no recipient", f"Give OperationsEmail and confirm it: {deployment.deploy}")


def confirmations(deployment: Deployment) -> Iterator[Finding]:
    """A subscription that is pending delivers nothing; one that was confirmed by a click ends by a click."""
    subscriptions = [one for output in TOPICS for one in subscriptions_to(deployment, output)]
    yield from problems_or(
        [*_unsure(deployment, subscriptions), *_gone(deployment, subscriptions)],
        f"subscriptions: {len(subscriptions)}, each confirmed",
    )


def _unsure(deployment: Deployment, subscriptions: list[Subscription]) -> Iterator[Finding]:
    confirm = deployment.reglament("subscriptions confirm 'LINK'")
    for one in subscriptions:
        if one.standing is Standing.PENDING:
            again = deployment.aws(
                f"sns subscribe --topic-arn {one.topic} --protocol {one.protocol} --notification-endpoint {one.endpoint}"
            )
            yield fault(
                f"{place_of(one)}: not confirmed, nothing is delivered",
                f"Copy the link of the letter that SNS sent, do not open it, then {confirm}; a new letter: {again}",
            )
        elif one.standing is Standing.OPEN:
            yield warning(
                f"{place_of(one)}: the link below each message ends it for everybody",
                f"Subscribe again and confirm the new letter by {confirm}, see docs/doctor.md, Subscriptions",
            )


def _gone(deployment: Deployment, subscriptions: list[Subscription]) -> Iterator[Finding]:
    """Find what the stack made and SNS has no more: it was unsubscribed."""
    arns, endpoints = {one.arn for one in subscriptions}, {one.endpoint.casefold() for one in subscriptions}
    topics = {deployment.outputs.get(output, "") for output in TOPICS}
    for logical, arn in sorted(deployment.resources("AWS::SNS::Subscription").items()):
        name = logical.removesuffix("Subscription")
        # One that is pending is listed without its ARN; so is one that was made again by hand.
        is_listed = arn in arns or deployment.parameter(name).casefold() in endpoints
        if arn.rpartition(":")[0] in topics and not is_listed:
            yield fault(
                f"{logical} has been unsubscribed",
                f"Take {name} out and deploy, then give it again and confirm by our verb: {deployment.deploy}",
            )


# Text messages ---------------------------------------------------------------------------------------------


def text_messages(deployment: Deployment) -> Iterator[Finding]:
    """SNS drops text messages in its sandbox, above the month's limit, and to who has answered STOP."""
    subscribed = {one.endpoint for one in subscriptions_to(deployment, "PagesTopic") if one.protocol == "sms"}
    numbers = sorted(subscribed | phones(deployment))
    if not numbers:
        yield ok("no page goes by text message")
        return
    if deployment.place.is_local:
        raise NotHere("no text message leaves; the console of `make run` shows what would")
    sns = deployment.client("sns")
    yield from problems_or(
        [*_sandbox(deployment, sns, numbers), *_spending(deployment, sns), *_numbers(deployment, sns, numbers)],
        f"{len(numbers)} numbers: out of the sandbox, within the limit, none opted out",
    )


def _sandbox(deployment: Deployment, sns: Any, numbers: list[str]) -> Iterator[Finding]:
    if not sns.get_sms_sandbox_account_status()["IsInSandbox"]:
        return
    pages = sns.get_paginator("list_sms_sandbox_phone_numbers").paginate()
    verified = {
        one["PhoneNumber"] for page in pages for one in page.get("PhoneNumbers", []) if one.get("Status") == "Verified"
    }
    for number in numbers:
        if number not in verified:
            yield fault(
                f"{number}: SNS is in its sandbox and the number is not verified",
                "Ask for production access for text messages, or verify it: "
                + deployment.aws(f"sns create-sms-sandbox-phone-number --phone-number {number}"),
            )
    if set(numbers) <= verified:
        yield warning(
            "SNS is in its sandbox: only verified numbers, ten at most",
            "Ask for production access for text messages in the console of SNS",
        )


def _spending(deployment: Deployment, sns: Any) -> Iterator[Finding]:
    attributes = sns.get_sms_attributes().get("attributes", {})
    limit = float(attributes.get("MonthlySpendLimit") or DEFAULT_LIMIT_DOLLARS)
    now = deployment.now()
    month = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    spent = _latest(
        deployment.client("cloudwatch").get_metric_data(
            MetricDataQueries=[
                {
                    "Id": "spent",
                    "MetricStat": {
                        "Metric": {"Namespace": "AWS/SNS", "MetricName": "SMSMonthToDateSpentUSD"},
                        "Period": 3600,
                        "Stat": "Maximum",
                    },
                }
            ],
            StartTime=min(month, now - timedelta(hours=1)),
            EndTime=now,
        )
    )
    text = f"{spent:.2f} of {limit:.2f} dollars are spent on text messages this month"
    more = "Raise the limit, after a case with AWS above one dollar: " + deployment.aws(
        "sns set-sms-attributes --attributes MonthlySpendLimit=20"
    )
    if spent >= limit:
        yield fault(f"{text}: no more are sent", more)
    elif spent >= NEARLY * limit or limit <= DEFAULT_LIMIT_DOLLARS:
        yield warning(text, more)


def _latest(answer: Any) -> float:
    """Return the newest value, which comes first; the metric has none before the first text message of an account."""
    values = answer["MetricDataResults"][0].get("Values", [])
    return float(values[0]) if values else 0.0


def _numbers(deployment: Deployment, sns: Any, numbers: list[str]) -> Iterator[Finding]:
    sender = sns.get_sms_attributes().get("attributes", {}).get("DefaultSenderID")
    for number in numbers:
        if sns.check_if_phone_number_is_opted_out(phoneNumber=number)["isOptedOut"]:
            command = deployment.aws(f"sns opt-in-phone-number --phone-number {number}")
            yield fault(f"{number} has opted out of text messages", f"With its owner's consent: {command}")
        if number.startswith("+7") and not sender:
            yield warning(
                f"{number}: Russia and Kazakhstan take text messages from registered sender names alone",
                "Register one: docs.aws.amazon.com/sms-voice/latest/userguide/registrations-country.html; until then page by mail too",
            )


def subscriptions_to(deployment: Deployment, output: str) -> list[Subscription]:
    """Return the subscriptions of the topic that an output of the stack names."""
    topic = deployment.output(output)
    return deployment.once(("subscriptions", topic), lambda: subscriptions_of(deployment.client("sns"), topic))


def place_of(subscription: Subscription) -> str:
    """Return where a subscription delivers to, for people."""
    by_mail = subscription.protocol in BY_MAIL or subscription.protocol == "sms"
    endpoint = subscription.endpoint if by_mail else subscription.endpoint.rpartition(":")[2]
    return f"{endpoint} ({subscription.protocol})"
