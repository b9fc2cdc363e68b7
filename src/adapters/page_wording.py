"""Pages in words: the short text for telephones and subscribers, and the letter that says the same and more.

Both are of the fault as it is when they leave. A short message in Cyrillic is UTF-16: alone it holds 70 units, in parts
67 a part (AWS End User Messaging, "SMS character limits", sms-limitations-character.html). A page has two parts at most,
and one where it fits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.templates import worded
from domain.fault.fault import End, Fault
from domain.people import NOBODY, People, Person
from domain.regulation.edition import Edition
from domain.regulation.editions import edition_named
from domain.russian.wording import hour, moment, plural, zone_label
from domain.ticket.outgoing import Audience, OutgoingMail, OutgoingPage

PAGE_LIMIT = 134
"""UTF-16 units of a page: two parts of 67."""
ONE_PART = 70
"""UTF-16 units of a message that is sent whole."""
LETTER = "fault_page"
"""The template of the letter that goes with a page."""
LAST_ALLOWED = "last_allowed"
"""The parameter of a page that is the last one which strangers may cause in the hour."""
MOST_ORGANISATIONS = 50
"""A fault keeps no more of them."""

_WHOLE, _SHORT, _SHORTEST, _LEAST = range(4)
"""How a page is worded: in whole words; in short ones that say as much, also of who reports; without that and the flaps."""
_LONGEST_WORD_CUT = 14
"""Signs that a page gives up at most, so that it ends with a whole word."""
_ENDED: Mapping[End | None, str] = {End.RESOLVED: "устранён", End.FALSE_ALARM: "оказался ложной тревогой"}
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters without a shape of their own: controls, marks of direction, line ends, half a pair."""
_QUOTES = str.maketrans({**dict.fromkeys('«»„“”‟‹›"', "'"), "\\": "/"})
"""What would end a quotation, or break the JSON that whatever subscribes to the topic makes of a page."""


def render_page(
    page: OutgoingPage,
    now: datetime,
    fault: Fault | None = None,
    people: People = NOBODY,
    *,
    by_mail: bool = True,
    wakes: bool = True,
) -> tuple[str, str]:
    """Return a page's subject, ASCII, and its text of at most PAGE_LIMIT units, as it is true at `now`.

    `fault` is the page's fault as it is; None for a page that an earlier version wrote for a ticket alone. `by_mail` says
    whether who reads it has a letter to answer; otherwise it names the command. `wakes` is False where the desk has nobody
    to wake, which whatever subscribes to the topic must not take for somebody at work. What there is
    no room for is said in short words, then left out, and then the quoted words of the report are cut, in this order:
    number, hours and how to take the fault are always there.
    """
    facts = _facts(page, now, fault, people)
    facts = replace(facts, by_mail=facts.by_mail and by_mail, wakes=wakes)
    return f"{facts.number} {page.level}", _fitting(
        facts.what, lambda what, brief: _text(page, facts, what, brief, now)
    )


def page_letter(
    page: OutgoingPage, fault: Fault | None, to: Person, address: str, now: datetime, people: People = NOBODY
) -> OutgoingMail:
    """Return the letter that goes with a page to one of the people it wakes.

    An answer to it acts on the fault. Where there is none, it is about the ticket, and is none of the letters whose
    answers go to a client.
    """
    facts = _facts(page, now, fault, people)
    edition = edition_named(page.desk, page.edition)
    zone = edition.hours.time_zone
    params: dict[str, str | tuple[str, ...]] = {"kind": page.kind, "level": page.level, "what": facts.what}
    params |= {
        "reports": "; ".join(filter(None, (facts.reports(_WHOLE), facts.proof(_WHOLE)))),
        "flaps": facts.flaps(_WHOLE),
        "first": page.ticket,
        "since": moment(facts.since, zone) if facts.since else "",
        "due": moment(facts.due, zone) if facts.due else "",
        "late": "yes" if facts.is_late(now) else "",
        "drill": "yes" if facts.drill else "",
        "bounded": "yes" if facts.last_allowed else "",
        "answers": "yes" if facts.by_mail else "",
        "by": facts.taken_by,
        "at": moment(facts.taken_at, zone) if facts.taken_at else "",
        "ended": facts.ended,
    }
    return OutgoingMail(
        kind=LETTER,
        desk=page.desk,
        edition=page.edition,
        ticket=facts.number,
        audience=Audience.FAULT if fault is not None else Audience.TEAM,
        to=address,
        to_name=to.name,
        subject=facts.what,
        clause=page.clause,
        params=params,
    )


