"""CloudWatch alarms: each opens one fault, however often and in whatever order its changes arrive."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import boto3
import pytest

from application.change import change_ticket
from application.storage import Commit, Conflict
from domain.fault.alarm import AlarmPlace
from domain.ticket import commands as c
from domain.ticket.ticket import CloseOutcome, Status, ticket_id
from handlers import alarm
from tests.support.alarms import change_of_state
from tests.support.builders import MDO, moscow
from tests.support.changed_editions import mdo_ended
from tests.support.functions import Functions


def test_mdo_2_1_an_alarm_opens_one_critical_fault_however_often_it_is_reported(functions: Functions) -> None:
    """The second delivery of a change, and a second change to ALARM, open nothing."""
    functions.clock.at = moscow("2026-11-21 03:00")
    for at in ("2026-11-21T00:00:00.000+0000", "2026-11-21T00:00:00.000+0000", "2026-11-21T00:01:00.000+0000"):
        alarm.handle(change_of_state("ALARM", at), functions.context, functions.services)
    (number,) = functions.numbers()
    ticket = functions.table.ticket(number)
    assert ticket is not None
    assert ticket.critical is not None
    assert ticket.critical.due == moscow("2026-11-21 03:05")
    assert kinds_of(functions, number) == ["alarm"]
    (fault,) = functions.table.desk_faults(MDO).numbers
    assert kinds_of(functions, fault) == ["page_critical"]


def test_mdo_2_1_the_five_minutes_of_an_alarm_count_from_the_alarm_however_late_the_news(functions: Functions) -> None:
    """The page goes out at once, and the sweep knows that the promise is broken."""
    functions.clock.at = moscow("2026-11-21 03:07")
    alarm.handle(change_of_state("ALARM", "2026-11-21T00:00:00.000+0000"), functions.context, functions.services)
    (number,) = functions.numbers()
    ticket = functions.table.ticket(number)
    assert ticket is not None
    assert ticket.critical is not None
    assert (ticket.arrived_at, ticket.critical.since) == (moscow("2026-11-21 03:00"),) * 2
    assert ticket.critical.due == moscow("2026-11-21 03:05")
    functions.sweep(moscow("2026-11-21 03:08"))
    (fault,) = functions.table.desk_faults(MDO).numbers
    assert kinds_of(functions, fault)[0] == "page_critical"
    assert {"page_breach", "fault_breach"} <= set(kinds_of(functions, fault))


def test_an_alarm_that_is_over_resolves_its_ticket_and_an_older_change_does_not_open_it_again(
    functions: Functions,
) -> None:
    """EventBridge promises neither order nor once. A fault of alarms is over once they have been quiet for long enough."""
    functions.clock.at = moscow("2026-11-21 03:00")
    raised, over = (
        change_of_state("ALARM", "2026-11-21T00:00:00.000+0000"),
        change_of_state("OK", "2026-11-21T00:20:00.000+0000"),
    )
    for event in (raised, over, raised, over):
        alarm.handle(event, functions.context, functions.services)
    functions.sweep(moscow("2026-11-21 03:36"))
    (number,) = functions.numbers()
    ticket = functions.table.ticket(number)
    assert ticket is not None
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, CloseOutcome.RESOLVED)
    alarm.handle(change_of_state("ALARM", "2026-11-21T04:00:00.000+0000"), functions.context, functions.services)
    assert len(functions.numbers()) == 2


FIRST, SECOND = "2026-11-21T00:00:00.000+0000", "2026-11-21T05:00:00.000+0000"
THIRD = "2026-11-21T06:00:00.000+0000"
PLACE = AlarmPlace(account="123456789012", region="eu-west-1")


def test_mdo_2_1_an_alarm_after_the_end_of_the_last_edition_pages_and_its_letter_leaves(
    functions: Functions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has written the next edition yet: that is no reason to let the service burn."""
    functions.clock.at = moscow("2026-11-21 03:00")
    with mdo_ended(tmp_path, monkeypatch, "2026-11-20"):
        alarm.handle(change_of_state("ALARM", FIRST), functions.context, functions.services)
        (number,) = functions.numbers()
        functions.drain()
        assert kinds_of(functions, number) == ["alarm"]
        (fault,) = functions.table.desk_faults(MDO).numbers
        assert kinds_of(functions, fault) == ["page_critical"]
        assert [mail for mail in functions.mails() if "Сработала сигнализация" in str(mail["Subject"])]


