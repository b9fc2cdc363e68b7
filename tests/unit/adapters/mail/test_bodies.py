"""The words of a letter are read wherever its program put them; a part beside them does not unsay them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from adapters.mail.calendars import words_of
from adapters.mail.reading import read_files, read_letter, read_or_raise
from domain.letter import Envelope, Letter, LetterKind
from tests.support.repository import LETTERS

ENVELOPE = Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example",))
WORDS = "Сервис не открывается ни у кого."
FIELDS = ("From: a@b.example", "Subject: x", "Message-ID: <1@b>", "Date: Tue, 24 Nov 2026 12:15:00 +0300")
PLAIN = "Content-Type: text/plain; charset=utf-8"


def letter(*lines: str) -> bytes:
    return "\r\n".join([*FIELDS, *lines]).encode()


def mixed(*parts: tuple[str, str], subtype: str = "mixed") -> bytes:
    lines = [f"Content-Type: multipart/{subtype}; boundary=q", ""]
    for head, body in parts:
        lines += ["--q", head, "", body]
    return letter(*lines, "--q--", "")


def read(raw: bytes) -> Letter:
    return read_letter(raw, ENVELOPE)


# The body is not a file ----------------------------------------------------------------------------------

MARKS = {
    "attached": "Content-Disposition: attachment",
    "attached by name": "Content-Disposition: attachment; filename=letter.txt",
    "inline by name": "Content-Disposition: inline; filename=letter.txt",
    "a name of the type": "X-Nothing: x",
    "a broken disposition": "Content-Disposition: attachment; filename=",
}


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
@pytest.mark.parametrize("form", ["plain", "html", "named", "encoded"])
@pytest.mark.parametrize("whole", [True, False])
def test_the_first_text_is_the_letter_where_no_other_is(mark: str, form: str, whole: bool) -> None:
    head, body = PLAIN, WORDS
    if form == "html":
        head, body = "Content-Type: text/html; charset=utf-8", f"<html><body><p>{WORDS}</p></body></html>"
    elif form == "named":
        head = PLAIN + '; name="body.txt"'
    elif form == "encoded":
        head = f"{PLAIN}\r\nContent-Transfer-Encoding: base64"
        body = base64.encodebytes((f"{WORDS}\n" * 300).encode()).decode()
    raw = letter(head, mark, "", body) if whole else mixed((f"{head}\r\n{mark}", body))
    assert read(raw).visible_text.startswith(WORDS)


def test_a_blank_body_is_none() -> None:
    for blank in ("", " \r\n\u00a0\r\n", "&nbsp;"):
        kind = "html" if "&" in blank else "plain"
        raw = mixed(
            (f"Content-Type: text/{kind}", blank), (f"{PLAIN}; name=a.txt\r\nContent-Disposition: attachment", WORDS)
        )
        assert read(raw).visible_text == WORDS


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
def test_a_text_file_beside_a_body_is_a_file(mark: str) -> None:
    raw = mixed((PLAIN, WORDS), (f'{PLAIN}; name="log.txt"\r\n{mark}', "10:01 stop"))
    assert read(raw).visible_text == WORDS
    assert len(read(raw).attachments) == 1


def test_of_two_texts_that_are_files_the_first_is_the_letter() -> None:
    raw = mixed((f"{PLAIN}; name=body.txt", WORDS), (f"{PLAIN}; name=log.txt", "10:01 stop"))
    assert read(raw).visible_text == WORDS
    assert [file.name for file in read(raw).attachments] == ["log.txt"]


def test_what_a_person_attached_by_name_stays_a_file_too() -> None:
    raw = mixed((f"{PLAIN}\r\nContent-Disposition: attachment; filename=letter.txt", WORDS))
    assert [file.name for file in read(raw).attachments] == ["letter.txt"]
    assert [file.content().decode().strip() for file in read_files(raw)] == [WORDS]


def test_both_readings_of_an_alternative_are_the_body_though_they_are_named() -> None:
    raw = mixed(
        (f"{PLAIN}; name=a.txt", WORDS),
        ("Content-Type: text/html; charset=utf-8; name=a.html", f"<p>{WORDS}"),
        subtype="alternative",
    )
    assert (read(raw).visible_text, read(raw).attachments) == (WORDS, ())


def test_a_text_of_an_unknown_type_is_the_letter_where_no_other_is() -> None:
    assert read(letter("Content-Type: application/octet-stream", "", WORDS)).visible_text == WORDS
    assert read(letter("Content-Type: unknown/unknown", "", WORDS)).visible_text == WORDS
    assert read(mixed(("Content-Type: application/octet-stream; name=letter.txt", WORDS))).visible_text == WORDS
    assert read(mixed(("Content-Type: application/x-html; name=A.HTM", f"<p>{WORDS}</p>"))).visible_text == WORDS


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("Content-Type: application/octet-stream; name=a.bin", WORDS),
        ("Content-Type: image/png", WORDS),
        ("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64", base64.b64encode(bytes(range(200))).decode()),
        ("Content-Type: text/csv; name=a.csv", "a;b;c"),
        ("Content-Type: text/x-vcard; name=a.vcf", "BEGIN:VCARD"),
    ],
)  # fmt: skip
def test_data_is_no_letter(head: str, body: str) -> None:
    raw = mixed((head, body))
    assert (read(raw).visible_text, len(read(raw).attachments)) == ("", 1)


# Calendars and reports beside words ------------------------------------------------------------------------


def calendar(method: str, *lines: str) -> str:
    return "\r\n".join(
        ["BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", "UID:7", *lines, "END:VEVENT", "END:VCALENDAR"]
    )


STATUS = (
    "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
)
BOUNCE = (
    "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=r"
    f"\r\n\r\n--r\r\nContent-Type: text/plain\r\n\r\nfailed\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\n{STATUS}\r\n--r--\r\n"
)
BESIDE = {
    "a meeting request": ("Content-Type: text/calendar; method=REQUEST; charset=utf-8", calendar("REQUEST", "SUMMARY:x")),
    "a cancellation": ("Content-Type: text/calendar; method=CANCEL", calendar("CANCEL", "SUMMARY:x")),
    "an attached calendar": ("Content-Type: application/ics; name=a.ics\r\nContent-Disposition: attachment", calendar("PUBLISH")),
    "a delivery status": ("Content-Type: message/delivery-status", STATUS),
    "a named delivery status": ("Content-Type: message/delivery-status; name=details.txt\r\nContent-Disposition: attachment", STATUS),
    "a global delivery status": ("Content-Type: message/global-delivery-status", STATUS),
    "a complaint": ("Content-Type: message/feedback-report", "Feedback-Type: abuse\r\nVersion: 1\r\n"),
    "a receipt": ("Content-Type: message/disposition-notification", "Disposition: manual-action/MDN-sent-manually; displayed\r\n"),
    "a bounce as a letter": ("Content-Type: message/rfc822", BOUNCE),
    "headers of a letter": ("Content-Type: text/rfc822-headers", "From: x@b.example\r\nSubject: y\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("part", BESIDE.values(), ids=BESIDE)
@pytest.mark.parametrize("first", [True, False])
def test_words_beside_a_machines_part_are_readable(part: tuple[str, str], first: bool) -> None:
    parts = ((PLAIN, WORDS), part)
    assert read(mixed(*(parts if first else reversed(parts)))).visible_text == WORDS


@pytest.mark.parametrize("part", [part for name, part in BESIDE.items() if name != "headers of a letter"])
def test_a_machines_part_beside_words_is_a_file(part: tuple[str, str]) -> None:
    raw = mixed((PLAIN, WORDS), part)
    assert read(raw).attachments[0].size > 0
    assert all(file.content() for file in read_files(raw) if file.attachment.name != "")


@pytest.mark.parametrize(
    "name", ["a delivery status", "a named delivery status", "a complaint", "a receipt", "a bounce as a letter"]
)
def test_a_report_is_one_at_the_top_level_alone(name: str) -> None:
    """RFC 3464 section 2, RFC 5965 section 2, RFC 8098 section 3."""
    assert read(mixed((PLAIN, WORDS), BESIDE[name])).kind is LetterKind.REQUEST
    if name != "a bounce as a letter":
        assert read(mixed((PLAIN, "x"), BESIDE[name], subtype="report")).kind in (
            LetterKind.BOUNCE,
            LetterKind.COMPLAINT,
            LetterKind.RECEIPT,
        )


def test_raw_bytes_in_a_report_beside_words_are_no_failure() -> None:
    """Found by fuzzing."""
    raw = mixed((PLAIN, WORDS), ("Content-Type: message/delivery-status", "X-Raw: @\r\n\r\n")).replace(
        b"@", b"\xff\xfe"
    )
    assert read_or_raise(raw, ENVELOPE).visible_text == WORDS


def test_the_description_of_a_meeting_is_the_letter_where_no_other_is() -> None:
    words = "DESCRIPTION;LANGUAGE=ru:Сервис не\r\n  открывается\\, ни у\\n кого."
    for head in (
        "Content-Type: text/calendar; method=REQUEST; charset=utf-8",
        "Content-Type: text/calendar; charset=utf-8; name=a.ics\r\nContent-Disposition: attachment",
    ):
        text = read(
            mixed((head, calendar("REQUEST", words, "BEGIN:VALARM", "DESCRIPTION:REMINDER", "END:VALARM")))
        ).visible_text
        assert text == "Сервис не открывается, ни у\n кого."
    assert (
        read(
            mixed((PLAIN, "Слова."), ("Content-Type: text/calendar; charset=utf-8", calendar("REQUEST", words)))
        ).visible_text
        == "Слова."
    )


def test_the_words_of_an_attendees_answer_are_its_comment() -> None:
    """RFC 5546 section 3.2.3: a REPLY repeats what the organizer sent."""
    lines = ("DESCRIPTION:Слова организатора", "COMMENT:Приду позже")
    assert words_of(calendar("REPLY", *lines), "REPLY") == "Приду позже"
    assert words_of(calendar("REQUEST", *lines), "REQUEST") == "Слова организатора\n\nПриду позже"


@pytest.mark.parametrize(
    "text",
    ["", "BEGIN:VEVENT\n" * 10_000, "DESCRIPTION" + ';a="b' * 50_000, "END:VEVENT\nDESCRIPTION:x", ":" * 100_000],
)
def test_a_broken_calendar_says_nothing(text: str) -> None:
    assert words_of(text, "REQUEST") == ""


# Names of files --------------------------------------------------------------------------------------------

NAME = "Заявление Лаптевой.pdf"
RFC2047 = f"=?utf-8?B?{base64.b64encode(NAME.encode()).decode()}?="
NAMES = {
    "raw utf-8": f'attachment; filename="{NAME}"',
    "raw, unquoted": f"attachment; filename={NAME}",
    "encoded words": f'attachment; filename="{RFC2047}"',
    "encoded words, unquoted": f"attachment; filename={RFC2047}",
    "extended": f"attachment; filename*=UTF-8''{quote(NAME)}",
    "extended, quoted": f"attachment; filename*=\"UTF-8''{quote(NAME)}\"",
    "extended in windows-1251": f"attachment; filename*=windows-1251''{quote(NAME.encode('windows-1251'))}",
    "extended with a language": f"attachment; filename*=utf-8'ru'{quote(NAME)}",
    "extended in pieces": f"attachment;\r\n filename*0*=UTF-8''{quote(NAME)[:30]};\r\n filename*1*={quote(NAME)[30:]}",
    "pieces of encoded words": f'attachment; filename*0="{RFC2047[:20]}"; filename*1="{RFC2047[20:]}"',
    "extended under the plain name": f"attachment; filename=\"UTF-8''{quote(NAME)}\"",
    "percent signs": f'attachment; filename="{quote(NAME)}"',
    "both forms": f"attachment; filename=\"?????.pdf\"; filename*=UTF-8''{quote(NAME)}",
    "mislabelled": f"attachment; filename*=iso-8859-1''{quote(NAME.encode('windows-1251'))}",
    "as a Mac writes it": "attachment; filename=\"" + NAME.replace("й", "и\u0306") + "\"",
    "with a path": f'attachment; filename="C:\\\\{NAME}"',
}  # fmt: skip


@pytest.mark.parametrize("disposition", NAMES.values(), ids=NAMES)
def test_a_files_name_is_read_in_every_form(disposition: str) -> None:
    raw = mixed((PLAIN, WORDS), (f"Content-Type: application/pdf\r\nContent-Disposition: {disposition}", "x"))
    (file,) = read(raw).attachments
    assert file.name.removeprefix("C:_") == NAME


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "utf-8", "iso-8859-5"])
@pytest.mark.parametrize("name", ["Акт.pdf", "АКТ ПРОВЕРКИ.PDF", "скан паспорта.jpg", "Ж.txt"])
@pytest.mark.parametrize("where", ["Content-Disposition: attachment; filename={}", "X: x"])
def test_raw_bytes_of_a_files_name_are_in_the_charset_of_the_text(charset: str, name: str, where: str) -> None:
    raw = "\r\n".join(
        [*FIELDS, "Content-Type: multipart/mixed; boundary=q", "", "--q", f"Content-Type: text/plain; charset={charset}", "", WORDS,
         "--q", f'Content-Type: application/pdf; name="{name}"', where.replace("{}", f'"{name}"'), "", "x", "--q--", ""]
    ).encode(charset)  # fmt: skip
    assert [file.name for file in read(raw).attachments] == [name]


def test_an_attached_letter_is_named_by_its_subject() -> None:
    for subject, name in (("=?utf-8?B?0KLQsNC70L7QvQ==?=", "Талон.eml"), ("a/b\\c", "a_b_c.eml"), ("", "")):
        raw = mixed(
            (PLAIN, WORDS), ("Content-Type: message/rfc822", f"From: c@d.example\r\nSubject: {subject}\r\n\r\nhello")
        )
        assert [file.name for file in read(raw).attachments] == [name]


# Surrogates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_half_a_pair_of_surrogates_quarantines_no_letter(kind: str) -> None:
    found = read(letter(f"Content-Type: text/{kind}; charset=utf-7", "", "+BCEENQRABDIEOARB- +2D0- x"))
    assert found.kind is LetterKind.REQUEST
    assert found.visible_text.startswith("Сервис")
    found.text.encode()
    broken = read(letter("Subject: =?utf-7?Q?+2D0-_x?=", "", WORDS))
    assert broken.subject.encode()


@pytest.mark.parametrize(
    "name",
    [
        "smime-opaque",
        "encoded-twice",
        "same-boundary",
        "odd-header-lines",
        "iso-2022-jp-numero",
        "named-body",
        "meeting-description",
    ],
)
def test_the_letters_whose_words_are_hard_to_reach_say_what_was_written(name: str) -> None:
    found = read((LETTERS / f"{name}.eml").read_bytes())
    assert found.visible_text.replace("N 5", "№ 5") == "Здравствуйте! Не печатается талон № 5 в журнале."
    assert (found.kind, found.subject) == (LetterKind.REQUEST, "Не печатается талон")
