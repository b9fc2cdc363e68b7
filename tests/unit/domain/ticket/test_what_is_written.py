"""What letters, pages and history carry: names, clauses, reasons, who wrote, and what was left out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.fault.fault import FaultRef
from domain.letter import Address, Attachment, Trust
from domain.regulation.editions import edition_at
from domain.ticket import commands as c
from domain.ticket import events as e
from domain.ticket.decide import decide
from domain.ticket.decide.draft import MAX_TEXT
from domain.ticket.evolve import replay
from domain.ticket.lately import SentLately, Written
from domain.ticket.outgoing import OutgoingMail, OutgoingPage, PageLevel
from domain.ticket.restraint import Restraint
from domain.ticket.ticket import CloseOutcome, CriticalClock, Status
from domain.ticket.timers import TimerKind, timers_of
from tests.support.builders import DETAILS, a_letter, moscow
from tests.support.client_letters import COMPLETE, FAULT, INCOMPLETE, STORE_REQUEST
from tests.support.life import Life, LifeFaults, an_alarm, begin, classified, worded
from tests.support.people import team_of

SPECIALIST = "specialist1@desk.example"
TEAM = team_of("mdo")


def clauses(life: Life, *kinds: str) -> dict[str, str | None]:
    """Return the clause that the last message of each kind names."""
    return {kind: life.last(kind).clause for kind in kinds}


def event(life: Life, type_: str) -> Any:
    """Return the last event of a type."""
    return next(found for found in reversed(life.events) if found.type == type_)


# Clauses --------------------------------------------------------------------------------------------------


def test_mdo_2_1_and_2_5_whatever_comes_due_names_its_clause() -> None:
    """In the letter and in the history."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.sweep("2026-11-20 13:00")
    life.sweep("2026-11-20 14:00")
    life.act(c.Act.ASK, "2026-11-20 15:00", "Какая версия?")
    life.sweep("2026-11-24 09:00")
    life.sweep("2026-11-25 00:00")
    assert clauses(life, "warning", "breach") == {"warning": "2.1", "breach": "2.1"}
    assert clauses(life, "question", "reminder", "lapsed") == {"question": "2.5", "reminder": "2.5", "lapsed": "2.5"}
    fired = {found.timer: found.clause for found in life.events if found.type == "timer_fired"}
    assert fired == {"reaction_warning": "2.1", "reaction_breach": "2.1", "lapse_warning": "2.5", "lapse": "2.5"}


def test_mdo_2_1_every_page_and_the_breach_of_a_critical_fault_name_the_clause() -> None:
    """Whoever is woken may ask by what."""
    life = begin(FAULT, "2027-01-01 03:00")
    for minute in range(2, 6):
        life.sweep(f"2027-01-01 03:0{minute}")
    named = clauses(life, "page_critical", "page_repeat", "page_escalate", "page_breach", "fault_breach")
    assert set(named.values()) == {"2.1"}
    fired = {found.timer: found.clause for found in life.events if found.type == "timer_fired"}
    assert fired == {"critical_breach": "2.1"}
    of_fault = {found.timer: found.clause for found in life.fault_events() if found.type == "fault_timer_fired"}
    assert of_fault == {"page_repeat": "2.1", "page_escalate": "2.1", "breach": "2.1"}
    assert life.last("fault_breach").params["due"] == "пятница, 1 января 2027 г., 03:05 (МСК)"


