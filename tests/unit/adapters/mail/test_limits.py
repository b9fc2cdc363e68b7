"""Letters built to break the reader: each is read or quarantined, in bounded time and memory."""

from __future__ import annotations

import base64
import tracemalloc
from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from adapters.mail.headers import decode_header, parse_addresses, parse_date, parse_message_ids
from adapters.mail.markup import html_lines
from adapters.mail.nesting import TOO_DEEP, shallow
from adapters.mail.reading import read_letter, read_or_raise
from domain.letter import Envelope, Letter, LetterKind
from tests.support.cpu import HOSTILE_SECONDS, cpu_seconds
from tests.support.repository import LETTERS

ENVELOPE = Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example",))
HEAD = b"From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"


def read(raw: bytes) -> Letter:
    return read_letter(raw, ENVELOPE)


def nested(levels: int) -> bytes:
    inner = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))
    return HEAD + inner + b"\r\nhello\r\n"


def with_attachment(body: bytes) -> bytes:
    return (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\n"
        + "Не работает вход".encode("koi8-r")
        + b"\r\n--q\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n"
        + b"Content-Transfer-Encoding: base64\r\n\r\n" + body + b"\r\n--q\r\nContent-Type: text/plain\r\n\r\nend\r\n--q--\r\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "limit"),
    [
        (b"", "no bytes"),
        (b"\r\n\r\n", "no bytes"),
        (b"\x00" * 5000, "no bytes"),
        (b"\x80\x81\x02 random", "no header field"),
        (b"a: b\r\n\r\n" + b"x" * (40 * 1024 * 1024), "40 MB"),
        (b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + b"\r\nhi", "1000 fields"),
        (b"Subject: " + b"x" * (3 * 1024 * 1024) + b"\r\n\r\nhi", "header is larger"),
        (nested(200), "40 levels"),
        (HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 200 + b"hi", "40 levels"),
        (HEAD + b"Content-Type: multipart/mixed; boundary=q\r\n\r\n" + b"--q\r\n\r\n" * 5_000, "1000 parts"),
    ],
)
def test_a_letter_past_a_limit_is_quarantined_with_the_limit_named(raw: bytes, limit: str) -> None:
    letter = read(raw)
    assert letter.kind is LetterKind.QUARANTINED
    assert limit in letter.kind_evidence


def test_a_letter_below_the_limit_of_nesting_is_read() -> None:
    assert read(nested(39)).visible_text == "hello"


def test_a_large_attachment_is_set_aside_and_its_size_kept() -> None:
    body = base64.encodebytes(b"\x17" * 3_000_000)
    letter = read(with_attachment(body))
    assert letter.visible_text == "Не работает вход\nend"
    assert [(one.name, one.size) for one in letter.attachments] == [("a.pdf", len(body))]


def test_thirty_megabytes_need_little_extra_memory() -> None:
    raw = with_attachment(base64.encodebytes(b"\x17" * 22_000_000))
    tracemalloc.start()
    try:
        read(raw)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16 * 1024 * 1024


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"\r\n" + b"x\n" * 5_000_000,
        HEAD + b"\r\n" + b"From: a@b\n" * 100_000,
        HEAD + b"\r\n" + b"--\n" * 40_000 + b"x",
        HEAD + b"\r\n" + b"On 1.1.2020 a@b <\n" * 50_000,
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 6_000 + b"x",
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div class=gmail_quote>" * 20_000,
        HEAD + b"Content-Type: multipart/mixed; boundary=q\r\n\r\n" + b"\n--x" * 2_000_000,
        b"Subject: " + b"=?a?b?" * 100_000 + b"\r\nFrom: " + b'"<(' * 10_000 + b"\r\n\r\nhi",
    ],
)
def test_hostile_repetition_takes_no_more_than_seconds(raw: bytes) -> None:
    assert cpu_seconds(lambda: read(raw)) < HOSTILE_SECONDS


