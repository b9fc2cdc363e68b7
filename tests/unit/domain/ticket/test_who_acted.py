"""Who acted: every event of an act names the caller, what earlier versions stored is read, and no decision rests on it."""

from __future__ import annotations

import json

import pytest

from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.events import EVENT, Reacted
from domain.ticket.evolve import replay
from tests.support.builders import moscow
from tests.support.client_letters import COMPLETE, INCOMPLETE
from tests.support.life import Life, begin

MARIA = "arn:aws:sts::123456789012:assumed-role/Desk/maria"
NOON = moscow("2026-11-20 12:00")


def _ready(act: c.Act) -> Life:
    """A ticket on which an act can be done."""
    life = begin(INCOMPLETE if act is c.Act.ACCEPT else COMPLETE, "2026-11-20 10:00")
    if act is c.Act.REOPEN:
        life.act(c.Act.CLOSE, "2026-11-20 11:00")
    if act in (c.Act.ACKNOWLEDGE, c.Act.WITHDRAW_CRITICAL):
        life.act(c.Act.CRITICAL, "2026-11-20 11:58")
    return life


@pytest.mark.parametrize("act", c.Act)
def test_every_event_of_an_act_names_the_caller_and_the_ticket_is_the_same_without(act: c.Act) -> None:
    life = _ready(act)
    command = c.SpecialistAct(act, "anna", text="Проверяем.", clause="3.1", caller=MARIA)
    done = decide(life.state, command, life.edition, NOON)
    assert done.refused is None
    assert {event.caller for event in done.events} == {MARIA}
    nameless = decide(life.state, c.SpecialistAct(act, "anna", text="Проверяем.", clause="3.1"), life.edition, NOON)
    assert {event.caller for event in nameless.events} == {None}
    assert (nameless.ticket, nameless.outgoing) == (done.ticket, done.outgoing)
    assert replay([*life.events, *done.events]) == done.ticket


def test_an_event_that_an_earlier_version_stored_is_read_and_names_no_caller() -> None:
    stored = '{"at":"2026-11-20T09:00:00Z","type":"reacted","by":"anna","act":"take"}'
    event = EVENT.validate_json(stored)
    assert event == Reacted(at=NOON, by="anna", act="take")
    assert event.caller is None


def test_an_event_without_a_caller_is_stored_as_before() -> None:
    """An earlier version refuses fields that it does not know: it reads what came by mail even after a way back."""
    assert set(json.loads(Reacted(at=NOON, by="anna", act="take").model_dump_json())) == {"at", "type", "by", "act"}


def test_a_caller_is_stored_and_read_again() -> None:
    event = Reacted(at=NOON, by="anna", act="take", caller=MARIA)
    assert EVENT.validate_json(event.model_dump_json()) == event
