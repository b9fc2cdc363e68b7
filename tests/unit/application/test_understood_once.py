"""A letter is understood once at each desk: its writer is read once, its token is checked once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from adapters.memory import MemoryStore
from application import recognise
from application.receive import receive
from domain.intake import identification
from domain.reply_token import token_for
from domain.ticket.outgoing import Audience
from tests.support.builders import KEYS, MDO, MDO_ADDRESS, a_letter, moscow
from tests.support.client_letters import COMPLETE, INCOMPLETE
from tests.support.people import peopled

START = moscow("2026-11-20 10:00")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return how often each function was called."""
    counted: Counter[str] = Counter()

    def counting(module: Any, name: str) -> None:
        real: Callable[..., Any] = getattr(module, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            counted[name] += 1
            return real(*args, **kwargs)

        monkeypatch.setattr(module, name, call)

    counting(identification, "identify")
    counting(recognise, "read_token")
    return counted


def test_mdo_1_3_2_who_writes_is_read_once_from_a_new_request(calls: Counter[str]) -> None:
    """For the registry's clues and for the rules alike."""
    assert receive(a_letter(COMPLETE), MDO, peopled(MemoryStore()), KEYS, START) is not None
    assert calls == {"identify": 1}


def test_an_answer_by_token_is_read_once_and_its_token_is_checked_once(calls: Counter[str]) -> None:
    """Also where it joins a ticket."""
    store = peopled(MemoryStore())
    opened = receive(a_letter(INCOMPLETE), MDO, store, KEYS, START)
    assert opened is not None
    assert opened.commit.ticket is not None
    store.commit(opened.commit)
    calls.clear()
    number = opened.commit.ticket.after.id
    to = MDO_ADDRESS.replace("@", f"+{token_for(KEYS, MDO, number, Audience.CLIENT)}@")
    answer = a_letter(COMPLETE, ses_message_id="m2", recipients=(to,))
    joined = receive(answer, MDO, store, KEYS, START)
    assert joined is not None
    assert joined.commit.ticket is not None
    assert joined.commit.ticket.after.id == number
    assert calls == {"identify": 1, "read_token": 1}
