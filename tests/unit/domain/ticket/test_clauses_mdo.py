"""«Мои документы онлайн», clause by clause: what the other tests of the ticket's life leave unsaid."""

from __future__ import annotations

import pytest

from domain.findings import Mode
from domain.letter import Address
from domain.regulation.editions import desk_by_address, editions
from domain.ticket import commands as c
from domain.ticket.outgoing import Audience, OutgoingMail
from domain.ticket.ticket import CloseOutcome, Status
from tests.support.builders import DETAILS, moscow
from tests.support.client_letters import COMPLETE, FAULT, INCOMPLETE
from tests.support.life import Life, begin, worded

EDITION = editions("moi-dokumenty-online")[-1]

OTHERS_FAULTS = [
    ("3.2", "Модуль писал сторонний подрядчик, теперь выгрузка выдаёт ошибку"),
    ("3.3", "Наш провайдер отключил интернет в здании, всё медленно"),
    ("3.4", "На самих Госуслугах вход не работает"),
]


def letters_to_the_client(life: Life) -> list[OutgoingMail]:
    """Return what was mailed to the client, in order."""
    return [sent for sent in life.sent if isinstance(sent, OutgoingMail) and sent.audience is Audience.CLIENT]


@pytest.mark.parametrize(
    ("arrived", "due"),
    [
        ("2027-01-04 12:00", "2027-01-11 13:00"),
        ("2026-11-04 10:00", "2026-11-05 13:00"),
        ("2027-02-19 17:00", "2027-02-20 12:00"),
    ],
    ids=["new year's holidays", "day of unity", "working saturday"],
)
def test_mdo_1_2_official_holidays_and_working_saturdays_are_those_of_the_country(arrived: str, due: str) -> None:
    """A holiday counts nothing, a Saturday decreed to be worked counts."""
    reaction = begin(COMPLETE, arrived).state.reaction
    assert reaction is not None
    assert reaction.due == moscow(due)


@pytest.mark.parametrize("missing", range(4), ids=["full_name", "phone", "organisation", "position"])
def test_mdo_1_3_2_each_of_the_four_details_is_asked_for_alone_by_the_clause(missing: int) -> None:
    """What the letter has is not asked again."""
    names = ("full_name", "phone", "organisation", "position")
    lines = [line for number, line in enumerate(DETAILS.splitlines()) if number != missing]
    text = "\n".join((INCOMPLETE, "", *lines))
    life = begin(text, "2026-11-20 10:00", sender=Address("olga@client.example"))
    asked = life.last("details_requested")
    assert (asked.params["missing"], asked.clause) == ((names[missing],), "1.3.2")
    assert "п. 1.3.2 Регламента" in worded(asked)


def test_mdo_1_4_the_desk_itself_refuses_nobody_for_missing_details() -> None:
    """The clause only permits a refusal: asked in vain, the request goes to a specialist."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    for hour in (11, 12, 13):
        life.write("Просто почините, пожалуйста.", f"2026-11-20 {hour}:00")
    assert life.state.outcome is None
    assert life.state.status is Status.OPEN


def test_mdo_1_4_a_specialist_refuses_by_the_clause_and_the_letter_names_it() -> None:
    """The person decides, the client is told by what."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.act(c.Act.REFUSE, "2026-11-20 11:00", "Сведения о себе вы сообщить отказались.", clause="1.4")
    assert (life.state.outcome, life.state.clause) == (CloseOutcome.REFUSED, "1.4")
    assert "п. 1.4 Регламента" in worded(life.last("refused"))


def test_mdo_1_5_requests_are_taken_at_the_published_address() -> None:
    """The one in the clause, as it travels."""
    assert EDITION.desk.clause == "1.5"
    assert EDITION.desk.address == "support@xn--d1achjhdicc8bh4h.xn--80asehdb"
    assert desk_by_address(EDITION.desk.address) == "moi-dokumenty-online"


def test_mdo_2_1_five_minutes_are_five_of_the_clock_and_not_of_working_time() -> None:
    """Reported on Saturday night, promised for Saturday night, and the client is told so."""
    life = begin(FAULT, "2026-11-21 23:58")
    assert life.state.promised_by == moscow("2026-11-22 00:03")
    told = life.last("accepted_critical")
    assert (told.clause, told.params["due"]) == ("2.1", "воскресенье, 22 ноября 2026 г., 00:03 (МСК)")


