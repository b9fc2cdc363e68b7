"""`alarm`: a monitor says that something is wrong, or is well again. Reports a critical fault at its desk, or that it is quiet."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.signals import Malformed, Signal, SignalState, read_signal
from application.change import commit_decided, ticket_change
from application.placing import Placed, fault_change, place_report
from application.ports import Services, Store
from application.storage import Commit, FaultChange, FaultsChange, TicketChange
from composition import lambda_handler
from domain.fault.alarm import AlarmState, Resting
from domain.fault.commands import QuietAlarm
from domain.fault.decide import decide_fault
from domain.fault.fault import Source
from domain.fault.reports import report_by_alarm
from domain.regulation.editions import edition_named, edition_serving
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.ticket import ALARM_KEY, Status, Ticket, ticket_id
from handlers.observing import AlreadyReported, Metric, count, logger, metrics, reported


class OfNoForm(AlreadyReported):
    """The event was counted, and is kept as it is."""


ALARM_OF_NO_DESK = "-alarms-of-no-desk"
"""How our own alarm on alarms of no desk ends, that of another stack too: the two must not set each other off."""


@logger.inject_lambda_context
@metrics.log_metrics
@reported
def handle(event: dict[str, Any], _context: LambdaContext, services: Services) -> None:
    """Handle what one monitor says; run twice, late or out of order it does the same.

    What is of no form is counted and fails, so that the failure queue keeps it and its alarm tells of it.
    """
    try:
        settle(event, services)
    except Malformed as error:
        logger.error("an event of no form", extra={"reason": str(error)})
        count(Metric.SIGNALS_MALFORMED)
        raise OfNoForm(str(error)) from error


handler = lambda_handler(handle)


def settle(event: Mapping[str, Any], services: Services) -> None:
    """Do what the function does with an event, for whoever redrives one; raises Conflict, and Malformed for what is none."""
    signal = read_signal(event, services.now())
    if signal is not None and not signal.name.endswith(ALARM_OF_NO_DESK):
        take(signal, services)


def take(signal: Signal, services: Services) -> None:
    """Do what follows from what a monitor says; raises Conflict."""
    if signal.desk is None:
        if signal.state is not SignalState.ALARM:
            return
        logger.warning("an alarm of no desk", extra=signal.ids)
        count(Metric.ALARMS_OF_NO_DESK)
        return
    decide_now = partial(_commit, signal.desk, signal, services)
    commit = commit_decided(services.store, decide_now, f"the fault of the alarm {signal.known_by}")
    if commit is not None and (commit.faults or commit.ticket is not None):
        _tell(signal, commit)


def _tell(signal: Signal, commit: Commit) -> None:
    for change in commit.faults:
        if change.before is None:
            count(Metric.FAULTS_OPENED)
    if not commit.faults and signal.state is SignalState.OK:
        count(Metric.FAULTS_RESOLVED)  # of an earlier version: the fault is the ticket's own
    told = {
        "ticket": commit.ticket.after.id if commit.ticket is not None else "",
        "fault": commit.faults[0].after.id if commit.faults else "",
        "open": signal.state is SignalState.ALARM,
        **signal.ids,
    }
    logger.info("fault", extra=told)


def _commit(desk: str, signal: Signal, services: Services, numbers_taken: int) -> Commit | None:
    """Return what a signal writes; None for one that was taken already."""
    store, now = services.store, services.now()
    before = store.alarm_state(signal.alarm, signal.place)
    if before is not None and _is_known(signal, before):
        return None
    old = store.ticket(before.ticket) if before is not None and before.ticket else None
    number = _fault_of(before, old)
    ticket: TicketChange | None = None
    placed: Placed | None = None
    faults: tuple[FaultChange, ...] = ()
    listed: FaultsChange | None = None
    is_open = before is not None and before.open
    if signal.state is SignalState.OK:
        if before is not None and is_open:
            ticket, faults = _quiet(signal, before, number, old, services)
        is_open = False
    elif not signal.suppressed:
        ticket, placed = _reported(desk, signal, _of_an_open_fault(store, number, old), services, numbers_taken)
        faults, listed, number, is_open = (placed.change,), placed.desk, placed.ref.number, True
    on = ticket.after.id if ticket is not None else (old.id if old is not None else "")
    # Recorded even where nothing follows, so that an older change which comes later is known to be older.
    after = AlarmState(
        alarm=signal.alarm, place=signal.place, desk=desk, ticket=on, fault=number, open=is_open, changed_at=signal.at,
        taken=(*(before.taken if before is not None and before.changed_at == signal.at else ()), signal.key),
        resting=_resting(signal) if signal.suppressed and signal.state is SignalState.ALARM and not is_open else None,
    )  # fmt: skip
    looked_at = old if ticket is None or ticket.before is None else None
    return Commit(at=now, ticket=ticket, alarm=(before, after), faults=faults, desk_faults=listed, looked_at=looked_at)


def _is_known(signal: Signal, last: AlarmState) -> bool:
    """Return whether a change is older than the last one, or was taken already.

    Of several changes of one instant, which CloudWatch gives in milliseconds, the one that arrives last counts.
    """
    if signal.at != last.changed_at:
        return signal.at < last.changed_at
    return signal.key in last.taken or not last.taken


def _fault_of(last: AlarmState | None, ticket: Ticket | None) -> str:
    """Return the number of the fault that an alarm last reported; empty where none is known."""
    if last is not None and last.fault:
        return last.fault
    return ticket.critical.fault if ticket is not None and ticket.critical is not None else ""


def _of_an_open_fault(store: Store, number: str, ticket: Ticket | None) -> Ticket | None:
    """Return the ticket of an alarm where it goes on reporting on it: it is open, and is not about to be closed with its fault."""
    if ticket is None or ticket.status is Status.CLOSED:
        return None
    fault = store.fault(number) if number else None
    reports_it = ticket.critical is not None and ticket.critical.ended_at is None
    return None if fault is not None and fault.is_over and reports_it else ticket


def _reported(
    desk: str, signal: Signal, old: Ticket | None, services: Services, numbers_taken: int
) -> tuple[TicketChange | None, Placed]:
    """Report the fault on the alarm's open ticket, or on one of its own; an alarm that flaps is on the same one."""
    store, now, edition = services.store, services.now(), edition_serving(desk, signal.at)
    since = min(signal.at, now)
    origin = f"{ALARM_KEY}{signal.known_by}:{signal.at.isoformat()}"
    number = old.id if old is not None else ticket_id(edition.desk.prefix, desk, origin, numbers_taken)
    report = report_by_alarm(
        number, since, signal.alarm, signal.place, related=signal.related, source=signal.source
    ).model_copy(update={"what": signal.name})
    placed = place_report(store, report, edition, now, numbers_taken=numbers_taken, member_of=old, drill=signal.drill)
    waits = old.critical if old is not None else None
    if waits is not None and waits.runs and waits.fault not in ("", placed.ref.number):
        # The ticket waits for another fault, as by a specialist's word: none is of two.
        return _reported(desk, signal, None, services, numbers_taken)
    if old is None:
        opens = c.OpenByAlarm(number, signal.alarm, signal.reason, signal.at, signal.place, signal.name)
        return ticket_change(None, decide(None, opens, edition, now, fault=placed.ref)), placed
    again = c.RaiseAlarmAgain(signal.name, signal.reason, signal.at, signal.place)
    pinned = edition_named(old.desk, old.edition)
    return ticket_change(old, decide(old, again, pinned, now, fault=placed.ref)), placed


