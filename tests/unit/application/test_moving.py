"""A specialist says which fault a ticket reports: it goes with its alarm, and what it left is not told as a false alarm."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from adapters.memory import MemoryStore
from application.change import change_ticket
from application.faults import act_on_fault
from application.moving import Moved, detach_ticket, join_fault
from application.receive import receive
from application.storage import Commit, Condition, Conflict
from domain.fault.commands import FireFaultTimers
from domain.fault.evolve import replay_fault
from domain.fault.fault import End, Fault
from domain.letter import Address, Trust
from domain.ticket.commands import Act, ReportFault, SpecialistAct
from domain.ticket.evolve import replay
from handlers import alarm
from tests.support.builders import DETAILS, KEYS, MDO, a_letter, moscow
from tests.support.fault_life import TERMS

NIGHT = moscow("2027-01-01 03:00")
MINUTE = timedelta(minutes=1)
OUTAGE = "Приложение не открывается ни у кого, не работает вся система."
ORDINARY = "Не открывается справка о составе семьи."
ME = ReportFault("anna", "arn:aws:iam::123456789012:user/anna")


class Movable(MemoryStore):
    """A desk whose faults come by letters and alarms."""

    def writes(self, number: int, minute: int, text: str = OUTAGE, trust: Trust = Trust.VERIFIED) -> str:
        """Let a client write, and return the number of the ticket."""
        at, sender = NIGHT + minute * MINUTE, Address(f"u{number}@client{number}.example", "")
        letter = a_letter(
            f"{text}\n\n{DETAILS}", ses_message_id=f"m{number}", received_at=at, sender=sender, trust=trust,
            from_addresses=(sender,), subject=f"Рабочее место {number}", message_id=f"<m{number}@client.example>",
        )  # fmt: skip
        taken = receive(letter, MDO, self, KEYS, at)
        assert taken is not None
        self.commit(taken.commit)
        assert taken.commit.ticket is not None
        return taken.commit.ticket.after.id

    def alarms(self, value: str, minute: int, name: str = "mdo-service-site") -> None:
        """Let an alarm of CloudWatch change its state."""
        at = NIGHT + minute * MINUTE
        state = {"value": value, "timestamp": at.isoformat()}
        event = {
            "id": f"{name}-{minute}", "account": "123456789012", "region": "eu-west-1",
            "detail": {"alarmName": name, "state": state},
        }  # fmt: skip
        alarm.settle(event, SimpleNamespace(store=self, now=lambda: at))

    def named(self, number: str) -> Fault:
        """Return a fault."""
        fault = self.fault(number)
        assert fault is not None
        return fault

    def known(self) -> list[Fault]:
        """Return the faults of the desk, the first first."""
        return sorted(self.faults(self.desk_faults(MDO).numbers), key=lambda fault: fault.opened_at)

    def tickets_of(self, fault: str) -> list[str]:
        """Return the tickets of a fault."""
        return [member.ticket for member in self.members(fault)]


def after(minute: int) -> datetime:
    return NIGHT + minute * MINUTE


def joined(store: MemoryStore, ticket: str, fault: str, minute: int) -> Moved:
    moved = join_fault(store, ticket, fault, ME, lambda: after(minute))
    assert moved is not None
    return moved


def detached(store: MemoryStore, ticket: str, minute: int) -> Moved:
    moved = detach_ticket(store, ticket, ME, lambda: after(minute))
    assert moved is not None
    return moved


def an_alarm_apart(store: Movable) -> tuple[Fault, Fault, str]:
    """Let letters report a fault and, too late to be gathered, an alarm another one; return both and the alarm's ticket."""
    store.writes(1, 0)
    minute = TERMS.gather_minutes + 5
    store.alarms("ALARM", minute)
    by_letters, by_alarm = store.known()
    return by_letters, by_alarm, by_alarm.ticket


def test_an_alarm_goes_with_its_ticket_to_the_fault_that_it_joins() -> None:
    """What it says next is said of that fault: it goes quiet there, and comes back there."""
    store = Movable()
    by_letters, by_alarm, ticket = an_alarm_apart(store)
    minute = TERMS.gather_minutes + 7
    joined(store, ticket, by_letters.id, minute)
    assert store.named(by_letters.id).alarms == by_alarm.alarms
    assert (store.named(by_alarm.id).alarms, store.named(by_alarm.id).known_alarms) == ((), ())
    store.alarms("OK", minute + 1)
    assert store.named(by_letters.id).went_quiet == by_alarm.alarms
    store.alarms("ALARM", minute + 2)
    assert (store.named(by_letters.id).flaps, store.named(by_alarm.id).reopened) == (1, 0)
    assert len(store.known()) == 2


