"""Letters that the company's own server forwards to Amazon SES, from the queue to what is sent because of them."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from adapters.ses.raw_letter import envelope_from_raw
from adapters.ses.received import ReceivedLetter, notification_of
from application.storage import LetterRecord
from application.taken_up import lost_letter
from cli.recovery import take_up
from domain.letter import Envelope, LetterKind, Trust, Verdict, Verdicts
from domain.ticket.ticket import Ticket
from handlers import inbound
from tests.support.builders import MDO, MDO_ADDRESS, moscow
from tests.support.changed_editions import mdo_changed
from tests.support.client_letters import COMPLETE, FAULT
from tests.support.forwarded_mail import forwarded
from tests.support.functions import Functions
from tests.support.raw_mail import raw

CLIENT = "lomova@zavod.example"
RECEIVES = 'receives_at = ["support@desk.моидокументы.онлайн"]'
SES_SIDE = MDO_ADDRESS.replace("@", "@desk.")
NAMED = 'forwarders = [{ authserv_id = "mx.example.ru", dkim_domain = "example.ru" }]'
AT = moscow("2026-11-20 11:00")
OF_A_DOMAIN_THAT_REJECTS = Verdicts(
    spam=Verdict.PASS, virus=Verdict.PASS, spf=Verdict.FAIL, dkim=Verdict.PASS, dmarc=Verdict.FAIL, dmarc_policy="reject"
)  # fmt: skip
OF_A_DOMAIN_WITHOUT_POLICY = Verdicts(
    spam=Verdict.PASS, virus=Verdict.PASS, spf=Verdict.FAIL, dkim=Verdict.PASS, dmarc=Verdict.GRAY
)


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the desk name the server that forwards its mail."""
    with mdo_changed(tmp_path, monkeypatch, (RECEIVES, f"{RECEIVES}\n{NAMED}")):
        yield


def arrive(functions: Functions, letter: bytes, verdicts: Verdicts, *, to: str = SES_SIDE) -> LetterRecord:
    """Let a forwarded letter arrive where SES takes the desk's mail, and all that follows leave."""
    ses_id = "forwarded000000000001"
    functions.put(forwarded(letter=letter, ses_id=ses_id), ses_id)
    arrived = ReceivedLetter(Envelope(ses_id, AT, (to,), CLIENT, verdicts), functions.bucket, f"incoming/{ses_id}")
    functions.clock.at = AT
    record = {"messageId": ses_id, "eventSource": "aws:sqs", "body": notification_of(arrived)}
    answer = inbound.handle({"Records": [record]}, functions.context, functions.services)
    assert answer == {"batchItemFailures": []}
    functions.drain()
    found = functions.table.letter(MDO, ses_id)
    assert found is not None
    return found


def sent_to(functions: Functions, address: str) -> list[EmailMessage]:
    return [mail for mail in functions.mails() if mail["To"].addresses[0].addr_spec == address]


def ticket_of(functions: Functions, record: LetterRecord) -> Ticket:
    ticket = functions.table.ticket(record.ticket or "")
    assert ticket is not None
    return ticket


@pytest.mark.usefixtures("named")
def test_a_client_whose_letter_a_named_forwarder_vouches_for_is_answered_from_the_published_address(
    functions: Functions,
) -> None:
    record = arrive(functions, raw(COMPLETE, sender=CLIENT), OF_A_DOMAIN_THAT_REJECTS)
    assert ticket_of(functions, record).requester.trust is Trust.VERIFIED
    (mail,) = sent_to(functions, CLIENT)
    assert mail["From"].addresses[0].addr_spec == MDO_ADDRESS


def test_a_letter_that_dmarc_rejects_and_no_named_forwarder_vouches_for_is_listed_as_forged(
    functions: Functions,
) -> None:
    record = arrive(functions, raw(COMPLETE, sender=CLIENT), OF_A_DOMAIN_THAT_REJECTS)
    assert (record.outcome, record.needs_attention) == ("forged", True)
    assert functions.mails() == []


def test_a_letter_for_which_spf_fails_opens_a_ticket_and_is_not_answered(functions: Functions) -> None:
    record = arrive(functions, raw(COMPLETE, sender=CLIENT), OF_A_DOMAIN_WITHOUT_POLICY)
    assert record.outcome == "ticket"
    assert sent_to(functions, CLIENT) == []
    assert len(functions.mails()) == 1, "the team's card"


def test_a_critical_fault_for_which_spf_fails_is_paged_and_not_answered(functions: Functions) -> None:
    ticket = ticket_of(functions, arrive(functions, raw(FAULT, sender=CLIENT), OF_A_DOMAIN_WITHOUT_POLICY))
    assert ticket.critical is not None
    fault = functions.table.fault(ticket.critical.fault)
    assert fault is not None
    assert fault.series is not None
    assert fault.series.pages == 1
    assert sent_to(functions, CLIENT) == []


@pytest.mark.usefixtures("named")
def test_a_letter_of_the_desk_that_the_forwarder_sends_back_is_known_as_its_own(functions: Functions) -> None:
    own = raw(COMPLETE, sender=MDO_ADDRESS, X_Reglament_Desk=MDO, X_Reglament_Ticket="MDO-7K3F-9QXZ")
    record = arrive(functions, own, OF_A_DOMAIN_WITHOUT_POLICY)
    assert record.kind == LetterKind.OWN
    assert functions.mails() == []


@pytest.mark.usefixtures("named")
def test_an_answer_by_token_finds_its_ticket_where_ses_takes_the_mail(functions: Functions) -> None:
    """The forwarder passes plus-addresses on, whatever their domain here."""
    first = arrive(functions, raw(COMPLETE, sender=CLIENT), OF_A_DOMAIN_THAT_REJECTS)
    reply_to = functions.mails()[0]["Reply-To"].addresses[0].addr_spec
    assert reply_to.endswith(MDO_ADDRESS.partition("@")[2]), "clients see the published domain alone"
    mailbox = reply_to.partition("@")[0]
    answer = raw("Уточнение: ошибка 502.", sender=CLIENT)
    ses_id = "forwarded000000000002"
    functions.put(forwarded(letter=answer, ses_id=ses_id), ses_id)
    envelope = Envelope(
        ses_id, AT, (f"{mailbox}@desk.{MDO_ADDRESS.partition('@')[2]}",), CLIENT, OF_A_DOMAIN_THAT_REJECTS
    )
    body = notification_of(ReceivedLetter(envelope, functions.bucket, f"incoming/{ses_id}"))
    event = {"Records": [{"messageId": ses_id, "eventSource": "aws:sqs", "body": body}]}
    assert inbound.handle(event, functions.context, functions.services) == {"batchItemFailures": []}
    record = functions.table.letter(MDO, ses_id)
    assert record is not None
    assert (record.outcome, record.ticket) == ("message", first.ticket)


@pytest.mark.usefixtures("named")
def test_a_letter_whose_record_was_lost_is_read_with_its_forwarder_as_when_it_came(functions: Functions) -> None:
    ses_id = "forwarded000000000001"
    stored = forwarded(letter=raw(COMPLETE, sender=CLIENT), ses_id=ses_id)
    functions.put(stored.replace(b"support@desk.example.ru", SES_SIDE.encode()), ses_id)
    lost = lost_letter(ses_id, AT, functions.services, envelope_from_raw)
    assert take_up([lost], functions.services, as_json=False) == 0
    record = functions.table.letter(MDO, ses_id)
    assert record is not None
    assert ticket_of(functions, record).requester.trust is Trust.VERIFIED
