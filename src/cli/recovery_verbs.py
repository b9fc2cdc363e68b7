"""The verbs by which what was lost, set aside or given up is brought back: their arguments and their help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.command import ONE_DESK, Verb
from cli.options import Options

if TYPE_CHECKING:
    from composition import AwsServices


@click.command(cls=Verb, example="reglament replay 4k5jt3v0c1qpb8q2mhn6s0o8r9")
@click.argument(
    "keys", nargs=-1, required=True, metavar="KEY...", help="the SES message id, or the letter's key in the bucket"
)
@click.option("--as-request", is_flag=True, help="a person wrote it: open a ticket or join one, answer nothing")
@click.option("--unanswered", is_flag=True, help="its record was lost: take it up as it came, mail nothing, do page")
def replay(
    options: Options, services: AwsServices, *, keys: tuple[str, ...], as_request: bool, unanswered: bool
) -> int:
    """Offer letters that were set aside to the desk again, or take up those whose records were lost."""
    from cli import operations, recovery
    from cli.target import Misuse

    if as_request and unanswered:
        raise Misuse("--as-request is for a letter that was set aside, --unanswered for one without a record: give one")
    verb = operations.replay_as_request if as_request else operations.replay
    return (recovery.replay_unanswered if unanswered else verb)(options, services, keys)


@click.command(cls=Verb, example="reglament resend MDO-7K3F-9QXZ")
@click.argument(
    "tickets", nargs=-1, metavar="[TICKET]...", help="whose letters and pages, or a fault's (default: list them)"
)
@ONE_DESK
@click.option("--all", "everything", is_flag=True, help="all that was given up and is not outdated")
@click.option("--left", is_flag=True, help="it has left, as you know: send nothing, take it off the list")
def resend(
    options: Options, services: AwsServices, *, tickets: tuple[str, ...], desk: str | None, everything: bool, left: bool
) -> int:
    """List what could not be sent and was given up, or send it after all."""
    from cli.resend import run

    return run(options, services, tickets, desk, everything=everything, has_left=left)


@click.command(cls=Verb, example="reglament audit --since 2026-11-20T09:00")
@ONE_DESK
@click.option("--since", metavar="ISO", help="what is older is left out; UTC if without offset (default: everything)")
@click.option("--table", "name", metavar="TABLE", help="another table than the stack's, such as a restored one")
@click.option("--replay", "take_up", is_flag=True, help="take letters without a record up, as `replay --unanswered`")
@click.option("--repair", is_flag=True, help="write what follows from what is there: places, records, deleted letters")
def audit(
    options: Options,
    services: AwsServices,
    *,
    desk: str | None,
    since: str | None,
    name: str | None,
    take_up: bool,
    repair: bool,
) -> int:
    """Compare the bucket of letters with the table, and the table with itself; each finding with its remedy."""
    from cli.audit import Asked, run

    return run(options, services, Asked(desk, since, name), take_up=take_up, repair=repair)


@click.command(cls=Verb, example="reglament adopt reglament-desk-restored --damaged reglament-desk --dry-run")
@click.argument("table", metavar="TABLE", help="the restored table, by its name")
@click.option(
    "--restored-to",
    metavar="ISO",
    help="the instant of the restore; UTC if without offset (default: as the table says)",
)
@click.option("--damaged", metavar="TABLE", help="the table it was restored from, where that can still be read")
@click.option("--dry-run", is_flag=True, help="write nothing, say what would be done")
def adopt(
    options: Options,
    services: AwsServices,
    *,
    table: str,
    restored_to: str | None,
    damaged: str | None,
    dry_run: bool,
) -> int:
    """Prepare a restored table to take the place of the stack's, so that nothing leaves twice."""
    from cli.adopt import run

    return run(options, services, table, restored_to, damaged, dry_run=dry_run)


@click.command(cls=Verb, example="reglament overdue")
def overdue(options: Options, services: AwsServices) -> int:
    """Fire what fell due while a restored table was away, and list its letters; only while the stack is paused."""
    from cli import recovery

    return recovery.overdue(options, services)


RECOVERY = (replay, resend, audit, adopt, overdue)
"""In the order in which `reglament --help` lists them."""