@pytest.mark.parametrize("clause", ["2.2", None])
def test_an_answer_of_a_specialist_names_the_clause_that_the_specialist_named(clause: str | None) -> None:
    """And none that nobody named."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.REPLY, "2026-11-20 11:00", "Разбираемся.", clause=clause)
    assert life.last("reply").clause == clause


def test_storeolis_2_6_the_team_is_told_of_a_refusal_with_its_ground_and_how_to_overturn_it() -> None:
    """By which clause, for which words."""
    life = begin(
        "Где моя выгрузка заказов, она нихуя не грузит товары. ИНН 7707083893", "2026-11-20 10:00", "storeolis"
    )
    told = life.last("refused_by_desk")
    assert told.clause == "2.6"
    text = worded(told)
    assert "согласно п. 2.6 Регламента: брань в письме" in text
    assert "Основание: — " in text
    assert "reglament reopen" in text


# Who writes to whom ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (c.Act.REPLY, "reply"),
        (c.Act.ASK, "question"),
        (c.Act.SOLVE, "solution"),
        (c.Act.REFUSE, "refused"),
        (c.Act.CLOSE, "closed"),
    ],
)
@pytest.mark.parametrize("desk", ["mdo", "storeolis"])
def test_what_a_specialist_writes_goes_in_a_persons_name_and_not_as_automatic(act: c.Act, kind: str, desk: str) -> None:
    """RFC 3834: a responder of the client's may answer it; and the words are the specialist's own."""
    life = begin(COMPLETE if desk == "mdo" else STORE_REQUEST, "2026-11-20 10:00", desk)
    life.act(act, "2026-11-20 11:00", "Проверили выгрузку.", clause="2.2" if act is c.Act.REFUSE else None)
    sent = life.last(kind)
    assert not sent.automatic
    assert "Проверили выгрузку." in worded(sent)
    wrote = event(life, "specialist_wrote")
    assert (wrote.by, wrote.text, wrote.to_client) == (SPECIALIST, "Проверили выгрузку.", True)


def test_what_the_desk_writes_goes_to_the_requester_by_name_in_the_requesters_own_thread() -> None:
    """As an automatic letter; the team's goes to the desk by its name."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    accepted, card = life.last("accepted"), life.last("card")
    assert (accepted.to, accepted.to_name) == ("olga@client.example", "Ольга Лебедева")
    assert (accepted.references, accepted.automatic) == (("ses-1@client.example",), True)
    assert (card.to, card.to_name, card.references, card.automatic) == ("", life.edition.desk.name, (), True)


def test_storeolis_a_question_promises_no_end_that_its_regulation_does_not_know() -> None:
    """No clause lapses there: the letter names neither term nor clause."""
    life = begin(STORE_REQUEST, "2026-11-20 10:00", "storeolis")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какой браузер?")
    asked = life.last("question")
    assert asked.clause is None
    assert "Ответа ждём" not in worded(asked)


