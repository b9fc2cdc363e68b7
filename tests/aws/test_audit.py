"""`reglament audit`: each thing that may be wrong is found, told with its remedy, and gone once that is done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest

from adapters.audit.bucket import BUCKET_ACTIONS, UNDELETE_ACTIONS
from adapters.audit.table import REPAIR_ACTIONS, TABLE_ACTIONS
from application.audit import REMEDIES, Flaw
from application.change import change_ticket
from application.storage import Commit, FaultChange, FaultsChange
from domain.fault.alarm import AlarmState
from domain.fault.commands import DetachTicket, OpenFault
from domain.fault.decide import decide_fault
from domain.fault.fault import DeskFaults, Member, Source
from domain.fault.reports import report_by_word
from domain.regulation.editions import edition_at
from domain.rota import Rota
from domain.ticket import commands as c
from domain.ticket.ticket import CriticalClock
from handlers import alarm
from tests.support.builders import MDO, moscow
from tests.support.client_letters import COMPLETE
from tests.support.command_line import Run
from tests.support.fault_values import PEOPLE, a_standing_change
from tests.support.functions import Functions, number_of, state
from tests.support.raw_mail import raw
from tests.support.restoring import Item, items_of, key_of
from tests.support.sdk import client

AT = moscow("2026-11-20 10:00")
NUMBER = number_of(MDO, "m1")
FAULT = "MDO-F-7K3F9"
Damage = Callable[[Functions], None]


@pytest.fixture
def desk(functions: Functions) -> Functions:
    """A desk with one ticket of two versions and one that an alarm opened, in a bucket that keeps deleted letters."""
    client("s3").put_bucket_versioning(Bucket=functions.bucket, VersioningConfiguration={"Status": "Enabled"})
    letter = raw(COMPLETE, Message_ID="<m1@client.example>")
    functions.receive((letter, "m1"), at=AT)
    functions.drain()
    functions.clock.at = moscow("2026-11-20 11:55")
    change_ticket(functions.table, NUMBER, c.SpecialistAct(c.Act.NOTE, "me", "Ждём хостинг"), functions.services.now)
    event = {
        "alarmName": "mdo-api-5xx",
        "state": {"value": "ALARM", "reason": "5xx", "timestamp": "2026-11-20T08:55:00.000+0000"},
    }
    alarm.settle({"account": "1", "region": "eu-west-1", "detail": event}, functions.services)
    functions.drain()
    assert state(functions, NUMBER).version > 1
    return functions


def drop(*prefixes: str, of: str = f"TICKET#{NUMBER}") -> Damage:
    """Return the loss of the items of a partition whose sort keys begin so."""

    def act(_: Functions) -> None:
        lost = [one for one in items_of() if one["pk"]["S"] == of and one["sk"]["S"].startswith(prefixes)]
        assert lost
        for item in lost:
            client("dynamodb").delete_item(TableName="desk", Key=key_of(item))

    return act


def change(sk: str, expression: str, **values: Item) -> Damage:
    """Return a change of the items of the ticket whose sort keys begin so."""
    return change_in(f"TICKET#{NUMBER}", sk, expression, **values)


def change_in(of: str, sk: str, expression: str, **values: Item) -> Damage:
    """Return a change of the items of a partition whose sort keys begin so."""

    def act(_: Functions) -> None:
        for item in [one for one in items_of() if one["pk"]["S"] == of and one["sk"]["S"].startswith(sk)]:
            given: dict[str, Any] = (
                {"ExpressionAttributeValues": {f":{k}": v for k, v in values.items()}} if values else {}
            )
            names = {"#state": "state"} if "#state" in expression else {}
            given |= {"ExpressionAttributeNames": names} if names else {}
            client("dynamodb").update_item(TableName="desk", Key=key_of(item), UpdateExpression=expression, **given)

    return act


def put(item: Item) -> Damage:
    """Return an item that is too many."""
    return lambda _: client("dynamodb").put_item(TableName="desk", Item=item)


def delete_letter(functions: Functions) -> None:
    client("s3").delete_object(Bucket=functions.bucket, Key="letters/m1")


def delete_letter_for_good(functions: Functions) -> None:
    for version in client("s3").list_object_versions(Bucket=functions.bucket, Prefix="letters/m1")["Versions"]:
        client("s3").delete_object(Bucket=functions.bucket, Key="letters/m1", VersionId=version["VersionId"])


def left_in_incoming(functions: Functions) -> None:
    functions.put(raw(COMPLETE, Message_ID="<m1@client.example>"), "m1")
    functions.clock.at += timedelta(minutes=21)


def forgotten(functions: Functions) -> None:
    """What a restore does: letter, ticket and all that leads to it."""
    for item in items_of():
        if (
            item["pk"]["S"] in (f"TICKET#{NUMBER}", f"LETTER#{MDO}#m1")
            or "MSGID" in item["pk"]["S"]
            or NUMBER in item["sk"]["S"]
        ):
            client("dynamodb").delete_item(TableName="desk", Key=key_of(item))


def fault(*, listed: bool = True) -> Damage:
    """Return a fault that the ticket reports, just opened; no damage where its desk lists it."""

    def act(functions: Functions) -> None:
        now = functions.clock.at
        edition, report = edition_at(MDO, now), report_by_word(NUMBER, now, "Никто не может войти")
        opened = decide_fault(None, OpenFault(FAULT, report), edition, now)
        assert opened.fault is not None
        member = Member(ticket=NUMBER, at=now, source=Source.WORD)
        change = FaultChange(None, opened.fault, opened.events, opened.outgoing, joined=(member,))
        after = DeskFaults(numbers=(FAULT,) if listed else ())
        functions.table.commit(Commit(at=now, faults=(change,), desk_faults=FaultsChange(MDO, DeskFaults(), after)))

    return act


def in_order(*damages: Damage) -> Damage:
    """Return one damage after another."""

    def act(functions: Functions) -> None:
        for damage in damages:
            damage(functions)

    return act


def wait(minutes: int) -> Damage:
    """Return what no sweep does anything about."""

    def act(functions: Functions) -> None:
        functions.clock.at += timedelta(minutes=minutes)

    return act


def rings(fault: str, hours: int = 2) -> Damage:
    """Return that an alarm is on since then, and has reported a fault."""

    def act(functions: Functions) -> None:
        at = functions.clock.at - timedelta(hours=hours)
        alarm = AlarmState(alarm="mdo-service-api", desk=MDO, ticket=NUMBER, fault=fault, open=True, changed_at=at)
        functions.table.commit(Commit(at=at, alarm=(None, alarm)))

    return act


def reports(number: str) -> Damage:
    """Return that the ticket's promise runs as a report of a fault."""

    def act(functions: Functions) -> None:
        now, ticket = functions.clock.at, state(functions, NUMBER)
        due = now + timedelta(minutes=5)
        clock = CriticalClock(fault=number, since=now, due=due, clause="2.1", escalate_at=due, next_page_at=due)
        body = ticket.model_copy(update={"critical": clock}).model_dump_json()
        change("TICKET", "SET body = :body", body={"S": body})(functions)

    return act


