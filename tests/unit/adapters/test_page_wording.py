"""The wording of pages: what a telephone shows at night, and the letter that goes with it."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.page_wording import ONE_PART, PAGE_LIMIT, page_letter, render_page, units
from adapters.rendering import render_mail, text_of
from adapters.templates import SHARED
from domain.fault.fault import End, Fault
from domain.people import People, Person
from domain.regulation.editions import desk_ids, editions
from domain.reply_token import read_token
from domain.ticket.numbers import numbers_in
from domain.ticket.outgoing import Audience, OutgoingMail, OutgoingPage, PageLevel
from tests.support.builders import KEYS, MDO, moscow
from tests.support.fault_values import NUMBER, SPECIALIST, TICKET, a_fault, a_page

KINDS = sorted(path.stem for path in Path(SHARED).glob("page_*.txt"))
BEGUN, PROMISED = moscow("2027-01-01 03:00"), moscow("2027-01-01 03:05")
NOW = moscow("2027-01-01 03:01")


def fault(**changes: Any) -> Fault:
    return a_fault(**{"since": BEGUN, "due": PROMISED, **changes})


def page(kind: str = "page_critical", **changes: Any) -> OutgoingPage:
    return a_page(**{"kind": kind, "since": BEGUN, "due": PROMISED, "clause": "2.1", **changes})


def said(of: Fault, kind: str = "page_critical", now: datetime = NOW, **changes: Any) -> str:
    return render_page(page(kind, **changes), now, of)[1]


def test_mdo_2_1_a_page_says_what_was_found_who_reports_since_when_until_when_and_how_to_take_it() -> None:
    of = fault(what="не работает вход", reports=8, organisations=("а", "б", "в"), flaps=5)
    assert said(of) == (
        f"Сбой {NUMBER}: «не работает вход». Ещё 7 сообщений, 3 организации. Мигает, 5 раз. "
        "С 03:00 до 03:05 МСК. Письмом: принято"
    )


def test_mdo_2_1_a_page_is_one_short_message_where_all_of_it_fits() -> None:
    text = said(fault(what="502"))
    assert text == f"Сбой {NUMBER}: «502». С 03:00 до 03:05 МСК. Письмом: принято"
    assert units(text) <= ONE_PART


def test_a_page_in_two_parts_speaks_in_whole_words_where_they_fit() -> None:
    assert said(fault(what="не работает вход")) == (
        f"Критический сбой {NUMBER}: «не работает вход». С 03:00, ответ до 03:05 (МСК). "
        "Чтобы принять, ответьте на письмо: принято"
    )


@pytest.mark.parametrize(
    ("reports", "organisations", "told"),
    [
        (2, 1, "Ещё 1 сообщение."),
        (3, 2, "Ещё 2 сообщения, 2 организации."),
        (12, 5, "Ещё 11 сообщений, 5 организаций."),
        (22, 21, "Ещё 21 сообщение, 21 организация."),
        (501, 50, "Ещё 500 сообщений, 50+ организаций."),
    ],
)
def test_who_reports_is_counted_in_good_russian(reports: int, organisations: int, told: str) -> None:
    of = fault(what="вход", reports=reports, organisations=tuple(map(str, range(organisations))))
    assert told in said(of)


@pytest.mark.parametrize(("flaps", "told"), [(1, "1 раз."), (2, "2 раза."), (5, "5 раз."), (30, "30 раз.")])
def test_a_flapping_alarm_is_said_to_flap(flaps: int, told: str) -> None:
    assert f"Мигает, {told}" in said(fault(what="5xx", flaps=flaps))


def test_a_page_says_that_nobody_who_reports_is_proved() -> None:
    assert "Непроверенные" in said(fault(what="вход", strangers_only=True))


def test_the_last_page_that_strangers_may_cause_says_so() -> None:
    """Whoever is woken knows that silence does not mean that no further ones come."""
    of = fault(what="сайт", strangers_only=True)
    params: dict[str, str] = {"last_allowed": "yes"}
    assert "больше не вызовем" in said(of, params=params)
    assert "больше не вызовем" not in said(of)


@pytest.mark.parametrize("kind", KINDS)
def test_an_exercise_is_marked_as_one_in_every_page(kind: str) -> None:
    assert said(fault(drill=True, acknowledged_at=NOW), kind).startswith("УЧЕНИЯ. ")


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        ("2027-01-01 03:04", "С 03:00 до 03:05 МСК."),
        ("2027-01-01 03:05", "С 03:00, срок 03:05 МСК прошёл."),
        ("2027-01-02 00:00", "С 01.01 03:00, срок 03:05 МСК прошёл."),
    ],
)
def test_a_page_promises_no_minute_that_has_passed_and_names_the_day_where_it_is_not_today(
    now: str, hours: str
) -> None:
    assert hours in said(fault(what="Э" * 50), now=moscow(now))


def test_a_page_about_midnight_names_both_days() -> None:
    of = fault(since=moscow("2026-12-31 23:58"), due=moscow("2027-01-01 00:03"), what="Э" * 50)
    assert "С 31.12 23:58, срок 01.01 00:03 МСК прошёл." in said(of, now=NOW)


def test_a_fault_that_was_answered_in_time_and_pages_again_broke_no_promise() -> None:
    of = fault(answered_at=NOW)
    assert "срок" not in said(of, "page_again", now=NOW + timedelta(hours=4))


@pytest.mark.parametrize(
    ("end", "told"),
    [(None, "взят в работу"), (End.RESOLVED, "устранён"), (End.FALSE_ALARM, "оказался ложной тревогой")],
)
def test_who_was_woken_reads_who_took_the_fault_and_when(end: End | None, told: str) -> None:
    """By name where the people of the desk have the address."""
    of = fault(
        what="вход",
        acknowledged_by=SPECIALIST.addresses[0],
        acknowledged_at=NOW,
        end=end,
        ended_at=NOW if end else None,
    )
    people = People(persons=(SPECIALIST,))
    text = render_page(page("page_taken"), NOW, of, people)[1]
    assert text == f"Сбой {NUMBER} («вход») {told}: Иванова Анна, 03:01. Вызовов по нему больше не будет."


words = st.text(st.characters(), max_size=120)
faults = st.builds(
    fault,
    what=words,
    reports=st.integers(1, 100_000),
    organisations=st.integers(0, 50).map(lambda count: tuple(map(str, range(count)))),
    flaps=st.integers(0, 9_999),
    strangers_only=st.booleans(),
    drill=st.booleans(),
    acknowledged_at=st.none() | st.just(NOW),
)
instants = st.timedeltas(timedelta(), timedelta(days=400)).map(lambda after: BEGUN + after)


ways = st.tuples(st.booleans(), st.booleans())
"""Whether who reads a page has a letter to answer, and whether the desk has anybody to wake."""
pages = st.builds(
    page, st.sampled_from(KINDS), level=st.sampled_from(PageLevel), params=words.map(lambda by: {"by": by})
)


@given(faults, pages, instants, st.booleans(), ways)
def test_every_page_of_any_fault_fits_two_short_messages(
    of: Fault, paged: OutgoingPage, now: datetime, last: bool, way: tuple[bool, bool]
) -> None:
    """In UTF-16 units, of which a part holds 67; with its number, and without a sign that is no sign."""
    if last and paged.kind == "page_critical" and not of.drill:
        paged = paged.model_copy(update={"params": {**paged.params, "last_allowed": "yes"}})
    by_mail, wakes = way
    subject, text = render_page(paged, now, of, by_mail=by_mail, wakes=wakes)
    assert units(text) <= PAGE_LIMIT == 2 * 67
    assert NUMBER in text
    assert subject == f"{NUMBER} {paged.level}"
    assert not {unicodedata.category(sign) for sign in text} & {"Cc", "Cf", "Zl", "Zp", "Cs"}
    ends = ("Письмом: принято", "ответьте на письмо: принято") if by_mail else f"ack {NUMBER}"
    assert text.endswith(("больше не будет.", "Больше не вызываем.") if paged.kind == "page_taken" else ends)


@given(faults, st.sampled_from(KINDS))
def test_the_words_of_others_are_quoted_and_nothing_in_them_ends_the_quotation(of: Fault, kind: str) -> None:
    """So that none of them passes for the desk's own: «принято», another number, a further line."""
    text = said(of, kind)
    assert text.count("«") == text.count("»") <= 1
    assert len(text.splitlines()) == 1
    assert not set(text) & {'"', "\\"}


