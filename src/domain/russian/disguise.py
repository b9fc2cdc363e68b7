"""Words behind their disguises: look-alike letters, digits and signs, spaces and dots, hidden and repeated letters.

What is written so that a filter should not read it (Storeolis 2.6) is read here; whether it offends is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

# What each foreign letter, digit or sign may stand for, by its shape or its sound, within a word that has Cyrillic.
_STANDS_FOR = {
    "a": "а", "b": "вбь", "c": "с", "d": "д", "e": "е", "g": "гд", "h": "нх", "i": "и", "k": "к", "l": "л", "m": "м", "n": "пн",
    "o": "о", "p": "рп", "r": "гря", "s": "с", "t": "т", "u": "иу", "v": "в", "w": "шщ", "x": "х", "y": "уй", "z": "з",
    "0": "о", "1": "ил", "3": "зе", "4": "ч", "6": "б", "9": "я", "@": "а", "$": "с", "!": "и", "|": "и", "€": "е",
    "і": "и", "ї": "и", "є": "е", "ў": "у", "ұ": "у", "ү": "у", "ӯ": "у", "һ": "н", "ѕ": "с", "ј": "й", "қ": "к", "ң": "н", "ғ": "г",
    "ε": "е", "α": "а", "ο": "о", "υ": "у", "χ": "х", "π": "п",
}  # fmt: skip
_MOST_FOREIGN = 5
"""With more of them only the first of what each stands for is tried: a hostile word must not cost more."""
# A word all of whose letters exist in both alphabets is tried in Cyrillic too: `xyeta`, `cyka`.
_HOMOGLYPHS = str.maketrans("aceopxykmtbh", "асеорхукмтвн")
_SIGNS = "*@#$%•_·.…?&^~=+!|"
_HIDING = "*@#$%•_·.?&^~=+"
_HIDING_ANY = frozenset(_HIDING + "…-")
_CYRILLIC = re.compile(r"[а-я]")
_DIGIT = re.compile(r"\d")
# One group of letters, digits and signs; a dot, `?`, `!` or hyphen belongs to it only within a word.
_TOKEN = re.compile(
    r"(?:[^\W_]|[*@#$€%•·…&^~_|]|(?<=\w)[.?!]+(?=[а-яёa-z])|(?<=[а-яёa-z*])-(?=[а-яёa-z*])|(?<=[а-яё])-{2,6}(?=[а-яё]))+",
    re.IGNORECASE,
)
# Single letters parted each time alike: `х у й`, `п.и.з`, `б_л_я`.
_SPELT_OUT = re.compile(
    r"(?<![^\W_])[а-яёa-z0-9](?P<by>[ .\-_*/|]{1,3})(?:[а-яёa-z0-9@](?P=by)){1,24}[а-яёa-z](?![^\W_])", re.IGNORECASE
)
_REPEATED = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"(.)\1+")
_LOOK_ALIKES = re.compile(r"[aceopxykmtbh]+")
_PLAIN = re.compile(r"[а-я]+")
_NUMBER = re.compile(r"\d{3}")
_LONGEST = 40
_LETTERS_HIDDEN = {1: (1, 1), 2: (1, 4)}
"""How many letters so many signs may hide: one hides one, two are put for any few, more of them are about as many."""
_SHORT_WITH_HYPHEN = ("х-й",)


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """Return the words of `text` with the signs in them, as they stand there and folded; codes are left out.

    Short capitals with digits are an article's or a contract's number, never a word in disguise.
    """
    for match in _TOKEN.finditer(text):
        token = match[0]
        if len(token) <= _LONGEST and not (len(token) <= 6 and token.isupper() and _DIGIT.search(token)):
            yield token, fold_token(token)


def spelt_out(text: str) -> Iterator[tuple[str, str]]:
    """Return what is written a letter at a time, as it stands there, with the folded letters together.

    Capitals with dots are somebody's initials, not a word.
    """
    for match in _SPELT_OUT.finditer(text):
        letters = match[0].replace(match["by"], "")
        if "." in match["by"] and len(letters) <= 3 and not letters.islower():
            continue
        if letters[1:].islower() or letters.isupper():
            yield match[0], fold_token(letters)


def fold_token(token: str) -> str:
    """Return `token` in lower case with `ё` as `е`."""
    return token.lower().replace("ё", "е")


def is_plain(token: str) -> bool:
    """Return whether a folded token is Cyrillic letters none of which is doubled: it hides nothing and reads one way."""
    return len(token) > 1 and _PLAIN.fullmatch(token) is not None and _DOUBLED.search(token) is None


def readings(token: str) -> Iterator[str]:
    """Return the Cyrillic words that a folded token may stand for."""
    bare = token.strip(_SIGNS + "-")
    if len(bare) < 2:
        return
    if not _CYRILLIC.search(bare):
        if len(bare) >= 4 and _LOOK_ALIKES.fullmatch(bare):
            yield bare.translate(_HOMOGLYPHS)
        return
    if _PLAIN.fullmatch(bare):
        yield from _unstretched(bare)
        return
    if "-" in bare:
        yield from (part for part in bare.split("-") if _PLAIN.fullmatch(part))
    for reading in _translated(bare):
        yield from _unstretched(reading)


def unstretched(word: str) -> str:
    """Return `word` with each letter that is repeated three times or more written once."""
    return _REPEATED.sub(r"\1", word)


def _unstretched(word: str) -> Iterator[str]:
    yield unstretched(word)
    if _DOUBLED.search(word):
        yield _DOUBLED.sub(r"\1", word)


def _translated(bare: str) -> Iterator[str]:
    letters = sum(character.isalpha() for character in bare)
    digits = sum(character.isdigit() for character in bare)
    if (letters < 3 and not digits) or bare[-1].isdigit() or digits * 2 > letters or _NUMBER.search(bare):
        return  # initials, an article, a number
    choices = [_STANDS_FOR.get(sign, sign if _CYRILLIC.match(sign) else "") for sign in bare]
    foreign = sum(len(choice) > 1 for choice in choices)
    for reading in product(*(choice[: None if foreign <= _MOST_FOREIGN else 1] for choice in choices if choice)):
        yield "".join(reading)


@lru_cache(maxsize=16)
def _by_first_letter(vocabulary: tuple[str, ...]) -> dict[str, str]:
    """Return the folded words of `vocabulary` by their first letters, each list one text with a word a line."""
    found: dict[str, list[str]] = {}
    for word in vocabulary:
        folded = fold_token(word)
        found.setdefault(folded[0], []).append(folded)
    return {letter: "\n".join(words) for letter, words in found.items()}


def unmasked(token: str, vocabulary: tuple[str, ...], *, original: str = "") -> str | None:
    """Return the word of `vocabulary` that a folded token spells with some of its letters hidden, or None.

    One sign hides one letter, several about as many. The first letter is visible and another one; where less
    than half is, the last letter too, and the word, as it stands in `original`, is no name in capitals.
    """
    if _HIDING_ANY.isdisjoint(token):
        return None
    token = token.rstrip("?!.").replace("…", "...").strip("_")
    shown = sum(character.isalpha() for character in token)
    if not token or not token[0].isalpha() or shown < 2 or len(token) < 3 or any(c.isdigit() for c in token):
        return None
    if shown * 2 < len(token) and not (token[-1].isalpha() and not original[:1].isupper()):
        return None
    if "-" in token and shown < 4 and token not in _SHORT_WITH_HYPHEN:
        return None  # «б-ка», «р-н»: a hyphen shortens decent words too
    if _CYRILLIC.search(token):
        token = "".join(_STANDS_FOR.get(sign, sign)[0] if sign.isalpha() else sign for sign in token)
    words = _by_first_letter(vocabulary).get(token[0])
    if words is None:
        return None
    pattern = "".join(_hidden(part) for part in re.findall(r"[^\W_]+|[\W_]+", token))
    found = re.search(rf"(?m)^{pattern}$", words)
    return found[0] if found else None


def _hidden(part: str) -> str:
    if part[0].isalpha():
        return part
    least, most = _LETTERS_HIDDEN.get(len(part), (len(part) - 1, len(part) + 1))
    return f"[^\\W\\d_]{{{least},{most}}}"
