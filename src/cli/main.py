"""`reglament`: the desk at the command line. The verbs, their arguments and their help; each verb's work is elsewhere.

Modules are imported when their verb runs, so that help and completion are quick and what needs no AWS loads no SDK.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from cli.command import FILE, FOLDER, INTERRUPTED, ONE_DESK, Given, Verbs, common_options
from cli.deployment import doctor, subscriptions
from cli.fault_verbs import FAULTS
from cli.groups import client, journal, regulation
from cli.options import Options
from cli.recovery_verbs import RECOVERY
from cli.standing_verbs import oncall, people

if TYPE_CHECKING:
    from composition import AwsServices

EXIT = """\
exit status: 0 done; 1 refused, or not to be had (the reason is on standard error); 2 misuse
docs: docs/command-line.md"""


def main(argv: Sequence[str] | None = None, services: AwsServices | None = None) -> int:
    """Run one command line and return its exit status.

    `services` gives the environment and the clock; None for those of the process.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Letters hold every character there is, whatever the terminal can show.
            stream.reconfigure(errors="backslashreplace")
    try:
        status: int = root.main(
            argv,
            prog_name="reglament",
            standalone_mode=False,
            windows_expand_args=False,  # a text may hold `*` and `?`
            obj=Given(Options(), lambda: services or _of_this_process()),
        )
    except click.ClickException as misuse:
        misuse.show()
        return misuse.exit_code
    except click.Abort:
        return INTERRUPTED
    return status


def _of_this_process() -> AwsServices:
    from composition import AwsServices, environment

    return AwsServices(environment())


@click.group(cls=Verbs, params=common_options(), epilog=EXIT, context_settings={"help_option_names": ["-h", "--help"]})
def root() -> None:
    """The support desk at the command line: for specialists, and for whoever runs it."""


# What several verbs take -----------------------------------------------------------------------------------

_ticket = click.argument("ticket_id", metavar="ID", help="the ticket's number, in any case, with or without dashes")
_by = click.option(
    "--by",
    metavar="NAME",
    help="the name to show (default: yours); history records beside it who you are by your credentials",
)


def _text(*, required: bool = False) -> Callable[[Callable[..., int]], Callable[..., int]]:
    otherwise = "else standard input" if required else "none if left out"
    argument = click.argument("text", required=False, metavar="[TEXT]", help=f"the text; or --file, {otherwise}")
    option = click.option(
        "--file", type=FILE, metavar="FILE", help="a file with the text, in UTF-8; - for standard input"
    )
    return lambda verb: argument(option(verb))


# What would the desk do ------------------------------------------------------------------------------------


@root.command(example="reglament explain letters/ --desk storeolis --json")
@click.argument(
    "files", nargs=-1, required=True, type=FILE, metavar="FILE...", help="a letter (.eml), or a folder of letters"
)
@click.option("--desk", metavar="D", help="the desk; else the addressees of each letter say which")
@click.option("--clients", type=FILE, metavar="FILE.csv", help="a registry of clients, as `client import` reads it")
@click.option(
    "--people", "people_file", type=FILE, metavar="FILE.toml", help="the desk's people, as `people import` reads them"
)
@click.option("--at", metavar="ISO", help="when the letters arrive; else their Date, else now")
def explain(
    options: Options,
    services: AwsServices,
    *,
    files: tuple[str, ...],
    desk: str | None,
    clients: str | None,
    people_file: str | None,
    at: str | None,
) -> int:
    """Read letters as if they had just arrived and print what the desk would do and why; touches nothing."""
    from cli.explain import run

    return run(options, services, files, desk, clients, at, people=people_file)


@root.command(example="reglament deadline --desk MDO --at 2024-12-28T16:00")
@click.option("--desk", required=True, metavar="D", help="the desk, by its id or ticket prefix")
@click.option("--at", required=True, metavar="ISO", help="the arrival; by the desk's clock if without offset")
@click.option("--critical", is_flag=True, help="a fault judged critical")
def deadline(options: Options, services: AwsServices, *, desk: str, at: str, critical: bool) -> int:
    """When the reaction to a letter would be due, and which time counts towards it."""
    from cli import clocks

    return clocks.deadline(options, services, desk, at, critical=critical)


# Looking ---------------------------------------------------------------------------------------------------


@root.command(example="reglament queue --desk MDO")
@ONE_DESK
def queue(options: Options, services: AwsServices, *, desk: str | None) -> int:
    """The open tickets in order of arrival."""
    from cli import tickets

    return tickets.queue(options, services, desk)


