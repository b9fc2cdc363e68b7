"""`reglament oncall`: whose turn it is to be woken, and what is wrong with that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from adapters.people_files import time_zone_of
from adapters.rota_words import channels, of_people, of_rota, said
from cli import printing, standing
from cli.options import Options
from cli.people_file import rota_in
from cli.standing import as_it_will_be, refuse_a_copy_of_another, refuse_problems, save_rota
from cli.target import Failed, Misuse, connect, desk_named, desks_named, instant
from composition import AwsServices
from domain.people import People
from domain.regulation.mailboxes import deployed_mailboxes
from domain.rota import LOOKED_AHEAD, ROLE_OF, Override, ProblemKind, Rota, Shift, on_duty, problems, shifts
from domain.ticket.outgoing import PageLevel

# Showing ---------------------------------------------------------------------------------------------------


def show(options: Options, services: AwsServices, desk: str | None) -> int:
    """Print who is woken now and whose turn it is in the next two weeks."""
    services = connect(options, services)
    now = services.now()
    for desk_id in desks_named(desk):
        people, rota = services.store.standing(desk_id)
        if options.json:
            printing.as_json(as_data(desk_id, people, rota, now))
        else:
            _show(desk_id, people, rota, now)
        standing.warn(services, desk_id, people, rota)
    return 0


def as_data(desk: str, people: People, rota: Rota, now: datetime) -> dict[str, Any]:
    """Return who is woken in the fields that programs rely on."""
    return {
        "desk": desk,
        "version": rota.version,
        "time_zone": rota.time_zone,
        "now": {level.value: [one.name for one in on_duty(rota, people, level, now)] for level in PageLevel},
        "shifts": [
            {**shift.model_dump(mode="json"), "begins": iso(shift.begins, rota), "ends": iso(shift.ends, rota)}
            for level in PageLevel
            for shift in shifts(rota, level, now, now + LOOKED_AHEAD)
        ],
    }


def iso(at: datetime, rota: Rota) -> str:
    """Return an instant by the rota's clock, with its offset."""
    return printing.iso(at, rota.time_zone)


def _show(desk: str, people: People, rota: Rota, now: datetime) -> None:
    print(f"{desk}, by the clock of {rota.time_zone}")
    woken = [(level, on_duty(rota, people, level, now)) for level in PageLevel]
    printing.table(
        [(f"now {level}", channels(people, [one.name for one in who]) or "nobody") for level, who in woken], indent="  "
    )
    for level in PageLevel:
        coming = shifts(rota, level, now, now + LOOKED_AHEAD)
        print(f"  {level}:{'' if coming else f' no rotation: everybody with the role {ROLE_OF[level]}'}")
        printing.table([_row(shift, people, rota) for shift in coming], indent="    ")


def _row(shift: Shift, people: People, rota: Rota) -> tuple[str, ...]:
    zone = ZoneInfo(rota.time_zone)
    begins, ends = (f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}" for at in (shift.begins, shift.ends))
    names = channels(people, shift.persons)
    if not names:
        names = "NOBODY" if rota.of_level(shift.level) else f"everybody with the role {ROLE_OF[shift.level]}"
    return begins, ends, names, f"instead: {shift.reason}" if shift.reason else ""


def check(options: Options, services: AwsServices, desk: str | None) -> int:
    """Print what is wrong with people and rota in the next two weeks; exit status 1 where a page may reach nobody."""
    services = connect(options, services)
    now, domains = services.now(), deployed_mailboxes().receiving_domains
    is_well = True
    for desk_id in desks_named(desk):
        people, rota = services.store.standing(desk_id)
        of_list = [said.line for said in of_people(people, desk_id, domains)]
        found = [(problem, said.line) for problem, said in of_rota(rota, people, desk_id, now)]
        is_well &= not of_list and not any(problem.may_leave_nobody for problem, _ in found)
        if options.json:
            printing.as_json(
                {
                    "desk": desk_id,
                    "people": of_list,
                    "rota": [{**problem.model_dump(mode="json"), "says": line} for problem, line in found],
                }
            )
            continue
        for line in (*of_list, *(line for _, line in found)):
            print(line)
        if not of_list and not found:
            print(f"{desk_id}: somebody who can be reached is on duty at each level for the next two weeks")
    return 0 if is_well else 1


