"""What a letter of thanks, a withdrawal or a reminder does to its request (house rule)."""

from __future__ import annotations

import pytest

from domain.ticket import commands as c
from domain.ticket.outgoing import Audience, OutgoingMail
from domain.ticket.restraint import MACHINE, Restraint
from domain.ticket.ticket import CloseOutcome, Status
from tests.support.builders import a_letter, moscow
from tests.support.client_letters import COMPLETE
from tests.support.life import Life, begin, classified, worded

THANKS = "Спасибо, всё заработало!"
LONG_THANKS = (
    "Добрый день! Проверили на трёх окнах, талоны печатаются, посетители довольны. Спасибо вам огромное за помощь."
)
WITHDRAWN = "Вопрос снят, закройте."
REMINDER = "Здравствуйте! Есть новости по моему обращению?"
AT = "2026-11-23 12:00"


def life_after(*acts: c.Act) -> Life:
    """Return the life of a complete request on which a specialist acted on its first day."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    for act in acts:
        life.act(act, "2026-11-20 11:00", "Исправлено, проверьте.")
    life.have_sent()
    return life


def written_after(life: Life, text: str, **changes: object) -> list[OutgoingMail]:
    """Return the letters that follow from one of the client."""
    before = len(life.sent)
    life.write(text, AT, subject="Re: Не приходит код", **changes)
    return [mail for mail in life.sent[before:] if isinstance(mail, OutgoingMail)]


def note_of(mails: list[OutgoingMail]) -> str:
    """Return what the team is told of the one letter that follows."""
    (mail,) = mails
    assert mail.audience is Audience.TEAM
    return str(mail.params["note"])


@pytest.mark.parametrize("text", [THANKS, WITHDRAWN])
def test_house_rule_a_courtesy_joins_a_closed_request_reopens_nothing_and_is_written_to_nobody(text: str) -> None:
    """History alone has it: it asks for nothing."""
    life = life_after(c.Act.CLOSE)
    assert written_after(life, text) == []
    assert (life.state.status, life.state.reopened) == (Status.CLOSED, 0)
    assert life.happened()[-1] == "letter_added"


def test_house_rule_longer_thanks_on_a_closed_request_are_shown_to_the_team() -> None:
    """A rule may be wrong: a person sees what was taken for thanks, and the client gets nothing."""
    life = life_after(c.Act.CLOSE)
    assert "осталось закрытым" in note_of(written_after(life, LONG_THANKS))
    assert life.state.status is Status.CLOSED


@pytest.mark.parametrize(
    "text",
    [
        "Спасибо за помощь! Касса печатает кракозябры.",
        "Спасибо, увидел персональные данные соседей.",
        "Спасибо, скачал. Файл битый.",
        "Спасибо, заявка закрыта. Закрыли зря.",
    ],
)
def test_house_rule_what_is_not_understood_in_short_thanks_on_a_closed_request_is_shown_to_the_team(text: str) -> None:
    """Each word of a letter that nobody reads is known to be a courtesy."""
    life = life_after(c.Act.CLOSE)
    (mail,) = written_after(life, text)
    assert mail.audience is Audience.TEAM


def test_house_rule_thanks_above_a_signature_are_shown_to_the_team() -> None:
    """What is taken for a signature may be a postscript."""
    life = life_after(c.Act.CLOSE)
    assert "осталось закрытым" in note_of(written_after(life, THANKS, signature="Олег. P.S. Касса печатает нули"))


@pytest.mark.parametrize("text", ["Спасибо, но ошибка та же: раздел снова пуст.", "Вопрос не снят, не закрывайте."])
def test_house_rule_a_complaint_reopens_whatever_thanks_are_beside_it(text: str) -> None:
    """It promises a reaction, as any letter on a closed request."""
    life = life_after(c.Act.CLOSE)
    written_after(life, text)
    assert life.state.status is Status.OPEN


@pytest.mark.parametrize("text", [THANKS, "Проверил, всё в порядке. Закрывайте."])
def test_house_rule_thanks_for_a_solution_end_the_wait_and_suggest_closing(text: str) -> None:
    """MDO 2.5: silence closes nothing any more, and the desk closes nothing by itself."""
    life = life_after(c.Act.SOLVE)
    assert life.state.status is Status.AWAITING_REQUESTER
    assert "одним словом «закрыть»" in note_of(written_after(life, text))
    assert (life.state.status, life.state.lapse, life.state.owed) == (Status.IN_PROGRESS, None, None)


def test_house_rule_thanks_on_a_request_in_progress_owe_no_answer() -> None:
    """The team reads them, and nobody is reminded."""
    life = life_after(c.Act.REPLY)
    assert "ответа это письмо не ждёт" in note_of(written_after(life, THANKS))
    assert life.state.owed is None
    assert life.next_instant() is None


def test_house_rule_thanks_in_return_for_a_question_of_the_rules_give_no_details_and_are_not_asked_again() -> None:
    """The details are still owed, and the term goes on."""
    life = begin("Не приходит код подтверждения в приложении", "2026-11-20 10:00")
    life.have_sent()
    assert life.state.status is Status.AWAITING_REQUESTER
    written_after(life, "Спасибо!")
    assert life.state.status is Status.AWAITING_REQUESTER
    assert "details_requested" not in life.kinds()


def test_house_rule_a_withdrawal_is_a_suggestion_and_stops_no_clock() -> None:
    """One word closes the request as withdrawn."""
    life = life_after()
    assert "одним словом «закрыть»" in note_of(written_after(life, WITHDRAWN))
    assert life.state.reaction is not None
    assert life.state.reaction.runs
    assert [found.rule for found in life.state.suggestions] == ["courtesy"]
    life.act(c.Act.CLOSE, "2026-11-23 13:00")
    assert life.state.outcome is CloseOutcome.WITHDRAWN


def test_house_rule_what_the_client_asks_after_a_withdrawal_is_a_request_again() -> None:
    """The suggestion is gone."""
    life = life_after()
    written_after(life, WITHDRAWN)
    life.write("Нет, код всё-таки не приходит, посмотрите.", "2026-11-23 13:00")
    assert life.state.suggestions == ()


def test_house_rule_a_request_closed_with_a_text_is_resolved_also_after_a_withdrawal() -> None:
    """The specialist has written what was done."""
    life = life_after()
    written_after(life, WITHDRAWN)
    life.act(c.Act.CLOSE, "2026-11-23 13:00", "Исправили.")
    assert life.state.outcome is CloseOutcome.RESOLVED


def test_house_rule_a_withdrawal_while_the_desk_waits_lets_silence_close_nothing() -> None:
    """The client is not reminded of a question that is void."""
    life = life_after(c.Act.ASK)
    written_after(life, WITHDRAWN)
    assert life.state.lapse is not None
    assert not life.state.lapse.lapses


def test_house_rule_a_reminder_is_told_to_the_team_as_one_and_owed_an_answer() -> None:
    """It states no task, and the client still waits."""
    life = life_after(c.Act.TAKE)
    assert "как движется обращение" in note_of(written_after(life, REMINDER))
    assert life.state.owed is not None


def test_house_rule_a_reminder_on_a_closed_request_reopens_it() -> None:
    """The client believes that it is open: a person has to look."""
    life = life_after(c.Act.CLOSE)
    written_after(life, REMINDER)
    assert life.state.status is Status.OPEN


def test_house_rule_thanks_that_a_machine_may_have_written_accept_no_solution() -> None:
    """RFC 3834: whether anybody has read the solution, nobody knows."""
    life = life_after(c.Act.SOLVE)
    letter = a_letter(THANKS, received_at=moscow(AT), ses_message_id="thanks", subject="Re: код")
    by_machine = Restraint("", life.edition.automatic_letters, "", {}, moscow(AT), unanswered=MACHINE)
    life.do(c.AddLetter(letter, classified(letter, life.edition, moscow(AT))), AT, by_machine)
    assert life.state.status is Status.AWAITING_REQUESTER


@pytest.mark.parametrize(("text", "said"), [(THANKS, "только благодарность"), (WITHDRAWN, "вопрос снят")])
def test_house_rule_a_courtesy_that_opens_a_request_asks_for_nothing_and_the_card_says_what_it_is(
    text: str, said: str
) -> None:
    """Nobody knows which request it means: a specialist does."""
    life = begin(text, "2026-11-20 10:00", subject="")
    assert "details_requested" not in life.kinds()
    assert said in worded(life.last("card"))
    assert ("accepted" in life.kinds()) == (text == WITHDRAWN)
