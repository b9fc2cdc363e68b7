"""The table is lost and restored to an instant: docs/recovery.md, walked through against the functions in moto."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from adapters.dynamodb import keys
from adapters.dynamodb.restored import ADOPT_ACTIONS
from application import receive as receiving
from application import taken_up
from application.storage import OutboxKey, OutboxState
from domain.letter import Letter
from domain.reply_token import token_for
from domain.ticket.outgoing import Audience
from domain.ticket.ticket import Status, Ticket
from handlers import mailer
from tests.support.builders import DETAILS, MDO, MDO_ADDRESS, moscow
from tests.support.client_letters import ANOTHER, COMPLETE, FAULT, INCOMPLETE
from tests.support.command_line import Ran, Run, command_line
from tests.support.fault_values import opened_fault
from tests.support.functions import Functions, number_of, specialist_address, state
from tests.support.raw_mail import raw
from tests.support.restoring import (
    CARRIED_OVER,
    RESTORED,
    Instant,
    deployed_with,
    items_of,
    key_of,
    numbers_in,
    post,
    receive,
    this_instant,
    wipe,
)
from tests.support.sdk import client
from tests.support.template import table_definition

INSTANT = moscow("2026-11-20 10:10")
BACK_AT = moscow("2026-11-20 14:30")
"""When the stack runs again: the four working hours of MDO 2.1 are over."""
L1, L2, L3, L4, L5, L6, L7, L8, L9 = (f"letter{place}{'0' * 33}" for place in range(1, 10))
"""SES message ids, as long as they are."""
M1, M2, M3, M4, M5 = (number_of(MDO, ses_id) for ses_id in (L1, L2, L3, L4, L5))


def letter(who: str, text: str, ses_id: str, subject: str = "Не приходит код") -> tuple[bytes, str]:
    """Return a letter of a client of that name."""
    sender, message_id = f"{who}@client.example", f"<{ses_id}@client.example>"
    return raw(text, sender=sender, subject=subject, Message_ID=message_id), ses_id


def to_clients(functions: Functions) -> Counter[tuple[str, str]]:
    """Return what has left for clients so far: to whom, and under which subject."""
    sent = ((mail["To"].addresses[0], str(mail["Subject"])) for mail in functions.mails())
    return Counter((to.addr_spec, subject) for to, subject in sent if to.domain == "client.example")


@dataclass
class Disaster:
    """A morning's letters; the table as it was at an instant; and what had left by the time of the damage."""

    functions: Functions
    instant: Instant
    sent: Counter[tuple[str, str]]
    tickets: dict[str, Ticket]
    capsys: pytest.CaptureFixture[str]

    def run(self, *args: str, on: Functions | None = None) -> Ran:
        """Run a command line against the stack as it is, or as it is deployed with another table."""
        return command_line(self.capsys, (on or self.functions).services)(*args)

    def restored(self) -> Functions:
        """Restore the table, adopt it without a word from the damaged one, and return the functions that use it."""
        self.functions.clock.at = BACK_AT
        self.instant.restore()
        ran = self.run("adopt", RESTORED, "--restored-to", INSTANT.isoformat())
        assert ran.status == 0, ran.err
        return deployed_with(self.functions)


@pytest.fixture
def disaster(functions: Functions, capsys: pytest.CaptureFixture[str]) -> Disaster:
    """One ticket before the instant, a question that waits, an acknowledgement under way, a page; then letters after it."""
    receive(functions, *letter("olga", COMPLETE, L1), at="2026-11-20 10:00")
    post(functions)
    receive(functions, *letter("petr", INCOMPLETE, L2), at="2026-11-20 10:05")
    receive(functions, *letter("anna", ANOTHER, L3), at="2026-11-20 10:06")
    for key, _, _ in functions.table.outbox(M3):
        functions.table.lease(key, now=functions.clock.at, until=INSTANT)
    receive(functions, *letter("ivan", FAULT, L4), at="2026-11-20 10:09")
    instant = this_instant()

    functions.clock.at = moscow("2026-11-20 10:15")
    post(functions)
    receive(functions, *letter("vera", ANOTHER, L5, "Справка"), at="2026-11-20 10:20")
    post(functions)
    receive(functions, *letter("petr", DETAILS, L6, f"Re: Не приходит код [{M2}]"), at="2026-11-20 10:30")
    card = MDO_ADDRESS.replace("@", f"+{token_for(functions.services.reply_keys, MDO, M1, Audience.TEAM)}@")
    reply = raw("Добрый день. Код теперь приходит.", sender=specialist_address())
    receive(functions, reply, L7, at="2026-11-20 10:40", to=card)
    post(functions)
    tickets = {number: state(functions, number) for number in functions.numbers()}
    assert set(tickets) == {M1, M2, M3, M4, M5}
    assert tickets[M1].reacted_at is not None
    return Disaster(functions, instant, to_clients(functions), tickets, capsys)