def test_a_note_of_a_specialist_stays_in_the_house() -> None:
    """Nothing is sent, and history says that the client has not seen it."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    assert life.act(c.Act.NOTE, "2026-11-20 11:00", "Похоже на вчерашний сбой.").outgoing == ()
    note = event(life, "specialist_wrote")
    assert (note.by, note.text, note.to_client) == (SPECIALIST, "Похоже на вчерашний сбой.", False)


# The team's card ------------------------------------------------------------------------------------------


def test_mdo_1_3_2_the_card_tells_who_writes_how_surely_and_until_when() -> None:
    """All that a specialist needs to begin."""
    text = worded(begin(COMPLETE, "2026-11-20 10:00").last("card"))
    assert text.startswith(
        "Отправитель: olga@client.example — адрес подтверждён Имя в письме: «Ольга Лебедева» ФИО: Лебедева Ольга Игоревна"
    )
    assert "Телефон: +79161234567 Организация: МФЦ города Лесного Должность: администратор" in text
    assert "Срок реакции: пятница, 20 ноября 2026 г., 14:00 (МСК)" in text
    assert "Не хватает" not in text


def test_mdo_1_3_2_the_card_of_an_incomplete_request_tells_what_is_missing_and_shows_nothing_else_of_it() -> None:
    """No empty lines, no term that does not run; the missing details stand there once."""
    card = begin(INCOMPLETE, "2026-11-20 10:00", sender=Address("olga@client.example")).last("card")
    text = worded(card)
    assert text.startswith("Отправитель: olga@client.example — адрес подтверждён Не хватает")
    assert "Не хватает сведений: ФИО, мобильный телефон, организация, должность Срок реакции ещё не идёт." in text
    assert "сведения об авторе (п. 1.3.2, решено службой)" in card.params["findings"]
    assert text.count("ФИО") == 1
    assert not any(line in text for line in ("Телефон:", "Организация:", "Должность:"))


def test_the_card_of_a_letter_without_an_author_says_so() -> None:
    """Neither a name nor an address is made up, and history has none."""
    life = begin(COMPLETE.partition("\n\n")[0], "2026-11-20 10:00", sender=None, from_addresses=())
    assert worded(life.last("card")).startswith("Отправитель не указан Не хватает сведений")
    added = event(life, "letter_added")
    assert (added.sender, added.sender_name, life.state.requester.name) == ("", "", "")
    assert life.kinds() == ["card"]
    assert life.state.status is Status.OPEN


def test_mdo_2_1_only_the_card_of_a_critical_fault_calls_it_one() -> None:
    """In the subject, where it is seen."""
    life = begin(FAULT, "2027-01-01 03:00")
    assert life.last("card").params["critical"]
    assert "п. 2.1, решено службой" in worded(life.last("card"))
    assert not begin(COMPLETE, "2026-11-20 10:00").last("card").params["critical"]


def test_the_card_names_the_ground_of_each_finding_with_its_words_or_calls_it_the_services_own_rule() -> None:
    """A clause where there is one; what several words prove stands in one line."""
    text = f"Прошу провести обучение сотрудников работе с приложением и написать инструкцию.\n\n{DETAILS}"
    life = begin(text, "2026-11-20 10:00")
    (found,) = (found for found in life.state.findings if found.rule == "scope")
    assert f"— объём поддержки (п. {found.clause}, на ваше решение): {'; '.join(found.evidence)}" in worded(
        life.last("card")
    )
    forgotten = begin(f"Забыла пароль от приложения, войти не могу.\n\n{DETAILS}", "2026-11-20 10:00")
    (line,) = (line for line in forgotten.last("card").params["findings"] if line.startswith("пароль"))
    assert line.startswith("пароль (правило службы, на ваше решение): «")
    assert line.endswith("»; адрес отправителя подтверждён")


def test_files_are_listed_by_name_type_and_size_and_a_name_without_end_is_cut() -> None:
    """Nothing is said of more where there is no more."""
    files = (Attachment("снимок.png", "image/png", 10), Attachment("ф" * 200, "text/plain", 1))
    life = begin(COMPLETE, "2026-11-20 10:00", attachments=files)
    assert life.last("card").params["attachments"] == ("снимок.png (image/png, 10 B)", f"{'ф' * 120} (text/plain, 1 B)")


# What joins a ticket --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("by_requester", "role"), [(True, "requester"), (False, "other")])
def test_history_knows_whether_the_requester_wrote(by_requester: bool, role: str) -> None:
    """A colleague's letter joins the ticket, and its thread stays the requester's."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    letter = a_letter("И на планшете.", received_at=moscow("2026-11-20 11:00"), ses_message_id="ses-2")
    found = life.events[0].classification
    life.do(c.AddLetter(letter, found, by_requester=by_requester), "2026-11-20 11:00")
    added = event(life, "letter_added")
    assert (added.role, added.sender, added.sender_name) == (role, "olga@client.example", "Ольга Лебедева")
    assert ("ses-2@client.example" in life.state.thread) is by_requester