def test_mdo_2_2_a_solution_that_takes_months_breaks_no_term() -> None:
    """Once a specialist has reacted, no sweep ever complains."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.TAKE, "2026-11-20 11:00")
    sent = len(life.sent)
    assert life.sweep("2027-06-01 10:00").events == ()
    assert len(life.sent) == sent


def test_mdo_2_4_the_clients_time_is_never_the_desks_even_where_nobody_answers() -> None:
    """A wait that nobody ends is ended by the lapse."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая у вас версия приложения?")
    life.sweep("2026-11-25 00:00")
    (wait,) = life.state.waits
    assert (wait.start, wait.end) == (moscow("2026-11-20 11:00"), moscow("2026-11-25 00:00"))


def test_mdo_2_5_nothing_lapses_that_the_client_was_not_asked() -> None:
    """An answer that asks nothing starts no term."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.REPLY, "2026-11-20 11:00", "Ошибка исправлена.")
    life.sweep("2027-01-20 10:00")
    assert life.state.lapse is None
    assert life.state.status is Status.IN_PROGRESS


def test_mdo_2_5_the_question_names_the_term_and_the_clause() -> None:
    """Who is silent was warned of what follows."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая у вас версия приложения?")
    text = worded(life.last("question"))
    assert "вторник, 24 ноября 2026 г., 24:00 (МСК)" in text
    assert "п. 2.5 Регламента" in text


def test_mdo_3_1_an_excluded_service_is_a_suggestion_and_the_clock_runs() -> None:
    """Nobody is refused by a machine here; the card shows the words it rests on."""
    life = begin(f"Прошу провести обучение сотрудников работе с приложением.\n\n{DETAILS}", "2026-11-20 10:00")
    assert life.state.status is Status.OPEN
    assert life.state.reaction is not None
    (suggested,) = life.state.suggestions
    assert (suggested.rule, suggested.clause, suggested.mode) == ("scope", "3.1", Mode.SUGGEST)
    assert any("п. 3.1" in line for line in life.last("card").params["findings"])


@pytest.mark.parametrize(("clause", "text"), OTHERS_FAULTS)
def test_mdo_3_2_to_3_4_somebody_elses_fault_is_refused_only_by_a_specialists_word(clause: str, text: str) -> None:
    """One word, no clause typed: the suggested one is cited and explained."""
    life = begin(f"{text}\n\n{DETAILS}", "2026-11-20 10:00")
    assert life.state.status is not Status.CLOSED
    life.act(c.Act.REFUSE, "2026-11-20 11:00")
    refused = life.state
    assert (refused.outcome, refused.clause, refused.reason) == (CloseOutcome.REFUSED, clause, "third_party")
    assert f"п. {clause} Регламента" in worded(life.last("refused"))


def test_mdo_3_4_the_refusal_sends_the_client_to_the_vendor() -> None:
    """The clause says where to turn, and so does the letter."""
    life = begin(f"{OTHERS_FAULTS[2][1]}\n\n{DETAILS}", "2026-11-20 10:00")
    life.act(c.Act.REFUSE, "2026-11-20 11:00")
    assert "обращаться в поддержку его производителя" in worded(life.last("refused"))


def test_mdo_3_5_every_letter_to_a_client_says_where_the_terms_are_published() -> None:
    """The client is to check them and can."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.write(DETAILS, "2026-11-20 11:00")
    life.act(c.Act.ASK, "2026-11-20 12:00", "Какая у вас версия приложения?")
    life.sweep("2026-11-24 09:00")
    life.sweep("2026-11-25 00:00")
    told = letters_to_the_client(life)
    assert [letter.kind for letter in told] == ["details_requested", "accepted", "question", "reminder", "lapsed"]
    assert all("https://моидокументы.онлайн" in worded(letter) for letter in told)


def test_mdo_house_rules_on_clarity_and_passwords_only_suggest() -> None:
    """No clause speaks of either, so the promise of a reaction stands and no clause is cited."""
    signed = "Лебедева Ольга Игоревна\nадминистратор, МФЦ города Лесного\n+7 916 123-45-67"
    vague = begin(f"Здравствуйте! Помогите.\n\n{signed}", "2026-11-20 10:00", subject="Вопрос").state
    secret = begin(f"Забыл пароль от приложения, смените его.\n\n{DETAILS}", "2026-11-20 10:00").state
    assert [(found.rule, found.clause) for found in vague.suggestions] == [("clarity", None)]
    assert [(found.rule, found.clause) for found in secret.suggestions] == [("password", None)]
    assert vague.reaction is not None
    assert secret.reaction is not None


def test_mdo_publishes_no_instructions_so_no_link_is_sent() -> None:
    """A how-to question is a request like any other."""
    life = begin(f"Подскажите, как подключить свой домен к сайту?\n\n{DETAILS}", "2026-11-20 10:00")
    assert "faq_url" not in life.last("accepted").params