def _quiet(
    signal: Signal, last: AlarmState, number: str, old: Ticket | None, services: Services
) -> tuple[TicketChange | None, tuple[FaultChange, ...]]:
    """Let the fault know that the alarm is quiet: it closes its tickets as it ends. Without one the ticket is closed."""
    store, now = services.store, services.now()
    if not number:
        resolves = c.ResolveAlarm(signal.reason, signal.place)
        if old is None:
            return None, ()
        return ticket_change(old, decide(old, resolves, edition_named(old.desk, old.edition), now)), ()
    fault = store.fault(number)
    if fault is None:
        return None, ()
    # An earlier event may have come without account and region: the fault knows the alarm as it was reported.
    quiet = QuietAlarm(last.key, signal.at)
    change = fault_change(fault, decide_fault(fault, quiet, edition_named(fault.desk, fault.edition), now))
    return None, (change,) if change is not None else ()


def _resting(signal: Signal) -> Resting:
    return Resting(until=signal.suppressed_until, name=signal.name, reason=signal.reason, related=signal.related)


def wake(state: AlarmState, services: Services) -> bool:
    """Let an alarm wake somebody whose maintenance is over by now and that has not said to be well; True where it does.

    Of the end of an alarm mute rule's window CloudWatch is not documented to tell (`adapters.signals`). The promised
    minutes count from that end.
    """
    resting = state.resting
    if resting is None or resting.until is None or resting.until > services.now():
        return False
    signal = Signal(
        source=Source.ALARM, alarm=state.alarm, place=state.place, name=resting.name, state=SignalState.ALARM,
        at=resting.until, reason=resting.reason, key="ALARM after maintenance", desk=state.desk, related=resting.related,
    )  # fmt: skip
    take(signal, services)
    return True