@pytest.mark.parametrize(("duplicate", "reason"), [(True, "repeated_after_closing"), (False, "answered_after_closing")])
def test_history_knows_what_reopened_a_ticket(duplicate: bool, reason: str) -> None:
    """The same words again, or an answer."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.CLOSE, "2026-11-20 11:00")
    letter = a_letter(COMPLETE, received_at=moscow("2026-11-23 10:00"), ses_message_id="ses-2")
    life.do(c.AddLetter(letter, life.events[0].classification, duplicate=duplicate), "2026-11-23 10:00")
    reopened = event(life, "reopened")
    assert (reopened.by, reopened.reason, reopened.at) == ("olga@client.example", reason, moscow("2026-11-23 10:00"))


def test_storeolis_2_6_who_repeats_a_request_is_told_which_and_by_what_clause_it_counts_once() -> None:
    """The number is that of the first letter."""
    life = begin(STORE_REQUEST, "2026-11-20 10:00", "storeolis")
    letter = a_letter(STORE_REQUEST, received_at=moscow("2026-11-20 12:00"), ses_message_id="ses-2")
    life.do(c.AddLetter(letter, life.events[0].classification, duplicate=True), "2026-11-20 12:00")
    told = life.last("duplicate")
    assert (told.clause, told.params) == ("2.6", {"original": life.state.id})


@pytest.mark.parametrize("sender", [Address("anna@desk.example", "Анна"), None])
def test_a_letter_that_may_not_speak_for_the_desk_is_put_before_the_team_with_the_reason(
    sender: Address | None,
) -> None:
    """It joins the history as somebody's, answers nobody and changes nothing."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    letter = a_letter("Закрыть", sender=sender, trust=Trust.CLAIMED, received_at=moscow("2026-11-20 11:00"))
    before = life.state
    life.do(c.AddNote(letter, "Адрес специалиста не подтверждён."), "2026-11-20 11:00")
    assert life.state == before
    added = event(life, "letter_added")
    assert (added.role, added.text, added.trust) == ("other", "Закрыть", Trust.CLAIMED)
    text = worded(life.last("follow_up"))
    named = (
        "Отправитель: anna@desk.example — адрес не подтверждён, и это не адрес заявителя Имя в письме: «Анна»"
        if sender
        else "Отправитель не указан"
    )
    whose = "Пишет не заявитель" if sender else "Заявитель ли пишет, неизвестно"
    assert text == (
        f"{named} {whose}: обращение открыто с адреса olga@client.example."
        " Адрес специалиста не подтверждён. Текст письма: > Закрыть"
    )


def test_what_comes_from_the_teams_own_mailbox_is_not_sent_back_to_it() -> None:
    """A robot there would answer for ever."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    letter = a_letter("Я в отпуске.", sender=Address(TEAM), received_at=moscow("2026-11-20 11:00"))
    assert life.do(c.AddNote(letter, "Автомат."), "2026-11-20 11:00").outgoing == ()
    assert event(life, "letter_added").sender == TEAM


def test_files_of_a_specialists_letter_are_named_to_the_team_in_plain_words() -> None:
    """With what to do instead."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    letter = a_letter("Инструкция во вложении.", attachments=(Attachment("a.pdf", "application/pdf", 10),))
    life.act(c.Act.REPLY, "2026-11-20 11:00", "Инструкция во вложении.", letter=letter)
    told = life.last("follow_up").params
    assert told["note"] == "Вложения этого письма клиенту не переданы: пришлите ему ссылку."
    assert "Текст письма" not in worded(life.last("follow_up"))
    assert told["attachments"] == ("a.pdf (application/pdf, 10 B)",)


