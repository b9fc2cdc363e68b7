"""What of a specialist's letter is for the client: the text without the team's own letters that it quotes.

A card shows what no client may read: a clause considered, another's address, the token by which the team speaks. Mail
programs quote it with marks, without them, above and below the answer: so it is known by its words, and where a line
still looks like the desk's own, nothing goes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from domain.history import LONGEST_LINE, MARKED, KnownWords, are_known, known_words
from domain.letter import Letter
from domain.reply_token import LOWER, ROLES
from domain.russian.wording import WEEKDAYS
from domain.ticket.outgoing import Audience

ANCHOR = "Ответ клиенту пишите выше этой строки"
"""Stands on top of each letter to the team."""
WRITERS_MARK = ">"
"""Begins each line of a writer's text on a card, so that no line of his passes for the desk's own."""

_LABELS = re.compile(
    rf"{ANCHOR}|отправитель:\s*\S+\s+[-—–]\s+адрес\s+(?:не\s+)?(?:подтвержд|поддел)|имя\s+в\s+письме(?:\s+похоже\s+на\s+адрес[^:\n]{{0,40}})?:\s*[«\"]|пишет\s+не\s+заявитель|клиент\s+в\s+реестре:"
    rf"|не\s+хватает\s+сведений:|срок\s+реакции(?::\s*(?:{'|'.join(WEEKDAYS)}),|\s+ещ[её]\s+не\s+ид[её]т)|что\s+заметили\s+правила|принято\s+за\s+переписку,|текст\s+пересланного\s+письма:"
    r"|ответ\s+на\s+это\s+письмо\s+уйд[её]т\s+клиенту|обращение\s+открыто\s+(?:с\s+адреса|сигнализацией)|,\s+(?:решено\s+службой|на\s+ваше\s+решение|к\s+сведению)\)"
    rf"|\breglament\s+[a-z]+\s+[A-Z]{{3}}-|клиенту\s+это\s+письмо\s+не\s+отправлено|автоматически\s+ничего\s+не\s+запрошено|адреса\s+отправителя\s+в\s+письме\s+нет|подпись\s+не\s+проверялась|\+[{LOWER}]{{8}}{ROLES[Audience.TEAM]}[a-z\d][{LOWER}]{{16}}",
    re.IGNORECASE,
)
"""What only the desk writes to the team: labels of its cards, and the address that lets its holder speak for it."""
_CARD_FIELD = re.compile(r"^\W*(?:[^\W\d_]{1,4}>\W*)?(?:ФИО|Телефон|Организация|Должность|Вложения|Текст письма)\s*:")
"""Other lines of a card, which a specialist may write, too: known below a quotation alone."""
_FIELD = re.compile(
    r"^\W*(?:от|от\s+кого|кому|дата|тема|копия|отправлено|from|to|sent|date|subject|cc|reply-to)\W{0,3}:", re.IGNORECASE
)
_DASHES = re.compile(r"^\W*(?:-{3,}|_{5,}|—{3,})[^\n]{0,80}$|^\W*-{2,}\s?[^\n]{3,60}\s?-{2,}\W*$")
_ATTRIBUTION = re.compile(r"[@<]|\d{1,2}:\d{2}|\d{1,2}\.\d{1,2}\.\d{2,4}|\b20\d\d\b")
_BANNER = re.compile(
    r"внешн\w+\s+(?:отправител|источник|почт|адрес|письм)|из\s+внешней\s+сети|external\s+(?:e-?mail|sender|source|message)|outside\s+(?:of\s+)?(?:the|your)\s+organi[sz]ation",
    re.IGNORECASE,
)
"""What a company's mail gateway puts into letters from outside."""
_MOST_ABOVE = 8
_SHORTEST_LEFT = 2
"""Words of a line below a quotation that make it more than a remnant of one."""


@dataclass(frozen=True, slots=True)
class AnswerText:
    """A specialist's letter without the team's letters in it."""

    text: str
    label: str = ""
    """A line of it that looks like a card's all the same; empty where none does."""
    below: str = ""
    """The first line of what was set apart or sent on and is in no letter that is known; empty where there is none."""


def answer_text(
    letter: Letter, received: Sequence[str], to_client: Sequence[str], to_team: Sequence[str]
) -> AnswerText:
    """Return what of a specialist's letter is his own words.

    `received` are the texts of the ticket's letters; `to_client` and `to_team` those that the desk sent. A line of the
    desk's own goes wherever it stands, and so does a writer's line under it or behind a mark. What a specialist
    writes once more without a mark is said once more.
    """
    own = ["\n".join(line for line in text.split("\n") if not line.startswith(WRITERS_MARK)) for text in to_team]
    everything = known_words([*received, *to_client, *to_team])
    text = _without_cards(letter.visible_text, known_words(own), everything)
    label = next((line.strip() for line in text.split("\n") if _LABELS.search(line[:LONGEST_LINE])), "")
    below = _unknown_below(letter.set_apart_text, everything) or _unknown_below(letter.forwarded_text, everything)
    return AnswerText(text, label, below)


def _without_cards(text: str, own: KnownWords, everything: KnownWords) -> str:
    """Return a text without the lines of the team's letters, and without what introduces a quotation of them."""
    lines = text.split("\n")
    by_desk, by_anyone = are_known(lines, own), are_known(lines, everything)
    kept: list[str] = []
    for is_known, places in groupby(range(len(lines)), key=by_anyone.__getitem__):
        run = list(places)
        first = next((place for place in run if by_desk[place] or _is_marked(lines[place])), None)
        if not is_known or first is None:
            kept += [lines[place] for place in run]
            continue
        kept += [lines[place] for place in run if place < first]
        del kept[len(kept) - _above(kept) :]
        if kept and kept[-1].strip():
            kept.append("")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _is_marked(line: str) -> bool:
    marked = MARKED.match(line[:LONGEST_LINE])
    return marked is not None and bool(marked[0].strip())


def _above(lines: Sequence[str]) -> int:
    """Return how many of the last lines a mail program wrote above a quotation: a line with a colon, a header, dashes."""
    place = len(lines)
    start = place
    while place > 0 and len(lines) - place < _MOST_ABOVE:
        line = lines[place - 1][:LONGEST_LINE].strip()
        is_last = start == len(lines)
        said = is_last and line.endswith(":") and _ATTRIBUTION.search(line)
        if line and not (said or _FIELD.match(line) or _DASHES.match(line)):
            break
        place -= 1
        start = place if line else start
    return len(lines) - start


def _unknown_below(text: str, everything: KnownWords) -> str:
    """Return the first line set apart that is neither known nor what a program writes there."""
    lines = text.split("\n") if text else []
    found = are_known(lines, everything)
    if not any(found) and any(_LABELS.search(line[:LONGEST_LINE]) for line in lines):
        # A card that left a moment ago, or before texts were kept, is not recorded: what lies with it cannot be compared.
        return next((line.strip() for line in lines if ANCHOR in line), "")
    for place, line in enumerate(lines):
        words = re.findall(r"\w{2,}", line[:LONGEST_LINE])
        if found[place] or len(words) < _SHORTEST_LEFT or _LABELS.search(line[:LONGEST_LINE]):
            continue
        if not (_CARD_FIELD.match(line) or _introduces(line[:LONGEST_LINE].strip())):
            return line.strip()
    return ""


def _introduces(line: str) -> bool:
    """Return whether a mail program may have written a line above a quotation, or a gateway into it."""
    by_program = _FIELD.match(line) or _DASHES.match(line) or _BANNER.search(line)
    return bool(by_program) or (_ATTRIBUTION.search(line) is not None and not line.endswith((".", "!", "?")))
