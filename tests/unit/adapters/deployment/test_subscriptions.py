"""Which messages a filter lets through, as SNS judges it."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.deployment.subscriptions import Standing, Subscription, accepts

PAGE = {"desk": "storeolis", "level": "on_call"}


def of(policy: Any, *, standing: Standing = Standing.PROTECTED, filters_the_body: bool = False) -> Subscription:
    return Subscription("topic", "arn", "email", "a@example.com", standing, policy, filters_the_body=filters_the_body)


@pytest.mark.parametrize(
    ("policy", "answer"),
    [
        (None, True),
        ({}, True),
        ({"level": ["on_call"]}, True),
        ({"level": ["escalation"]}, False),
        ({"level": ["escalation", "on_call"]}, True),
        ({"level": ["on_call"], "desk": ["storeolis"]}, True),
        ({"level": ["on_call"], "desk": ["other"]}, False),
        ({"level": [{"prefix": "on"}]}, True),
        ({"level": [{"suffix": "call"}]}, True),
        ({"level": [{"anything-but": "escalation"}]}, True),
        ({"level": [{"anything-but": ["on_call"]}]}, False),
        ({"level": [{"equals-ignore-case": "ON_CALL"}]}, True),
        ({"ticket": [{"exists": False}]}, True),
        ({"level": [{"exists": False}]}, False),
        ({"ticket": ["x"]}, False),
        ({"level": [{"wildcard": "on*"}]}, None),
        ({"level": [{"wildcard": "on*"}, "on_call"]}, True),
        ({"level": [{"wildcard": "on*"}], "desk": ["other"]}, False),
        ({"$or": [{"level": ["on_call"]}, {"desk": ["x"]}]}, None),
    ],
)
def test_a_page_is_let_through_where_every_key_matches(policy: Any, answer: bool | None) -> None:
    assert accepts(of(policy), PAGE) is answer


def test_nothing_is_delivered_before_it_is_confirmed() -> None:
    assert accepts(of(None, standing=Standing.PENDING), PAGE) is False


def test_a_filter_of_the_body_is_not_judged() -> None:
    assert accepts(of({"level": ["on_call"]}, filters_the_body=True), PAGE) is None