def test_history_says_which_limit_held_a_letter_back_and_until_when() -> None:
    """One answer an hour on a ticket: the second question is the team's, which is told once."""
    edition = edition_at("mdo", moscow("2026-11-20 10:00"))
    rule = edition.automatic_letters.model_copy(update={"per_ticket_per_hour": 1})
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    now = moscow("2026-11-20 10:40")
    sent = SentLately(to_client=(Written(at=moscow("2026-11-20 10:00"), ticket=life.state.id),))
    letter = a_letter("А что ещё нужно?", received_at=now, ses_message_id="ses-2")
    command = c.AddLetter(letter, classified(letter, edition, now))
    restraint = Restraint("olga@client.example", rule, "olga@client.example", {"olga@client.example": sent}, now)
    life.do(command, now, restraint)
    held = next(found for found in life.events if found.type == "letter_withheld")
    assert (held.at, held.kind, held.audience, held.because_of) == (
        now,
        "details_requested",
        "client",
        "olga@client.example",
    )
    assert (held.limit, held.allowed, held.until) == ("per_ticket_per_hour", 1, moscow("2026-11-20 11:00"))
    assert life.kinds().count("held_back") == 1
    told = life.last("held_back").params
    assert (told["allowed"], told["until"]) == ("1", "пятница, 20 ноября 2026 г., 11:00 (МСК)")
    assert (life.state.status, life.state.lapse) == (Status.OPEN, None)
    assert life.state.reaction is not None
    assert life.state.reaction.counted_from == now


# Critical faults ------------------------------------------------------------------------------------------


def test_mdo_2_1_a_critical_fault_keeps_who_raised_it_and_by_what_words() -> None:
    """Whether the rule or a specialist did."""
    life = begin(FAULT, "2027-01-01 03:00")
    clock = life.state.critical
    found = life.events[0].classification.finding("criticality")
    assert clock is not None
    assert (clock.raised_by, clock.evidence) == ("desk", found.evidence)
    assert found.evidence


