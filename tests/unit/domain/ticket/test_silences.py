"""A client who has written after the first reaction hears something: the specialist is reminded, then the team."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.findings import Classification
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.departure import leaving
from domain.ticket.outgoing import OutgoingMail
from domain.ticket.restraint import MACHINE, Restraint
from domain.ticket.ticket import Status
from tests.support.builders import MDO, a_letter, moscow
from tests.support.client_letters import COMPLETE
from tests.support.life import Life, begin, classified, worded
from tests.support.people import specialists_of

ANNA = specialists_of(MDO)[0]
TEAM = ""
"""The team is addressed as a letter leaves."""


def answered(by: str = ANNA) -> Life:
    """Return a ticket on which a specialist asked on Friday and the client answered on Monday at noon."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.do(c.SpecialistAct(c.Act.ASK, by, "Какая у вас версия приложения?"), "2026-11-20 11:00")
    life.write("Версия 5.1, телефон новый.", "2026-11-23 12:00")
    return life


def reminders(life: Life) -> list[OutgoingMail]:
    """Return the reminders that were written."""
    return [mail for mail in life.sent if isinstance(mail, OutgoingMail) and mail.kind == "answer_owed"]


def test_house_rule_a_client_who_answered_and_hears_nothing_is_put_before_the_owner_then_the_team() -> None:
    """As the desk opens after one, and after two, whole working days; once each."""
    life = answered()
    assert life.state.status is Status.IN_PROGRESS
    assert life.next_instant() == moscow("2026-11-25 09:00")
    life.sweep("2026-11-25 09:00")
    assert [mail.to for mail in reminders(life)] == [ANNA]
    assert life.next_instant() == moscow("2026-11-26 09:00")
    life.sweep("2026-11-26 09:00")
    assert [mail.to for mail in reminders(life)] == [ANNA, TEAM]
    assert life.next_instant() is None
    life.sweep("2026-12-26 09:00")
    assert len(reminders(life)) == 2


def test_house_rule_the_reminder_says_since_when_who_has_it_and_what_the_client_wrote_last() -> None:
    """Its reader need not look the ticket up."""
    life = answered()
    life.write("Так что же, есть новости?", "2026-11-23 15:00")
    life.sweep("2026-11-25 09:00")
    text = worded(reminders(life)[-1])
    assert "Первое письмо без ответа пришло: понедельник, 23 ноября 2026 г., 12:00 (МСК)." in text
    assert f"Обращением занимается {ANNA.partition('@')[0]}@" in text
    assert "> Так что же, есть новости?" in text
    assert "Версия 5.1" not in text


@pytest.mark.parametrize("by", ["anna", "former@desk.example"])
def test_house_rule_where_nobody_has_the_ticket_that_can_be_written_to_the_team_is_reminded(by: str) -> None:
    """The user of a command line, or a specialist whom the edition no longer lists."""
    life = answered(by)
    life.sweep("2026-11-25 09:00")
    assert [mail.to for mail in reminders(life)] == [TEAM]


def test_house_rule_a_late_sweep_tells_the_team_once_where_it_stands_for_the_owner() -> None:
    """Both were due while nothing ran."""
    life = answered("anna")
    life.sweep("2026-11-30 09:00")
    assert [mail.to for mail in reminders(life)] == [TEAM]


@pytest.mark.parametrize(
    ("act", "text", "owed"),
    [
        (c.Act.REPLY, "Исправлено.", False),
        (c.Act.ASK, "А телефон?", False),
        (c.Act.SOLVE, "Обновите приложение.", False),
        (c.Act.CLOSE, "", False),
        (c.Act.NOTE, "Жду разработчиков.", True),
        (c.Act.TAKE, "", True),
    ],
)
def test_house_rule_what_a_client_reads_or_a_closing_ends_the_reminders_and_nothing_else(
    act: c.Act, text: str, *, owed: bool
) -> None:
    """A note is for the desk alone, and taking a ticket tells the client nothing."""
    life = answered()
    life.act(act, "2026-11-23 13:00", text)
    assert (life.state.owed is not None) is owed


def test_house_rule_a_letter_of_the_desk_from_before_the_clients_does_not_answer_it() -> None:
    """It was read later: the queue was behind, and letters are read in any order."""
    life = answered()
    before = a_letter("Смотрим.", received_at=moscow("2026-11-23 11:50"), ses_message_id="before")
    life.do(c.SpecialistAct(c.Act.REPLY, ANNA, "Смотрим.", letter=before), "2026-11-23 13:00")
    life.sweep("2026-11-25 09:00")
    assert [mail.to for mail in reminders(life)] == [ANNA]


