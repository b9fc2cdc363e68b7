"""What a person wrote into a calendar object (iCalendar, RFC 5545)."""

from __future__ import annotations

import re

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"([A-Za-z-]{1,60})((?:;[^:;\"\n]*(?:\"[^\"\n]*\")?[^:;\"\n]*)*):(.*)")
_ESCAPED = re.compile(r"\\([\\;,nN])")
# RFC 5546 section 3.2: what the organizer sends says what the meeting is about; what comes back repeats it.
_BY_ORGANIZER = frozenset({"", "PUBLISH", "REQUEST", "ADD", "CANCEL"})
_HOLDING_WORDS = frozenset({"VEVENT", "VTODO", "VJOURNAL"})


def words_of(calendar: str, method: str) -> str:
    """Return the description and comments of its events, in order; of an attendee's answer the comments alone."""
    wanted = {"DESCRIPTION", "COMMENT"} if method in _BY_ORGANIZER else {"COMMENT"}
    within: list[str] = []
    found: dict[str, None] = {}
    for line in _FOLD.sub("", calendar).splitlines():
        match = _LINE.fullmatch(line)
        if not match:
            continue
        name, value = match.group(1).upper(), match.group(3).strip()
        if name == "BEGIN":
            within.append(value.upper())
        elif name == "END":
            del within[-1:]
        elif name in wanted and within and within[-1] in _HOLDING_WORDS:
            found[_ESCAPED.sub(lambda sign: "\n" if sign[1] in "nN" else sign[1], value).strip()] = None
    return "\n\n".join(text for text in found if text)


def method_of(calendar: str) -> str:
    """Return the METHOD that the object itself names (RFC 5546 section 1.4); empty where it names none."""
    match = re.search(r"(?im)^METHOD:\s*([A-Za-z-]{1,40})\s*$", calendar[:10_000])
    return match.group(1).upper() if match else ""