@pytest.mark.parametrize(
    ("text", "evidence"), [("Лежит у всех.", ("Лежит у всех.",)), ("", ()), ("а" * 900, ("а" * 500,))]
)
def test_mdo_2_1_a_specialists_judgement_is_its_own_evidence(text: str, evidence: tuple[str, ...]) -> None:
    """As much of it as a page's reader takes in."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.CRITICAL, "2026-11-20 10:10", text)
    clock = life.state.critical
    assert clock is not None
    assert (clock.raised_by, clock.evidence) == (SPECIALIST, evidence)


def test_a_page_tells_what_and_since_when_and_until_when() -> None:
    """Counted from the letter, wherever the sweep is; the words for it are found when it leaves."""
    life = begin(FAULT, "2027-01-01 03:00", subject="Приложение лежит")
    page = life.last("page_critical")
    assert life.fault.what.startswith(page.params["what"])
    assert (page.ticket, page.fault) == (life.state.id, life.fault.id)
    assert (page.since, page.due) == (moscow("2027-01-01 03:00"), moscow("2027-01-01 03:05"))


def test_mdo_2_1_the_pages_of_each_level_are_numbered() -> None:
    """By its number a page is known to be the last one, or to be superseded."""
    life = begin(FAULT, "2027-01-01 03:00")
    for minute in (2, 4, 5, 6):
        life.sweep(f"2027-01-01 03:0{minute}")
    pages = [message for message in life.sent if isinstance(message, OutgoingPage)]
    numbers = {level: [page.number for page in pages if page.level is level] for level in PageLevel}
    assert numbers == {PageLevel.ON_CALL: [1, 2, 3, 4], PageLevel.ESCALATION: [1, 2, 3]}
    assert life.fault.series is not None
    assert [life.fault.series.paged(level) for level in PageLevel] == [4, 3]


def by_an_earlier_version(text: str, at: str, *fired: e.TimerFired) -> Life:
    """Return a ticket as a version left it that paged for each ticket by itself, with what had come due."""
    life = begin(text, at)
    since = moscow(at)
    clock = CriticalClock(
        since=since,
        due=since + timedelta(minutes=5),
        escalate_at=since + timedelta(minutes=4),
        next_page_at=since + timedelta(minutes=2),
        clause="2.1",
        raised_by="desk",
        pages=1,
    )
    life.events = [
        found.model_copy(update={"clock": clock}) if found.type == "critical_raised" else found for found in life.events
    ]
    life.events += fired
    life.ticket, life.store, life.sent = replay(life.events), LifeFaults(), []
    return life


def fired_at(timer: TimerKind, at: str, **changes: Any) -> e.TimerFired:
    return e.TimerFired(at=moscow(at), timer=timer, due=moscow(at), clause="2.1", **changes)


def test_what_an_earlier_version_paged_for_by_its_ticket_is_paged_on_by_a_fault() -> None:
    """With its pages counted on: none is the first again, and its next repetition goes to both levels."""
    life = by_an_earlier_version(
        FAULT,
        "2027-01-01 03:00",
        fired_at(TimerKind.PAGE_REPEAT, "2027-01-01 03:02", next_page_at=moscow("2027-01-01 03:06")),
        fired_at(TimerKind.PAGE_ESCALATE, "2027-01-01 03:04", escalations=1),
        fired_at(TimerKind.CRITICAL_BREACH, "2027-01-01 03:05", escalations=2),
    )
    assert life.next_instant() == moscow("2027-01-01 03:06")
    life.sweep("2027-01-01 03:06")
    assert [(page.kind, page.level, page.number) for page in life.sent if isinstance(page, OutgoingPage)] == [
        ("page_repeat", PageLevel.ON_CALL, 3),
        ("page_repeat", PageLevel.ESCALATION, 3),
    ]
    assert life.fault.breached_at == moscow("2027-01-01 03:05")
    assert {timer.kind for timer in timers_of(life.state)} == {
        TimerKind.REACTION_WARNING,
        TimerKind.REACTION_BREACH,
    }
    life.act(c.Act.ACKNOWLEDGE, "2027-01-01 03:07")
    assert not life.fault.pages_run
    assert "fault_breach" not in life.kinds()


def test_mdo_2_1_the_breach_of_what_an_earlier_version_left_is_told_once_by_its_fault() -> None:
    """The sweep comes late: it is a report of a fault first."""
    life = by_an_earlier_version(FAULT, "2027-01-01 03:00")
    life.sweep("2027-01-01 03:08")
    life.sweep("2027-01-01 03:09")
    assert life.kinds().count("fault_breach") == 1
    assert life.state.critical is not None
    assert life.state.critical.breached_at is not None
    assert life.kinds().count("page_critical") == 0


def test_a_history_from_before_escalations_were_counted_replays_to_what_was_stored() -> None:
    """A fault that had escalated then counts from nought, and its next repetition goes to both all the same."""
    life = by_an_earlier_version(
        FAULT,
        "2027-01-01 03:00",
        fired_at(TimerKind.PAGE_REPEAT, "2027-01-01 03:02", next_page_at=moscow("2027-01-01 03:04")),
        fired_at(TimerKind.PAGE_ESCALATE, "2027-01-01 03:04"),
        fired_at(TimerKind.PAGE_REPEAT, "2027-01-01 03:04", next_page_at=moscow("2027-01-01 03:06")),
    )
    assert life.state.critical is not None
    assert life.state.critical.escalations == 0
    life.sweep("2027-01-01 03:06")
    assert {message.level for message in life.sent if isinstance(message, OutgoingPage)} == {*PageLevel}


def test_mdo_2_1_an_alarm_is_put_before_the_team_with_its_reason_and_term() -> None:
    """Counted from the alarm."""
    life = an_alarm()
    told = life.last("alarm")
    assert told.params == {
        "alarm": "mdo-api-5xx",
        "reason": "5 % of requests fail",
        "due": "суббота, 21 ноября 2026 г., 03:05 (МСК)",
        "fault": life.fault.id,
    }
    assert f"Сбой: {life.fault.id}." in worded(told)
    clock = life.state.critical
    assert clock is not None
    assert (clock.raised_by, clock.evidence) == ("mdo-api-5xx", ("5 % of requests fail",))
    ruling, found = life.events[0].ruling, life.events[0].classification
    assert (ruling.reason, ruling.edition, found.critical) == ("cloudwatch_alarm", life.edition.name, True)


def test_the_alarm_of_an_exercise_is_put_before_the_team_as_one() -> None:
    """Otherwise the team begins to repair what is not broken."""
    command = c.OpenByAlarm("MDO-0000-0001", "drill", "")
    now = moscow("2026-11-21 03:00")
    for drill in (False, True):
        fault = FaultRef(number="MDO-F-7K3F9", drill=drill)
        decision = decide(None, command, edition_at("mdo", now), now, fault=fault)
        (told,) = (mail for mail in decision.outgoing if isinstance(mail, OutgoingMail))
        assert ("Это учебная тревога" in worded(told)) is drill


def test_the_end_of_an_alarm_resolves_its_ticket_once_and_tells_the_team() -> None:
    """The end of an alarm that is told twice changes nothing more."""
    life = an_alarm()
    life.do(c.ResolveAlarm("back to normal"), "2026-11-21 03:20")
    assert (life.state.outcome, life.state.reason, life.state.clause) == (
        CloseOutcome.RESOLVED,
        "alarm_is_over",
        None,
    )
    assert event(life, "closed").by == "desk"
    assert life.last("alarm_over").params == {"reason": "back to normal"}
    assert life.do(c.ResolveAlarm("back to normal"), "2026-11-21 03:21").events == ()


def test_an_alarm_has_nobody_to_write_to() -> None:
    """Closing it writes to no one; an answer to it is refused."""
    life = an_alarm()
    refused = life.act(c.Act.REPLY, "2026-11-21 03:10", "Смотрим.").refused
    assert refused is not None
    assert refused.english == "there is no address to write to: the letter named no author"
    assert life.act(c.Act.CLOSE, "2026-11-21 03:15").outgoing == ()


# What a specialist is told --------------------------------------------------------------------------------

CLOSED = "the ticket is closed: reopen it first"
CLOSED_ALREADY = "the ticket is closed already"


@pytest.mark.parametrize(
    ("before", "act", "changes", "refusal"),
    [
        (c.Act.CLOSE, c.Act.ASK, {"text": "?"}, CLOSED),
        (c.Act.CLOSE, c.Act.SOLVE, {"text": "?"}, CLOSED),
        (c.Act.CLOSE, c.Act.TAKE, {}, CLOSED),
        (c.Act.CLOSE, c.Act.CRITICAL, {}, CLOSED),
        (c.Act.CLOSE, c.Act.CLOSE, {}, CLOSED_ALREADY),
        (c.Act.CLOSE, c.Act.REFUSE, {"clause": "3.1"}, CLOSED_ALREADY),
        (c.Act.TAKE, c.Act.REOPEN, {}, "the ticket is not closed: it is in_progress"),
        (c.Act.TAKE, c.Act.REPLY, {"text": " "}, "nothing to send: reply needs a text"),
        (c.Act.TAKE, c.Act.ASK, {}, "nothing to send: ask needs a text"),
        (c.Act.TAKE, c.Act.NOTE, {"text": " "}, "a note needs a text"),
        (c.Act.TAKE, c.Act.REFUSE, {}, "name the clause the refusal rests on (--clause): no rule suggests one"),
        (c.Act.CRITICAL, c.Act.CRITICAL, {}, "the fault is critical already"),
        (c.Act.TAKE, c.Act.WITHDRAW_CRITICAL, {}, "the ticket is no critical fault"),
        (c.Act.TAKE, c.Act.ACKNOWLEDGE, {}, "the ticket is no critical fault: take it instead"),
        (
            c.Act.TAKE,
            c.Act.REPLY,
            {"text": "а" * (MAX_TEXT + 1)},
            "the text is longer than 20000 characters: put it into a file and send a link",
        ),
    ],
)
def test_an_act_that_cannot_be_done_says_why_and_what_to_do_instead(
    before: c.Act, act: c.Act, changes: dict[str, Any], refusal: str
) -> None:
    """And leaves the ticket as it is."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(before, "2026-11-20 10:30")
    decision = life.act(act, "2026-11-20 11:00", **changes)
    assert decision.refused is not None
    assert (decision.refused.english, decision.ticket, decision.events) == (refusal, life.state, ())


