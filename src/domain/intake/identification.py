"""Who writes: the details a regulation requires, read from the letter's text, signature and sender name.

Clauses: «Мои документы онлайн» 1.3.2 (full name, mobile phone, organisation, position);
Storeolis 2.1 and 2.6 (whatever identifies the client exactly: INN, contract, site, a known address).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field

from domain.client import Client, Contact, ContactKind
from domain.findings import Finding, Identification, Outcome, Rule
from domain.intake.contacts import PhoneFound, inns_in, is_mobile, normalise_phone, phones_in, sites_in
from domain.intake.names import NameFound, full_names_in, initialled_names_in, name_of_line
from domain.intake.words import Phrases, find_phrases, fold, visible, words
from domain.letter import Letter

_SEGMENT_END = re.compile(r"[,;\n]|\. |\d{3}|\(|$|(?<=\s)[-|]\s")
_QUOTED_NAME = r"(?:«[^»\n]{2,90}»{1,2}|\"[^\"\n]{2,90}\"|“[^”\n]{2,90}”|„[^“”\n]{2,90}[“”])"
_SPACE = r"[ \t\u00a0]+"
_CAPITAL_WORDS = rf"[А-ЯЁ][\w-]+(?:{_SPACE}(?:и )?[А-ЯЁ][\w-]+){{0,3}}"
_OF_WHAT = rf"(?:{_SPACE}(?:г\.[ \t]?[А-ЯЁ][\w-]+|[а-яё-]+(?:го|му|ой|ей|ых|их|ия|ий|ва|ов|ев|и|ы|а|я|й)|№ ?\d+|[А-ЯЁ][\w-]+)){{1,7}}"
# A name made of a noun and what it governs ends with a proper name, a number or a kind of place.
_PLACE_END = re.compile(r"(?:[А-ЯЁ][\w-]+|№ ?\d+|района|области|края|округа|города|республики|поселения)$")
_BESIDE = 20
"""So many characters may stand between a person's name and that person's phone: `, тел. `."""
_NOTHING = re.compile(r"^[\s\-–—.?/]*$|^(?:нет|отсутствует|не указан[ао]?|n/?a)$", re.IGNORECASE)


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


def _expression(text: str) -> str:
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
    written_as: dict[Detail, Phrases] = {}
    """Labels before a colon that announce a detail in a client's letter."""
    legal_forms: tuple[str, ...] = ()
    """Abbreviations before a quoted name: ООО, ГБУ."""
    sole_proprietor: tuple[str, ...] = ()
    """Words before a person's name that make an organisation of it: ИП."""
    kinds_of_organisation: tuple[str, ...] = ()
    """Nouns before a quoted name or a place: центр, администрация."""
    positions: tuple[str, ...] = ()
    """First letters of words that head a position: директор, специалист."""
    position_qualifiers: tuple[str, ...] = ()
    """First letters of words that stand before them: главный, старший."""
    not_positions: tuple[str, ...] = ()
    """Words that look like a position and state none: пенсионер."""
    others: Phrases = ()
    """What stands before the name or number of somebody else: the customer, whom to call."""
    contract_number: Expression | None = None
    """The shape of the desk's contract numbers."""
    foreign_sites: tuple[str, ...] = ()
    """Hosts that are nobody's shop: mail services, partners, the desk's own pages."""
    client_host: str | None = None
    """The domain whose subdomains are clients' sites."""
    self_contact: Annotated[int, Field(ge=0)] = 60
    """How many characters may stand between a name and the writer's own phone."""


@dataclass(frozen=True, slots=True)
class _Source:
    """What is read for identity: the person's own words and signature, never quoted or forwarded text."""

    subject: str
    text: str


def _source(letter: Letter) -> _Source:
    return _Source(visible(letter.subject), visible(f"{letter.visible_text}\n\n{letter.signature}".strip()))


