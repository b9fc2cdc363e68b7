"""Programs that read a letter's header, independent of each other, and a check of its bytes that needs none of them."""

from __future__ import annotations

import base64
import quopri
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32, default
from email.utils import parseaddr
from typing import cast

from fast_mail_parser import PyAddress, parse_email

from adapters.mail import headers

MAILBOXES = ("From", "To", "Reply-To")
_ENCODED_WORD = re.compile(rb"=\?utf-8\?(?:(b)\?([A-Za-z0-9+/=]+)|q\?([A-Za-z0-9!*+/=_-]+))\?=")
"""An encoded word as any field takes it, a display name also (RFC 2047 sections 2 and 5)."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a reader found in a header, or what was meant."""

    subject: str
    mailboxes: tuple[tuple[str, str], ...]
    """Display name and address in From, To and Reply-To."""


def read_by_email_header(raw: bytes) -> Head:
    """Return what `email.header` of the standard library reads."""
    message = message_from_bytes(raw, policy=compat32)
    pairs = [parseaddr(message[name]) for name in MAILBOXES]
    return Head(_decoded(message["Subject"]), tuple((_decoded(name), address) for name, address in pairs))


def read_by_mailparse(raw: bytes) -> Head:
    """Return what `mailparse` reads, a library in Rust."""
    mail = parse_email(raw)
    (to,), (back,) = mail.to, mail.reply_to
    return Head(mail.subject, tuple(map(_pair, (cast("PyAddress", mail.from_), to, back))))


def read_by_reglament(raw: bytes) -> Head:
    """Return what the desk itself reads. It cuts a name, and takes quotation marks off its ends."""
    fields = headers.fields(message_from_bytes(raw, policy=compat32))
    subject = headers.first(fields, "subject")
    assert subject is not None
    found = [headers.parse_addresses(headers.every(fields, name.lower())) for name in MAILBOXES]
    return Head(headers.decode_header(subject), tuple((mailbox.name, mailbox.address) for (mailbox,) in found))


def read_by_email_policy(raw: bytes) -> Head:
    """Return what `email.policy` of the standard library reads.

    It puts a space between two encoded words of a display name (python/cpython#128110), and takes the quotes off
    a local part with two dots together.
    """
    message = message_from_bytes(raw, policy=default)
    found = [message[name].addresses for name in MAILBOXES]
    return Head(str(message["Subject"]), tuple((mailbox.display_name, mailbox.addr_spec) for (mailbox,) in found))


def faults_of_form(raw: bytes) -> list[str]:
    """Return what is wrong with the bytes of a header by RFC 5322 section 2 and RFC 2047 sections 2 and 5."""
    head = raw.partition(b"\r\n\r\n")[0]
    faults = []
    for line in head.split(b"\r\n"):
        first = line.partition(b":")[2] if line[:1].strip() else line
        if b"\r" in line or b"\n" in line or not line.isascii():
            faults.append(f"a bare line end or a byte outside ASCII: {line!r}")
        if not first.strip() and not line.startswith(b"Subject:"):
            faults.append(f"a line without text: {line!r}")
        if len(line) > 998:
            faults.append(f"a line over 998 characters: {line!r}")
        if len(line) > (76 if b"=?" in line else 78) and not re.fullmatch(rb" ?<.*>", first):
            faults.append(f"a line that can be shorter: {line!r}")
    for word in re.findall(rb"[^ \r\n]*=\?[^ \r\n]*", head):
        match = _ENCODED_WORD.fullmatch(word)
        if match is None or len(word) > 75:
            faults.append(f"not one encoded word of at most 75 characters between spaces: {word!r}")
            continue
        data = base64.b64decode(match[2]) if match[1] else quopri.decodestring(match[3], header=True)
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            faults.append(f"a character is split between encoded words: {word!r}")
    return faults


def _decoded(value: str) -> str:
    return str(make_header(decode_header("".join(value.splitlines()))))


def _pair(mailbox: PyAddress) -> tuple[str, str]:
    return mailbox.display_name or "", mailbox.address
