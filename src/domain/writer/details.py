"""What an edition says of identification, and the letter's text as it is read for that: labels, other people.

Clauses: «Мои документы онлайн» 1.3.2 (full name, mobile phone, organisation, position);
Storeolis 2.1 and 2.6 (whatever identifies the client exactly: INN, contract, site, a known address).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from domain.findings import Rule
from domain.letter import Letter
from domain.russian.phrases import ListsByKey, Phrases, are_phrase, ends_with_phrase, found_in, is_phrase
from domain.russian.words import Sentence, ends_of, fold, visible, words

_LABEL = re.compile(
    r"(?:(?m:^)|(?<=[,;.|(\t/])|(?<=  ))"  # where a label may begin: a line, or after what parts a line
    r"[ \t\u00a0>*•·|-]{0,12}(?:\d[.)]\s)?"
    r"(?P<label>[^\W\d][^\n:;|=@«\"]{0,44}?)"
    r"[ \t\u00a0*]{0,60}(?P<mark>[:=|]|(?<=[\w.])[ ]{3,60}(?=\S)|(?<=[ \t\u00a0])-(?=\s)|\t|(?m:$))[ \t\u00a0*]*"
)
_BARE_LABEL = re.compile(r"(?m)^[ \t>*•-]*(?P<label>[^\W\d][\w.]*(?: [а-яё.]+){0,2}?)(?P<mark>) +(?=[^\s«\"“„])")


_CLAUSE_END = re.compile(r"[.!?](?=\s|$)|[\n,;]")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|[\n;]")
_PUNCTUATION_AT_END = re.compile(r"[\s,:-]+$")
_READ_AT_EACH_END = 5_000
"""Characters: people name themselves at the beginning or at the end, and names are compared pair by pair."""


class Detail(StrEnum):
    """A detail by which a desk knows who writes."""

    FULL_NAME = "full_name"
    PHONE = "phone"
    ORGANISATION = "organisation"
    POSITION = "position"
    INN = "inn"
    CONTRACT = "contract"
    SITE = "site"
    CLIENT = "client"
    """Whoever the registry knows by the letter's contacts."""


def _expression(text: str, info: ValidationInfo) -> str:
    if info.context is not None and text in info.context:
        return text  # of the lexicon: checked
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"a regular expression ({error})") from None
    return text


Expression = Annotated[str, AfterValidator(_expression)]


class IdentificationRule(Rule):
    """Which details a request must have, and how they are recognised in a letter."""

    required: tuple[Detail, ...] = ()
    """All of these."""
    any_of: tuple[Detail, ...] = ()
    """At least one of these; missing, they are reported together as one detail, joined by `_or_`."""
    mobile_required: bool = False
    """True where a landline alone leaves the phone missing."""
    may_be_absent: tuple[Detail, ...] = ()
    """Of these the writer may declare to have none, which is an answer; a specialist decides (house rule)."""
    remembered_days: Annotated[int, Field(ge=0)] = 0
    """For how long details that a verified address gave are filled in again; 0 for never (house rule)."""
    written_as: dict[Detail, Phrases] = {}
    """Labels that announce a detail in a client's letter: `тел`, `номер договора`."""
    stands_for_nothing: Phrases = ()
    """What people write after a label where they have no such detail: `нет`, `физлицо`."""
    legal_forms: tuple[str, ...] = ()
    """Abbreviations before a quoted name: ООО, ГБУ."""
    sole_proprietor: tuple[str, ...] = ()
    """Words before a person's name that make an organisation of it: ИП."""
    kinds_of_organisation: tuple[str, ...] = ()
    """Nouns before a quoted name or a place: центр, администрация."""
    positions: tuple[str, ...] = ()
    """First letters of words that head a position: директор, специалист; up to three letters are the whole word."""
    position_qualifiers: tuple[str, ...] = ()
    """First letters of words that stand before them: главный, старший."""
    not_positions: tuple[str, ...] = ()
    """Words that look like a position and state none: пенсионер."""
    introductions: Phrases = ()
    """What stands before the writer's own name: меня зовут, с уважением."""
    introductions_in_genitive: Phrases = ()
    """The same where the name follows in the genitive: от, от имени."""
    others: Phrases = ()
    """What stands before the name or number of somebody else: the customer, whom to call."""
    other_phones: Phrases = ()
    """What else stands before a number that is not the writer's own: an office, an example, a mistake."""
    other_organisations: Phrases = ()
    """What stands before an organisation that is not the writer's: the bank, the carrier, through whom."""
    contract_number: Expression | None = None
    """The shape of the desk's contract numbers; any other number needs a label."""
    foreign_sites: tuple[str, ...] = ()
    """Hosts that are nobody's shop: mail services, partners, the desk's own pages."""
    client_host: str | None = None
    """The domain whose subdomains are clients' sites."""
    self_contact: Annotated[int, Field(ge=0)] = 60
    """How many characters may stand between a name and the writer's own phone."""

    @cached_property
    def labels(self) -> ListsByKey:
        """The labels of all details, in their order."""
        return ListsByKey(self.written_as.values())

    @property
    def not_names(self) -> tuple[str, ...]:
        """Stems of capitalised words that stand beside a name and are none of it."""
        return _not_names(self.positions, self.position_qualifiers, self.legal_forms)


