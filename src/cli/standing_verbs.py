"""`reglament people` and `reglament oncall`: arguments and help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.command import FILE, ONE_DESK, Verbs
from cli.options import Options

if TYPE_CHECKING:
    from composition import AwsServices

_DESK = click.option("--desk", required=True, metavar="D", help="the desk, by its id or ticket prefix")
_CHECK = click.option("--check", is_flag=True, help="only check it, against what is entered too; write nothing")
_REPLACE = click.option(
    "--replace", "replaces", is_flag=True, help="write it though it is no copy of what is entered now"
)
_ROLES = click.Choice(["specialist", "lead", "on_call", "escalation"])
_LEVELS = click.Choice(["on_call", "escalation"])


@click.group(cls=Verbs)
def people() -> None:
    """Who answers at a desk and who is woken: list, add, remove, team, import, export, history."""


@people.command("list", example="reglament people list --desk STO")
@ONE_DESK
def people_list(options: Options, services: AwsServices, *, desk: str | None) -> int:
    """The people of a desk: names, roles, addresses, phones."""
    from cli import people as verbs

    return verbs.list_people(options, services, desk)


@people.command(
    "add", example="reglament people add 'Анна Смирнова' --desk STO --address anna@example.ru --role specialist"
)
@click.argument("name", metavar="NAME")
@_DESK
@click.option("--address", "addresses", multiple=True, metavar="ADDRESS", help="may be repeated; pages go to the first")
@click.option("--phone", metavar="PHONE", help="pages go there by SMS")
@click.option("--role", "roles", multiple=True, type=_ROLES, help="may be repeated")
def people_add(
    options: Options,
    services: AwsServices,
    *,
    name: str,
    desk: str,
    addresses: tuple[str, ...],
    phone: str | None,
    roles: tuple[str, ...],
) -> int:
    """Write one person, in place of the one of that name."""
    from cli import people as verbs

    return verbs.add(options, services, name, desk, addresses=addresses, phone=phone, roles=roles)


@people.command("remove", example="reglament people remove 'Анна Смирнова' --desk STO")
@click.argument("name", metavar="NAME")
@_DESK
def people_remove(options: Options, services: AwsServices, *, name: str, desk: str) -> int:
    """Remove one person."""
    from cli import people as verbs

    return verbs.remove(options, services, name, desk)


@people.command("team", example="reglament people team team@example.ru --desk STO")
@click.argument("address", metavar="ADDRESS")
@_DESK
def people_team(options: Options, services: AwsServices, *, address: str, desk: str) -> int:
    """Write where the desk's cards and warnings go."""
    from cli import people as verbs

    return verbs.team(options, services, address, desk)


@people.command("import", example="reglament people import people.toml --desk STO")
@click.argument("file", type=FILE, metavar="FILE.toml")
@_DESK
@_CHECK
@_REPLACE
def people_import(options: Options, services: AwsServices, *, file: str, desk: str, check: bool, replaces: bool) -> int:
    """Write a file of people, and their rota where it has one, in place of what is entered: all of it or nothing."""
    from cli import people as verbs

    return verbs.import_file(options, services, file, desk, check=check, replaces=replaces)


@people.command("export", example="reglament people export people.toml --desk STO")
@click.argument("file", default="-", type=FILE, metavar="[FILE.toml]", help="- or none for standard output")
@_DESK
@click.option("--force", is_flag=True, help="write over a file that is there")
def people_export(options: Options, services: AwsServices, *, file: str, desk: str, force: bool) -> int:
    """Write the people and the rota of a desk to a file that `people import` and `oncall set` read."""
    from cli import people as verbs

    return verbs.export(options, services, file, desk, force=force)


@people.command("history", example="reglament people history --desk STO")
@_DESK
def people_history(options: Options, services: AwsServices, *, desk: str) -> int:
    """Who changed what of the people and the rota of a desk, the latest first."""
    from cli import people as verbs

    return verbs.history(options, services, desk)


@click.group(cls=Verbs)
def oncall() -> None:
    """Whose turn it is to be woken: show, check, set, override, drill."""


@oncall.command("show", example="reglament oncall show --desk MDO")
@ONE_DESK
def oncall_show(options: Options, services: AwsServices, *, desk: str | None) -> int:
    """Who is woken now, and whose turn it is in the next two weeks."""
    from cli import oncall as verbs

    return verbs.show(options, services, desk)


@oncall.command("check", example="reglament oncall check")
@ONE_DESK
def oncall_check(options: Options, services: AwsServices, *, desk: str | None) -> int:
    """What is wrong with people and rota in the next two weeks; exit status 1 where a page may not reach whom it should."""
    from cli import oncall as verbs

    return verbs.check(options, services, desk)


@oncall.command("set", example="reglament oncall set rota.toml --desk MDO")
@click.argument("file", type=FILE, metavar="FILE.toml")
@_DESK
@_CHECK
@_REPLACE
def oncall_set(options: Options, services: AwsServices, *, file: str, desk: str, check: bool, replaces: bool) -> int:
    """Write the rota of a file in place of that which is entered; a gap and a person without a channel are refused."""
    from cli import oncall as verbs

    return verbs.set_rota(options, services, file, desk, check=check, replaces=replaces)


@oncall.command(
    "override",
    example="reglament oncall override --desk MDO --person 'Анна' --from 2027-01-01T00:00 --until 2027-01-02T00:00",
)
@_DESK
@click.option("--level", type=_LEVELS, default="on_call", show_default=True)
@click.option("--person", metavar="NAME", help="who is woken instead")
@click.option("--from", "begins", metavar="ISO", help="by the rota's clock if without offset (default: now)")
@click.option("--until", "ends", metavar="ISO", help="the same")
@click.option("--reason", metavar="TEXT", help="shown beside it")
@click.option("--remove", "removes", is_flag=True, help="take back the override at the time of --from")
def oncall_override(
    options: Options, services: AwsServices, /, *, desk: str, removes: bool, **asked: str | None
) -> int:
    """Let one person be woken in place of whose turn it is, for some time; or take that back."""
    from cli import oncall as verbs

    return verbs.override(options, services, desk, verbs.Asked(**asked), removes=removes)


@oncall.command("drill", example="reglament oncall drill --desk MDO")
@_DESK
@click.option("--minutes", type=int, default=15, show_default=True, metavar="N", help="how long to wait for an answer")
def oncall_drill(options: Options, services: AwsServices, *, desk: str, minutes: int) -> int:
    """Wake whose turn it is by a fault that is marked as an exercise, and time it; exit status 1 where nobody answers.

    The fault goes the way of any monitor's. It is over once somebody has acknowledged it, or with this command.
    """
    from cli.oncall_drill import drill

    return drill(options, services, desk, minutes)
