"""The verbs that work on a stack, against the table, the bucket and the queue in moto."""

from __future__ import annotations

import io
from pathlib import Path

import boto3
import pytest

from adapters.dynamodb import DynamoTable
from application.change import change_ticket
from application.storage import Commit, Condition, Conflict, LetterRecord
from composition import AwsServices
from domain.ticket.commands import Act, SpecialistAct
from domain.ticket.ticket import Status, Ticket, ticket_id
from tests.support.builders import DETAILS, MDO, STOREOLIS_ADDRESS, moscow
from tests.support.client_letters import ANOTHER, COMPLETE, INCOMPLETE
from tests.support.command_line import Run, command_line
from tests.support.functions import Functions, kinds_sent, opened, state
from tests.support.raw_mail import raw
from tests.support.sdk import client_error

# Looking --------------------------------------------------------------------------------------------------


def test_the_queue_lists_open_tickets_in_order_of_arrival(functions: Functions, run: Run) -> None:
    """With the deadline, and nothing of other desks."""
    first, second = opened(functions), opened(functions, ANOTHER, name="m2", at="2026-11-20 11:00")
    listed = run("queue", "--desk", "MDO", "--json").objects
    assert [ticket["ticket"] for ticket in listed] == [first, second]
    assert listed[0]["due"] == "2026-11-20T14:00:00+03:00"
    assert run("queue", "--desk", "STO").out == "nothing is open\n"


def test_show_says_which_client_of_the_registry_writes_how_surely_and_by_what(functions: Functions, run: Run) -> None:
    """An organisation that one client alone is called by is the weakest evidence."""
    run("client", "add", "U-1", "--desk", "MDO", "--organisation", "«МФЦ г. Лесного»")
    number = opened(functions)
    assert "U-1 (the only one of that name, the weakest evidence; by organisation)" in run("show", number).out
    run("client", "add", "U-2", "--desk", "MDO", "--organisation", "МФЦ города Лесного")
    assert "U-1" not in run("show", opened(functions, ANOTHER, name="m2", at="2026-11-20 11:00")).out


def test_a_letter_without_an_author_is_shown_as_that_and_not_as_an_alarm(functions: Functions, run: Run) -> None:
    """In the queue, in the history and on the ticket."""
    letter = raw(COMPLETE).replace(b"From: ", b"X-From: ", 1)
    functions.receive((letter, "m1"), at=moscow("2026-11-20 10:00"))
    (number,) = functions.numbers()
    for said in (run("queue"), run("show", number), run("history", number)):
        assert "no sender" in said.out
        assert "an alarm" not in said.out


def test_what_is_overdue_says_so_in_the_queue(functions: Functions, run: Run) -> None:
    """A person sees it at a glance."""
    opened(functions)
    functions.clock.at = moscow("2026-11-20 15:00")
    assert "OVERDUE" in run("queue").out


def test_a_ticket_is_shown_with_findings_and_letters_by_any_spelling_of_its_number(
    functions: Functions, run: Run
) -> None:
    """MDO 1.3.2 is named as the ground of the question."""
    number = opened(functions, INCOMPLETE)
    out = run("show", number.replace("-", "").lower()).out
    assert "identification (cl. 1.3.2, automatic)" in out
    assert "не приходит код из СМС" in out
    shown = run("show", number, "--json").objects[0]
    assert shown["status"] == "awaiting_requester"
    assert len(shown["messages"]) == 1


def test_the_history_lists_every_event_with_its_version(functions: Functions, run: Run) -> None:
    """In the order in which it happened."""
    number = opened(functions)
    run("reply", number, "Исправлено.", "--by", "anna")
    events = run("history", number, "--json").objects
    assert [event["type"] for event in events][:3] == ["ticket_opened", "letter_added", "reaction_promised"]
    assert events[-1]["version"] == 2
    assert "reply by anna" in run("history", number).out


