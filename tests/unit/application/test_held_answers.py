"""A specialist's letter that may not be for the client waits for a word; nothing of the team's reaches the client."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from adapters.rendering import render_mail, text_of
from application.receive import receive
from domain.letter import Address, Attachment, Verdict
from domain.reply_token import token_for
from domain.ticket.events import AnswerHeld, AnswerReleased, Event
from domain.ticket.outgoing import Audience, OutgoingMail
from domain.ticket.ticket import Status, Ticket
from tests.support.builders import KEYS, MDO, a_letter
from tests.support.client_letters import COMPLETE
from tests.support.desk_in_memory import OLGA, START, Desk
from tests.support.people import addressed, specialists_of
from tests.support.raw_mail import raw_letter

SPECIALISTS = specialists_of(MDO)
NOTE = "Олег, глянь логи: похоже, это твой модуль."


class Answers:
    """A request at a desk, and the specialists' letters about it, five minutes apart."""

    def __init__(self) -> None:
        self.desk = Desk(MDO)
        self.desk.receive(raw_letter(OLGA, self.desk.address, "Не приходит код", COMPLETE), START)
        self.number = self.desk.tickets()[0].id
        self.at = START

    def answer(
        self, text: str, *, by: str = SPECIALISTS[0], verdict: Verdict = Verdict.PASS, subject: str = "Re: карточка"
    ) -> list[OutgoingMail]:
        """Let a specialist answer the card; the letters that follow."""
        self.at += timedelta(minutes=5)
        to = self.desk.address.replace("@", f"+{token_for(KEYS, MDO, self.number, Audience.TEAM)}@")
        return self.desk.receive(raw_letter(by, to, subject, text), self.at, to=to, verdict=verdict)

    @property
    def ticket(self) -> Ticket:
        """The ticket as it is now."""
        ticket = self.desk.store.ticket(self.number)
        assert ticket is not None
        return ticket

    @property
    def stopped_at(self) -> datetime | None:
        """When the reaction clock stopped."""
        assert self.ticket.reaction is not None
        return self.ticket.reaction.stopped_at

    def events(self, kind: type[Event]) -> list[Event]:
        """The ticket's events of a kind."""
        return [event for _, event in self.desk.store.history(self.number) if isinstance(event, kind)]


def to_client(mails: list[OutgoingMail]) -> list[tuple[str, object]]:
    """The letters to the client: kind and text."""
    return [(mail.kind, mail.params.get("text")) for mail in mails if mail.audience is Audience.CLIENT]


def note_to_team(mails: list[OutgoingMail]) -> str:
    """What the desk tells the team."""
    (told,) = [mail for mail in mails if mail.audience is Audience.TEAM]
    return str(told.params["note"])


@pytest.fixture
def answers() -> Answers:
    """A request that nobody has answered."""
    return Answers()


def test_a_line_for_a_colleague_is_held_and_the_team_is_told_how_to_go_on(answers: Answers) -> None:
    """No clock stops."""
    sent = answers.answer(NOTE)
    assert to_client(sent) == []
    assert "обращено к коллеге" in note_to_team(sent)
    assert "одним словом «ответ»" in note_to_team(sent)
    assert answers.stopped_at is None
    assert answers.ticket.status is Status.OPEN
    (held,) = answers.events(AnswerHeld)
    assert isinstance(held, AnswerHeld)
    assert (held.text, held.reason, held.by) == (NOTE, "colleague", SPECIALISTS[0])


@pytest.mark.parametrize("word", ["ответ", "Ответ.", "«ответ»", "jndtn", "Ответ\n\nС уважением,\nАнна"])
def test_the_lone_word_sends_the_held_text_as_it_was_and_the_reaction_stops_at_its_receipt(
    answers: Answers, word: str
) -> None:
    answers.answer(NOTE)
    sent = answers.answer(word)
    assert to_client(sent) == [("reply", NOTE)]
    assert answers.stopped_at == answers.at
    (released,) = answers.events(AnswerReleased)
    assert released.at == answers.at


