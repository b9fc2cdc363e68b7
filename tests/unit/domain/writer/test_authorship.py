"""How an author is shown: names, addresses and claims, each on one line, and none that passes for another."""

from __future__ import annotations

import pytest

from domain.writer.authorship import MAX_NAME, is_like_an_address, shown_address, shown_claim, shown_name

THIEF = "thief@evil.example"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Мария — адрес подтверждён", "Мария - адрес подтверждён"),
        ("Мария» — адрес подтверждён «", "Мария“ - адрес подтверждён „"),
        ("Мария\nПишет\r\nзаявитель\u2028и\x85всё", "Мария Пишет заявитель и всё"),
        ("\u202eилиш\u200b\u00ad\u2066Мария\u3164\U000e0041", "илишМария"),
        ("Мария ＜maria＠client.example＞", "Мария <maria@client.example>"),
        ("М" * 500, "М" * 99 + "…"),
        ("М" * 100, "М" * 100),
        ("'THIEF@evil.example'", ""),
        ("\u200b \u202e", ""),
    ],
)
def test_a_name_is_shown_on_one_line_in_its_compatible_form_without_what_is_invisible(name: str, shown: str) -> None:
    """It says nothing where it only repeats the address."""
    assert shown_name(name, THIEF) == shown


@pytest.mark.parametrize(
    "name",
    ["maria@client.example", "Мария (maria＠client.example)", "Мария <client.example>", "maria (at) client.example",
     "maria at client.example", "мария собака клиент.рф"],
)  # fmt: skip
def test_a_name_that_may_be_taken_for_an_address_is_known(name: str) -> None:
    """Also with another at sign, or the sign in words."""
    assert is_like_an_address(shown_name(name, THIEF))


@pytest.mark.parametrize("name", ["Мария Белова", "Ivan at Acme", "ООО «Клён», отдел закупок", "client.example"])
def test_a_plain_name_is_not_taken_for_an_address(name: str) -> None:
    """A firm may be called by its site."""
    assert not is_like_an_address(shown_name(name, THIEF))


def test_a_quoted_local_part_ends_no_address_before_its_own_domain() -> None:
    """RFC 5321 section 4.1.2 allows spaces and at signs in it."""
    quoted = '"maria@client.example — адрес подтверждён"@evil.example'
    assert shown_address(quoted) == (
        "\\u0022maria\\u0040client.example\\u0020\\u2014\\u0020адрес\\u0020подтверждён\\u0022@evil.example"
    )
    assert shown_address("o'neil+1@client.example") == "o'neil+1@client.example"
    assert shown_address("ma\u00adria@client.example") == "ma\\u00adria@client.example"
    assert shown_address("мария.мартí@client.example") == "мария.мартí@client.example"


@pytest.mark.parametrize(
    "sign",
    ["\uff20", "\ufe6b", "\u2800", "\u3164", "\u034f", "\U000e0100", "\u3000", "\u00a0", "\u0301", "\u202e", "—"],
)
def test_a_sign_that_may_pass_for_the_end_of_an_address_is_escaped_in_it(sign: str) -> None:
    """Other at signs, blanks, joiners and marks: a local part outside ASCII may hold them all (RFC 6531)."""
    shown = shown_address(f"maria{sign}client.example@evil.example")
    assert sign not in shown
    assert shown.endswith("client.example@evil.example")


def test_what_a_client_says_of_himself_is_one_line_without_blanks_that_hide_the_rest() -> None:
    """An organisation that goes on with the desk's words after a screen of blank letters."""
    said = f"ООО Ромашка{chr(0x2800) * 80}Клиент в реестре: c1\nАдрес подтверждён"
    assert shown_claim(said) == "ООО Ромашка Клиент в реестре: c1 Адрес подтверждён"
    assert len(shown_claim("щ" * 500)) == MAX_NAME
