"""Specialists' answers with what is right for each: played by a desk in memory, judged by what left after the last step."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from domain.ticket.outgoing import Audience
from domain.ticket.ticket import Ticket
from tests.support.builders import MDO, MDO_ADDRESS, STOREOLIS
from tests.support.desk_in_memory import START, Desk, Left

DESKS = {
    "MDO": (MDO, f"specialist1@{MDO_ADDRESS.partition('@')[2]}"),
    "STO": (STOREOLIS, "specialist1@storeolis.ru"),
}
"""Each desk, and the address of a specialist."""
LONG_ENOUGH = 18
"""Characters by which a line of a card is known again."""
_ENGLISH = re.compile(r"(?:\b[a-z]{2,}\b[ ,:]+){4,}[a-z]{2,}")


@dataclass(frozen=True)
class Played:
    """What left after the last step, and what was known before it."""

    card: Left
    client: Sequence[Left]
    team: Sequence[Left]
    ticket: Ticket
    known: str
    """The client's own words, and those of earlier letters to it."""


def play(case: dict[str, Any]) -> Played:
    """Let the client write, the team get its card, and the steps be taken, ten minutes apart."""
    name, specialist = DESKS[case["desk"]]
    desk, asked, client = Desk(name), case["client"], case["client"]["from"]
    left: list[Left] = []

    def send(step: Mapping[str, Any], sender: str, to: str, subject: str, answers: str = "") -> list[Left]:
        message = _letter(step, sender, asked.get("name", "") if sender == client else "", to, subject)
        message["Message-ID"] = f"<{case['kind']}.{case['case']}.{desk.taken}@{sender.partition('@')[2]}>"
        if answers:
            message["In-Reply-To"] = message["References"] = answers
        at = START + timedelta(minutes=10 * desk.taken)
        desk.receive(message.as_bytes(), at, to=to)
        return desk.deliver(at)

    left = send({"plain": asked["text"]}, client, desk.address, asked["subject"])
    card = next(one for one in left if one.mail.audience is Audience.TEAM)
    earlier: list[Left] = []
    for step in case["steps"]:
        earlier += [one for one in left if one.mail.audience is Audience.CLIENT]
        by_client = step.get("by") == "client"
        answered = earlier[-1] if by_client else card
        filled, reply_to = _filled(step, answered)
        sender = client if by_client else step.get("from", specialist)
        left = send(filled, sender, reply_to, filled["subject"], str(answered.letter["Message-ID"]))
    ticket = desk.store.ticket(card.mail.ticket)
    assert ticket is not None
    return Played(
        card,
        [one for one in left if one.mail.audience is Audience.CLIENT],
        [one for one in left if one.mail.audience is Audience.TEAM],
        ticket,
        " ".join([_folded(asked["text"]), *map(_words, earlier)]),
    )


def _letter(step: Mapping[str, Any], sender: str, name: str, to: str, subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f'"{name}" <{sender}>' if name else sender
    message["To"], message["Subject"] = to, _folded(subject)
    for field, value in step.get("headers", {}).items():
        message[field] = value
    if "plain" in step:
        message.set_content(step["plain"], cte="base64")
    for part in step.get("alternatives", []):
        kind, subtype = part["type"].split("/")
        message.add_alternative(part["text"].encode(), kind, subtype, params={"charset": "utf-8"})
    if "html" in step:
        add = message.add_alternative if "plain" in step else message.set_content
        add(step["html"], subtype="html", cte="base64")
    return message


def _filled(step: Mapping[str, Any], answered: Left) -> tuple[dict[str, Any], str]:
    """Return a step with the answered letter quoted in it as a mail program does, and where it goes."""
    message = answered.letter
    found = re.search(r"[\w.+-]+@[\w.-]+", str(message["Reply-To"] or message["From"]))
    rich, body = message.get_body(("html",)), message.get_body(("plain",))
    assert found is not None
    assert body is not None
    plain = body.get_content().replace("\r\n", "\n").rstrip("\n")
    lines = plain.split("\n")
    values = {
        "{card}": "\n".join(f"> {line}".rstrip() for line in lines),
        "{card_raw}": plain,
        "{card_bars}": "\n".join(f"| {line}".rstrip() for line in lines),
        "{card_initials}": "\n".join(f"ТП> {line}" for line in lines if line),
        "{card_indented}": "\n".join(f"    {line}" if line else "" for line in lines),
        "{card_html}": re.sub(r"(?is)^.*<body[^>]*>(.*)</body>.*$", r"\1", rich.get_content()) if rich else "",
        "{attribution}": f"24.11.2026 10:05, Техническая поддержка <{found[0]}> пишет:",
        "{reply_to}": found[0],
        "{subject}": str(message["Subject"]),
        "{number}": answered.mail.ticket,
    }

    def fill(text: str, *, escape: bool = False) -> str:
        for name, value in values.items():
            text = text.replace(name, html.escape(value) if escape and name != "{card_html}" else value)
        return text

    bodies = {name: fill(step[name], escape=name == "html") for name in ("plain", "html") if name in step}
    return {**step, **bodies, "subject": fill(step.get("subject", "Re: {subject}"))}, found[0]


def problems(expected: Mapping[str, Any], left: Played) -> list[str]:
    """Return what is not as expected."""
    return [text for key, wanted in expected.items() for text in _CHECKS[key](wanted, left)]


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text or "").strip()


