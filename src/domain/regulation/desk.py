"""A desk as its edition has it: its names, its addresses, its people."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from domain.addresses import normalise_address
from domain.findings import Value
from domain.regulation.clause import ClauseNumber

DeskAddress = Annotated[str, AfterValidator(normalise_address)]


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
    clause: ClauseNumber
    """The clause that publishes the address."""
    team_address: DeskAddress
    """Where new tickets, warnings and clients' answers go."""
    specialists: tuple[DeskAddress, ...]
    """Who may answer in the desk's name by mail."""
    form_addresses: tuple[DeskAddress, ...] = ()
    """From which contact forms write in a client's name, who stands in Reply-To; the desk's own addresses count as well."""
    cloudwatch_alarm_prefixes: tuple[str, ...] = ()
    """CloudWatch alarms whose name starts so open a critical fault at this desk."""

    @property
    def addresses(self) -> frozenset[str]:
        """All addresses at which the desk takes letters, normalised."""
        return frozenset((self.address, *self.aliases))
