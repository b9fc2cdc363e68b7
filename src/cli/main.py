"""`reglament`: the desk at the command line. The verbs, their arguments and their help; each verb's work is elsewhere.

Modules are imported when their verb runs, so that what needs no AWS loads no SDK and starts quickly.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from composition import AwsServices, NotConfigured, environment

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]

EXIT = """\
exit status: 0 done; 1 refused, or not to be had (the reason is on standard error); 2 misuse
docs: docs/command-line.md"""


def main(argv: Sequence[str] | None = None, services: AwsServices | None = None) -> int:
    """Run one command line and return its exit status; argparse itself exits on misuse and on --help.

    `services` gives the environment and the clock; None for those of the process.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Letters hold every character there is, whatever the terminal can show.
            stream.reconfigure(errors="backslashreplace")
    args = build_parser().parse_args(argv)
    try:
        status = _run(args, services or AwsServices(environment()))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has enough of it. Python would complain again on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return status


def _run(args: argparse.Namespace, services: AwsServices) -> int:
    from cli.target import Failed, Misuse
    from domain.regulation.editions import InvalidEdition, NoEditionInForce

    module, _, function = args.run.partition(":")
    run: Callable[[argparse.Namespace, AwsServices], int] = getattr(import_module(module), function)
    try:
        return run(args, services)
    except Misuse as error:
        print(f"reglament {args.verb}: {error}", file=sys.stderr)
        return 2
    except InvalidEdition as error:
        from adapters.edition_files import problems_behind

        print(f"reglament {args.verb}:", "\n".join(map(str, problems_behind(error))) or error, file=sys.stderr)
        return 1
    except (Failed, NotConfigured, NoEditionInForce) as error:
        print(f"reglament {args.verb}: {error}", file=sys.stderr)
        return 1
    except Exception as error:
        if not _is_of_aws(error):
            raise
        print(f"reglament {args.verb}: AWS did not answer as it should: {error}", file=sys.stderr)
        return 1


def _is_of_aws(error: Exception) -> bool:
    """True for what the SDK raises; asked by name, because verbs without AWS never import it."""
    return any(kind.__module__.startswith("botocore.") for kind in type(error).__mro__)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="reglament",
        description="The support desk at the command line: for specialists, and for whoever runs it.",
        epilog=EXIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print JSON, one object a line")
    parser.add_argument(
        "--stack", metavar="NAME", help="the deployed stack (default: $REGLAMENT_STACK, else reglament)"
    )
    parser.add_argument("--endpoint", metavar="URL", help="another endpoint of AWS, such as that of `make run`")
    verbs = parser.add_subparsers(metavar="VERB", required=True, dest="verb")
    _add_explaining(verbs)
    _add_looking(verbs)
    _add_acts(verbs)
    _add_registry(verbs)
    _add_regulations(verbs)
    _add_operations(verbs)
    return parser


