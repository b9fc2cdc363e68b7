"""`clock`: the sweep. Lets everything happen that is due, and offers unsent items again."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.dynamodb import OFFERED_AGAIN_AFTER
from domain import commands as c
from domain.decide import decide
from domain.editions import edition_named
from domain.ports import Commit, Conflict, Due, TicketChange
from handlers import wiring
from handlers.observing import count, failed, logger, metrics

TIME_KEPT_MS = 8_000
"""What is left of the function's time for finishing in good order; the next sweep goes on from there."""


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Sweep every shard once; two sweeps at a time do no harm. Returns what was fired, offered again and failed."""
    swept = sweep(lambda: context.get_remaining_time_in_millis() > TIME_KEPT_MS)
    count("Heartbeat")
    for name, value in swept.items():
        if value:
            count(name, value)
    return swept


def sweep(has_time: Any) -> dict[str, int]:
    """Fire what is due now, shard by shard, the earliest first, while `has_time()` says so."""
    store, now = wiring.store(), wiring.now()
    swept = {"TimersFired": 0, "OffersRepeated": 0, "TimersFailed": 0}
    for shard in range(store.shards):
        for due in store.due(shard, now):
            if not has_time():
                logger.warning("out of time; the next sweep goes on")
                return swept
            try:
                for name in _settle(due):
                    swept[name] += 1
            except Conflict:
                continue  # somebody else wrote meanwhile: what is still due comes with the next sweep
            except Exception as error:  # noqa: BLE001 - whatever it is, the next timer goes on and this one comes with the next sweep
                failed("a timer failed", error, ticket=due.ticket, item=due.item)
                swept["TimersFailed"] += 1
    return swept


def _settle(due: Due) -> tuple[str, ...]:
    """Settle one entry of the index, which may be stale; return what to count."""
    store, now = wiring.store(), wiring.now()
    if due.item.startswith("OUT#"):
        return ("OffersRepeated",) if store.rearm_outgoing(due, again_at=now + OFFERED_AGAIN_AFTER) else ()
    ticket = store.ticket(due.ticket)
    if ticket is not None:
        decision = decide(ticket, c.FireTimers(), edition_named(ticket.desk, ticket.edition), now)
        if decision.events and decision.ticket is not None:
            change = TicketChange(ticket, decision.ticket, decision.events, decision.outgoing)
            store.commit(Commit(at=now, ticket=change))
            logger.info("fired", extra={"ticket": ticket.id, "events": [event.type for event in decision.events]})
            return ("TimersFired",)
    return ()