@pytest.mark.parametrize("act", [c.Act.CLOSE, c.Act.REFUSE])
def test_a_second_outage_after_its_ticket_was_closed_opens_another_though_no_end_was_heard(
    functions: Functions, act: c.Act
) -> None:
    """The alarm went by INSUFFICIENT_DATA, was created again, or its OK was lost: the ticket is looked at."""
    functions.clock.at = moscow("2026-11-21 03:00")
    alarm.handle(change_of_state("ALARM", FIRST), functions.context, functions.services)
    (first,) = functions.numbers()
    change_ticket(
        functions.services.store,
        first,
        c.SpecialistAct(act, "specialist", "исправлено", clause="3.3"),
        functions.services.now,
    )
    functions.clock.at = moscow("2026-11-21 08:00")
    alarm.handle(change_of_state("ALARM", SECOND), functions.context, functions.services)
    (second,) = functions.numbers() - {first}
    assert kinds_of(functions, second) == ["alarm"]
    assert [kinds_of(functions, fault)[0] for fault in functions.table.desk_faults(MDO).numbers][-1] == "page_critical"
    ticket = functions.table.ticket(second)
    assert ticket is not None
    assert ticket.critical is not None
    assert ticket.critical.due == moscow("2026-11-21 08:05")


@pytest.mark.parametrize("act", [c.Act.ACKNOWLEDGE, c.Act.WITHDRAW_CRITICAL, c.Act.TAKE])
def test_a_second_outage_while_its_ticket_is_open_and_no_longer_paged_for_pages_again(
    functions: Functions, act: c.Act
) -> None:
    """On the ticket at which the specialist works; the five minutes count from the alarm."""
    functions.clock.at = moscow("2026-11-21 03:00")
    alarm.handle(change_of_state("ALARM", FIRST), functions.context, functions.services)
    (number,) = functions.numbers()
    change_ticket(
        functions.services.store, number, c.SpecialistAct(act, "specialist", "смотрю"), functions.services.now
    )
    functions.sweep(moscow("2026-11-21 03:01"))
    functions.clock.at = moscow("2026-11-21 08:00")
    for _ in range(2):
        alarm.handle(change_of_state("ALARM", SECOND), functions.context, functions.services)
    assert functions.numbers() == {number}
    fault = functions.table.desk_faults(MDO).numbers[-1]
    (page,) = (kind for kind in kinds_of(functions, fault)[-1:] if kind.startswith("page"))
    assert page == ("page_critical" if act is c.Act.WITHDRAW_CRITICAL else "page_reopened")
    ticket = functions.table.ticket(number)
    assert ticket is not None
    assert ticket.critical is not None
    assert ticket.critical.runs
    assert ticket.critical.due == moscow("2026-11-21 08:05")
    functions.sweep(moscow("2026-11-21 08:02"))
    assert kinds_of(functions, fault)[-1] == "page_repeat"
    alarm.handle(change_of_state("OK", "2026-11-21T06:00:00.000+0000"), functions.context, functions.services)
    functions.sweep(moscow("2026-11-21 09:16"))
    resolved = functions.table.ticket(number)
    assert resolved is not None
    assert resolved.status is Status.CLOSED