def _verb(verbs: Verbs, name: str, run: str, says: str, example: str) -> argparse.ArgumentParser:
    verb = verbs.add_parser(
        name,
        help=says,
        description=says[0].upper() + says[1:] + ".",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # Suppressed defaults: what was said before the verb is not unsaid after it.
    given: dict[str, str] = {"default": argparse.SUPPRESS, "help": argparse.SUPPRESS}
    verb.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON, one object a line")
    verb.add_argument("--stack", metavar="NAME", **given)  # type: ignore[arg-type]  # two keywords of one type
    verb.add_argument("--endpoint", metavar="URL", **given)  # type: ignore[arg-type]
    verb.set_defaults(run=run)
    return verb


def _add_explaining(verbs: Verbs) -> None:
    verb = _verb(
        verbs,
        "explain",
        "cli.explain:run",
        "read letters as if they had just arrived and print what the desk would do and why; touches nothing",
        "reglament explain letters/ --desk storeolis --json",
    )
    verb.add_argument("files", nargs="+", metavar="FILE", help="a letter (.eml), or a folder of letters")
    verb.add_argument("--desk", metavar="D", help="the desk; else the addressees of each letter say which")
    verb.add_argument("--clients", metavar="FILE.csv", help="a registry of clients, as `client import` reads it")
    verb.add_argument("--at", metavar="ISO", help="when the letters arrive; else their Date, else now")
    verb = _verb(
        verbs,
        "deadline",
        "cli.clocks:deadline",
        "when the reaction to a letter would be due, and which time counts towards it",
        "reglament deadline --desk MDO --at 2024-12-28T16:00",
    )
    verb.add_argument("--desk", required=True, metavar="D", help="the desk, by its id or ticket prefix")
    verb.add_argument("--at", required=True, metavar="ISO", help="the arrival; by the desk's clock if without offset")
    verb.add_argument("--critical", action="store_true", help="a fault judged critical")


def _add_looking(verbs: Verbs) -> None:
    verb = _verb(
        verbs, "queue", "cli.tickets:queue", "the open tickets in order of arrival", "reglament queue --desk MDO"
    )
    verb.add_argument("--desk", metavar="D", help="one desk (default: all)")
    for name, run, says in (
        ("show", "cli.tickets:show", "one ticket: who asks, what the rules found, what was written"),
        ("history", "cli.tickets:history", "everything that happened to a ticket, in order"),
        ("clock", "cli.clocks:clock", "the clocks of a ticket, and which time counted"),
    ):
        _ticket(_verb(verbs, name, run, says, f"reglament {name} mdo7k3f9qxz"))
    verb = _verb(
        verbs,
        "attachment",
        "cli.attachments:run",
        "list the files that came with a ticket's letters, or save one or all of them",
        "reglament attachment mdo7k3f9qxz 1.2 --save downloads",
    )
    _ticket(verb)
    verb.add_argument("which", nargs="?", metavar="WHICH", help="one file, by its number or name (default: list them)")
    verb.add_argument("--letter", type=int, metavar="N", help="of one letter only, counted from 1")
    verb.add_argument("--save", metavar="DIR", help="save to this folder: WHICH, or all of them")
    verb.add_argument("-o", "--output", metavar="FILE", help="write WHICH to this file; - for standard output")
    verb.add_argument("--force", action="store_true", help="write over files that are there")


def _add_acts(verbs: Verbs) -> None:
    for name, says, example in (
        ("reply", "answer the client; the reaction clock stops", "reglament reply MDO-7K3F-9QXZ 'Исправлено.'"),
        ("ask", "ask the client something and wait for the answer", "reglament ask MDO-7K3F-9QXZ < question.txt"),
        ("solve", "propose a solution and wait for the client's word", "reglament solve STO-7K3F-9QXZ --file text.txt"),
        ("note", "note something for the desk alone", "reglament note MDO-7K3F-9QXZ 'Ждём хостинг'"),
    ):
        _text(_act(verbs, name, says, example), required=True)
    verb = _act(verbs, "refuse", "refuse the request by a clause", "reglament refuse STO-7K3F-9QXZ --clause 2.6")
    verb.add_argument("--clause", metavar="N", help="the clause; else the one that a rule suggests")
    _text(verb)
    verb = _act(verbs, "close", "close the ticket", "reglament close MDO-7K3F-9QXZ 'Проблема решена.'")
    outcomes = ("resolved", "duplicate", "withdrawn")
    verb.add_argument("--outcome", choices=outcomes, default="resolved", help="how it ended (default: resolved)")
    _text(verb)
    for name, says in (
        ("reopen", "work on a closed ticket again"),
        ("accept", "overturn what the rules found, and take the request"),
        ("take", "take the ticket; the reaction clock stops"),
        ("ack", "acknowledge a critical fault: no more pages"),
    ):
        _act(verbs, name, says, f"reglament {name} MDO-7K3F-9QXZ")
    verb = _act(verbs, "priority", "set how soon the ticket is to be taken", "reglament priority MDO-7K3F-9QXZ high")
    verb.add_argument("level", choices=("low", "normal", "high"))
    verb = _act(
        verbs,
        "critical",
        "declare the fault critical and page at once",
        "reglament critical MDO-7K3F-9QXZ 'Сайт лежит'",
    )
    verb.add_argument("--withdraw", action="store_true", help="it is none, or no longer")
    _text(verb)


def _act(verbs: Verbs, name: str, says: str, example: str) -> argparse.ArgumentParser:
    verb = _verb(verbs, name, "cli.acts:run", says, example)
    _ticket(verb)
    verb.add_argument("--by", metavar="NAME", help="who acts, as history will say (default: you, by your user name)")
    return verb


def _ticket(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("id", metavar="ID", help="the ticket's number, in any case, with or without dashes")


def _text(verb: argparse.ArgumentParser, *, required: bool = False) -> None:
    otherwise = "else standard input" if required else "none if left out"
    verb.add_argument("text", nargs="?", metavar="TEXT", help=f"the text; or --file, {otherwise}")
    verb.add_argument("--file", metavar="FILE", help="a file with the text, in UTF-8; - for standard input")
    verb.set_defaults(needs_text=required)


def _add_registry(verbs: Verbs) -> None:
    client = verbs.add_parser("client", help="the registry: import, export, list, show, add, remove")
    client_verbs = client.add_subparsers(metavar="VERB", required=True, dest="client_verb")
    verb = _verb(
        client_verbs,
        "import",
        "cli.registry_file:import_file",
        "write a file of clients into the registry: all of it, or nothing where anything is wrong with it",
        "reglament client import clients.csv --desk storeolis",
    )
    verb.add_argument("file", metavar="FILE.csv")
    verb.add_argument("--desk", metavar="D", help="whose clients they are, where the file has no column `desk`")
    verb.add_argument("--check", action="store_true", help="only check it, against the registry too; write nothing")
    verb = _verb(
        client_verbs,
        "export",
        "cli.registry_file:export",
        "write the clients of the registry to a file that `client import` reads",
        "reglament client export clients.csv --desk storeolis",
    )
    verb.add_argument("file", nargs="?", default="-", metavar="FILE.csv", help="- or none for standard output")
    verb.add_argument("--desk", metavar="D", help="one desk (default: all)")
    verb.add_argument("--excel", action="store_true", help="with a byte order mark and semicolons, for Excel")
    verb.add_argument("--force", action="store_true", help="write over a file that is there")
    verb = _verb(
        client_verbs, "list", "cli.registry:list_clients", "the clients of a desk", "reglament client list --desk STO"
    )
    verb.add_argument("--desk", metavar="D", help="one desk (default: all)")
    verb = _verb(
        client_verbs,
        "show",
        "cli.registry:show",
        "one client, how many of its requests count this month, and its latest tickets",
        "reglament client show K-17",
    )
    verb.add_argument("client", nargs="?", metavar="ID")
    verb.add_argument("--address", metavar="ADDRESS", help="whoever writes from this address, registered or not")
    verb.add_argument("--desk", metavar="D", help="one desk (default: all)")
    verb = _verb(
        client_verbs,
        "add",
        "cli.registry:add",
        "write one client, in place of what the registry has under its id",
        "reglament client add K-17 --desk STO --address shop@example.ru --phone '+7 912 000-00-00'",
    )
    verb.add_argument("client", metavar="ID")
    verb.add_argument("--desk", required=True, metavar="D")
    for option in ("kind", "name", "full-name", "organisation", "position", "contract", "offer-accepted-on"):
        verb.add_argument(f"--{option}", default="", metavar=option.replace("-", "_").upper())
    for option in ("address", "phone", "inn", "site", "service"):
        verb.add_argument(f"--{option}", action="append", default=[], metavar=option.upper(), help="may be repeated")
    verb = _verb(
        client_verbs,
        "remove",
        "cli.registry:remove",
        "remove a client; its tickets stay",
        "reglament client remove K-17 --desk STO",
    )
    verb.add_argument("client", metavar="ID")
    verb.add_argument("--desk", required=True, metavar="D")


def _add_regulations(verbs: Verbs) -> None:
    regulation = verbs.add_parser("regulation", help="the published regulations as data: check, show")
    regulation_verbs = regulation.add_subparsers(metavar="VERB", required=True, dest="regulation_verb")
    verb = _verb(
        regulation_verbs,
        "check",
        "cli.regulations:check",
        "check editions, each alone and those of one desk together; without a file, those that ship",
        "reglament regulation check src/domain/desks/storeolis",
    )
    verb.add_argument("files", nargs="*", metavar="FILE.toml", help="an edition, or a folder of them")
    verb = _verb(
        regulation_verbs,
        "show",
        "cli.regulations:show",
        "the edition of a desk in force",
        "reglament regulation show MDO",
    )
    verb.add_argument("desk", metavar="D")
    verb.add_argument("--at", metavar="ISO", help="in force at this instant (default: now)")


def _add_operations(verbs: Verbs) -> None:
    verb = _verb(
        verbs,
        "activate",
        "cli.activate:run",
        "make the deployed receipt rule set the active one, after showing what it replaces",
        "reglament activate --stack reglament",
    )
    verb.add_argument("--region", metavar="NAME", help="where it is deployed (default: the region of the AWS settings)")
    verb.add_argument("--yes", action="store_true", help="agree beforehand; what is replaced is still shown")
    _verb(
        verbs,
        "rearm",
        "cli.operations:rearm",
        "recompute the clocks of open tickets after the production calendar was corrected",
        "reglament rearm",
    ).add_argument("--desk", metavar="D", help="one desk (default: all)")
    _verb(
        verbs,
        "reconcile",
        "cli.operations:reconcile",
        "finish the letters that stayed in incoming/",
        "reglament reconcile",
    )
    verb = _verb(
        verbs,
        "redrive",
        "cli.redrive:redrive",
        "empty the failure queues: what the functions failed on for good is brought back",
        "reglament redrive inbound",
    )
    verb.add_argument("functions", nargs="*", metavar="FUNCTION", help="whose failures (default: all functions)")
    verb.add_argument("--dry-run", action="store_true", help="only count what waits")
    verb = _verb(
        verbs,
        "replay",
        "cli.operations:replay",
        "offer letters that were set aside to the desk again",
        "reglament replay 4k5jt3v0c1qpb8q2mhn6s0o8r9",
    )
    verb.add_argument("keys", nargs="+", metavar="KEY", help="the SES message id, or the letter's key in the bucket")
    verb = _verb(
        verbs,
        "letters",
        "cli.operations:letters",
        "the letters that a person should look at: quarantined, forged",
        "reglament letters --done 4k5jt3v0c1qpb8q2mhn6s0o8r9",
    )
    verb.add_argument("--desk", metavar="D", help="one desk (default: all, and letters to nobody)")
    verb.add_argument("--done", metavar="ID", help="take this letter off the list: somebody has looked")
    verb = _verb(
        verbs,
        "suppressed",
        "cli.operations:suppressed",
        "the addresses that are written to no more, after a bounce or a complaint",
        "reglament suppressed --desk MDO --lift olga@client.example",
    )
    verb.add_argument("--desk", metavar="D", help="one desk (default: all)")
    verb.add_argument("--lift", metavar="ADDRESS", help="write to this address again")


if __name__ == "__main__":
    sys.exit(main())