@pytest.mark.parametrize(
    "repeated",
    [
        "<div>", "<pre>", "<blockquote>", "<ul><li>", "<div><blockquote>", "<dl>", "<center>", "<table><tr><td>",
        "<div id=x>", "<div class=gmail_quote>", "<a href=http://x.example>", "<a href=http://x.example>y</a>", "<a><div>",
        # What only looks like an end, or like something that needs none.
        "<div title='></div>'>", "<div><!x </div>", "<!--><div>", "<!-- --!><div><!-- --></div>", "<textarea></div><div>",
        "<div><span></div></span>", "<select><style></select><div></style>", "<svg><g>", "<svg><wbr></y>", "<ul><li></ul>", "<b><div></b>", "<p x=a=b'><div y = c>",
        "<section><td><div></section><blockquote></div></td></section>",
    ],
)  # fmt: skip
def test_a_megabyte_of_html_takes_no_more_than_seconds_whatever_it_opens(repeated: str) -> None:
    raw = HEAD + b"Content-Type: text/html\r\n\r\n" + repeated.encode() * (1_000_000 // len(repeated)) + b"x"
    assert cpu_seconds(lambda: read(raw)) < HOSTILE_SECONDS


def test_what_a_parser_opens_anew_in_every_block_does_not_multiply() -> None:
    opened = "".join(f"<b id={n}>" for n in range(50))
    html, _ = shallow(f"<p>{opened}" + "<p>x" * 20_000)
    root = LexborHTMLParser(html).root
    assert root is not None
    assert len(root.css("*")) < 21_000


def test_html_past_the_limit_of_nesting_is_read_and_the_limit_noted() -> None:
    deep = "<div>" * 2_000 + "первая" + "<div>вторая</div>" + "</div>" * 2_000 + "<blockquote>старое</blockquote>"
    answer = HEAD + b"In-Reply-To: <1@desk.example>\r\n"
    letter = read(answer + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + deep.encode())
    assert (letter.visible_text, letter.set_apart_text) == ("первая\nвторая", "старое")
    assert TOO_DEEP in letter.defects


def test_long_html_that_is_not_deep_is_read_as_a_short_one_is() -> None:
    row = (
        "<!--[if mso]><table><tr><td><![endif]--><p class=MsoNormal>Талон <b>А-105<i> </b>окно</i><br>7<img src=a>"
        '<p>Не <font color="red">печатает</font> <a href=https://x.example/?a=1&b=2 title = "a">терминал</a><ul><li>раз<li>два</ul>'
        "<!--[if mso]></td></tr></table><![endif]--><table><tr><td>да<td>нет<tr><td>0</table>"
        "<style><!-- p > a {color: red} --></style><div class='gmail_quote'><blockquote>было</blockquote></div>"
    )
    short = html_lines(row)[0]
    html, too_deep = shallow(f"<html><head><title>x</title></head><body>{row * 700}</body></html>")
    assert not too_deep
    assert html_lines(html)[0] == short * 700


def test_a_subject_of_a_megabyte_is_cut_and_noted() -> None:
    letter = read(b"From: a@b.example\r\nSubject: " + b"A" * 1_000_000 + b"\r\n\r\nhi")
    assert len(letter.subject) == 1_000
    assert any("very long header" in defect for defect in letter.defects)


def test_a_thousand_recipients_are_read() -> None:
    raw = b"From: a@b.example\r\nTo: " + b", ".join(b"u%d@x.example" % n for n in range(1_000)) + b"\r\n\r\nhi"
    assert len(read(raw).to) == 1_000


def test_a_line_end_in_a_subject_or_name_cannot_begin_another_header() -> None:
    letter = read(b"From: =?utf-8?Q?Zoya=0D=0ABcc:_x?= <a@b.example>\r\nSubject: =?utf-8?Q?a=0D=0ABcc:_x?=\r\n\r\nhi")
    assert letter.sender is not None
    assert (letter.subject, letter.sender.name) == ("a Bcc: x", "Zoya Bcc: x")


def test_no_encoded_name_can_add_an_address() -> None:
    found = parse_addresses(["=?utf-8?Q?x_=3Cchief=40bank.example=3E=2C?= <a@b.example>"])
    assert [one.address for one in found] == ["a@b.example"]


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("a@b.example; c@d.example", ["a@b.example", "c@d.example"]),
        ('"Lom, Zoya" <z@b.example>, c@d.example', ["z@b.example", "c@d.example"]),
        ('"chief@bank.example" <a@b.example>', ["a@b.example"]),
        ('"<chief@bank.example>" <a@b.example>', ["a@b.example"]),
        ('"<chief@bank.example>"@b.example', ['"<chief@bank.example>"@b.example']),
        ('"<chief@bank.example>" a@b.example', ["a@b.example"]),
        ("(<chief@bank.example>) a@b.example", ["a@b.example"]),
        ("chief@bank.example@b.example", []),
        ("Zoya <chief@bank.example .b.example>", []),
        ("Zoya <chief@bank. example>", []),
        ("chief@bank. example", []),
        ("Zoya <chief@bank.(x)example>", []),
        ("Zoya <chief@bank (x) .example>", []),
        ('Zoya <"chief <x@bank.example>"@b.example>', ['"chief <x@bank.example>"@b.example']),
        ("a@b.example (Zoya)", ["a@b.example"]),
        ("<a@b.example> <c@d.example>", ["a@b.example", "c@d.example"]),
        ("undisclosed-recipients:;", []),
        ("desk: a@b.example, c@d.example;", ["a@b.example", "c@d.example"]),
        ("Зоя <a@Завод.example>", ["a@xn--80aegj1b.example"]),
        ("nobody", []),
    ],
)
def test_address_lists_are_read_as_they_really_come(value: str, addresses: list[str]) -> None:
    assert [one.address for one in parse_addresses([value])] == addresses


