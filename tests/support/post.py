"""The functions that send, over a store in memory: SES refuses when it is told to, and time is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from adapters.memory import MemoryStore
from adapters.rendering import text_of
from application.change import change_ticket
from application.storage import OutboxKey
from domain.reply_token import ReplyKeys
from domain.ticket import commands as c
from domain.ticket.outgoing import OutgoingMail
from domain.ticket.ticket import Ticket
from handlers import clock, mailer
from handlers.delivery import deliver_in_order
from tests.support.builders import KEYS, moscow


@dataclass(frozen=True)
class Posted:
    """A letter that left."""

    at: datetime
    ticket: str
    item: str
    to: str
    kind: str
    text: str


@dataclass
class Post:
    """`mailer` and `clock` of one store."""

    store: MemoryStore
    at: datetime
    refusing: Callable[[str], Exception | None] = lambda _kind: None
    """Returns what SES answers a letter of a kind with, or None where it takes it."""
    posted: list[Posted] = field(default_factory=list)
    tries: int = 0

    reply_keys: ReplyKeys = KEYS

    def now(self) -> datetime:
        return self.at

    @property
    def mailer(self) -> Post:
        return self

    @property
    def mail_store(self) -> Post:
        return self

    def incoming(self) -> Iterator[tuple[str, datetime]]:
        """Return no unread letter: they are all handled as they come."""
        return iter(())

    def send(self, raw: bytes, *, sender: str, to: str, tags: dict[str, str]) -> str:
        del sender
        self.tries += 1
        key = OutboxKey(ticket=tags["ticket"], item=tags["item"].replace("-", "#"))
        kind = self._message(key).kind
        error = self.refusing(kind)
        if error is not None:
            raise error
        letter = message_from_bytes(raw, policy=cast("Any", default))
        text = text_of(cast("EmailMessage", letter))
        self.posted.append(Posted(self.at, key.ticket, key.item, to, kind, text))
        return f"sent-{len(self.posted)}"

    def _message(self, key: OutboxKey) -> OutgoingMail:
        message = self.store._outbox[key].message
        assert isinstance(message, OutgoingMail)
        return message

    def run(self, until: str | datetime, *, mailing: bool = True) -> None:
        """Let time pass until an instant: the sweep runs each minute, or each hour while `mailer` stands still."""
        end = moscow(until) if isinstance(until, str) else until
        step = timedelta(minutes=1) if mailing else timedelta(hours=1)
        while self.at < end:
            due = self.store.next_due()
            soon = self.at + step
            self.at = min(end, max(soon, due.replace(second=0, microsecond=0)) if due is not None else end)
            clock.sweep(lambda: True, cast("Any", self))
            if mailing:
                self.deliver()

    def deliver(self) -> None:
        """Hand `mailer` what the stream has, once."""
        for key in self.store.take_offered():
            if isinstance(self.store._outbox[key].message, OutgoingMail):
                deliver_in_order(key, mailer.send, cast("Any", self))

    def act(self, number: str, act: c.Act, text: str = "", **changes: Any) -> Ticket:
        """Let a specialist act at the command line."""
        done = change_ticket(self.store, number, c.SpecialistAct(act, "specialist", text, **changes), self.now)
        assert done is not None
        assert done.decision.refused is None, done.decision.refused
        return self.ticket(number)

    def ticket(self, number: str) -> Ticket:
        ticket = self.store.ticket(number)
        assert ticket is not None
        return ticket

    def kinds(self, to: str = "") -> list[str]:
        """Return the kinds of the letters that left, in order."""
        return [letter.kind for letter in self.posted if not to or letter.to == to]

    def last(self, kind: str) -> Posted:
        return next(letter for letter in reversed(self.posted) if letter.kind == kind)
