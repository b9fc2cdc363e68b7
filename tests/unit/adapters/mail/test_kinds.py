"""Which kind of letter each fixture is, and why."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.mail.reading import read_letter
from domain.letter import Envelope, Letter, LetterKind, Verdict, Verdicts
from tests.support.repository import LETTERS


def letter(name: str, *, verdicts: Verdicts | None = None) -> Letter:
    envelope = Envelope(
        "sesid0000000000000000017", datetime(2026, 11, 23, 7, 15, tzinfo=UTC), ("support@desk.example",),
        verdicts=verdicts or Verdicts(),
    )  # fmt: skip
    return read_letter((LETTERS / name).read_bytes(), envelope)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("koi8r-unlabelled.eml", LetterKind.REQUEST),
        ("mailru-reply.eml", LetterKind.REPLY),
        ("forwarded.eml", LetterKind.REQUEST),
        ("forwarded-as-attachment.eml", LetterKind.REQUEST),
        ("delivery-report.eml", LetterKind.BOUNCE),
        ("delivery-delayed.eml", LetterKind.BOUNCE),
        ("bounce-plain-ru.eml", LetterKind.BOUNCE),
        ("complaint.eml", LetterKind.COMPLAINT),
        ("read-receipt.eml", LetterKind.RECEIPT),
        ("vacation-without-headers.eml", LetterKind.AUTO_REPLY),
        ("person-on-vacation.eml", LetterKind.REQUEST),
        ("calendar-reply.eml", LetterKind.CALENDAR),
        ("list.eml", LetterKind.LIST),
        ("auto-submitted-no.eml", LetterKind.REQUEST),
        ("our-own.eml", LetterKind.OWN),
        ("no-from.eml", LetterKind.REQUEST),
    ],
)
def test_each_letter_is_of_its_kind_and_says_why(name: str, kind: LetterKind) -> None:
    read = letter(name)
    assert (read.kind, bool(read.kind_evidence)) == (kind, True)


def test_a_virus_verdict_outweighs_everything_else() -> None:
    verdicts = Verdicts(spam=Verdict.FAIL, virus=Verdict.FAIL)
    assert letter("delivery-report.eml", verdicts=verdicts).kind is LetterKind.VIRUS


def test_a_spam_verdict_makes_spam() -> None:
    assert letter("list.eml", verdicts=Verdicts(spam=Verdict.FAIL)).kind is LetterKind.SPAM


@pytest.mark.parametrize("verdict", [Verdict.GRAY, Verdict.DISABLED, Verdict.PROCESSING_FAILED, Verdict.UNKNOWN])
def test_only_a_failed_scan_makes_spam(verdict: Verdict) -> None:
    assert letter("iso8859-5.eml", verdicts=Verdicts(spam=verdict, virus=verdict)).kind is LetterKind.REQUEST


@pytest.mark.parametrize(
    ("head", "kind", "unanswered"),
    [
        ("X-Reglament-Desk: mdo\r\nX-Reglament-Ticket: MDO-0000-0000", LetterKind.OWN, False),
        ("X-Reglament-Desk: mdo\r\nAuto-Submitted: auto-generated", LetterKind.OWN, False),
        ("X-Reglament-Desk: mdo", LetterKind.REQUEST, True),
        ("Auto-Submitted: no", LetterKind.REQUEST, False),
    ],
)
def test_a_letter_of_our_own_is_known_by_more_than_one_mark_and_never_by_its_address(
    head: str, kind: LetterKind, unanswered: bool
) -> None:
    raw = f"From: support@desk.example\r\n{head}\r\nSubject: x\r\n\r\nНе печатается талон".encode()
    read = read_letter(raw, Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ()))
    assert (read.kind, read.unanswered) == (kind, unanswered)


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; owner-email=x",
        "Auto-Submitted: auto-notified (comment)",
        "X-Auto-Response-Suppress: All",
        "X-Autoreply: yes",
        "Precedence: auto_reply",
        "Subject: Автоматический ответ: талон",
        "Subject: Out of Office: ticket",
    ],
)
def test_each_sign_of_a_machine_makes_an_automatic_answer(header: str) -> None:
    raw = f"From: a@b.example\r\n{header}\r\n\r\nhello".encode()
    assert read_letter(raw, Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ())).kind is LetterKind.AUTO_REPLY


@pytest.mark.parametrize(
    ("sender", "text", "kind"),
    [
        (
            "no-reply@sns.example",
            '{"notificationType" : "Delivery", "mail": {}}\n--\nunsubscribe',
            LetterKind.AUTO_REPLY,
        ),
        ("no-reply@site.example", "Имя: Зоя\nНе открывается журнал", LetterKind.REQUEST),
        ("zoya@zavod.example", '{"error": 500} - вот что отвечает сервер', LetterKind.REQUEST),
    ],
)
def test_data_that_a_robot_mails_is_automatic_and_a_form_that_it_forwards_is_not(
    sender: str, text: str, kind: LetterKind
) -> None:
    raw = f"From: {sender}\r\nSubject: x\r\n\r\n{text}".encode()
    assert read_letter(raw, Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ())).kind is kind


@pytest.mark.parametrize(
    "header", ["List-Id: <x.example>", "List-Unsubscribe: <mailto:u@x.example>", "Precedence: bulk"]
)
def test_each_sign_of_a_mailing_list_makes_list_mail(header: str) -> None:
    raw = f"From: a@b.example\r\n{header}\r\n\r\nhello".encode()
    assert read_letter(raw, Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ())).kind is LetterKind.LIST


def test_a_delivery_report_names_address_status_and_our_letter() -> None:
    report = letter("delivery-report.eml").report
    assert report is not None
    assert (report.failed_addresses, report.status, report.original_message_id, report.permanent) == (
        ("net@zavod.example",), "5.1.1", "our-17@desk.example", True,
    )  # fmt: skip


def test_a_delay_is_not_permanent() -> None:
    report = letter("delivery-delayed.eml").report
    assert report is not None
    assert not report.permanent


def test_a_plain_text_bounce_is_read_for_address_and_status() -> None:
    report = letter("bounce-plain-ru.eml").report
    assert report is not None
    assert (report.failed_addresses, report.status, report.permanent) == (("net@zavod.example",), "5.1.1", True)


def test_a_complaint_names_our_letter() -> None:
    report = letter("complaint.eml").report
    assert report is not None
    assert (report.failed_addresses, report.original_message_id) == (("lomova@zavod.example",), "our-18@desk.example")


def test_evidence_and_defects_hold_no_address() -> None:
    said = [text for path in LETTERS.glob("*.eml") for one in [letter(path.name)]
            for text in (one.kind_evidence, one.trust_evidence, *one.defects)]  # fmt: skip
    assert not [text for text in said if "@" in text]
