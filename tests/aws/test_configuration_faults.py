"""A fault of the configuration that lasts two days: alarmed at the first call, no letter lost, everything done after it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from application.storage import OutboxState
from handlers import alarm, clock, feedback, inbound, mailer, pager, reconcile
from tests.support.alarms import change_of_state
from tests.support.aws_errors import (
    THE_KEY_IS_DISABLED,
    THE_TABLES_KEY_IS_DISABLED,
    Refusal,
    counted,
    let_fail,
    refusing_all,
)
from tests.support.builders import MDO, moscow
from tests.support.client_letters import COMPLETE, FAULT
from tests.support.functions import Functions, number_of
from tests.support.raw_mail import raw

BEGAN = moscow("2026-11-23 10:00")
DELIVERIES = 5
"""By the queue, before the failure queue has a message (template.yaml, maxReceiveCount)."""
STEPS = 8
STEP = timedelta(hours=6)
"""Forty attempts at a letter in two days; ten that counted would set it aside."""
STRANGE = Refusal("dynamodb", "ValidationException", "The provided key element does not match the schema")
EVERYTHING = ("dynamodb", "s3", "sns", "sqs", "sesv2", "secretsmanager")
NOT_ALLOWED = "User: arn:aws:sts::123456789012:assumed-role/r is not authorized to perform"

FAULTS = {
    "the key is disabled": THE_KEY_IS_DISABLED,
    "the key of everything and of the table is disabled": (*THE_KEY_IS_DISABLED, THE_TABLES_KEY_IS_DISABLED),
    "the bucket may not be read": (Refusal("s3", "AccessDenied", "Access Denied", 403),),
    "the table may not be read": (Refusal("dynamodb", "AccessDeniedException", NOT_ALLOWED),),
    "the table is another": (STRANGE,),
    "the secret is about to be deleted": (Refusal("secretsmanager", "InvalidRequestException", "marked for deletion"),),
    "the topic may not be published to": (Refusal("sns", "AuthorizationError", status=403),),
    "sending is paused": (Refusal("sesv2", "SendingPausedException"),),
    "the account did not opt in": tuple(Refusal(service, "OptInRequired", status=403) for service in EVERYTHING),
}


@dataclass
class Days:
    """The functions as AWS drives them, and what their failure queues hold."""

    functions: Functions
    counts: Counter[str]
    in_cold_processes: bool
    """Whether each run is a process of its own: one that has the keys goes on without the secret."""
    letters: list[str] = field(default_factory=list)
    kept_events: list[dict[str, Any]] = field(default_factory=list)
    kept_reports: list[dict[str, Any]] = field(default_factory=list)
    first: dict[str, Counter[str]] = field(default_factory=dict)
    """What was counted at the first failure of each function."""
    quarantined: int = 0

    def run(self, function: str, call: Callable[[], Any]) -> Any:
        """Run a function; return what it answers, None where it raised."""
        if self.in_cold_processes:
            self.functions.cold()
        before = self.counts.copy()
        try:
            answer = call()
        except Exception:  # noqa: BLE001 - Lambda takes whatever it is
            answer = None
        failed = answer is None or bool(isinstance(answer, dict) and answer.get("batchItemFailures"))
        if (failed or self.counts != before) and function not in self.first:
            self.first[function] = self.counts - before
        return answer

    def arrive(self, text: str, name: str) -> None:
        """Let a letter arrive, be delivered as often as the queue does, and then forgotten by it."""
        self.letters.append(name)
        eml = raw(text, sender=f"{name}@client.example", Message_ID=f"<{name}@client.example>")
        record = self.functions.arrival(eml, name, at=self.functions.clock.at)
        for receives in range(1, DELIVERIES + 1):
            record["attributes"] = {"ApproximateReceiveCount": str(receives)}
            if not self.deliver("inbound", inbound.handle, record):
                return

    def deliver(self, function: str, handle: Callable[..., Any], record: dict[str, Any]) -> bool:
        """Deliver one record and return whether it failed."""
        answer = self.run(
            function, lambda: handle({"Records": [record]}, self.functions.context, self.functions.services)
        )
        return answer is None or answer["batchItemFailures"] != []

    def report(self, event: dict[str, Any]) -> None:
        """Let SES say something of a letter, as often as the queue delivers it; then its failure queue keeps it."""
        record = {"messageId": "r1", "eventSource": "aws:sqs", "body": json.dumps(event)}
        if all(self.deliver("feedback", feedback.handle, record) for _ in range(DELIVERIES)):
            self.kept_reports.append(record)

    def change(self, event: dict[str, Any]) -> None:
        """Let an alarm change its state: Lambda tries three times, then the failure queue keeps it."""
        for _ in range(3):
            if self.run("alarm", lambda: _done(alarm.handle, event, self.functions)) is not None:
                return
        self.kept_events.append(event)

    def pass_by(self, *, sweep: bool = True) -> None:
        """Let hours pass, and run the sweep, the senders, `reconcile` and what it announced."""
        self.functions.clock.at += STEP
        if sweep:
            self._sweep()
        self._reconcile()

    def _sweep(self) -> None:
        functions = self.functions
        self.run("clock", lambda: clock.handle({}, functions.context, functions.services))
        for outbox, handle in (("page", pager.handle), ("mail", mailer.handle)):
            for record in _unsent(functions, outbox):
                self.deliver({"page": "pager", "mail": "mailer"}[outbox], handle, record)

    def _reconcile(self) -> None:
        functions = self.functions
        done = self.run("reconcile", lambda: reconcile.handle({}, functions.context, functions.services))
        self.quarantined += done["LettersQuarantined"] if done is not None else 0
        for record in _announced(functions):
            for receives in range(1, DELIVERIES + 1):
                record["attributes"] = {"ApproximateReceiveCount": str(receives)}
                if not self.deliver("inbound", inbound.handle, record):
                    break


def _done(handle: Callable[..., Any], event: dict[str, Any], functions: Functions) -> bool:
    handle(event, functions.context, functions.services)
    return True


def _unsent(functions: Functions, outbox: str) -> Iterator[dict[str, Any]]:
    """Return what the stream would bring of items that are not sent, whatever fails meanwhile."""
    for item in _table():
        if item.get("outbox", {}).get("S") == outbox and item.get("state", {}).get("S") in ("pending", "leased"):
            keys = {name: item[name] for name in ("pk", "sk")}
            change = {"Keys": keys, "NewImage": item, "SequenceNumber": "1"}
            yield {"eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": change}


def _announced(functions: Functions) -> list[dict[str, Any]]:
    from moto.sqs.models import sqs_backends

    queue = next(iter(sqs_backends["123456789012"]["eu-west-1"].queues.values()))
    bodies = [message.body for message in queue.messages]
    queue._messages.clear()
    return [{"messageId": str(place), "eventSource": "aws:sqs", "body": body} for place, body in enumerate(bodies)]


def _table() -> list[dict[str, Any]]:
    """Return the items of the table, past whatever refuses to tell."""
    from moto.dynamodb.models import dynamodb_backends

    rows = dynamodb_backends["123456789012"]["eu-west-1"].tables["desk"].items.values()
    return [item.to_json()["Attributes"] for row in rows for item in row.values()]


def a_bounce(ticket: str) -> dict[str, Any]:
    """Return what SES says of a letter of a ticket that did not arrive."""
    at = "2026-11-23T07:10:00Z"
    bounced = [{"emailAddress": "before@client.example", "status": "5.1.1", "diagnosticCode": "no such user"}]
    tags = {"ticket": [ticket], "desk": [MDO]}
    mail = {"messageId": "x", "timestamp": at, "destination": ["before@client.example"], "tags": tags}
    bounce = {"bounceType": "Permanent", "bounceSubType": "General", "timestamp": at, "feedbackId": "f"}
    return {"eventType": "Bounce", "mail": mail, "bounce": {**bounce, "bouncedRecipients": bounced}}


@pytest.mark.parametrize("name", FAULTS)
def test_a_configuration_fault_of_two_days_costs_time_and_nothing_else(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each function alarms at its first failure; no letter is set aside, and all are answered once a person has acted."""
    functions.clock.at = BEGAN
    services = {refusal.service for refusal in FAULTS[name]}
    days = Days(functions, counted(monkeypatch), "secretsmanager" in services)
    functions.receive((raw(COMPLETE, sender="before@client.example"), "before"), at=BEGAN)
    is_paged = "sns" in services
    if is_paged:
        days.arrive(FAULT, "critical")
    fault = refusing_all(*FAULTS[name])
    with monkeypatch.context() as outage:
        let_fail(outage, fault)
        days.arrive(COMPLETE, "m1")
        days.change(change_of_state("ALARM", "2026-11-23T07:00:00.000+0000"))
        days.report(a_bounce(number_of(MDO, "before")))
        for step in range(STEPS):
            days.pass_by(sweep=step % 4 == 0)  # a critical fault that nobody takes writes pages with every sweep
        days.arrive(COMPLETE.replace("код", "новый код"), "m2")
    assert days.quarantined == 0
    assert days.first, "nothing failed"
    for function, counts in days.first.items():
        assert counts.keys() == {"ConfigurationFaults"}, function

    days.pass_by()
    for event in days.kept_events:  # `reglament redrive`, once the cause is gone
        alarm.settle(event, functions.services)
    for record in days.kept_reports:
        assert not days.deliver("feedback", feedback.handle, record)
    for _ in range(2):
        days.pass_by()
    assert [record.reason for record in functions.table.set_aside(MDO)] == []
    assert functions.keys() == {f"letters/{name}" for name in ("before", *days.letters)}
    assert {number_of(MDO, letter) for letter in days.letters} <= functions.numbers()
    assert len(functions.numbers()) == len(days.letters) + 2  # and the alarm's
    assert functions.table.is_suppressed(MDO, "before@client.example")
    answered = " ".join(mail["To"] for mail in functions.mails())
    assert [letter for letter in days.letters if f"<{letter}@client.example>" not in answered] == []
    if is_paged:
        reported = functions.table.ticket(number_of(MDO, "critical"))
        assert reported is not None
        assert reported.critical is not None
        assert _states(functions, reported.critical.fault, "page")[OutboxState.SENT] >= 1
    for number in functions.numbers() - {number_of(MDO, "before")}:  # whose address the bounce suppressed
        assert _states(functions, number, "mail")[OutboxState.FAILED] == 0, number


def _states(functions: Functions, number: str, outbox: str) -> Counter[OutboxState]:
    items = functions.table.outbox(number)
    return Counter(state for _, state, body in items if json.loads(body)["outbox"] == outbox)