def test_an_alarm_whose_ticket_is_gone_opens_another(functions: Functions) -> None:
    """Erased, or lost by a restored table."""
    functions.clock.at = moscow("2026-11-21 03:00")
    alarm.handle(change_of_state("ALARM", FIRST), functions.context, functions.services)
    (first,) = functions.numbers()
    key = {"pk": {"S": f"TICKET#{first}"}, "sk": {"S": "TICKET"}}
    boto3.client("dynamodb").delete_item(TableName="desk", Key=key)
    alarm.handle(change_of_state("ALARM", SECOND), functions.context, functions.services)
    assert len(functions.numbers()) == 1


def test_an_alarm_that_is_over_within_a_millisecond_is_over(functions: Functions) -> None:
    """CloudWatch gives milliseconds: two changes may bear one; each counts once, the last to arrive decides."""
    functions.clock.at = moscow("2026-11-21 03:00")
    raised, over = change_of_state("ALARM", FIRST, event_id="1"), change_of_state("OK", FIRST, event_id="2")
    for event in (raised, over, raised, over, raised):
        alarm.handle(event, functions.context, functions.services)
    (fault,) = map(functions.table.fault, functions.table.desk_faults(MDO).numbers)
    assert fault is not None
    assert (fault.reports, fault.alarms, fault.quiet_since) == (1, (), moscow("2026-11-21 03:00"))


def test_two_changes_of_one_millisecond_at_once_are_both_taken(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that loses meets the other's write, and is decided again."""
    functions.clock.at = moscow("2026-11-21 03:00")
    alarm.handle(change_of_state("ALARM", FIRST, event_id="1"), functions.context, functions.services)
    real, meanwhile = functions.table.commit, [change_of_state("OK", SECOND, event_id="3")]

    def overtaken(commit: Commit) -> None:
        if meanwhile:
            alarm.settle(meanwhile.pop(), functions.services)
        real(commit)

    monkeypatch.setattr(functions.table, "commit", overtaken)
    alarm.handle(change_of_state("ALARM", SECOND, event_id="2"), functions.context, functions.services)
    fault = functions.table.alarm_state(change_of_state("ALARM", FIRST)["detail"]["alarmName"], PLACE)
    assert fault is not None
    assert fault.open
    assert len(fault.taken) == 2
    assert len(functions.numbers()) == 1


def test_a_fault_that_an_older_version_stored_by_name_alone_is_taken_up_and_moves(functions: Functions) -> None:
    """Its last change is known by its instant alone. Once moved, it is no other region's."""
    functions.clock.at = moscow("2026-11-21 03:00")
    event = change_of_state("ALARM", FIRST)
    alarm.handle({"detail": event["detail"]}, functions.context, functions.services)
    (first,) = functions.numbers()
    (item,) = _faults()
    assert json.loads(item["body"]["S"]).keys() == {"alarm", "desk", "ticket", "open", "changed_at"}
    alarm.handle(change_of_state("OK", SECOND), functions.context, functions.services)
    functions.sweep(moscow("2026-11-21 08:16"))
    ticket = functions.table.ticket(first)
    assert ticket is not None
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, CloseOutcome.RESOLVED)
    (item,) = _faults()
    assert json.loads(item["body"]["S"])["place"] == {"account": "123456789012", "region": "eu-west-1"}
    alarm.handle(change_of_state("ALARM", FIRST, region="eu-central-1"), functions.context, functions.services)
    assert len(functions.numbers()) == 2


