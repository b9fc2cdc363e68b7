"""Obscene words and insults written by the sender, now.

Clause: Storeolis 2.6 (obscene language and insults); elsewhere a house rule. The new text and the subject are
read, never quoted history. Words are recognised behind look-alike letters, digits, spaces, dots, asterisks and
transliteration; an insult needs an addressee, and a reported one is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from domain.findings import Finding, Mode, Outcome, Rule
from domain.intake.identification import Expression
from domain.intake.words import Phrases, found_in, sentences, visible, without_quotations, words
from domain.letter import Letter

# Latin letters, digits and signs that are drawn like Cyrillic ones; read so only inside a word that has Cyrillic.
_LOOKS_LIKE = str.maketrans(
    {
        "a": "а", "b": "в", "c": "с", "e": "е", "h": "н", "k": "к", "m": "м", "o": "о", "p": "р", "t": "т", "x": "х",
        "y": "у", "u": "и", "i": "и", "n": "п", "r": "г", "d": "д", "l": "л", "s": "с", "z": "з",
        "0": "о", "3": "з", "4": "ч", "6": "б", "@": "а", "€": "е", "і": "и", "ї": "и", "є": "е", "ӯ": "у", "һ": "н",
    }
)  # fmt: skip
# A word all of whose letters exist in both alphabets is tried in Cyrillic too: `xyй`, `cyka`.
_HOMOGLYPHS = str.maketrans("aceopxykmtbh", "асеорхукмтвн")
_MASKS = "*@#$%_•·.…?&^~=+"
_CYRILLIC = re.compile(r"[а-я]")
_TOKEN = re.compile(r"(?:[^\W_]|[*@#$€%•·…&^~_]|(?<=\w)[.?]+(?=[а-яa-z])|(?<=[а-яa-z])-(?=[а-яa-z]))+")
_SPACED = re.compile(r"(?<![^\W_])(?:[а-яa-z][ .\-_*]{1,2}){2,}[а-яa-z](?![^\W_])")
_WEB = re.compile(
    r"[^\s@]{1,64}@[^\s@]{1,255}\.\w{2,24}|https?://\S+"
    r"|\b(?:[\w-]{1,63}\.){1,8}(?:ru|com|org|net|example|рф|su|онлайн|shop|store|io|me)\b\S*"
)


class ObscenityRule(Rule):
    """The words, as stems that are data of the edition, and what excuses them."""

    insult_mode: Mode = Mode.SUGGEST
    """Instead of `mode`, for an insult without obscene words: more depends on who is meant."""
    roots: tuple[Expression, ...]
    """Obscene words: expressions that a whole folded word must begin with."""
    exceptions: tuple[Expression, ...] = ()
    """Decent words that begin alike."""
    masked: tuple[str, ...]
    """Whole words that are recognised with some letters hidden: `х*й`."""
    translit: tuple[Expression, ...]
    """The same in Latin letters, and English ones."""
    sayings: Phrases = ()
    """Obscene only together: a sending off."""
    interjections: Phrases = ()
    """Obscene only as an exclamation between commas, decent as a word of the trade."""
    insults: Phrases
    """Words that insult whoever they are said of."""
    addressees: Phrases
    """Whom a letter to the desk addresses: you, your staff."""
    insult_phrases: Phrases = ()
    """Insults that carry their addressee."""
    reported: Phrases = ()
    """Somebody else's insult, told or complained of, and what the writer says of himself."""


def examine(letter: Letter, rule: ObscenityRule) -> tuple[Finding, str | None]:
    """Return the finding, and `obscene`, `insult` or None (Storeolis 2.6)."""
    text = f"{letter.subject}\n{letter.visible_text}"
    spelt = obscene_words(text, rule)
    sayings = tuple(hit for sentence in sentences(text) if (hit := found_in(sentence, rule.sayings)))
    sayings += _exclaimed(text, rule)
    insult = None if spelt or sayings else insult_in(text, rule)
    offence = "obscene" if spelt or sayings else "insult" if insult else None
    evidence = (*spelt, *sayings) if offence == "obscene" else ((insult,) if insult else ())
    return (
        Finding(
            rule="obscenity",
            clause=rule.clause,
            mode=rule.insult_mode if offence == "insult" and rule.mode is Mode.AUTOMATIC else rule.mode,
            matched=offence is not None,
            evidence=tuple(f"«{word}»" for word in evidence),
            outcome=Outcome.REFUSE,
            reason="offence",
            params={"offence": offence} if offence else {},
        ),
        offence,
    )


def obscene_words(text: str, rule: ObscenityRule) -> tuple[str, ...]:
    """Return the obscene words of `text` as they stand there, in order."""
    folded = _WEB.sub(" ", visible(text).lower().replace("ё", "е"))
    return tuple(dict.fromkeys(word for word in _tokens(folded) if is_obscene(word, rule)))


