"""The wording of letters and pages: every kind at every desk."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.page_wording import render_page
from adapters.templates import templates
from domain.regulation.editions import DESKS, desk_ids, editions
from domain.ticket.outgoing import OutgoingPage, PageLevel
from tests.support.builders import moscow

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


@pytest.mark.parametrize(("desk", "kind"), [pair for pair in MESSAGES if not pair[1].startswith("page_")])
def test_a_letter_has_a_subject_and_a_body_with_and_without_a_clause(desk: str, kind: str) -> None:
    """A house rule cites no clause, and the sentence still stands."""
    for clause in ("2.1", None):
        subject, _, body = _render(desk, kind, clause=clause).partition("\n")
        assert subject.startswith("Тема: ")
        assert body.strip()
        assert "None" not in body
        assert not re.search(r"[{}]|\n{4,}", body)


PAGES = [pair for pair in MESSAGES if pair[1].startswith("page_")]
BEGUN, PROMISED = moscow("2026-11-16 23:58"), moscow("2026-11-17 00:03")


def _page(desk: str, kind: str, level: PageLevel, **changes: Any) -> OutgoingPage:
    values: dict[str, Any] = {
        "number": 1,
        "since": moscow("2026-11-17 03:00"),
        "due": moscow("2026-11-17 03:05"),
        "params": {"subject_short": "Приложение лежит"},
    }
    edition = editions(desk)[-1].name
    return OutgoingPage(kind=kind, desk=desk, edition=edition, ticket=TICKET, level=level, **{**values, **changes})


@pytest.mark.parametrize("level", PageLevel)
@pytest.mark.parametrize(("desk", "kind"), PAGES)
@pytest.mark.parametrize("now", [BEGUN, PROMISED + timedelta(hours=3), PROMISED + timedelta(days=2)])
def test_a_page_fits_two_short_messages_and_cuts_nothing_but_the_subject(
    desk: str, kind: str, level: PageLevel, now: datetime
) -> None:
    """Two parts of 67 characters in Cyrillic, with the longest subject and the longest hours."""
    page = _page(desk, kind, level, since=BEGUN, due=PROMISED, params={"subject_short": "Широта " * 10})
    subject, text = render_page(page, now)
    assert subject.isascii()
    assert len(text) <= 2 * 67
    assert re.search(rf"{TICKET}( никто не принял)?: (Ш[Широта ]+)?… С .*23:58, .* ack {TICKET}$", text)


@pytest.mark.parametrize("level", PageLevel)
@pytest.mark.parametrize(("desk", "kind"), PAGES)
def test_emoji_make_no_page_longer_than_two_short_messages(desk: str, kind: str, level: PageLevel) -> None:
    """In an SMS, which is UTF-16, each takes the place of two characters."""
    page = _page(
        desk, kind, level, since=BEGUN, due=PROMISED, params={"subject_short": "🔥" * 30 + "Всё лежит" + "🔥" * 21}
    )
    text = render_page(page, BEGUN)[1]
    assert len(text.encode("utf-16-le")) // 2 <= 2 * 67
    assert f"{TICKET}: Всё лежит. С 23:58" in text.replace(" никто не принял", "")


@pytest.mark.parametrize(("desk", "kind"), PAGES)
def test_a_page_on_time_says_since_when_and_until_when(desk: str, kind: str) -> None:
    """Hours alone: the day is today's."""
    text = render_page(_page(desk, kind, PageLevel.ON_CALL), moscow("2026-11-17 03:02"))[1]
    assert text.endswith(f": Приложение лежит. С 03:00, ответ до 03:05 (МСК). ack {TICKET}")


@pytest.mark.parametrize("level", PageLevel)
@pytest.mark.parametrize(("desk", "kind"), PAGES)
@pytest.mark.parametrize(
    ("now", "hours"),
    [
        ("2026-11-17 03:05", "С 03:00, срок 03:05 (МСК) прошёл"),
        ("2026-11-17 23:59", "С 03:00, срок 03:05 (МСК) прошёл"),
        ("2026-11-18 00:00", "С 17 ноября, 03:00, срок 03:05 (МСК) прошёл"),
        ("2026-11-20 09:00", "С 17 ноября, 03:00, срок 03:05 (МСК) прошёл"),
    ],
)
def test_a_page_that_leaves_late_promises_no_minute_that_has_passed(
    desk: str, kind: str, level: PageLevel, now: str, hours: str
) -> None:
    """It carries the day where that is not today."""
    text = render_page(_page(desk, kind, level), moscow(now))[1]
    assert f"Приложение лежит. {hours}. ack" in text


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (BEGUN, "С 23:58, ответ до 17 ноября, 00:03 (МСК)"),
        (PROMISED, "С 16 ноября, 23:58, срок 17 ноября, 00:03 (МСК) прошёл"),
    ],
)
def test_a_page_about_midnight_names_both_days(now: datetime, hours: str) -> None:
    """Each hour is read with the day before it."""
    page = _page("moi-dokumenty-online", "page_repeat", PageLevel.ON_CALL, since=BEGUN, due=PROMISED)
    assert f" {hours}. ack" in render_page(page, now)[1]


@pytest.mark.parametrize("level", PageLevel)
@pytest.mark.parametrize(("desk", "kind"), PAGES)
def test_a_page_stored_with_its_hours_in_words_still_renders(desk: str, kind: str, level: PageLevel) -> None:
    """Whether they have passed nobody can tell from words, so that it promises nothing."""
    params = {**PARAMS, "subject_short": "Приложение лежит"}
    page = _page(desk, kind, level, number=0, since=None, due=None, params=params)
    text = render_page(page, moscow("2026-11-20 09:00"))[1]
    assert "С 20 ноября 2026 г., 09:00 (МСК), срок 13:00 (МСК). ack" in text


def test_a_repeated_page_names_the_fault_and_its_reader() -> None:
    """The first may never have left, and the escalation contact may hear of it for the first time."""
    desk, now = "moi-dokumenty-online", moscow("2026-11-17 03:06")
    told = [render_page(_page(desk, "page_repeat", level), now)[1].partition(f" {TICKET}")[0] for level in PageLevel]
    assert told == ["Критический сбой", "Эскалация: сбой"]


@pytest.mark.parametrize(
    ("subject", "begins"),
    [
        ("", f"Критический сбой {TICKET}. С 03:00"),
        ("Всё лежит!", f"Критический сбой {TICKET}: Всё лежит! С 03:00"),
        ("Всё\nлежит", f"Критический сбой {TICKET}: Всё лежит. С 03:00"),
    ],
)
def test_a_page_reads_as_sentences_whatever_the_subject(subject: str, begins: str) -> None:
    page = _page("storeolis", "page_critical", PageLevel.ON_CALL, params={"subject_short": subject})
    assert render_page(page, moscow("2026-11-17 03:00"))[1].startswith(begins)


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