def test_a_fault_that_is_moved_by_two_changes_at_once_is_one(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change that loses finds the fault where the other put it, and closes the ticket once."""
    functions.clock.at = moscow("2026-11-21 03:00")
    alarm.handle({"detail": change_of_state("ALARM", FIRST)["detail"]}, functions.context, functions.services)
    real, meanwhile = functions.table.commit, [change_of_state("OK", SECOND)]

    def overtaken(commit: Commit) -> None:
        if meanwhile:
            alarm.settle(meanwhile.pop(), functions.services)
        real(commit)

    monkeypatch.setattr(functions.table, "commit", overtaken)
    alarm.handle(change_of_state("OK", SECOND), functions.context, functions.services)
    (number,) = functions.numbers()
    assert kinds_of(functions, number) == ["alarm"]
    assert len(_faults()) == 1


@pytest.mark.parametrize(
    ("key", "other"), [("region", "eu-central-1"), ("account", "210987654321")], ids=["region", "account"]
)
def test_mdo_2_1_the_same_name_in_another_region_or_account_is_another_alarm(
    functions: Functions, key: str, other: str
) -> None:
    """Both report one fault, each on its own ticket, and the end of one does not end what the other says."""
    functions.clock.at = moscow("2026-11-21 03:00")

    def elsewhere(state: str, at: str) -> dict[str, Any]:
        return change_of_state(state, at) | {key: other}

    alarm.handle(change_of_state("ALARM", FIRST), functions.context, functions.services)
    (first,) = functions.numbers()
    alarm.handle(elsewhere("ALARM", FIRST), functions.context, functions.services)
    (second,) = functions.numbers() - {first}
    assert kinds_of(functions, second) == ["alarm"]
    alarm.handle(elsewhere("OK", SECOND), functions.context, functions.services)
    tickets = {number: functions.table.ticket(number) for number in (first, second)}
    (fault,) = map(functions.table.fault, functions.table.desk_faults(MDO).numbers)
    assert fault is not None
    assert (fault.reports, len(fault.alarms), fault.quiet_since) == (2, 1, None)
    keys = {ticket.requester.client_key for ticket in tickets.values() if ticket}
    assert len(keys) == 2


def test_the_letters_of_an_alarm_say_where_it_belongs(functions: Functions) -> None:
    """Two regions share the name: the letter says which one burns."""
    functions.clock.at = moscow("2026-11-21 03:00")
    for event in (change_of_state("ALARM", FIRST), change_of_state("ALARM", SECOND), change_of_state("OK", THIRD)):
        alarm.handle(event, functions.context, functions.services)
        if event["detail"]["state"]["timestamp"] == FIRST:
            (number,) = functions.numbers()
            acknowledged = c.SpecialistAct(c.Act.ACKNOWLEDGE, "specialist")
            change_ticket(functions.services.store, number, acknowledged, functions.services.now)
    functions.drain()
    texts = [
        mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # each has one
        for mail in functions.mails()
        if "Сработала сигнализация" in str(mail["Subject"])
    ]
    assert len(texts) == 1
    assert all("Регион eu-west-1, учётная запись AWS 123456789012." in text for text in texts)


def _faults() -> list[dict[str, Any]]:
    items = boto3.client("dynamodb").scan(TableName="desk", ConsistentRead=True)["Items"]
    return [item for item in items if item["sk"]["S"] == "FAULT" and "alarm" in json.loads(item["body"]["S"])]


def test_a_second_outage_that_meets_the_closing_of_the_first_pages(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The specialist's act is written between what the alarm reads and what it writes: it looks again."""
    functions.clock.at = moscow("2026-11-21 03:00")
    alarm.handle(change_of_state("ALARM", FIRST), functions.context, functions.services)
    (first,) = functions.numbers()
    functions.clock.at = moscow("2026-11-21 08:00")
    real, meanwhile = functions.table.commit, [c.SpecialistAct(c.Act.CLOSE, "specialist", "исправлено")]

    def overtaken(commit: Commit) -> None:
        if meanwhile and commit.alarm is not None:
            change_ticket(functions.services.store, first, meanwhile.pop(), functions.services.now)
        real(commit)

    monkeypatch.setattr(functions.table, "commit", overtaken)
    alarm.handle(change_of_state("ALARM", SECOND), functions.context, functions.services)
    tickets = [functions.table.ticket(number) for number in functions.numbers()]
    assert [ticket for ticket in tickets if ticket and ticket.critical and ticket.critical.runs]


@pytest.mark.parametrize("state", ["INSUFFICIENT_DATA", "NEW_STATE"])
def test_a_state_that_says_nothing_of_the_fault_ends_none(functions: Functions, state: str) -> None:
    """The rule of the template passes none, and a redrive may."""
    functions.clock.at = moscow("2026-11-21 03:00")
    alarm.handle(change_of_state("ALARM", FIRST), functions.context, functions.services)
    alarm.handle(change_of_state(state, SECOND), functions.context, functions.services)
    (number,) = functions.numbers()
    ticket = functions.table.ticket(number)
    assert ticket is not None
    assert ticket.critical is not None
    assert ticket.critical.runs


@pytest.mark.parametrize("reason", [None, ""])
def test_an_alarm_without_a_reason_pages(functions: Functions, reason: str | None) -> None:
    """And the letter to the team says that there is none."""
    functions.clock.at = moscow("2026-11-21 03:00")
    event = change_of_state("ALARM", FIRST)
    event["detail"]["state"]["reason"] = reason
    alarm.handle(event, functions.context, functions.services)
    (number,) = functions.numbers()
    functions.drain()
    assert kinds_of(functions, number) == ["alarm"]
    (told,) = (mail for mail in functions.mails() if "Сработала сигнализация" in str(mail["Subject"]))
    assert "причина не указана" in told.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # the letter has one


def test_an_alarm_of_no_desk_is_counted(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    """An alarm of ours stands on the count: a slip in a prefix would page nobody, and nobody would hear of it.

    The same alarm of another stack is left out: the two would set each other off for ever.
    """
    counts: Counter[str] = Counter()
    monkeypatch.setattr(alarm, "count", lambda name: counts.update([name]))
    for state in ("ALARM", "OK"):
        for name in ("mdo-servise-api-5xx", "another-stack-alarms-of-no-desk"):
            alarm.handle(change_of_state(state, FIRST, name), functions.context, functions.services)
    assert counts == Counter(AlarmsOfNoDesk=1)


def kinds_of(functions: Functions, number: str) -> list[str]:
    """Return what was written because of a ticket, in order."""
    return [json.loads(body)["kind"] for _, _, body in functions.table.outbox(number)]


def test_an_alarm_of_no_desk_opens_nothing(functions: Functions) -> None:
    """Our own alarms among them: a fault of the desk must not page the desk's clients' on-call."""
    for name in ("reglament-inbound-failures", "somebody-elses-alarm"):
        alarm.handle(
            change_of_state("ALARM", "2026-11-21T00:00:00.000+0000", name), functions.context, functions.services
        )
    assert functions.numbers() == set()


def test_an_alarms_end_that_overtakes_its_beginning_opens_no_fault(functions: Functions) -> None:
    """The older change comes later and is known to be older."""
    functions.clock.at = moscow("2026-11-21 03:00")
    alarm.handle(change_of_state("OK", "2026-11-21T00:20:00.000+0000"), functions.context, functions.services)
    alarm.handle(change_of_state("ALARM", "2026-11-21T00:00:00.000+0000"), functions.context, functions.services)
    assert functions.numbers() == set()


def test_an_alarms_ticket_has_the_same_number_whatever_it_met_on_the_way(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a number that another ticket has leads to the next one; a write in the way does not."""
    functions.clock.at = moscow("2026-11-21 03:00")
    event = change_of_state("ALARM", "2026-11-21T00:00:00.000+0000")
    detail = event["detail"]
    real, conflicts = functions.table.commit, [Conflict("in the way")]

    def contended(commit: Commit) -> None:
        if conflicts:
            raise conflicts.pop()
        real(commit)

    monkeypatch.setattr(functions.table, "commit", contended)
    alarm.handle(event, functions.context, functions.services)
    origin = f"alarm:123456789012:eu-west-1:{detail['alarmName']}:2026-11-21T00:00:00+00:00"
    assert functions.numbers() == {ticket_id("MDO", MDO, origin)}
