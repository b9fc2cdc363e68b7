"""What a specialist's letter asks the desk to do: a command on its first line, an answer to the client, or nothing yet.

An answer goes without ceremony. What looks like something else, and what cannot be undone and is not plain, is held:
the team is told what was understood, and the lone word «ответ» sends the letter as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.answer_text import AnswerText
from domain.letter import Letter
from domain.people import People
from domain.russian.absence import may_be_notice_of_absence
from domain.russian.command_words import (
    After,
    CommandLine,
    Sure,
    commands,
    is_command_alone,
    is_guessed,
    read_command,
)
from domain.russian.internal_lines import first_line, internal_reason, is_greeting_alone, without_sign_off
from domain.ticket.commands import Act, HoldAnswer, HoldReason, SpecialistAct
from domain.trust import Deed, may

_SENT = frozenset({Act.REPLY, Act.ASK, Act.SOLVE})
"""Acts that are nothing but a text for the client."""
_UNKNOWN = "unknown"
_NOT_AWAY = re.compile(
    r"\bвернусь\s+(?:к\s+вам\s+)?(?:с|со)\s+(?:\w+\s+)?(?:ответом|решением|информацией|новостями|результатом|сроками|уточнением)|\bвернусь\s+к\s+вам\b"
    r"|\b(?:был[аи]?|вернул(?:ся|ась)|выш(?:ел|ла))\s+(?:\w+\s+)?(?:в|из|с|на)\s+(?:отпуск\w*|больничн\w+|командировк\w+)|\b(?:на\s+время|на\s+период|во\s+время|заявлени\w+\s+на|график\w*)\s+(?:\w+\s+)?отпуск\w*|\bваш\w*\s+(?:\w+\s+)?отпуск\w*|отпуск\w*\s+в\s+график\w*",
    re.IGNORECASE,
)
"""Of an absence that is over, of somebody's leave as a matter, or of an answer that is promised."""
_SLASHED = re.compile(r"\s*([/\\|.][^\W\d]\w{1,20})(?=\s|$)")
"""How chats write a command; a full stop and a bar are the slash in the other keyboard layout."""
_MOST_LINES = 300
"""Lines of a letter that are looked at for a word that says that they are for the team."""
_HEADINGS = frozenset({"заметка", "пометка", "на заметку", "note", "notes", "private", "internal"})
"""Words of a note that a text for the client may have as a heading."""
_SHOWN = 80
"""Characters of the letter that a notice repeats."""


