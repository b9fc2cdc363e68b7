"""Whether it can be told what the writer wants.

Clauses: Storeolis 2.1 and 2.2 (tasks are stated exactly and clearly); elsewhere a house rule.
"""

from __future__ import annotations

import re

from domain.findings import Finding, Identification, Outcome, Rule
from domain.letter import Letter
from domain.russian.phrases import Phrases, found_in, is_phrase, without
from domain.russian.words import sentences, visible, words

_PREFIX = re.compile(r"^\s*(?:(?:re|fwd?|отв|пересл)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_ERROR_CODE = re.compile(r"[45]\d\d")
"""Of HTTP (RFC 9110 section 15): what a browser shows."""
_FEWEST_LETTERS = 8
_LATIN_AND_CYRILLIC = re.compile("[A-Za-z\u0400-\u04ff]+")
_SEND_IN_CLEAR = "текст обращения без шифрования: ваше письмо зашифровано, и прочитать его мы не можем"
_MAILBOX = re.compile(r"[^\s@]{1,64}@\S{1,255}")


class ClarityRule(Rule):
    """What says nothing of a request, and what the writer is asked instead."""

    filler: Phrases
    """Greetings, thanks, "information attached", "need help", an application named with nothing about it."""
    fault: Phrases
    """Words of a fault: they say enough once something is named that fails."""
    least_words: int = 2
    """So many words must remain when filler and the writer's own details are taken away."""
    hints: tuple[str, ...]
    """What the writer is asked for, a line each."""


def examine(letter: Letter, rule: ClarityRule, known: Identification, *, ignoring: tuple[str, ...] = ()) -> Finding:
    """Return whether the letter states no task (Storeolis 2.2): empty, a greeting, "не работает" and no more.

    `ignoring` are folded words that say nothing either, such as those of an offence. An encrypted letter says nothing
    that anybody could read, whatever its subject says: first of all it is asked for in clear.
    """
    remaining = _content(letter, rule, known, ignoring)
    text = f"{_PREFIX.sub('', letter.subject)}\n{letter.visible_text}"
    said = sentences(text)
    is_fault = any(found_in(sentence, rule.fault) and not is_phrase(sentence, rule.fault) for sentence in said)
    readable = not _is_garbled(text)
    enough = (
        readable and not letter.encrypted and (len(remaining) >= rule.least_words or (is_fault and len(remaining) == 1))
    )
    if letter.encrypted:
        evidence = "письмо зашифровано, прочитать его нельзя"
    elif letter.attachments and not letter.visible_text.strip():
        evidence = "в письме только вложение" if not remaining else f"во вложении и в теме: «{' '.join(remaining)}»"
    elif not letter.visible_text.strip():
        evidence = "письмо пустое"
    elif not readable:
        evidence = "текст письма не читается"
    else:
        evidence = "в письме нет задачи: " + (f"сказано только «{' '.join(remaining)}»" if remaining else "общие слова")
    return Finding(
        rule="clarity",
        clause=rule.clause,
        mode=rule.mode,
        matched=not enough,
        evidence=() if enough else (evidence,),
        outcome=Outcome.ASK,
        reason="unclear",
        params={} if enough else _asked_for(letter, rule),
    )


def _asked_for(letter: Letter, rule: ClarityRule) -> dict[str, str]:
    if not letter.encrypted:
        return {"hints": "\n".join(rule.hints)}
    return {"hints": "\n".join((_SEND_IN_CLEAR, *rule.hints)), "encrypted": "yes"}


def _is_garbled(text: str) -> bool:
    """True where most letters are such as come of a wrong charset: «Ïðèâåò», «РџСЂРёРІРµС‚»."""
    letters = "".join(filter(str.isalpha, text))
    if len(letters) < _FEWEST_LETTERS:
        return False
    foreign = len(_LATIN_AND_CYRILLIC.sub("", letters))
    leading = letters.count("Р") + letters.count("С")  # of UTF-8 that was read as windows-1251
    if foreign * 2 > len(letters):
        return True
    return leading * 3 > len(letters) and sum(map(str.isupper, letters)) < len(letters) * 0.8


def _is_filled_in(line: str, own: set[str]) -> bool:
    """Return whether a line is a form's label with the writer's own detail after it."""
    label, colon, value = line.partition(":")
    return bool(colon and label.strip() and len(label) <= 40) and all(
        word in own or word[0].isdigit() or word[0] == "+" for word in words(value)
    )


def _says_something(word: str) -> bool:
    """False for numbers, which are telephones, dates and contracts; the code of an error says what happened."""
    return not word.isdigit() or bool(_ERROR_CODE.fullmatch(word))


def _content(letter: Letter, rule: ClarityRule, known: Identification, ignoring: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that say what the letter is about."""
    own = {
        part
        for value in (
            known.full_name,
            known.organisation,
            known.position,
            known.site,
            letter.sender.name if letter.sender else "",
        )
        for part in words(value or "")
    }
    said = "\n".join(line for line in letter.visible_text.splitlines() if not _is_filled_in(line, own))
    text = visible(f"{_PREFIX.sub('', letter.subject)}\n{said}")
    if "@" in text:
        text = _MAILBOX.sub(" ", text)
    left: dict[str, None] = {}
    for sentence in sentences(text):
        for word in without(sentence, rule.filler):
            if word not in own and word not in ignoring and len(word) > 1 and _says_something(word):
                left[word] = None
    return tuple(left)
