"""`clock`: the sweep. Lets everything happen that is due, and offers unsent items again.

What is due is taken in order of due time over all shards, several entries at a time. Each is settled by
itself and on condition of what was read: of two sweeps one wins, and what a sweep that dies leaves behind is
due at the next. A failing entry is put off, so that it stands behind those that do not fail. A breach or a lapse is
not pronounced while letters that may have been in time are unread (`domain.ticket.holding`). What became of a fault is
told to its tickets last, in the time that is left: nobody's page waits for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from heapq import merge
from itertools import chain
from threading import Lock
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.outside_watch import NotTold
from application.change import change_ticket
from application.faults import act_on_fault, tell
from application.ports import Services, Store
from application.storage import Conflict, Due, OutboxKey
from composition import lambda_handler
from domain.fault.commands import FireFaultTimers
from domain.fault.numbers import is_fault_number
from domain.fault.paging import is_over, is_superseded
from domain.ticket import commands as c
from domain.ticket import events as e
from domain.ticket import paging as of_tickets
from domain.ticket.decide import Decision
from domain.ticket.decide.digest import digests_due
from domain.ticket.holding import HELD_AT_MOST, next_look
from domain.ticket.outgoing import OutgoingPage, offered_again_after
from domain.ticket.ticket import Ticket
from domain.ticket.timers import TimerKind, clock_timers_of, next_timer
from handlers.alarm import wake
from handlers.observing import AlreadyReported, Metric, count, failed, logger, metrics, reported
from handlers.unread import Unread

TIME_KEPT_MS = 8_000
"""What is left of the function's time for finishing in good order; the next sweep goes on from there.

Enough for the entries at hand even if each meets other writes: `application.change.TRIES` rounds of a read and a
write, some tens of milliseconds each.
"""
FAULT = "FAULT"
"""The item under which a fault comes due."""
WORKERS = 8
"""Entries settled at a time: each waits for the table most of its time. botocore keeps ten connections."""
PUT_OFF_AT_MOST = timedelta(minutes=8)
"""A failing entry is tried again after 1, 2, 4 and then every 8 minutes; the alarm on failures outlasts that."""
NEEDLESS_OFFERED_AGAIN_AFTER = timedelta(hours=1)
"""How long a page that is superseded or over waits to be offered again. A pager that stands still for days would find
the offers of each minute for each of them before the page that matters."""

HELD_BACK_FOR: Mapping[str, timedelta] = {
    "PagesWaiting": timedelta(minutes=3),
    "FaultStepsFailed": PUT_OFF_AT_MOST + timedelta(minutes=2),
    "SweepsUnfinished": timedelta(minutes=1),
}
"""How long after each of these nobody outside is told that all is well: that pages would leave is what it means.