def test_house_rule_a_reminder_that_leaves_after_the_answer_does_not_leave() -> None:
    """It would ask for what has been done."""
    life = answered()
    life.sweep("2026-11-25 09:00")
    (mail,) = reminders(life)
    assert leaving(mail, life.state, life.edition, moscow("2026-11-25 10:00")) is not None
    life.act(c.Act.REPLY, "2026-11-25 11:00", "Исправлено.")
    assert leaving(mail, life.state, life.edition, moscow("2026-11-25 12:00")) is None


def test_house_rule_who_takes_the_ticket_is_who_is_reminded() -> None:
    """The owner as it is then."""
    other = specialists_of(MDO)[1]
    life = answered()
    life.do(c.SpecialistAct(c.Act.TAKE, other), "2026-11-23 13:00")
    life.sweep("2026-11-25 09:00")
    assert [mail.to for mail in reminders(life)] == [other]


def test_house_rule_a_letter_after_both_reminders_causes_two_more_and_one_before_them_none() -> None:
    """Bounded by what the client writes; the client has been waiting since the first of the letters."""
    life = answered()
    life.sweep("2026-11-25 09:00")
    life.write("Есть новости?", "2026-11-25 10:00")
    assert life.next_instant() == moscow("2026-11-26 09:00")
    life.sweep("2026-11-26 09:00")
    life.write("Есть кто-нибудь?", "2026-11-27 10:00")
    assert life.next_instant() == moscow("2026-12-01 09:00")
    life.sweep("2026-12-02 09:00")
    assert [mail.to for mail in reminders(life)] == [ANNA, TEAM, ANNA, TEAM]
    assert "понедельник, 23 ноября" in str(reminders(life)[-1].params["since"])


def test_house_rule_a_letter_while_a_reaction_is_promised_or_the_desk_waits_is_no_silence() -> None:
    """The promise of a reaction says when the client hears something."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.write("Добавлю: ошибка 500.", "2026-11-20 11:00")
    assert life.state.owed is None
    closed = answered()
    closed.act(c.Act.CLOSE, "2026-11-23 13:00")
    closed.write("Опять не работает.", "2026-11-24 10:00")
    assert closed.state.reaction is not None
    assert closed.state.owed is None


def test_house_rule_a_letter_that_a_machine_may_have_written_waits_for_no_answer() -> None:
    """Notices of absence would keep the team busy for ever."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.REPLY, "2026-11-20 11:00", "Исправляем.")
    letter = a_letter("Ваше письмо получено.", received_at=moscow("2026-11-20 11:01"), ses_message_id="m")
    found: Classification = classified(letter, life.edition, moscow("2026-11-20 11:01"))
    rule = life.edition.automatic_letters
    restraint = Restraint("", rule, "robot", {}, moscow("2026-11-20 11:01"), unanswered=MACHINE)
    decided = decide(life.ticket, c.AddLetter(letter, found), life.edition, moscow("2026-11-20 11:01"), restraint)
    assert decided.ticket is not None
    assert decided.ticket.owed is None


def test_an_edition_without_the_table_reminds_nobody() -> None:
    """As before there was one."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.REPLY, "2026-11-20 11:00", "Исправляем.")
    older = life.edition.model_copy(update={"answer_reminder": None})
    letter = a_letter("А когда?", received_at=moscow("2026-11-20 12:00"), ses_message_id="m")
    command = c.AddLetter(letter, classified(letter, older, moscow("2026-11-20 12:00")))
    decided = decide(life.ticket, command, older, moscow("2026-11-20 12:00"))
    assert decided.ticket is not None
    assert decided.ticket.owed is None


def test_a_corrected_calendar_moves_the_reminders_that_were_not_given() -> None:
    """A day off is no day on which anybody was silent."""
    life = answered()
    stale = life.state.owed
    assert stale is not None
    moved = stale.model_copy(update={"owner_at": stale.owner_at - timedelta(days=1)})
    life.ticket = life.state.model_copy(update={"owed": moved})
    decided = decide(life.ticket, c.RecomputeClocks(), life.edition, moscow("2026-11-23 13:00"))
    assert decided.ticket is not None
    assert decided.ticket.owed == stale
