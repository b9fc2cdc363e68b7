"""`reglament resend`: the letters and pages that were given up, and sending them after all."""

from __future__ import annotations

from application.left import record_departure
from application.storage import Departure, GivenUp
from cli import journal, printing
from cli.options import Options
from cli.target import Failed, Misuse, connect, desks_named, numbers_of, zone_of
from composition import AwsServices
from domain.ticket.outgoing import OutgoingMail
from domain.writer.authorship import shown_address


def run(
    options: Options,
    services: AwsServices,
    numbers: tuple[str, ...],
    desk: str | None,
    *,
    everything: bool,
    has_left: bool = False,
) -> int:
    """Print what was given up, or let it be sent after all; exit status 1 where some of it cannot be.

    What is asked for is offered by the next sweep, within a minute: by its ticket whether or not it is outdated by
    then; of all, what is outdated does not leave, such as a closing over which the client has been heard since.
    With `has_left` it is taken for sent, on a person's word, and a term that begins with its leaving counts from now.
    """
    if numbers and everything:
        raise Misuse("name tickets, or say --all")
    if has_left and not numbers and not everything:
        raise Misuse("--left: name the tickets whose letters left, or say --all")
    wanted = set(numbers_of(numbers))
    services = connect(options, services)
    listed = [given_up for desk_id in desks_named(desk) for given_up in services.store.given_up(desk_id)]
    if not wanted and not everything:
        return _show(listed, services, as_json=options.json)
    chosen = [given_up for given_up in listed if everything or given_up.key.ticket in wanted]
    if missing := wanted - {given_up.key.ticket for given_up in chosen}:
        raise Failed(f"nothing of {', '.join(sorted(missing))} was given up; `reglament resend` lists what was")
    if chosen:
        tickets = dict.fromkeys(given_up.key.ticket for given_up in chosen)
        journal.note(
            services, "resend --left" if has_left else "resend", f"what was given up of {journal.some(tickets)}"
        )
    if has_left:
        for given_up in chosen:
            _take_for_sent(given_up, services, as_json=options.json)
        return 0
    sent = [_send_again(given_up, services, as_json=options.json, outdated_too=not everything) for given_up in chosen]
    return 0 if all(sent) else 1


def _show(listed: list[GivenUp], services: AwsServices, *, as_json: bool) -> int:
    rows = []
    for given_up in listed:
        reason = services.store.given_up_because(given_up.key)
        if as_json:
            printing.as_json({**_told(given_up), "reason": reason})
        else:
            at = printing.moment(given_up.at, zone_of(given_up.message.desk))
            rows.append((given_up.key.ticket, at, given_up.message.kind, _recipient(given_up), reason))
    printing.table(rows)
    if not rows and not as_json:
        print("nothing was given up")
    return 0


def _send_again(given_up: GivenUp, services: AwsServices, *, as_json: bool, outdated_too: bool) -> bool:
    message, number = given_up.message, given_up.key.ticket
    if isinstance(message, OutgoingMail) and message.to and services.store.is_suppressed(message.desk, message.to):
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


def _take_for_sent(given_up: GivenUp, services: AwsServices, *, as_json: bool) -> None:
    message, key, now = given_up.message, given_up.key, services.now()
    record_departure(message, Departure(key, message.desk, now, sent_id=""), services.store)
    if as_json:
        printing.as_json({**_told(given_up), "taken_for_sent": True})
    else:
        print(f"{key.ticket}: {message.kind} to {_recipient(given_up)}: taken for sent")


def _told(given_up: GivenUp) -> dict[str, str]:
    message, key = given_up.message, given_up.key
    at = printing.iso(given_up.at, zone_of(message.desk))
    return {"ticket": key.ticket, "item": key.item, "kind": message.kind, "to": _recipient(given_up), "given_up_at": at}


def _recipient(given_up: GivenUp) -> str:
    message = given_up.message
    return (shown_address(message.to) or "the team") if isinstance(message, OutgoingMail) else message.level