def rewrite_fault(**changes: Any) -> Damage:
    """Return a fault whose item somebody has rewritten, and not its history."""

    def act(functions: Functions) -> None:
        known = functions.table.fault(FAULT)
        assert known is not None
        body = known.model_copy(update=changes).model_dump_json()
        change_in(f"FAULT#{FAULT}", "FAULT", "SET body = :body", body={"S": body})(functions)

    return act


PENDING = {"pending": {"S": "pending"}}
REFERENCE = {"pk": {"S": f"DESK#{MDO}#MSGID#0123"}, "sk": {"S": "REF"}, "ticket": {"S": "MDO-0000-0000"}}
REPAIR = ("audit", "--repair")
CASES: dict[Flaw, tuple[Damage, tuple[str, ...] | None]] = {
    Flaw.LETTER_WITHOUT_RECORD: (forgotten, ("replay", "--unanswered", "letters/m1")),
    Flaw.LETTER_UNFINISHED: (left_in_incoming, ("reconcile",)),
    Flaw.RECORD_WITHOUT_LETTER: (delete_letter, REPAIR),
    Flaw.RECORD_WITHOUT_TICKET: (drop(""), ("replay", "--unanswered", "m1")),
    Flaw.TICKET_WITHOUT_RECORD: (drop("LETTER", of=f"LETTER#{MDO}#m1"), REPAIR),
    Flaw.HISTORY_WITHOUT_TICKET: (drop("TICKET"), REPAIR),
    Flaw.TICKET_MISPLACED: (change("TICKET", "REMOVE queue_desk, due_at, due_shard"), REPAIR),
    Flaw.OUTGOING_NOT_ARMED: (change("OUT#00000001#000", "SET #state = :pending", **PENDING), REPAIR),
    Flaw.REFERENCE_TO_NOTHING: (put(REFERENCE), None),
    Flaw.HISTORY_INCOMPLETE: (drop("EVENT#00000002"), None),
    Flaw.TICKET_WITHOUT_LETTERS: (drop("EVENT#00000001#001"), None),
    Flaw.OUTGOING_WITHOUT_TICKET: (drop("TICKET", "EVENT"), None),
    Flaw.ITEM_UNREADABLE: (change("EVENT#00000002", "SET body = :body", body={"S": "{"}), None),
    Flaw.FAULT_MISPLACED: (in_order(fault(), change_in(f"FAULT#{FAULT}", "FAULT", "REMOVE due_at, due_shard")), REPAIR),
    Flaw.FAULT_OVERDUE: (in_order(fault(), wait(15)), None),
    Flaw.FAULT_UNLISTED: (fault(listed=False), REPAIR),
    Flaw.FAULT_GONE: (reports("MDO-F-00000"), None),
    Flaw.FAULT_WITHOUT_TICKET: (in_order(fault(), reports(FAULT), drop("TICKET#", of=f"FAULT#{FAULT}")), REPAIR),
    Flaw.PAGE_WAITS: (in_order(fault(), wait(10)), None),
    Flaw.ALARM_RINGS_ON: (rings("MDO-F-00000"), None),
    Flaw.FAULT_UNLIKE_HISTORY: (in_order(fault(), rewrite_fault(reports=7)), None),
    Flaw.OUTGOING_WAITS: (
        change("OUT#00000001#000", "SET #state = :pending, due_at = :at, due_shard = :shard", **PENDING,
               at={"S": f"2026-11-20T07:10:00.000000Z#{NUMBER}"}, shard={"S": "DUE#0"}),
        None,
    ),
}  # fmt: skip
"""How each comes about, and what helps; None where nothing is done by a command."""


