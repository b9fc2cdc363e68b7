"""What happens so that an alarm on a metric of ours goes off: the functions run, and print the metric themselves.

Each scene is named after its alarm in template.yaml, and its docstring is what docs/alarms.md says of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.dynamodb import keys
from application.people import change_of
from application.storage import OutboxState
from domain.people import NOBODY, Person, Role
from handlers import alarm, clock, inbound, mailer, observing, pager, reconcile
from tests.support.alarms import change_of_state
from tests.support.builders import MDO, MDO_ADDRESS, moscow
from tests.support.changed_editions import mdo_ended
from tests.support.client_letters import COMPLETE, FAULT
from tests.support.cloudwatch import Datum, printed, resolved
from tests.support.error_scenes import ERROR_SCENES
from tests.support.functions import Functions
from tests.support.raw_mail import raw
from tests.support.sdk import refusing
from tests.support.template import Json, function

MORNING = moscow("2026-11-20 10:00")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
UNVERIFIED = "Email address is not verified. The following identities failed the check in region EU-WEST-1: a@b.example"


@dataclass
class Stage:
    """The functions in moto, and what they print as metrics, under the names that the template gives them."""

    functions: Functions
    template: Json
    patch: pytest.MonkeyPatch
    folder: Path
    read: Callable[[], str]
    """Returns what was printed since it was last asked."""
    data: list[Datum] = field(default_factory=list)

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """Let one function run: its metrics carry what its environment in the template says."""
        common = self.template["Globals"]["Function"]["Environment"]["Variables"]
        own = function(self.template["Resources"], name)["Environment"]["Variables"]
        provider = observing.metrics.provider
        self.patch.setattr(provider, "namespace", resolved(common["POWERTOOLS_METRICS_NAMESPACE"], self.template))
        self.patch.setattr(provider, "service", own["POWERTOOLS_SERVICE_NAME"])
        self.read()
        yield
        self.data += printed(self.read(), self.functions.clock.at)

    def receive(self, text: bytes, name: str, at: datetime = MORNING) -> None:
        """Let a letter arrive and be read."""
        self.functions.clock.at = at
        record = self.functions.arrival(text, name, at=at, desk=MDO_ADDRESS)
        with self.running("inbound"):
            inbound.handle({"Records": [record]}, self.functions.context, self.functions.services)

    def send(self, outbox: str) -> None:
        """Let the stream offer what is pending to the sender of its kind."""
        handle = {"mail": mailer.handle, "page": pager.handle}[outbox]
        with self.running({"mail": "mailer", "page": "pager"}[outbox]):
            for number in sorted(self.functions.numbers() | self.functions.faults()):
                for key, state, body in self.functions.table.outbox(number):
                    if state is OutboxState.PENDING and json.loads(body)["outbox"] == outbox:
                        place = keys.outgoing(key)
                        change = {"Keys": place, "NewImage": place, "SequenceNumber": "1"}
                        source = {"eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb"}
                        event = {"Records": [{**source, "dynamodb": change}]}
                        handle(event, self.functions.context, self.functions.services)

    def sweep(self, at: datetime) -> None:
        """Let the clock sweep once."""
        self.functions.clock.at = at
        with self.running("clock"):
            clock.handle({}, self.functions.context, self.functions.services)

    def reconcile(self, at: datetime) -> None:
        """Let one run go through incoming/."""
        self.functions.clock.at = at
        with self.running("reconcile"):
            reconcile.handle({}, self.functions.context, self.functions.services)

    def leave_behind(self, name: str = "m1") -> None:
        """Let SES store a letter, and SNS not announce it."""
        self.functions.clock.at = MORNING
        self.functions.put(raw(COMPLETE), name)

    def refuse_mail(self) -> None:
        """Let SES refuse every letter for the account's configuration."""
        client = self.functions.services.mailer._client
        self.patch.setattr(client, "send_email", refusing("MessageRejected", "SendEmail", UNVERIFIED))


Scene = Callable[[Stage], datetime]
"""Plays, and returns the instant at which the alarm has to be on."""


def letters_quarantined(stage: Stage) -> datetime:
    """A letter arrives that cannot be read."""
    stage.receive(b"\x00\xff\xfe\x80not a letter\x00" * 40, "m1")
    return MORNING


def mail_failed(stage: Stage) -> datetime:
    """An acknowledgement is to leave, and its address has been suppressed meanwhile."""
    stage.receive(raw(COMPLETE), "m1")
    stage.functions.table.suppress(MDO, "olga@client.example", at=MORNING, reason="Bounce")
    stage.send("mail")
    return MORNING


def mail_refused(stage: Stage) -> datetime:
    """SES answers that the sender's address is not verified."""
    stage.receive(raw(COMPLETE), "m1")
    stage.refuse_mail()
    stage.send("mail")
    return MORNING


def mail_delayed(stage: Stage) -> datetime:
    """SES refuses a letter at six attempts."""
    stage.receive(raw(COMPLETE), "m1")
    stage.refuse_mail()
    for _ in range(6):
        stage.functions.clock.at += HOUR
        stage.send("mail")
    return stage.functions.clock.at


def pages_failed(stage: Stage) -> datetime:
    """A critical fault is reported, and SNS refuses the page once."""
    stage.receive(raw(FAULT), "m1")
    client = stage.functions.services.pager._client
    stage.patch.setattr(client, "publish", refusing("AuthorizationError", "Publish", status=403))
    stage.send("page")
    return MORNING


