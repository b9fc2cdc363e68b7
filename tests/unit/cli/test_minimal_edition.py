"""A desk of one's own is a file of data: the edition that docs/editions.md begins with."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.edition_files import examine
from domain.client import Recent
from domain.findings import Mode, Outcome, Rule
from domain.intake.classify import classify, rule_on
from domain.regulation.edition import Edition
from domain.regulation.editions import edition_at
from tests.support.builders import MDO, a_letter
from tests.support.command_line import Run

PAGE = (Path(__file__).parents[3] / "docs" / "editions.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
MINIMAL = EXAMPLES[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the file of the minimal edition."""
    path = tmp_path / "2026-01-01.toml"
    path.write_text(MINIMAL, encoding="utf-8")
    return path


@pytest.fixture
def minimal(file: Path) -> Edition:
    """Return the minimal edition."""
    ((edition, _),) = examine([file]).editions
    return edition


def test_the_page_says_what_its_edition_costs(minimal: Edition) -> None:
    """And what a single pause would."""
    on_call, escalation = minimal.critical.pages_within(timedelta(hours=12))
    assert f"for the edition above {on_call} to the on-call and {escalation} to escalation" in PAGE
    every_two = minimal.critical.model_copy(update={"repeat_minutes": (2,)})
    assert f"pages {every_two.pages_within(timedelta(hours=12))[0]} times in 12 hours" in PAGE


def test_an_edition_that_says_what_it_must_has_at_most_sixty_lines_and_is_valid(run: Run, file: Path) -> None:
    """No rule has a table."""
    assert len(MINIMAL.splitlines()) <= 60
    assert "[rules" not in MINIMAL
    assert run("regulation", "check", file).status == 0


def test_a_rule_that_is_not_mentioned_is_off(minimal: Edition) -> None:
    """Each of them."""
    rules = [rule for _, rule in minimal.rules if isinstance(rule, Rule)]
    assert len(rules) == 12
    assert {(rule.mode, rule.house_rule) for rule in rules} == {(Mode.OFF, True)}


@pytest.mark.parametrize(
    "text",
    [
        "Не открывается раздел с документами.",
        "Ничего не работает, данные утекли!",
        "вы идиоты, пошли на хуй",
        "Забыл пароль, сбросьте пожалуйста.",
        "Проведите обучение для наших сотрудников.",
        "",
    ],
)
def test_a_letter_is_classified_by_rules_that_are_off_and_accepted(minimal: Edition, text: str) -> None:
    """Whatever they find, nothing follows."""
    letter = a_letter(text, recipients=("support@acme.example",))
    classification = classify(letter, minimal, client=None, recent=Recent(), now=letter.envelope.received_at)
    assert {finding.mode for finding in classification.findings} == {Mode.OFF}
    assert rule_on(classification, minimal).outcome is Outcome.ACCEPT


def test_storeolis_2_2_words_that_the_page_adds_say_nothing_of_the_task(tmp_path: Path) -> None:
    """The first example of the lexicon does what it says."""
    path = tmp_path / "draft.toml"
    example = next(example for example in EXAMPLES if "[rules.clarity.filler]" in example)
    path.write_text(
        f'{MINIMAL}\n[rules.clarity]\nhouse_rule = true\nmode = "suggest"\nhints = ["что нужно сделать"]\n{example}',
        encoding="utf-8",
    )
    ((edition, _),) = examine([path]).editions
    letter = a_letter("Добрый день! Отметка канцелярии.", subject="", recipients=("support@acme.example",))
    for known, matched in ((edition, True), (edition_at(MDO, letter.envelope.received_at), False)):
        found = classify(letter, known, client=None, recent=Recent(), now=letter.envelope.received_at)
        clarity = found.finding("clarity")
        assert clarity is not None
        assert any("в письме нет задачи" in words for words in clarity.evidence) is matched


@pytest.mark.parametrize("example", EXAMPLES[1:], ids=lambda example: example.splitlines()[-1])
def test_every_other_example_of_the_page_can_follow_it(run: Run, tmp_path: Path, example: str) -> None:
    """With a mode and a clause for a rule whose words alone it changes."""
    modes = "".join(
        f'[rules.{rule}]\nhouse_rule = true\nmode = "off"\n'
        for rule in ("clarity", "criticality")
        if f"[rules.{rule}." in example
    )
    third = '\n[[clauses]]\nnumber = "3"\nsummary = "Служба не обучает."\n'
    path = tmp_path / "draft.toml"
    path.write_text(f"{MINIMAL}{third}\n{modes}\n{example}", encoding="utf-8")
    ran = run("regulation", "check", path)
    assert ran.status == 0, ran.out