@given(words)
def test_a_subject_that_imitates_the_desk_stays_between_quotation_marks(name: str) -> None:
    of = fault(what=f"вход». Сбой устранён, вызовов больше не будет.\nПисьмом: ничего «{name}", drill=True)
    text = said(of)
    assert text.count("«") == text.count("»") == 1
    assert text.endswith("Письмом: принято")


def test_emoji_make_no_page_longer() -> None:
    text = said(fault(what="🔥" * 60 + "Всё лежит" + "🔥" * 60))
    assert "«Всё лежит»" in text


# The letter


def letter(of: Fault | None = None, kind: str = "page_critical", **changes: Any) -> EmailMessage:
    mail = page_letter(
        page(kind, **changes),
        of or fault(),
        Person(name="Анна"),
        "anna@desk.example",
        NOW,
        People(persons=(SPECIALIST,)),
    )
    return sent_as(mail)


def sent_as(mail: OutgoingMail) -> EmailMessage:
    """Return a letter as its recipient's program reads it."""
    return message_from_bytes(render_mail(mail, KEYS, NOW).as_bytes(), policy=default)


def test_mdo_2_1_the_letter_of_a_page_says_the_same_and_the_words_that_can_be_answered() -> None:
    text = text_of(letter(fault(what="не работает вход", reports=8, organisations=("а", "б"), flaps=2)))
    for told in (
        f"Сбой {NUMBER}: «не работает вход»",
        "ещё 7 сообщений, 2 организации",
        f"Первое обращение: {TICKET}",
        "мигает, 2 раза",
        "Началось: пятница, 1 января 2027 г., 03:00 (МСК)",
        "Ответить обещано до: пятница, 1 января 2027 г., 03:05 (МСК) (п. 2.1 Регламента)",
        "— принято",
        "— устранено",
        "— ложная тревога",
        f"— отделить {TICKET}",
    ):
        assert told in text