def units(text: str) -> int:
    """Return how many UTF-16 units a text has: of what an SMS counts, an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def quotable(text: str) -> str:
    """Return a text of others as one line that can be quoted: nothing in it ends the quotation, or is unseen."""
    shown = "".join(" " if unicodedata.category(sign) in _UNSEEN or units(sign) > 1 else sign for sign in text)
    return " ".join(shown.translate(_QUOTES).split())


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a page says."""

    number: str
    what: str
    others: int = 0
    """Reports besides the first."""
    organisations: int = 0
    strangers: bool = False
    came_back: int = 0
    since: datetime | None = None
    due: datetime | None = None
    drill: bool = False
    last_allowed: bool = False
    taken_by: str = ""
    taken_at: datetime | None = None
    ended: str = ""
    """What became of it, where it is over."""
    by_mail: bool = True
    """Whether an answer to its letter takes the fault."""
    wakes: bool = True
    """Whether anybody of the desk is woken."""

    def is_late(self, now: datetime) -> bool:
        return self.due is not None and self.due <= now

    def reports(self, brief: int) -> str:
        """Return who reports besides the first: «ещё 7 сообщений, 3 организации»."""
        if self.others == 0:
            return ""
        said = f"ещё {self.others} {plural(self.others, 'сообщение', 'сообщения', 'сообщений')}"
        if brief >= _SHORTEST:
            said = f"ещё {self.others} сообщ."
        if self.organisations < 2 or brief == _LEAST:
            return said
        more = "+" if self.organisations >= MOST_ORGANISATIONS else ""
        form = "орг." if brief >= _SHORTEST else plural(self.organisations, "организация", "организации", "организаций")
        return f"{said}, {self.organisations}{more} {form}"

    def proof(self, brief: int) -> str:
        """Return that nobody is proved who reports it."""
        if not self.strangers or brief == _LEAST:
            return ""
        return "непроверенные" if brief else "непроверенные отправители"

    def flaps(self, brief: int) -> str:
        """Return that an alarm comes and goes: «мигает, 5 раз»."""
        if self.came_back == 0 or brief == _LEAST:
            return ""
        return f"мигает, {self.came_back} {plural(self.came_back, 'раз', 'раза', 'раз')}"


def _facts(page: OutgoingPage, now: datetime, fault: Fault | None, people: People) -> _Facts:
    if fault is None:
        what = quotable(str(page.params.get("subject_short", "")))
        return _Facts(page.ticket, what, since=page.since, due=page.due, by_mail=False)
    taken_by = people.by_address(fault.acknowledged_by) if fault.acknowledged_by else None
    return _Facts(
        fault.id,
        quotable(fault.what),
        others=max(fault.reports - 1, 0),
        organisations=len(fault.organisations),
        strangers=fault.strangers_only,
        came_back=fault.flaps,
        since=min(fault.since, now),
        due=fault.due if fault.answered_at is None else None,
        drill=fault.drill,
        last_allowed=bool(page.params.get(LAST_ALLOWED)),
        taken_by=quotable(taken_by.name if taken_by else str(page.params.get("by", ""))),
        taken_at=fault.ended_at or fault.acknowledged_at,
        ended=_ENDED.get(fault.end, ""),
    )


def _fitting(what: str, said: Callable[[str, int], str]) -> str:
    """Return the fullest wording that fits, one part before two where nothing is left out."""
    whole = [said(what, brief) for brief in (_WHOLE, _SHORT, _SHORTEST, _LEAST)]
    for limit, worded_so in ((ONE_PART, whole[:_LEAST]), (PAGE_LIMIT, whole)):
        if (found := next((text for text in worded_so if units(text) <= limit), None)) is not None:
            return found
    room = len(what) - (units(whole[_LEAST]) - PAGE_LIMIT) - 1  # of a quotable text each character is one unit
    cut = what[: max(room, 0)]
    # At the end of a word, where one ends near enough.
    return said(f"{(cut[: cut.rfind(' ')] if ' ' in cut[-_LONGEST_WORD_CUT:] else cut).rstrip(' ,')}…", _LEAST)


def _text(page: OutgoingPage, facts: _Facts, what: str, brief: int, now: datetime) -> str:
    edition = edition_named(page.desk, page.edition)
    words: Mapping[str, object] = {
        "number": facts.number,
        "what": what,
        "brief": brief,
        "level": page.level,
        "drill": facts.drill,
        "reports": "; ".join(filter(None, (facts.reports(brief), facts.proof(brief)))),
        "flaps": facts.flaps(brief),
        "bounded": facts.last_allowed,
        "by_mail": facts.by_mail,
        "wakes": facts.wakes,
        "ended": facts.ended,
        "by": facts.taken_by if brief == _WHOLE else facts.taken_by[: 40 // brief],
        "taken_at": _hour(facts.taken_at, edition, now, brief),
        **_term(facts, edition, now, brief),
    }
    return " ".join(worded(page, edition, **words)[1].split())


def _term(facts: _Facts, edition: Edition, now: datetime, brief: int) -> dict[str, object]:
    """Return since when the fault is, and until when an answer to it is promised, as a person says it at `now`."""
    if facts.since is None:
        return {"since": None, "due": None, "is_over": None}
    if facts.due is None:
        return {"since": _hour(facts.since, edition, now, brief), "due": None, "is_over": None}
    label = zone_label(facts.due, edition.hours.time_zone)
    due = _hour(facts.due, edition, facts.since, brief)
    is_late = facts.is_late(now)
    if is_late and brief == _LEAST:
        due = ""
    return {
        "since": _hour(facts.since, edition, now, brief),
        "due": " ".join(filter(None, (due, f"({label})" if not brief else label if due else ""))),
        "is_over": is_late,
    }


def _hour(at: datetime | None, edition: Edition, today: datetime, brief: int) -> str:
    """Return an instant as `03:00`, with its day where that is not today."""
    if at is None:
        return ""
    zone = ZoneInfo(edition.hours.time_zone)
    local, day = at.astimezone(zone), today.astimezone(zone).date()
    if brief and local.date() != day:
        return f"{local:%d.%m %H:%M}"
    return hour(at, edition.hours.time_zone, today=day)
