"""What is not pronounced yet: a breach or a lapse, while letters that came before its end may still be unread.

Whether a client or a specialist was in time is judged by when SES received the letter, so the desk says that nobody
was only once it has read what had come by then. Waiting is bounded. Reminders, warnings, pages and the breach of
the minutes for a critical fault wait for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.ticket.ticket import Ticket
from domain.ticket.timers import Timer, TimerKind, timers_of

HELD_AT_MOST: Mapping[TimerKind, timedelta] = {
    TimerKind.REACTION_BREACH: timedelta(minutes=15),
    TimerKind.LAPSE: timedelta(hours=24),
}
"""How long after its end each is held at most; a wrong breach is a letter to the team, a wrong lapse one to the client."""
LOOKED_AGAIN_AFTER: Mapping[TimerKind, timedelta] = {
    TimerKind.REACTION_BREACH: timedelta(minutes=1),
    TimerKind.LAPSE: timedelta(minutes=5),
}
"""When it is looked at again whether the letters are read."""
WRITTEN_WITHIN = timedelta(minutes=1)
"""How long after it received a letter SES may write it to the bucket.

`receipt.processingTimeMillis` of a notification says how long it took to the action (Amazon SES developer guide,
"Contents of notifications for Amazon SES email receiving"); the time that S3 keeps of an object is that of its writing.
"""


def is_held(timer: Timer, now: datetime, waiting_since: datetime | None) -> bool:
    """Return whether a timer that is due waits for letters, of which the oldest has been waiting since then."""
    if waiting_since is None or timer.kind not in HELD_AT_MOST:
        return False
    may_be_in_time = waiting_since <= timer.at + WRITTEN_WITHIN
    return may_be_in_time and now < timer.at + HELD_AT_MOST[timer.kind]


def next_look(ticket: Ticket, now: datetime, waiting_since: datetime | None) -> datetime | None:
    """Return when a ticket of which something is held comes due again; None where nothing of it is held.

    That is never later than its next other timer, nor than the end of the waiting.
    """
    timers = timers_of(ticket)
    held = [timer for timer in timers if timer.at <= now and is_held(timer, now, waiting_since)]
    if not held:
        return None
    again = [min(now + LOOKED_AGAIN_AFTER[timer.kind], timer.at + HELD_AT_MOST[timer.kind]) for timer in held]
    return min([*again, *(timer.at for timer in timers if timer not in held)])