@lru_cache(maxsize=16)
def _not_names(positions: tuple[str, ...], qualifiers: tuple[str, ...], forms: tuple[str, ...]) -> tuple[str, ...]:
    greetings = "здравств добрый доброе добрая дорог дорогой дорогая многоуважаем глубокоуважаем уважаем коллег спасибо благодар прошу исполнител заявител контакт пишет зовут обраща беспоко меня имя".split()
    return tuple(fold(word) for word in (*positions, *qualifiers, *greetings, *forms))


@dataclass(frozen=True, slots=True)
class Value:
    """What stands after a label, and where; `text` is empty where the writer says that there is no such detail."""

    text: str
    start: int
    said: str = ""
    """What is written there, also where that states no such detail."""

    @property
    def end(self) -> int:
        """Return where it ends."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Source:
    """What is read for identity: the person's own words and signature, never quoted or forwarded text."""

    subject: str
    text: str
    labelled: dict[Detail, Value]
    """The first value of each detail that a label announces."""


def source_of(letter: Letter, rule: IdentificationRule) -> Source:
    """Return what `letter` says of its writer, in visible characters, its labelled values found."""
    text = visible(f"{letter.visible_text}\n\n{letter.signature}".strip())
    text = ends_of(text, _READ_AT_EACH_END, _READ_AT_EACH_END)
    return Source(visible(letter.subject), text, _labelled(text, rule))


def _labelled(text: str, rule: IdentificationRule) -> dict[Detail, Value]:
    labels = sorted(_labels(text, rule))
    found: dict[Detail, Value] = {}
    for number, (_, start, detail, alone) in enumerate(labels):
        following = labels[number + 1][0] if number + 1 < len(labels) else len(text)
        # The value of a label that has the line to itself is the next line.
        if alone and (following <= start + 1 or text[start : start + 1] == "\n"):
            continue
        line_end = text.find("\n", start)
        value = text[start : min(following, line_end if line_end >= 0 else len(text))]
        lead = len(value) - len(value.lstrip(" \t\u00a0*-"))
        written, value = value.strip(" \t\u00a0*,;|("), value.strip(" \t\u00a0*,;|(-")
        if detail not in found or (not found[detail].text and value):
            nothing = not re.search(r"\w", value) or stands_for_nothing(value, rule)
            found[detail] = Value("" if nothing else value, start + lead, written)
    return found


def stands_for_nothing(value: str, rule: IdentificationRule) -> bool:
    """Return whether a labelled value says that there is no such detail: «нет», «физлицо»."""
    value = re.sub(r"\([^()\n]*\)?", " ", value)
    said = " ".join(words(value))
    return bool(said) and all(
        is_phrase(" ".join(words(part)), rule.stands_for_nothing) for part in value.split(",") if part.strip()
    )


_BARE = (Detail.FULL_NAME, Detail.POSITION)
"""What a label without any mark may announce: «ФИО Иванов Иван Иванович», «Должность методист»."""


def _labels(text: str, rule: IdentificationRule) -> Iterator[tuple[int, int, Detail, bool]]:
    """Return the labels of `text`: where each begins, where its value begins, of what, and whether it stands alone."""
    taken: set[int] = set()
    for pattern in (_LABEL, _BARE_LABEL):
        at = 0
        while (match := pattern.search(text, at)) is not None:
            at = max(match.start() + 1, match.start("label") + 1)
            detail = _announced(match["label"], rule)
            line = text.count("\n", 0, match.start("label"))
            if detail is None or (pattern is _BARE_LABEL and (line in taken or detail not in _BARE)):
                continue
            alone = match["mark"] in ("", ":") and text[match.end() : match.end() + 1] == "\n"
            if match["mark"] == "" and pattern is _LABEL and not (alone and len(match["label"].rstrip(".")) > 1):
                continue  # a sentence, or an initial: «Зуева О. М.»
            taken.add(line)
            at = match.end()
            yield match.start(), match.end() + 1 if alone else match.end(), detail, alone


def _announced(label: str, rule: IdentificationRule) -> Detail | None:
    said = words(label)
    may_be = rule.labels.candidates(Sentence(" ".join(said)).keys)
    labels = enumerate(rule.written_as.items())
    return next(
        (detail for at, (detail, phrases) in labels if at in may_be and are_phrase(said, phrases)),
        None,
    )


def words_before(text: str, at: int, count: int = 7) -> str:
    """Return the last folded words before `at` within its sentence and clause, joined by one space."""
    before = _CLAUSE_END.split(text[max(0, at - 80) : at])[-1]
    return " ".join(words(before)[-count:])


def stands_after(text: str, at: int, phrases: Phrases) -> bool:
    """Return whether one of `phrases` stands in the few words before `at`, in the same part of the sentence."""
    return found_in(words_before(text, at), phrases) is not None


def stands_right_after(text: str, at: int, phrases: Phrases) -> bool:
    """Return whether one of `phrases` ends where `at` begins; a comma, a dash or a new line may stand between."""
    before = _PUNCTUATION_AT_END.sub("", text[max(0, at - 80) : at])
    return ends_with_phrase(words(_SENTENCE_END.split(before)[-1])[-5:], phrases)