def identify(letter: Letter, rule: IdentificationRule, *, client: Client | None = None) -> Identification:
    """Return who writes, as the letter says it, completed by what the registry knows of `client`.

    Read are the new text, the signature and the sender's display name; a forwarded or quoted text names
    other people. `missing` lists the required details that neither source has.
    """
    source = _source(letter)
    labelled = _labelled(source.text, rule)
    phones = _own_phones(source, rule, labelled)
    phone = next((found for found in phones if found.is_mobile), phones[0] if phones else None)
    name = _name(letter, source, rule, labelled, phone)
    organisation = _organisation(source, rule, labelled, name)
    said = Identification(
        full_name=name.name if name else None,
        phone=phone.number if phone else None,
        phone_is_mobile=phone.is_mobile if phone else False,
        organisation=organisation[0] if organisation else None,
        position=_position(source, rule, labelled, name, organisation),
        inn=next(iter(inns_in(f"{source.subject}\n{source.text}")), None),
        contract=_contract(source, rule),
        site=_site(letter, source, rule),
    )
    known = said.filled_from(_registered(client)) if client else said
    return known.model_copy(
        update={
            "client_id": client.id if client else None,
            "missing": still_missing(known, rule, client=client),
        }
    )


def still_missing(known: Identification, rule: IdentificationRule, *, client: Client | None = None) -> tuple[str, ...]:
    """Return the names of the required details that `known` lacks, in the order of the rule."""

    def has(detail: Detail) -> bool:
        if detail is Detail.CLIENT:
            return client is not None or known.client_id is not None
        if detail is Detail.PHONE and rule.mobile_required and not known.phone_is_mobile:
            return False
        return getattr(known, detail.value) is not None

    lacking = [detail.value for detail in rule.required if not has(detail)]
    if rule.any_of and not any(has(detail) for detail in rule.any_of):
        lacking.append("_or_".join(detail.value for detail in rule.any_of if detail is not Detail.CLIENT))
    return tuple(lacking)


def examine(known: Identification, rule: IdentificationRule) -> Finding:
    """Return whether required details are missing (MDO 1.3.2 and 1.4; Storeolis 2.1 and 2.6).

    The evidence is the names of the missing details; the letter that asks for them words each.
    """
    return Finding(
        rule="identification",
        clause=rule.clause,
        mode=rule.mode,
        matched=bool(known.missing),
        evidence=known.missing,
        outcome=Outcome.ASK,
        reason="missing_details",
    )


def contacts_of(letter: Letter, rule: IdentificationRule) -> tuple[Contact, ...]:
    """Return the contacts by which the registry may know the writer, surest first, values normalised."""
    said = identify(letter, rule)
    found = []
    if letter.sender is not None and letter.sender.address:
        found.append(Contact(kind=ContactKind.ADDRESS, value=letter.sender.address))
    for kind, value in (
        (ContactKind.INN, said.inn),
        (ContactKind.CONTRACT, said.contract),
        (ContactKind.SITE, _ascii_host(said.site)),
        (ContactKind.PHONE, said.phone),
    ):
        if value is not None:
            found.append(Contact(kind=kind, value=value))
    return tuple(found)


def _ascii_host(host: str | None) -> str | None:
    if host is None:
        return None
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _registered(client: Client) -> Identification:
    contacts = {contact.kind: contact.value for contact in reversed(client.contacts)}
    phones = [contact.value for contact in client.contacts if contact.kind is ContactKind.PHONE]
    phone = next((number for number in phones if is_mobile(number)), phones[0] if phones else None)
    return Identification(
        full_name=client.full_name,
        phone=phone,
        phone_is_mobile=phone is not None and is_mobile(phone),
        organisation=client.organisation,
        position=client.position,
        inn=contacts.get(ContactKind.INN),
        contract=client.contract or contacts.get(ContactKind.CONTRACT),
        site=contacts.get(ContactKind.SITE),
    )


def _labelled(text: str, rule: IdentificationRule) -> dict[Detail, tuple[str, int]]:
    """Return what stands after a label and a colon, the first of each detail; a dash means absent."""
    found: dict[Detail, tuple[str, int]] = {}
    for match in re.finditer(r"(?m)(?:^|(?<=[,;.]\s))[ \t>*•-]*([^\n:,;.]{2,40}):[ \t]*([^\n]*)$", text):
        label = " ".join(words(match[1]))
        for detail, phrases in rule.written_as.items():
            if detail not in found and label and find_phrases(label, phrases) == (label,):
                found[detail] = ("" if _NOTHING.match(match[2]) else match[2].strip(), match.start(2))
    return found


