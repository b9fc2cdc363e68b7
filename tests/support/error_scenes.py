"""What happens so that the alarms on errors by meaning go off: one service refuses a function, and it prints the metric.

Each scene is named after its alarm in template.yaml, and its docstring says what goes wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta
from typing import Any, Protocol

import pytest

from adapters.dynamodb import keys
from application.storage import OutboxKey, OutboxState
from handlers import alarm, clock, feedback, inbound, mailer, pager, reconcile
from tests.support.alarms import change_of_state
from tests.support.aws_errors import Refusal, let_fail, refusing_all
from tests.support.builders import MDO, moscow
from tests.support.client_letters import COMPLETE, FAULT
from tests.support.functions import Functions, number_of
from tests.support.raw_mail import raw

MORNING = moscow("2026-11-20 10:00")
TOO_LARGE = Refusal("dynamodb", "ValidationException", "Item size has exceeded the maximum allowed size")
NOT_ALLOWED = Refusal("dynamodb", "AccessDeniedException", "User is not authorized to perform")


class Stage(Protocol):
    """The functions in moto, and whatever takes what they print."""

    functions: Functions
    patch: pytest.MonkeyPatch

    def running(self, name: str) -> AbstractContextManager[None]:
        """Let one function run under its own name."""


Scene = Callable[[Stage], datetime]
"""Plays, and returns the instant at which the alarm has to be on."""


def _fail(stage: Stage, refusal: Refusal) -> None:
    let_fail(stage.patch, refusing_all(refusal))


def _run(stage: Stage, name: str, handle: Callable[..., Any], event: dict[str, Any]) -> datetime:
    with stage.running(name), suppress(Exception):
        handle(event, stage.functions.context, stage.functions.services)
    return stage.functions.clock.at


def _letter(stage: Stage, refusal: Refusal) -> datetime:
    stage.functions.clock.at = MORNING
    record = stage.functions.arrival(raw(COMPLETE), "m1", at=MORNING)
    _fail(stage, refusal)
    return _run(stage, "inbound", inbound.handle, {"Records": [record]})


def _sender(stage: Stage, outbox: str, refusal: Refusal) -> datetime:
    stage.functions.receive((raw(FAULT if outbox == "page" else COMPLETE), "m1"), at=MORNING)
    numbers = stage.functions.table.desk_faults(MDO).numbers if outbox == "page" else (number_of(MDO, "m1"),)
    records = [
        {
            "eventID": "1",
            "eventName": "INSERT",
            "eventSource": "aws:dynamodb",
            "dynamodb": _inserted(key),
        }
        for number in numbers
        for key, state, body in stage.functions.table.outbox(number)
        if state is OutboxState.PENDING and json.loads(body)["outbox"] == outbox
    ]
    _fail(stage, refusal)
    name, handle = {"mail": ("mailer", mailer.handle), "page": ("pager", pager.handle)}[outbox]
    return _run(stage, name, handle, {"Records": records[:1]})


def _inserted(key: OutboxKey) -> dict[str, Any]:
    place = keys.outgoing(key)
    return {"Keys": place, "NewImage": place, "SequenceNumber": "1"}


def _sweep(stage: Stage, refusal: Refusal, operations: tuple[str, ...]) -> datetime:
    stage.functions.receive((raw(COMPLETE), "m1"), at=MORNING)
    stage.functions.clock.at = MORNING + timedelta(hours=3)
    let_fail(stage.patch, refusing_all(refusal, operations=operations))
    return _run(stage, "clock", clock.handle, {})


def _change(stage: Stage, refusal: Refusal) -> datetime:
    stage.functions.clock.at = MORNING
    _fail(stage, refusal)
    return _run(stage, "alarm", alarm.handle, change_of_state("ALARM", "2026-11-20T06:59:00.000+0000"))


def _report(stage: Stage, refusal: Refusal) -> datetime:
    stage.functions.receive((raw(COMPLETE), "m1"), at=MORNING)
    at = "2026-11-20T07:10:00Z"
    bounced = [{"emailAddress": "olga@client.example", "status": "5.1.1", "diagnosticCode": "no such user"}]
    tags = {"ticket": [number_of(MDO, "m1")], "desk": [MDO]}
    mail = {"messageId": "x", "timestamp": at, "destination": ["olga@client.example"], "tags": tags}
    bounce = {"bounceType": "Permanent", "bounceSubType": "General", "timestamp": at, "feedbackId": "f"}
    event = {"eventType": "Bounce", "mail": mail, "bounce": {**bounce, "bouncedRecipients": bounced}}
    _fail(stage, refusal)
    record = {"messageId": "1", "eventSource": "aws:sqs", "body": json.dumps(event)}
    return _run(stage, "feedback", feedback.handle, {"Records": [record]})


def _left_behind(stage: Stage, refusal: Refusal) -> datetime:
    stage.functions.clock.at = MORNING
    stage.functions.put(raw(COMPLETE), "m1")
    stage.functions.clock.at = MORNING + timedelta(hours=1)
    _fail(stage, refusal)
    return _run(stage, "reconcile", reconcile.handle, {})


def inbound_configuration(stage: Stage) -> datetime:
    """A letter arrives, and the key of its bytes is disabled."""
    return _letter(stage, Refusal("s3", "KMS.DisabledException", "is disabled."))


def inbound_unexpected(stage: Stage) -> datetime:
    """A letter makes an item that is too large for the table."""
    return _letter(stage, TOO_LARGE)


def mailer_configuration(stage: Stage) -> datetime:
    """A letter is to leave, and the secret with the keys of its token is about to be deleted."""
    stage.functions.receive((raw(COMPLETE), "before"), at=MORNING)
    stage.functions.cold()
    return _cold_sender(stage, Refusal("secretsmanager", "InvalidRequestException", "marked for deletion"))


def _cold_sender(stage: Stage, refusal: Refusal) -> datetime:
    number = number_of(MDO, "before")
    key = next(key for key, _, body in stage.functions.table.outbox(number) if json.loads(body)["outbox"] == "mail")
    source = {"eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb"}
    _fail(stage, refusal)
    return _run(stage, "mailer", mailer.handle, {"Records": [{**source, "dynamodb": _inserted(key)}]})


def mailer_unexpected(stage: Stage) -> datetime:
    """SES refuses a letter with a text that this version does not know."""
    return _sender(stage, "mail", Refusal("sesv2", "MessageRejected", "a text that nobody has seen yet"))


def pager_configuration(stage: Stage) -> datetime:
    """A page is to leave, and its topic may not be published to."""
    return _sender(stage, "page", Refusal("sns", "AuthorizationError", status=403))


def pager_unexpected(stage: Stage) -> datetime:
    """SNS calls a page to the topic wrong by itself."""
    return _sender(stage, "page", Refusal("sns", "InvalidParameter", "Invalid parameter: Message too long"))


def clock_configuration(stage: Stage) -> datetime:
    """The index of what is due is missing."""
    text = "The table does not have the specified index: due"
    return _sweep(stage, Refusal("dynamodb", "ValidationException", text), ("Query",))


def clock_unexpected(stage: Stage) -> datetime:
    """The table calls the write of one timer wrong by itself."""
    return _sweep(stage, TOO_LARGE, ("TransactWriteItems",))


def alarm_configuration(stage: Stage) -> datetime:
    """An alarm changes its state, and the table may not be read."""
    return _change(stage, NOT_ALLOWED)


def alarm_unexpected(stage: Stage) -> datetime:
    """An alarm changes its state, and the table answers with a name that this version does not know."""
    return _change(stage, Refusal("dynamodb", "AnErrorOf2030Exception"))


def feedback_configuration(stage: Stage) -> datetime:
    """SES tells of a bounce, and the table is gone."""
    return _report(stage, Refusal("dynamodb", "ResourceNotFoundException", "Requested resource not found"))


def feedback_unexpected(stage: Stage) -> datetime:
    """SES tells of a bounce, and its record is too large for the table."""
    return _report(stage, TOO_LARGE)


def reconcile_configuration(stage: Stage) -> datetime:
    """A letter was left behind, and its bucket may not be listed."""
    return _left_behind(stage, Refusal("s3", "AccessDenied", "Access Denied", 403))


def reconcile_unexpected(stage: Stage) -> datetime:
    """A letter was left behind, and S3 answers with a name that this version does not know."""
    return _left_behind(stage, Refusal("s3", "AnErrorOf2030"))


ERROR_SCENES: Mapping[str, Scene] = {
    "InboundConfigurationFaultsAlarm": inbound_configuration,
    "InboundUnexpectedErrorsAlarm": inbound_unexpected,
    "MailerConfigurationFaultsAlarm": mailer_configuration,
    "MailerUnexpectedErrorsAlarm": mailer_unexpected,
    "PagerConfigurationFaultsAlarm": pager_configuration,
    "PagerUnexpectedErrorsAlarm": pager_unexpected,
    "ClockConfigurationFaultsAlarm": clock_configuration,
    "ClockUnexpectedErrorsAlarm": clock_unexpected,
    "AlarmConfigurationFaultsAlarm": alarm_configuration,
    "AlarmUnexpectedErrorsAlarm": alarm_unexpected,
    "FeedbackConfigurationFaultsAlarm": feedback_configuration,
    "FeedbackUnexpectedErrorsAlarm": feedback_unexpected,
    "ReconcileConfigurationFaultsAlarm": reconcile_configuration,
    "ReconcileUnexpectedErrorsAlarm": reconcile_unexpected,
}
"""By the alarm's name in the template."""
