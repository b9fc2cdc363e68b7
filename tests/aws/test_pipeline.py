"""From a raw letter to the sent reply, through the very handlers, in moto."""

from __future__ import annotations

import json
import re
from typing import Any

import boto3
import pytest

from application.aside import NO_DESK
from application.receive import receive
from domain.client import Client, Contact, ContactKind
from domain.findings import Mode
from domain.reply_token import token_for
from domain.ticket.events import LetterAdded
from domain.ticket.outgoing import Audience
from domain.ticket.ticket import CloseOutcome, Status, ticket_id
from handlers import inbound, reconcile
from tests.support.builders import DETAILS, MDO, MDO_ADDRESS, STOREOLIS_ADDRESS, moscow
from tests.support.client_letters import COMPLETE, FAULT, HOW_TO, INCOMPLETE, STORE_LETTERS
from tests.support.functions import Functions, number_of, specialist, specialist_address
from tests.support.raw_mail import raw, text_of
from tests.support.sdk import client_error


def test_mdo_2_1_a_letter_becomes_a_ticket_and_is_acknowledged_with_number_and_deadline(functions: Functions) -> None:
    """The whole way, from bytes to bytes."""
    answer = functions.receive((raw(COMPLETE, Message_ID="<1@client.example>"), "m1"), at=moscow("2026-11-20 17:00"))
    assert answer == {"batchItemFailures": []}
    functions.drain()
    letter = next(mail for mail in functions.mails() if mail["To"].addresses[0].addr_spec == "olga@client.example")
    number = number_of(MDO, "m1")
    assert number in letter["Subject"]
    assert "понедельник, 23 ноября 2026 г., 12:00 (МСК)" in text_of(letter)
    assert "2.1" in text_of(letter)
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter["In-Reply-To"] == "<1@client.example>"
    assert functions.keys() == {"letters/m1"}