def test_the_reaction_stops_at_the_receipt_also_where_the_letter_is_handled_later(answers: Answers) -> None:
    """A queue that is late takes nothing of the specialist's time."""
    answers.answer(NOTE)
    received = START + timedelta(hours=1)
    to = answers.desk.address.replace("@", f"+{token_for(KEYS, MDO, answers.number, Audience.TEAM)}@")
    word = a_letter(
        "ответ",
        received_at=received,
        ses_message_id="late",
        recipients=(to,),
        sender=Address(SPECIALISTS[0]),
        message_id="late@desk.example",
    )
    taken = receive(word, MDO, answers.desk.store, KEYS, START + timedelta(hours=9))
    assert taken is not None
    answers.desk.store.commit(taken.commit)
    assert answers.stopped_at == received


def test_a_second_word_sends_nothing_and_is_told_why(answers: Answers) -> None:
    answers.answer(NOTE)
    answers.answer("ответ")
    again = answers.answer("ответ", subject="Re: ещё раз")
    assert to_client(again) == []
    assert "задержанного письма тоже нет" in note_to_team(again)


def test_of_several_held_letters_a_word_sends_none(answers: Answers) -> None:
    """It may be meant for the other: the text itself says which."""
    answers.answer(NOTE)
    answers.answer("клиент опять не оплатил, что отвечать?", by=SPECIALISTS[1])
    sent = answers.answer("ответ")
    assert to_client(sent) == []
    assert "Задержано не одно письмо" in note_to_team(sent)
    assert answers.stopped_at is None
    assert to_client(answers.answer("ответ\nИсправили.", subject="Re: ещё раз")) == [("reply", "Исправили.")]
    assert "задержанного письма тоже нет" in note_to_team(answers.answer("ответ", subject="Re: и ещё"))


def test_a_letter_that_no_word_sends_leaves_the_held_one_but_the_word_is_doubtful(answers: Answers) -> None:
    """Who answers its notice with the word would send another letter."""
    answers.answer(NOTE)
    answers.answer("Добрый день!")
    sent = answers.answer("ответ")
    assert to_client(sent) == []
    assert "Задержано не одно письмо" in note_to_team(sent)


def test_a_letter_held_after_another_was_settled_is_sent(answers: Answers) -> None:
    answers.answer("Олег, глянь")
    answers.answer("Исправили, проверьте, пожалуйста.")
    answers.answer(NOTE)
    assert to_client(answers.answer("ответ")) == [("reply", NOTE)]


SENT_ON = "От: Поставщик <help@vendor.example>\nОтправлено: 24 ноября 2026 г. 10:05\nКому: specialist1\nТема: патч\n\n"


@pytest.mark.parametrize("above", ["", "---------- Forwarded message ---------\n", "-----Original Message-----\n"])
def test_a_letter_that_a_specialist_sends_on_is_not_left_out_unsaid(answers: Answers, above: str) -> None:
    """«The answer is below» alone would be no answer."""
    text = f"Добрый день! Ответ поставщика ниже.\n\n{above}{SENT_ON}Установите патч 5 и перезагрузите сервер базы данных.\n"
    sent = answers.answer(text)
    assert to_client(sent) == []
    assert "Установите патч 5" in note_to_team(sent)


def test_a_letter_too_long_to_be_sent_promises_no_word(answers: Answers) -> None:
    note = note_to_team(answers.answer("Олег, глянь логи\n" + "строка журнала\n" * 2_000))
    assert "Текст длиннее" in note
    assert "одним словом" not in note


@pytest.mark.parametrize("word", ["принять", "открыть"])
def test_the_text_below_a_word_that_sends_nothing_is_held(answers: Answers, word: str) -> None:
    """It may be meant for the client: nobody believes that it was sent."""
    if word == "открыть":
        answers.answer("закрыть")
    sent = answers.answer(f"{word}\nИсправим завтра, обещаем.")
    assert "Исправим завтра, обещаем." not in [text for _, text in to_client(sent)]
    assert "клиенту не отправлен" in note_to_team(sent)
    assert to_client(answers.answer("ответ")) == [("reply", "Исправим завтра, обещаем.")]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Решение\nзакрыть", "«закрыть»"),
        ("Закрыть\nотказать 1.4", "«отказать 1.4»"),
        ("Отказать 1.4\nзакрыть\nС уважением, Анна", "«закрыть»"),
        ("Добрый день!\nотказать 1.4\nПришлите, пожалуйста, должность.", "«отказать 1.4»"),
        ("Исправили, проверьте.\n\n---\nВнутреннее: ошибка в модуле оплаты", "«внутреннее»"),
        ("Исправили, проверьте.\n\nP.S.\nне для клиента: договор кончился", "«не для клиента»"),
    ],
)
def test_a_second_command_is_not_sent_as_text(answers: Answers, text: str, named: str) -> None:
    sent = answers.answer(text)
    assert to_client(sent) == []
    assert named in note_to_team(sent)
    assert answers.ticket.status is Status.OPEN


