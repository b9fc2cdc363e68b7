"""Header fields as they are sent: readable where they can be, encoded as RFC 2047 says where not."""

from __future__ import annotations

from email.policy import SMTP

import pytest

from adapters.mail.writing import Field, mailbox_field, text_field
from tests.support.readers import faults_of_form

LONG = "support+7k3f9qxzcabypbkhrbdg9nmv2e@xn--d1achjhdicc8bh4h.xn--80asehdb"


def sent(field: Field) -> str:
    """Return a field as it is sent."""
    return field.fold(policy=SMTP)


def test_an_ascii_text_is_sent_as_it_is_and_folded_between_its_words() -> None:
    """People read sources of letters, and so do filters."""
    assert sent(text_field("Subject", "Re: no code [MDO-7K3F-9QXZ]")) == "Subject: Re: no code [MDO-7K3F-9QXZ]\r\n"
    assert sent(text_field("Subject", "word; " * 14)) == (
        f"Subject: {' '.join(['word;'] * 11)}\r\n {' '.join(['word;'] * 3)}\r\n"
    )


def test_a_word_longer_than_a_line_is_encoded() -> None:
    """A line has at most 998 characters (RFC 5322 section 2.1.1), and a word cannot be folded."""
    written = sent(text_field("Subject", f"see {'x' * 2_000}"))
    assert written.startswith("Subject: =?utf-8?q?see_xxx")
    assert faults_of_form(f"{written}\r\n".encode()) == []


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("", "<olga@client.example>"),
        (" \x00\r\n ", "<olga@client.example>"),
        ("Olga O'Brien-Smith", "Olga O'Brien-Smith <olga@client.example>"),
        ("Smith, Olga (IT)", '"Smith, Olga (IT)" <olga@client.example>'),
        ('O. "Olya" \\', '"O. \\"Olya\\" \\\\" <olga@client.example>'),
        ("Ольга", "=?utf-8?b?0J7Qu9GM0LPQsA==?= <olga@client.example>"),
        ("José Martin Gonzalez, sales", "=?utf-8?q?Jos=C3=A9_Martin_Gonzalez=2C_sales?= <olga@client.example>"),
    ],
)
def test_a_name_is_atoms_a_quoted_string_or_encoded_words(name: str, written: str) -> None:
    """RFC 5322 section 3.2.5 and RFC 2047 section 5."""
    assert sent(mailbox_field("To", name, "olga@client.example")) == f"To: {written}\r\n"


def test_an_address_that_has_no_room_beside_the_name_has_a_line_of_its_own() -> None:
    """It is never encoded, and not folded inside."""
    assert sent(mailbox_field("Reply-To", "Olga", LONG)) == f"Reply-To: Olga\r\n <{LONG}>\r\n"
    assert sent(mailbox_field("Reply-To", "", LONG)) == f"Reply-To: <{LONG}>\r\n"


@pytest.mark.parametrize(
    "address", ["", "olga", "ольга@client.example", "a@b\r\nBcc: x@y", "a@b>, <x@y>", '"a"b"@c', "a@почта.рф"]
)
def test_what_is_no_mailbox_is_refused(address: str) -> None:
    """Nothing that can end the address, or the line, comes into the header."""
    with pytest.raises(ValueError, match="expected a mailbox"):
        mailbox_field("To", "Olga", address)
