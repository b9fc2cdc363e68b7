"""What is pasted in may be longer than any request: the rules read its beginning and its end."""

from __future__ import annotations

import pytest

from domain.client import Contact, ContactKind, Recent
from domain.findings import Classification
from domain.intake import duplicates
from domain.intake.classify import READ_FIRST, READ_LAST, classify, identify
from domain.intake.identification import contacts_of
from domain.letter import Letter
from domain.regulation.editions import editions
from tests.support.builders import DETAILS, a_letter, moscow

EDITION = editions("moi-dokumenty-online")[-1]
NOW = moscow("2026-11-20 10:00")
ASKED = "Добрый день. При входе в приложение не приходит код из СМС, второй день не могу войти."
LOG = "2026-11-19 10:00 connection reset by peer\n" * 25_000


def said_of(letter: Letter) -> Classification:
    return classify(letter, EDITION, client=None, recent=Recent(), now=NOW)


@pytest.mark.parametrize("text", [f"{ASKED}\n{LOG}\n{DETAILS}", f"{ASKED}\n{DETAILS}\n{LOG}"], ids=["below", "above"])
def test_mdo_1_3_2_a_megabyte_of_log_hides_neither_the_request_nor_the_signature(text: str) -> None:
    """Who writes stands above the log or below it."""
    found = said_of(a_letter(text))
    assert found.identification.missing == ()
    assert found.identification.phone is not None


def test_the_middle_of_a_megabyte_is_not_read() -> None:
    """Each rule's work grows with what it reads, and a request is no megabyte long."""
    planted = "Ваша поддержка мудаки."
    assert said_of(a_letter(f"{ASKED} {planted}")).offence == "obscene"
    assert said_of(a_letter(f"{ASKED} {planted}\n{LOG}")).offence == "obscene"
    assert said_of(a_letter(f"{LOG[: READ_FIRST + 1_000]}\n{planted}\n{LOG[: READ_LAST + 1_000]}")).offence is None


def test_a_signature_and_a_subject_of_a_megabyte_are_read_at_their_ends() -> None:
    """The limits hold for whatever part of a letter is long."""
    found = said_of(a_letter(ASKED, signature=f"{DETAILS}\n{LOG}", subject="Код " * 250_000))
    assert found.identification.missing == ()


def test_the_registry_is_asked_about_no_more_than_the_rules_read() -> None:
    """A number in the middle of a megabyte names no client."""
    letter = a_letter(f"{LOG}\nтел. +7 903 111-22-33\n{LOG}")
    assert contacts_of(identify(letter, EDITION), "o@client.example")[0] == (
        Contact(kind=ContactKind.ADDRESS, value="o@client.example"),
    )


def test_storeolis_2_6_long_letters_are_repetitions_only_where_they_are_alike_throughout() -> None:
    """Two logs with one beginning and one end are two letters; the same log, broken otherwise, is one."""
    rule = editions("storeolis")[-1].rules.duplicates
    one, other = a_letter(f"{LOG}первый сбой\n{LOG}"), a_letter(f"{LOG}второй сбой\n{LOG}")
    assert duplicates.sketch_of(one, rule) != duplicates.sketch_of(other, rule)
    again = a_letter(one.visible_text.replace("\n", "\r\n"))
    assert duplicates.sketch_of(one, rule) == duplicates.sketch_of(again, rule)