def test_an_answer_to_a_pages_letter_carries_the_token_of_its_fault() -> None:
    back = re.search(r"\+([0-9a-z]{26})@", letter()["Reply-To"])
    assert back is not None
    token = read_token(KEYS, MDO, "MDO", back[1])
    assert token is not None
    assert (token.ticket, token.audience) == (NUMBER, Audience.FAULT)


def test_a_pages_letter_is_automatic_and_important() -> None:
    """RFC 3834 section 5, so that no vacation notice answers where programs keep to it; RFC 4021 section 2.1.54."""
    sent = letter()
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["Importance"] == "high"


def test_the_subject_names_the_fault_in_a_way_that_no_ticket_is_read_from() -> None:
    sent = letter(fault(what="Вход"))
    assert f"[{NUMBER}]" in str(sent["Subject"])
    assert numbers_in(f"Re: {sent['Subject']}", "MDO") == ()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_page_has_a_letter(kind: str) -> None:
    of = fault(acknowledged_by=SPECIALIST.addresses[0], acknowledged_at=NOW, drill=True)
    sent = letter(of, kind, params={"by": "anna@desk.example"})
    assert str(sent["Subject"]).startswith("УЧЕНИЯ. ")
    assert "None" not in text_of(sent)
    assert sent.get_body(("html",)) is not None


@given(words)
def test_no_words_of_others_add_a_line_to_the_letter(what: str) -> None:
    lines = text_of(letter(fault(what=what))).splitlines()
    assert len(lines) == len(text_of(letter(fault(what="вход"))).splitlines())


# What an earlier version wrote under a ticket

PAGES_BEFORE = [kind for kind in KINDS if kind in ("page_critical", "page_repeat", "page_escalate", "page_breach")]


def page_before(desk: str, kind: str, level: PageLevel, **changes: Any) -> OutgoingPage:
    values: dict[str, Any] = {
        "number": 1,
        "since": BEGUN,
        "due": PROMISED,
        "params": {"subject_short": "Приложение лежит"},
    }
    edition = editions(desk)[-1].name
    return OutgoingPage(kind=kind, desk=desk, edition=edition, ticket=TICKET, level=level, **{**values, **changes})


@pytest.mark.parametrize("level", PageLevel)
@pytest.mark.parametrize("desk", desk_ids())
@pytest.mark.parametrize("kind", PAGES_BEFORE)
@pytest.mark.parametrize("subject", ["", "Приложение лежит", "Широта " * 10, "🔥" * 60])
def test_a_page_that_an_earlier_version_wrote_still_names_its_ticket_and_fits(
    desk: str, kind: str, level: PageLevel, subject: str
) -> None:
    params: dict[str, str] = {"subject_short": subject}
    text = render_page(page_before(desk, kind, level, params=params), NOW)[1]
    assert units(text) <= PAGE_LIMIT
    assert text.endswith(f". ack {TICKET}")


@pytest.mark.parametrize("level", PageLevel)
@pytest.mark.parametrize("kind", PAGES_BEFORE)
def test_a_page_stored_with_its_hours_in_words_still_renders(kind: str, level: PageLevel) -> None:
    """Whether they have passed nobody can tell from words, so that it promises nothing."""
    params = {
        "since": "пятница, 20 ноября 2026 г., 09:00 (МСК)",
        "due": "пятница, 20 ноября 2026 г., 13:00 (МСК)",
        "subject_short": "Приложение лежит",
    }
    before = page_before(MDO, kind, level, number=0, since=None, due=None, params=params)
    text = render_page(before, moscow("2026-11-20 09:00"))[1]
    assert "С 20 ноября 2026 г., 09:00 (МСК), срок 13:00 (МСК). ack" in text


def test_the_letter_of_such_a_page_is_answered_to_the_desk_without_a_token() -> None:
    """What a specialist answers to a ticket's token goes to the client."""
    before = page_before(MDO, "page_critical", PageLevel.ON_CALL)
    sent = sent_as(page_letter(before, None, Person(name="Анна"), "anna@desk.example", NOW))
    assert "+" not in sent["Reply-To"]
    assert f"reglament ack {TICKET}" in text_of(sent)