def _is_others(text: str, at: int, rule: IdentificationRule) -> bool:
    """True where the words just before `at` give what follows to somebody else."""
    before = re.split(r"[.!?\n,;]", text[max(0, at - 60) : at])[-1]
    tail = " ".join(words(before)[-5:])
    return bool(find_phrases(tail, rule.others))


def _own_phones(source: _Source, rule: IdentificationRule, labelled: dict[Detail, tuple[str, int]]) -> list[PhoneFound]:
    strangers = [
        name.end for name in full_names_in(source.text, _heads(rule)) if _is_others(source.text, name.start, rule)
    ]
    found = [
        phone
        for phone in phones_in(source.text)
        if not _is_others(source.text, phone.start, rule)
        and not any(0 <= phone.start - end <= _BESIDE for end in strangers)
    ]
    if Detail.PHONE in labelled and labelled[Detail.PHONE][0]:
        value, at = labelled[Detail.PHONE]
        own = [phone for phone in found if at <= phone.start <= at + len(value)]
        if not own and (number := normalise_phone(value)):
            own = [PhoneFound(number, at, at + len(value))]
        found = own + [phone for phone in found if phone not in own]
    if not found:
        found = [phone for phone in phones_in(source.subject) if not _is_others(source.subject, phone.start, rule)]
    return [phone for phone in found if not phone.number.startswith("+7800")]


def _name(
    letter: Letter,
    source: _Source,
    rule: IdentificationRule,
    labelled: dict[Detail, tuple[str, int]],
    phone: PhoneFound | None,
) -> NameFound | None:
    if Detail.FULL_NAME in labelled:
        value, at = labelled[Detail.FULL_NAME]
        name = name_of_line(re.split(r"[,;(]", value)[0], labelled=True)
        if name is not None:
            return NameFound(name, at, at + len(re.split(r"[,;(]", value)[0]), full=True)
    heads = _heads(rule)
    in_text = [name for name in full_names_in(source.text, heads) if not _is_others(source.text, name.start, rule)]
    displayed = _displayed(letter, source.text)
    if in_text:
        return _own_name(in_text, displayed, phone, rule)
    initialled = [name for name in initialled_names_in(source.text) if not _is_others(source.text, name.start, rule)]
    if displayed is not None and displayed.full:
        return displayed
    from_signature = _signature_line(source.text, rule)
    if from_signature is not None:
        return from_signature
    if displayed is not None:
        return displayed
    return _own_name(initialled, displayed, phone, rule) if initialled else None


def _own_name(
    names: list[NameFound], displayed: NameFound | None, phone: PhoneFound | None, rule: IdentificationRule
) -> NameFound:
    """Choose among several people: the sender's namesake, else who stands by the writer's phone, else the last."""
    if displayed is not None:
        surnames = set(words(displayed.name))
        for name in reversed(names):
            if words(name.name)[0] in surnames:
                return name
    if phone is not None:
        near = [name for name in names if -rule.self_contact <= phone.start - name.end <= rule.self_contact]
        if near:
            return near[-1]
    return names[-1]


def _displayed(letter: Letter, text: str) -> NameFound | None:
    """Return the name in the sender's display name, its folded pieces joined again."""
    if letter.sender is None or not letter.sender.name:
        return None
    name = name_of_line(letter.sender.name)
    if name is None:
        return None
    full = bool(full_names_in(visible(letter.sender.name)))
    # Where the same two words sign the letter, what stands beside them is the writer's too.
    parts = visible(letter.sender.name).split()
    signed = list(re.finditer(rf"{_SPACE}".join(map(re.escape, parts)), text))
    start, end = signed[-1].span() if signed else (-1, -1)
    return NameFound(name, start, end, full=full)


def _signature_line(text: str, rule: IdentificationRule) -> NameFound | None:
    """Return the two-word name that is a line of its own near the end, as signatures have it."""
    lines = list(re.finditer(r"(?m)^[^\n]+$", text))
    for line in reversed(lines[-6:]):
        piece = re.split(r"[,|/]", line[0])[0].strip()
        if len(piece.split()) == 2 and not _position_in(piece, rule) and (name := name_of_line(piece)):
            return NameFound(name, line.start(), line.start() + len(piece), full=False)
    return None


