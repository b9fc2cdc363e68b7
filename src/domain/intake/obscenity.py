"""Obscene words and insults written by the sender, now.

Clause: Storeolis 2.6 (obscene language and insults); elsewhere a house rule. The new text and the subject are
read, never quoted history. Words are recognised behind their disguises (`disguise.py`); an insult needs an
addressee; what the writer only quotes or tells of, offends nobody.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from domain.findings import Finding, Mode, Outcome, Rule
from domain.intake.identification import Expression
from domain.letter import Letter
from domain.russian import disguise
from domain.russian.phrases import Phrases, found_in, is_phrase, may_be_in, near
from domain.russian.words import sentences, visible, words

_WEB = re.compile(
    r"[^\s@]{1,64}@[^\s@]{1,255}\.\w{2,24}|https?://\S+"
    r"|\b(?:[\w-]{1,63}\.){1,8}(?:ru|com|org|net|example|рф|su|онлайн|shop|store|io|me)\b\S*",
    re.IGNORECASE,
)
_MAY_BE_WEB = re.compile(r"@|://|\.(?:ru|com|org|net|example|рф|su|онлайн|shop|store|io|me)\b", re.IGNORECASE)
"""One of which all that `_WEB` finds has."""
_QUOTATION = re.compile(r"«[^«»]{0,500}»|\"[^\"\n]{0,500}\"|“[^“”]{0,500}”|„[^„“”]{0,500}[“”]")
_LATIN = re.compile(r"[a-z0-9*@$!']*[a-z][a-z0-9*@$!']*")
_LATIN_SIGNS = (str.maketrans("@$1!03", "asiioe", "'"), str.maketrans("@$1!036", "asiiozb", "'"))
_SENTENCE = re.compile(r"[^.!?…\n;]+[.!?…]*")
_PIECE_ENDS = re.compile(r"(?i:(?<!вы что)(?<!ты что)),(?! как (?:вы|ты)\b)|[:()«»\"“”„]")
_PIECE = re.compile(r"[,.!?…\n-]+")
_SENT_OFF = re.compile(
    r"(?<!\w)(?:(?:на|ни|какого|какой|нафиг|иди|идите)\s+х(?:[*#@•]+|\.{2,}|…)|(?:по|до)\s+х[*#@•]+)[^\W\d_]{0,2}(?!\w)",
    re.IGNORECASE,
)
"""A word of one letter and signs is told by what it always follows: «какого х…»."""
_OF_A_VALUE = re.compile(
    r"(?<!\w)(?:умнож|дели|делен|подел|сдви|смещ|координат|ос[ьи]\b|повор|оси\b|график|функци|переменн|интеграл|производн)|\bу\s?[.*=…]",
    re.IGNORECASE,
)
"""Beside these «х» is a value: «умножить на х…»."""
_OF_GOODS = re.compile(r"(?:товар|артикул|картин|карточк|категор|раздел|каталог|игруш|фильтр|фото|поиск|заказ|магазин)")
"""Where these are spoken of, an animal is one of them."""
_ONE_ALPHABET = re.compile(r"[а-я]+|[a-z]+")
_NEAR = 30
"""Characters around a letter with signs, in which it may be called a value."""
_BEFORE, _AFTER = 160, 80
"""Characters around a quotation in which it is introduced."""
_OBLIQUE = ("ов", "ев", "ей", "ам", "ям", "ами", "ями", "ах", "ом")
"""Endings that no word has by which somebody is called; surnames have them."""


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
    introduced: Phrases = ()
    """Before or after a quotation or a colon: what follows was said by others, or is a name."""
    told: Phrases = ()
    """A sentence with one of these tells what others said to somebody."""
    own_words: Phrases = ()
    """What says that the quoted words are the writer's own."""
    insults: tuple[Expression, ...]
    """Words that insult whoever they are said of: expressions of whole folded words."""
    masked_insults: tuple[str, ...] = ()
    """Of these, what is recognised with letters hidden."""
    beasts: tuple[Expression, ...] = ()
    """Animals and goods that insult as a call alone: «козлы!»."""
    traits: tuple[Expression, ...] = ()
    """Adjectives that insult people and not things."""
    people: Phrases = ()
    """Who works at a desk, as a trait may be said of them."""
    at_work: Phrases = ()
    """Where such people are: beside it even an animal is one of them."""
    addressees: Phrases
    """Whom a letter to the desk addresses: you, your staff."""
    between: Phrases = ()
    """Words that may stand between an addressee and a trait, or beside an insult that is a call."""
    calls: Phrases = ()
    """What shows that a sentence speaks to somebody: pronouns, imperatives."""
    insult_phrases: Phrases = ()
    """Insults that carry their addressee."""
    reported: Phrases = ()
    """Somebody else's insult, told or complained of, and what the writer says of himself."""

    @cached_property
    def root(self) -> re.Pattern[str]:
        """Any of the roots."""
        return _any_of(self.roots)

    @cached_property
    def exception(self) -> re.Pattern[str]:
        """Any of the exceptions."""
        return _any_of(self.exceptions)

    @cached_property
    def insulting(self) -> re.Pattern[str]:
        """Any word that may insult."""
        return _any_of((*self.insults, *self.beasts, *self.traits))