def test_files_of_a_held_letter_are_not_passed_on_and_the_team_is_told(answers: Answers) -> None:
    letter = a_letter(
        NOTE,
        received_at=START + timedelta(hours=1),
        ses_message_id="files",
        recipients=(answers.desk.address.replace("@", f"+{token_for(KEYS, MDO, answers.number, Audience.TEAM)}@"),),
        sender=Address(SPECIALISTS[0]),
        message_id="files@desk.example",
        attachments=(Attachment("журнал.txt", "text/plain", 10),),
    )
    assert "Вложения этого письма клиенту не переданы" in note_to_team(answers.desk.take(letter, START))


@pytest.mark.parametrize("said", ["Закрыто", "Done", "закрываем", "Отказано", "можно закрывать"])
def test_the_word_that_a_notice_names_is_carried_out(answers: Answers, said: str) -> None:
    """Who follows the notice must not get it once more."""
    note = note_to_team(answers.answer(said))
    word = note.partition("поставьте слово «")[2].partition("»")[0]
    answers.answer(f"{word} 1.4" if word == "отказ" else word)
    assert answers.ticket.status is Status.CLOSED


@pytest.mark.parametrize("other", ["Обновите приложение до версии 3.3.", "беру", "закрыть"])
def test_whoever_acts_otherwise_lets_the_held_letter_go_by(answers: Answers, other: str) -> None:
    """What was held before is not sent by a word that is meant for something else."""
    answers.answer(NOTE)
    answers.answer(other)
    assert answers.ticket.held is None
    assert NOTE not in str(to_client(answers.answer("ответ")))


def test_a_note_in_between_leaves_the_held_letter(answers: Answers) -> None:
    answers.answer(NOTE)
    answers.answer("заметка\nперезвонить")
    assert to_client(answers.answer("ответ")) == [("reply", NOTE)]


def test_nobody_but_a_verified_specialist_releases(answers: Answers) -> None:
    answers.answer(NOTE)
    assert to_client(answers.answer("ответ", verdict=Verdict.GRAY)) == []
    assert to_client(answers.answer("ответ", by="thief@evil.example")) == []
    assert answers.ticket.held is not None


def test_a_letter_delivered_twice_is_held_once(answers: Answers) -> None:
    """Its record meets its own condition."""
    answers.answer(NOTE)
    envelope = f"{MDO}-{answers.desk.taken}"
    letter = a_letter("anything", ses_message_id=envelope, received_at=answers.at)
    assert receive(letter, MDO, answers.desk.store, KEYS, answers.at) is None
    assert len(answers.events(AnswerHeld)) == 1


def test_an_empty_letter_releases_nothing(answers: Answers) -> None:
    """Only the word does."""
    answers.answer(NOTE)
    sent = answers.answer("С уважением,\nАнна")
    assert to_client(sent) == []
    assert "нет текста для клиента" in note_to_team(sent)


def test_a_question_that_is_held_is_released_as_a_question(answers: Answers) -> None:
    answers.answer("Вопрос: клиент вообще платит?")
    assert to_client(answers.answer("ответ")) == [("question", "клиент вообще платит?")]
    assert answers.ticket.status is Status.AWAITING_REQUESTER