def test_what_is_left_without_a_ticket_is_over_and_part_of_the_other() -> None:
    """Nobody is told of a false alarm: there was a fault, and it is the other one."""
    store = Movable()
    by_letters, by_alarm, ticket = an_alarm_apart(store)
    moved = joined(store, ticket, by_letters.id, TERMS.gather_minutes + 7)
    left = store.named(by_alarm.id)
    assert (left.end, left.into, left.telling) == (End.FALSE_ALARM, by_letters.id, ())
    assert moved.commit is not None
    assert [message.kind for change in moved.commit.faults for message in change.outgoing] == []
    assert (store.tickets_of(by_alarm.id), ticket in store.tickets_of(by_letters.id)) == ([], True)


def test_a_fault_of_alarms_of_which_the_sounding_one_leaves_is_quiet() -> None:
    """It ends by itself then, as if that one had gone quiet."""
    store = Movable()
    store.writes(1, 0)
    by_letters = store.known()[0].id
    start = TERMS.gather_minutes + 5
    store.alarms("ALARM", start)
    store.alarms("ALARM", start + 1, "mdo-service-login")
    (by_alarms,) = [fault for fault in store.known() if fault.id != by_letters]
    store.alarms("OK", start + 2)
    login = next(one for one in store.tickets_of(by_alarms.id) if one != by_alarms.ticket)
    joined(store, login, by_letters, start + 3)
    left = store.named(by_alarms.id)
    assert (left.quiet_since, left.is_over) == (after(start + 3), False)
    act_on_fault(store, left.id, FireFaultTimers(), lambda: after(start + 3 + TERMS.quiet_minutes))
    assert store.named(left.id).end is End.RESOLVED


def test_every_history_of_tickets_that_moved_makes_what_is_stored() -> None:
    store = Movable()
    by_letters, by_alarm, ticket = an_alarm_apart(store)
    second = store.writes(2, 1)
    start = TERMS.gather_minutes + 7
    joined(store, ticket, by_letters.id, start)
    detached(store, second, start + 1)
    joined(store, store.writes(3, start, ORDINARY), by_letters.id, start + 2)
    for fault in store.known():
        made = replay_fault(event for _, event in store.fault_history(fault.id))
        assert made.model_copy(update={"version": fault.version}) == fault
    assert by_alarm.id in [fault.id for fault in store.known()]
    for number in (ticket, second):
        stored = store.ticket(number)
        assert stored is not None
        assert (
            replay(event for _, event in store.history(number)).model_copy(update={"version": stored.version}) == stored
        )


def test_another_write_meanwhile_is_read_and_the_ticket_moves_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A colleague acknowledged the fault as the ticket was about to join it."""
    store = Movable()
    store.writes(1, 0)
    (fault,) = store.known()
    ordinary = store.writes(2, 1, ORDINARY)
    commit = MemoryStore.commit
    met: list[Commit] = []

    def meets_another(self: MemoryStore, asked: Commit) -> None:
        if not met:
            met.append(asked)
            change_ticket(self, fault.ticket, SpecialistAct(Act.ACKNOWLEDGE, "petr"), lambda: after(2))
        commit(self, asked)

    monkeypatch.setattr(MemoryStore, "commit", meets_another)
    joined(store, ordinary, fault.id, 2)
    ticket = store.ticket(ordinary)
    assert ticket is not None
    assert ticket.critical is not None
    assert ticket.critical.acknowledged_by == "petr"
    assert store.named(fault.id).reports == 2
    assert [event.type for _, event in store.history(ordinary)].count("critical_raised") == 1


def test_a_move_that_loses_writes_nothing_at_all() -> None:
    store = Movable()
    store.writes(1, 0)
    (fault,) = store.known()
    ordinary = store.writes(2, 1, ORDINARY)
    before = (store.ticket(ordinary), store.named(fault.id), store.tickets_of(fault.id))

    class Loses(Movable):
        def commit(self, commit: Commit) -> None:
            del commit
            raise Conflict(condition=Condition.FAULT)

    store.__class__ = Loses
    with pytest.raises(Conflict, match="nothing was done"):
        joined(store, ordinary, fault.id, 2)
    assert (store.ticket(ordinary), store.named(fault.id), store.tickets_of(fault.id)) == before


def test_a_detached_ticket_promises_anew_and_keeps_what_was_promised_to_its_client() -> None:
    """MDO 2.1: the fault's five minutes count from the word; the client's own from the letter."""
    store = Movable()
    store.writes(1, 0)
    second = store.writes(2, 1)
    detached(store, second, 10)
    new = next(fault for fault in store.known() if fault.ticket == second)
    assert (new.since, new.due) == (after(10), after(15))
    ticket = store.ticket(second)
    assert ticket is not None
    assert ticket.critical is not None
    assert (ticket.critical.since, ticket.critical.fault) == (after(1), new.id)


def test_a_ticket_of_a_stranger_that_a_specialist_names_is_proved() -> None:
    """A specialist vouches for it: somebody is woken."""
    store = Movable()
    store.writes(1, 0, trust=Trust.CLAIMED)
    second = store.writes(2, 1, trust=Trust.CLAIMED)
    assert store.known()[0].strangers_only
    detached(store, second, 3)
    assert not next(fault for fault in store.known() if fault.ticket == second).strangers_only
