"""Who is subscribed to a topic, for which messages, and how surely."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PENDING = "PendingConfirmation"
"""What SNS lists instead of the ARN until it is confirmed: sns/latest/api/API_ListSubscriptionsByTopic.html."""
BY_MAIL = frozenset({"email", "email-json"})


class Standing(StrEnum):
    """Whether messages are delivered, and who may end that."""

    PENDING = "pending"
    """Nothing is delivered until it is confirmed."""
    OPEN = "open"
    """Delivered; by mail, and confirmed by a click: who has one of its messages can end it by its link."""
    PROTECTED = "protected"
    """Delivered; only the owner of the topic or of the subscription can end it."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription of a topic."""

    topic: str
    arn: str | None
    """None while it is pending: SNS does not tell it."""
    protocol: str
    endpoint: str
    standing: Standing
    filter: Mapping[str, Any] | None = None
    """The filter policy; None where every message is delivered, and while it is pending."""
    filters_the_body: bool = False
    """Whether the policy is for the message's body, not for its attributes."""

    @property
    def delivers(self) -> bool:
        """Return whether anything is delivered."""
        return self.standing is not Standing.PENDING


def subscriptions_of(sns: Any, topic: str) -> list[Subscription]:
    """Return the subscriptions of a topic in the order in which SNS lists them."""
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    return [_subscription(sns, topic, one) for page in pages for one in page.get("Subscriptions", [])]


def subscription_named(sns: Any, arn: str) -> Subscription:
    """Return one subscription by its ARN."""
    found = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    topic, protocol, endpoint = found["TopicArn"], found.get("Protocol", ""), found.get("Endpoint", "")
    return _of_attributes(Subscription(topic, arn, protocol, endpoint, Standing.OPEN), found)


def _subscription(sns: Any, topic: str, listed: Mapping[str, str]) -> Subscription:
    protocol, endpoint, arn = listed["Protocol"], listed["Endpoint"], listed["SubscriptionArn"]
    if not arn.startswith("arn:"):
        return Subscription(topic, None, protocol, endpoint, Standing.PENDING)
    found = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    return _of_attributes(Subscription(topic, arn, protocol, endpoint, Standing.OPEN), found)


def _of_attributes(subscription: Subscription, found: Mapping[str, str]) -> Subscription:
    """Return a subscription with what its attributes say: sns/latest/api/API_GetSubscriptionAttributes.html."""
    by_mail = subscription.protocol in BY_MAIL
    if found.get("PendingConfirmation") == "true":
        standing = Standing.PENDING
    elif by_mail and found.get("ConfirmationWasAuthenticated") != "true":
        standing = Standing.OPEN
    else:
        standing = Standing.PROTECTED
    policy = json.loads(found["FilterPolicy"]) if found.get("FilterPolicy") else None
    return Subscription(
        subscription.topic,
        subscription.arn,
        subscription.protocol,
        subscription.endpoint,
        standing,
        policy,
        filters_the_body=found.get("FilterPolicyScope") == "MessageBody",
    )


# Filters ---------------------------------------------------------------------------------------------------


def accepts(subscription: Subscription, attributes: Mapping[str, str]) -> bool | None:
    """Return whether a message of these attributes is delivered; None where the filter cannot be judged here.

    sns/latest/dg/sns-subscription-filter-policies.html: every key must match, by any of its values.
    """
    if not subscription.delivers:
        return False
    if subscription.filter is None:
        return True
    if subscription.filters_the_body or "$or" in subscription.filter:
        return None
    answers = [_matches(wanted, attributes.get(name)) for name, wanted in subscription.filter.items()]
    if False in answers:
        return False
    return None if None in answers else True


def _matches(wanted: Iterable[Any], value: str | None) -> bool | None:
    answers = list(_each(wanted, value))
    if True in answers:
        return True
    return None if None in answers else False


def _each(wanted: Iterable[Any], value: str | None) -> Iterator[bool | None]:
    for one in wanted:
        match one:
            case str():
                yield value == one
            case {"exists": bool() as exists}:
                yield (value is not None) is exists
            case {"prefix": str() as start}:
                yield value is not None and value.startswith(start)
            case {"suffix": str() as end}:
                yield value is not None and value.endswith(end)
            case {"equals-ignore-case": str() as word}:
                yield value is not None and value.casefold() == word.casefold()
            case {"anything-but": str() as word}:
                yield value is not None and value != word
            case {"anything-but": [*words]}:
                yield value is not None and value not in words
            case _:
                yield None