@lru_cache(maxsize=16)
def _heads_of(positions: tuple[str, ...], qualifiers: tuple[str, ...], forms: tuple[str, ...]) -> tuple[str, ...]:
    greetings = (
        "здравств",
        "добрый",
        "доброе",
        "уважаем",
        "коллег",
        "спасибо",
        "благодар",
        "прошу",
        "исполнител",
        "заявител",
    )
    return tuple(fold(word) for word in (*positions, *qualifiers)) + greetings


def _heads(rule: IdentificationRule) -> tuple[str, ...]:
    return _heads_of(rule.positions, rule.position_qualifiers, rule.legal_forms)


@lru_cache(maxsize=16)
def _organisation_pattern(forms: tuple[str, ...], kinds: tuple[str, ...]) -> re.Pattern[str]:
    form = "|".join(re.escape(word) for word in sorted(forms, key=len, reverse=True)) or r"(?!)"
    kind = "|".join(
        (f"[{word[0].upper()}{word[0].lower()}]" + re.escape(word[1:]))
        for word in sorted(kinds, key=len, reverse=True)
    ) or r"(?!)"  # fmt: skip
    return re.compile(
        rf"(?<![\w«\"“-])(?:"
        rf"(?:[Фф]илиал )?(?:(?:{form}){_SPACE}){{0,2}}(?:{form})[ \t]*{_QUOTED_NAME}(?: (?:в )?г\. ?[А-ЯЁ][\w-]+)?"
        rf"|(?:{form}){_SPACE}(?:(?:{form}){_SPACE})?№ ?\d+(?: г\. ?[А-ЯЁ][\w-]+)?"
        rf"|(?:{kind})[ \t]*{_QUOTED_NAME}"
        rf"|(?P<governed>(?:{kind}|{form}){_OF_WHAT})"
        rf"|(?:{form}){_SPACE}{_CAPITAL_WORDS}"
        rf")"
    )


@lru_cache(maxsize=16)
def _proprietor_pattern(words_: tuple[str, ...]) -> re.Pattern[str]:
    options = "|".join(re.escape(word) for word in sorted(words_, key=len, reverse=True)) or r"(?!)"
    name = r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?"
    return re.compile(
        rf"(?<![\w-])(?i:{options})(?:{_SPACE}({name}(?:{_SPACE}{name}){{1,2}}|{name}{_SPACE}[А-ЯЁ]\. ?[А-ЯЁ]\.?|[А-ЯЁ]\. ?[А-ЯЁ]\. ?{name}|{name}))?(?![\w-])"
    )


def _organisation(
    source: _Source, rule: IdentificationRule, labelled: dict[Detail, tuple[str, int]], name: NameFound | None
) -> tuple[str, int, int] | None:
    """Return the writer's organisation as written, and where it stands."""
    if Detail.ORGANISATION in labelled:
        value, at = labelled[Detail.ORGANISATION]
        return (value.strip(" ,.;"), at, at + len(value)) if value else None
    candidates = [
        (written, match.start(), match.start() + len(written))
        for match in _organisation_pattern(rule.legal_forms, rule.kinds_of_organisation).finditer(source.text)
        if not _is_others(source.text, match.start(), rule) and (written := _written(match))
    ]
    for match in _proprietor_pattern(rule.sole_proprietor).finditer(source.text):
        if _is_others(source.text, match.start(), rule):
            continue
        person = match[1]
        if person is None:
            beside = name is not None and name.start >= 0 and 0 <= match.start() - name.end <= 45
            if name is None or not name.full or not beside or "\n" in source.text[name.end : match.start()]:
                continue
            person = name.name
        elif "." not in person and name is not None and name.full and words(name.name)[0] == words(person)[0]:
            person = name.name if len(words(person)) == 3 else person
        candidates.append((f"{rule.sole_proprietor[0]} {person}", match.start(), match.end()))
    if not candidates:
        return None
    if name is not None and name.start >= 0:
        return min(candidates, key=lambda found: min(abs(found[1] - name.end), abs(name.start - found[2])))
    return candidates[-1]


