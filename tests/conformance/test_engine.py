"""Where engines may differ: writers at the same time, pages, bounds, the stream, late indexes."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any, Final

import pytest

from adapters.dynamodb import DynamoTable
from adapters.dynamodb.registry import NAMESAKES_KEPT
from application.storage import Clues, Commit, Conflict, Departure, LetterRecord, OutboxKey, OutboxState, TooLarge
from domain.client import Client, Contact, ContactKind
from local.patterns import matches
from tests.support.client_letters import COMPLETE
from tests.support.commits import NOON, a_change, opening
from tests.support.engines import at_once, pattern_of, stream_of
from tests.support.life import begin
from tests.support.stores import Store

DESK: Final = "moi-dokumenty-online"


def a_record(name: str, reason: str) -> LetterRecord:
    """Return the record of a letter set aside; the later its name, the later it came."""
    return LetterRecord(
        desk=DESK,
        ses_message_id=name,
        received_at=NOON + timedelta(seconds=int(name)),
        kind="quarantined",
        outcome="quarantined",
        reason=reason,
        needs_attention=True,
    )


def test_of_writers_at_the_same_time_who_read_the_same_version_one_wins(store: Store) -> None:
    """Moto is asked one call at a time: it keeps its tables without locks."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    store.commit(opening(life))
    ticket = store.ticket(life.state.id)
    assert ticket is not None
    ends = at_once(lambda _: store.commit(Commit(at=NOON, ticket=a_change(ticket))))
    assert ends.count(None) == 1
    after = store.ticket(ticket.id)
    assert after is not None
    assert after.version == 2
    assert [version for version, _ in store.history(ticket.id)].count(2) == len(a_change(ticket).events)


def test_of_senders_at_the_same_time_one_has_the_lease(store: Store) -> None:
    """The others get nothing."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    store.commit(opening(life))
    key = OutboxKey(ticket=life.state.id, item="OUT#00000001#000")
    leases = at_once(lambda _: store.lease(key, now=NOON, until=NOON + timedelta(minutes=3)))
    assert len([lease for lease in leases if lease is not None]) == 1


def test_what_fills_more_than_a_page_is_read_whole_and_in_order(store: Store) -> None:
    """DynamoDB ends a page at a megabyte; here there are almost two."""
    names = [f"{number:03}" for number in range(24)]
    for name in reversed(names):
        store.commit(Commit(at=NOON, letter=a_record(name, "x" * 80_000)))
    assert [record.ses_message_id for record in store.set_aside(DESK)] == names


def test_more_contacts_than_one_request_takes_are_all_found(store: Store) -> None:
    """BatchGetItem takes a hundred keys, and gives 16 MB at most."""
    contacts = [Contact(kind=ContactKind.ADDRESS, value=f"{number}@x.example") for number in range(150)]
    store.save(Client(id="a", desk=DESK, contacts=tuple(contacts[:60])))
    store.save(Client(id="b", desk=DESK, contacts=tuple(contacts[60:120])))
    owners = store.owners(DESK, contacts)
    assert [owners.get(contact) for contact in contacts] == ["a"] * 60 + ["b"] * 60 + [None] * 30


def test_what_no_item_holds_is_refused_by_name_and_nothing_of_it_is_written(table: DynamoTable) -> None:
    """400 KB, names of attributes included; the memory has no bounds."""
    table.commit(Commit(at=NOON, letter=a_record("001", "x" * 380_000)))
    with pytest.raises(TooLarge, match="LETTER"):
        table.commit(Commit(at=NOON, letter=a_record("002", "я" * 210_000)))
    assert table.letter(DESK, "002") is None


def test_what_no_transaction_holds_is_refused_and_nothing_of_it_is_written(table: DynamoTable) -> None:
    """A hundred writes: a client with more contacts than that is nobody's."""
    contacts = tuple(Contact(kind=ContactKind.ADDRESS, value=f"{number}@x.example") for number in range(98))
    with pytest.raises(TooLarge, match="101 writes"):
        table.save(Client(id="a", desk=DESK, contacts=contacts))
    assert table.client(DESK, "a") is None
    assert table.owners(DESK, contacts) == {}
    table.save(Client(id="a", desk=DESK, contacts=contacts[:97]))
    assert table.client(DESK, "a") is not None


