"""What keeps a desk in order: letters left behind or set aside, clocks after a corrected calendar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from adapters.mail.reading import read_for_desks
from adapters.ses.raw_letter import envelope_from_raw
from adapters.ses.received import ReceivedLetter, notification_of
from application.aside import NO_DESK
from application.change import change_ticket
from application.replay import NotReplayable, offer_again, take_as_request
from application.storage import Conflict
from cli import journal, printing
from cli.options import Options
from cli.target import Failed, Misuse, connect, desk_named, desks_named, zone_of
from composition import AwsServices
from domain.addresses import normalise_address
from domain.letter import Envelope, LetterKind
from domain.regulation.editions import NoEditionInForce, desk_ids
from domain.ticket import commands as c
from domain.ticket.ticket import Ticket
from domain.ticket.timers import next_timer
from domain.writer.authorship import shown_address

TICKETS_BETWEEN_NEWS = 500
"""How often a long run says on standard error how far it is."""


def rearm(options: Options, services: AwsServices, desk: str | None) -> int:
    """Recompute the running clocks of every open ticket; what has fired or stopped stays.

    A ticket that fails is told of and holds up no other; exit status 1 then. What moved is printed as it is
    written, so that a run that was interrupted is simply run again.
    """
    services = connect(options, services)
    journal.note(services, "rearm", desk_named(desk) if desk is not None else "all desks")
    looked = moved = failed = 0
    for desk_id in desks_named(desk):
        for queued in services.store.queue(desk_id):
            looked += 1
            try:
                after = _recompute(queued.id, services)
            except (Conflict, NoEditionInForce) as error:
                failed += 1
                printing.warn(f"{queued.id}: {error}")
                continue
            if after is not None:
                moved += 1
                _show_recomputed(after, zone_of(desk_id), services.now(), as_json=options.json)
            if looked % TICKETS_BETWEEN_NEWS == 0:
                printing.warn(f"{looked} open tickets so far, {moved} with new instants")
    tell = printing.warn if options.json else print
    tell(f"{looked} open tickets, {moved} with new instants" + (f", {failed} failed" if failed else ""))
    return 1 if failed else 0


def _show_recomputed(ticket: Ticket, zone: str, now: datetime, *, as_json: bool) -> None:
    reaction = ticket.reaction if ticket.reaction is not None and ticket.reaction.runs else None
    clocks = {"reaction": reaction, "lapse": ticket.lapse}
    due = {name: clock.due for name, clock in clocks.items() if clock is not None}
    shortened = ticket.lapse.shortened if ticket.lapse is not None else None
    if as_json:
        instants = {f"{name}_due": printing.iso(due[name], zone) if name in due else None for name in clocks}
        told = {"lapse_shortened": printing.iso(shortened, zone)} if shortened is not None else {}
        printing.as_json({"ticket": ticket.id, **instants, **told})
        return
    timer = next_timer(ticket)
    shown = [f"{name} due {printing.moment(at, zone)}" for name, at in due.items()]
    if shortened is not None:
        shown.append(f"and {printing.moment(shortened, zone)} once the client has been told")
    if timer is not None and timer.at <= now:
        shown.append("past due: the next sweep fires it")
    print(f"{ticket.id}: clocks recomputed, {', '.join(shown)}")


def _recompute(number: str, services: AwsServices) -> Ticket | None:
    """Return the ticket with its new instants, or None where none moved."""
    change = change_ticket(services.store, number, c.RecomputeClocks(services.caller), services.now)
    return change.decision.ticket if change is not None and change.decision.events else None


def reconcile(options: Options, services: AwsServices) -> int:
    """Do now what the hourly function does; exit status 1 where a letter failed."""
    services = connect(options, services)
    from handlers import reconcile as function

    printing.logs_to_stderr()
    journal.note(services, "reconcile")
    done = function.reconcile(lambda: True, services)
    if options.json:
        printing.as_json(done)
    else:
        printing.table([(name, str(count)) for name, count in done.items()])
    return 1 if done["ReconcileFailed"] else 0


# Letters set aside ----------------------------------------------------------------------------------------


def letters(
    options: Options, services: AwsServices, desk: str | None, done: str | None, kind: str | None = None
) -> int:
    """Print the letters that a person should look at, kind by kind, or take one off that list."""
    desks = (desk_named(desk),) if desk else (*desk_ids(), NO_DESK)
    if kind is not None and kind not in [*LetterKind]:
        raise Misuse(f"--kind: found {kind!r}, expected one of {', '.join(LetterKind)}")
    services = connect(options, services)
    if done is not None:
        return _done(_id_of(done), desks, services, as_json=options.json)
    rows = []
    listed = [record for desk_id in desks for record in services.store.set_aside(desk_id)]
    for record in sorted(listed, key=lambda record: record.kind):  # stable: the oldest of a kind stays first
        if kind is not None and record.kind != kind:
            continue
        if options.json:
            printing.as_json(record.model_dump(mode="json"))
        else:
            at = printing.moment(record.received_at, "UTC" if record.desk == NO_DESK else zone_of(record.desk))
            to = "nobody" if record.desk == NO_DESK else record.desk
            rows.append((record.kind, record.ses_message_id, at, to, record.outcome, record.reason))
    printing.table(rows)
    if not rows and not options.json:
        print("no letter waits for a person")
    return 0


def _done(name: str, desks: tuple[str, ...], services: AwsServices, *, as_json: bool) -> int:
    store = services.store
    records = [record for desk in desks if (record := store.letter(desk, name)) is not None]
    if not records:
        raise Failed(f"no letter {name} is on record")
    waiting = [record for record in records if record.needs_attention]
    if waiting:
        journal.note(services, "letters --done", f"letter {name} at {journal.some(one.desk for one in waiting)}")
    try:
        for record in waiting:
            store.settle_letter(record)
    except Conflict as error:
        raise Failed(f"letter {name} was changed by somebody else meanwhile; look again") from error
    if as_json:
        printing.as_json({"letter": name, "done": [record.desk for record in waiting]})
    else:
        print(f"{name}: " + ("taken off the list" if waiting else "was not on the list"))
    return 0


def suppressed(options: Options, services: AwsServices, desk: str | None, lift: str | None) -> int:
    """Print the addresses that are written to no more, or let one be written to again; twice is the same as once."""
    desks = desks_named(desk)
    address = normalise_address(lift) if lift is not None else None
    if address is not None and not all(address.rpartition("@")[::2]):
        raise Misuse(f"--lift: found {lift!r}, expected an address such as olga@client.example")
    services = connect(options, services)
    if address is not None:
        return _lift(address, desks, services, as_json=options.json)
    rows = []
    for desk_id in desks:
        for known in services.store.suppressed(desk_id):
            if options.json:
                printing.as_json(known.model_dump(mode="json"))
            else:
                rows.append(
                    (
                        shown_address(known.address),
                        printing.moment(known.since, zone_of(desk_id)),
                        desk_id,
                        known.reason,
                    )
                )
    printing.table(rows)
    if not rows and not options.json:
        print("no address is suppressed")
    return 0


def _lift(address: str, desks: tuple[str, ...], services: AwsServices, *, as_json: bool) -> int:
    journal.note(services, "suppressed --lift", f"address {journal.digest(address)} at {journal.some(desks)}")
    lifted = [desk for desk in desks if services.store.lift(desk, address, at=services.now())]
    if as_json:
        printing.as_json({"address": address, "lifted": lifted})
    else:
        print(f"{address}: " + (f"written to again by {', '.join(lifted)}" if lifted else "was not suppressed"))
    return 0


def replay_as_request(options: Options, services: AwsServices, keys: Sequence[str]) -> int:
    """Take letters that were set aside up as requests; exit status 1 where one of them could not be."""
    services = connect(options, services)
    journal.note(services, "replay --as-request", f"letters {journal.some(map(_id_of, keys))}")

    def take(name: str) -> None:
        records = take_as_request(name, services, envelope_from_raw, read_for_desks)
        if options.json:
            printing.as_json({"letter": name, "tickets": [record.ticket for record in records if record.ticket]})
        for record in () if options.json else records:
            print(f"{name}: {record.outcome} {record.ticket} at {record.desk}")

    return _replayed(keys, take)


def replay(options: Options, services: AwsServices, keys: Sequence[str]) -> int:
    """Offer letters to the desk again; exit status 1 where one of them could not be."""
    services = connect(options, services)
    journal.note(services, "replay", f"letters {journal.some(map(_id_of, keys))}")

    def announcement(envelope: Envelope, key: str) -> str:
        return notification_of(ReceivedLetter(envelope, services.mail_bucket, key))

    def offer(name: str) -> None:
        desks = offer_again(name, services, envelope_from_raw, announcement)
        desks = desks or ("nobody: no desk has any of its recipients",)
        if options.json:
            printing.as_json({"letter": name, "offered_to": list(desks)})
        else:
            print(f"{name}: offered again to {', '.join(desks)}")

    return _replayed(keys, offer)


def _replayed(keys: Sequence[str], act: Callable[[str], None]) -> int:
    """Act on each letter by its name and warn of those that cannot be replayed; exit status 1 where there are any."""
    failed = False
    for key in keys:
        name = _id_of(key)
        try:
            act(name)
        except NotReplayable as error:
            failed = True
            printing.warn(f"{name}: {error}")
    return 1 if failed else 0


def _id_of(key: str) -> str:
    return key.strip().strip("/").rpartition("/")[2]