A page that cannot be published is offered every minute or two, and a fault whose step fails is put off for longer and
longer: what lasts is seen again before its time is over.
"""

_OFFERED: Mapping[str, tuple[str, ...]] = {"mail": ("OffersRepeated",), "page": ("OffersRepeated", "PagesWaiting")}
"""What is counted of an item that is offered again, by its outbox."""


class SweepIncomplete(AlreadyReported):
    """Some shards could not be read; the others were swept."""


@logger.inject_lambda_context
@metrics.log_metrics
@reported
def handle(_event: dict[str, Any], context: LambdaContext, services: Services) -> dict[str, int]:
    """Sweep every shard once; two sweeps at a time do no harm. Returns what was fired, offered again and failed.

    The heartbeat says that a sweep ended in good order. One that hands over to the next for want of time
    did, and counts as unfinished besides. Raises SweepIncomplete, without a heartbeat. Whoever watches from outside
    hears of a sweep after which pages leave.
    """
    swept = sweep(lambda: context.get_remaining_time_in_millis() > TIME_KEPT_MS, services)
    unread = swept.pop("ShardsUnread")
    troubles = [name for name in HELD_BACK_FOR if swept[name]]
    swept.pop("FaultStepsFailed")
    for name, value in swept.items():
        if value:
            count(Metric(name), value)
    if unread:
        raise SweepIncomplete(f"shards that could not be read: {unread}; the others were swept")
    count(Metric.HEARTBEAT)
    _say_alive(troubles, services)
    return swept


def _say_alive(troubles: list[str], services: Services) -> None:
    """Tell whoever watches from outside that pages leave; that it cannot be told is what that one raises the alarm for."""
    now = services.now()
    try:
        for trouble in troubles:
            services.watch.hold_back(now + HELD_BACK_FOR[trouble])
        services.watch.say_alive(now)
    except Exception as error:  # noqa: BLE001 - whatever it is, the sweep was a good one
        reason = str(error) if isinstance(error, NotTold) else ""  # what another error says may hold the address
        logger.warning("the watch outside was not told", extra={"error": type(error).__name__, "reason": reason})


handler = lambda_handler(handle)


def sweep(has_time: Callable[[], bool], services: Services) -> dict[str, int]:
    """Settle what is due now, the earliest first, while `has_time()` says so; return the counts."""
    with ThreadPoolExecutor(WORKERS, "sweep") as pool:
        line, unread = _Line(pool, has_time, services), Unread(services)
        counted: Counter[str] = sum(pool.map(lambda _: _work(line, unread, services), range(WORKERS)), Counter())
        if not line.is_cut_short:
            tellings = (partial(_tell, due, has_time, services) for due in line.to_be_told)
            counted += sum(pool.map(lambda telling: telling(), tellings), Counter())
    if line.is_cut_short:
        logger.warning("out of time; the next sweep goes on")
    return {
        **{
            name: counted[name]
            for name in (
                "TimersFired",
                "OffersRepeated",
                "PagesWaiting",
                "TimersFailed",
                "FaultStepsFailed",
                "PronouncementsHeld",
                "FaultsResolved",
            )
        },
        "SweepsUnfinished": int(line.is_cut_short),
        "ShardsUnread": line.unread,
    }


class _Line:
    """What is due, of all shards, in order of due time; workers take from its head."""

    def __init__(self, pool: Executor, has_time: Callable[[], bool], services: Services) -> None:
        self.unread = 0
        self.is_cut_short = False
        self.to_be_told: list[Due] = []
        """Faults whose tickets are to be told what became of them."""
        self._has_time = has_time
        self._lock = Lock()
        store, now = services.store, services.now()
        shards = [self._shard(shard, store.due(shard, now)) for shard in range(store.shards)]
        # The first page of every shard is read at once; a further one only when the line has come to it.
        heads = list(pool.map(lambda shard: next(shard, None), shards))
        begun = [chain((head,), rest) for head, rest in zip(heads, shards, strict=True) if head is not None]
        self._entries = merge(*begun, key=lambda due: due.at)

    def take(self) -> Due | None:
        """Return the next entry; None at the end, and once the time is up."""
        with self._lock:
            if self.is_cut_short:
                return None
            due = next(self._entries, None)
            self.is_cut_short = due is not None and not self._has_time()
            return None if self.is_cut_short else due

    def _shard(self, number: int, entries: Iterator[Due]) -> Iterator[Due]:
        try:
            yield from entries
        except Exception as error:  # noqa: BLE001 - whatever it is, the other shards are swept
            failed("a shard could not be read", error, shard=str(number))
            self.unread += 1


def _work(line: _Line, unread: Unread, services: Services) -> Counter[str]:
    done: Counter[str] = Counter()
    while (due := line.take()) is not None:
        try:
            done.update(_settle(due, unread, services) if due.item != FAULT else _settle_fault(due, line, services))
        except Conflict:
            continue  # somebody else wrote meanwhile: what is still due comes with the next sweep
        except Exception as error:  # noqa: BLE001 - whatever it is, the next entry goes on
            failed("a timer failed", error, ticket=due.ticket, item=due.item, tries=str(due.tries + 1))
            done["TimersFailed"] += 1
            done["FaultStepsFailed"] += due.item == FAULT
            _put_off(due, services)
    return done


def _settle(due: Due, unread: Unread, services: Services) -> tuple[str, ...]:
    """Settle one entry of the index, which may be stale; return what to count."""
    store = services.store
    if due.item.startswith("OUT#"):
        return _offer(due, services.now(), store)
    waiting_since: datetime | None = None

    def unless_held(command: c.Command, decision: Decision) -> c.Command | None:
        nonlocal waiting_since
        waiting_since = unread.since() if _pronounces(decision) else None
        assert isinstance(command, c.FireTimers)  # as it was decided by
        return replace(command, waiting_since=waiting_since) if waiting_since is not None else None

    fired = change_ticket(store, due.ticket, partial(_with_counts, store), services.now, instead=unless_held)
    if fired is None or fired.decision.ticket is None:
        return ()
    after, counted = fired.decision.ticket, list[str]()
    if fired.decision.events:
        events = [event.type for event in fired.decision.events]
        logger.info("fired", extra={"ticket": due.ticket, "events": events})
        counted.append("TimersFired")
        timer = next_timer(after)
        due = Due(due.ticket, due.item, timer.at if timer else due.at)  # as it has just been armed
    if (look_at := next_look(after, services.now(), waiting_since)) is not None:
        logger.warning("held while letters are unread", extra={"ticket": due.ticket, "until": look_at.isoformat()})
        store.put_off(due, until=look_at, failed=False)
        counted.append("PronouncementsHeld")
    elif not counted:
        # Nothing is due by the ticket itself: the index lags behind, and this changes nothing; or it is wrong, and
        # without this every sweep would come by again.
        store.align(due, fired.before)
    return tuple(counted)


def _settle_fault(due: Due, line: _Line, services: Services) -> tuple[str, ...]:
    """Let happen what is due of a fault; what its tickets are to be told waits until nobody's page is left."""
    if not is_fault_number(due.ticket):
        return _wake(due, services)
    fired = act_on_fault(services.store, due.ticket, FireFaultTimers(), services.now)
    if fired is None or fired.decision.fault is None:
        return ()
    if fired.decision.fault.telling:
        line.to_be_told.append(due)
    if fired.decision.events:
        events = [event.type for event in fired.decision.events]
        logger.info("fired", extra={"fault": due.ticket, "events": events})
        return ("TimersFired", "FaultsResolved") if "fault_ended" in events else ("TimersFired",)
    if not fired.before.telling:
        services.store.align(due, fired.before)
    return ()