def test_a_name_of_very_many_clients_names_none_of_them_even_when_all_but_one_have_gone(table: DynamoTable) -> None:
    """An item holds 400 KB: not every id is kept, and who is not kept may still be there."""
    clients = [Client(id=f"K-{number}", desk=DESK, organisation="ООО «Лён»") for number in range(NAMESAKES_KEPT + 2)]
    for client in clients:
        table.save(client)
    for client in clients[:-1]:
        table.remove(DESK, client.id)
    clues = Clues(desk=DESK, ses_message_id="s", organisation="ооо лен")
    assert table.find(clues).by_organisation is None


def test_two_clients_of_one_name_saved_at_the_same_moment_make_it_nobodys(store: Store) -> None:
    """Neither write takes the other's id away."""
    together = Barrier(2)

    def save(client_id: str) -> None:
        together.wait()
        store.save(Client(id=client_id, desk=DESK, organisation="ООО «Лён»"))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(save, ("K-1", "K-2")))
    clues = Clues(desk=DESK, ses_message_id="s", organisation="ооо лен")
    assert store.find(clues).by_organisation is None
    store.remove(DESK, "K-1")
    assert store.find(clues).by_organisation == "K-2"


def test_an_import_of_clients_of_one_name_makes_it_nobodys(table: DynamoTable) -> None:
    """None of them are written in one transaction, which takes an item once."""
    clients = [Client(id=f"K-{number}", desk=DESK, organisation="ООО «Лён»") for number in range(3)]
    clues = Clues(desk=DESK, ses_message_id="s", organisation="ооо лен")
    list(table.save_all(clients[:1]))
    assert table.find(clues).by_organisation == "K-0"
    list(table.save_all(clients))
    assert table.find(clues).by_organisation is None
    assert list(table.clients(DESK)) == clients


def test_a_reason_that_is_no_failed_condition_is_not_taken_for_one(table: DynamoTable) -> None:
    """A transaction in the way is a conflict; a throttled one is what it is."""
    client = table._client
    for code, meaning in (
        ("TransactionConflict", Conflict),
        ("ThrottlingError", client.exceptions.TransactionCanceledException),
    ):

        def cancelled(model: Any, code: str = code, **_: Any) -> Any:
            error = {"Code": "TransactionCanceledException", "Message": "made up"}
            return _Answer(400), {"Error": error, "CancellationReasons": [{"Code": code}]}

        client.meta.events.register("before-call.dynamodb.TransactWriteItems", cancelled)
        with pytest.raises(meaning):
            table.commit(Commit(at=NOON, letter=a_record("001", "")))
        client.meta.events.unregister("before-call.dynamodb.TransactWriteItems", cancelled)


class _Answer:
    """As much of a response as botocore looks at."""

    def __init__(self, status_code: int) -> None:
        self.status_code = status_code


@pytest.mark.parametrize("outbox", ["mail", "page"])
def test_the_stream_tells_a_sender_of_each_item_once_and_of_no_change_to_it(table: DynamoTable, outbox: str) -> None:
    """By the filter that the template gives its function; leasing and marking are changes."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    table.commit(opening(life))
    for key, _, _ in table.outbox(life.state.id):
        table.lease(key, now=NOON, until=NOON)
        table.mark_sent(Departure(key, DESK, NOON, f"sent-{key.item}"))
    assert {state for _, state, _ in table.outbox(life.state.id)} == {OutboxState.SENT}
    records = stream_of(table)
    assert {record["eventName"] for record in records} == {"INSERT", "MODIFY"}
    told = [record["dynamodb"] for record in records if matches(pattern_of(outbox), record)]
    wanted = [key.item for key, _, body in table.outbox(life.state.id) if json.loads(body)["outbox"] == outbox]
    assert [change["Keys"]["sk"]["S"] for change in told] == wanted
    assert all(change["NewImage"]["state"]["S"] == OutboxState.PENDING for change in told)


def test_an_index_is_read_as_late_as_it_may_be_and_a_stale_entry_changes_nothing(store: Store) -> None:
    """Every engine here is up to date at once; DynamoDB promises it for later, so an entry is acted on as it was read."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    store.commit(opening(life))
    late = NOON + timedelta(days=1)
    stale = [due for shard in range(store.shards) for due in store.due(shard, late) if due.item.startswith("OUT#")]
    for key, _, _ in store.outbox(life.state.id):
        store.lease(key, now=NOON, until=NOON)
        store.mark_sent(Departure(key, DESK, NOON, key.item))
    assert stale
    assert [store.rearm_outgoing(due, now=late) for due in stale] == [None] * len(stale)
    assert [store.put_off(due, until=late) for due in stale] == [False] * len(stale)