# Prepared -------------------------------------------------------------------------------------------------------


AS_LONG_AS_THE_CLOCK_RESTS = ("last page of a fault unsent", "fault whose next step is overdue", "item unsent for long")
"""What an audit says of a fault, and of its page, while nobody sweeps."""


def fault_number(functions: Functions, number: str) -> str:
    """Return the number of the fault that a ticket reports."""
    critical = state(functions, number).critical
    assert critical is not None
    return critical.fault


def states(functions: Functions, number: str) -> dict[str, OutboxState]:
    """Return the states of a ticket's outgoing items, by kind."""
    return {json.loads(body)["kind"]: at for _, at, body in functions.table.outbox(number)}


def test_a_restored_table_gets_what_the_restore_did_not_carry_over(disaster: Disaster) -> None:
    """Run again it finds nothing to set, and prints the same parameters to deploy with."""
    disaster.instant.restore()
    first = disaster.run("adopt", RESTORED, "--restored-to", INSTANT.isoformat())
    dynamodb = client("dynamodb")
    table = dynamodb.describe_table(TableName=RESTORED)["Table"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert table["DeletionProtectionEnabled"]
    expiry = dynamodb.describe_time_to_live(TableName=RESTORED)["TimeToLiveDescription"]
    assert (expiry["TimeToLiveStatus"], expiry["AttributeName"]) == ("ENABLED", "expires_at")
    backups = dynamodb.describe_continuous_backups(TableName=RESTORED)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    deploy_with = f"deploy with: AdoptedTable={RESTORED} AdoptedTableStream={table['LatestStreamArn']} Paused=true"
    assert first.out.splitlines()[-1] == deploy_with
    again = disaster.run("adopt", RESTORED, "--restored-to", INSTANT.isoformat())
    assert again.out.splitlines()[-1] == deploy_with
    assert "stream: set" in first.out
    assert "set" not in again.out
    assert "0 sent, 0 outdated, 0 given up, 1 waits" in again.out


def test_a_dry_run_says_the_same_and_writes_nothing(disaster: Disaster) -> None:
    disaster.instant.restore()
    ran = disaster.run("adopt", RESTORED, "--restored-to", INSTANT.isoformat(), "--dry-run")
    assert "stream: would be set" in ran.out
    assert "nothing was written" in ran.out
    assert sorted(map(str, items_of(RESTORED))) == sorted(map(str, disaster.instant.items))
    assert "StreamSpecification" not in client("dynamodb").describe_table(TableName=RESTORED)["Table"]


def test_what_may_have_left_since_is_given_up_with_the_reason_and_a_page_waits(disaster: Disaster) -> None:
    """A person decides: the list of `resend` has each, and says why."""
    on = disaster.restored()
    assert states(on, M1) == {"accepted": OutboxState.SENT, "card": OutboxState.SENT}
    assert set(states(on, M2).values()) == {OutboxState.FAILED}
    assert set(states(on, M3).values()) == {OutboxState.FAILED}
    assert states(on, fault_number(on, M4))["page_critical"] is OutboxState.PENDING
    listed = disaster.run("resend", "--json", on=on).objects
    assert {one["ticket"] for one in listed} == {M2, M3, M4}
    assert {one["reason"] for one in listed} == {f"restored: it may have left after {INSTANT.isoformat()}"}


def test_where_the_damaged_table_can_be_read_its_marks_are_taken_over(disaster: Disaster) -> None:
    """What it knows to have left is marked, and the client's term counts from when its question left."""
    wipe(but="OUT#")
    disaster.functions.clock.at = BACK_AT
    disaster.instant.restore()
    arguments = ("adopt", RESTORED, "--restored-to", INSTANT.isoformat(), "--damaged", "desk")
    assert disaster.run(*arguments).status == 0
    on = deployed_with(disaster.functions)
    assert {*states(on, M2).values(), *states(on, M3).values()} == {OutboxState.SENT}
    lapse = state(on, M2).lapse
    assert lapse is not None
    assert (lapse.unsent, lapse.left_at) == (False, moscow("2026-11-20 10:15"))
    assert disaster.run("resend", on=on).out == "nothing was given up\n"
    sent = next(item for item in items_of() if item["pk"]["S"] == f"TICKET#{M2}")
    taken = {item["sk"]["S"]: item for item in items_of(RESTORED) if item["pk"]["S"] == f"TICKET#{M2}"}[sent["sk"]["S"]]
    assert (taken["sent_id"], taken["sent_text"]) == (sent["sent_id"], sent["sent_text"])


def test_what_the_damaged_table_holds_for_unsent_waits_and_leaves(disaster: Disaster) -> None:
    """It was refused for hours, and nobody has tried since."""
    for item in disaster.instant.items:
        if item["pk"]["S"] == f"TICKET#{M2}" and item["sk"]["S"].startswith("OUT#"):
            client("dynamodb").put_item(TableName="desk", Item=item)
    disaster.instant.restore()
    arguments = ("adopt", RESTORED, "--restored-to", INSTANT.isoformat(), "--damaged", "desk")
    assert f"{M2}: details_requested to petr@client.example: waits" in disaster.run(*arguments).out


def test_what_a_fault_had_not_sent_is_settled_as_what_a_ticket_had_not_and_its_page_waits(
    functions: Functions, run: Run
) -> None:
    """A page that comes twice is better than one that nobody gets; a letter may have left, and a person decides."""
    functions.clock.at = INSTANT
    fault = opened_fault(functions.table)
    page, mail = (key for key, _, _ in functions.table.outbox(fault.id))
    this_instant().restore()
    ran = run("adopt", RESTORED, "--restored-to", INSTANT.isoformat(), "--json")
    assert ran.status == 0, ran.err
    fates = {(one["ticket"], one["item"]): one["fate"] for one in ran.objects if "fate" in one}
    assert fates == {(fault.id, page.item): "waits", (fault.id, mail.item): "given up"}
    on = deployed_with(functions)
    assert [at for _, at, _ in on.table.outbox(fault.id)] == [OutboxState.PENDING, OutboxState.FAILED]
    assert [one.key for one in on.table.given_up(MDO)] == [mail]
    assert on.table.fault(fault.id) == fault
    assert [member.ticket for member in on.table.members(fault.id)] == [fault.ticket]


def test_a_table_in_use_is_not_adopted(functions: Functions, run: Run) -> None:
    """What waits there is the desk's own, and would be given up."""
    del functions
    ran = run("adopt", "desk", "--restored-to", INSTANT.isoformat())
    assert (ran.status, "uses desk already" in ran.err) == (1, True)


def test_a_table_under_another_key_than_the_stacks_is_refused_with_the_command_that_changes_it(
    disaster: Disaster,
) -> None:
    """The roles of the functions allow the stack's key alone: each of their requests would be refused."""
    theirs, ours = (f"arn:aws:kms:eu-west-1:123456789012:key/{name}" for name in ("theirs", "ours"))
    definition = {key: value for key, value in table_definition().items() if key in CARRIED_OVER}
    encrypted = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": theirs}
    client("dynamodb").create_table(TableName=RESTORED, SSESpecification=encrypted, **definition)
    functions = disaster.functions
    for of_stack, status in ((ours, 1), (theirs, 0)):
        environment = {**functions.services.environment, "KEY": of_stack}
        on = replace(functions, services=replace(functions.services, environment=environment))
        ran = disaster.run("adopt", RESTORED, "--restored-to", INSTANT.isoformat(), on=on)
        assert ran.status == status
        assert (f"KMSMasterKeyId={ours}" in ran.err) == (status == 1)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("other", "--restored-to", "2026-11-20T10:10"), "there is no table other"),
        (("foreign", "--restored-to", "2026-11-20T10:10"), "expected ['pk', 'sk']"),
        (("desk-restored",), "name it with --restored-to"),
        (("desk-restored", "--damaged", "desk-restored"), "--damaged"),
    ],
)
def test_a_table_that_cannot_take_the_place_is_refused_with_the_reason(
    functions: Functions, run: Run, arguments: tuple[str, ...], says: str
) -> None:
    del functions
    Instant([]).restore()
    client("dynamodb").create_table(
        TableName="foreign",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    ran = run("adopt", *arguments)
    assert ran.status in (1, 2)
    assert says in ran.err


def test_adopting_asks_for_nothing_but_the_actions_it_names(disaster: Disaster) -> None:
    """What a policy of IAM is made of."""
    made: set[str] = set()
    kinds = {"Update": "UpdateItem", "Put": "PutItem"}

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        names = (
            [kinds[kind] for write in params["TransactItems"] for kind in write]
            if "TransactItems" in params
            else [model.name]
        )
        made.update(f"dynamodb:{name}" for name in names)

    disaster.instant.restore()
    session = boto3.DEFAULT_SESSION
    assert session is not None
    session.events.register("provide-client-params.dynamodb.*", note)
    try:
        disaster.run("adopt", RESTORED, "--restored-to", INSTANT.isoformat(), "--damaged", "desk")
    finally:
        session.events.unregister("provide-client-params.dynamodb.*", note)
    assert made <= set(ADOPT_ACTIONS)
    assert made >= set(ADOPT_ACTIONS) - {"dynamodb:PutItem"}


# Walked through -------------------------------------------------------------------------------------------------


def run_on(functions: Functions, *hours: int) -> None:
    """Let the stack run again: a sweep some hours after it is back, and whatever that offers leaves."""
    for hour in hours:
        functions.sweep(BACK_AT + timedelta(hours=hour))
        post(functions)


def test_after_a_restore_nothing_leaves_twice_nothing_is_lost_and_nothing_is_pronounced_wrongly(
    disaster: Disaster,
) -> None:
    """Paused, restored, adopted, deployed, audited, replayed, running again: the numbered steps of docs/recovery.md."""
    wipe()
    on = disaster.restored()
    found = disaster.run("audit", "--json", on=on)
    assert found.status == 1
    assert [(one["flaw"], one["subject"]) for one in found.objects] == [
        *(("letter without a record", f"letters/{ses_id}") for ses_id in (L5, L6, L7)),
        *((flaw, fault_number(on, M4)) for flaw in AS_LONG_AS_THE_CLOCK_RESTS),
    ]
    taken_up = disaster.run("audit", "--replay", "--json", on=on)
    assert [one["letter"] for one in taken_up.objects if "letter" in one] == [L5, L6, L7]
    left = disaster.run("audit", "--json", on=on).objects
    assert [one["flaw"] for one in left] == [*AS_LONG_AS_THE_CLOCK_RESTS]
    assert numbers_in(on) == set(disaster.tickets), "every ticket is back, with its number"
    assert disaster.run("overdue", on=on).status == 0
    run_on(on, 0, 3, 80)
    assert to_clients(on) == disaster.sent, "no client has a letter twice"
    assert disaster.run("audit", on=on).status == 0
    after = {number: state(on, number) for number in disaster.tickets}
    assert {ticket.status for ticket in after.values()} == {Status.OPEN, Status.IN_PROGRESS}, "nothing has lapsed"
    answered = after[M1]
    assert answered.reacted_at == disaster.tickets[M1].reacted_at
    assert answered.reaction is not None
    assert answered.reaction.breached_at is None, "a specialist answered in time, by a letter that the table had lost"
    given, promised = after[M2].reaction, disaster.tickets[M2].reaction
    assert given is not None, "the client gave what was asked, and the desk owes its reaction from then"
    assert promised is not None
    assert given.due == promised.due
    subjects = [topic["Subject"] for topic in _pages()]
    assert sum(fault_number(on, M4) in str(subject) for subject in subjects) >= 2, (
        "the fault that nobody acknowledged pages again"
    )


def test_what_the_clock_had_done_by_the_damage_does_not_leave_a_second_time(
    functions: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    """No letter tells of it, so that none brings it back: a client whose term ended was told so before."""
    receive(functions, *letter("petr", INCOMPLETE, L2), at="2026-11-20 10:05")
    post(functions)
    instant, lapse = this_instant(), state(functions, M2).lapse
    assert lapse is not None
    functions.sweep(lapse.due + timedelta(minutes=1))
    post(functions)
    sent = to_clients(functions)
    assert state(functions, M2).status is Status.CLOSED
    instant.restore()
    functions.clock.at = lapse.due + timedelta(hours=1)
    adopt = ("adopt", RESTORED, "--restored-to", INSTANT.isoformat(), "--damaged", "desk")
    assert command_line(capsys, functions.services)(*adopt).status == 0
    on = deployed_with(functions)
    run = command_line(capsys, on.services)
    unread = raw(DETAILS, sender="petr@client.example", Message_ID="<m8@client.example>")
    on.put(unread, L8)
    refused = run("overdue")
    assert (refused.status, "Paused=timers" in refused.err) == (1, True), "an answer in time may be among them"
    on.services.mail_store.settle(L8, f"letters/{L8}")
    assert run("overdue", "--json").object["TimersFired"] == 1
    assert run("overdue", "--json").object["TimersFired"] == 0
    on.sweep(lapse.due + timedelta(hours=2))
    post(on)
    assert state(on, M2).status is Status.CLOSED
    assert to_clients(on) == sent
    listed = {one["reason"] for one in run("resend", "--json").objects}
    assert listed == {"it fell due while the table was away: it may have left before"}


def _pages() -> list[dict[str, Any]]:
    from moto.sns.models import sns_backends

    topics = sns_backends["123456789012"]["eu-west-1"].topics.values()
    return [{"Subject": entry[2]} for topic in topics for entry in topic.sent_notifications]


def test_without_the_replay_a_client_who_had_answered_would_lapse_or_a_breach_would_be_told(disaster: Disaster) -> None:
    """Why the clock rests until the letters are back: the table does not know that a specialist answered in time."""
    wipe()
    on = disaster.restored()
    run_on(on, 0)
    reaction = state(on, M1).reaction
    assert reaction is not None
    assert reaction.breached_at is not None


def test_a_letter_that_came_while_the_stack_was_paused_is_answered_as_always(disaster: Disaster) -> None:
    """It lies in incoming/, and the audit leaves it to `inbound`."""
    on = disaster.restored()
    disaster.run("audit", "--replay", on=on)
    on.put(raw(COMPLETE, sender="zoya@client.example", Message_ID="<m8@client.example>"), L8)
    assert L8 not in disaster.run("audit", on=on).out
    receive(on, *letter("zoya", COMPLETE, L8), at="2026-11-20 14:30")
    post(on)
    assert {to for to, _ in (to_clients(on) - disaster.sent)} == {"zoya@client.example"}


def test_what_a_letter_taken_up_causes_is_listed_and_a_person_says_that_it_left(disaster: Disaster) -> None:
    """Then a term that begins with its leaving counts from that word: the client is given the whole of it."""
    on = disaster.restored()
    on.put(raw(INCOMPLETE, sender="zoya@client.example", Message_ID="<m9@client.example>"), L9)
    on.services.mail_store.settle(L9, f"letters/{L9}")
    assert disaster.run("replay", "--unanswered", f"letters/{L9}", on=on).status == 0
    number = number_of(MDO, L9)
    lapse = state(on, number).lapse
    assert lapse is not None
    assert lapse.unsent
    run_on(on, 0, 3, 80)
    assert state(on, number).status is Status.AWAITING_REQUESTER, "nobody owes an answer to what may not have left"
    on.clock.at = moscow("2026-11-23 10:00")
    assert disaster.run("resend", number, "--left", on=on).status == 0
    lapse = state(on, number).lapse
    assert lapse is not None
    assert (lapse.unsent, lapse.left_at) == (False, on.clock.at)
    assert number not in disaster.run("resend", on=on).out


def test_the_stream_delivers_what_is_held_and_nothing_leaves(disaster: Disaster) -> None:
    """Its insert is a record like any other, whatever runs meanwhile."""
    on = disaster.restored()
    disaster.run("replay", "--unanswered", L5, on=on)
    held = [one for one in items_of(RESTORED) if one["pk"]["S"] == f"TICKET#{M5}" and one["sk"]["S"].startswith("OUT#")]
    assert held
    records = [
        {"eventName": "INSERT", "eventID": one["sk"]["S"], "dynamodb": {"Keys": key_of(one), "NewImage": one}}
        for one in held
    ]
    assert mailer.handle({"Records": records}, on.context, on.services) == {"batchItemFailures": []}
    assert to_clients(on) == disaster.sent


def test_what_was_resent_by_hand_after_the_instant_is_off_the_list(disaster: Disaster) -> None:
    """It had been given up before; the damaged table knows that it left all the same."""
    for item in disaster.instant.items:
        if item["pk"]["S"] == f"TICKET#{M2}" and item["sk"]["S"].startswith("OUT#"):
            key = OutboxKey(ticket=M2, item=item["sk"]["S"])
            item["state"] = {"S": "failed"}
            item.update(keys.given_up(MDO, key, moscow("2026-11-20 10:07")))
    disaster.instant.restore()
    arguments = ("adopt", RESTORED, "--restored-to", INSTANT.isoformat(), "--damaged", "desk")
    assert f"{M2}: details_requested to petr@client.example: sent" in disaster.run(*arguments).out
    assert M2 not in disaster.run("resend", on=deployed_with(disaster.functions)).out


def test_taking_a_letter_up_twice_is_the_same_as_once(disaster: Disaster) -> None:
    on = disaster.restored()
    first = disaster.run("replay", "--unanswered", L5, f"letters/{L7}", L6, on=on)
    items = len(items_of(RESTORED))
    again = disaster.run("replay", "--unanswered", L5, f"letters/{L7}", L6, on=on)
    assert (again.status, again.out, len(items_of(RESTORED))) == (0, first.out, items)
    assert [line.partition(":")[0] for line in first.out.splitlines()] == [L5, L6, L7], "in the order of receipt"
    assert on.keys() >= {f"letters/{ses_id}" for ses_id in (L5, L6, L7)}


def test_a_letter_that_cannot_be_taken_up_is_named_and_those_behind_it_are_taken_up(
    disaster: Disaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be the one over which the table was lost; found again by every audit, it waits for a person."""
    on = disaster.restored()
    as_ever = receiving.receive

    def fail(letter: Letter, *arguments: Any) -> Any:
        if letter.envelope.ses_message_id == L5:
            raise ValueError(letter.text)
        return as_ever(letter, *arguments)

    monkeypatch.setattr(taken_up, "receive", fail)
    ran = disaster.run("audit", "--replay", on=on)
    assert ran.status == 1
    assert f"{L5}: it cannot be taken up (ValueError)" in ran.err
    assert [line.partition(":")[0] for line in ran.out.splitlines() if line.startswith("letter6")] == [L6]
    left = [one for one in disaster.run("audit", "--json", on=on).objects if one["flaw"] == "letter without a record"]
    assert [one["subject"] for one in left] == [f"letters/{L5}"]


def test_a_letter_that_lies_nowhere_is_named(functions: Functions, run: Run) -> None:
    del functions
    ran = run("replay", "--unanswered", "m404")
    assert (ran.status, "m404" in ran.err) == (1, True)
    assert run("replay", "--unanswered", "--as-request", "m5").status == 2
