"""MDO 2.1: a fault that may be critical wakes nobody, and a specialist is told so and by which word it would."""

from __future__ import annotations

from domain.ticket import commands as c
from domain.ticket.decide.critical import is_critical
from tests.support.client_letters import COMPLETE, STORE_REQUEST
from tests.support.life import Life, begin, worded

FAULT = "Магазин полностью недоступен, ни один заказ не принимается ни у кого."
"""At this desk a critical fault is never more than a suggestion."""


def suspected() -> Life:
    return begin(f"{FAULT} Договор № 1412-17, ИНН 7707083893.", "2026-11-20 10:00", desk="storeolis", subject="Заказы")


def test_mdo_2_1_the_card_of_a_suspected_fault_says_so_and_names_the_word() -> None:
    """In its subject, too: what may be critical is read first."""
    life = suspected()
    assert not is_critical(life.state)
    card = life.last("card")
    assert card.params["suspected"] == "yes"
    assert "«критично»" in worded(card)


def test_mdo_2_1_an_ordinary_card_speaks_of_no_critical_fault() -> None:
    assert "ритич" not in worded(begin(COMPLETE, "2026-11-20 10:00").last("card"))


def test_mdo_2_1_a_specialists_word_makes_a_suspected_fault_critical() -> None:
    life = suspected()
    life.act(c.Act.CRITICAL, "2026-11-20 10:05")
    assert is_critical(life.state)


def test_mdo_2_1_a_letter_on_a_request_that_may_report_a_fault_is_told_with_the_words() -> None:
    """Nobody is woken, and the specialist need not find it out by reading."""
    life = begin(STORE_REQUEST, "2026-11-20 10:00", desk="storeolis")
    life.write(FAULT, "2026-11-20 12:00")
    assert not is_critical(life.state)
    note = str(life.last("follow_up").params["note"])
    assert "магазин полностью недоступен" in note
    assert "«критично»" in note


def test_mdo_2_1_nobody_is_told_again_of_a_fault_that_a_specialist_called_critical() -> None:
    life = suspected()
    life.act(c.Act.CRITICAL, "2026-11-20 10:05")
    life.write(FAULT, "2026-11-20 12:00")
    assert "критично" not in str(life.last("follow_up").params["note"])