def examine(letter: Letter, rule: ObscenityRule) -> tuple[Finding, str | None]:
    """Return the finding, and `obscene`, `insult` or None (Storeolis 2.6)."""
    text = _own(f"{letter.subject}\n{letter.visible_text}", rule)
    tokens, spelt_out = tuple(disguise.tokens(text)), tuple(disguise.spelt_out(text))
    obscene = (*_obscene_words(tokens, spelt_out, rule), *_sayings(text, rule))
    insult = None if obscene else _insult(_undisguised(text, tokens, spelt_out, rule), rule)
    offence = "obscene" if obscene else "insult" if insult else None
    evidence = obscene or ((insult,) if insult else ())
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


# What is the writer's own ---------------------------------------------------------------------------------


def _own(text: str, rule: ObscenityRule) -> str:
    """Return `text` without addresses of the web and without what others said, as far as it is marked so."""
    shown = visible(text)
    if _MAY_BE_WEB.search(shown):
        shown = _WEB.sub(" ", shown)

    def kept(found: re.Match[str]) -> str:
        before = re.split(r"[.!?…\n]", shown[max(0, found.start() - _BEFORE) : found.start()])[-1]
        after = re.split(r"[.!?…\n]", shown[found.end() : found.end() + _AFTER], maxsplit=1)[0]
        return " … " if _introduces(f"{before} {after}", rule) else found[0]

    unquoted = _QUOTATION.sub(kept, shown)
    said = sentences(unquoted)
    if not may_be_in(said, rule.told) and not may_be_in(said, rule.introduced):
        return "\n".join("".join(_SENTENCE.findall(line)) for line in unquoted.splitlines())
    return "\n".join(_own_of_line(line, rule) for line in unquoted.splitlines())


def _introduces(context: str, rule: ObscenityRule) -> bool:
    said = " ".join(words(context))
    return found_in(said, rule.introduced) is not None and found_in(said, rule.own_words) is None


def _own_of_line(line: str, rule: ObscenityRule) -> str:
    """Return a line without the sentences that tell of others' words, and without what a colon introduces as such."""
    own = ""
    for match in _SENTENCE.finditer(line):
        sentence = match[0]
        head, colon, _ = sentence.partition(":")
        if colon and _introduces(head, rule):
            return own + head
        said = " ".join(words(sentence))
        own += " … " if found_in(said, rule.told) and not found_in(said, rule.own_words) else sentence
    return own


# Obscene words --------------------------------------------------------------------------------------------


def is_obscene(token: str, rule: ObscenityRule, *, original: str = "") -> bool:
    """Return whether one folded token is an obscene word, whichever way it is written."""
    if disguise.is_plain(token):
        return _is_root(token, rule)
    return (
        any(_is_root(reading, rule) for reading in disguise.readings(token))
        or ("*" in token and token in _whole(rule.masked))
        or disguise.unmasked(token, rule.masked, original=original) is not None
        or _is_latin(token, rule.translit)
    )


Shown = tuple[tuple[str, str], ...]
"""Words of a text as they stand there, each with its folded form."""