def test_mdo_a_clause_that_the_edition_does_not_have_is_answered_with_those_it_has() -> None:
    """The specialist picks the right one."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    refused = life.act(c.Act.REFUSE, "2026-11-20 11:00", clause="9.9").refused
    numbers = ", ".join(clause.number for clause in life.edition.clauses)
    assert "1.1, " in numbers
    assert refused is not None
    assert refused.english == f"the edition of {life.edition.name} has no clause 9.9; it has {numbers}"


def test_who_has_acknowledged_a_critical_fault_is_named_to_the_next() -> None:
    """And one that was withdrawn is none."""
    life = begin(FAULT, "2026-11-20 10:00")
    life.act(c.Act.ACKNOWLEDGE, "2026-11-20 10:02")
    again = life.act(c.Act.ACKNOWLEDGE, "2026-11-20 10:03").refused
    assert again is not None
    assert again.english == f"acknowledged already by {SPECIALIST}"
    life.act(c.Act.WITHDRAW_CRITICAL, "2026-11-20 10:04")
    refused = life.act(c.Act.ACKNOWLEDGE, "2026-11-20 10:05").refused
    assert refused is not None
    assert refused.english == "the ticket is no critical fault: take it instead"


def test_a_text_as_long_as_the_limit_is_sent() -> None:
    """Only one that is longer is refused."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    assert life.act(c.Act.REPLY, "2026-11-20 11:00", "а" * MAX_TEXT).refused is None


