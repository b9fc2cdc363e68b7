"""Faults, people and rota as a table keeps them: keys, bounds, writers at the same time, the stream."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from adapters.dynamodb import DynamoTable, keys
from adapters.dynamodb.writes import ITEM_LIMIT, TRANSACTION_LIMIT, Write
from application.storage import Clues, Commit, Conflict, FaultsChange, OutboxKey
from domain.fault.alarm import AlarmPlace, AlarmState
from domain.fault.evolve import replay_fault
from domain.fault.fault import DeskFaults
from domain.fault.numbers import fault_id, is_fault_number
from domain.people import NOBODY, People
from domain.rota import Rota
from handlers.delivery import key_of
from local.patterns import matches
from tests.support.builders import MDO
from tests.support.commits import NOON
from tests.support.engines import WRITERS, at_once, pattern_of, stream_of
from tests.support.fault_values import (
    NUMBER,
    PEOPLE,
    TICKET,
    a_fault,
    a_joining,
    a_member,
    a_standing_change,
    an_acknowledgement,
    an_opening,
    opened_fault,
)
from tests.support.stores import Store

CLUES = Clues(desk=MDO, ses_message_id="ses-1")


# Faults ------------------------------------------------------------------------------------------------------


def test_a_fault_is_what_its_history_says(store: Store) -> None:
    """The snapshot is read without it, and is made of it again where it is lost."""
    fault = opened_fault(store)
    history = store.fault_history(fault.id)
    assert [version for version, _ in history] == [1]
    assert replay_fault(event for _, event in history).model_copy(update={"version": 1}) == fault


def test_of_first_reports_at_the_same_time_one_opens_a_fault(store: Store) -> None:
    """The others read again and find it: thirty letters of one minute are one fault."""
    before = store.desk_faults(MDO)

    def open_one(place: int) -> None:
        number = fault_id("MDO", MDO, f"letter {place}")
        listed = FaultsChange(MDO, before, DeskFaults(numbers=(number,)))
        store.commit(Commit(at=NOON, faults=(an_opening(id=number),), desk_faults=listed))

    assert at_once(open_one).count(None) == 1
    listed = store.desk_faults(MDO)
    assert listed.version == 1
    assert [fault.id for fault in store.faults(listed.numbers)] == [*listed.numbers]
    assert len([place for place in range(WRITERS) if store.fault(fault_id("MDO", MDO, f"letter {place}"))]) == 1


def test_of_reports_that_join_at_the_same_time_one_is_first(store: Store) -> None:
    """And an acknowledgement between them is never lost."""
    fault = opened_fault(store)
    ends = at_once(
        lambda place: (
            store.commit(Commit(at=NOON, faults=(a_joining(fault, f"MDO-0000-000{place}"),)))
            if place
            else store.commit(Commit(at=NOON, faults=(an_acknowledgement(fault),)))
        )
    )
    assert ends.count(None) == 1
    after = store.fault(fault.id)
    assert after is not None
    assert after.version == 2
    assert len(store.members(fault.id)) == 1 + after.reports - 1


def test_a_ticket_that_was_detached_is_a_member_no_more_and_may_come_back(store: Store) -> None:
    fault = opened_fault(store)
    store.commit(Commit(at=NOON, faults=(replace(an_acknowledgement(fault), detached=(TICKET,)),)))
    assert store.members(fault.id) == []
    (after,) = store.faults([fault.id])
    store.commit(Commit(at=NOON, faults=(a_joining(after, TICKET),)))
    assert [member.ticket for member in store.members(fault.id)] == [TICKET]


def test_nothing_of_a_fault_is_ever_deleted(table: DynamoTable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Specialists detach tickets and end faults, and no policy of theirs deletes (docs/access.md)."""
    written: list[Write] = []
    transact = table._transact

    def note(writes: Sequence[Write]) -> None:
        written.extend(writes)
        transact(writes)

    monkeypatch.setattr(table, "_transact", note)
    fault = opened_fault(table)
    table.commit(Commit(at=NOON, faults=(replace(an_acknowledgement(fault), detached=(TICKET,)),)))
    assert {write.action for write in written} == {"Put"}
    assert {write.key["pk"]["S"].partition("#")[0] for write in written} == {"FAULT", "FAULTS"}