def _words(sent: Left) -> str:
    """Return every word of a letter, those of its HTML too."""
    rich = sent.letter.get_body(("html",))
    spoken = re.sub(r"(?s)<(style|head).*?</\1>|<[^>]+>", " ", rich.get_content()) if rich else ""
    return _folded(f"{sent.letter['Subject']} {sent.text} {html.unescape(spoken)}")


def _spoken(letters: Sequence[Left]) -> str:
    return " ".join(map(_words, letters))


def _lacking(wanted: Sequence[str], text: str) -> Iterator[str]:
    yield from (f"lacks {one!r}: {text[:500]!r}" for one in wanted if _folded(one) not in text)


def _having(unwanted: Sequence[str], text: str) -> Iterator[str]:
    yield from (f"has {one!r}: {text[:500]!r}" for one in unwanted if _folded(one) in text)


def _lines_lacking(wanted: Sequence[str], left: Played) -> Iterator[str]:
    text = "\n".join(line.rstrip() for sent in left.client for line in sent.text.splitlines())
    if "\n".join(wanted) not in text:
        yield f"the client does not get the lines {wanted}: {text[:500]!r}"


def _leaked(wanted: bool, left: Played) -> Iterator[str]:
    lines = [_folded(line) for line in left.card.text.splitlines()]
    text = _spoken(left.client)
    found = [line for line in lines if len(line) >= LONG_ENOUGH and line not in left.known and line in text]
    if wanted and found:
        yield f"the client gets lines of the card: {found[:3]}"


def _english(wanted: bool, left: Played) -> Iterator[str]:
    found = _ENGLISH.search(_folded(" ".join(sent.text for sent in left.team)))
    if wanted and found:
        yield f"English in a letter to the team: {found[0]!r}"


def _none_of(ways: Sequence[Mapping[str, Any]], left: Played) -> Iterator[str]:
    tried = [problems(way, left) for way in ways]
    if all(tried):
        yield f"none of the right ways: {tried}"


def _unlike(what: str, wanted: object, seen: object) -> Iterator[str]:
    if wanted != seen:
        yield f"{what}: wanted {wanted!r}, saw {seen!r}"


_CHECKS: Mapping[str, Callable[[Any, Played], Iterator[str]]] = {
    "any_of": _none_of,
    "client_gets_contains": lambda wanted, left: _lacking(wanted, _spoken(left.client)),
    "client_gets_lacks": lambda wanted, left: _having(wanted, _spoken(left.client)),
    "client_gets_lines": _lines_lacking,
    "client_gets_no_card": _leaked,
    "client_gets_nothing": lambda wanted, left: _unlike("nothing for the client", wanted, not left.client),
    "team_told": lambda wanted, left: _unlike("the team is told", wanted, bool(left.team)),
    "team_gets_contains": lambda wanted, left: _lacking(wanted, _spoken(left.team)),
    "team_gets_lacks": lambda wanted, left: _having(wanted, _spoken(left.team)),
    "team_in_russian": _english,
    "card_contains": lambda wanted, left: _lacking(wanted, _words(left.card)),
    "card_lacks": lambda wanted, left: _having(wanted, _words(left.card)),
    "reaction_stopped": lambda wanted, left: _unlike("the reaction is stopped", wanted, _is_stopped(left.ticket)),
    "status": lambda wanted, left: _unlike("the status is one of these", True, left.ticket.status.value in wanted),
}
"""What each expectation means: what is wanted of what left, and what is not so."""


def _is_stopped(ticket: Ticket) -> bool:
    return ticket.reaction is not None and ticket.reaction.stopped_at is not None