@root.command(example="reglament show mdo7k3f9qxz")
@_ticket
@click.option("--whole", is_flag=True, help="all of what was taken for correspondence, and not its beginning")
def show(options: Options, services: AwsServices, *, ticket_id: str, whole: bool) -> int:
    """One ticket: who asks, what the rules found, what was written."""
    from cli import tickets

    return tickets.show(options, services, ticket_id, whole=whole)


@root.command(example="reglament history mdo7k3f9qxz")
@_ticket
def history(options: Options, services: AwsServices, *, ticket_id: str) -> int:
    """Everything that happened to a ticket, in order."""
    from cli import tickets

    return tickets.history(options, services, ticket_id)


@root.command(example="reglament clock mdo7k3f9qxz")
@_ticket
def clock(options: Options, services: AwsServices, *, ticket_id: str) -> int:
    """The clocks of a ticket, and which time counted."""
    from cli import clocks

    return clocks.clock(options, services, ticket_id)


@root.command(example="reglament attachment mdo7k3f9qxz 1.2 --save downloads")
@_ticket
@click.argument("which", required=False, metavar="[WHICH]", help="one file, by its number or name (default: list them)")
@click.option("--letter", type=int, metavar="N", help="of one letter only, counted from 1")
@click.option("--save", type=FOLDER, metavar="DIR", help="save to this folder: WHICH, or all of them")
@click.option("-o", "--output", type=FILE, metavar="FILE", help="write WHICH to this file; - for standard output")
@click.option("--force", is_flag=True, help="write over files that are there")
def attachment(
    options: Options,
    services: AwsServices,
    *,
    ticket_id: str,
    which: str | None,
    letter: int | None,
    save: str | None,
    output: str | None,
    force: bool,
) -> int:
    """List the files that came with a ticket's letters, or save one or all of them."""
    from cli.attachments import run

    return run(options, services, ticket_id, which=which, letter=letter, save=save, output=output, force=force)


# A specialist's acts ---------------------------------------------------------------------------------------


def _writing_act(name: str, says: str, example: str) -> None:
    """Declare an act that is nothing without a text."""

    @root.command(name, help=says, example=example)
    @_ticket
    @_text(required=True)
    @_by
    def act(
        options: Options, services: AwsServices, *, ticket_id: str, text: str | None, file: str | None, by: str | None
    ) -> int:
        from cli.acts import Asked, run

        return run(options, services, Asked(name, ticket_id, by, text, file))


def _plain_act(name: str, says: str) -> None:
    """Declare an act that needs no word."""

    @root.command(name, help=says, example=f"reglament {name} MDO-7K3F-9QXZ")
    @_ticket
    @_by
    def act(options: Options, services: AwsServices, *, ticket_id: str, by: str | None) -> int:
        from cli.acts import Asked, run

        return run(options, services, Asked(name, ticket_id, by))


_writing_act("reply", "Answer the client; the reaction clock stops.", "reglament reply MDO-7K3F-9QXZ 'Исправлено.'")
_writing_act("ask", "Ask the client something and wait for the answer.", "reglament ask MDO-7K3F-9QXZ < question.txt")
_writing_act(
    "solve",
    "Propose a solution and wait for the client's word.",
    "reglament solve STO-7K3F-9QXZ --file text.txt",
)
_writing_act("note", "Note something for the desk alone.", "reglament note MDO-7K3F-9QXZ 'Ждём хостинг'")


@root.command(example="reglament refuse STO-7K3F-9QXZ --clause 2.6")
@_ticket
@_text()
@_by
@click.option("--clause", metavar="N", help="the clause; else the one that a rule suggests")
def refuse(
    options: Options,
    services: AwsServices,
    *,
    ticket_id: str,
    text: str | None,
    file: str | None,
    by: str | None,
    clause: str | None,
) -> int:
    """Refuse the request by a clause."""
    from cli.acts import Asked, run

    return run(options, services, Asked("refuse", ticket_id, by, text, file, clause=clause))


@root.command(example="reglament close MDO-7K3F-9QXZ 'Проблема решена.'")
@_ticket
@_text()
@_by
@click.option(
    "--outcome",
    type=click.Choice(["resolved", "duplicate", "withdrawn"]),
    default="resolved",
    help="how it ended (default: resolved)",
)
def close(
    options: Options,
    services: AwsServices,
    *,
    ticket_id: str,
    text: str | None,
    file: str | None,
    by: str | None,
    outcome: str,
) -> int:
    """Close the ticket."""
    from cli.acts import Asked, run

    return run(options, services, Asked("close", ticket_id, by, text, file, outcome=outcome))


