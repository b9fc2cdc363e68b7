"""What letters, alarms and words report."""

from __future__ import annotations

import pytest

from domain.fault.alarm import AlarmPlace
from domain.fault.fault import Source
from domain.fault.reports import kinds_of, report_by_alarm, report_by_letter, report_by_word, signs_of
from domain.intake.criticality import examine
from tests.support.builders import a_letter
from tests.support.fault_life import EDITION, NIGHT

RULE = EDITION.rules.criticality


@pytest.mark.parametrize(
    ("written", "sign", "kind"),
    [
        ("Сайт не открывается ни у кого, всё лежит.", "сервис недоступен целиком", "outage"),
        ("Пропали все заявления за прошлый год, база пустая.", "данные потеряны", "data"),
        ("Нас взломали, на сайте чужие реквизиты.", "безопасность", "security"),
    ],
)
def test_a_letter_reports_the_signs_that_the_rule_found_and_their_kinds(written: str, sign: str, kind: str) -> None:
    """Its page has room for the gravest of them."""
    finding = examine(a_letter(written), RULE)
    report = report_by_letter("T-1", NIGHT, finding, RULE, proved=False)
    assert sign in report.signs
    assert kind in report.kinds
    assert report.what == sign
    assert (report.source, report.proved) == (Source.LETTER, False)


def test_the_kinds_of_signs_that_an_edition_no_longer_has_are_none() -> None:
    """Then nothing is plainly something else."""
    assert kinds_of(("знак, которого нет",), RULE) == ()


def test_signs_are_named_once_though_a_sentence_has_two_of_them() -> None:
    """In the order of the evidence."""
    finding = examine(a_letter("Сайт не открывается ни у кого, всё лежит."), RULE)
    assert signs_of(finding.model_copy(update={"evidence": ("б: «1»", "а: «2: «3»»", "б: «4»")})) == ("б", "а")


def test_every_sign_has_a_kind_and_security_is_none_of_an_outage() -> None:
    """As the lexicon says."""
    kinds = {sign.name: sign.kind for sign in RULE.signs}
    assert {name for name, kind in kinds.items() if kind == "security"} == set(RULE.graver)
    assert {name for name, kind in kinds.items() if kind == "data"} == {"данные потеряны", "пропали записи"}


def test_an_alarm_reports_by_its_key_and_those_that_it_watches() -> None:
    """The same name in another region is another alarm."""
    place = AlarmPlace(account="111122223333", region="eu-central-1")
    report = report_by_alarm("T-1", NIGHT, "all", place, related=("b", "a", "b"))
    assert report.alarm == "111122223333:eu-central-1:all"
    assert (report.what, report.related) == ("all", ("a", "b"))
    assert report_by_alarm("T-1", NIGHT, "all", source=Source.MONITOR).source is Source.MONITOR


def test_a_word_reports_what_the_ticket_is_about() -> None:
    """And is proved."""
    report = report_by_word("T-1", NIGHT, "Не приходит код")
    assert (report.source, report.what, report.proved, report.signs) == (Source.WORD, "Не приходит код", True, ())