def page_channels_failed(stage: Stage) -> datetime:
    """A critical fault is reported, and SNS calls the on-call's telephone number invalid."""
    stage.functions.on_duty(Person(name="Анна", phone="+79161234567", roles=(Role.ON_CALL,)))
    stage.receive(raw(FAULT), "m1")
    client = stage.functions.services.pager._client
    publish, refused = (
        client.publish,
        refusing("InvalidParameter", "Publish", "PhoneNumber Reason: not valid to publish to"),
    )
    stage.patch.setattr(client, "publish", lambda **asked: (refused if "PhoneNumber" in asked else publish)(**asked))
    stage.send("page")
    return MORNING


def heartbeat(stage: Stage) -> datetime:
    """The clock sweeps for five minutes, then does not run for five."""
    for minute in range(5):
        stage.sweep(MORNING + minute * MINUTE)
    return MORNING + 9 * MINUTE


def clock_behind(stage: Stage) -> datetime:
    """A request is due to be warned of, and five sweeps have no time to do it."""
    stage.receive(raw(COMPLETE), "m1")
    stage.functions.context.left_ms = 0
    due = MORNING + 3 * HOUR
    for minute in range(5):
        stage.sweep(due + minute * MINUTE)
    return due + 4 * MINUTE


def pages_waiting(stage: Stage) -> datetime:
    """A critical fault is reported, and the pager does not run."""
    stage.receive(raw(FAULT), "m1")
    stage.sweep(MORNING + 2 * MINUTE)
    return MORNING + 2 * MINUTE


def timers_failed(stage: Stage) -> datetime:
    """A ticket cannot be read by two sweeps that have to warn of it."""

    def unreadable(_: str) -> Any:
        raise RuntimeError("a corrupt item")

    stage.receive(raw(COMPLETE), "m1")
    stage.functions.drain()
    stage.patch.setattr(stage.functions.table, "ticket", unreadable)
    for minutes in (0, 1, 3):
        stage.sweep(MORNING + 3 * HOUR + minutes * MINUTE)
    return MORNING + 3 * HOUR + 3 * MINUTE


def pronouncements_held(stage: Stage) -> datetime:
    """A reaction is overdue, and a letter from before that lies unread for ten minutes."""
    stage.receive(raw(COMPLETE), "m1")
    stage.functions.drain()
    stage.leave_behind("unread")
    due = MORNING + 4 * HOUR
    stage.sweep(due - HOUR)
    stage.functions.drain()
    for minute in range(10):
        stage.sweep(due + minute * MINUTE)
    return due + 9 * MINUTE


def alarms_of_no_desk(stage: Stage) -> datetime:
    """A CloudWatch alarm goes off that no desk's prefix covers."""
    stage.functions.clock.at = MORNING
    with stage.running("alarm"):
        event = change_of_state("ALARM", "2026-11-20T06:59:00.000+0000", "billing-too-high")
        alarm.handle(event, stage.functions.context, stage.functions.services)
    return MORNING


def letters_left_behind(stage: Stage) -> datetime:
    """A letter lies in incoming/ over three hourly runs."""
    stage.leave_behind()
    for hour in (1, 2, 3):
        stage.reconcile(MORNING + hour * HOUR)
    return MORNING + 3 * HOUR


def letters_offered_again(stage: Stage) -> datetime:
    """A letter lies in incoming/ that was not announced."""
    stage.leave_behind()
    stage.reconcile(MORNING + HOUR)
    return MORNING + HOUR


def reconcile_failed(stage: Stage) -> datetime:
    """The role of reconcile may not read a letter that lies in incoming/."""
    stage.leave_behind()
    client = stage.functions.services.mail_store._client
    stage.patch.setattr(client, "get_object", refusing("AccessDenied", "GetObject", status=403))
    stage.reconcile(MORNING + HOUR)
    return MORNING + HOUR


def regulation_ended(stage: Stage) -> datetime:
    """The last edition of a desk has ended the day before."""
    with mdo_ended(stage.folder, stage.patch, "2026-11-19"):
        stage.reconcile(MORNING)
    return MORNING


def desks_without_people(stage: Stage) -> datetime:
    """Everybody of a desk is removed; nobody has been entered in their place."""
    table = stage.functions.table
    there = table.people(MDO)
    change = change_of("people import", there, NOBODY, at=MORNING, caller="tests")
    table.save_people(MDO, there, NOBODY, change)
    stage.reconcile(MORNING)
    return MORNING


def letters_given_up(stage: Stage) -> datetime:
    """A letter has failed by itself at eleven attempts."""
    stage.leave_behind()
    stage.functions.table.count_try("m1", reconcile.TRIES + 1, at=MORNING)
    stage.reconcile(MORNING + HOUR)
    return MORNING + HOUR


SCENES: Mapping[str, Scene] = {
    "LettersQuarantinedAlarm": letters_quarantined,
    "MailFailedAlarm": mail_failed,
    "MailRefusedAlarm": mail_refused,
    "MailDelayedAlarm": mail_delayed,
    "PagesFailedAlarm": pages_failed,
    "PageChannelsFailedAlarm": page_channels_failed,
    "HeartbeatAlarm": heartbeat,
    "ClockBehindAlarm": clock_behind,
    "PagesWaitingAlarm": pages_waiting,
    "TimersFailedAlarm": timers_failed,
    "PronouncementsHeldAlarm": pronouncements_held,
    "AlarmsOfNoDeskAlarm": alarms_of_no_desk,
    "LettersLeftBehindAlarm": letters_left_behind,
    "LettersOfferedAgainAlarm": letters_offered_again,
    "ReconcileFailedAlarm": reconcile_failed,
    "RegulationEndedAlarm": regulation_ended,
    "DesksWithoutPeopleAlarm": desks_without_people,
    "LettersGivenUpAlarm": letters_given_up,
    **ERROR_SCENES,
}
"""By the alarm's name in the template."""
