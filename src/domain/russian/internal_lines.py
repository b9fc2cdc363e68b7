"""What a specialist's letter has that is meant for the team: a colleague spoken to, a task handed on, the client in the third person.

The words are data (`internal_lines.toml`). What is quoted («…») is nobody's own and is not looked at.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from domain.russian.command_words import other_layout
from domain.russian.declension import is_called_short, is_short_in_a_case
from domain.russian.linear_model import model_of, score
from domain.russian.phrases import PhraseList, hits, is_phrase
from domain.russian.words import Sentence, fold, sentences, visible, without_quotations

_FILE = Path(__file__).with_suffix(".toml")
_LONGEST = 20_000
_LONGEST_LINE = 1_000
_MENTION = re.compile(
    r"^[^\w@\n]{0,8}(?:(?:fyi|cc|копия|привет|коллеги)[\s,:]{1,3})?[@+](?=[^\W\d])[\w.-]{2,64}(?![\w.-]*@)",
    re.IGNORECASE | re.MULTILINE,
)
"""`@name` or `+name` that begins a line: how chats and mail programs name the one who should read it."""
_ARROW = re.compile(r"[^\w\n]{0,3}?(?:->|=>|-->|→|➔|⇒|»»)\s*\w{2,}")
_TRACKER = re.compile(
    r"\W{0,3}(?:см|смотри|задача|задачу|тикет|баг|дубль|дубликат)\b\W{0,3}(?:[A-Z]{2,10}-\d{1,6}\b|чат|тикет|переписк|джир|crm\b|срм\b|телег)",
    re.IGNORECASE,
)
"""The key of a task in a tracker, as Jira numbers them, or where colleagues have talked: it says nothing to a client."""
_TAG = re.compile(r"[^\w\n#]{0,3}#[^\W\d]\w{1,40}")
"""A hash tag, by which a note is sorted."""
_CALLED = re.compile(
    r"\W{0,3}(?:(?:привет|добрый\s+день|здравствуй)[\s,]{1,3})?(?P<name>[^\W\d_]{2,12})\s?[,!]", re.IGNORECASE
)
_SPEAKS_TO_CLIENT = re.compile(r"\b(?:вы|вам|вас|вами|ваш\w{0,3})\b", re.IGNORECASE)
_SPEAKS_TO_SOMEBODY = re.compile(
    rf"{_SPEAKS_TO_CLIENT.pattern}|\b(?:здравствуй|добр(?:ый|ое|ого)\b|привет|спасибо|пожалуйста|извин\w+|прошу\s+прощени|сорри|\w{{2,}}(?:йте|ите|ьте|ете|ёте)(?:сь)?\b)",
    re.IGNORECASE,
)
_THANKS_FOR = re.compile(r"\W*(?:большое\s+)?спасибо\s+за\b|\W*благодар\w+\s+за\b", re.IGNORECASE)
_SIGN_OFF = re.compile(
    r"^[^\w\n]{0,8}(?:с\s+уважением|с\s+ув\b|с\s+наилучшими|всего\s+доброго|хорошего\s+дня|best\s+regards|kind\s+regards|regards|sent\s+from|отправлено\s+(?:с|из))\b",
    re.IGNORECASE | re.MULTILINE,
)
_SMALL = re.compile(r"[\s*•(-]*[а-яё]")
_UNFINISHED = re.compile(r"[А-ЯЁа-яё][^\n@/:»\"]*\s[^\n@/:»\"]*\w", re.IGNORECASE)
"""Two words or more, the first of Russian, without an address or a sign at the end."""
_CLOSE_IT = re.compile(
    r"\b(?:закройте|закрывайте|переоткройте|откажите|отклоните|отклоняйте)(?:,?\s+пожалуйста)?(?=\s*(?:[.!]|$|,\s*(?:не\s?актуал|вопрос|клиент|он|дубл|спам)))",
    re.IGNORECASE | re.MULTILINE,
)
"""To close or to refuse, and nothing is named: who answers a client says what to close."""
_WE_DID = re.compile(r"\b\w{3,}(?:ли|лись)\b")
_LONGEST_NOTE = 90
_SHORT_LETTER = 400
_GREETING = re.compile(
    r"\W*(?:здравствуйте|здравствуй|(?:и\s+)?добр(?:ый|ого|ое|ой)\s+(?:день|дня|вечер|вечера|утро|утра|ночи|времени(?:\s+суток)?)|приветствую|привет|доброго|hello|hi|dear|good\s+(?:day|morning|afternoon|evening)|уважаем(?:ый|ая|ые))"
    r"(?:[\s,]{1,3}(?:коллеги|всем|(?-i:[А-ЯЁA-Z])[\w.-]{0,30})){0,4}?(?:[.!,]|\W*$)[^\w@]*",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?…;\n]++(?:[.!?…;]++(?!\s|$)[^.!?…;\n]*)*(?P<end>[.!?…;]*)")


_COMMON = frozenset(
    "не на что по это как но за то из так от до для если есть был была было быть уже или нет да все тоже только еще когда где почему "
    "кто чего тут там надо нужно можно ему ей его ее нам мне вам него них он она они мы вы ты при про под над без опять пока потом клиент "
    "этот эта эти этого ты тебе меня тебя сам себя нас вас ваш наш свой мой чем уж вот ли же бы со ко об".split()
)
"""Words that any Russian text is full of."""
_FEWEST_COMMON, _SHARE_OF_COMMON = 2, 5


SOUNDS_INTERNAL, SOUNDS_ORDINARY = 1.0, -3.0
"""Of the model: above the one a text is held though no phrase tells, below the other it goes though one does."""


class Signs(NamedTuple):
    """Phrases of one reason, by where in a letter they tell."""

    start: tuple[str, ...]
    signed: tuple[str, ...]
    asked: tuple[str, ...]
    alone: tuple[str, ...]
    first: tuple[str, ...]
    anywhere: tuple[str, ...]
    unless: tuple[str, ...]


@cache
def signs() -> dict[str, Signs]:
    """Return the table, by reason."""
    tables = tomllib.loads(_FILE.read_text("utf-8"))
    return {
        reason: Signs(*(PhraseList(map(fold, table.get(place, ()))) for place in Signs._fields))
        for reason, table in tables.items()
    }


def _reasons() -> list[tuple[str, Signs]]:
    return [(reason, found) for reason, found in signs().items() if reason != "short_answers"]


def is_greeting_alone(text: str) -> bool:
    """Return whether a text greets and says nothing more; a text without a word says nothing either."""
    said = without_sign_off(text)
    return re.search(r"\w", said) is None or (len(said) < 200 and _GREETING.fullmatch(said) is not None)


def _without_greeting(line: str) -> str:
    """Return a line without the greeting that it begins with."""
    greeting = _GREETING.match(line)
    return line[greeting.end() :] if greeting is not None and greeting.end() < len(line) else line


def without_sign_off(text: str) -> str:
    """Return a text without the courtesy and the name below it."""
    courtesy = _SIGN_OFF.search(text)
    return text[: courtesy.start()] if courtesy is not None else text


def first_line(text: str) -> str:
    """Return the first line that is more than a greeting."""
    lines = [line.strip() for line in text.split("\n") if re.search(r"\w", line)]
    return next((line for line in lines if not is_greeting_alone(line)), lines[0] if lines else "")


def internal_reason(
    text: str, names: frozenset[str] = frozenset(), *, under_a_word: bool = False
) -> tuple[str, str] | None:
    """Return why a text seems meant for the team and the words that say so; None for one that a client may get.

    `names` are the folded mailbox names of the desk's specialists. `under_a_word`: a command says what the text is,
    which may go on with a small letter then.
    """
    own = without_sign_off(without_quotations(text[:_LONGEST], longer_than=0))
    line = first_line(own)[:_LONGEST_LINE]
    if (mention := _MENTION.search(own)) and not mention[0].casefold().endswith("bot"):
        return "colleague", mention[0].strip()
    if written := _written_sign(own, line):
        return written
    if named := names.intersection(re.findall(r"[\w.-]+(?!@)\b", fold(line))):
        return "colleague", min(named)
    if (called := _CALLED.match(line)) and is_called_short(called["name"]) and not _SPEAKS_TO_CLIENT.search(own):
        return "colleague", called["name"]
    if (name := _short_name_in(line)) and not (_SPEAKS_TO_CLIENT.search(own) or _THANKS_FOR.match(own)):
        return "colleague", name
    told = _by_phrases(own, line) or (None if under_a_word else _as_a_note(own, line))
    if under_a_word:
        return told
    sounds = score(own.strip(), model_of("internal_lines"))
    if told is None:
        return ("internal", " ".join(line.split()[:5])) if sounds > SOUNDS_INTERNAL else None
    return told if sounds > SOUNDS_ORDINARY else None


def _written_sign(own: str, line: str) -> tuple[str, str] | None:
    """Return the reason and the words of what is written for colleagues without a name: an arrow, a tag, a task's key."""
    if meant := _in_the_other_layout(own):
        return "internal", meant
    for reason, sign in (("handed_on", _ARROW), ("internal", _TAG), ("internal", _TRACKER)):
        if found := sign.match(line):
            return reason, found[0].strip()
    close = _CLOSE_IT.search(own)
    return ("colleague", close[0].strip()) if close is not None else None