_plain_act("reopen", "Work on a closed ticket again.")
_plain_act("accept", "Overturn what the rules found, and take the request.")
_plain_act("take", "Take the ticket; the reaction clock stops.")


@root.command(example="reglament priority MDO-7K3F-9QXZ high")
@_ticket
@click.argument("level", type=click.Choice(["low", "normal", "high"]))
@_by
def priority(options: Options, services: AwsServices, *, ticket_id: str, level: str, by: str | None) -> int:
    """Set how soon the ticket is to be taken."""
    from cli.acts import Asked, run

    return run(options, services, Asked("priority", ticket_id, by, level=level))


@root.command(example="reglament critical MDO-7K3F-9QXZ 'Сайт лежит'")
@_ticket
@_text()
@_by
@click.option("--withdraw", is_flag=True, help="it is none, or no longer")
def critical(
    options: Options,
    services: AwsServices,
    *,
    ticket_id: str,
    text: str | None,
    file: str | None,
    by: str | None,
    withdraw: bool,
) -> int:
    """Declare the fault critical and page at once."""
    from cli.acts import Asked, run

    return run(options, services, Asked("critical", ticket_id, by, text, file, withdraw=withdraw))


for verb in FAULTS:
    root.add_command(verb)
root.add_command(client)
root.add_command(regulation)
root.add_command(people)
root.add_command(oncall)


# Operations ------------------------------------------------------------------------------------------------

root.add_command(doctor)
root.add_command(subscriptions)


@root.command(example="reglament activate --stack reglament")
@click.option("--region", metavar="NAME", help="where it is deployed (default: the region of the AWS settings)")
@click.option("--yes", is_flag=True, help="agree beforehand; what is replaced is still shown")
def activate(options: Options, services: AwsServices, *, region: str | None, yes: bool) -> int:
    """Make the deployed receipt rule set the active one, after showing what it replaces."""
    from cli.activate import run

    return run(options, services, region, yes=yes)


@root.command(example="reglament rearm")
@ONE_DESK
def rearm(options: Options, services: AwsServices, *, desk: str | None) -> int:
    """Recompute the clocks of open tickets after the production calendar was corrected."""
    from cli import operations

    return operations.rearm(options, services, desk)


@root.command(example="reglament reconcile")
def reconcile(options: Options, services: AwsServices) -> int:
    """Finish the letters that stayed in incoming/."""
    from cli import operations

    return operations.reconcile(options, services)


@root.command(example="reglament redrive inbound")
@click.argument(
    "functions", nargs=-1, metavar="[FUNCTION]...", help="whose failures (default: all, and what no topic delivered)"
)
@click.option("--dry-run", is_flag=True, help="only count what waits")
def redrive(options: Options, services: AwsServices, *, functions: tuple[str, ...], dry_run: bool) -> int:
    """Empty the failure queues: what the functions failed on for good is brought back."""
    from cli.redrive import redrive as run

    return run(options, services, functions, dry_run=dry_run)


@root.command(example="reglament letters --done 4k5jt3v0c1qpb8q2mhn6s0o8r9")
@click.option("--desk", metavar="D", help="one desk (default: all, and letters to nobody)")
@click.option("--done", metavar="ID", help="take this letter off the list: somebody has looked")
@click.option("--kind", metavar="KIND", help="letters of one kind, such as list or auto_reply (default: all)")
def letters(options: Options, services: AwsServices, *, desk: str | None, done: str | None, kind: str | None) -> int:
    """The letters that a person should look at, by kind: whatever was set aside with words of its own."""
    from cli import operations

    return operations.letters(options, services, desk, done, kind)


@root.command(example="reglament suppressed --desk MDO --lift olga@client.example")
@ONE_DESK
@click.option("--lift", metavar="ADDRESS", help="write to this address again")
def suppressed(options: Options, services: AwsServices, *, desk: str | None, lift: str | None) -> int:
    """The addresses that are written to no more, after a bounce or a complaint."""
    from cli import operations

    return operations.suppressed(options, services, desk, lift)


root.add_command(journal)
for verb in RECOVERY:
    root.add_command(verb)

if __name__ == "__main__":
    sys.exit(main())
