"""The people of desks and their rota: an item each, and an entry for each change of them."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.dynamodb import keys
from adapters.dynamodb.items import Item, body, number, stored, stored_or
from adapters.dynamodb.table import Table
from adapters.dynamodb.writes import IF_NEW, if_new_or_version, put
from application.storage import Condition, Conflict, StandingChange
from domain.people import People
from domain.rota import Rota


class PeopleOfDesks(Table):
    """Who is at a desk, and whose turn it is."""

    def people(self, desk: str) -> People:
        """Return the people of a desk, `NOBODY` where none are entered: one consistent GetItem."""
        return stored_or(self._get(keys.people(desk)), People)

    def rota(self, desk: str) -> Rota:
        """Return the rota of a desk, an empty one where there is none: one consistent GetItem."""
        return stored_or(self._get(keys.rota(desk)), Rota)

    def standing(self, desk: str) -> tuple[People, Rota]:
        """Return both: one BatchGetItem."""
        people, rota = keys.people(desk), keys.rota(desk)
        got = self._batch_get([people, rota])
        return stored_or(got.get(keys.flat(people)), People), stored_or(got.get(keys.flat(rota)), Rota)

    def save_people(self, desk: str, before: People, after: People, change: StandingChange) -> None:
        """Write the people of a desk and what changed: one transaction; raises Conflict, or TooLarge."""
        self._save_standing(keys.people(desk), before, after, change, Condition.PEOPLE)

    def save_rota(self, desk: str, before: Rota, after: Rota, change: StandingChange) -> None:
        """Write the rota of a desk and what changed: one transaction; raises Conflict, or TooLarge."""
        self._save_standing(keys.rota(desk), before, after, change, Condition.ROTA)

    def _save_standing(
        self, key: Item, before: People | Rota, after: People | Rota, change: StandingChange, condition: Condition
    ) -> None:
        version = before.version + 1
        item = {**key, "version": number(version), "body": body(after.model_copy(update={"version": version}))}
        conflict = Conflict(condition=condition)
        entry = {**keys.standing_change(key, version, change.at), "body": body(change)}
        self._transact([put(item, if_new_or_version(before.version), conflict), put(entry, IF_NEW, conflict)])

    def standing_changes(self, desk: str) -> Iterator[StandingChange]:
        """Return what was changed of a desk's people and rota, the latest first: one Query a page."""
        for item in self._query(pk=keys.people(desk)["pk"]["S"], prefix="CHANGE#", backwards=True):
            yield stored(item, StandingChange)
