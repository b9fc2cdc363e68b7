"""`reglament resend`: the letters and pages that were given up, and sending them after all."""

from __future__ import annotations

from application.storage import GivenUp
from cli import journal, printing
from cli.options import Options
from cli.target import Failed, Misuse, connect, desks_named, ticket_number, zone_of
from composition import AwsServices
from domain.ticket.outgoing import OutgoingMail
from domain.writer.authorship import shown_address


def run(
    options: Options, services: AwsServices, numbers: tuple[str, ...], desk: str | None, *, everything: bool
) -> int:
    """Print what was given up, or let it be sent after all; exit status 1 where some of it cannot be.

    What is asked for is offered by the next sweep, within a minute: by its ticket whether or not it is outdated by
    then; of all, what is outdated does not leave, such as a closing over which the client has been heard since.
    """
    if numbers and everything:
        raise Misuse("name tickets, or say --all")
    wanted = {ticket_number(number) for number in numbers}
    services = connect(options, services)
    listed = [given_up for desk_id in desks_named(desk) for given_up in services.store.given_up(desk_id)]
    if not wanted and not everything:
        return _show(listed, as_json=options.json)
    chosen = [given_up for given_up in listed if everything or given_up.key.ticket in wanted]
    if missing := wanted - {given_up.key.ticket for given_up in chosen}:
        raise Failed(f"nothing of {', '.join(sorted(missing))} was given up; `reglament resend` lists what was")
    if chosen:
        tickets = dict.fromkeys(given_up.key.ticket for given_up in chosen)
        journal.note(services, "resend", f"what was given up of {journal.some(tickets)}")
    sent = [_send_again(given_up, services, as_json=options.json, outdated_too=not everything) for given_up in chosen]
    return 0 if all(sent) else 1


def _show(listed: list[GivenUp], *, as_json: bool) -> int:
    rows = []
    for given_up in listed:
        if as_json:
            printing.as_json(_told(given_up))
        else:
            at = printing.moment(given_up.at, zone_of(given_up.message.desk))
            rows.append((given_up.key.ticket, at, given_up.message.kind, _recipient(given_up)))
    printing.table(rows)
    if not rows and not as_json:
        print("nothing was given up")
    return 0


def _send_again(given_up: GivenUp, services: AwsServices, *, as_json: bool, outdated_too: bool) -> bool:
    message, number = given_up.message, given_up.key.ticket
    if isinstance(message, OutgoingMail) and services.store.is_suppressed(message.desk, message.to):
        to = shown_address(message.to)
        printing.warn(f"{number}: {to} is written to no more; first: reglament suppressed --lift {to}")
        return False
    taken = services.store.send_again(given_up.key, at=services.now(), outdated_too=outdated_too)
    if as_json:
        printing.as_json({**_told(given_up), "sent_again": taken})
    else:
        leaves = "leaves with the next sweep" if outdated_too else "leaves with the next sweep, unless it is outdated"
        became = leaves if taken else "somebody was faster"
        print(f"{number}: {message.kind} to {_recipient(given_up)}: {became}")
    return True


def _told(given_up: GivenUp) -> dict[str, str]:
    message, key = given_up.message, given_up.key
    at = printing.iso(given_up.at, zone_of(message.desk))
    return {"ticket": key.ticket, "item": key.item, "kind": message.kind, "to": _recipient(given_up), "given_up_at": at}


def _recipient(given_up: GivenUp) -> str:
    message = given_up.message
    return shown_address(message.to) if isinstance(message, OutgoingMail) else message.level
