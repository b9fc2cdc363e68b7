"""Who a letter is from and to: every address is the one that its writer meant, or nobody's."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from adapters.mail.headers import is_doubtful, parse_addresses
from adapters.mail.reading import read_letter
from domain.letter import Envelope, Letter, Trust, Verdict, Verdicts

SPECIALIST = "specialist1@storeolis.ru"


def mailboxes(value: str) -> list[tuple[str, str]]:
    return [(mailbox.name, mailbox.address) for mailbox in parse_addresses([value])]


def read(header: str, charset: str = "utf-8") -> Letter:
    envelope = Envelope(
        "m",
        datetime(2026, 11, 23, tzinfo=UTC),
        ("support@desk.example",),
        verdicts=Verdicts(spf=Verdict.PASS, dkim=Verdict.PASS, dmarc=Verdict.PASS),
    )
    return read_letter(header.encode(charset) + b"\r\nSubject: x\r\nDate: x\r\n\r\nhello", envelope)


@pytest.mark.parametrize(
    "value",
    [
        "{}(@evil.example)", "{} (@evil.example)", "<{}(@evil.example)>", "Zoya <{} (x@evil.example)>",
        "(@evil.example){}", "(x@evil.example){}", "{}@evil.example", "<{}>@evil.example", "<{}@evil.example>",
        '"x"{}', '"x".{}', "x\\{}", "x)@{}", "{}.", "{} x@evil.example", "x@evil.example {}", "{}(x).evil.example",
        "speci\u200balist1@storeolis.ru", "spe\u00adcialist1@storeolis.ru", "\u202e{}", "speci alist1@storeolis.ru(x@evil.example)",
        "specialist1@store olis.ru@evil.example", "specialist1@storeolis.ru\u2024evil.example", '"{}"@evil.example',
        '"a {}"@evil.example', "=?utf-8?Q?specialist1?=@storeolis.ru", "s\u0440\u0435cialist1@storeolis.ru",
        "\uff53pecialist1@storeolis.ru", "\u017fpecialist1@storeolis.ru", "specialist\u00b9@storeolis.ru",
        '"{}" <x@evil.example>', "{} <x@evil.example>", "({}) x@evil.example", "=?utf-8?Q?{}?= <x@evil.example>",
        "=?utf-8?Q?{}_=3Cx=40evil.example=3E?=", "<@storeolis.ru:x@evil.example>", "<@evil.example,@storeolis.ru:x@b.example>",
        "{}:;", "{}: x@evil.example;", "<{}> <x@evil.example>", "<{}>, <x@evil.example>",
    ],
)  # fmt: skip
def test_no_spelling_makes_another_persons_letter_that_of_a_specialist(value: str) -> None:
    authors = parse_addresses([value.format(SPECIALIST)])
    assert [author.address for author in authors] != [SPECIALIST]


@pytest.mark.parametrize("sign", ["\u212a", "\u212b", "\u2126"])
def test_a_sign_that_turns_into_a_letter_makes_no_address(sign: str) -> None:
    """Kelvin, Angstrom, Ohm: Unicode's canonical forms of them are letters, two of which could be another person's."""
    assert "mak@storeolis.ru" not in [address for _, address in mailboxes(f"ma{sign}@storeolis.ru")]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Петров, Иван <i@x.example>", [("Петров, Иван", "i@x.example")]),
        ("ООО Клён, отдел закупок, Москва <i@x.example>", [("ООО Клён, отдел закупок, Москва", "i@x.example")]),
        ('"Петров, Иван" <i@x.example>', [("Петров, Иван", "i@x.example")]),
        ("=?utf-8?B?0J/QtdGC0YDQvtCy?=, =?utf-8?B?0JjQstCw0L0=?= <i@x.example>", [("Петров, Иван", "i@x.example")]),
        ("Петров, Иван <i@x.example>, b@x.example", [("Петров, Иван", "i@x.example"), ("", "b@x.example")]),
        ("b@x.example, Петров, Иван <i@x.example>", [("", "b@x.example"), ("Петров, Иван", "i@x.example")]),
        ("Офис: Петров, Иван <i@x.example>;", [("Петров, Иван", "i@x.example")]),
        ("Петров, Иван", []),
        (", <i@x.example>", [("", "i@x.example")]),
        ("Петров, <i@x.example>", [("Петров", "i@x.example")]),
        ('"Петров," <i@x.example>', [("Петров,", "i@x.example")]),
        ("Петров, Иван i@x.example", [("", "i@x.example")]),
        ("=?utf-8?B?0JjQstCw0L0gPGl2YW5AeC5leGFtcGxlPg==?=", [("Иван", "ivan@x.example")]),
        ("=?utf-8?Q?ivan=40x.example?=", [("", "ivan@x.example")]),
        ("<=?utf-8?Q?ivan=40x.example?=>", [("", "ivan@x.example")]),
        ("=?utf-8?B?0JjQstCw0L0=?= =?utf-8?Q?_=3Civan=40x.example=3E?=", [("Иван", "ivan@x.example")]),
        ("=?koi8-r?B?6dfBziA8aXZhbkB4LmV4YW1wbGU+?=", [("Иван", "ivan@x.example")]),
        ("=?utf-8?B?0JjQstCw0L0=?=", []),
        ("mailto:ivan@x.example", [("", "ivan@x.example")]),
        ("<mailto:ivan@x.example>", [("", "ivan@x.example")]),
        ("'ivan@x.example'", [("", "ivan@x.example")]),
        ("Иван [ivan@x.example]", [("", "ivan@x.example")]),
        ("ivan@[192.0.2.1]", [("", "ivan@[192.0.2.1]")]),
        ("Иван (отдел) <ivan@x.example> (дома)", [("Иван (отдел)", "ivan@x.example")]),
        ("<@relay.example:ivan@x.example>", [("", "ivan@x.example")]),
        ("\ufeffivan@x.example", [("", "ivan@x.example")]),
        ("иван@x.example", [("", "иван@x.example")]),
        ("ivan+a=b.c@x.example", [("", "ivan+a=b.c@x.example")]),
    ],
)  # fmt: skip
def test_names_and_addresses_are_read_as_they_were_meant(value: str, found: list[tuple[str, str]]) -> None:
    assert mailboxes(value) == found


@pytest.mark.parametrize("length", [64, 65, 70, 200])
def test_a_long_local_part_is_never_cut(length: int) -> None:
    address = "x" * (length - 5) + "-ivan@x.example"
    for value in (address, f"<{address}>", f"Иван <{address}>", f"{address} (Иван)"):
        assert [found for _, found in mailboxes(value)] == [address]


@pytest.mark.parametrize("length", [250, 300, 70_000])
def test_what_is_too_long_for_an_address_is_none(length: int) -> None:
    """RFC 5321 section 4.5.3.1.3: a path has at most 256 octets, two of them brackets."""
    assert mailboxes("x" * length + "ivan@x.example") == []


@pytest.mark.parametrize(
    "value",
    ['"' * 60_000, "(" * 60_000, "<a@b," * 10_000, "a," * 30_000 + "<a@b.example>", "@" * 60_000, "(@)a" * 9_000],
)
def test_hostile_fields_are_split_within_a_second(value: str) -> None:
    started = time.process_time()
    parse_addresses([value])
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "field",
    ["=?utf-8?Q?specialist1=40storeolis.ru?=", f"x@evil.example <{SPECIALIST}>", f"x@evil.example, y <{SPECIALIST}>"],
)
def test_an_address_that_a_server_may_not_have_seen_is_never_verified(field: str) -> None:
    assert read(f"From: {field}").trust is Trust.CLAIMED


@pytest.mark.parametrize(
    "field",
    [
        "{}",
        "Zoya <{}>",
        '"{}" <{}>',
        "{} <{}>",
        '"x@evil.example" <{}>',
        "{} (Zoya)",
        "Support @ Shop <{}>",
        "@zoya <{}>",
    ],
)
def test_an_ordinary_author_is_verified(field: str) -> None:
    assert not is_doubtful([field.replace("{}", SPECIALIST)])
    assert read(f"From: {field.replace('{}', SPECIALIST)}").trust is Trust.VERIFIED


def test_two_fields_are_two_authors_however_they_are_spelt() -> None:
    """RFC 5322 section 4.5: white space before the colon is an obsolete spelling of the same field."""
    letter = read(f"From: x@evil.example\r\nFrom : <{SPECIALIST}>")
    assert [author.address for author in letter.from_addresses] == ["x@evil.example", SPECIALIST]
    assert letter.sender is None


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "iso-8859-5", "utf-8"])
@pytest.mark.parametrize("text", ["Талон", "АКТ", "Да", "ОНИ", "ЖКХ"])
def test_raw_bytes_of_a_header_are_in_the_charset_of_the_text(charset: str, text: str) -> None:
    raw = (
        f"From: {text} <i@x.example>\r\nSubject: {text}\r\nDate: x\r\n"
        f"Content-Type: text/plain; charset={charset}\r\n\r\nДобрый день, не работает печать."
    ).encode(charset)
    letter = read_letter(raw, Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example",)))
    assert letter.sender
    assert (letter.subject, letter.sender.name) == (text, text)