def _obscene_words(tokens: Shown, spelt_out: Shown, rule: ObscenityRule) -> tuple[str, ...]:
    """Return the obscene words as they stand in the text, in order."""
    found = [shown for shown, word in spelt_out if _ends_obscene(word, rule)]
    known: dict[str, bool] = {}
    before = ""
    for shown, token in tokens:
        if token not in known:
            known[token] = is_obscene(token, rule, original=shown)
        if known[token]:
            found.append(shown)
        elif _is_parted(before, token, rule):
            found.append(f"{before} {token}")
        before = token
    return tuple(dict.fromkeys(found))


def _ends_obscene(word: str, rule: ObscenityRule) -> bool:
    """True where letters written one at a time are an obscene word, perhaps after «и» or «а»."""
    return any(is_obscene(word[start:], rule) for start in range(min(3, len(word) - 2)))


def _is_parted(first: str, second: str, rule: ObscenityRule) -> bool:
    """True where a known word was parted by one space, its first piece a word of no language: `п издец`."""
    return (
        0 < len(first) <= 4
        and first.isalpha()
        and first + second in _whole(rule.masked)
        and not is_phrase(first, _SMALL_WORDS)
        and not is_phrase(first, rule.between)
    )


_SMALL_WORDS = tuple("а в во вы да до же за и из к ко мы на не ни но ну о об от по под с со то ты у я сук хер".split())


@lru_cache(maxsize=16)
def _whole(masked: tuple[str, ...]) -> frozenset[str]:
    return frozenset(disguise.fold_token(word) for word in masked)


def _sayings(text: str, rule: ObscenityRule) -> tuple[str, ...]:
    """Return what is obscene by its company or as an exclamation."""
    said = [hit for sentence in sentences(text) if (hit := found_in(sentence, rule.sayings))]
    said.extend(
        found[0]
        for found in (_SENT_OFF.finditer(text) if rule.roots else ())
        if not _OF_A_VALUE.search(text, max(0, found.start() - _NEAR), found.end() + _NEAR)
    )
    interjections = near(sentences(text), rule.interjections)
    pieces = (" ".join(words(piece)) for piece in (_PIECE.split(text) if interjections else ()))
    exclaimed = [piece for piece in pieces if is_phrase(piece, interjections)]
    if exclaimed and not any(found_in(sentence, rule.reported) for sentence in sentences(text)):
        said.extend(piece for piece in exclaimed if found_in(piece, rule.interjections) == piece)
    return tuple(said)


@lru_cache(maxsize=64)
def _any_of(expressions: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{expression})" for expression in expressions) or r"(?!)")


def _is_root(word: str, rule: ObscenityRule) -> bool:
    return bool(rule.root.match(word)) and not rule.exception.match(word)


def _is_latin(token: str, expressions: tuple[str, ...]) -> bool:
    bare = token.strip("@#%•·…&^~_-.?!*'")
    if len(bare) > 40 or not _LATIN.fullmatch(bare):
        return False
    bare = disguise.unstretched(bare)
    return any(_any_of(expressions).fullmatch(bare.translate(signs)) for signs in _LATIN_SIGNS)


# Insults --------------------------------------------------------------------------------------------------


def _insult(plain: str, rule: ObscenityRule) -> str | None:
    """Return the words of the first insult that the writer addresses to the desk, spelt plainly, or None."""
    if not _may_insult(plain, rule):
        return None
    calls_out = None
    for match in _SENTENCE.finditer(plain):
        sentence = match[0]
        said = " ".join(words(sentence))
        if not said or found_in(said, rule.reported):
            continue
        if phrase := found_in(said, rule.insult_phrases):
            return phrase
        pieces = [words(piece) for piece in _PIECE_ENDS.split(sentence)]
        hit = next((hit for piece in pieces if (hit := _said_of_somebody(piece, rule))), None)
        calls_out = hit or _call(sentence, said, [piece for piece in pieces if piece], rule, plain)
        if calls_out:
            return calls_out
    return None


def _may_insult(text: str, rule: ObscenityRule) -> bool:
    """Return False where `text` has neither a word that insults nor the beginning of a phrase that does."""
    vocabulary = set(words(text))
    return any(map(rule.insulting.fullmatch, vocabulary)) or may_be_in(sentences(text), rule.insult_phrases)


