"""`reglament people`: who answers at a desk, who leads, who is woken."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from adapters.people_files import as_toml
from application.storage import StandingChange
from cli import printing, standing
from cli.options import Options
from cli.people_file import people_in
from cli.standing import as_it_will_be, refuse_a_copy_of_another, refuse_problems, save_people, save_rota
from cli.target import Failed, Misuse, connect, desk_named, desks_named
from composition import AwsServices
from domain.addresses import display_address
from domain.caller import shown_caller
from domain.people import People, Person, Role, is_mail_address
from domain.rota import Rota


def list_people(options: Options, services: AwsServices, desk: str | None) -> int:
    """Print the people of the desks."""
    services = connect(options, services)
    for desk_id in desks_named(desk):
        people, rota = services.store.standing(desk_id)
        if options.json:
            printing.as_json(as_data(desk_id, people))
        else:
            print(f"{desk_id}: team {display_address(people.team_address) or 'not entered'}")
            printing.table([_row(person) for person in people.persons], indent="  ")
        standing.warn(services, desk_id, people, rota)
    return 0


def as_data(desk: str, people: People) -> dict[str, Any]:
    """Return the people of a desk in the fields that programs rely on."""
    return {"desk": desk, **people.model_dump(mode="json")}


def _row(person: Person) -> tuple[str, ...]:
    addresses = ", ".join(map(display_address, person.addresses))
    return person.name, ", ".join(person.roles) or "no role", addresses or "no address", person.phone or "no phone"


# One person ------------------------------------------------------------------------------------------------


def add(
    options: Options,
    services: AwsServices,
    name: str,
    desk: str,
    *,
    addresses: Sequence[str],
    phone: str | None,
    roles: Sequence[str],
) -> int:
    """Write one person, in place of the one of that name."""
    desk = desk_named(desk)
    try:
        person = Person(name=name, addresses=tuple(addresses), phone=phone, roles=tuple(map(Role, roles)))
    except ValidationError as error:
        raise Misuse("; ".join(map(_says, error.errors()))) from error

    def with_person(before: People) -> People:
        there = before.named(person.name)
        persons = tuple(person if one is there else one for one in before.persons)
        return _valid(before, persons=persons if there is not None else (*persons, person))

    return _change(options, services, desk, "people add", with_person)


def _says(item: Any) -> str:
    option = {"addresses": "--address", "phone": "--phone", "roles": "--role"}.get(str(item["loc"][0]), "NAME")
    return f"{option}: found {item['input']!r}, expected {str(item['msg']).removeprefix('Value error, ')}"


def remove(options: Options, services: AwsServices, name: str, desk: str) -> int:
    """Remove one person; who is in the rota is named by its warnings."""
    desk = desk_named(desk)

    def without_person(before: People) -> People:
        there = before.named(name)
        if there is None:
            raise Failed(
                f"nobody of {desk} is called {name!r}: {', '.join(one.name for one in before.persons) or 'nobody is entered'}"
            )
        return _valid(before, persons=tuple(one for one in before.persons if one is not there))

    return _change(options, services, desk, "people remove", without_person)


def team(options: Options, services: AwsServices, address: str, desk: str) -> int:
    """Write where the cards and warnings of a desk go; never nowhere, as by a variable of the shell that is not set."""
    if not is_mail_address(address):
        raise Misuse(f"ADDRESS: found {address!r}, expected a mail address such as team@example.ru")
    return _change(
        options, services, desk_named(desk), "people team", lambda before: _valid(before, team_address=address)
    )


def _valid(before: People, **changes: Any) -> People:
    """Return the people with a change; raises Failed where that gives two persons one name or one address."""
    try:
        return People.model_validate({**dict(before), **changes})
    except ValidationError as error:
        raise Failed("; ".join(str(one["msg"]).removeprefix("Value error, ") for one in error.errors())) from error


def _change(options: Options, services: AwsServices, desk: str, what: str, change: Callable[[People], People]) -> int:
    services = connect(options, services)
    before, rota = services.store.standing(desk)
    after = change(before)
    if after != before:
        save_people(services, desk, what, before, after)
    _tell(options, desk, before, after)
    standing.warn(services, desk, after, rota)
    return 0


def _tell(options: Options, desk: str, before: People, after: People) -> None:
    if options.json:
        printing.as_json({"desk": desk, **differences(before, after)})
        return
    print(f"{desk}: {_in_words(differences(before, after))}")


def differences(before: People, after: People) -> dict[str, Any]:
    """Return by names what differs between two lists of people."""
    old, new = ({person.name.casefold(): person for person in one.persons} for one in (before, after))
    return {
        "added": [new[name].name for name in new if name not in old],
        "changed": [new[name].name for name in new if name in old and new[name] != old[name]],
        "removed": [old[name].name for name in old if name not in new],
        "team_address": after.team_address if after.team_address != before.team_address else None,
    }


def _in_words(differs: dict[str, Any]) -> str:
    said = [f"{what} {', '.join(differs[what])}" for what in ("added", "changed", "removed") if differs[what]]
    if differs["team_address"]:
        said.append(f"team {display_address(differs['team_address'])}")
    return "; ".join(said) or "nothing to change"


# Files -----------------------------------------------------------------------------------------------------


def import_file(options: Options, services: AwsServices, file: str, desk: str, *, check: bool, replaces: bool) -> int:
    """Write the people of a file in place of those that are entered, and their rota where the file has one.

    Running it again changes nothing. What is wrong with the rota refuses the whole file.
    """
    desk = desk_named(desk)
    written = people_in(file, desk)
    services = connect(options, services)
    before, rota = services.store.standing(desk)
    people = written.people.model_copy(update={"version": before.version})
    after_rota = rota
    again = f"reglament people export {file} --desk {desk} --force"
    if people != before:
        refuse_a_copy_of_another(file, written.version, before.version, again=again, replaces=replaces)
    if written.rota is not None:
        after_rota = as_it_will_be(written.rota, rota, services.now())
        if after_rota != rota:
            refuse_a_copy_of_another(file, written.rota.version, rota.version, again=again, replaces=replaces)
        refuse_problems(file, desk, after_rota, people, services)
    if not check and people != before:
        save_people(services, desk, "people import", before, people)
    if not check and after_rota != rota:
        save_rota(services, desk, "people import", rota, after_rota)
    _tell_imported(options, desk, (before, people), (rota, after_rota), check=check)
    standing.warn(services, desk, people, after_rota)
    return 0


def _tell_imported(
    options: Options, desk: str, people: tuple[People, People], rotas: tuple[Rota, Rota], *, check: bool
) -> None:
    differs = differences(*people)
    changes_rota = rotas[0] != rotas[1]
    if options.json:
        printing.as_json({"desk": desk, **differs, "rota_changed": changes_rota, "written": not check})
        return
    words = [_in_words(differs)] if people[0] != people[1] else []
    words += ["the rota is another"] if changes_rota else []
    print(f"{desk}: {'; '.join(words) or 'nothing to change'}{' (nothing was written)' if check else ''}")


def export(options: Options, services: AwsServices, file: str, desk: str, *, force: bool) -> int:
    """Write the people and the rota of a desk to a file, or to standard output, as `people import` reads them."""
    desk = desk_named(desk)
    services = connect(options, services)
    people, rota = services.store.standing(desk)
    if options.json:
        printing.as_json({**as_data(desk, people), "rota": rota.model_dump(mode="json")})
        return 0
    if not people.version:
        raise Failed(f"{desk}: nobody is entered yet; a file to begin with is src/domain/desks/{desk}/people.toml")
    if file == "-":
        sys.stdout.write(as_toml(people, rota))
        return 0
    path = Path(file)
    if path.exists() and not force:
        raise Failed(f"{file}: there is such a file already; --force writes over it")
    try:
        path.touch(mode=0o600)  # it is full of personal data
        path.write_text(as_toml(people, rota), "utf-8")
    except OSError as error:
        raise Misuse(f"{file}: {error.strerror or error}") from error
    print(f"{file}: {printing.count(len(people.persons), 'person')} of {desk}")
    return 0


# History ---------------------------------------------------------------------------------------------------


def history(options: Options, services: AwsServices, desk: str) -> int:
    """Print what was changed of the people and the rota of a desk, the latest first."""
    desk = desk_named(desk)
    services = connect(options, services)
    rows = []
    for change in services.store.standing_changes(desk):
        if options.json:
            before, after = json.loads(change.before), json.loads(change.after)
            printing.as_json({"desk": desk, **change.model_dump(mode="json"), "before": before, "after": after})
        else:
            rows.append(
                (printing.moment(change.at, "UTC"), change.what, shown_caller(change.caller), _what_changed(change))
            )
    printing.table(rows)
    if not rows and not options.json:
        print(f"{desk}: nothing was ever changed")
    return 0


def _what_changed(change: StandingChange) -> str:
    if "rotations" in json.loads(change.after):
        before, after = Rota.model_validate_json(change.before), Rota.model_validate_json(change.after)
        return f"rota: rotations {len(before.rotations)} -> {len(after.rotations)}, overrides {len(before.overrides)} -> {len(after.overrides)}"
    return _in_words(differences(People.model_validate_json(change.before), People.model_validate_json(change.after)))
