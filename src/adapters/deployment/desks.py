"""The desks of this version as the checks look at them: those of now, their people, and their addresses for people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.addresses import display_address
from domain.regulation.desk import Desk
from domain.regulation.editions import desk_ids, edition_serving


def serving(now: datetime) -> tuple[Desk, ...]:
    """Return the desks as the editions have them by which they work now."""
    return tuple(edition_serving(desk, now).desk for desk in desk_ids())


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
