"""What the kind of a letter is decided by, and what its header says of a machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from adapters.mail.contents import Contents
from adapters.mail.headers import every, first
from domain.letter import Address, ByProgram, Verdicts

BEGINNING = 4_000
"""Characters of a text in which a machine says what it has to say."""


@dataclass(frozen=True, slots=True)
class Clues:
    """What the kind is decided by."""

    fields: list[tuple[str, str]]
    contents: Contents
    verdicts: Verdicts
    null_path: bool
    """The envelope sender is known to be `<>`."""
    from_addresses: tuple[Address, ...]
    subject: str
    text: str
    visible: str
    by_program: ByProgram | None
    has_quote: bool
    answers: bool


_FORWARD_SUBJECT = re.compile(r"^\s*(?:fwd?|fw|пересл?|пер)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_REPLY_SUBJECT = re.compile(r"^\s*(?:re|отв|на|aw|sv|antw)\s*(?:[\[(]\d+[\])])?\s*:", re.IGNORECASE)


def says_forwarded(subject: str) -> bool:
    """True where the subject begins as a forwarded letter's does."""
    return bool(_FORWARD_SUBJECT.match(subject))


def says_answered(subject: str) -> bool:
    """True where the subject begins as an answer's does."""
    return bool(_REPLY_SUBJECT.match(subject))


def has_words(text: str) -> bool:
    return next(islice(_WORD.finditer(text[:BEGINNING]), _FEWEST_WORDS - 1, None), None) is not None


_WORD = re.compile(r"[^\W\d_]{2,}")
_FEWEST_WORDS = 3


def automatic_header(clues: Clues) -> str:
    """What an automatic answer says of itself: a machine answers one person (RFC 3834 section 5)."""
    for keyword in auto_submitted(clues):
        if "replied" in keyword:
            return "Auto-Submitted says auto-replied (RFC 3834 section 5)"
    firsts = dict(reversed(clues.fields))
    for name in (
        "x-autoreply",
        "x-autorespond",
        "x-autoresponder",
        "x-auto-reply-from",
        "x-mail-autoreply",
        "x-vacation",
        "x-auto-reply",
    ):
        value = firsts.get(name, "").strip().lower()
        if value and value not in ("no", "false", "0"):
            return f"the header {name} is present"
    precedence = firsts.get("precedence", "").strip().lower()
    return f"Precedence is {precedence}" if precedence in ("auto_reply", "auto-reply") else ""


def auto_submitted(clues: Clues) -> list[str]:
    """RFC 3834 section 5: "no", alone or with comments and parameters, is a person's letter."""
    values = every(clues.fields, "auto-submitted")
    keywords = [re.sub(r"\([^()]*\)", " ", value).partition(";")[0].strip().lower() for value in values]
    return [keyword for keyword in keywords if keyword and keyword != "no"]


def stamped_header(clues: Clues) -> str:
    """What a program on the way, a form or a rule of a mailbox stamps on a person's words as well."""
    if auto_submitted(clues):
        return "Auto-Submitted says so (RFC 3834 section 5)"
    suppress = (first(clues.fields, "x-auto-response-suppress") or "").lower()
    # The other values (DR, NDR, RN, NRN) only ask for no receipts (MS-OXCMAIL 2.2.3.2.14), as persons may.
    if {word.strip() for word in suppress.split(",")} & {"oof", "autoreply", "all"}:
        return "X-Auto-Response-Suppress asks that nothing automatic answers"
    precedence = (first(clues.fields, "precedence") or "").strip().lower()
    return "Precedence is junk" if precedence == "junk" else ""


_ROBOT_ADDRESS = re.compile(
    r"^(?:[\w.-]{0,40}[-_.])?(?:no[-_.]?reply|do[-_.]?not[-_.]?reply)[\w.+-]{0,40}@"
    r"|^(?:robot|auto[-_.]?(?:reply|responder|answer|mailer)|mailer[-_.]?daemon|postmaster|nobody|daemon|www-data|apache|nginx|cron)(?:[-_.+][\w.+-]{0,40})?@",
    re.IGNORECASE,
)
"""Nobody reads what is sent there: by its name, or because a program of a server writes from it (RFC 2142 section 4)."""


def from_robot(clues: Clues) -> bool:
    return any(_ROBOT_ADDRESS.match(sender.address) for sender in clues.from_addresses)


def list_header(clues: Clues) -> str:
    for name in ("list-id", "list-unsubscribe", "list-post"):
        if first(clues.fields, name):
            return f"the header {name.title()} is present"  # RFC 2919, RFC 2369
    precedence = (first(clues.fields, "precedence") or "").strip().lower()
    return f"Precedence is {precedence}" if precedence in ("bulk", "list") else ""