def is_specialist(letter: Letter, people: People) -> bool:
    """Return whether a letter speaks for the desk: only a verified address of its specialists does."""
    return (
        letter.sender is not None
        and may(letter.trust, Deed.SPEAK_FOR_THE_DESK)
        and letter.sender.address in people.specialists
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """A specialist's letter as it is understood."""

    letter: Letter
    by: str
    said: AnswerText
    names: frozenset[str]
    """The mailbox names of the desk's specialists, folded."""


def read_answer(letter: Letter, said: AnswerText, people: People) -> SpecialistAct | HoldAnswer:
    """Return what a specialist's letter asks for; `said` is its text without the team's letters in it."""
    assert letter.sender is not None  # of a specialist
    names = frozenset(address.partition("@")[0] for address in people.specialists)
    answer = Answer(letter, letter.sender.address, said, names)
    if said.label:
        return _held(answer, "", HoldReason.CARD, said.label)
    first, _, rest = said.text.partition("\n")
    found = read_command(first)
    if found is None and (slashed := _SLASHED.match(first)):
        return _held(answer, said.text, HoldReason.UNKNOWN_COMMAND, slashed[1])
    understood = _command(answer, found, rest.strip()) if found is not None else None
    return understood if understood is not None else _plain(answer)


def _command(answer: Answer, found: CommandLine, rest: str) -> SpecialistAct | HoldAnswer | None:
    """Return what a line asks for that is a command or nearly one; None where the whole is an answer all the same."""
    command, whole = commands()[found.act], answer.said.text
    if found.act == _UNKNOWN:
        is_answer = found.sure is not Sure.PLAIN or found.after is After.TEXT
        return None if is_answer else _held(answer, whole, HoldReason.UNKNOWN_COMMAND, found.word)
    act = Act(found.act)
    is_heading = found.sure is Sure.ALIKE and bool(rest) and act in _SENT  # «Решено!» above the answer
    if is_heading or (found.after is After.TEXT and command.text == "ordinary"):
        return None
    is_unsure = found.sure in (Sure.ALIKE, Sure.CUT) or (found.sure is Sure.MISTYPED and not is_guessed(found))
    if is_unsure or found.after is After.QUESTION:
        # The word that is carried out: a form that is only alike would be held once more.
        meant = command.words[0] if found.sure is Sure.ALIKE else found.word
        return _held(answer, whole, HoldReason.NEAR_COMMAND, meant)
    if found.after is After.COMMA and not command.comma:
        # «Не критично, снять»: what follows is no text for the client.
        told = internal_reason(found.text, answer.names, under_a_word=True)
        is_other = told is not None and told[0] != HoldReason.INTERNAL  # «Принято, спасибо» is an answer
        return _held(answer, whole, HoldReason(told[0]), told[1]) if told and is_other else None
    text = "\n".join(filter(None, (found.text, rest)))
    if not without_sign_off(text).strip():
        text = ""
    if act is Act.TAKE and text:
        return SpecialistAct(act, answer.by, whole, letter=answer.letter)
    if found.after is After.NOTHING or (found.after is After.TEXT and (command.text != "held" or found.clause)):
        return _carried_out(answer, act, text, found.clause)
    if command.text == "kept":
        return SpecialistAct(act, answer.by, text, letter=answer.letter)
    return _held(answer, whole, HoldReason.COMMAND_WITH_TEXT, " ".join(filter(None, (found.word, found.clause))))


def _carried_out(answer: Answer, act: Act, text: str, clause: str | None) -> SpecialistAct | HoldAnswer:
    """Return a plain act, held where its text for the client is not one; the word «ответ» says by itself that it is."""
    if act in (Act.ASK, Act.SOLVE, Act.CLOSE, Act.REFUSE) and (other := _another_command(text)):
        return _held(answer, text, HoldReason.COMMAND_BELOW, other, act, clause)
    if act in (Act.ASK, Act.SOLVE, Act.CLOSE, Act.REFUSE) and (
        told := internal_reason(text, answer.names, under_a_word=True)
    ):
        reason = HoldReason(told[0])
        if reason is not HoldReason.HANDED_ON or act not in _SENT:  # «Решение: поставить галочку»
            return _held(answer, text, reason, told[1], act, clause)
    if act in (Act.CLOSE, Act.REFUSE) and text[:1].islower():
        # Who writes to a client begins with a capital; «закрыть» with «сам разобрался» below it is a note.
        return _held(answer, text, HoldReason.INTERNAL, text.partition("\n")[0], act, clause)
    return SpecialistAct(act, answer.by, text, clause=clause, letter=answer.letter)


def _plain(answer: Answer) -> SpecialistAct | HoldAnswer:
    """Return an answer without a command: it goes, unless it seems to be something else."""
    letter, text = answer.letter, answer.said.text
    if is_greeting_alone(text):
        return _held(answer, "", HoldReason.NO_TEXT, "")
    if (
        letter.kind_by_words
        or letter.null_path
        or letter.unanswered
        or may_be_notice_of_absence(_NOT_AWAY.sub(" ", text))
    ):
        return _held(answer, text, HoldReason.AWAY, "")
    if other := _another_command(text):
        return _held(answer, text, HoldReason.COMMAND_BELOW, other)
    if told := internal_reason(text, answer.names):
        return _held(answer, text, HoldReason(told[0]), told[1])
    if answer.said.below:
        return _held(answer, text, HoldReason.BELOW_THE_QUOTATION, answer.said.below)
    return SpecialistAct(Act.REPLY, answer.by, text, letter=letter)


def _another_command(text: str) -> str | None:
    """Return the command that is all of a text's first line behind a greeting, or of its last; None where none is."""
    said = without_sign_off(text).strip()
    for line in (first_line(said), said.rpartition("\n")[2]):
        found = is_command_alone(line)
        if found is not None and found.act != _UNKNOWN and Act(found.act) not in _SENT:
            return " ".join(filter(None, (found.word, found.clause)))
    marked = (read_command(line) for line in said.split("\n")[:_MOST_LINES])
    return next((found.word for found in marked if found is not None and _says_for_the_team(found)), None)


def _says_for_the_team(found: CommandLine) -> bool:
    """Return whether a line says wherever it is that what follows is for the team: «для своих: …», and no bare «заметка»."""
    return found.act == Act.NOTE and found.sure is Sure.PLAIN and found.word not in _HEADINGS


def _held(
    answer: Answer, text: str, reason: HoldReason, words: str, act: Act = Act.REPLY, clause: str | None = None
) -> HoldAnswer:
    shown = words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"
    note = [
        _UNDERSTOOD[reason].format(words=shown),
        "Клиенту это письмо не отправлено, срок реакции оно не остановило.",
    ]
    if text:
        note.append(
            f"Чтобы {_RELEASES[act]}, ответьте на это письмо одним словом «ответ». "
            "Если письмо для своих, ничего делать не нужно: оно сохранено в обращении."
        )
    return HoldAnswer(answer.letter, answer.by, text, reason, " ".join(note), act, clause)


_UNDERSTOOD: Mapping[HoldReason, str] = {
    HoldReason.NEAR_COMMAND: "Похоже на команду «{words}», но наугад команды не исполняются. Чтобы исполнить её, "
    "ответьте на это письмо и поставьте слово «{words}» отдельной первой строкой.",
    HoldReason.COMMAND_WITH_TEXT: "За словом «{words}» на той же строке идёт текст: команда это или ответ, неясно. Чтобы "
    "исполнить команду, ответьте на это письмо и поставьте «{words}» отдельной первой строкой.",
    HoldReason.UNKNOWN_COMMAND: "Команды «{words}» по почте нет. Понимаются слова «ответ», «вопрос», «решение», «беру», «принять», "
    "«отказать», «закрыть», «открыть», «заметка», «критично», «не критично», «принято» отдельной первой строкой.",
    HoldReason.COMMAND_BELOW: "В письме есть отдельная строка «{words}», а команда читается одна и только с первой строки. "
    "Чтобы исполнить её, ответьте на это письмо: «{words}» первой строкой, текст для клиента — под ней.",
    HoldReason.COLLEAGUE: "Похоже, что письмо обращено к коллеге («{words}»).",
    HoldReason.HANDED_ON: "Похоже на поручение или памятку для своих («{words}»).",
    HoldReason.ABOUT_THE_CLIENT: "Похоже, что здесь говорится о клиенте, а не с ним («{words}»).",
    HoldReason.INTERNAL: "Похоже на пометку для своих («{words}»).",
    HoldReason.AWAY: "Похоже на автоответ об отсутствии.",
    HoldReason.CARD: "В письме осталась строка карточки, которую клиенту видеть нельзя («{words}»). Ответьте ещё раз без "
    "неё: текст для клиента — выше цитаты.",
    HoldReason.BELOW_THE_QUOTATION: "В цитате или под ней есть текст, которого в обращении ещё не было («{words}»): ваш он или "
    "чужой, неясно, и клиенту он не уйдёт. Если он нужен, ответьте ещё раз и напишите всё выше цитаты.",
    HoldReason.NO_TEXT: "В письме нет текста для клиента: только приветствие, подпись или переписка. Ответьте ещё раз "
    "и напишите всё выше цитаты.",
}
"""What the team is told that a held letter was taken for, and how to go on."""

_RELEASES: Mapping[Act, str] = {
    Act.REPLY: "текст ушёл клиенту как есть",
    Act.ASK: "текст ушёл клиенту вопросом",
    Act.SOLVE: "текст ушёл клиенту как решение",
    Act.CLOSE: "обращение закрылось с этим текстом",
    Act.REFUSE: "клиенту ушёл отказ с этим текстом",
}
"""What the lone word «ответ» does with a held letter, by what it asked for."""