UNREADABLE = {
    "a ticket": change("TICKET", "SET body = :body", body={"S": "{"}),
    "an outgoing item": change("OUT#00000001#000", "REMOVE #state"),
    "a record": put({"pk": {"S": f"LETTER#{MDO}#m1"}, "sk": {"S": "LETTER"}, "body": {"S": "[]"}}),
    "a reference": put({"pk": {"S": f"DESK#{MDO}#MSGID#0123"}, "sk": {"S": "REF"}}),
    "the people": put({"pk": {"S": f"DESK#{MDO}"}, "sk": {"S": "PEOPLE"}, "body": {"S": '{"unknown": 1}'}}),
    "the rota": put({"pk": {"S": f"DESK#{MDO}"}, "sk": {"S": "ROTA"}, "version": {"N": "2"}}),
    "the faults": put({"pk": {"S": f"FAULTS#{MDO}"}, "sk": {"S": "FAULTS"}, "body": {"S": "{"}}),
    "a contact": put({"pk": {"S": "DESK#CONTACT"}, "sk": {"S": "REF"}}),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_an_item_that_cannot_be_read_is_told_and_hides_nothing_else(desk: Functions, run: Run, kind: str) -> None:
    """A damaged table is what an audit is for: the letter that has no record is found beside it."""
    UNREADABLE[kind](desk)
    desk.put(raw(COMPLETE, Message_ID="<m2@client.example>"), "m2")
    desk.services.mail_store.settle("m2", "letters/m2")
    for arguments in ((), ("--repair",)):
        ran = run("audit", "--json", *arguments)
        flaws = {one["flaw"]: one for one in ran.objects}
        assert ran.status == 1
        assert flaws.keys() == {Flaw.ITEM_UNREADABLE, Flaw.LETTER_WITHOUT_RECORD}, ran.out


def test_a_desk_where_nothing_is_wrong_has_no_findings(desk: Functions, run: Run) -> None:
    """What it read and in how many requests is told, so that the cost of the next one is known."""
    ran = run("audit")
    assert (ran.status, ran.out.partition(" in ")[0]) == (0, "nothing was found")
    assert f"in 1 letter and {len(items_of())} items, by 4 requests" in ran.out
    del desk


@pytest.mark.parametrize("flaw", Flaw, ids=lambda flaw: flaw.name)
def test_each_flaw_is_found_with_its_remedy_and_is_gone_after_it(desk: Functions, run: Run, flaw: Flaw) -> None:
    """Where the remedy is a command, the one that is told does it, and nothing is mailed to the client by it."""
    damage, remedy = CASES[flaw]
    damage(desk)
    desk.clock.at += timedelta(minutes=1)
    before = len(desk.mails())
    ran = run("audit", "--json")
    found = [one for one in ran.objects if one["flaw"] == flaw]
    assert (ran.status, len(found)) == (1, 1), ran.out
    if remedy is None:
        assert REMEDIES[flaw].split(" {")[0] in found[0]["remedy"]
        return
    assert f"reglament {' '.join(remedy)}" == found[0]["remedy"]
    assert run(*remedy).status == 0
    again = run("audit", "--json")
    assert [one["flaw"] for one in again.objects] == []
    assert again.status == 0
    assert len(desk.mails()) == before
    assert state(desk, NUMBER).id == NUMBER


def test_a_ticket_made_of_its_history_is_as_it_was(desk: Functions, run: Run) -> None:
    before = state(desk, NUMBER)
    (item,) = (one for one in items_of() if one["pk"]["S"] == f"TICKET#{NUMBER}" and one["sk"]["S"] == "TICKET")
    drop("TICKET")(desk)
    run("audit", "--repair")
    assert state(desk, NUMBER) == before
    (after,) = (one for one in items_of() if one["pk"]["S"] == f"TICKET#{NUMBER}" and one["sk"]["S"] == "TICKET")
    assert after == item


def test_an_alarm_that_rings_on_counts_as_well_by_a_repair_and_is_news_when_it_goes_off_again(
    desk: Functions, run: Run
) -> None:
    rings("MDO-F-00000")(desk)
    assert "mdo-service-api counts as well" in run("audit", "--repair").out
    state_of_it = desk.table.alarm_state("mdo-service-api")
    assert state_of_it is not None
    assert not state_of_it.open
    assert run("audit").status == 0


@pytest.mark.parametrize(
    "damage", [in_order(fault(), rings(FAULT)), rings("MDO-F-00000", hours=0)], ids=["open", "now"]
)
def test_an_alarm_of_an_open_fault_and_one_that_changed_just_now_ring_rightly(
    desk: Functions, run: Run, damage: Damage
) -> None:
    damage(desk)
    assert run("audit").status == 0


def test_a_page_that_has_left_and_one_of_a_fault_that_somebody_has_are_not_waited_for(
    desk: Functions, run: Run
) -> None:
    fault()(desk)
    desk.drain()
    wait(10)(desk)
    assert Flaw.PAGE_WAITS not in {one["flaw"] for one in run("audit", "--json").objects}


def test_a_fault_made_of_its_history_is_as_it_was(desk: Functions, run: Run) -> None:
    fault()(desk)
    before = desk.table.fault(FAULT)
    (item,) = (one for one in items_of() if one["pk"]["S"] == f"FAULT#{FAULT}" and one["sk"]["S"] == "FAULT")
    drop("FAULT", of=f"FAULT#{FAULT}")(desk)
    ran = run("audit", "--json")
    assert [(one["flaw"], one["subject"]) for one in ran.objects] == [(Flaw.HISTORY_WITHOUT_TICKET, FAULT)]
    assert run("audit", "--repair").status == 0
    assert desk.table.fault(FAULT) == before
    (after,) = (one for one in items_of() if one["pk"]["S"] == f"FAULT#{FAULT}" and one["sk"]["S"] == "FAULT")
    assert after == item


def test_a_fault_and_its_tickets_are_no_findings_while_they_are_whole(desk: Functions, run: Run) -> None:
    """What alarms report lies in partitions that begin alike, and is none."""
    fault()(desk)
    reports(FAULT)(desk)
    assert (run("audit").status, desk.table.members(FAULT)[0].ticket) == (0, NUMBER)


def test_the_people_of_a_desk_its_rota_and_what_was_changed_of_them_are_no_findings(desk: Functions, run: Run) -> None:
    table = desk.table
    table.save_people(MDO, table.people(MDO), PEOPLE, a_standing_change())
    table.save_rota(MDO, table.rota(MDO), Rota(), a_standing_change("oncall set"))
    assert run("audit").status == 0


def test_a_ticket_that_was_detached_from_its_fault_is_no_finding(desk: Functions, run: Run) -> None:
    fault()(desk)
    known = desk.table.fault(FAULT)
    assert known is not None
    now, edition = desk.clock.at, edition_at(MDO, desk.clock.at)
    left = decide_fault(known, DetachTicket(NUMBER, "me", now, reports_left=1), edition, now)
    assert left.fault is not None
    change = FaultChange(known, left.fault, left.events, left.outgoing, detached=(NUMBER,))
    desk.table.commit(Commit(at=now, faults=(change,)))
    assert desk.table.members(FAULT) == []
    assert [one["flaw"] for one in run("audit", "--json").objects] == []


@pytest.mark.parametrize(
    ("damage", "flaw"),
    [
        (drop("EVENT#", of=f"FAULT#{FAULT}"), Flaw.HISTORY_INCOMPLETE),
        (drop("FAULT", "EVENT#", of=f"FAULT#{FAULT}"), Flaw.OUTGOING_WITHOUT_TICKET),
        (change_in(f"FAULT#{FAULT}", "OUT#", "REMOVE due_at, due_shard"), Flaw.OUTGOING_NOT_ARMED),
        (change_in(f"FAULT#{FAULT}", "FAULT", "SET body = :body", body={"S": "{"}), Flaw.ITEM_UNREADABLE),
    ],
)
def test_a_faults_history_and_pages_are_looked_at_as_a_tickets_are(
    desk: Functions, run: Run, damage: Damage, flaw: Flaw
) -> None:
    fault()(desk)
    damage(desk)
    assert flaw in [one["flaw"] for one in run("audit", "--json").objects]


def test_an_item_that_was_not_armed_leaves_with_the_next_sweep_once_it_is(desk: Functions, run: Run) -> None:
    CASES[Flaw.OUTGOING_NOT_ARMED][0](desk)
    assert desk.sweep(desk.clock.at)["OffersRepeated"] == 0
    run("audit", "--repair")
    assert desk.sweep(desk.clock.at)["OffersRepeated"] == 1


def test_a_contact_whose_client_is_gone_is_told_without_the_contact(desk: Functions, run: Run) -> None:
    """It is a person's, and the audit may be read by others; which client it was is enough to write it again."""
    contact = {"pk": {"S": f"DESK#{MDO}#CONTACT#phone#+79125550142"}, "sk": {"S": "REF"}, "client": {"S": "K-17"}}
    put(contact)(desk)
    ran = run("audit")
    assert "reglament client add K-17" in ran.out
    assert "79125550142" not in ran.out


def test_a_letter_of_which_no_version_is_left_is_told_as_gone(desk: Functions, run: Run) -> None:
    """Nothing brings it back, and repairing says so."""
    delete_letter_for_good(desk)
    (found,) = run("audit", "--json").objects
    assert found["remedy"].startswith("it is gone for good")
    ran = run("audit", "--repair")
    assert (ran.status, "gone for good" in ran.err) == (1, True)


def test_what_is_told_can_be_limited_to_a_desk_and_to_what_is_newer(desk: Functions, run: Run) -> None:
    forgotten(desk)
    assert [one["desk"] for one in run("audit", "--json").objects] == [MDO]
    assert run("audit", "--desk", "MDO").status == 1
    assert run("audit", "--desk", "STO").status == 0
    assert run("audit", "--since", "2026-11-20T11:00").status == 0
    assert run("audit", "--since", "2026-11-20T06:00").status == 1
    misuse = run("audit", "--since", "yesterday")
    assert (misuse.status, "--since: found 'yesterday'" in misuse.err) == (2, True)


def test_a_history_with_gaps_makes_no_ticket(desk: Functions, run: Run) -> None:
    """What would be made of it is no state that the ticket ever had."""
    drop("TICKET", "EVENT#00000001")(desk)
    ran = run("audit", "--repair")
    assert (ran.status, "its history has gaps" in ran.err) == (1, True)
    assert desk.table.ticket(NUMBER) is None


def test_an_audit_only_reads_and_a_repair_asks_for_no_more_than_it_names(desk: Functions, run: Run) -> None:
    """What policies of IAM are made of."""
    made: set[str] = set()
    kinds = {"ConditionCheck": "ConditionCheckItem", "Put": "PutItem", "Update": "UpdateItem"}
    as_authorised = {
        "HeadObject": "s3:GetObject",
        "ListObjectsV2": "s3:ListBucket",
        "ListObjectVersions": "s3:ListBucketVersions",
        "DeleteObject": "s3:DeleteObjectVersion",
    }

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        for write in params.get("TransactItems", ()):
            made.update(f"dynamodb:{kinds[kind]}" for kind in write)
        if "TransactItems" not in params:
            service = model.service_model.service_name
            made.add(as_authorised.get(model.name, f"{service}:{model.name}"))

    for flaw in (Flaw.RECORD_WITHOUT_LETTER, Flaw.TICKET_MISPLACED, Flaw.OUTGOING_NOT_ARMED):
        CASES[flaw][0](desk)
    session = boto3.DEFAULT_SESSION
    assert session is not None
    session.events.register("provide-client-params.*.*", note)
    try:
        run("audit")
        assert made == {*BUCKET_ACTIONS, *TABLE_ACTIONS} - {"dynamodb:Query"}
        run("audit", "--repair")
    finally:
        session.events.unregister("provide-client-params.*.*", note)
    made.discard("sts:GetCallerIdentity")  # for the journal; "No permissions are required" (STS API reference)
    assert made <= {*BUCKET_ACTIONS, *TABLE_ACTIONS, *UNDELETE_ACTIONS, *REPAIR_ACTIONS}
    assert made >= {*UNDELETE_ACTIONS, *REPAIR_ACTIONS}