def _in_the_other_layout(own: str) -> str | None:
    """Return what a text says that was typed on a keyboard whose layout was not switched: no client can read it."""
    if re.search(r"[А-Яа-яЁё]", own):
        return None
    meant = other_layout(own).split()
    words = [word.strip('.,!?:;«»"()') for word in meant]
    known = [word for word in words if word in _COMMON]
    is_typed_so = len(known) >= _FEWEST_COMMON and len(known) * _SHARE_OF_COMMON >= len(words)
    return " ".join(meant[:8]) if is_typed_so else None


def _short_name_in(line: str) -> str | None:
    """Return a short name within a sentence, as colleagues call one another."""
    within = re.findall(r"(?<=[\w,:] )[А-ЯЁ][а-яё]{3,11}\b", line)
    return next(filter(is_short_in_a_case, within), None)


def _as_a_note(own: str, line: str) -> tuple[str, str] | None:
    """Return that a letter is written as notes are, and to nobody: from a small letter on, or one line without an end."""
    written = own.strip()
    is_line = "\n" not in written and len(written) <= _LONGEST_NOTE and _UNFINISHED.fullmatch(written) is not None
    is_small = _SMALL.match(own) is not None and len(own) <= _SHORT_LETTER
    if not (is_small or is_line) or _SPEAKS_TO_SOMEBODY.search(own):
        return None
    first = sentences(line)[0]
    short = signs()["short_answers"]
    answers = _WE_DID.search(first) is not None or any(hit.start == 0 for hit in hits(first, short.start))
    if answers and not any(hits(first, short.unless)):
        return None
    return "internal", " ".join(first.said[:5])