def test_message_ids_are_read_with_and_without_brackets() -> None:
    assert parse_message_ids(["<a@b> <c@d>", "<a@b>"]) == ("a@b", "c@d")
    assert parse_message_ids(["a@b"]) == ("a@b",)


@pytest.mark.parametrize("value", ["", "yesterday", "Mon, 99 Nov 2026 99:99:99 +9999", "0 0 0 0 0 0"])
def test_an_unreadable_date_is_none(value: str) -> None:
    assert parse_date(value) is None


def test_a_date_is_aware() -> None:
    assert parse_date("Mon, 23 Nov 2026 10:15:00 -0000") == datetime(2026, 11, 23, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?windows-1251?B?0uDr7u0=?=", "Талон"),
        ("=?koi8-r?Q?=F4=C1=CC=CF=CE?=", "Талон"),
        ("=?utf-8*ru?B?0KI=?=", "Т"),
        ("=?no-such?B?0KLQsNC70L7QvQ==?=", "Талон"),
        ("=?utf-8?B?broken", "=?utf-8?B?broken"),
        ("=?utf-8?Q?a?=  =?utf-8?Q?b?= c", "ab c"),
        ("=?utf-8?B?PT91dGYtOD9CPzBLTFFzTkM3MEw3UXZRPT0/PQ==?=", "Талон"),
    ],
)
def test_encoded_words_are_decoded_as_mailers_write_them(value: str, text: str) -> None:
    assert decode_header(value) == text


@pytest.mark.parametrize("ends", [b"\r\n", b"\n"])
def test_a_body_is_the_same_whether_or_not_the_parser_looks_for_parts_in_it(ends: bytes) -> None:
    lines = [b"From: a@b.example", b"Subject: x", b"", b"From here: on", b"", b"--b1", b"", b"the end", b""]
    alone = read(ends.join(lines))
    within = read(
        ends.join([*lines[:2], b"Content-Type: multipart/mixed; boundary=q", b"", b"--q", *lines[2:], b"--q--"])
    )
    assert alone.text == within.text == "From here: on\n\n--b1\n\nthe end"
    assert alone.defects == within.defects


@pytest.mark.parametrize("name", ["nul-in-charset.eml", "clashing-parameters.eml"])
def test_a_letter_found_by_fuzzing_is_read_without_an_exception(name: str) -> None:
    letter = read_or_raise((LETTERS / name).read_bytes(), ENVELOPE)
    assert letter.visible_text == "Здравствуйте! Журнал не открывается."


def test_a_sender_cannot_write_the_size_of_a_part() -> None:
    raw = with_attachment(b"X-Set-Aside-000000000000000000000000: 1\r\n" + b"AAAA\r\n" * 2_000)
    assert read(raw).attachments[0].size > 10_000


@pytest.mark.parametrize(
    "planted", ["Subject: boundary=zzz", "X-Note: a; boundary=zzz", "X-Folded: a;\r\n boundary=zzz"]
)
def test_a_boundary_named_in_another_field_cuts_no_attachment(planted: str) -> None:
    """Only the Content-Type field says where parts end."""
    file = base64.encodebytes(bytes(range(256)) * 8_000)
    raw = (
        (
            f"From: a@x.example\r\nTo: b@x.example\r\n{planted}\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/plain\r\n\r\nСм. файл\r\n"
            "--q\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        ).encode()
        + file
        + b"\r\n--q--\r\n"
    )
    (attachment,) = read(raw).attachments
    assert len(file) - 4 <= attachment.size <= len(file)
