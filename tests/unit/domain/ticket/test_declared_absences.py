"""A declared absence answers the question, and a second question thanks for what came (MDO 1.3.2)."""

from __future__ import annotations

from domain.findings import DeclaredNone, Identification, Mode
from domain.letter import Address
from domain.ticket.ticket import Status
from tests.support.builders import moscow
from tests.support.client_letters import INCOMPLETE
from tests.support.life import begin, worded

PENSIONER = "Ильина Зоя Марковна, +7 900 555-05-02. Организации и должности у меня нет, я пенсионерка."


def test_mdo_1_3_2_a_declared_absence_goes_to_a_specialist_with_the_clock_running() -> None:
    """From the letter that says so; nothing is asked again."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.write(PENSIONER, "2026-11-20 11:00")
    assert life.kinds().count("details_requested") == 1
    assert (life.state.status, life.state.identification.missing) == (Status.OPEN, ())
    assert life.state.reaction is not None
    assert life.state.reaction.counted_from == moscow("2026-11-20 11:00")


def test_mdo_1_3_2_a_declared_absence_is_a_suggestion_with_its_words() -> None:
    """The specialist sees what the writer said, by the clause."""
    life = begin(f"{INCOMPLETE}\n\n{PENSIONER}", "2026-11-20 10:00")
    found = next(found for found in life.state.suggestions if found.rule == "identification")
    assert (found.clause, found.mode, found.reason) == ("1.3.2", Mode.SUGGEST, "declared_none")
    assert "Организации и должности у меня нет" in found.evidence[0]


def test_the_card_says_what_the_writer_has_none_of() -> None:
    """In Russian, with the words of the letter."""
    life = begin(f"{INCOMPLETE}\n\n{PENSIONER}", "2026-11-20 10:00")
    assert "организации нет (в письме: «Организации и должности у меня нет»)" in worded(life.last("card"))


def test_a_second_question_thanks_for_what_came_and_asks_only_for_the_rest() -> None:
    """It names what came and what there is none of."""
    nameless = Address("olga@client.example", "")
    life = begin(INCOMPLETE, "2026-11-20 10:00", sender=nameless)
    life.write("Организации нет, я пенсионерка. Телефон: +7 916 123-45-67", "2026-11-20 11:00", sender=nameless)
    asked = life.last("details_requested")
    assert asked.params["missing"] == ("full_name",)
    assert (asked.params["came"], asked.params["absent"]) == (("phone",), ("organisation", "position"))


def test_the_second_question_is_worded_as_thanks() -> None:
    """«Спасибо» comes first, then what is left."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.write("Телефон: +7 916 123-45-67", "2026-11-20 11:00")
    text = worded(life.last("details_requested"))
    assert "Получены: номер мобильного телефона." in text
    assert "обращению присвоен номер" not in text


def test_what_is_stated_displaces_a_declared_absence() -> None:
    """An organisation that turns up is the organisation."""
    absent = DeclaredNone(detail="organisation", said="организации нет")
    earlier = Identification(declared_none=(absent,))
    assert Identification(organisation="МФЦ Бор").filled_from(earlier).declared_none == ()
    assert Identification(position="оператор").filled_from(earlier).declared_none == (absent,)
