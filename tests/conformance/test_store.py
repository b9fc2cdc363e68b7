"""What every store promises: all or nothing, once, and nobody overwrites anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.dynamodb import DynamoTable
from application.storage import (
    Clues,
    Commit,
    Conflict,
    Departure,
    Due,
    Failure,
    LetterKnown,
    LetterRecord,
    NumberTaken,
    OutboxKey,
    OutboxState,
    RecentChange,
    TicketChange,
)
from domain.client import Client, Contact, ContactKind, CountedRequest, Recent
from domain.fault.alarm import AlarmPlace, AlarmState
from domain.regulation.editions import edition_at
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.evolve import replay
from domain.ticket.outgoing import OFFERED_AGAIN_AFTER, OUTGOING
from domain.ticket.ticket import Ticket
from tests.support.builders import moscow
from tests.support.client_letters import COMPLETE, FAULT
from tests.support.commits import NOON, a_change, opening
from tests.support.life import begin
from tests.support.stores import Store


def an_open_ticket(store: Store) -> Ticket:
    """Commit a complete request and return its ticket."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    store.commit(opening(life))
    stored = store.ticket(life.state.id)
    assert stored is not None
    return stored


def test_a_committed_ticket_is_read_back_whole(store: Store) -> None:
    """Snapshot, history and outbox agree."""
    ticket = an_open_ticket(store)
    history = store.history(ticket.id)
    assert {version for version, _ in history} == {1}
    assert replay(event for _, event in history).model_copy(update={"version": 1}) == ticket
    assert [state for _, state, _ in store.outbox(ticket.id)] == [OutboxState.PENDING] * 2


def test_a_redelivered_letter_meets_its_own_record_and_writes_nothing(store: Store) -> None:
    """The record comes first in the transaction and decides, whatever else would fail."""
    ticket = an_open_ticket(store)
    with pytest.raises(LetterKnown):
        store.commit(opening(begin(COMPLETE, "2026-11-20 10:00")))
    assert len(store.history(ticket.id)) == len(begin(COMPLETE, "2026-11-20 10:00").events)


def test_a_colliding_number_is_no_redelivery(store: Store) -> None:
    """Another letter whose ticket would have the same number is told so, and nothing of it is written."""
    an_open_ticket(store)
    with pytest.raises(NumberTaken):
        store.commit(opening(begin(COMPLETE, "2026-11-20 10:00"), letter="ses-2"))
    assert store.letter("moi-dokumenty-online", "ses-2") is None


def test_a_change_decided_on_an_old_version_is_refused(store: Store) -> None:
    """Of two writers who read the same version, one wins."""
    ticket = an_open_ticket(store)
    store.commit(Commit(at=NOON, ticket=a_change(ticket)))
    with pytest.raises(Conflict):
        store.commit(Commit(at=NOON, ticket=a_change(ticket, "2026-11-20 11:30")))
    stored = store.ticket(ticket.id)
    assert stored is not None
    assert stored.version == 2


@pytest.mark.parametrize("version", [0, 3])
def test_two_letters_of_one_client_cannot_both_be_decided_on_the_same_past(store: Store, version: int) -> None:
    """Neither where there is no past yet, nor where there is."""
    before = Recent()
    for number in range(version):
        after = before.model_copy(update={"version": number + 1})
        store.commit(Commit(at=NOON, recent=RecentChange("storeolis", "acme", before, after)))
        before = after
    request = CountedRequest(ticket="STO-0000-0001", at=NOON)
    after = before.model_copy(update={"version": before.version + 1, "requests": (request,)})
    store.commit(Commit(at=NOON, recent=RecentChange("storeolis", "acme", before, after)))
    with pytest.raises(Conflict):
        store.commit(Commit(at=NOON, recent=RecentChange("storeolis", "acme", before, after)))
    assert store.situation("storeolis", "acme", None)[0] == after