def test_one_new_request_costs_at_most_three_reads_and_one_transaction(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted at the client of DynamoDB."""
    calls: list[str] = []
    client: Any = functions.services.store._client
    client.meta.events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    assert calls.count("TransactWriteItems") == 1
    assert len([name for name in calls if name != "TransactWriteItems"]) <= 3


def test_an_answer_to_a_ticket_costs_one_query_more_and_what_left_is_known_in_it(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted at the client of DynamoDB; what the desk sent, quoted without a mark, is no word of the client's."""
    functions.receive((raw(COMPLETE, Message_ID="<1@client.example>"), "m1"), at=moscow("2026-11-20 10:00"))
    functions.drain()
    (letter,) = (mail for mail in functions.mails() if "olga@client.example" in mail["To"])
    calls: list[str] = []
    client: Any = functions.services.store._client
    client.meta.events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    answer = raw(f"Спасибо, жду.\n\n{text_of(letter)}\n{COMPLETE}", In_Reply_To="<1@client.example>")
    functions.receive((answer, "m2"), at=moscow("2026-11-20 10:30"))
    assert sorted(calls) == ["BatchGetItem", "BatchGetItem", "Query", "TransactWriteItems"]
    (number,) = functions.numbers()
    added = [event for _, event in functions.table.history(number) if isinstance(event, LetterAdded)]
    assert (added[-1].text, added[-1].set_apart) == ("Спасибо, жду.", "")


def test_redelivering_everything_twice_changes_no_ticket_and_sends_nothing_again(functions: Functions) -> None:
    """At least once, whatever the order."""
    letters = [(raw(COMPLETE), "m1"), (raw(INCOMPLETE, sender="petr@client.example"), "m2")]
    functions.receive(*letters, at=moscow("2026-11-20 10:00"))
    functions.drain()
    before = {number: functions.table.ticket(number) for number in functions.numbers()}
    sent = len(functions.mails())
    for _ in range(2):
        functions.receive(*reversed(letters), at=moscow("2026-11-20 10:05"))
        functions.drain()
    assert {number: functions.table.ticket(number) for number in functions.numbers()} == before
    assert len(functions.mails()) == sent


def test_a_colliding_number_loses_nothing(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second letter's ticket gets the next candidate."""
    real = ticket_id

    def colliding(prefix: str, desk: str, origin: str, attempt: int = 0) -> str:
        return "MDO-0000-0001" if attempt == 0 else real(prefix, desk, origin, attempt)

    monkeypatch.setattr("application.receive.ticket_id", colliding)
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.receive(
        (raw(COMPLETE.replace("код из СМС", "список услуг"), sender="petr@client.example"), "m2"),
        at=moscow("2026-11-20 10:01"),
    )
    assert functions.numbers() == {"MDO-0000-0001", real("MDO", MDO, "m2", 1)}


def test_a_letter_that_cannot_be_parsed_is_kept_recorded_and_visible_and_the_next_becomes_a_ticket(
    functions: Functions,
) -> None:
    """One bad letter never stops another of the same batch."""
    noise = bytes(range(256)) * 40
    answer = functions.receive((noise, "bad"), (raw(COMPLETE), "good"), at=moscow("2026-11-20 10:00"))
    assert answer == {"batchItemFailures": []}
    assert functions.keys() == {"quarantine/bad", "letters/good"}
    assert [record.ses_message_id for record in functions.table.set_aside(MDO)] == ["bad"]
    assert functions.numbers() == {number_of(MDO, "good")}


def test_a_letter_missing_from_the_bucket_fails_alone(functions: Functions) -> None:
    """It comes again and ends in the failure queue; the other is handled."""
    functions.clock.at = moscow("2026-11-20 10:00")
    functions.receive((raw(COMPLETE), "good"), at=functions.clock.at)
    boto3.client("s3").delete_object(Bucket=functions.bucket, Key="incoming/gone")
    body = {
        "notificationType": "Received",
        "mail": {"messageId": "gone", "timestamp": "2026-11-20T07:00:00Z", "source": ""},
        "receipt": {
            "recipients": [MDO_ADDRESS],
            "timestamp": "2026-11-20T07:00:00Z",
            "action": {"type": "S3", "bucketName": "mail", "objectKey": "incoming/gone"},
        },
    }
    record = {"messageId": "1", "eventSource": "aws:sqs", "body": json.dumps(body)}
    answer = inbound.handle({"Records": [record]}, functions.context, functions.services)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}


def test_mdo_1_3_2_an_answer_by_mail_completes_the_request(functions: Functions) -> None:
    """By the token in Reply-To, whatever the subject."""
    functions.receive((raw(INCOMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.drain()
    asked = next(mail for mail in functions.mails() if "client.example" in mail["To"])
    reply_to = asked["Reply-To"].addresses[0].addr_spec
    functions.receive((raw(DETAILS, subject="без темы"), "m2"), at=moscow("2026-11-20 15:00"), desk=reply_to)
    ticket = functions.table.ticket(number_of(MDO, "m1"))
    assert ticket is not None
    assert ticket.reaction is not None
    assert ticket.reaction.due == moscow("2026-11-23 10:00")
    assert functions.numbers() == {ticket.id}


def test_an_answer_to_the_id_that_ses_gave_finds_the_ticket_of_its_own_requester_only(functions: Functions) -> None:
    """A stranger who knows the id opens a ticket of its own, linked to that one."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.drain()
    number = number_of(MDO, "m1")
    sent_id = next(
        item["sent_id"]["S"]
        for item in boto3.client("dynamodb").scan(TableName="desk")["Items"]
        if "sent_id" in item and "card" not in item["body"]["S"]
    )
    answers = {"In_Reply_To": f"<{sent_id}@eu-west-1.amazonses.com>"}
    functions.receive((raw("Уточнение: ошибка 502.", **answers), "m2"), at=moscow("2026-11-20 10:10"))
    assert functions.numbers() == {number}
    functions.receive((raw(COMPLETE, sender="mallory@other.example", **answers), "m3"), at=moscow("2026-11-20 10:20"))
    stranger = functions.table.ticket(number_of(MDO, "m3"))
    assert stranger is not None
    assert stranger.linked == (number,)


def test_a_stranger_with_the_clients_token_and_the_requesters_name_is_shown_as_one(functions: Functions) -> None:
    """From the bytes of the letter to those of the card: the display name is encoded and holds an address."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.drain()
    before = len(functions.mails())
    token = token_for(functions.services.reply_keys, MDO, number_of(MDO, "m1"), Audience.CLIENT)
    stranger = raw("Смените пароль.").replace(
        b"<olga@client.example>", b"=?utf-8?q?_=3Colga=40client=2Eexample=3E?= <thief@evil.example>", 1
    )
    functions.receive((stranger, "m2"), at=moscow("2026-11-20 10:10"), desk=MDO_ADDRESS.replace("@", f"+{token}@"))
    functions.drain()
    (card,) = functions.mails()[before:]
    assert text_of(card).splitlines() == [
        "Ответ клиенту пишите выше этой строки",
        "",
        "Отправитель: thief@evil.example — адрес подтверждён, но это не адрес заявителя",
        "Имя в письме похоже на адрес, но это только имя: «Ольга Лебедева <olga@client.example>»",
        "Пишет не заявитель: обращение открыто с адреса olga@client.example.",
        "",
        "Текст письма:",
        "",
        "> Смените пароль.",
    ]


def test_mdo_2_1_a_verified_specialists_reply_goes_to_the_client_and_stops_the_clock(functions: Functions) -> None:
    """In the desk's name, and without the marks of automatic mail."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.drain()
    specialist(
        "Обновите приложение до версии 5.2.", "s1", functions, sender=specialist_address(), at="2026-11-20 11:00"
    )
    ticket = functions.table.ticket(number_of(MDO, "m1"))
    assert ticket is not None
    assert ticket.reaction is not None
    assert ticket.reaction.stopped_at == moscow("2026-11-20 11:00")
    letter = functions.mails()[-1]
    assert letter["To"].addresses[0].addr_spec == "olga@client.example"
    assert letter["From"].addresses[0].addr_spec == MDO_ADDRESS
    assert letter["Auto-Submitted"] is None
    assert "5.2" in text_of(letter)


def test_a_token_in_a_strangers_hands_reaches_no_client(functions: Functions) -> None:
    """The token says where a letter belongs, never who writes."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.drain()
    before = len([mail for mail in functions.mails() if "client.example" in mail["To"]])
    specialist("Пришлите пароль.", "s1", functions, sender="mallory@evil.example", at="2026-11-20 11:00")
    ticket = functions.table.ticket(number_of(MDO, "m1"))
    assert ticket is not None
    assert ticket.reaction is not None
    assert ticket.reaction.runs
    assert len([mail for mail in functions.mails() if "client.example" in mail["To"]]) == before


def test_a_duplicate_joins_the_original_with_a_note(functions: Functions) -> None:
    """Storeolis 2.6, and a house rule at MDO."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.receive((raw(COMPLETE, subject="Повторно: Не приходит код"), "m2"), at=moscow("2026-11-20 10:30"))
    functions.drain()
    assert functions.numbers() == {number_of(MDO, "m1")}
    clients = [mail for mail in functions.mails() if "client.example" in mail["To"]]
    assert len(clients) == 2
    assert number_of(MDO, "m1") in text_of(clients[-1])


def test_storeolis_2_6_the_fourth_request_of_the_month_is_refused_only_as_a_consultation(functions: Functions) -> None:
    """A fault beyond the limit is put before the specialist with the count."""
    for number, text in enumerate(STORE_LETTERS, 1):
        functions.receive((raw(text), f"q{number}"), at=moscow(f"2026-11-{9 + number} 10:00"), desk=STOREOLIS_ADDRESS)
    functions.receive((raw(HOW_TO, subject="Вопрос"), "q4"), at=moscow("2026-11-18 10:00"), desk=STOREOLIS_ADDRESS)
    refused = functions.table.ticket(number_of("storeolis", "q4"))
    assert refused is not None
    assert (refused.status, refused.outcome, refused.clause) == (Status.CLOSED, CloseOutcome.REFUSED, "2.6")
    functions.receive(
        (raw("Сайт выдаёт ошибку 503 при оплате. Договор № 1412-17, ИНН 7707083893."), "q5"),
        at=moscow("2026-11-19 10:00"),
        desk=STOREOLIS_ADDRESS,
    )
    fault = functions.table.ticket(number_of("storeolis", "q5"))
    assert fault is not None
    assert fault.status is Status.OPEN
    quota = next(found for found in fault.findings if found.rule == "quota")
    assert quota.mode is Mode.SUGGEST


def test_storeolis_2_6_letters_counted_out_of_order_are_still_counted(functions: Functions) -> None:
    """A letter that is handled late is the fourth if three were handled before it."""
    for number, text in enumerate(STORE_LETTERS, 1):
        functions.receive((raw(text), f"q{number}"), at=moscow(f"2026-11-{9 + number} 10:00"), desk=STOREOLIS_ADDRESS)
    functions.receive((raw(HOW_TO, subject="Вопрос"), "q0"), at=moscow("2026-11-05 10:00"), desk=STOREOLIS_ADDRESS)
    late = functions.table.ticket(number_of("storeolis", "q0"))
    assert late is not None
    assert late.outcome is CloseOutcome.REFUSED


def test_storeolis_2_6_two_letters_at_the_same_instant_cannot_both_be_the_third(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is decided anew on what the first wrote."""
    for number, text in enumerate(STORE_LETTERS[:2], 1):
        functions.receive((raw(text), f"q{number}"), at=moscow(f"2026-11-{9 + number} 10:00"), desk=STOREOLIS_ADDRESS)
    at = moscow("2026-11-18 10:00")
    raced: list[bool] = []
    real = receive

    def decide_then_lose(*asked: Any, **more: Any) -> Any:
        decided = real(*asked, **more)
        if not raced:
            raced.append(True)
            functions.receive((raw(STORE_LETTERS[2]), "q3"), at=at, desk=STOREOLIS_ADDRESS)
        return decided

    monkeypatch.setattr(inbound, "receive", decide_then_lose)
    functions.receive((raw(HOW_TO, subject="Вопрос"), "q4"), at=at, desk=STOREOLIS_ADDRESS)
    third = functions.table.ticket(number_of("storeolis", "q3"))
    fourth = functions.table.ticket(number_of("storeolis", "q4"))
    assert third is not None
    assert fourth is not None
    assert third.outcome is None
    assert fourth.outcome is CloseOutcome.REFUSED


def test_mdo_2_1_a_critical_letter_pages_at_intake_without_waiting_for_the_sweep(functions: Functions) -> None:
    """The page is published as soon as the stream brings it."""
    queue = boto3.client("sqs").create_queue(QueueName="watch")["QueueUrl"]
    arn = boto3.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    boto3.client("sns").subscribe(TopicArn=functions.services.setting("PAGES_TOPIC"), Protocol="sqs", Endpoint=arn)
    functions.receive((raw(FAULT), "m1"), at=moscow("2027-01-01 03:00"))
    functions.drain()
    (page,) = boto3.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert number_of(MDO, "m1") in page["Body"]


def test_mdo_2_5_the_sweep_lapses_and_tells_the_client(functions: Functions) -> None:
    """What is due happens, once, and the next instant is armed."""
    functions.receive((raw(INCOMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.drain()
    assert functions.sweep(moscow("2026-11-24 09:00"))["TimersFired"] == 1
    functions.drain()
    assert functions.sweep(moscow("2026-11-25 00:00"))["TimersFired"] == 1
    assert functions.sweep(moscow("2026-11-25 00:01"))["TimersFired"] == 0
    functions.drain()
    subjects = [mail["Subject"] for mail in functions.mails() if "client.example" in mail["To"]]
    assert len(subjects) == 3
    ticket = functions.table.ticket(number_of(MDO, "m1"))
    assert ticket is not None
    assert ticket.outcome is CloseOutcome.LAPSED


def test_a_timer_that_fails_does_not_block_the_others(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is counted, and comes again with the next sweep."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.receive((raw(COMPLETE, sender="petr@client.example"), "m2"), at=moscow("2026-11-20 10:00"))
    functions.drain()
    broken, real = number_of(MDO, "m1"), functions.table.ticket

    def failing(number: str) -> Any:
        if number == broken:
            raise RuntimeError("a corrupt item")
        return real(number)

    monkeypatch.setattr(functions.table, "ticket", failing)
    swept = functions.sweep(moscow("2026-11-20 13:00"))
    assert (swept["TimersFired"], swept["TimersFailed"]) == (1, 1)


def test_a_throttled_letter_goes_later_and_holds_up_no_other(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is put back, offered again by the sweep, and sent once."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    real, failures = functions.services.mailer.send, [1]

    def throttled(*args: Any, **kwargs: Any) -> str:
        if failures:
            failures.pop()
            raise client_error("TooManyRequestsException", "SendEmail")
        return real(*args, **kwargs)

    monkeypatch.setattr(functions.services.mailer, "send", throttled)
    functions.drain()
    assert len(functions.mails()) == 1
    assert functions.sweep(moscow("2026-11-20 10:02"))["OffersRepeated"] == 1
    functions.drain()
    functions.drain()
    assert len(functions.mails()) == 2


def test_reconcile_files_what_is_done_and_offers_again_what_is_not(functions: Functions) -> None:
    """What stays in incoming/ is finished, by cost that follows unfinished letters."""
    functions.receive((raw(COMPLETE), "done"), at=moscow("2026-11-20 10:00"))
    functions.put(raw(COMPLETE), "done")
    functions.put(raw(COMPLETE, sender="petr@client.example"), "left")
    functions.clock.at = moscow("2026-11-20 11:00")
    done = reconcile.handle({}, functions.context, functions.services)
    assert (done["LettersFiled"], done["LettersOfferedAgain"]) == (1, 1)
    offered = boto3.client("sqs").receive_message(QueueUrl=functions.services.setting("INBOUND_QUEUE"))["Messages"]
    assert '"left"' in offered[0]["Body"]
    assert functions.keys() == {"letters/done", "incoming/left"}


def test_a_letter_without_from_becomes_a_ticket_that_answers_nobody(functions: Functions) -> None:
    """The team sees it; nothing is sent to where nobody is."""
    nameless = raw(INCOMPLETE).replace("From: Ольга Лебедева <olga@client.example>\r\n".encode(), b"")
    nameless = re.sub(rb"(?m)^From:.*\r\n(?:[ \t].*\r\n)*", b"", nameless)
    functions.receive((nameless, "m1"), at=moscow("2026-11-20 10:00"))
    functions.drain()
    (number,) = functions.numbers()
    ticket = functions.table.ticket(number)
    assert ticket is not None
    assert ticket.requester.address == ""
    assert ticket.status is Status.OPEN
    (mail,) = functions.mails()
    assert mail["To"].addresses[0].addr_spec.startswith("team@")


def test_two_letters_without_from_are_not_one_sender(functions: Functions) -> None:
    """Strangers share neither a quota nor duplicates."""
    nameless = re.sub(rb"(?m)^From:.*\r\n(?:[ \t].*\r\n)*", b"", raw(COMPLETE))
    functions.receive((nameless, "m1"), (nameless, "m2"), at=moscow("2026-11-20 10:00"))
    assert len(functions.numbers()) == 2


def test_a_forged_letter_is_recorded_for_a_persons_eye_and_never_answered(functions: Functions) -> None:
    """DMARC failed under a policy of reject."""
    functions.put(raw(COMPLETE), "m1")
    body = {
        "notificationType": "Received",
        "mail": {"messageId": "m1", "timestamp": "2026-11-20T07:00:00Z", "source": "olga@client.example"},
        "receipt": {
            "recipients": [MDO_ADDRESS],
            "timestamp": "2026-11-20T07:00:00Z",
            "dmarcVerdict": {"status": "FAIL"},
            "dmarcPolicy": "reject",
            "action": {"type": "S3", "bucketName": "mail", "objectKey": "incoming/m1"},
        },
    }
    record = {"messageId": "1", "eventSource": "aws:sqs", "body": json.dumps(body)}
    assert inbound.handle({"Records": [record]}, functions.context, functions.services) == {"batchItemFailures": []}
    assert functions.numbers() == set()
    assert [(record.ses_message_id, record.outcome) for record in functions.table.set_aside(MDO)] == [("m1", "forged")]


def test_an_automatic_letter_is_recorded_and_not_answered(functions: Functions) -> None:
    """Two robots must not talk to each other."""
    functions.receive((raw(COMPLETE, Auto_Submitted="auto-replied"), "m1"), at=moscow("2026-11-20 10:00"))
    record = functions.table.letter(MDO, "m1")
    assert record is not None
    assert (record.kind, record.outcome) == ("auto_reply", "ignored")
    assert functions.numbers() == set()
    assert [record.ses_message_id for record in functions.table.set_aside(MDO)] == ["m1"]


def test_a_letter_to_both_desks_is_settled_at_each(functions: Functions) -> None:
    """One envelope, two recipients; filed once both have committed."""
    functions.clock.at = moscow("2026-11-20 10:00")
    functions.put(raw(COMPLETE), "m1")
    body = {
        "notificationType": "Received",
        "mail": {"messageId": "m1", "timestamp": "2026-11-20T07:00:00Z", "source": "olga@client.example"},
        "receipt": {
            "recipients": ["support@МоиДокументы.онлайн", STOREOLIS_ADDRESS],
            "timestamp": "2026-11-20T07:00:00Z",
            "action": {"type": "S3", "bucketName": "mail", "objectKey": "incoming/m1"},
        },
    }
    inbound.handle(
        {"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": json.dumps(body)}]},
        functions.context,
        functions.services,
    )
    assert {number[:3] for number in functions.numbers()} == {"MDO", "STO"}
    assert functions.keys() == {"letters/m1"}


def test_a_letter_to_no_desk_is_kept_and_visible(functions: Functions) -> None:
    """A rule may receive more than the desks know."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"), desk="sales@storeolis.ru")
    assert functions.keys() == {"quarantine/m1"}
    assert [record.ses_message_id for record in functions.table.set_aside(NO_DESK)] == ["m1"]


def test_a_letter_that_names_a_clients_inn_is_shown_nothing_the_registry_knows(functions: Functions) -> None:
    """What a text claims opens a ticket and no more."""
    functions.table.save(
        Client(
            id="c1",
            desk="storeolis",
            full_name="Петров Иван Ильич",
            organisation="ООО «Лавка»",
            contacts=(Contact(kind=ContactKind.INN, value="7707083893"),),
        )
    )
    functions.receive((raw(STORE_LETTERS[0]), "m1"), at=moscow("2026-11-20 10:00"), desk=STOREOLIS_ADDRESS)
    ticket = functions.table.ticket(number_of("storeolis", "m1"))
    assert ticket is not None
    assert ticket.identification.client_id == "c1"
    assert ticket.identification.full_name != "Петров Иван Ильич"
    assert ticket.requester.client_key == "address:olga@client.example"


def test_storeolis_2_6_borrowed_addresses_use_up_nobodys_quota(functions: Functions) -> None:
    """Unverified letters are counted by themselves."""
    for number, text in enumerate(STORE_LETTERS):
        body = json.dumps(
            {
                "notificationType": "Received",
                "mail": {"messageId": f"x{number}", "timestamp": "2026-11-10T07:00:00Z", "source": ""},
                "receipt": {
                    "recipients": [STOREOLIS_ADDRESS],
                    "timestamp": "2026-11-10T07:00:00Z",
                    "action": {"type": "S3", "bucketName": "mail", "objectKey": f"incoming/x{number}"},
                },
            }
        )
        functions.put(raw(text), f"x{number}")
        inbound.handle(
            {"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": body}]},
            functions.context,
            functions.services,
        )
    functions.receive((raw(HOW_TO, subject="Вопрос"), "own"), at=moscow("2026-11-18 10:00"), desk=STOREOLIS_ADDRESS)
    ticket = functions.table.ticket(number_of("storeolis", "own"))
    assert ticket is not None
    assert ticket.outcome is None


def test_a_specialists_answer_beside_the_card_reaches_no_client_and_opens_no_ticket(functions: Functions) -> None:
    """Some mail programs ignore Reply-To; the team is told what to do."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.drain()
    number = number_of(MDO, "m1")
    answer = raw("Обновите приложение.", sender=specialist_address(), subject=f"Re: [{number}]")
    functions.receive((answer, "s1"), at=moscow("2026-11-20 11:00"))
    functions.drain()
    assert functions.numbers() == {number}
    assert "Reply-To" in text_of(functions.mails()[-1])
    assert len([mail for mail in functions.mails() if "client.example" in mail["To"]]) == 1


def test_a_letter_without_end_is_committed_like_any_other(functions: Functions) -> None:
    """What is kept of it has bounds, and the next letter of the client is no worse for it."""
    words = " ".join(f"слово{number}" for number in range(60_000))
    functions.receive((raw(f"{COMPLETE}\n\n{words}"), "m1"), at=moscow("2026-11-20 10:00"))
    functions.receive((raw(COMPLETE.replace("код", "пароль")), "m2"), at=moscow("2026-11-20 10:05"))
    assert functions.numbers() == {number_of(MDO, "m1"), number_of(MDO, "m2")}


def test_storeolis_2_6_a_client_registered_later_keeps_the_past_of_its_address(functions: Functions) -> None:
    """Quota and repetitions go on where they were; registering it again changes nothing."""
    for number, text in enumerate(STORE_LETTERS, 1):
        functions.receive((raw(text), f"q{number}"), at=moscow(f"2026-11-{9 + number} 10:00"), desk=STOREOLIS_ADDRESS)
    address = Contact(kind=ContactKind.ADDRESS, value="olga@client.example")
    for _ in range(2):
        functions.table.save(Client(id="c1", desk="storeolis", contacts=(address,)))
    assert len(functions.table.situation("storeolis", "c1", None)[0].requests) == 3
    functions.receive((raw(HOW_TO, subject="Вопрос"), "q4"), at=moscow("2026-11-18 10:00"), desk=STOREOLIS_ADDRESS)
    refused = functions.table.ticket(number_of("storeolis", "q4"))
    assert refused is not None
    assert refused.outcome is CloseOutcome.REFUSED
