"""The wording of letters and pages: every kind at every desk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapters.templates import templates
from domain.regulation.editions import DESKS, desk_ids

SHARED = DESKS / "_shared" / "messages"
TICKET = "MDO-7K3F-9QXZ"
PARAMS: dict[str, object] = {
    "due": "пятница, 20 ноября 2026 г., 13:00 (МСК)",
    "since": "пятница, 20 ноября 2026 г., 09:00 (МСК)",
    "missing": ("phone", "inn_or_contract_or_site"),
    "hints": "что произошло\nгде это видно",
    "count": "5",
    "limit": "3",
    "item": "обучение",
    "item_id": "training",
    "text": "Текст.",
    "summary": "Смысл пункта.",
    "original": "MDO-1111-2222",
    "writer": ("Отправитель: irina@client.example — адрес не подтверждён", "Имя в письме: «Ирина»"),
    "full_name": "",
    "note": "",
    "address": "irina@client.example",
    "phone": "+79161112233",
    "organisation": "",
    "position": "",
    "critical": "",
    "findings": ("quota (п. 2.6)",),
    "attachments": ("скан.png",),
    "reason": "offence",
    "evidence": ("слово",),
    "alarm": "mdo-service-5xx",
    "detail": "550 5.1.1",
    "subject_short": "Ш" * 60,
    "allowed": "10",
    "owner": "anna@desk.example",
    "before": "пятница, 27 ноября 2026 г., 24:00 (МСК)",
    "decreed": ("2027",),
    "until": "пятница, 20 ноября 2026 г., 11:00 (МСК)",
    "letters": ("MDO-1111-2222: новое обращение «Вопрос»; письмо получено: пятница, 20 ноября 2026 г., 10:30 (МСК)",),
    "more": "4",
    "received": "пятница, 20 ноября 2026 г., 12:59 (МСК)",
    "by": "anna@desk.example",
    "told": "Ничего не сделано.",
    "first": "MDO-1111-2222",
    "taken": "пятница, 20 ноября 2026 г., 12:59 (МСК)",
    "over": "пятница, 20 ноября 2026 г., 13:40 (МСК)",
    "quiet_since": "пятница, 20 ноября 2026 г., 13:30 (МСК)",
    "untouched": "пятница, 20 ноября 2026 г., 14:00 (МСК)",
}


def _kinds(desk: str) -> set[str]:
    return {path.stem for folder in (DESKS / desk / "messages", SHARED) for path in Path(folder).glob("*.txt")}


def _render(desk: str, kind: str, **changes: object) -> str:
    values: dict[str, object] = {
        "ticket": TICKET,
        "desk": "Поддержка",
        "signature": "Служба поддержки",
        "regulation_url": "https://desk.example",
        "subject": "Вопрос",
        "clause": "2.1",
        "params": PARAMS,
    }
    return templates(desk).get_template(f"{kind}.txt").render(**{**values, **changes})


MESSAGES = [(desk, kind) for desk in desk_ids() for kind in sorted(_kinds(desk))]


@pytest.mark.parametrize(
    ("desk", "kind"), [pair for pair in MESSAGES if not pair[1].startswith(("page_", "fault_page"))]
)
def test_a_letter_has_a_subject_and_a_body_with_and_without_a_clause(desk: str, kind: str) -> None:
    """A house rule cites no clause, and the sentence still stands."""
    for clause in ("2.1", None):
        subject, _, body = _render(desk, kind, clause=clause).partition("\n")
        assert subject.startswith("Тема: ")
        assert body.strip()
        assert "None" not in body
        assert not re.search(r"[{}]|\n{4,}", body)


DATED = (
    "accepted", "reopened", "card", "warning", "breach", "reminder", "question", "solution", "details_requested",
    "clarification_requested", "lapsed", "lapse_corrected", "silence",
)  # fmt: skip
"""The letters that name a term in working time."""


@pytest.mark.parametrize("desk", desk_ids())
@pytest.mark.parametrize("kind", DATED)
def test_a_term_that_a_decree_may_still_move_is_called_provisional(desk: str, kind: str) -> None:
    """Within the paragraph of the term, and nowhere else."""
    said = "Срок предварительный: производственный календарь на 2028 год ещё не утверждён."
    plain, marked = (_render(desk, kind, params={**PARAMS, **more}) for more in ({}, {"undecreed": ("2028",)}))
    assert marked.count(said) == 1
    assert marked.replace(f" {said}", "") in (plain, plain.replace("(МСК)\n", "(МСК).\n"))
    both = _render(desk, kind, params={**PARAMS, "undecreed": ("2027", "2028")})
    assert "календарь на 2027 и 2028 годы ещё" in both


def test_storeolis_2_6_the_refusal_by_quota_offers_the_paid_service() -> None:
    """The clause makes consultations a paid service: the letter says how to get one."""
    text = _render("storeolis", "refused_quota", clause="2.6")
    assert "5 обращений" in text
    assert "отдельной договорённости" in text
