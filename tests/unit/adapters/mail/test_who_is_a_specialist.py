"""Who speaks for the desk: one verified address of its list, however a From is written."""

from __future__ import annotations

import pytest

from adapters.mail.reading import read_letter
from domain.letter import Envelope, Verdict, Verdicts
from domain.regulation.editions import editions
from domain.specialists import is_specialist
from tests.support.builders import STOREOLIS, STOREOLIS_ADDRESS, moscow
from tests.support.people import people_of

EDITION = editions(STOREOLIS)[-1]


def speaks_for_the_desk(author: str, verdict: Verdict = Verdict.PASS) -> bool:
    """Return whether a letter with this From, as it came, is a specialist's."""
    passed = Verdicts(spf=verdict, dkim=verdict, dmarc=verdict)
    envelope = Envelope("m1", moscow("2026-11-24 10:00"), (STOREOLIS_ADDRESS,), "x@evil.example", passed)
    raw = f"From: {author}\r\nTo: {STOREOLIS_ADDRESS}\r\nSubject: Re\r\n\r\nanswer\r\n".encode()
    return is_specialist(read_letter(raw, envelope), people_of(STOREOLIS))


@pytest.mark.parametrize(
    "author",
    [
        "specialist1@storeolis.ru",
        "Анна <specialist1@storeolis.ru>",
        "<Specialist1@StoreOlis.ru>",
        '"А, Б" <specialist2@storeolis.ru>',
    ],
)
def test_an_address_of_the_list_speaks_for_the_desk(author: str) -> None:
    assert speaks_for_the_desk(author)


@pytest.mark.parametrize(
    "author",
    [
        "specialist1@storeolis.ru(@evil.example)",
        "specialist1@storeolis.ru@evil.example",
        "<specialist1@storeolis.ru@evil.example>",
        '"specialist1@storeolis.ru" <x@evil.example>',
        "specialist1@storeolis.ru <x@evil.example>",
        "specialist1@storeolis.ru, x@evil.example",
        "x@evil.example, specialist1@storeolis.ru",
        "<specialist1@storeolis.ru> <x@evil.example>",
        "x@evil.example (specialist1@storeolis.ru)",
        "specialist1@storeolis.ru.evil.example",
        "specialist1@storeolis.ru\r\nFrom: x@evil.example",
        "specialist1＠storeolis.ru",
        "specialist1@storeоlis.ru",
        "specialist3@storeolis.ru",
        "specialist1+x@storeolis.ru",
        '"specialist1"@evil.example',
        "",
    ],
)
def test_anybody_else_is_nobody(author: str) -> None:
    assert not speaks_for_the_desk(author)


@pytest.mark.parametrize("verdict", [Verdict.GRAY, Verdict.FAIL, Verdict.UNKNOWN])
def test_an_unproved_address_is_nobody(verdict: Verdict) -> None:
    assert not speaks_for_the_desk("specialist1@storeolis.ru", verdict)