def _written(match: re.Match[str]) -> str | None:
    """Return an organisation as written; one named by what it governs is cut to its proper name, or none."""
    written = match[0].strip()
    if match["governed"] is None:
        return written
    parts = written.split(" ")
    while len(parts) > 1 and not _PLACE_END.match(parts[-1]):
        parts.pop()
    proper = any(part[:1].isupper() or part[:1] == "№" for part in parts[1:])
    return " ".join(parts) if len(parts) > 1 and proper else None


def _position(
    source: _Source,
    rule: IdentificationRule,
    labelled: dict[Detail, tuple[str, int]],
    name: NameFound | None,
    organisation: tuple[str, int, int] | None,
) -> str | None:
    """Return the writer's position: labelled, or the words beside the name that a position's noun heads."""
    if Detail.POSITION in labelled:
        value = labelled[Detail.POSITION][0].strip(" ,.;")
        return value or None
    text = source.text
    spots = []
    if name is not None and name.start >= 0:
        spots.append((name.end, text[name.end : name.end + 160]))
        line_start = (
            max(
                text.rfind(",", 0, name.start),
                text.rfind("\n", 0, name.start),
                text.rfind(". ", 0, name.start),
            )
            + 1
        )
        spots.append((line_start, text[line_start : name.start]))
    if organisation is not None:
        spots.append((organisation[2], text[organisation[2] : organisation[2] + 80]))
        line_start = max(text.rfind(",", 0, organisation[1]), text.rfind("\n", 0, organisation[1])) + 1
        spots.append((line_start, text[line_start : organisation[1]]))
    for start, spot in spots:
        at = 0
        for segment in _segments(spot)[:3]:
            offset = start + at + spot[at:].find(segment)
            at += spot[at:].find(segment) + len(segment)
            if organisation is not None and offset < organisation[1] < offset + len(segment):
                own = segment[: organisation[1] - offset]
            elif organisation is not None and organisation[1] <= offset < organisation[2]:
                continue
            else:
                own = segment
            if position := _position_in(own, rule):
                return position
    return None


def _segments(spot: str) -> list[str]:
    found = []
    while spot:
        end = _SEGMENT_END.search(spot)
        assert end is not None  # `$` always matches
        piece = spot[: end.start()].strip(" \t-|.")
        if piece:
            found.append(piece)
        spot = spot[max(end.end(), 1) :]
    return found


def _position_in(segment: str, rule: IdentificationRule) -> str | None:
    segment = segment.strip(" \t\n,.-|")
    parts = words(segment)
    if not parts or len(parts) > 9 or parts[0].startswith(tuple(fold(word) for word in rule.not_positions)):
        return None
    at = 0
    qualifiers = tuple(fold(word) for word in rule.position_qualifiers)
    while at < len(parts) - 1 and parts[at].startswith(qualifiers):
        at += 1
    if any(parts[i].startswith(tuple(fold(word) for word in rule.positions)) for i in range(at + 1)):
        return re.sub(r"\s+", " ", segment)
    return None


def _contract(source: _Source, rule: IdentificationRule) -> str | None:
    if rule.contract_number is None:
        return None
    match = re.search(rule.contract_number, f"{source.subject}\n{source.text}", re.IGNORECASE)
    return re.sub(r"\s+", "", match[0]).upper() if match else None


def _site(letter: Letter, source: _Source, rule: IdentificationRule) -> str | None:
    """Return the writer's site: announced as one, or under the desk's hosting, or on the sender's own domain."""
    own = letter.sender.domain if letter.sender else ""
    text = f"{source.text}\n{source.subject}"
    found = []
    for host, at in sites_in(text):
        if any(host == foreign or host.endswith(f".{foreign}") for foreign in rule.foreign_sites):
            continue
        if rule.client_host is not None and host == rule.client_host:
            continue
        hosted = rule.client_host is not None and host.endswith(f".{rule.client_host}")
        announced = bool(
            re.search(
                r"(?:сайт\w*|магазин\w*|домен\w*|site|shop)[\s:«\"(-]*(?:https?://)?(?:www\.)?$",
                fold(text[:at])[-40:],
            )
        )
        same = _ascii_host(host) == own
        found.append((not (announced or hosted or same), at, host))
    return min(found)[2] if found and (not min(found)[0] or len(found) == 1) else None
