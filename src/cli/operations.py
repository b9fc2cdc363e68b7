"""What keeps a desk in order: letters left behind or set aside, clocks after a corrected calendar."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.ses.raw_letter import envelope_from_raw
from adapters.ses.received import ReceivedLetter, notification_of
from application.ports import Commit, Conflict, LetterRecord, TicketChange
from cli import printing
from cli.target import Failed, Misuse, connect, desk_named, desks_named, zone_of
from domain.addresses import normalise_address, without_plus
from domain.regulation.editions import NoEditionInForce, desk_by_address, desk_ids, edition_named, editions
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.ticket import Ticket
from domain.ticket.timers import next_timer
from domain.writer.authorship import shown_address
from handlers import wiring

TRIES = 6
TICKETS_BETWEEN_NEWS = 500
"""How often a long run says on standard error how far it is."""
NOBODY = "-"
"""The desk under which letters to nobody are recorded."""


def rearm(args: Namespace) -> int:
    """Recompute the running clocks of every open ticket; what has fired or stopped stays.

    A ticket that fails is told of and holds up no other; exit status 1 then. What moved is printed as it is
    written, so that a run that was interrupted is simply run again.
    """
    connect(args)
    looked = moved = failed = 0
    for desk in desks_named(args.desk):
        for queued in wiring.store().queue(desk):
            looked += 1
            try:
                after = _recompute(queued.id)
            except (Failed, NoEditionInForce) as error:
                failed += 1
                printing.warn(f"{queued.id}: {error}")
                continue
            if after is not None:
                moved += 1
                _show_recomputed(after, zone_of(desk), wiring.now(), as_json=args.json)
            if looked % TICKETS_BETWEEN_NEWS == 0:
                printing.warn(f"{looked} open tickets so far, {moved} with new instants")
    tell = printing.warn if args.json else print
    tell(f"{looked} open tickets, {moved} with new instants" + (f", {failed} failed" if failed else ""))
    return 1 if failed else 0


def _show_recomputed(ticket: Ticket, zone: str, now: datetime, *, as_json: bool) -> None:
    reaction = ticket.reaction if ticket.reaction is not None and ticket.reaction.runs else None
    clocks = {"reaction": reaction, "lapse": ticket.lapse}
    due = {name: clock.due for name, clock in clocks.items() if clock is not None}
    if as_json:
        instants = {f"{name}_due": printing.iso(due[name], zone) if name in due else None for name in clocks}
        printing.as_json({"ticket": ticket.id, **instants})
        return
    timer = next_timer(ticket)
    shown = [f"{name} due {printing.moment(at, zone)}" for name, at in due.items()]
    if timer is not None and timer.at <= now:
        shown.append("past due: the next sweep fires it")
    print(f"{ticket.id}: clocks recomputed, {', '.join(shown)}")


def _recompute(number: str) -> Ticket | None:
    """Return the ticket with its new instants, or None where none moved."""
    store = wiring.store()
    for _ in range(TRIES):
        ticket = store.ticket(number)
        if ticket is None:
            return None
        now = wiring.now()
        decision = decide(ticket, c.RecomputeClocks(), edition_named(ticket.desk, ticket.edition), now)
        if not decision.events or decision.ticket is None:
            return None
        try:
            change = TicketChange(ticket, decision.ticket, decision.events, decision.outgoing)
            store.commit(Commit(at=now, ticket=change))
        except Conflict:
            continue
        return decision.ticket
    raise Failed(f"{number}: others wrote to it {TRIES} times in a row; run it again")


def reconcile(args: Namespace) -> int:
    """Do now what the hourly function does; exit status 1 where a letter failed."""
    connect(args)
    from handlers import reconcile as function

    printing.logs_to_stderr()
    done = function.reconcile(lambda: True)
    if args.json:
        printing.as_json(done)
    else:
        printing.table([(name, str(count)) for name, count in done.items()])
    return 1 if done["ReconcileFailed"] else 0


# Letters set aside ----------------------------------------------------------------------------------------


def letters(args: Namespace) -> int:
    """Print the letters that a person should look at, or take one off that list."""
    desks = (desk_named(args.desk),) if args.desk else (*desk_ids(), NOBODY)
    connect(args)
    if args.done is not None:
        return _done(_id_of(args.done), desks, as_json=args.json)
    rows = []
    for desk in desks:
        for record in wiring.store().set_aside(desk):
            if args.json:
                printing.as_json(record.model_dump(mode="json"))
            else:
                at = printing.moment(record.received_at, "UTC" if desk == NOBODY else zone_of(desk))
                to = "nobody" if desk == NOBODY else desk
                rows.append((record.ses_message_id, at, to, record.outcome, record.reason))
    printing.table(rows)
    if not rows and not args.json:
        print("no letter waits for a person")
    return 0


def _done(name: str, desks: tuple[str, ...], *, as_json: bool) -> int:
    store = wiring.store()
    records = [record for desk in desks if (record := store.letter(desk, name)) is not None]
    if not records:
        raise Failed(f"no letter {name} is on record")
    waiting = [record for record in records if record.needs_attention]
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


def suppressed(args: Namespace) -> int:
    """Print the addresses that are written to no more, or let one be written to again; twice is the same as once."""
    desks = desks_named(args.desk)
    address = normalise_address(args.lift) if args.lift is not None else None
    if address is not None and not all(address.rpartition("@")[::2]):
        raise Misuse(f"--lift: found {args.lift!r}, expected an address such as olga@client.example")
    connect(args)
    if address is not None:
        return _lift(address, desks, as_json=args.json)
    rows = []
    for desk in desks:
        for known in wiring.store().suppressed(desk):
            if args.json:
                printing.as_json(known.model_dump(mode="json"))
            else:
                rows.append(
                    (shown_address(known.address), printing.moment(known.since, zone_of(desk)), desk, known.reason)
                )
    printing.table(rows)
    if not rows and not args.json:
        print("no address is suppressed")
    return 0


def _lift(address: str, desks: tuple[str, ...], *, as_json: bool) -> int:
    lifted = [desk for desk in desks if wiring.store().lift(desk, address)]
    if as_json:
        printing.as_json({"address": address, "lifted": lifted})
    else:
        print(f"{address}: " + (f"written to again by {', '.join(lifted)}" if lifted else "was not suppressed"))
    return 0


def replay(args: Namespace) -> int:
    """Offer letters to the desk again; exit status 1 where one of them could not be."""
    connect(args)
    failed = False
    for key in args.keys:
        name = _id_of(key)
        try:
            desks = _offer_again(name)
        except Failed as error:
            failed = True
            printing.warn(f"{name}: {error}")
            continue
        if args.json:
            printing.as_json({"letter": name, "offered_to": list(desks)})
        else:
            print(f"{name}: offered again to {', '.join(desks)}")
    return 1 if failed else 0


def _id_of(key: str) -> str:
    return key.strip().strip("/").rpartition("/")[2]


def _offer_again(name: str) -> tuple[str, ...]:
    """Bring a letter back to `incoming/`, drop what was recorded of it, and put it on the queue.

    In this order: whatever fails on the way, the letter lies in `incoming/`, and `reconcile` finishes it.
    """
    from adapters.s3 import LetterMissing

    store, mail = wiring.store(), wiring.mail_store()
    try:
        raw = mail.read(name)
    except LetterMissing as error:
        raise Failed(str(error)) from error
    known = [record for desk in (*desk_ids(), NOBODY) if (record := store.letter(desk, name)) is not None]
    _may_be_replayed(known)
    received_at = min((record.received_at for record in known), default=wiring.now())
    letter = _notification(name, raw, known, received_at)
    key = mail.take_back(name)
    try:
        for record in known:
            if _is_open_again(record):
                store.forget_letter(record)
    except Conflict as error:
        raise Failed("its record was changed by somebody else meanwhile; look again") from error
    wiring.inbound_queue().offer(notification_of(ReceivedLetter(letter.envelope, letter.bucket, key)))
    return tuple(_desks(letter.envelope.recipients)) or ("nobody: no desk has any of its recipients",)


def _may_be_replayed(known: list[LetterRecord]) -> None:
    """A letter that is on a ticket ends there again; one that was judged is judged the same again."""
    if not known or any(_is_open_again(record) for record in known):
        return
    record = known[0]
    if record.ticket is not None and record.outcome in ("ticket", "message"):
        raise Failed(f"it is on ticket {record.ticket} already: see `reglament show {record.ticket}`")
    raise Failed(f"it was read and recorded as {record.outcome} ({record.reason}); it would end so again")


def _is_open_again(record: LetterRecord) -> bool:
    """Only what could not be handled is handled anew: a replay must not lend trust that a forged letter has not."""
    return record.outcome == "quarantined"


def _notification(name: str, raw: bytes, known: list[LetterRecord], received_at: datetime) -> ReceivedLetter:
    envelope = envelope_from_raw(raw, name, received_at)
    missing = [
        record.desk for record in known if record.desk != NOBODY and record.desk not in _desks(envelope.recipients)
    ]
    addresses = tuple(editions(desk)[-1].desk.address for desk in missing)
    envelope = replace(envelope, recipients=(*envelope.recipients, *addresses))
    return ReceivedLetter(envelope, wiring.setting("MAIL_BUCKET"), name)


def _desks(recipients: tuple[str, ...]) -> dict[str, Any]:
    found = (desk_by_address(without_plus(normalise_address(recipient))) for recipient in recipients)
    return dict.fromkeys(desk for desk in found if desk is not None)
