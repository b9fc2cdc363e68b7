"""Open tickets in any number: one that a letter opened, with identifiers and clocks of its own for each of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.mail.reading import read_letter
from adapters.memory import MemoryStore
from adapters.ses.raw_letter import envelope_from_raw
from application.receive import receive
from application.storage import Commit, TicketChange
from domain.regulation.editions import edition_at
from domain.reply_token import ReplyKeys
from domain.ticket.ticket import CROCKFORD, Ticket
from handlers import clock

DESK = "moi-dokumenty-online"
ADDRESS = "support@xn--d1achjhdicc8bh4h.xn--80asehdb"
LETTER = """From: =?utf-8?b?0JLQtdGC0YDQvtCy0LA=?= <vetrova@region.example.org>
To: support@xn--d1achjhdicc8bh4h.xn--80asehdb
Subject: =?utf-8?b?0J3QtSDQvtGC0LrRgNGL0LLQsNC10YLRgdGP?=
Message-ID: <one@region.example.org>
Date: Mon, 09 Nov 2026 10:00:00 +0300
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Здравствуйте!

В приложении не открывается список заявлений: после входа экран остаётся пустым, перезапуск не помогает.

Ветрова Ольга Сергеевна
Мобильный телефон: +7 900 555-01-42
Организация: МФЦ Северного района
Должность: ведущий специалист
"""
ARRIVED = datetime(2026, 11, 9, 7, tzinfo=UTC)
FIRST_ROUND = datetime(2026, 11, 9, 12, tzinfo=UTC)
NOTHING_DUE = FIRST_ROUND - timedelta(minutes=1)
ROUND = timedelta(seconds=1)
"""From one lot of due tickets to the next: short, so that no letter they caused is offered again meanwhile."""
LATER = timedelta(days=30)
DUE = 100


def opened_ticket() -> Ticket:
    """Return the ticket that the letter opens."""
    raw = LETTER.encode()
    letter = read_letter(raw, envelope_from_raw(raw, "ses-1", ARRIVED, (ADDRESS,)))
    keys = ReplyKeys(current="a", keys={"a": b"a key that is only for measuring"})
    reception = receive(letter, edition_at(DESK, ARRIVED).desk.id, MemoryStore(), keys, ARRIVED)
    assert reception is not None
    change = reception.commit.ticket
    assert change is not None
    assert change.after.reaction is not None, "the letter is complete, so a reaction is promised"
    return change.after


def number(place: int) -> str:
    """Return a ticket number that no other place has."""
    signs = "".join(CROCKFORD[place >> 5 * power & 31] for power in range(7, -1, -1))
    return f"MDO-{signs[:4]}-{signs[4:]}"


def openings(count: int, rounds: int) -> Iterator[Commit]:
    """Return the commits of that many open tickets: a lot of `DUE` for each round, the rest due much later."""
    first = opened_ticket()
    clock_of_first = first.reaction
    assert clock_of_first is not None
    for place in range(count):
        lot = place // DUE
        warn_at = FIRST_ROUND + (lot * ROUND if lot < rounds else LATER + place * timedelta(milliseconds=1))
        reaction = clock_of_first.model_copy(update={"warn_at": warn_at, "due": warn_at + 2 * LATER})
        ticket = first.model_copy(update={"id": number(place), "reaction": reaction})
        yield Commit(at=ARRIVED, ticket=TicketChange(None, ticket, (), ()))


class Context:
    """What Lambda passes besides the event, with time enough."""

    function_name = "clock"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:clock"
    aws_request_id = "bench"

    def get_remaining_time_in_millis(self) -> int:
        """Return milliseconds left."""
        return 600_000


@dataclass(frozen=True, slots=True)
class SweepServices:
    """What the sweep asks of its services."""

    store: Any
    at: datetime

    def now(self) -> datetime:
        """Return the instant of the sweep."""
        return self.at


def sweep(store: Any, now: datetime) -> Callable[[], dict[str, int]]:
    """Return the sweep of a store at an instant, as the function does it."""

    services: Any = SweepServices(store, now)

    def run() -> dict[str, int]:
        swept: dict[str, int] = clock.handle({}, Context(), services)
        return swept

    return run


def round_at(lot: int) -> datetime:
    """Return the instant at which a lot is due, and of later ones nothing."""
    return FIRST_ROUND + lot * ROUND
