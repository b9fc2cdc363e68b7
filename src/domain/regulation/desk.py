"""A desk as its edition has it: its names and its addresses. Its people are no part of it (see `domain.people`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from domain.addresses import normalise_address, normalise_domain, split_plus
from domain.findings import Value
from domain.regulation.clause import ClauseNumber


def _mailbox(address: str) -> str:
    normal = normalise_address(address)
    local, at, domain = normal.rpartition("@")
    if not at or not local or "." not in domain or split_plus(local)[1] is not None:
        raise ValueError("the address of a mailbox without a plus part, such as support@desk.example.ru")
    return normal


def _host(name: str) -> str:
    normal = normalise_domain(name)
    if not re.fullmatch(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", normal):
        raise ValueError("the name of a server or domain, such as mx.example.ru")
    return normal


DeskAddress = Annotated[str, AfterValidator(normalise_address)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
HostName = Annotated[str, AfterValidator(_host)]


class Forwarder(Value):
    """The company's own server, which forwards the desk's mail to Amazon SES: what it found of a letter is believed."""

    authserv_id: HostName
    """The name by which it begins its Authentication-Results (RFC 8601 section 2.2)."""
    dkim_domain: HostName
    """The domain in whose name it signs what it forwards (`d=` of DKIM-Signature)."""


@dataclass(frozen=True, slots=True)
class Forwarders:
    """The forwarders that the desks of one letter name: one desk's word for a server binds no other desk."""

    by_any: tuple[Forwarder, ...] = ()
    """What they found against a letter counts."""
    by_all: tuple[Forwarder, ...] = ()
    """What they found for it counts as well."""

    @classmethod
    def of(cls, *named: tuple[Forwarder, ...]) -> Self:
        """Return those that desks name, each desk's apart."""
        every = tuple(dict.fromkeys(forwarder for each in named for forwarder in each))
        return cls(every, tuple(one for one in every if all(one in each for each in named)))


class Desk(Value):
    """The support service itself: its names and addresses (MDO 1.5, Storeolis 2.2)."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{2,6}$")]
    """Starts every ticket number: `MDO` in `MDO-7K3F-9QXZ`."""
    name: str
    signature: str
    """The line under every letter of the desk."""
    address: DeskAddress
    aliases: tuple[DeskAddress, ...] = ()
    """Further addresses of the same desk, normalised."""
    receives_at: tuple[Mailbox, ...] = ()
    """Where Amazon SES takes the desk's mail, if that is not the published addresses: a server forwards it there."""
    replies_at: Mailbox | None = None
    """The address that reply tokens are made on, and that clients answer to; None for the published one."""
    forwarders: tuple[Forwarder, ...] = ()
    """The servers that forward the desk's mail, and whose own findings of a letter are believed."""
    clause: ClauseNumber
    """The clause that publishes the address."""
    owner: Annotated[str, Field(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$")] = ""
    """Whose desk it is: the letters of two desks are compared where both name the same owner; empty for none."""
    form_addresses: tuple[DeskAddress, ...] = ()
    """From which contact forms write in a client's name, who stands in Reply-To; the desk's own addresses count as well."""
    cloudwatch_alarm_prefixes: tuple[str, ...] = ()
    """CloudWatch alarms whose name starts so open a critical fault at this desk."""

    @model_validator(mode="after")
    def _answers_come_back(self) -> Self:
        if self.reply_mailbox not in self.addresses:
            raise ValueError("replies_at as one of address, aliases and receives_at, or no answer finds its desk")
        return self

    @property
    def addresses(self) -> frozenset[str]:
        """All addresses at which the desk takes letters, normalised."""
        return frozenset((self.address, *self.aliases, *self.receives_at))

    @property
    def received_at(self) -> tuple[str, ...]:
        """The addresses at which Amazon SES takes the desk's mail: the MX of their domains is SES."""
        return self.receives_at or (self.address, *self.aliases)

    @property
    def reply_mailbox(self) -> str:
        """The address that reply tokens are made on."""
        return self.replies_at or self.address
