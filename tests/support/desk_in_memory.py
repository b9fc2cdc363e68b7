"""A desk with its store in memory: letters in, letters out, no functions between."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from types import SimpleNamespace

from adapters.mail.reading import read_letter
from adapters.memory import MemoryStore
from adapters.rendering import render_mail, text_of
from application.receive import receive
from application.storage import Departure, OutboxKey, OutboxState
from domain.letter import Envelope, Letter, Verdict, Verdicts
from domain.ticket.events import LetterWithheld
from domain.ticket.outgoing import OUTGOING, Audience, OutgoingMail, OutgoingPage
from domain.ticket.ticket import Ticket
from handlers import clock
from tests.support.builders import DETAILS, KEYS, MDO, MDO_ADDRESS, STOREOLIS, STOREOLIS_ADDRESS, a_letter, moscow
from tests.support.people import addressed, peopled

ADDRESSES = {MDO: MDO_ADDRESS, STOREOLIS: STOREOLIS_ADDRESS}
OLGA = "olga@client.example"
START = moscow("2026-11-20 10:00")


@dataclass(frozen=True)
class Left:
    """A letter that left."""

    mail: OutgoingMail
    """What the desk wanted to say, to whom."""
    letter: EmailMessage
    """As its recipient gets it."""
    text: str


@dataclass
class Desk:
    """One desk in a deployment of its own: it knows no other desk's addresses."""

    name: str
    store: MemoryStore = field(default_factory=lambda: peopled(MemoryStore()))
    sent: list[OutgoingMail | OutgoingPage] = field(default_factory=list)
    taken: int = 0

    @property
    def address(self) -> str:
        return ADDRESSES[self.name]

    def receive(self, raw: bytes, at: datetime, *, to: str = "", verdict: Verdict = Verdict.PASS) -> list[OutgoingMail]:
        """Read, decide and commit a letter, and return the letters that follow."""
        self.taken += 1
        envelope = Envelope(
            f"{self.name}-{self.taken}",
            at,
            (to or self.address,),
            OLGA,
            Verdicts(Verdict.PASS, Verdict.PASS, dmarc=verdict),
        )
        return self.take(read_letter(raw, envelope), at)

    def take(self, letter: Letter, at: datetime) -> list[OutgoingMail]:
        """Decide and commit a letter, and return the letters that follow."""
        taken = receive(letter, self.name, self.store, KEYS, at)
        assert taken is not None
        self.store.commit(taken.commit)
        outgoing = taken.commit.ticket.outgoing if taken.commit.ticket else ()
        self.sent += (*outgoing, *(message for fault in taken.commit.faults for message in fault.outgoing))
        return [mail for mail in outgoing if isinstance(mail, OutgoingMail)]

    def write(
        self, number: int, text: str = "", *, handled: datetime | None = None, **changes: object
    ) -> list[OutgoingMail]:
        """Let a client send one of many different requests, a minute after the one before; handled at once or later."""
        at = START + timedelta(minutes=number)
        values: dict[str, object] = {"ses_message_id": f"w{number}", "received_at": at, "recipients": (self.address,)}
        text = text or f"{fresh(number)} не открывается: {fresh(number + 1000)}.\n\n{DETAILS}"
        return self.take(a_letter(text, **{"subject": fresh(number), **values, **changes}), handled or at)

    def sweep(self, at: datetime) -> list[OutgoingMail]:
        """Let the clock come by, and return the letters that follow."""
        before = len(self.sent)
        nothing_waits = SimpleNamespace(incoming=lambda: iter(()))
        services = SimpleNamespace(store=self.store, mail_store=nothing_waits, now=lambda: at)
        taken = set(self.store.take_offered())
        clock.sweep(lambda: True, services)
        self.sent += [
            message for key in self.store.take_offered() if key not in taken for message in self._message(key)
        ]
        return [mail for mail in self.sent[before:] if isinstance(mail, OutgoingMail)]

    def _message(self, key: OutboxKey) -> Iterator[OutgoingMail | OutgoingPage]:
        for known, state, body in self.store.outbox(key.ticket):
            if known == key and state is OutboxState.PENDING:
                yield OUTGOING.validate_json(body)

    def deliver(self, at: datetime) -> list[Left]:
        """Send the letters in the outbox, and return them as their recipients get them."""
        left: list[Left] = []
        for key in self.store.take_offered():
            leased = self.store.lease(key, now=at, until=at + timedelta(minutes=3))
            if leased is None or not isinstance(leased.message, OutgoingMail):
                continue
            letter = render_mail(addressed(leased.message), KEYS, at)
            sent_id, text = f"sent-{key.ticket}-{key.item}".replace("#", "-"), text_of(letter)
            letter["Message-ID"] = f"<{sent_id}@eu-west-1.amazonses.com>"
            self.store.mark_sent(Departure(key, self.name, at, sent_id, text))
            left.append(Left(leased.message, letter, text))
        return left

    def counted(self) -> Counter[str]:
        """Return how many letters of each kind were written."""
        return Counter(message.kind for message in self.sent)

    def to(self, audience: Audience) -> list[OutgoingMail]:
        """Return the letters to clients, or to the team."""
        return [mail for mail in self.sent if isinstance(mail, OutgoingMail) and mail.audience is audience]

    def tickets(self) -> list[Ticket]:
        """Return the open tickets in order of arrival."""
        return list(self.store.queue(self.name))

    def withheld(self, ticket: Ticket) -> list[LetterWithheld]:
        """Return what was held back on a ticket."""
        return [event for _, event in self.store.history(ticket.id) if isinstance(event, LetterWithheld)]


def fresh(number: int) -> str:
    """Return words that no other number has, so that no letter repeats another."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    letters = digest.translate(str.maketrans("0123456789abcdef", "бвгдзклмнпрстфхц"))
    return " ".join(f"{letters[at : at + 5]}а" for at in range(0, 40, 5)).capitalize()
