"""`reglament subscriptions`: the list, and confirming so that no click ends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from composition import AwsServices
from tests.support import deployed as d
from tests.support.command_line import Ran, command_line

Verb = Callable[..., Ran]
TOKEN = "2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92"
LINK = f"https://sns.eu-west-1.amazonaws.com/confirmation.html?TopicArn={d.PAGES}&Token={TOKEN}&Endpoint=on-call@example.com"
CONFIRMED = {"sns.confirm_subscription": {"SubscriptionArn": d.ON_CALL["SubscriptionArn"]}}


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verb:
    """Return a function that runs `reglament subscriptions` on a stack with other answers."""

    def run(*arguments: str, answers: dict[str, Any] | None = None) -> Ran:
        aws = d.FakeAws({**d.well(), **CONFIRMED, **(answers or {})})
        monkeypatch.setattr(AwsServices, "connect", lambda _, service, **_options: aws.connect(service))
        return command_line(capsys, AwsServices({}, lambda: d.NOW))("subscriptions", *arguments)

    return run


def listed(*subscriptions: dict[str, str]) -> dict[str, Any]:
    def answer(**given: str) -> Any:
        return {"Subscriptions": [one for one in subscriptions if one["TopicArn"] == given["TopicArn"]]}

    return {"sns.list_subscriptions_by_topic": answer}


# The list --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [(), ("list",)])
def test_who_hears_is_listed_with_state_and_filter(verb: Verb, arguments: tuple[str, ...]) -> None:
    ran = verb(*arguments)
    assert ran.status == 0
    assert ran.out.splitlines() == [
        'pages       email  on-call@example.com   confirmed  {"level": ["on_call"]}',
        'pages       sms    +441632960001         confirmed  {"level": ["escalation"]}',
        "operations  email  operator@example.com  confirmed  everything",
    ]


def test_what_is_not_sure_is_said_in_words(verb: Verb) -> None:
    pending = {**d.ON_CALL, "SubscriptionArn": "PendingConfirmation"}
    clicked: Any = lambda **given: d.attributes(**given, ConfirmationWasAuthenticated="false")  # noqa: E731 - one answer
    ran = verb(answers={**listed(pending, d.OPERATOR), "sns.get_subscription_attributes": clicked})
    assert "not confirmed: nothing is delivered" in ran.out
    assert "confirmed by a click: the link below each message ends it" in ran.out


def test_with_json_each_subscription_is_an_object(verb: Verb) -> None:
    assert verb("--json").objects[0] == {
        "topic": "pages",
        "protocol": "email",
        "endpoint": "on-call@example.com",
        "state": "protected",
        "filter": {"level": ["on_call"]},
        "arn": d.ON_CALL["SubscriptionArn"],
    }


def test_that_nobody_is_subscribed_is_said(verb: Verb) -> None:
    assert verb(answers=listed()).out == "there are no subscriptions\n"


# Confirming ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "options"),
    [
        (LINK, ()),
        (LINK.replace("&", "&amp;"), ()),
        (f"<{LINK}>", ()),
        (f"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={d.PAGES}&Token={TOKEN}", ()),
        (LINK.replace("TopicArn=arn:", "TopicArn=arn%3A"), ()),
        (TOKEN, ("--topic", "pages")),
        (TOKEN, ("--topic", d.PAGES)),
        (LINK, ("--topic", "pages")),
    ],
)
def test_a_link_or_token_is_confirmed_with_authentication_to_unsubscribe(
    verb: Verb, link: str, options: tuple[str, ...]
) -> None:
    asked: list[dict[str, str]] = []

    def confirm(**given: str) -> Any:
        asked.append(given)
        return CONFIRMED["sns.confirm_subscription"]

    ran = verb("confirm", link, *options, answers={"sns.confirm_subscription": confirm})
    assert (ran.status, ran.out) == (
        0,
        "on-call@example.com: confirmed; ending it takes access to this account\n",
    )
    assert asked == [{"TopicArn": d.PAGES, "Token": TOKEN, "AuthenticateOnUnsubscribe": "true"}]


def test_a_second_time_is_the_same_as_once(verb: Verb) -> None:
    assert [verb("confirm", LINK).status for _ in range(2)] == [0, 0]


def test_one_that_a_click_confirmed_before_is_told_with_the_way_out(verb: Verb) -> None:
    clicked: Any = lambda **given: d.attributes(**given, ConfirmationWasAuthenticated="false")  # noqa: E731 - one answer
    ran = verb("confirm", LINK, answers={"sns.get_subscription_attributes": clicked})
    assert ran.status == 1
    assert "by a click before" in ran.err
    assert f"sns unsubscribe --subscription-arn {d.ON_CALL['SubscriptionArn']}" in ran.err
    assert (
        f"sns subscribe --topic-arn {d.PAGES} --protocol email --notification-endpoint on-call@example.com" in ran.err
    )
    assert r"""--attributes '{"FilterPolicy": "{\"level\": [\"on_call\"]}"}'""" in ran.err


ALREADY = {"sns.confirm_subscription": d.failure("AuthorizationError", "Subscription already confirmed")}


@pytest.mark.parametrize("arguments", [(LINK,), (TOKEN, "--topic", "pages")])
def test_a_second_time_that_sns_refuses_is_the_same_as_once_too(verb: Verb, arguments: tuple[str, ...]) -> None:
    ran = verb("confirm", *arguments, answers=ALREADY)
    assert (ran.status, "on-call@example.com: confirmed" in ran.out) == (0, True)


def test_a_click_that_was_faster_is_told_with_the_way_out(verb: Verb) -> None:
    clicked: Any = lambda **given: d.attributes(**given, ConfirmationWasAuthenticated="false")  # noqa: E731 - one answer
    ran = verb("confirm", LINK, answers={**ALREADY, "sns.get_subscription_attributes": clicked})
    assert (ran.status, "sns unsubscribe" in ran.err) == (1, True)


def test_a_subscription_that_was_ended_since_is_told(verb: Verb) -> None:
    ran = verb("confirm", LINK, answers={**ALREADY, **listed(d.ESCALATION)})
    assert (ran.status, "it was ended since" in ran.err) == (1, True)


def test_a_token_that_is_too_old_is_told_with_how_to_get_another(verb: Verb) -> None:
    refused = {"sns.confirm_subscription": d.failure("InvalidParameter", "Invalid parameter: Token")}
    pending = {**d.ON_CALL, "SubscriptionArn": "PendingConfirmation"}
    ran = verb("confirm", LINK, answers={**refused, **listed(pending)})
    assert ran.status == 1
    assert "valid for two days" in ran.err
    assert f"sns subscribe --topic-arn {d.PAGES} --protocol email" in ran.err
    assert TOKEN not in ran.err
    assert "No subscription of this topic waits" in verb("confirm", LINK, answers=refused).err


def test_a_topic_that_is_gone_is_told(verb: Verb) -> None:
    ran = verb("confirm", LINK, answers={"sns.confirm_subscription": d.failure("NotFound", "Topic does not exist")})
    assert (ran.status, "an earlier stack" in ran.err) == (1, True)


def test_a_failure_of_sns_is_no_fault_of_the_token(verb: Verb) -> None:
    ran = verb("confirm", LINK, answers={"sns.confirm_subscription": d.failure("InternalError", "try later")})
    assert ran.status == 1
    assert "AWS refuses sns:ConfirmSubscription: InternalError" in ran.err


OTHER = d.PAGES.replace("reglament", "shop")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((LINK.replace(d.PAGES, OTHER),), "no topic of the stack reglament"),
        ((TOKEN,), "say --topic pages or --topic operations"),
        ((TOKEN, "--topic", "alarms"), "found 'alarms', expected pages or operations"),
        ((LINK, "--topic", "operations"), "and --topic says"),
        ((LINK.partition("&")[0],), "was it cut at the `&`?"),
        (("two words",), "neither a link nor a token"),
        (("",), "neither a link nor a token"),
    ],
)
def test_what_is_not_meant_is_misuse_and_confirms_nothing(verb: Verb, arguments: tuple[str, ...], says: str) -> None:
    ran = verb("confirm", *arguments, answers={"sns.confirm_subscription": AssertionError("confirmed")})
    assert (ran.status, ran.out) == (2, "")
    assert says in ran.err


def test_a_topic_of_another_stack_is_confirmed_where_it_is_named(verb: Verb) -> None:
    ran = verb("confirm", LINK.replace(d.PAGES, OTHER), "--topic", OTHER)
    assert ran.status == 0


def test_a_stack_that_there_is_not_is_told(verb: Verb) -> None:
    gone = d.failure("ValidationError", "Stack with id reglament does not exist")
    ran = verb(answers={"cloudformation.describe_stacks": gone})
    assert (ran.status, "no stack 'reglament'" in ran.err) == (1, True)
