"""What is a courtesy and nothing else: thanks, a withdrawal, a question how it goes (house rule)."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.client import Recent
from domain.findings import Classification, Mode
from domain.intake.classify import classify
from domain.letter import Attachment, Letter
from domain.regulation.edition import Edition
from domain.regulation.editions import editions
from tests.support.builders import a_letter
from tests.support.cases import each_case

CASES = Path(__file__).with_name("courtesy.toml")
MDO = editions("moi-dokumenty-online")[-1]
STOREOLIS = editions("storeolis")[-1]
both_desks = pytest.mark.parametrize("edition", [MDO, STOREOLIS], ids=["mdo", "storeolis"])


def read(letter: Letter, edition: Edition = MDO) -> Classification:
    return classify(letter, edition, client=None, recent=Recent(), now=letter.envelope.received_at)


def courtesy_of(subject: str, text: str, edition: Edition) -> str | None:
    return read(a_letter(text, subject=subject), edition).courtesy


@both_desks
@each_case(CASES, "thanks", subject="")
def test_house_rule_thanks_and_what_went_well_alone_are_thanks(subject: str, text: str, edition: Edition) -> None:
    """Whatever the words: courtesy, success, names, a farewell, the number of the request."""
    assert courtesy_of(subject, text, edition) == "thanks"


@both_desks
@each_case(CASES, "withdrawal", subject="")
def test_house_rule_who_needs_nothing_more_takes_the_request_back(subject: str, text: str, edition: Edition) -> None:
    """With or without the reason."""
    assert courtesy_of(subject, text, edition) == "withdrawal"


@both_desks
@each_case(CASES, "nudge", subject="")
def test_house_rule_who_only_asks_how_it_goes_states_no_task(subject: str, text: str, edition: Edition) -> None:
    """A question of the request itself, and nothing of what it is about."""
    assert courtesy_of(subject, text, edition) == "nudge"


@both_desks
@each_case(CASES, "ordinary", subject="")
def test_house_rule_a_letter_that_says_anything_else_is_no_courtesy(subject: str, text: str, edition: Edition) -> None:
    """A question, a wish, a fault, a detail, irony, thanks in advance, something else to cancel or to close."""
    assert courtesy_of(subject, text, edition) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"attachments": (Attachment("screen.png", "image/png", 100),)},
        {"forwarded_text": "Когда будет ответ?"},
        {"set_apart_text": "Не открывается каталог."},
        {"signature": "P. S. А как сменить тариф?"},
    ],
    ids=["attachment", "letter sent on", "text set apart", "question below the name"],
)
def test_house_rule_thanks_beside_anything_unread_are_no_courtesy(changes: dict[str, object]) -> None:
    """Somebody has to look at it."""
    assert read(a_letter("Спасибо, всё заработало!", subject="", **changes)).courtesy is None


def test_house_rule_the_finding_names_its_words_and_a_withdrawal_waits_for_a_specialist() -> None:
    """No clause speaks of it, and closing is never automatic."""
    found = read(a_letter("Вопрос снят, закройте.", subject="")).finding("courtesy")
    assert found is not None
    assert (found.clause, found.mode, found.reason) == (None, Mode.SUGGEST, "withdrawal")
    assert found.evidence == ("«вопрос снят»",)


@pytest.mark.parametrize("text", ["Спасибо, всё заработало!", "Вопрос снят, закройте."])
def test_house_rule_nobody_is_asked_for_details_in_return_for_a_courtesy(text: str) -> None:
    """Neither details nor a clearer task, and no clause refuses it."""
    assert not any(found.decides for found in read(a_letter(text, subject="")).findings)


@pytest.mark.parametrize(("text", "is_asked"), [("Спасибо, всё заработало!", True), ("Вопрос снят, закройте.", False)])
def test_house_rule_where_the_rule_only_suggests_thanks_are_handled_as_any_letter(text: str, is_asked: bool) -> None:
    """The finding says what they are, and the other rules ask as ever."""
    rule = MDO.rules.courtesy.model_copy(update={"mode": Mode.SUGGEST})
    suggesting = MDO.model_copy(update={"rules": MDO.rules.model_copy(update={"courtesy": rule})})
    found = read(a_letter(text, subject=""), suggesting)
    assert found.courtesy is not None
    assert any(finding.decides for finding in found.findings) == is_asked


def test_house_rule_a_reminder_that_names_no_request_is_as_unclear_as_any_letter() -> None:
    """Without a request that it reminds of, somebody has to ask what it is about."""
    unclear = read(a_letter("Ну что там?", subject="")).finding("clarity")
    assert unclear is not None
    assert unclear.matched
