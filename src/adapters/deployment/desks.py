"""What the desks of this version ask of a deployment: which addresses it takes and sends for, and whose mail they need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from domain.addresses import display_address
from domain.regulation.edition import Desk
from domain.regulation.editions import desk_ids, edition_serving, editions


def serving(now: datetime) -> tuple[Desk, ...]:
    """Return the desks as the editions have them by which they work now."""
    return tuple(edition_serving(desk, now).desk for desk in desk_ids())


def received_at(desk: Desk) -> tuple[str, ...]:
    """Return the addresses at which SES takes a desk's mail."""
    return tuple(sorted(desk.addresses))


def sends(desks: Iterable[Desk]) -> tuple[str, ...]:
    """Return the addresses in whose name the desks write."""
    return tuple(sorted({desk.address for desk in desks}))


def receives(desks: Iterable[Desk]) -> tuple[str, ...]:
    """Return the addresses at which SES takes the desks' mail."""
    return tuple(sorted({address for desk in desks for address in received_at(desk)}))


def of_every_edition() -> Iterator[Desk]:
    """Return the desks of every edition: letters come to an earlier one's address still, and to the next's already."""
    return (edition.desk for desk in desk_ids() for edition in editions(desk))


def people(desks: Iterable[Desk]) -> tuple[str, ...]:
    """Return the mailboxes of the teams and the specialists."""
    return tuple(sorted({mailbox for desk in desks for mailbox in (desk.team_address, *desk.specialists)}))


def domains_of(addresses: Iterable[str]) -> tuple[str, ...]:
    """Return the domains of normalised addresses."""
    return tuple(sorted({address.rpartition("@")[2] for address in addresses}))


def shown(address: str) -> str:
    """Return an address, or a domain, for people."""
    return display_address(address if "@" in address else f"@{address}").removeprefix("@")


def listed(addresses: Iterable[str]) -> str:
    """Return addresses or domains for people, in a row."""
    return ", ".join(map(shown, addresses))