def _by_phrases(own: str, line: str) -> tuple[str, str] | None:
    read = own if len(own) <= _SHORT_LETTER else line
    said = [
        (sentence, found["end"])
        for found in _SENTENCE.finditer(_without_greeting(read))
        for sentence in sentences(found[0])
    ]
    in_line = len(sentences(_without_greeting(line)))
    whole = " ".join(sentence for sentence, _ in said)
    for reason, found in _reasons():
        if is_phrase(whole, found.alone):
            return reason, whole
        for number, (sentence, end) in enumerate(said):
            is_question = "?" in end and number < in_line
            if (told := _told(sentence, found, is_first=number == 0, is_question=is_question)) is not None:
                return reason, told
        if said and (signed := _signed(line, found.signed)) and not any(hits(said[0][0], found.unless)):
            return reason, signed
    for reason, found in _reasons():
        for sentence in sentences(visible(own)):
            for hit in hits(sentence, found.anywhere):
                return reason, " ".join(sentence.said[hit.start : hit.end])
    return None


def _told(sentence: Sentence, found: Signs, *, is_first: bool, is_question: bool) -> str | None:
    """Return the words of a sentence of the first line by which it is for the team; None where it is not."""
    told = [hit for hit in hits(sentence, found.start) if hit.start == 0] if is_first else []
    told += [hit for hit in hits(sentence, found.asked) if hit.start == 0] if is_question else []
    told += hits(sentence, found.first)
    if not told or any(hits(sentence, found.unless)):
        return None
    return " ".join(sentence.said[told[0].start : told[0].end])


def _signed(line: str, phrases: tuple[str, ...]) -> str | None:
    """Return the words of a phrase that begins a line and is parted from what follows by a sign, or has nothing behind it."""
    before = re.match(r"\W*([^:,;.!?()\[\]\n]{1,60}?)\s*(?:[:,;.!?()\]]|\s[-—–]\s|$)", line)
    sentence = sentences(before[1]) if before else ()
    return next((str(part) for part in sentence if is_phrase(part, phrases)), None)