def test_a_fault_of_five_hundred_tickets_is_a_small_item_and_each_of_its_commits_a_small_transaction(
    table: DynamoTable,
) -> None:
    """An item holds 400 KB and a transaction a hundred writes (DynamoDB API reference): tickets are items of their own."""
    fault = opened_fault(table)
    tickets = [f"MDO-0000-{number:04}" for number in range(500)]
    for start in range(0, 500, 50):
        joined = tuple(a_member(ticket) for ticket in tickets[start : start + 50])
        table.commit(Commit(at=NOON, faults=(replace(a_joining(fault), joined=joined),)))
        (fault,) = table.faults([fault.id])
    assert [member.ticket for member in table.members(fault.id)] == sorted([TICKET, *tickets])
    item = table._get(keys.fault(fault.id))
    assert item is not None
    assert sum(len(name) + len(str(value)) for name, value in item.items()) < ITEM_LIMIT / 100
    assert TRANSACTION_LIMIT > 50 + 2


def test_more_faults_than_one_request_takes_are_all_found(table: DynamoTable) -> None:
    """BatchGetItem takes a hundred keys."""
    numbers = [fault_id("MDO", MDO, str(place)) for place in range(101)]
    for number in (numbers[0], numbers[-1]):
        table.commit(Commit(at=NOON, faults=(an_opening(id=number),)))
    assert [fault.id for fault in table.faults(numbers)] == [numbers[0], numbers[-1]]


def test_an_alarm_never_lies_in_the_partition_of_a_fault() -> None:
    """The functions may delete what alarms reported, by the length of its key, and nothing of a fault."""
    for name in ("a", "MDO-F-7K3F9"):
        pk = keys.alarm(name)["pk"]["S"]
        assert pk.startswith("FAULT#")
        assert len(keys.number_in(pk)) == 32
        assert not is_fault_number(keys.number_in(pk))
    assert keys.partition(NUMBER) == f"FAULT#{NUMBER}"
    assert keys.partition(TICKET) == f"TICKET#{TICKET}"


def test_an_older_version_of_the_functions_reads_what_an_alarm_reported(table: DynamoTable) -> None:
    """It runs beside this one while a deployment is under way, and refuses a body with fields that it does not know."""
    state = AlarmState(
        alarm="a",
        place=AlarmPlace(account="1", region="eu-west-1"),
        desk=MDO,
        ticket=TICKET,
        fault=NUMBER,
        open=True,
        changed_at=NOON,
        taken=("ALARM",),
    )
    table.commit(Commit(at=NOON, alarm=(None, state)))
    item = table._get(keys.alarm(state.key))
    assert item is not None
    assert json.loads(item["body"]["S"]).keys() <= {"alarm", "place", "desk", "ticket", "open", "changed_at"}
    assert table.alarm_state("a", state.place) == state


@pytest.mark.parametrize("outbox", ["mail", "page"])
def test_the_stream_tells_a_sender_of_what_a_fault_sends(table: DynamoTable, outbox: str) -> None:
    """By the filter that the template gives its function, and once more where a sweep offers it again."""
    fault = opened_fault(table)
    items = {json.loads(body)["outbox"]: key for key, _, body in table.outbox(fault.id)}
    far = NOON + timedelta(days=1)
    due = [one for shard in range(table.shards) for one in table.due(shard, far) if one.item == items[outbox].item]
    assert [table.rearm_outgoing(one, now=far) for one in due] == [outbox]
    told = [record for record in stream_of(table) if matches(pattern_of(outbox), record)]
    assert [key_of(DynamoDBRecord(record)) for record in told] == [items[outbox]] * 2


def test_a_page_that_left_by_a_channel_is_known_to_have_even_where_the_lease_was_lost(store: Store) -> None:
    """Whoever tries it next leaves that channel out: nobody is woken twice for one page where it can be known."""
    fault = opened_fault(store)
    page = store.outbox(fault.id)[0][0]
    store.lease(page, now=NOON, until=NOON + timedelta(minutes=3))
    later = NOON + timedelta(minutes=4)
    store.lease(page, now=later, until=later + timedelta(minutes=3))
    store.mark_delivered(page, MDO, "topic", "sns-1")
    latest = later + timedelta(minutes=4)
    leased = store.lease(page, now=latest, until=latest + timedelta(minutes=3))
    assert leased is not None
    assert leased.delivered == {"topic"}