@pytest.mark.parametrize(
    "text", ["закрыть\nклиент сам разобрался", "Отказать 1.4\nпочта левая", "закрыть\nтестовая заявка"]
)
def test_what_cannot_be_undone_waits_where_its_text_is_no_text_for_the_client(answers: Answers, text: str) -> None:
    assert to_client(answers.answer(text)) == []
    assert not answers.ticket.closed_at
    assert to_client(answers.answer("ответ"))
    assert answers.ticket.closed_at


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("закрть", "«закрыть»"),
        ("Закрой", "«закрыть»"),
        ("закрыть, сам разобрался", "«закрыть»"),
        ("Отказать: не положено", "«отказать»"),
        ("Критично: у всех упало", "«критично»"),
        ("закрыть?", "Похоже на команду «закрыть»"),
        ("Отказать 1.4 Пришлите должность", "«отказать 1.4»"),
        ("Обновите приложение.\n\nзакрыть", "«закрыть»"),
        ("помощь", "«закрыть»"),
    ],
)
def test_what_is_nearly_a_command_is_not_guessed(answers: Answers, text: str, named: str) -> None:
    sent = answers.answer(text)
    assert to_client(sent) == []
    assert named in note_to_team(sent)
    assert answers.ticket.status is Status.OPEN
    assert answers.stopped_at is None


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Вопрос: какая версия?", "question", "какая версия?"),
        ("Вопрос: какая версия?\nИ какой телефон?", "question", "какая версия?\nИ какой телефон?"),
        ("**Решение** — обновите приложение.", "solution", "обновите приложение."),
        ("Ответ: да, можно.", "reply", "да, можно."),
        ("Ответ\nя в отпуске до 30 ноября, напишите Петрову", "reply", "я в отпуске до 30 ноября, напишите Петрову"),
    ],
)
def test_a_command_with_its_text_on_the_line_is_that_command(
    answers: Answers, text: str, kind: str, words: str
) -> None:
    assert to_client(answers.answer(text)) == [(kind, words)]


def test_a_refusal_takes_the_clause_from_its_line(answers: Answers) -> None:
    """The text is what stands below it."""
    (refused,) = [mail for mail in answers.answer("Отказать 1.4\nСведений нет.") if mail.kind == "refused"]
    assert (refused.clause, refused.params["text"]) == ("1.4", "Сведений нет.")


def test_a_note_with_its_text_on_the_line_is_a_note(answers: Answers) -> None:
    sent = answers.answer("Заметка: клиент пишет третий раз за неделю")
    assert sent == []
    assert answers.stopped_at is None


def test_whoever_takes_a_request_and_writes_more_is_told_that_the_text_did_not_go(answers: Answers) -> None:
    """The clock stops, and the word sends the text."""
    sent = answers.answer("Взял в работу, до вечера исправим")
    assert to_client(sent) == []
    assert answers.stopped_at == answers.at
    assert "взято в работу" in note_to_team(sent)
    assert to_client(answers.answer("ответ")) == [("reply", "Взял в работу, до вечера исправим")]


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: карточка", "👍"),
        ("Отзыв: карточка", 'Олег Ветров хотел бы отозвать сообщение "карточка".'),
        (
            "Прочитано: карточка",
            "Ваше сообщение\n\n  Кому: specialist1\n  Тема: карточка\n\nпрочитано 24.11.2026 10:30.",
        ),
    ],
)
def test_what_a_mail_program_sends_by_itself_goes_to_nobody_and_stops_nothing(
    answers: Answers, subject: str, text: str
) -> None:
    answers.answer(NOTE)
    assert to_client(answers.answer(text, subject=subject)) == []
    assert answers.stopped_at is None
    assert answers.ticket.held is not None, "a program's letter is no act of anybody"


@pytest.mark.parametrize("text", ["Добрый день!", "Здравствуйте, Ольга Игоревна.", "Hello,", "..."])
def test_a_greeting_alone_is_no_answer(answers: Answers, text: str) -> None:
    sent = answers.answer(text)
    assert to_client(sent) == []
    assert "нет текста для клиента" in note_to_team(sent)


def test_what_could_not_be_done_is_told_in_russian_with_how_to_go_on(answers: Answers) -> None:
    note = note_to_team(answers.answer("отказ\nТакого мы не делаем."))
    assert "нужен пункт Регламента" in note
    assert "«отказать " in note
    assert "--" not in note


def test_the_notice_leaves_under_the_anchor_with_the_specialists_lines_marked(answers: Answers) -> None:
    (told,) = answers.answer(NOTE)
    text = text_of(render_mail(addressed(told), KEYS, answers.at))
    assert text.startswith("Ответ клиенту пишите выше этой строки\n\n")
    assert f"\n> {NOTE}\n" in text
