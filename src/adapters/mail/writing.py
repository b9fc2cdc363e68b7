"""Header fields as they are sent: the same lines on every version of Python.

The folding of `email.policy` changes with the patch version: 3.11.7 and 3.12.1 lose spaces between two encoded
words, 3.13.0 writes two of them side by side, and all three write some of 76 characters, against sections 2 and 5
of RFC 2047. `email.header` encodes and folds here instead: it is older and does not change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.header import Header
from email.policy import Policy
from email.utils import quote

MAX_LINE = 76
"""Characters of a line that has an encoded word (RFC 2047 section 2); plain text may have 78 and does not need them."""
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
"""A display name that needs no quotes (RFC 5322 section 3.2.3)."""
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_QUOTED = r'"(?:[ !#-\[\]-~]|\\[ -~])+"'
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@|\")(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})@{_LABEL}(?:\.{_LABEL})*")
"""A mailbox: a local part, quoted where it needs to be, and a host name (RFC 5321 sections 4.1.2 and 4.5.3.1)."""


@dataclass(frozen=True, slots=True)
class Field:
    """A header field in its lines.

    With its `name` and `fold` it is what `email.policy.EmailPolicy` calls a header object: a message stores and
    writes it without a parser.
    """

    name: str
    lines: tuple[str, ...]

    def fold(self, *, policy: Policy) -> str:
        """Return the field as it is sent."""
        return f"{self.name}: {f'{policy.linesep} '.join(self.lines)}{policy.linesep}"


def text_field(name: str, text: str) -> Field:
    """Return a field of free text, such as Subject."""
    shown = header_text(text)
    room = MAX_LINE - len(f"{name}: ")
    return Field(name, _folded(name, shown, encoded=not shown.isascii() or any(len(w) > room for w in shown.split())))


def is_mailbox(address: str) -> bool:
    """Return whether a header and SES can name an address: a mailbox in printable ASCII, its domain in punycode."""
    return _ADDRESS.fullmatch(address) is not None


def mailbox_field(name: str, shown: str, address: str) -> Field:
    """Return a field of one mailbox, such as To; the address is neither encoded nor folded.

    It is in angle brackets also without a name: some readers take a quoted local part for a name otherwise.
    Raises ValueError where the address is no mailbox in printable ASCII.
    """
    if not is_mailbox(address):
        raise ValueError(f"found {address!r}, expected a mailbox in printable ASCII, the domain in punycode")
    angled = f"<{address}>"
    *before, last = _phrase(name, header_text(shown))
    start = " " if before else f"{name}: "
    if not last or len(f"{start}{last} {angled}") <= MAX_LINE:
        return Field(name, (*before, f"{last} {angled}".lstrip()))
    return Field(name, (*before, last, angled))


def header_text(text: str) -> str:
    """Return one line of printable text without encoded words, which could contain the line break again."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).replace("=?", "= ?").split())


def _phrase(name: str, shown: str) -> tuple[str, ...]:
    """Return a display name in lines: as it is, in quotes, or in encoded words."""
    phrase = shown if _ATOMS.fullmatch(shown) else f'"{quote(shown)}"'
    if shown.isascii() and len(f"{name}: {phrase}") <= MAX_LINE:
        return (phrase,)
    return _folded(name, shown, encoded=True)


def _folded(name: str, text: str, *, encoded: bool) -> tuple[str, ...]:
    header = Header(text, "utf-8" if encoded else "us-ascii", maxlinelen=MAX_LINE, header_name=name)
    return tuple(header.encode(splitchars=" ").split("\n "))
