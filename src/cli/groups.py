"""`reglament client` and `reglament regulation`, the verbs that come in groups, and `journal`: arguments and help."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from cli.command import FILE, ONE_DESK, Verb, Verbs
from cli.options import Options

if TYPE_CHECKING:
    from composition import AwsServices

# The registry of clients -----------------------------------------------------------------------------------


@click.group(cls=Verbs)
def client() -> None:
    """The registry: import, export, list, show, add, remove."""


@client.command("import", example="reglament client import clients.csv --desk storeolis")
@click.argument("file", type=FILE, metavar="FILE.csv")
@click.option("--desk", metavar="D", help="whose clients they are, where the file has no column `desk`")
@click.option("--check", is_flag=True, help="only check it, against the registry too; write nothing")
def client_import(options: Options, services: AwsServices, *, file: str, desk: str | None, check: bool) -> int:
    """Write a file of clients into the registry: all of it, or nothing where anything is wrong with it."""
    from cli import registry_file

    return registry_file.import_file(options, services, file, desk, check=check)


@client.command("export", example="reglament client export clients.csv --desk storeolis")
@click.argument("file", default="-", type=FILE, metavar="[FILE.csv]", help="- or none for standard output")
@ONE_DESK
@click.option("--excel", is_flag=True, help="with a byte order mark and semicolons, for Excel")
@click.option("--force", is_flag=True, help="write over a file that is there")
def client_export(
    options: Options, services: AwsServices, *, file: str, desk: str | None, excel: bool, force: bool
) -> int:
    """Write the clients of the registry to a file that `client import` reads."""
    from cli import registry_file

    return registry_file.export(options, services, file, desk, excel=excel, force=force)


@client.command("list", example="reglament client list --desk STO")
@ONE_DESK
def client_list(options: Options, services: AwsServices, *, desk: str | None) -> int:
    """The clients of a desk."""
    from cli import registry

    return registry.list_clients(options, services, desk)


@client.command("show", example="reglament client show K-17")
@click.argument("client_id", required=False, metavar="[ID]")
@click.option("--address", metavar="ADDRESS", help="whoever writes from this address, registered or not")
@ONE_DESK
def client_show(
    options: Options, services: AwsServices, *, client_id: str | None, address: str | None, desk: str | None
) -> int:
    """One client, how many of its requests count this month, and its latest tickets."""
    from cli import registry

    return registry.show(options, services, client_id, address, desk)


def _columns(verb: Callable[..., int]) -> Callable[..., int]:
    """Let a verb take the columns of the file that `client import` reads, one option each."""
    several = {"address": "addresses", "phone": "phones", "inn": "inn", "site": "sites", "service": "services"}
    for option, column in reversed(several.items()):
        verb = click.option(f"--{option}", column, multiple=True, metavar=option.upper(), help="may be repeated")(verb)
    for column in ("offer_accepted_on", "contract", "position", "organisation", "full_name", "name", "kind"):
        verb = click.option(f"--{column.replace('_', '-')}", column, default="", metavar=column.upper())(verb)
    return verb


@client.command(
    "add", example="reglament client add K-17 --desk STO --address shop@example.ru --phone '+7 912 000-00-00'"
)
@click.argument("client_id", metavar="ID")
@click.option("--desk", required=True, metavar="D")
@_columns
def client_add(
    options: Options, services: AwsServices, /, *, client_id: str, desk: str, **columns: str | tuple[str, ...]
) -> int:
    """Write one client, in place of what the registry has under its id."""
    from cli import registry

    cells = {name: cell if isinstance(cell, str) else ";".join(cell) for name, cell in columns.items()}
    return registry.add(options, services, client_id, desk, cells)


@client.command("remove", example="reglament client remove K-17 --desk STO")
@click.argument("client_id", metavar="ID")
@click.option("--desk", required=True, metavar="D")
def client_remove(options: Options, services: AwsServices, *, client_id: str, desk: str) -> int:
    """Remove a client; its tickets stay."""
    from cli import registry

    return registry.remove(options, services, client_id, desk)


# Regulations -----------------------------------------------------------------------------------------------


@click.group(cls=Verbs)
def regulation() -> None:
    """The published regulations as data: check, show, addresses."""


@regulation.command("check", example="reglament regulation check src/domain/desks/storeolis")
@click.argument("files", nargs=-1, type=FILE, metavar="[FILE.toml]...", help="an edition, or a folder of them")
def regulation_check(options: Options, services: AwsServices, *, files: tuple[str, ...]) -> int:
    """Check editions, each alone and those of one desk together; without a file, those that ship."""
    from cli import regulations

    return regulations.check(options, services, files)


@regulation.command("show", example="reglament regulation show MDO")
@click.argument("desk", metavar="D")
@click.option("--at", metavar="ISO", help="in force at this instant (default: now)")
def regulation_show(options: Options, services: AwsServices, *, desk: str, at: str | None) -> int:
    """The edition of a desk in force."""
    from cli import regulations

    return regulations.show(options, services, desk, at)


@regulation.command(
    "addresses", example="reglament regulation addresses --listed support@desk.example.ru,support@example.ru"
)
@click.option("--listed", metavar="A,B,…", help="compare this value of DeskAddresses; exit status 1 where it differs")
def regulation_addresses(options: Options, services: AwsServices, *, listed: str | None) -> int:
    """The addresses that a deployment has to take and to send for."""
    from cli import mailboxes

    return mailboxes.addresses(options, services, listed)


# What was done --------------------------------------------------------------------------------------------


@click.command(cls=Verb, example="reglament journal --month 2026-11")
@click.option("--month", metavar="YYYY-MM", help="the month, by UTC (default: this one)")
def journal(options: Options, services: AwsServices, *, month: str | None) -> int:
    """Who did what that no ticket's history tells: to the registry, to letters set aside, to queues."""
    from cli.journal import show

    return show(options, services, month)