def test_a_clock_shows_what_was_counted_what_was_not_and_why(functions: Functions, run: Run) -> None:
    """MDO 2.1, 1.2 and 1.3: the time before the details is no time of the desk."""
    number = opened(functions, INCOMPLETE, at="2026-11-20 15:00")
    functions.receive((raw(COMPLETE, In_Reply_To="<m1@client.example>"), "m2"), at=moscow("2026-11-20 17:00"))
    functions.clock.at = moscow("2026-11-23 10:00")
    (found,) = run("clock", number, "--json").objects
    (reaction,) = found["clocks"]
    assert reaction["due"] == "2026-11-23T12:00:00+03:00"
    assert (reaction["used"], reaction["left"]) == ("2 h", "2 h")
    assert reaction["intervals"][0] == {
        "from": "2026-11-20T15:00:00+03:00",
        "to": "2026-11-20T17:00:00+03:00",
        "counted": False,
        "day": None,
        "reason": "details_missing",
        "phrase": "",
        "clause": "1.3",
    }
    assert {"outside_hours", "weekend"} < {stretch["reason"] for stretch in reaction["intervals"]}


def test_waiting_for_the_client_is_kept_apart_from_the_desks_own_time(functions: Functions, run: Run) -> None:
    """MDO 2.4 and 2.5."""
    number = opened(functions)
    functions.clock.at = moscow("2026-11-20 11:00")
    run("ask", number, "Какая версия приложения?", "--by", "anna")
    functions.clock.at = moscow("2026-11-20 13:00")
    (found,) = run("clock", number, "--json").objects
    reaction, lapse = found["clocks"]
    assert reaction["state"] == "stopped in time"
    assert [(one["from"], one["to"]) for one in reaction["intervals"]] == [
        ("2026-11-20T10:00:00+03:00", "2026-11-20T11:00:00+03:00")
    ]
    assert lapse["due"] == "2026-11-25T00:00:00+03:00"
    assert found["waiting_for_client"] == [
        {"from": "2026-11-20T11:00:00+03:00", "to": None, "working_seconds": 7200, "clause": "2.4"}
    ]
    assert "waiting for the client (cl. 2.4)" in run("clock", number).out


def test_a_clock_that_has_not_started_says_by_which_clause(functions: Functions, run: Run) -> None:
    """MDO 1.3."""
    number = opened(functions, INCOMPLETE)
    assert (
        "not promised yet: it counts from the letter that completes the request (cl. 1.3)" in run("clock", number).out
    )


@pytest.mark.parametrize("verb", ["show", "history", "clock", "take"])
def test_an_unknown_ticket_is_said_and_exits_with_1(run: Run, verb: str) -> None:
    """Nothing on standard output."""
    ran = run(verb, "MDO-7K3F-9QXZ")
    assert (ran.status, ran.out) == (1, "")
    assert "unknown ticket MDO-7K3F-9QXZ" in ran.err


class NoStack:
    """CloudFormation of an account that has no such stack."""

    def describe_stacks(self, **named: str) -> None:
        """Answer as CloudFormation does."""
        raise client_error("ValidationError", "DescribeStacks", f"Stack with id {named['StackName']} does not exist")


def test_without_a_stack_the_way_to_one_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person who forgot --endpoint is told of it."""
    monkeypatch.setattr(AwsServices, "connect", lambda _services, _service: NoStack())
    ran = command_line(capsys, AwsServices({}))("queue", "--stack", "nowhere")
    assert ran.status == 1
    assert "Stack with id nowhere does not exist" in ran.err
    assert "--endpoint" in ran.err


# Acts -----------------------------------------------------------------------------------------------------


def test_a_reply_goes_to_the_client_and_stops_the_reaction_clock(functions: Functions, run: Run) -> None:
    """MDO 2.1: a specialist's act is the reaction."""
    number = opened(functions)
    functions.clock.at = moscow("2026-11-20 11:00")
    (told,) = run("reply", number, "Исправлено.", "--by", "anna", "--json").objects
    assert told["status"] == "in_progress"
    assert {"outbox": "mail", "kind": "reply", "to": "olga@client.example"} in told["outgoing"]
    ticket = state(functions, number)
    assert ticket.reaction is not None
    assert ticket.reaction.stopped_at == moscow("2026-11-20 11:00")
    assert ticket.assignee == "anna"