def test_a_letter_is_found_by_every_clue_in_one_request(store: Store) -> None:
    """Its own record, the ticket of a token, the letter it answers, its contacts."""
    ticket = an_open_ticket(store)
    contact = Contact(kind=ContactKind.ADDRESS, value="olga@client.example")
    client = Client(id="c-1", desk=ticket.desk, contacts=(contact,))
    store.save(client)
    clues = Clues(ticket.desk, "ses-1", (ticket.id, "MDO-0000-0000"), ("ses-1@client.example", "x@y"), (contact,))
    found = store.find(clues)
    assert found.record is not None
    assert found.tickets == (ticket,)
    assert found.by_message_id == (("ses-1@client.example", ticket.id),)
    assert found.clients == ((contact, client),)


def test_the_first_ticket_of_a_message_id_keeps_it(store: Store) -> None:
    """A stranger who reuses it does not take the thread away."""
    ticket = an_open_ticket(store)
    other = begin(COMPLETE, "2026-11-20 10:00", ses_message_id="ses-2", message_id="ses-1@client.example")
    store.commit(opening(other, letter="ses-2"))
    found = store.find(Clues(ticket.desk, "ses-3", message_ids=("ses-1@client.example",)))
    assert found.by_message_id == (("ses-1@client.example", ticket.id),)


def test_only_what_is_due_is_swept_and_the_earliest_first(store: Store) -> None:
    """A ticket stores its next instant; outgoing items are armed a few minutes ahead."""
    ticket = an_open_ticket(store)
    at_once = [due for shard in range(store.shards) for due in store.due(shard, ticket.arrived_at)]
    assert at_once == []
    offered = ticket.arrived_at + OFFERED_AGAIN_AFTER
    later = [due for shard in range(store.shards) for due in store.due(shard, offered)]
    assert {due.item.partition("#")[0] for due in later} == {"OUT"}
    warned = [due for shard in range(store.shards) for due in store.due(shard, moscow("2026-11-20 13:00"))]
    assert warned[-1] == Due(ticket.id, "TICKET", moscow("2026-11-20 13:00"))


def test_an_item_is_leased_to_one_sender_and_is_gone_from_the_index_once_sent(store: Store) -> None:
    """A second sender gets nothing before the lease ends, nor after it was sent."""
    ticket = an_open_ticket(store)
    key = OutboxKey(ticket=ticket.id, item="OUT#00000001#000")
    until = NOON + timedelta(minutes=3)
    assert store.lease(key, now=NOON, until=until) is not None
    assert store.lease(key, now=NOON, until=until) is None
    again = store.lease(key, now=until, until=until + timedelta(minutes=3))
    assert again is not None
    assert again.failures == 0
    store.mark_sent(Departure(key, ticket.desk, until, "0100-sent"))
    assert store.lease(key, now=until + timedelta(hours=1), until=until + timedelta(hours=2)) is None
    assert key.item not in {
        due.item for shard in range(store.shards) for due in store.due(shard, until + timedelta(days=1))
    }


def test_an_answer_to_our_letter_finds_the_ticket_by_the_id_that_ses_gave_it(store: Store) -> None:
    """SES appends its own domain to the id it returns."""
    ticket = an_open_ticket(store)
    key = OutboxKey(ticket=ticket.id, item="OUT#00000001#000")
    store.lease(key, now=NOON, until=NOON)
    store.mark_sent(Departure(key, ticket.desk, NOON, "0102018-abc-000000"))
    answer = "0102018-abc-000000@eu-west-1.amazonses.com"
    assert store.find(Clues(ticket.desk, "ses-9", message_ids=(answer,))).by_message_id == ((answer, ticket.id),)


def test_the_correspondence_of_a_ticket_is_its_letters_and_what_has_left(store: Store) -> None:
    """What is still in the outbox was read by nobody."""
    ticket = an_open_ticket(store)
    unsent = store.correspondence(ticket.id)
    key = OutboxKey(ticket=ticket.id, item="OUT#00000001#000")
    store.lease(key, now=NOON, until=NOON)
    store.mark_sent(Departure(key, ticket.desk, NOON, "0102018-abc-000000", "Здравствуйте.\n\nПисьмо получено.\n"))
    sent = store.correspondence(ticket.id)
    assert (len(unsent.received), unsent.sent) == (1, ())
    assert [letter.text for letter in sent.sent] == ["Здравствуйте.\n\nПисьмо получено.\n"]
    assert sent.received == unsent.received