def is_obscene(token: str, rule: ObscenityRule) -> bool:
    """Return whether one folded token is an obscene word, whichever way it is written."""
    return (
        any(_is_root(reading, rule) for reading in _readings(token))
        or _is_masked(token, rule)
        or _is_latin(token, rule)
    )


def insult_in(text: str, rule: ObscenityRule) -> str | None:
    """Return the words of the first insult that the writer addresses to the desk, or None."""
    for sentence in sentences(without_quotations(text, longer_than=0)):
        if found_in(sentence, rule.reported):
            continue
        if phrase := found_in(sentence, rule.insult_phrases):
            return phrase
        word = found_in(sentence, rule.insults)
        if word and _addressed(sentence, word, rule):
            return word
    return _vocative(text, rule)


def _exclaimed(text: str, rule: ObscenityRule) -> tuple[str, ...]:
    if any(found_in(sentence, rule.reported) for sentence in sentences(text)):
        return ()
    pieces = (" ".join(words(piece)) for piece in re.split(r"[,.!?…\n-]+", visible(text)))
    return tuple(piece for piece in pieces if piece and found_in(piece, rule.interjections) == piece)


def _vocative(text: str, rule: ObscenityRule) -> str | None:
    """Return an insult that is a sentence's whole address: «Идиоты, …», «…, козлы!»."""
    for sentence in re.split(r"[.!?\n]+", visible(without_quotations(text, longer_than=0))):
        pieces = sentence.split(",")
        if len(pieces) < 2 or any(found_in(part, rule.reported) for part in sentences(sentence)):
            continue
        for piece in (pieces[0], pieces[-1]):
            address = " ".join(words(piece))
            if len(address.split()) <= 2 and (hit := found_in(address, rule.insults)) and _whole(sentence, rule):
                return hit
    return None


def _whole(sentence: str, rule: ObscenityRule) -> bool:
    return any(found_in(part, rule.addressees) for part in sentences(sentence)) or len(sentence.split()) <= 6


def _addressed(sentence: str, insult: str, rule: ObscenityRule) -> bool:
    """True where an addressee stands within five words of the insult."""
    said = sentence.split()
    length = len(insult.split())
    at = next(i for i in range(len(said)) if " ".join(said[i : i + length]) == insult)
    near = " ".join(said[max(0, at - 5) : at + length + 5])
    return found_in(near, rule.addressees) is not None


def _tokens(folded: str) -> Iterator[str]:
    spaced = [re.sub(r"[ .\-_*]", "", match[0]) for match in _SPACED.finditer(folded)]
    yield from spaced
    yield from (match[0] for match in _TOKEN.finditer(folded))


def _readings(token: str) -> Iterator[str]:
    """Return the Cyrillic words that a token may stand for."""
    bare = token.strip("*@#$%•·…&^~_-.?")
    if not bare:
        return
    if _CYRILLIC.search(bare):
        yield re.sub(r"(.)\1{2,}", r"\1", bare)
        if not re.fullmatch(r"[а-я]+", bare):
            yield re.sub(r"[^а-я]", "", bare.translate(_LOOKS_LIKE))
        yield from bare.split("-") if "-" in bare else ()
    elif re.fullmatch(r"[aceopxykmtbh]+", bare) and len(bare) >= 4:
        yield bare.translate(_HOMOGLYPHS)


@lru_cache(maxsize=16)
def _any_of(expressions: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{expression})" for expression in expressions) or r"(?!)")


def _is_root(word: str, rule: ObscenityRule) -> bool:
    return bool(_any_of(rule.roots).match(word)) and not _any_of(rule.exceptions).match(word)


def _is_latin(token: str, rule: ObscenityRule) -> bool:
    bare = token.strip("@#$%•·…&^~_-.?")
    if not re.fullmatch(r"[a-z*@$!1]+", bare) or not re.search(r"[a-z]", bare):
        return False
    return _any_of(rule.translit).fullmatch(bare.translate(str.maketrans("@$1!", "asii"))) is not None


@lru_cache(maxsize=16)
def _by_length(masked: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    lengths: dict[int, list[str]] = {}
    for word in masked:
        lengths.setdefault(len(word), []).append(word.replace("ё", "е"))
    return {length: tuple(words) for length, words in lengths.items()}


def _is_masked(token: str, rule: ObscenityRule) -> bool:
    """True where the visible letters of a token with hidden ones spell a known word, sign for letter.

    At least two letters, the first among them, and half of the word must be visible.
    """
    token = token.rstrip("?") if token.endswith("?") else token
    if not any(sign in token for sign in _MASKS):
        return False
    token = token.replace("…", "...")
    shown = sum(character.isalpha() for character in token)
    if len(token) < 3 or not token[0].isalpha() or shown < 2 or shown * 2 < len(token):
        return False
    return any(
        all(shown_ == hidden or shown_ in _MASKS for shown_, hidden in zip(token, word, strict=True))
        for word in _by_length(rule.masked).get(len(token), ())
    )