def _undisguised(text: str, tokens: Shown, spelt_out: Shown, rule: ObscenityRule) -> str:
    """Return `text` with disguised insults spelt plainly."""
    spelt = {shown: word for shown, word in spelt_out if _is_insult(word, rule)}
    for shown, token in tokens:
        if token.isalpha() and _ONE_ALPHABET.fullmatch(token):
            continue
        plain = next((word for word in disguise.readings(token) if _is_insult(word, rule)), None)
        if plain := plain or disguise.unmasked(token, rule.masked_insults, original=shown):
            spelt[shown] = plain
    for shown, plain in spelt.items():
        text = text.replace(shown, plain)
    return text


def _is_insult(word: str, rule: ObscenityRule) -> bool:
    return _any_of(rule.insults).fullmatch(word) is not None


def _are_insults(words_: list[str], rule: ObscenityRule) -> bool:
    """True where all words insult, beasts beside others, and one of them can be what somebody is called."""
    return all(_is_insult(word, rule) or _is_beast(word, rule) for word in words_) and any(
        _is_insult(word, rule) and not word.endswith(_OBLIQUE) for word in words_
    )


def _is_beast(word: str, rule: ObscenityRule) -> bool:
    return _any_of(rule.beasts).fullmatch(word) is not None


def _is_trait(word: str, rule: ObscenityRule) -> bool:
    return _any_of(rule.traits).fullmatch(word) is not None


def _said_of_somebody(piece: tuple[str, ...], rule: ObscenityRule) -> str | None:
    """Return an insult of one piece of a sentence that has its addressee within five words of it."""
    for at, word in enumerate(piece):
        if _is_insult(word, rule):
            near = " ".join((*piece[max(0, at - 5) : at], *piece[at + 1 : at + 6]))
            if found_in(near, rule.addressees):
                return word
        elif _is_beast(word, rule) and not word.endswith(_OBLIQUE):
            near = " ".join((*piece[max(0, at - 5) : at], *piece[at + 1 : at + 6]))
            is_of_goods = any(_OF_GOODS.match(other) for other in piece)
            if not is_of_goods and found_in(near, rule.addressees) and found_in(near, rule.at_work):
                return word
        elif _is_trait(word, rule) and _is_of_people(piece, at, rule):
            return word
    return None


def _is_of_people(piece: tuple[str, ...], at: int, rule: ObscenityRule) -> bool:
    """True where a trait stands before people, or closes what is said to «вы»: not before a thing."""
    following = piece[at + 1] if at + 1 < len(piece) else ""
    if is_phrase(following, rule.people):
        return True
    if following and following not in ("и", "или", "как", "вы", "ты"):
        return False
    start = at
    while start and piece[start - 1] not in ("вы", "ты") and is_phrase(piece[start - 1], rule.between):
        start -= 1
    said_of = piece[start - 1] if start else ""
    return said_of in ("вы", "ты") or following in ("вы", "ты") or is_phrase(said_of, rule.people)


def _call(sentence: str, said: str, pieces: list[tuple[str, ...]], rule: ObscenityRule, text: str) -> str | None:
    """Return an insult by which a sentence calls somebody: «Идиоты!», «Ну что, уроды, …», «…, козлы!»."""
    is_said_to_somebody = found_in(said, rule.calls) is not None
    for piece in pieces:
        core = [word for word in piece if not is_phrase(word, rule.between) and not _is_trait(word, rule)]
        if len(piece) <= 4 and _are_insults(core, rule):
            is_aside = len(said.split()) <= 6 and "(" not in sentence
            if is_said_to_somebody or len(pieces) == 1 or is_aside:
                return core[-1]
        if len(core) == 1 and _is_beast(core[0], rule) and piece in (pieces[0], pieces[-1]):
            is_exclaimed = sentence.rstrip().endswith("!")
            alone = len(pieces) == 1 and (is_exclaimed or sentences(text.partition("\n")[2]) == (said,))
            if alone or (is_said_to_somebody and is_exclaimed and len(pieces) > 1):
                return core[0]
    return None