# Changing --------------------------------------------------------------------------------------------------


def set_rota(options: Options, services: AwsServices, file: str, desk: str, *, check: bool, replaces: bool) -> int:
    """Write the rota of a file in place of that which is entered; one with a gap is refused."""
    desk = desk_named(desk)
    written = rota_in(file, desk)
    services = connect(options, services)
    people, before = services.store.standing(desk)
    after = as_it_will_be(written, before, services.now())
    if after != before:
        again = f"reglament people export rota.toml --desk {desk}"
        refuse_a_copy_of_another(file, written.version, before.version, again=again, replaces=replaces)
    refuse_problems(file, desk, after, people, services)
    if after != before and not check:
        save_rota(services, desk, "oncall set", before, after)
    return _told(options, services, desk, people, (before, after), written=not check)


@dataclass(frozen=True, slots=True)
class Asked:
    """An override as it was asked for."""

    level: str | None
    person: str | None
    begins: str | None
    """ISO 8601; None for now."""
    ends: str | None
    reason: str | None


def override(options: Options, services: AwsServices, desk: str, asked: Asked, *, removes: bool) -> int:
    """Let one person be woken in place of whose turn it is, or take back an override that is there at its beginning."""
    desk = desk_named(desk)
    services = connect(options, services)
    people, before = services.store.standing(desk)
    zone, now = before.time_zone if before.version else time_zone_of(desk), services.now()
    begins = instant(asked.begins, zone, "--from") if asked.begins is not None else now
    there = tuple(one for one in before.overrides if one.ends > now)
    if removes:
        overrides = tuple(one for one in there if one.level != asked.level or not one.begins <= begins < one.ends)
        if overrides == there:
            raise Failed(
                f"{desk}, {asked.level}: no override at that time; `reglament oncall show --desk {desk}` lists them"
            )
    else:
        overrides = (*there, _wanted(desk, people, asked, begins, zone))
    after = before.model_copy(update={"time_zone": zone, "overrides": overrides})
    _refuse_new_problems(desk, people, before, after, now)
    save_rota(services, desk, "oncall override", before, after)
    return _told(options, services, desk, people, (before, after), written=True)


def _wanted(desk: str, people: People, asked: Asked, begins: datetime, zone: str) -> Override:
    if asked.person is None or asked.ends is None:
        raise Misuse("--person NAME and --until ISO: say who is woken, and how long")
    person, ends = people.named(asked.person), instant(asked.ends, zone, "--until")
    if person is None:
        known = ", ".join(one.name for one in people.persons) or "nobody is entered"
        raise Failed(f"nobody of {desk} is called {asked.person!r}: {known}")
    if begins >= ends:
        raise Misuse("--until: expected an instant after --from")
    level, reason = PageLevel(asked.level or PageLevel.ON_CALL), asked.reason or ""
    return Override(level=level, person=person.name, begins=begins, ends=ends, reason=reason)


def _refuse_new_problems(desk: str, people: People, before: Rota, after: Rota, now: datetime) -> None:
    """Refuse what is wrong with an override itself; what was wrong with the rota before is no reason against it."""
    until = max([now + LOOKED_AHEAD, *(one.ends for one in after.overrides)])
    known = problems(before, people, now, until)
    new = (one for one in problems(after, people, now, until) if one not in known)
    grave = [one for one in new if one.kind in _OF_AN_OVERRIDE]
    if grave:
        lines = "\n".join(said(one, desk, after.time_zone).line for one in grave)
        raise Failed(f"the override is refused, and nothing was written:\n{lines}")


_OF_AN_OVERRIDE = frozenset({ProblemKind.NO_ROLE, ProblemKind.NO_CHANNEL, ProblemKind.OVERLAP})


def _told(
    options: Options,
    services: AwsServices,
    desk: str,
    people: People,
    rotas: tuple[Rota, Rota],
    *,
    written: bool,
) -> int:
    before, after = rotas
    now = services.now()
    if options.json:
        printing.as_json({**as_data(desk, people, after, now), "changed": after != before, "written": written})
    else:
        _show(desk, people, after, now)
        if after == before:
            print("nothing to change")
        elif not written:
            print("nothing was written")
    standing.warn(services, desk, people, after)
    return 0