def test_history_knows_that_a_person_decided() -> None:
    """Closing, refusing by a clause that no rule suggests, and reopening."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.CLOSE, "2026-11-20 11:00")
    assert (event(life, "closed").by, life.state.reason) == (SPECIALIST, "by_specialist")
    life.act(c.Act.REOPEN, "2026-11-20 12:00")
    assert (event(life, "reopened").by, event(life, "reopened").reason) == (SPECIALIST, "by_specialist")
    assert life.kinds()[-1] == "reopened"
    life.act(c.Act.REFUSE, "2026-11-20 13:00", clause="2.2")
    assert (life.state.outcome, life.state.reason, life.state.clause) == (CloseOutcome.REFUSED, "by_specialist", "2.2")


def test_accepting_a_closed_request_reopens_it() -> None:
    """The word is the same whether the desk has closed it or only asks."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.CLOSE, "2026-11-20 11:00")
    life.act(c.Act.ACCEPT, "2026-11-20 12:00")
    assert (life.state.status, life.kinds()[-1]) == (Status.OPEN, "reopened")


def test_history_knows_which_rules_a_specialist_confirmed_and_which_were_overturned() -> None:
    """Only what had matched is settled: by a refusal for it, by taking the request against it."""
    scope = f"Прошу провести обучение сотрудников работе с приложением и написать инструкцию.\n\n{DETAILS}"
    confirmed, overturned = begin(scope, "2026-11-20 10:00"), begin(INCOMPLETE, "2026-11-20 10:00")
    confirmed.act(c.Act.REFUSE, "2026-11-20 11:00")
    overturned.act(c.Act.ACCEPT, "2026-11-20 11:00")
    settled = [
        (found.rule, found.confirmed)
        for life in (confirmed, overturned)
        for found in life.events
        if found.type == "suggestion_settled"
    ]
    assert settled == [("scope", True), ("identification", False)]
    taken = begin(f"Забыла пароль от приложения, войти не могу.\n\n{DETAILS}", "2026-11-20 10:00")
    taken.act(c.Act.ACCEPT, "2026-11-20 11:00")
    assert [found.rule for found in taken.state.suggestions] == ["password"]
    assert "suggestion_settled" not in taken.happened()