def test_an_unsent_item_is_offered_again_once_by_an_insert(store: Store) -> None:
    """Of two sweeps that see it, one offers it."""
    ticket = an_open_ticket(store)
    at = ticket.arrived_at + OFFERED_AGAIN_AFTER
    due = next(due for shard in range(store.shards) for due in store.due(shard, at))
    assert store.rearm_outgoing(due, now=at) == "mail"
    assert store.rearm_outgoing(due, now=at) is None


def test_what_was_put_back_or_given_up_is_so_only_by_whoever_holds_the_lease(store: Store) -> None:
    """A sender that lost its lease changes nothing."""
    ticket = an_open_ticket(store)
    key = OutboxKey(ticket=ticket.id, item="OUT#00000001#000")
    store.give_up(key, ticket.desk, at=NOON, error="late")
    assert store.outbox(ticket.id)[0][1] is OutboxState.PENDING
    store.lease(key, now=NOON, until=NOON)
    store.put_back(key, Failure(NOON, NOON, "throttled"))
    assert store.outbox(ticket.id)[0][1] is OutboxState.PENDING
    leased = store.lease(key, now=NOON, until=NOON)
    assert leased is not None
    assert leased.failures == 1
    store.give_up(key, ticket.desk, at=NOON, error="rejected")
    assert store.outbox(ticket.id)[0][1] is OutboxState.FAILED


def test_letters_of_a_commit_that_holds_them_are_given_up_from_the_first_and_pages_leave(store: Store) -> None:
    """They are listed with the reason, nobody can lease them, and they leave on a person's word."""
    life = begin(FAULT, "2026-11-20 10:00")
    store.commit(replace(opening(life), held="they may have left"))
    written = store.outbox(life.fault.id) + store.outbox(life.state.id)
    states = {OUTGOING.validate_json(body).outbox: (key, state) for key, state, body in written}
    (page, waits), (mail, held) = states["page"], states["mail"]
    assert (waits, held) == (OutboxState.PENDING, OutboxState.FAILED)
    assert (store.given_up_because(mail), store.given_up_because(page)) == ("they may have left", "")
    assert mail in [given_up.key for given_up in store.given_up(life.state.desk)]
    assert store.lease(mail, now=NOON, until=NOON) is None
    due = {(one.ticket, one.item) for shard in range(store.shards) for one in store.due(shard, NOON)}
    assert (page.ticket, page.item) in due
    assert (mail.ticket, mail.item) not in due
    assert store.send_again(mail, at=NOON)
    assert store.lease(mail, now=NOON, until=NOON) is not None


def test_a_letter_that_failed_is_woken_by_another_once_it_has_rested(store: Store) -> None:
    """Its sender is told that it was woken, and not that it comes by its own pause."""
    ticket, minute = an_open_ticket(store), timedelta(minutes=1)
    key = OutboxKey(ticket=ticket.id, item="OUT#00000001#000")
    for rests in (0, 55):
        store.lease(key, now=NOON, until=NOON)
        store.put_back(key, Failure(NOON, NOON + 8 * 60 * minute, "none", rests=rests * minute))
        (unsent,) = (letter for letter in store.unsent(key) if letter.key == key)
        assert unsent.listed_at == NOON + rests * minute
        leased = store.lease(key, now=NOON, until=NOON)
        assert leased is not None
        assert not leased.was_woken
    store.put_back(key, Failure(NOON, NOON + 8 * 60 * minute, "none", rests=55 * minute))
    assert not store.wake_delayed(now=NOON + 55 * minute, pause=0 * minute, at_most=5)
    assert store.wake_delayed(now=NOON + 56 * minute, pause=0 * minute, at_most=5) == 1
    (unsent,) = (letter for letter in store.unsent(key) if letter.key == key)
    assert (unsent.listed_at, unsent.due_at) == (None, NOON + 56 * minute)
    leased = store.lease(key, now=NOON + 57 * minute, until=NOON + 58 * minute)
    assert leased is not None
    assert leased.was_woken


