"""What is to be mailed or paged: values that the outbox keeps until they are sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from domain.findings import Value

OFFERED_AGAIN_AFTER = timedelta(minutes=3)
"""How long the stream has to deliver a letter before the sweep offers it again."""
PAGE_OFFERED_AGAIN_AFTER = timedelta(minutes=1)
"""The same for a page: with the minute between two sweeps, what nobody tries is noticed within two minutes."""


class Audience(StrEnum):
    """For whom a letter is; it decides what the reply token in it lets its holder do."""

    CLIENT = "client"
    TEAM = "team"
    FAULT = "fault"
    """Who is woken for a fault, or told of it: an answer acts on the fault."""


class PageLevel(StrEnum):
    """Whom a page wakes."""

    ON_CALL = "on_call"
    ESCALATION = "escalation"


class OutgoingMail(Value):
    """One letter, not yet worded: the template's name and what it fills in."""

    outbox: Literal["mail"] = "mail"
    kind: str
    """Name of the template in the desk's `messages` folder."""
    desk: str
    edition: str
    ticket: str
    audience: Audience
    to: str
    """Normalised address; empty for the desk's team, wherever that is reached as the letter leaves."""
    to_name: str = ""
    subject: str
    """The client's own subject; the template words the letter's."""
    clause: str | None = None
    params: dict[str, str | tuple[str, ...]] = {}
    references: tuple[str, ...] = ()
    """Message ids of the thread, the one that is answered last (RFC 5322 section 3.6.4)."""
    automatic: bool = True
    """True unless a specialist wrote it: automatic letters say so in their headers (RFC 3834)."""
    asked_at: datetime | None = None
    """The wait that it is about, by `LapseClock.asked_at`."""
    due: datetime | None = None
    """The instant that it promises or names. A letter that leaves later says so (see `departure`)."""


class OutgoingPage(Value):
    """One page to whoever is on call."""

    outbox: Literal["page"] = "page"
    kind: str
    desk: str
    edition: str
    ticket: str
    """The ticket of the first report."""
    fault: str = ""
    """The number of the fault; empty where an earlier version wrote it for a ticket alone."""
    level: PageLevel
    clause: str | None = None
    params: dict[str, str | tuple[str, ...]] = {}
    number: int = 0
    """Its place among the pages of this level that the fault writes, from 1; 0 where they were not counted."""
    since: datetime | None = None
    """When its series of pages began, by which those of a fault differ; None where only `params` say it, in words."""
    due: datetime | None = None
    """Until when the desk promises an answer to the fault."""


Outgoing = OutgoingMail | OutgoingPage

OUTGOING: TypeAdapter[Outgoing] = TypeAdapter(Annotated[Outgoing, Field(discriminator="outbox")])
"""Reads an outgoing item back from what was stored."""


def offered_again_after(outbox: str) -> timedelta:
    """Return how long the stream has to deliver an item of an outbox, `mail` or `page`."""
    return PAGE_OFFERED_AGAIN_AFTER if outbox == "page" else OFFERED_AGAIN_AFTER