def test_a_text_may_come_from_a_file_or_from_standard_input(
    functions: Functions, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long answers are written in an editor."""
    number = opened(functions)
    text = tmp_path / "text.txt"
    text.write_text("Из файла.", encoding="utf-8")
    assert run("reply", number, "--file", text).status == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("Со стандартного ввода."))
    assert run("note", number).status == 0
    out = run("show", number).out
    assert "Из файла." in out
    assert "Со стандартного ввода." in out


def test_a_text_twice_over_and_a_file_that_is_not_there_are_misuse(functions: Functions, run: Run) -> None:
    """The ticket is as it was."""
    number = opened(functions)
    assert run("reply", number, "Текст", "--file", "nowhere.txt").status == 2
    assert run("reply", number, "--file", "nowhere.txt").status == 2
    assert state(functions, number).version == 1


def test_a_refusal_names_its_clause_and_an_unknown_clause_is_refused_itself(functions: Functions, run: Run) -> None:
    """MDO 3.1; the regulation has no clause 9.9."""
    number = opened(functions)
    ran = run("refuse", number, "--clause", "9.9")
    assert ran.status == 1
    assert "has no clause 9.9" in ran.err
    assert run("refuse", number, "Мы не обучаем.", "--clause", "3.1").status == 0
    assert (state(functions, number).status, state(functions, number).clause) == (Status.CLOSED, "3.1")


def test_an_act_that_cannot_be_done_says_why_in_json_too(functions: Functions, run: Run) -> None:
    """Exit status 1; the reason stands on standard error as well."""
    number = opened(functions)
    run("close", number)
    ran = run("solve", number, "Готово.", "--json")
    assert ran.status == 1
    assert ran.objects == [{"ticket": number, "act": "solve", "refused": "the ticket is closed: reopen it first"}]
    assert "reopen it first" in ran.err


def test_the_acts_of_a_tickets_life_follow_one_another(functions: Functions, run: Run) -> None:
    """Each by its verb."""
    number = opened(functions)
    for act in (
        ("take", number),
        ("priority", number, "high"),
        ("solve", number, "Обновите приложение."),
        ("close", number, "--outcome", "withdrawn"),
        ("reopen", number),
        ("critical", number, "Все без связи"),
        ("ack", number),
        ("critical", number, "--withdraw"),
        ("accept", number),
    ):
        assert run(*act, "--by", "anna").status == 0, act
    assert state(functions, number).reopened == 1
    critical = state(functions, number).critical
    assert critical is not None
    assert "page_critical" in kinds_sent(functions, critical.fault)


def test_somebody_elses_write_meanwhile_is_decided_anew(
    functions: Functions, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both acts are in the history."""
    number = opened(functions)
    commit = DynamoTable.commit
    interrupted: list[bool] = []

    def interrupting(table: DynamoTable, decided: Commit) -> None:
        if not interrupted:
            interrupted.append(True)
            note = SpecialistAct(Act.NOTE, "boris", "Я тоже смотрю.")
            change_ticket(functions.services.store, number, note, functions.services.now)
        commit(table, decided)

    monkeypatch.setattr(DynamoTable, "commit", interrupting)
    assert run("reply", number, "Исправлено.", "--by", "anna").status == 0
    assert [event["type"] for event in run("history", number, "--json").objects].count("specialist_wrote") == 2


# Operations -----------------------------------------------------------------------------------------------


def aside(functions: Functions, name: str = "m1", *, desk: str = MDO, outcome: str = "quarantined") -> None:
    """Lay a letter into quarantine, as a run that could not handle it did."""
    functions.put(raw(COMPLETE), name)
    functions.services.mail_store.settle(name, f"quarantine/{name}")
    record = LetterRecord(
        desk=desk,
        ses_message_id=name,
        received_at=moscow("2026-11-20 10:00"),
        kind="quarantined",
        outcome=outcome,
        reason="failed in 10 attempts",
        location=f"quarantine/{name}",
        needs_attention=True,
    )
    functions.services.store.commit(Commit(at=moscow("2026-11-20 10:00"), letter=record))


def deliver(functions: Functions) -> None:
    """Give what waits in the inbound queue to the function."""
    from handlers import inbound

    queue = boto3.client("sqs")
    taken = queue.receive_message(QueueUrl=functions.services.setting("INBOUND_QUEUE"), MaxNumberOfMessages=10).get(
        "Messages", []
    )
    records = [{"messageId": one["MessageId"], "eventSource": "aws:sqs", "body": one["Body"]} for one in taken]
    assert inbound.handle({"Records": records}, functions.context, functions.services) == {"batchItemFailures": []}


def test_a_replayed_letter_becomes_the_ticket_it_should_have_been(functions: Functions, run: Run) -> None:
    """Its record is dropped, and it leaves quarantine."""
    aside(functions)
    ran = run("replay", "quarantine/m1")
    assert ran.out == f"m1: offered again to {MDO}\n"
    deliver(functions)
    (number,) = functions.numbers()
    assert state(functions, number).requester.address == "olga@client.example"
    assert functions.keys() == {"letters/m1"}
    assert run("letters").out == "no letter waits for a person\n"


def test_a_letter_to_nobody_reaches_the_desk_that_has_its_address_now(functions: Functions, run: Run) -> None:
    """Its record stood under no desk."""
    aside(functions, desk="-")
    assert run("replay", "m1").status == 0
    deliver(functions)
    assert len(functions.numbers()) == 1
    assert functions.services.store.letter("-", "m1") is None


def test_a_letter_that_is_on_a_ticket_is_not_replayed(functions: Functions, run: Run) -> None:
    """It says on which; the other letters given go on."""
    number = opened(functions)
    aside(functions, "m2")
    ran = run("replay", "m1", "m2")
    assert ran.status == 1
    assert f"it is on ticket {number} already" in ran.err
    assert "m2: offered again" in ran.out


def test_a_forged_letter_gains_no_trust_by_a_replay(functions: Functions, run: Run) -> None:
    """The policy that made it forged stands in no header."""
    aside(functions, outcome="forged")
    ran = run("replay", "m1")
    assert ran.status == 1
    assert "it would end so again" in ran.err
    assert functions.keys() == {"quarantine/m1"}


def test_a_letter_that_lies_nowhere_cannot_be_replayed(run: Run) -> None:
    """The folders looked in are named."""
    ran = run("replay", "m404")
    assert ran.status == 1
    assert "quarantine/" in ran.err


def test_letters_set_aside_are_listed_until_somebody_has_looked(functions: Functions, run: Run) -> None:
    """The record itself stays."""
    aside(functions)
    aside(functions, "m2", desk="-")
    assert [one["ses_message_id"] for one in run("letters", "--json").objects] == ["m1", "m2"]
    assert run("letters", "--done", "m1").out == "m1: taken off the list\n"
    assert [one["ses_message_id"] for one in run("letters", "--json").objects] == ["m2"]
    record = functions.services.store.letter(MDO, "m1")
    assert record is not None
    assert record.outcome == "quarantined"
    assert run("letters", "--done", "m404").status == 1


def test_a_letters_record_that_changed_meanwhile_is_neither_forgotten_nor_settled(functions: Functions) -> None:
    """Whoever read it looks again."""
    aside(functions)
    record = functions.services.store.letter(MDO, "m1")
    assert record is not None
    stale = record.model_copy(update={"reason": "another"})
    store = functions.services.store
    for change in (store.forget_letter, store.settle_letter):
        with pytest.raises(Conflict) as conflict:
            change(stale)
        assert conflict.value.condition is Condition.LETTER
    assert functions.services.store.letter(MDO, "m1") == record


def test_reconcile_finishes_what_stayed_behind_and_prints_only_its_answer(functions: Functions, run: Run) -> None:
    """The same as the hourly function; its log goes to standard error."""
    functions.put(raw(COMPLETE), "m1")
    functions.clock.at = moscow("2026-11-20 12:00")
    (done,) = run("reconcile", "--json").objects
    assert done["LettersOfferedAgain"] == 1


def test_rearm_moves_the_clocks_that_a_corrected_calendar_moves(functions: Functions, run: Run) -> None:
    """And leaves the others."""
    number = opened(functions)
    assert "0 with new instants" in run("rearm").out
    ticket = state(functions, number)
    assert ticket.reaction is not None
    wrong = ticket.reaction.model_copy(update={"due": moscow("2026-11-20 18:00")})
    _overwrite(ticket.model_copy(update={"reaction": wrong}))
    (moved,) = run("rearm", "--json").objects
    assert moved == {"ticket": number, "reaction_due": "2026-11-20T14:00:00+03:00", "lapse_due": None}
    assert state(functions, number).reaction == ticket.reaction


def _overwrite(ticket: Ticket) -> None:
    """Store a ticket as if an older calendar had made it."""
    boto3.client("dynamodb").update_item(
        TableName="desk",
        Key={"pk": {"S": f"TICKET#{ticket.id}"}, "sk": {"S": "TICKET"}},
        UpdateExpression="SET body = :body",
        ExpressionAttributeValues={":body": {"S": ticket.model_dump_json()}},
    )


def test_a_storeolis_ticket_is_clocked_in_working_days(functions: Functions, run: Run) -> None:
    """Storeolis 2.3: five of them, the day of arrival apart."""
    text = "Добрый день. Не открывается раздел заказов, ошибка 500.\nНаш магазин: lampa.storeolis.ru"
    functions.receive((raw(text, subject="Ошибка 500"), "m1"), at=moscow("2026-11-20 10:00"), desk=STOREOLIS_ADDRESS)
    (number,) = functions.numbers()
    functions.clock.at = moscow("2026-11-24 12:00")
    (found,) = run("clock", number, "--json").objects
    (reaction,) = found["clocks"]
    assert reaction["due"] == "2026-11-27T18:00:00+03:00"
    assert (reaction["used"], reaction["left"]) == ("1 working day", "4 working days")


# Addresses spared -----------------------------------------------------------------------------------------


def test_suppressed_addresses_are_listed_and_one_is_lifted_by_any_spelling(functions: Functions, run: Run) -> None:
    """The longest suppressed first; lifting twice is the same as once."""
    functions.table.suppress(MDO, "olga@client.example", at=moscow("2026-11-20 10:00"), reason="Bounce")
    functions.table.suppress("storeolis", "petr@client.example", at=moscow("2026-11-19 10:00"), reason="Complaint")
    listed = run("suppressed", "--json").objects
    assert {(one["desk"], one["address"], one["reason"]) for one in listed} == {
        (MDO, "olga@client.example", "Bounce"),
        ("storeolis", "petr@client.example", "Complaint"),
    }
    assert run("suppressed", "--desk", "STO").out == (
        "petr@client.example  Thu 2026-11-19 10:00 MSK  storeolis  Complaint\n"
    )
    assert run("suppressed", "--lift", "Olga@Client.example").out == f"olga@client.example: written to again by {MDO}\n"
    assert not functions.table.is_suppressed(MDO, "olga@client.example")
    again = run("suppressed", "--lift", "olga@client.example")
    assert (again.status, again.out) == (0, "olga@client.example: was not suppressed\n")
    assert run("suppressed", "--desk", "MDO").out == "no address is suppressed\n"


@pytest.mark.parametrize("wrong", ["olga", "olga@", "@client.example", ""])
def test_what_is_no_address_is_not_lifted(functions: Functions, run: Run, wrong: str) -> None:
    """And the message says what was expected."""
    ran = run("suppressed", "--lift", wrong)
    assert ran.status == 2
    assert "expected an address" in ran.err


def test_history_says_which_letters_were_held_back_and_why(functions: Functions, run: Run) -> None:
    """By which limit, and until when."""
    for at in range(11):
        subject = f"Раздел {at}"
        text = f"Не открывается раздел {'абвгдежзиклм'[at] * 9}, ошибка {at}{at}{at}.\n\n{DETAILS}"
        functions.receive((raw(text, subject=subject), f"h{at}"), at=moscow(f"2026-11-20 10:{at + 10}"))
    number = ticket_id("MDO", MDO, "h10")
    held = [event for event in run("history", number, "--json").objects if event["type"] == "letter_withheld"]
    assert [(event["kind"], event["limit"], event["allowed"]) for event in held] == [
        ("accepted", "per_address_per_hour", 10),
        ("card", "per_address_per_hour", 10),
    ]
    told = "accepted to the client: too many because of olga@client.example (per_address_per_hour = 10, house rule)"
    assert f"{told}, until Fri 2026-11-20 11:10 MSK" in run("history", number).out
    assert f"not sent: {told}" in run("show", number).out
    assert kinds_sent(functions, number) == ["held_back"]
    assert "one letter tells the team of all that is withheld, Fri 2026-11-20 11:10 MSK" in run("history", number).out
    functions.sweep(moscow("2026-11-20 11:10"))
    assert "one letter told the team of 1 that had been withheld" in run("history", number).out


def test_history_says_that_an_address_is_written_to_again(functions: Functions, run: Run) -> None:
    """It wrote, and was proved."""
    functions.table.suppress(MDO, "olga@client.example", at=moscow("2026-11-19 10:00"), reason="Bounce")
    number = opened(functions)
    assert "olga@client.example wrote and is written to again" in run("history", number).out
    assert run("suppressed").out == "no address is suppressed\n"