def _wake(due: Due, services: Services) -> tuple[str, ...]:
    """Let an alarm whose maintenance is over report its fault; an entry of the index that lags behind does nothing."""
    state = services.store.resting_alarm(due)
    return ("TimersFired",) if state is not None and wake(state, services) else ()


def _tell(due: Due, has_time: Callable[[], bool], services: Services) -> Counter[str]:
    """Tell the tickets of a fault what became of it, as far as there is time; the next sweep goes on."""
    try:
        told = tell(services.store, due.ticket, services.now, has_time)
    except Conflict:
        return Counter()
    except Exception as error:  # noqa: BLE001 - whatever it is, the other faults' tickets are told
        failed("the tickets of a fault could not be told", error, fault=due.ticket)
        return Counter(TimersFailed=1)
    if told:
        logger.info("told", extra={"fault": due.ticket, "tickets": told})
    return Counter()


def _offer(due: Due, now: datetime, store: Store) -> tuple[str, ...]:
    """Offer an unsent item to its sender again; a page that need not leave by itself is not offered again soon."""
    offered = store.rearm_outgoing(due, now=now)
    if offered is None:
        return ()
    page = store.outgoing(OutboxKey(ticket=due.ticket, item=due.item)) if offered == "page" else None
    if isinstance(page, OutgoingPage) and _is_needless(page, store):
        armed = Due(due.ticket, due.item, now + offered_again_after(offered))
        store.put_off(armed, until=now + NEEDLESS_OFFERED_AGAIN_AFTER, failed=False)
    return _OFFERED[offered]


def _is_needless(page: OutgoingPage, store: Store) -> bool:
    """Return whether a page need not leave by itself; one that an earlier version wrote goes by its ticket's clock."""
    if page.fault:
        fault = store.fault(page.fault)
        return is_over(page, fault) or is_superseded(page, fault)
    ticket = store.ticket(page.ticket)
    clock = ticket.critical if ticket is not None else None
    return ticket is not None and (of_tickets.is_over(page, clock) or of_tickets.is_superseded(page, clock))


def _pronounces(decision: Decision) -> bool:
    return any(isinstance(event, e.TimerFired) and event.timer in HELD_AT_MOST for event in decision.events)


def _with_counts(store: Store, ticket: Ticket, now: datetime) -> c.FireTimers:
    """Return the command with what each digest that is due has to tell: a request for each, and seldom is there one.

    The page of a ticket that no fault gathers yet comes first and alone: what a digest rests on is written with every letter of a storm, and a conflict over it
    must hold up nobody's page. The digest is due still, and goes with the next sweep.
    """
    pages = any(timer.kind is TimerKind.PAGE_REPEAT and timer.at <= now for timer in clock_timers_of(ticket))
    due = () if pages else digests_due(ticket, now)
    return c.FireTimers(counts={one.counted_as: store.sent_lately(ticket.desk, one.counted_as) for one in due})


def _put_off(due: Due, services: Services) -> None:
    wait = min(timedelta(minutes=1 << min(due.tries, 10)), PUT_OFF_AT_MOST)
    try:
        services.store.put_off(due, until=services.now() + wait)
    except Exception as error:  # noqa: BLE001 - it stays due, and is tried again by the next sweep
        failed("a failing timer could not be put off", error, ticket=due.ticket, item=due.item)
