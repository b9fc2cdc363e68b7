"""Tickets: the snapshot on condition of its version, the history, and what leads to a ticket."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.dynamodb import keys
from adapters.dynamodb.items import Item, body, number, stored, text
from adapters.dynamodb.table import Table
from adapters.dynamodb.writes import IF_NEW, Write, check, if_version, put, update
from adapters.instants import next_instant
from application.storage import Condition, Conflict, Correspondence, NumberTaken, SentText, TicketChange
from domain.fault.numbers import is_fault_number
from domain.regulation.editions import edition_named
from domain.regulation.months import month_of
from domain.ticket.events import EVENT, Event, LetterAdded
from domain.ticket.outgoing import OUTGOING, OutgoingMail
from domain.ticket.ticket import Status, Ticket


class Tickets(Table):
    """Tickets and their history."""

    def ticket(self, number: str) -> Ticket | None:
        """Return a ticket as last committed: one consistent GetItem."""
        item = self._get(keys.ticket(number))
        return stored(item, Ticket) if item else None

    def history(self, number: str) -> list[tuple[int, Event]]:
        """Return a ticket's whole history in order, each event with the version that committed it."""
        return [
            (int(item["version"]["N"]), EVENT.validate_json(item["body"]["S"]))
            for item in self._query(pk=keys.partition(number), prefix="EVENT#")
        ]

    def correspondence(self, number: str) -> Correspondence:
        """Return all that was written on a ticket: a Query of its partition, a request for each megabyte."""
        received: list[str] = []
        sent: list[SentText] = []
        first = "OUT#" if is_fault_number(number) else "EVENT#"  # letters join tickets alone
        for item in self._between(pk=keys.partition(number), first=first, last="OUT#~"):
            place = item["sk"]["S"]
            if place.startswith("EVENT#"):
                event = EVENT.validate_json(item["body"]["S"])
                if isinstance(event, LetterAdded):
                    received.append(event.whole_text)
            elif place.startswith("OUT#") and "sent_text" in item:
                message = OUTGOING.validate_json(item["body"]["S"])
                if isinstance(message, OutgoingMail):
                    sent.append(SentText(message.audience, item["sent_text"]["S"]))
        return Correspondence(tuple(received), tuple(sent))

    def queue(self, desk: str) -> Iterator[Ticket]:
        """Return a desk's open tickets in order of arrival. The index may lag behind by a moment."""
        for item in self._listed(desk):
            yield stored(item, Ticket)

    def tickets_of(self, desk: str, client_key: str) -> Iterator[str]:
        """Return the numbers of a client's tickets, the latest first."""
        pk = keys.client(desk, client_key)["pk"]["S"]
        for item in self._query(pk=pk, prefix="TICKET#", backwards=True):
            yield item["sk"]["S"].rpartition("#")[2]


def next_version(change: TicketChange) -> int:
    """Return the version of a ticket that a change makes."""
    return change.before.version + 1 if change.before else 1


def ticket_writes(change: TicketChange, shards: int) -> Iterator[Write]:
    """Return the writes of a ticket's next version and its events."""
    version = next_version(change)
    after = change.after.model_copy(update={"version": version})
    item = ticket_item(after, shards)
    if change.before is None:
        taken = NumberTaken(f"another letter's ticket has the number {after.id}", number=after.id)
        yield put(item, IF_NEW, taken)
        yield put(keys.clients_ticket(after))
    else:
        yield put(item, if_version(change.before.version), Conflict(condition=Condition.TICKET))
    for place, event in enumerate(change.events):
        entry = {**keys.event(after.id, version, place), "version": number(version), "body": body(event)}
        yield put(entry, IF_NEW, Conflict(condition=Condition.TICKET))
        for message_id in event.known_by if isinstance(event, LetterAdded) else ():
            yield reference(after.desk, message_id, after.id)


def ticket_item(ticket: Ticket, shards: int) -> Item:
    """Return a ticket as it is stored, with its places in the indexes."""
    month = month_of(edition_named(ticket.desk, ticket.edition), ticket.arrived_at)
    item = {
        **keys.ticket(ticket.id),
        "version": number(ticket.version),
        "body": body(ticket),
        "month_desk": text(f"{ticket.desk}#{month}"),
        "month_at": text(f"{keys.instant(ticket.arrived_at)}#{ticket.id}"),
    }
    if at := next_instant(ticket):
        item |= keys.armed(ticket.id, at, shards)
    if ticket.status is not Status.CLOSED:
        item |= keys.queued(ticket.desk, ticket.queued_from, ticket.id)
    return item


def reference(desk: str, message_id: str, ticket: str) -> Write:
    """Let answers to a message find the ticket; the first ticket of a Message-ID keeps it."""
    expression = "SET ticket = if_not_exists(ticket, :ticket)"
    return update(keys.message(desk, message_id), expression, {":ticket": text(ticket)})


def unchanged(ticket: Ticket) -> Write:
    """Check that a ticket has not been written since it was read."""
    return check(keys.ticket(ticket.id), if_version(ticket.version), Conflict(condition=Condition.TICKET))