def test_an_answer_to_a_page_by_mail_finds_the_fault_before_the_page_has_left_by_every_channel(store: Store) -> None:
    fault = opened_fault(store)
    page = store.outbox(fault.id)[0][0]
    store.lease(page, now=NOON, until=NOON + timedelta(minutes=3))
    store.mark_delivered(page, MDO, "mail", "0102-page")
    answer = replace(CLUES, message_ids=("0102-page@eu-west-1.amazonses.com",))
    assert [number for _, number in store.find(answer).by_message_id] == [fault.id]


def test_nothing_is_marked_of_a_page_that_is_not_there(store: Store) -> None:
    with pytest.raises(Conflict):
        store.mark_delivered(OutboxKey(ticket=NUMBER, item="OUT#00000001#000"), MDO, "topic", "0102-page")
    assert store.find(replace(CLUES, message_ids=("0102-page",))).by_message_id == ()


# People and rota ---------------------------------------------------------------------------------------------


def test_of_people_who_change_the_people_at_the_same_time_one_is_first_and_the_others_are_told(store: Store) -> None:
    """Nothing is lost: the others read the list as it is and change that."""
    store.save_people(MDO, NOBODY, PEOPLE, a_standing_change())
    before = store.people(MDO)
    fewer = before.model_copy(update={"persons": ()})
    ends = at_once(lambda place: store.save_people(MDO, before, fewer, a_standing_change(f"people remove {place}")))
    assert ends.count(None) == 1
    assert store.people(MDO) == fewer.model_copy(update={"version": 2})
    assert len(list(store.standing_changes(MDO))) == 2


def test_people_and_faults_are_found_with_a_letters_clues_in_the_same_request(table: DynamoTable) -> None:
    """A letter costs no further request by them."""
    table.save_people(MDO, NOBODY, PEOPLE, a_standing_change())
    opened_fault(table)
    asked: list[str] = []

    def note(model: Any, **_: Any) -> None:
        asked.append(model.name)

    table._client.meta.events.register("before-parameter-build.dynamodb.*", note)
    found = table.find(CLUES)
    table._client.meta.events.unregister("before-parameter-build.dynamodb.*", note)
    assert asked == ["BatchGetItem"]
    assert found.people == PEOPLE.model_copy(update={"version": 1})
    assert found.desk_faults == DeskFaults(version=1, numbers=(NUMBER,))


@pytest.mark.parametrize("body", ["{", '{"version": 3, "unknown": 1}', None])
def test_what_cannot_be_read_of_a_desk_stops_no_letter_and_is_replaced_by_the_next_write(
    table: DynamoTable, body: str | None
) -> None:
    """It counts as empty, which is told as loudly as where nobody was ever entered; `audit` names the item."""
    attributes = {"version": {"N": "3"}, **({"body": {"S": body}} if body is not None else {})}
    for key in (keys.people(MDO), keys.rota(MDO), keys.desk_faults(MDO)):
        table._client.put_item(TableName=table._table, Item={**key, **attributes})
    found = table.find(CLUES)
    assert (found.people, found.desk_faults) == (People(version=3), DeskFaults(version=3))
    assert table.standing(MDO) == (People(version=3), Rota(version=3))
    table.save_people(MDO, table.people(MDO), PEOPLE, a_standing_change())
    table.save_rota(MDO, table.rota(MDO), Rota(), a_standing_change())
    opened_fault(table)
    assert table.standing(MDO) == (PEOPLE.model_copy(update={"version": 4}), Rota(version=4))
    assert table.desk_faults(MDO) == DeskFaults(version=4, numbers=(NUMBER,))


def test_two_changes_of_one_instant_are_both_remembered(store: Store) -> None:
    """Of the people and of the rota, each its first."""
    store.save_people(MDO, NOBODY, PEOPLE, a_standing_change("people import"))
    store.save_rota(MDO, Rota(), Rota(), a_standing_change("oncall set"))
    assert {change.what for change in store.standing_changes(MDO)} == {"people import", "oncall set"}


def test_what_specialists_write_and_what_only_administrators_write_is_in_different_partitions() -> None:
    """IAM sees no sort key: a specialist who may list a fault may not make himself a lead by it."""
    administrators = {keys.people(MDO)["pk"]["S"], keys.rota(MDO)["pk"]["S"]}
    administrators.add(keys.standing_change(keys.people(MDO), 1, NOON)["pk"]["S"])
    assert administrators == {f"DESK#{MDO}"}
    specialists = (keys.desk_faults(MDO), keys.fault(a_fault().id), keys.member(NUMBER, TICKET))
    assert {key["pk"]["S"] for key in specialists} == {f"FAULTS#{MDO}", f"FAULT#{NUMBER}"}
