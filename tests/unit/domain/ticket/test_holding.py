"""A breach or a lapse is not pronounced while letters that may have been in time are unread."""

from __future__ import annotations

import pytest

from domain.ticket import commands as c
from domain.ticket.holding import next_look
from domain.ticket.ticket import Status
from tests.support.builders import MOSCOW, moscow
from tests.support.client_letters import COMPLETE, FAULT, STORE_REQUEST
from tests.support.life import Life, begin

DUE = "2026-11-20 14:00"
"""When the reaction to COMPLETE of ten o'clock is due."""
LAPSES = "2026-11-25 00:00"
"""When the answer to a question of eleven o'clock is due."""


def sweep(life: Life, at: str, waiting_since: str | None) -> list[str]:
    """Let what is due happen while letters have been waiting unread; return what is sent."""
    since = moscow(waiting_since) if waiting_since else None
    return [message.kind for message in life.do(c.FireTimers(since), at).outgoing]


def asked(text: str = COMPLETE, desk: str = "mdo") -> Life:
    """Let a specialist ask the client a question."""
    life = begin(text, "2026-11-20 10:00", desk)
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая у вас версия?")
    return life


@pytest.mark.parametrize("waiting_since", ["2026-11-20 12:00", "2026-11-20 13:59:59", DUE, "2026-11-20 14:00:40"])
def test_mdo_2_1_a_breach_is_not_told_while_letters_from_before_its_end_are_unread(waiting_since: str) -> None:
    """SES writes a letter some seconds after it received it."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    sweep(life, "2026-11-20 13:00", None)
    assert sweep(life, DUE, waiting_since) == []
    assert life.state.reaction is not None
    assert life.state.reaction.breached_at is None


@pytest.mark.parametrize(("waiting_since", "at"), [(None, DUE), ("2026-11-20 14:01:01", "2026-11-20 14:02")])
def test_mdo_2_1_a_breach_is_told_at_once_where_no_letter_can_contradict_it(waiting_since: str | None, at: str) -> None:
    """Letters that came later say nothing about it."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    assert sweep(life, at, waiting_since) == ["breach"]


def test_mdo_2_1_a_breach_is_held_for_a_quarter_of_an_hour_at_most() -> None:
    """The team has to hear of it, if only that nobody reads its mail."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    assert sweep(life, "2026-11-20 14:14:59", "2026-11-20 12:00") == []
    assert sweep(life, "2026-11-20 14:15", "2026-11-20 12:00") == ["breach"]


def test_mdo_2_5_a_ticket_does_not_lapse_while_letters_from_before_its_end_are_unread() -> None:
    """The answer may be among them; after a day it is closed all the same."""
    life = asked()
    sweep(life, "2026-11-24 09:00", None)
    assert sweep(life, LAPSES, "2026-11-24 23:59:59") == []
    assert sweep(life, "2026-11-25 23:59", "2026-11-24 23:59:59") == []
    assert life.state.status is Status.AWAITING_REQUESTER
    assert sweep(life, "2026-11-26 00:00", "2026-11-24 23:59:59") == ["lapsed"]


def test_storeolis_the_team_is_not_told_of_silence_while_letters_are_unread() -> None:
    """Where nothing lapses it is the same: nobody has been silent yet."""
    life = asked(STORE_REQUEST, "storeolis")
    assert life.state.lapse is not None
    due = life.state.lapse.due
    assert life.do(c.FireTimers(due), due).outgoing == ()
    assert [message.kind for message in life.do(c.FireTimers(), due).outgoing] == ["silence"]


def test_reminders_and_warnings_wait_for_no_letters() -> None:
    """They pronounce nothing."""
    assert sweep(begin(COMPLETE, "2026-11-20 10:00"), "2026-11-20 13:00", "2026-11-20 12:00") == ["warning"]
    assert sweep(asked(), "2026-11-24 09:00", "2026-11-20 12:00") == ["reminder"]


def test_mdo_2_1_pages_and_the_critical_breach_wait_for_no_letters() -> None:
    """What is held of the same ticket holds up nothing else of it."""
    life = begin(FAULT, "2026-11-20 10:00")
    life.sweep("2026-11-20 13:59")
    assert {"page_repeat", "page_breach", "fault_breach"} < set(life.kinds())
    assert sweep(life, "2026-11-20 14:00", "2026-11-20 09:00") == []
    assert life.state.reaction is not None
    assert life.state.critical is not None
    assert (life.state.reaction.breached_at, life.state.critical.breached_at) == (None, moscow("2026-11-20 13:59"))


def test_what_is_held_comes_due_again_soon_and_never_after_the_tickets_next_other_timer() -> None:
    """A breach within a minute, a lapse within five, both no later than the waiting ends."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    sweep(life, "2026-11-20 13:00", None)
    waiting = moscow("2026-11-20 12:00")

    def again(of: Life, at: str) -> str | None:
        instant = next_look(of.state, moscow(at), waiting)
        return instant.astimezone(MOSCOW).strftime("%H:%M:%S") if instant else None

    assert again(life, "2026-11-20 13:30") is None
    assert again(life, "2026-11-20 14:00:10") == "14:01:10"
    assert again(life, "2026-11-20 14:14:30") == "14:15:00"
    silent = asked()
    sweep(silent, "2026-11-24 09:00", None)
    assert again(silent, "2026-11-25 00:00:10") == "00:05:10"
    assert again(silent, "2026-11-25 23:58") == "00:00:00"
    assert next_look(silent.state, moscow("2026-11-25 00:00"), None) is None
