"""What Lambda calls: each `handler` of the template works with services that its process builds once, by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

import composition
from adapters.dynamodb import keys
from composition import ENVIRONMENT, AwsServices
from tests.support.alarms import change_of_state
from tests.support.builders import MDO, moscow
from tests.support.client_letters import COMPLETE
from tests.support.functions import Functions, number_of
from tests.support.raw_mail import raw
from tests.support.repository import ROOT


@pytest.fixture
def built(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[AwsServices]]:
    """Return the services that functions build by themselves, from the environment, with the test's clock."""
    made: list[AwsServices] = []

    def build(environment: dict[str, str]) -> AwsServices:
        made.append(AwsServices(environment, functions.clock))
        return made[-1]

    monkeypatch.setattr(composition, "AwsServices", build)
    composition._deployed.cache_clear()
    yield made
    composition._deployed.cache_clear()


def call(function: str, event: dict[str, Any], functions: Functions) -> Any:
    """Call a function as the template names it."""
    return import_module(f"handlers.{function}").handler(event, functions.context)


def inserted(functions: Functions, number: str, outbox: str) -> dict[str, Any]:
    """Return the event of the stream for one outgoing item of a ticket."""
    key = next(key for key, _, body in functions.table.outbox(number) if json.loads(body)["outbox"] == outbox)
    place = keys.outgoing(key)
    change = {"Keys": place, "NewImage": place, "SequenceNumber": "1"}
    return {"Records": [{"eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": change}]}


def test_every_function_of_the_template_works_as_lambda_calls_it(
    functions: Functions, built: list[AwsServices]
) -> None:
    """A letter is answered, an alarm pages, the schedules run; the services are built once for all of them."""
    at = functions.clock.at = moscow("2026-11-20 10:00")
    record = functions.arrival(raw(COMPLETE), "m1", at=at)
    assert call("inbound", {"Records": [record]}, functions) == {"batchItemFailures": []}
    number = number_of(MDO, "m1")
    assert call("mailer", inserted(functions, number, "mail"), functions) == {"batchItemFailures": []}
    assert functions.mails()
    call("alarm", change_of_state("ALARM", "2026-11-20T07:00:00.000+0000"), functions)
    (fault,) = functions.table.desk_faults(MDO).numbers
    assert call("pager", inserted(functions, fault, "page"), functions) == {"batchItemFailures": []}
    bounce = json.loads((ROOT / "events" / "feedback-bounce.json").read_text("utf-8"))
    assert call("feedback", bounce, functions) == {"batchItemFailures": []}
    assert call("clock", {}, functions)["TimersFailed"] == 0
    assert call("reconcile", {}, functions)["ReconcileFailed"] == 0
    assert len(built) == 1


def test_the_functions_of_the_template_are_those_that_are_tried_here() -> None:
    """A new one is added above."""
    assert set(ENVIRONMENT) == {"inbound", "mailer", "pager", "clock", "alarm", "feedback", "reconcile"}
