"""`reglament fault` and `ack`: what is asked of a fault, and what is done about it; arguments and help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.command import FILE, ONE_DESK, Verb, Verbs
from cli.options import Options

if TYPE_CHECKING:
    from composition import AwsServices

BY = click.option(
    "--by",
    metavar="NAME",
    help="the name to show (default: yours); history records beside it who you are by your credentials",
)
_fault = click.argument(
    "number", nargs=-1, required=True, metavar="F", help="the fault's number, or that of one of its tickets"
)
"""Several arguments: people type `mdo f 7k3f9` with spaces, as it reads on a telephone."""


@click.group(cls=Verbs)
def fault() -> None:
    """Critical faults: list, show, history, resolve, false-alarm, detach, join."""


@fault.command("list", example="reglament fault list --desk MDO")
@ONE_DESK
@click.option("--all", "everything", is_flag=True, help="those that ended a short while ago, too")
def fault_list(options: Options, services: AwsServices, *, desk: str | None, everything: bool) -> int:
    """The faults that are open: since when, who reports them, who has them, and what happens next."""
    from cli import faults

    return faults.list_faults(options, services, desk, everything=everything)


@fault.command("show", example="reglament fault show MDO-F-7K3F9")
@_fault
@click.option("--whole", is_flag=True, help="all of its tickets, however many there are")
def fault_show(options: Options, services: AwsServices, *, number: tuple[str, ...], whole: bool) -> int:
    """One fault: its tickets with their clocks, its alarms, its pages, and what happened to it."""
    from cli import faults

    return faults.show(options, services, number, whole=whole)


@fault.command("history", example="reglament fault history mdo f 7k3f9")
@_fault
def fault_history(options: Options, services: AwsServices, *, number: tuple[str, ...]) -> int:
    """Everything that happened to a fault, in order."""
    from cli import faults

    return faults.history(options, services, number)


def _end(name: str, says: str, example: str) -> None:
    """Declare how a fault ends."""

    @fault.command(name, help=says, example=example)
    @_fault
    @click.option("--text", metavar="TEXT", help="more words for those who reported it")
    @click.option("--file", type=FILE, metavar="FILE", help="a file with that, in UTF-8; - for standard input")
    @BY
    def end(
        options: Options,
        services: AwsServices,
        *,
        number: tuple[str, ...],
        text: str | None,
        file: str | None,
        by: str | None,
    ) -> int:
        from cli.fault_acts import Ending
        from cli.fault_acts import end as run

        return run(options, services, number, Ending(name, by, text, file))


_end(
    "resolve",
    "It is over: the pages stop, and everybody who reported it is told once.",
    "reglament fault resolve MDO-F-7K3F9 --text 'Вход восстановлен в 03:52, данные не пострадали.'",
)
_end(
    "false-alarm",
    "It was none: the pages stop, its tickets stay open as ordinary ones, and who reported it is told once.",
    "reglament fault false-alarm MDO-F-7K3F9",
)


@fault.command("detach", example="reglament fault detach MDO-7K3F-9QXZ")
@click.argument("ticket", nargs=-1, required=True, metavar="TICKET", help="the ticket's number")
@BY
def fault_detach(options: Options, services: AwsServices, *, ticket: tuple[str, ...], by: str | None) -> int:
    """The ticket is about another fault: it becomes one of its own, which pages. One that is none: `critical --withdraw`."""
    from cli import fault_acts

    return fault_acts.detach(options, services, ticket, by)


@fault.command("join", example="reglament fault join MDO-7K3F-9QXZ MDO-F-7K3F9")
@click.argument("numbers", nargs=-1, required=True, metavar="TICKET F", help="the ticket's number, then the fault's")
@BY
def fault_join(options: Options, services: AwsServices, *, numbers: tuple[str, ...], by: str | None) -> int:
    """The ticket reports this fault: one series of pages, one acknowledgement, and its client is told with the others."""
    from cli import fault_acts

    return fault_acts.join(options, services, numbers, by)


@click.command(cls=Verb, example="reglament ack MDO-F-7K3F9 MDO-7K3F-9QXZ")
@click.argument(
    "numbers", nargs=-1, required=True, metavar="X...", help="numbers of faults, or of tickets, as they are typed"
)
@BY
def ack(options: Options, services: AwsServices, *, numbers: tuple[str, ...], by: str | None) -> int:
    """Acknowledge critical faults: no more pages. By a ticket's number, the whole fault that it belongs to."""
    from cli import fault_acts

    return fault_acts.acknowledge(options, services, numbers, by)


FAULTS: tuple[click.Command, ...] = (ack, fault)
"""In the order in which `reglament --help` lists them."""
