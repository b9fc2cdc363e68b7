"""What SES refuses of a SendEmail request: its documented limits, each with its source, checked where letters leave.

Emulators take what SES does not, so the door of the local stack and the tests ask here first. Where SES documents no
text for an error, the text is one that users of SES have reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses
from typing import Any, NamedTuple

from composition import LOOPBACK

Request = Mapping[str, Any]
"""The parameters of SendEmail (SES API v2), the raw letter as bytes."""

TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""Names and values of tags (SES API v2, MessageTag)."""
RECIPIENTS_LIMIT = 50
"""To, Cc and Bcc together (SES developer guide, "Service quotas", "Maximum number of recipients per message")."""
RAW_LIMIT = 40 * 1024 * 1024
"""Bytes of a letter, its attachments encoded (SES developer guide, "Service quotas", "Message quotas")."""
LINE_LIMIT = 998
"""Characters of a line without its end (RFC 5322 section 2.1.1; SES API v2, RawMessage: 1,000 with it)."""
ONCE = (
    "date", "from", "sender", "reply-to", "to", "cc", "bcc", "message-id", "in-reply-to", "references", "subject",
    "mime-version", "content-type", "content-transfer-encoding",
)  # fmt: skip
"""Fields that a header has at most once (RFC 5322 section 3.6, RFC 2045 section 3)."""
REQUIRED = ("from", "to")
"""Fields without which SES takes no raw letter; it writes Date and Message-ID itself."""
_MAILBOX = re.compile(r"(?P<local>[!-?A-~]{1,64})@(?P<domain>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)")
"""ASCII on both sides (SES API v2, Destination: no SMTPUTF8, domains in punycode); lengths by RFC 5321 section 4.5.3.1."""


class Refusal(NamedTuple):
    """An error of SendEmail."""

    code: str
    message: str


def refusal_of(request: Request, verified: Collection[str]) -> Refusal | None:
    """Return by what error SES refuses a request, or None; `verified` are the account's verified domains."""
    return next((refusal for check in _CHECKS for refusal in check(request, verified)), None)


def _tags(request: Request, _: Collection[str]) -> Iterator[Refusal]:
    for tag in request.get("EmailTags", []):
        for part in ("Name", "Value"):
            if not TAG.fullmatch(tag[part]):
                text = f"Invalid tag {part.lower()} <{tag[part]}>: only alphanumeric ASCII characters, '_', and '-' are allowed."
                yield Refusal("BadRequestException", text)


def _recipients(request: Request, _: Collection[str]) -> Iterator[Refusal]:
    recipients = recipients_of(request)
    if not recipients:
        yield Refusal("BadRequestException", "Missing required parameter: at least one recipient is needed")
    if len(recipients) > RECIPIENTS_LIMIT:
        yield Refusal("BadRequestException", f"Recipient count exceeds {RECIPIENTS_LIMIT}.")
    for address in recipients:
        if not _MAILBOX.fullmatch(address):
            yield Refusal("BadRequestException", f"Invalid email address {address}.")


def _raw(request: Request, _: Collection[str]) -> Iterator[Refusal]:
    raw = _raw_of(request)
    if len(raw) > RAW_LIMIT:
        yield Refusal("BadRequestException", f"Message length is more than {RAW_LIMIT} bytes long: '{len(raw)}'.")
    head, blank, _body = raw.partition(b"\r\n\r\n")
    if not blank:
        yield Refusal("BadRequestException", "The message must contain a header and a body, separated by a blank line.")
    if not head.isascii():
        yield Refusal("BadRequestException", "Header contains non-ASCII characters.")
    if re.search(rb"\r(?!\n)|(?<!\r)\n", head):
        yield Refusal("BadRequestException", "Header contains a bare CR or LF.")
    if any(len(line) > LINE_LIMIT for line in raw.split(b"\r\n")):
        yield Refusal("BadRequestException", f"A line of the message is longer than {LINE_LIMIT} characters.")


def _fields(request: Request, _: Collection[str]) -> Iterator[Refusal]:
    names = [name.lower() for name in _header_of(request)]
    for name in ONCE:
        if names.count(name) > 1:
            yield Refusal("BadRequestException", f"Duplicate header '{name}'.")
    for name in REQUIRED:
        if name not in names:
            yield Refusal("BadRequestException", f"Missing required header '{name.title()}'.")


def _identities(request: Request, verified: Collection[str]) -> Iterator[Refusal]:
    """From, Sender, Return-Path and the API's own parameter (SES developer guide, "Verified identities")."""
    header = _header_of(request)
    named = [value for name in ("From", "Sender", "Return-Path") for value in header.get_all(name, [])]
    addresses = [address for _, address in getaddresses([str(request.get("FromEmailAddress", "")), *map(str, named)])]
    unverified = [one for one in addresses if one and one.rpartition("@")[2].lower() not in verified]
    if unverified:
        region = LOOPBACK["AWS_DEFAULT_REGION"].upper()
        failed = f"The following identities failed the check in region {region}: {', '.join(unverified)}"
        yield Refusal("MessageRejected", f"Email address is not verified. {failed}")


_CHECKS: tuple[Callable[[Request, Collection[str]], Iterator[Refusal]], ...] = (
    _tags,
    _recipients,
    _raw,
    _fields,
    _identities,
)


def recipients_of(request: Request) -> list[str]:
    """Return all recipients of a request."""
    destination = request.get("Destination", {})
    return [address for kind in ("To", "Cc", "Bcc") for address in destination.get(f"{kind}Addresses", [])]


def _raw_of(request: Request) -> bytes:
    raw: bytes = request.get("Content", {}).get("Raw", {}).get("Data", b"")
    return raw


def _header_of(request: Request) -> Message:
    return BytesHeaderParser(policy=compat32).parsebytes(_raw_of(request))