def test_of_two_writers_of_one_client_the_later_stands_with_its_contacts_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the later one had read before the other wrote: no contact is left that the client does not have."""
    first, second = (Contact(kind=ContactKind.ADDRESS, value=f"{name}@x.example") for name in ("first", "second"))
    later = Client(id="a", desk="storeolis", contacts=(second,))
    if isinstance(store, DynamoTable):
        real, before = store._around, [store._around([later])]
        store.save(Client(id="a", desk="storeolis", contacts=(first,)))
        monkeypatch.setattr(store, "_around", lambda clients: before.pop() if before else real(clients))
    else:
        store.save(Client(id="a", desk="storeolis", contacts=(first,)))
    store.save(later)
    assert store.client("storeolis", "a") == later
    assert store.owners("storeolis", [first, second]) == {second: "a"}


def test_one_contact_never_belongs_to_two_clients(store: Store) -> None:
    """The second is refused whole."""
    contact = Contact(kind=ContactKind.INN, value="7707083893")
    store.save(Client(id="a", desk="storeolis", contacts=(contact,)))
    with pytest.raises(Conflict):
        store.save(Client(id="b", desk="storeolis", contacts=(contact,)))
    assert store.client("storeolis", "b") is None
    store.save(Client(id="a", desk="storeolis"))
    store.save(Client(id="b", desk="storeolis", contacts=(contact,)))
    assert store.owners("storeolis", [contact]) == {contact: "b"}
    assert [client.id for client in store.clients("storeolis")] == ["a", "b"]
    store.remove("storeolis", "b")
    assert store.owners("storeolis", [contact]) == {}


def test_an_alarms_older_change_does_not_overwrite_the_newer(store: Store) -> None:
    """Whoever read the fault before another wrote it is refused."""
    first = AlarmState(alarm="api", desk="mdo", ticket="MDO-1", open=True, changed_at=NOON)
    store.commit(Commit(at=NOON, alarm=(None, first)))
    closed = first.model_copy(update={"open": False, "changed_at": NOON + timedelta(minutes=1)})
    store.commit(Commit(at=NOON, alarm=(first, closed)))
    with pytest.raises(Conflict):
        store.commit(Commit(at=NOON, alarm=(first, closed)))
    assert store.alarm_state("api") == closed


def test_a_fault_is_kept_by_account_and_region_and_one_kept_by_name_alone_moves_once(store: Store) -> None:
    """Whoever moves it second is refused, and finds it where it is then."""
    by_name = AlarmState(alarm="api", desk="mdo", ticket="MDO-1", open=True, changed_at=NOON)
    store.commit(Commit(at=NOON, alarm=(None, by_name)))
    here, there = (AlarmPlace(account="1", region=region) for region in ("eu-west-1", "eu-central-1"))
    assert store.alarm_state("api", here) == store.alarm_state("api", there) == by_name
    moved = by_name.model_copy(update={"place": here, "changed_at": NOON + timedelta(minutes=1)})
    store.commit(Commit(at=NOON, alarm=(by_name, moved)))
    for place in (here, there):
        with pytest.raises(Conflict):
            store.commit(Commit(at=NOON, alarm=(by_name, moved.model_copy(update={"place": place}))))
    with pytest.raises(Conflict):
        store.commit(Commit(at=NOON, alarm=(None, moved)))
    assert store.alarm_state("api", here) == moved
    assert store.alarm_state("api", there) is None


def test_the_queue_lists_open_tickets_and_letters_set_aside_apart(store: Store) -> None:
    """A closed ticket is in neither."""
    ticket = an_open_ticket(store)
    aside = LetterRecord(
        desk=ticket.desk,
        ses_message_id="bad",
        received_at=NOON,
        kind="quarantined",
        outcome="quarantined",
        needs_attention=True,
    )
    store.commit(Commit(at=NOON, letter=aside))
    assert [queued.id for queued in store.queue(ticket.desk)] == [ticket.id]
    assert list(store.set_aside(ticket.desk)) == [aside]
    closing: Any = c.SpecialistAct(c.Act.CLOSE, "me")
    decision = decide(ticket, closing, edition_at(ticket.desk, NOON), NOON)
    assert decision.ticket is not None
    store.commit(Commit(at=NOON, ticket=TicketChange(ticket, decision.ticket, decision.events, decision.outgoing)))
    assert list(store.queue(ticket.desk)) == []
