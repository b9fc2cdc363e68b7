"""Reply tokens: they bind a letter to desk, ticket and role, and nothing else can be made of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reply_token import ReplyKeys, ReplyToken, read_token, token_for
from domain.ticket.numbers import numbers_in
from domain.ticket.outgoing import Audience
from domain.ticket.ticket import CROCKFORD
from tests.support.builders import MDO

KEYS = ReplyKeys("a", {"a": b"the present key", "b": b"the one before"})

numbers = st.text(CROCKFORD, min_size=8, max_size=8).map(lambda text: f"MDO-{text[:4]}-{text[4:]}")
faults = st.text(CROCKFORD, min_size=5, max_size=5).map(lambda text: f"MDO-F-{text}")
of_tickets = st.tuples(numbers, st.sampled_from([Audience.CLIENT, Audience.TEAM]))


@given(of_tickets | st.tuples(faults, st.just(Audience.FAULT)))
def test_a_token_says_what_it_was_made_for(made_for: tuple[str, Audience]) -> None:
    """Also in upper case, as some mail programs rewrite addresses."""
    number, audience = made_for
    token = token_for(KEYS, MDO, number, audience)
    assert len(f"support+{token}") <= 64
    assert read_token(KEYS, MDO, "MDO", token) == ReplyToken(number, audience)
    assert read_token(KEYS, MDO, "MDO", token.upper()) == ReplyToken(number, audience)


@given(numbers, st.integers(0, 25), st.sampled_from("0123456789abcdefghjkmnpqrstvwxyz"))
def test_a_token_changed_anywhere_is_worthless(number: str, place: int, sign: str) -> None:
    """Ticket, role, key and MAC are bound together."""
    token = token_for(KEYS, MDO, number, Audience.CLIENT)
    changed = token[:place] + sign + token[place + 1 :]
    assert changed == token or read_token(KEYS, MDO, "MDO", changed) is None


@pytest.mark.parametrize(("number", "audience"), [("MDO-F-7K3F9", Audience.TEAM), ("MDO-7K3F-9QXZ", Audience.FAULT)])
def test_a_faults_number_and_its_audience_go_together(number: str, audience: Audience) -> None:
    """Read back, the one would be another's number."""
    with pytest.raises(ValueError, match=number):
        token_for(KEYS, MDO, number, audience)


@given(faults)
def test_a_faults_number_is_never_taken_for_a_tickets(number: str) -> None:
    """Its letters carry it in their subjects, and a subject's number says to which ticket a letter belongs."""
    assert numbers_in(f"Re: Критический сбой [{number}] 1234 5678", "MDO") == ()
    assert numbers_in(f"{number} {number}".replace("-", " "), "MDO") == ()


def test_a_token_of_another_desk_is_worthless() -> None:
    """The desk is part of what is signed."""
    token = token_for(KEYS, "storeolis", "STO-7K3F-9QXZ", Audience.TEAM)
    assert read_token(KEYS, MDO, "MDO", token) is None


def test_a_token_outlives_the_rotation_of_the_key() -> None:
    """As long as the key it names is kept."""
    token = token_for(ReplyKeys("b", {"b": b"the one before"}), MDO, "MDO-7K3F-9QXZ", Audience.CLIENT)
    assert read_token(KEYS, MDO, "MDO", token) is not None
    assert read_token(ReplyKeys("a", {"a": b"the present key"}), MDO, "MDO", token) is None


@pytest.mark.parametrize("plus", ["", "news", "7k3f9qxzca", "7k3f9qxzca" + "я" * 16, "7k3f9qxzca" + "0" * 400])
def test_anything_else_after_a_plus_is_no_token(plus: str) -> None:
    """People use plus addresses for their own ends."""
    assert read_token(KEYS, MDO, "MDO", plus) is None
