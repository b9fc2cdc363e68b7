"""The outbox folder: every letter and page that left, whole, as one `.eml` file each, in order."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

TICKET_HEADER = "X-Reglament-Ticket"
TIME_HEADER = "X-Local-Sent-At"
FAULT_HEADER = "X-Reglament-Fault"
PAGE_HEADER = "X-Local-Page-Level"
PAGES_FROM = "pages@local.invalid"
_NUMBER = re.compile(r"\b[A-Z]{2,6}-(?:F-[0-9A-Z]{5}|[0-9A-Z]{4}-[0-9A-Z]{4})\b")
"""A number of a fault or a ticket in a text message, which carries nothing else."""
_NAME = re.compile(r"(\d{4,})-.*\.eml")


@dataclass(frozen=True, slots=True)
class Sent:
    """One letter or page that left."""

    path: Path
    at: datetime
    """By the clock of the stack: the driven one where there is one."""
    to: str
    subject: str
    text: str
    ticket: str
    """Its number, or empty."""
    page_level: str
    """`on_call` or `escalation` for a page as the topic takes it; empty for a letter, and for a page's SMS and mail."""
    message: EmailMessage

    @property
    def is_sms(self) -> bool:
        """Whether it is a page's text message to one telephone, `to`."""
        return str(self.message.get("From", "")) == PAGES_FROM and not self.is_page

    @property
    def is_page(self) -> bool:
        """Whether it is a page as the topic takes it: there is one such item a page, whoever else gets it."""
        return bool(self.page_level)


class Outbox:
    """Writes files into a folder, numbered on from those that are there; tells of each one."""

    def __init__(self, folder: Path, tell: Callable[[Sent], None]) -> None:
        self.folder = folder
        self._tell = tell
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._number = max((number for number, _ in self._files()), default=0)

    def letter(self, raw: bytes, to: str, at: datetime) -> Sent:
        """Keep one letter exactly as it was to be sent; the time and the envelope stand above it."""
        head = f"{TIME_HEADER}: {at.isoformat()}\r\nX-Local-Envelope-To: {_one_line(to)}\r\n".encode()
        return self._write(head + raw)

    def page(self, subject: str, text: str, attributes: dict[str, str], at: datetime) -> Sent:
        """Keep one page as a letter to whoever has that level."""
        level = attributes.get("level", "page")
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = PAGES_FROM
        message["To"] = f"{level}@local.invalid"
        message["Subject"] = _one_line(subject)
        message["Date"] = format_datetime(at)
        message[TICKET_HEADER] = attributes.get("ticket", "")
        message["X-Reglament-Desk"] = attributes.get("desk", "")
        if fault := attributes.get("fault"):
            message[FAULT_HEADER] = fault
        message[PAGE_HEADER] = level
        message.set_content(text)
        return self._write(f"{TIME_HEADER}: {at.isoformat()}\r\n".encode() + message.as_bytes())

    def text_message(self, to: str, text: str, at: datetime) -> Sent:
        """Keep one SMS as a letter to the number; it is part of a page, which the topic's item counts."""
        number = _NUMBER.search(text)
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = PAGES_FROM
        message["Subject"] = "SMS"
        message["Date"] = format_datetime(at)
        message[TICKET_HEADER] = number[0] if number else ""
        message.set_content(text)
        head = f"{TIME_HEADER}: {at.isoformat()}\r\nX-Local-Envelope-To: {_one_line(to)}\r\n".encode()
        return self._write(head + message.as_bytes())

    def all(self) -> list[Sent]:
        """Return everything in the folder, in the order in which it left."""
        return [read(path) for _, path in sorted(self._files())]

    def _write(self, raw: bytes) -> Sent:
        parsed = BytesParser(policy=policy.default).parsebytes(raw)
        ticket = _one_line(str(parsed.get(TICKET_HEADER, "")))
        kind = "page" if parsed.get(PAGE_HEADER) else "sms" if parsed.get("From") == PAGES_FROM else "letter"
        with self._lock:
            self._number += 1
            safe = re.sub(r"[^A-Za-z0-9-]", "", ticket) or "no-ticket"
            path = self.folder / f"{self._number:04d}-{safe}-{kind}.eml"
            # Whoever watches the folder never sees half a file.
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(raw)
            unfinished.rename(path)
        sent = read(path)
        self._tell(sent)
        return sent

    def _files(self) -> list[tuple[int, Path]]:
        found = ((_NAME.fullmatch(path.name), path) for path in self.folder.iterdir())
        return [(int(match.group(1)), path) for match, path in found if match]


def read(path: Path) -> Sent:
    """Read one file of the folder."""
    message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    assert isinstance(message, EmailMessage)  # what policy.default makes
    body = message.get_body(preferencelist=("plain", "html"))
    return Sent(
        path=path,
        at=_time_of(message),
        to=str(message.get("X-Local-Envelope-To") or message.get("To", "")),
        subject=str(message.get("Subject", "")),
        text=str(body.get_content()) if body is not None else "",
        ticket=str(message.get(TICKET_HEADER, "")),
        page_level=str(message.get(PAGE_HEADER, "")),
        message=message,
    )


def _time_of(message: EmailMessage) -> datetime:
    stated = message.get(TIME_HEADER)
    if stated:
        return datetime.fromisoformat(str(stated))
    return parsedate_to_datetime(str(message["Date"])).astimezone(UTC)


def _one_line(text: str) -> str:
    return " ".join(text.split())
