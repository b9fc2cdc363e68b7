"""The demo's letters: shipped as files, those that answer completed from the letter they answer.

In such a file stand `@REPLY-TO@`, `@SUBJECT@`, `@MESSAGE-ID@` and the like, in the file's own charset.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.header import Header, decode_header, make_header
from email.parser import BytesHeaderParser
from email.policy import compat32, default
from email.utils import getaddresses, parseaddr
from pathlib import Path

from local.outbox import Sent

LETTERS = Path(__file__).parent / "letters"


@dataclass(frozen=True, slots=True)
class Posted:
    """A letter ready to be handed to an SMTP server."""

    raw: bytes
    mail_from: str
    recipients: tuple[str, ...]
    sender: str
    """Display name, or the address where there is none."""
    subject: str
    text: str
    """The body, decoded; HTML where there is nothing else."""


def letter(name: str, answered: Sent | None) -> Posted:
    """Return the letter of a file, completed as an answer to `answered`."""
    raw = (LETTERS / f"{name}.eml").read_bytes()
    charset = _charset(raw)
    if answered is not None:
        for mark, value in _values(answered, charset).items():
            raw = raw.replace(mark.encode(), value.encode(charset, "replace"))
    parsed = message_from_bytes(raw)
    shown, sender = parseaddr(parsed["From"])
    if left := re.search(rb"@[A-Z]+(?:-[A-Z]+)*@", raw):
        raise ValueError(f"{name}.eml answers a letter, and none was given: {left[0].decode()} stands in it")
    automatic = parsed.get("Return-Path") == "<>"
    return Posted(
        raw=raw,
        mail_from="" if automatic else sender,
        recipients=tuple(address for _, address in getaddresses([parsed["To"]])),
        sender=_decoded(shown) or sender,
        subject=_decoded(parsed["Subject"]),
        text=_body(raw),
    )


def _values(answered: Sent, charset: str) -> dict[str, str]:
    message = answered.message
    reply_to = message["Reply-To"].addresses[0]
    subject = f"Re: {answered.subject}"
    quoted = "\r\n".join(f"> {line}".rstrip() for line in answered.text.strip().splitlines())
    return {
        "@REPLY-TO@": reply_to.addr_spec,
        "@FROM@": author(answered)[1],
        "@SUBJECT@": Header(subject, charset, maxlinelen=70).encode(linesep="\r\n"),
        "@SUBJECT-TEXT@": subject,
        # What SES puts in place of whatever Message-ID a letter had.
        "@MESSAGE-ID@": str(message.get("Message-ID") or f"<{answered.path.stem}@eu-west-1.amazonses.com>"),
        "@QUOTED@": f"{_attribution(answered)}\r\n{quoted}",
        "@QUOTED-PLAIN@": answered.text.strip().replace("\n", "\r\n"),
    }


def _body(raw: bytes) -> str:
    body = message_from_bytes(raw, policy=default).get_body(("plain", "html"))
    return "" if body is None else str(body.get_content())


def author(sent: Sent) -> tuple[str, str]:
    """Return the name and the address in a sent letter's From.

    The name is decoded here: the standard library's address parser leaves a space between two encoded words.
    """
    name, address = parseaddr(BytesHeaderParser(policy=compat32).parsebytes(sent.path.read_bytes())["From"])
    return _decoded(name), address


def _attribution(answered: Sent) -> str:
    return f"{answered.at:%d.%m.%Y %H:%M}, {author(answered)[0]} пишет:"


def _decoded(header: str) -> str:
    return " ".join(str(make_header(decode_header(header))).split())


def _charset(raw: bytes) -> str:
    found = re.search(rb'charset="?([\w-]+)', raw)
    return found[1].decode() if found else "utf-8"
