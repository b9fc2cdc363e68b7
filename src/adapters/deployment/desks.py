"""The desks as the checks look at them: those of this version as they are now, and their people, who are in the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from adapters.deployment.stack import Deployment
from domain.addresses import display_address
from domain.people import People
from domain.regulation.desk import Desk
from domain.regulation.editions import desk_ids, edition_serving
from domain.rota import ROLE_OF, Rota


def serving(now: datetime) -> tuple[Desk, ...]:
    """Return the desks as the editions have them by which they work now."""
    return tuple(edition_serving(desk, now).desk for desk in desk_ids())


def standing(deployment: Deployment) -> Mapping[str, tuple[People, Rota]]:
    """Return the people and the rota of each desk, as the table has them: one BatchGetItem a desk, asked once."""
    return deployment.once("standing", lambda: _standing(deployment))


def _standing(deployment: Deployment) -> Mapping[str, tuple[People, Rota]]:
    from adapters.dynamodb import DynamoTable

    table, shards = deployment.output("Table"), int(deployment.output("DueShards"))
    store = DynamoTable(deployment.client("dynamodb"), table, shards)
    return {desk: store.standing(desk) for desk in desk_ids()}


def mailboxes_of_people(deployment: Deployment) -> tuple[str, ...]:
    """Return the mailboxes of the teams and of all their people."""
    return tuple(sorted({address for people, _ in standing(deployment).values() for address in people.addresses}))


def phones(deployment: Deployment) -> set[str]:
    """Return the telephones to which pages go by SMS, whoever's turn it is."""
    woken = (
        person
        for people, _ in standing(deployment).values()
        for role in ROLE_OF.values()
        for person in people.with_role(role)
    )
    return {person.phone for person in woken if person.phone}


def domains_of(addresses: Iterable[str]) -> tuple[str, ...]:
    """Return the domains of normalised addresses."""
    return tuple(sorted({address.rpartition("@")[2] for address in addresses}))


def shown(address: str) -> str:
    """Return an address, or a domain, for people."""
    return display_address(address if "@" in address else f"@{address}").removeprefix("@")


def listed(addresses: Iterable[str]) -> str:
    """Return addresses or domains for people, in a row."""
    return ", ".join(map(shown, addresses))
