"""Outgoing values become letters: the desk's templates, and the headers that mail needs.

The HTML alternative is made of the same paragraphs as the text, so that the two never say different things.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from itertools import groupby

from markupsafe import Markup, escape

from adapters.mail.writing import Field, mailbox_field, text_field
from adapters.page_wording import LETTER as PAGE_LETTER
from adapters.templates import worded
from domain.answer_text import ANCHOR, WRITERS_MARK
from domain.regulation.edition import Edition
from domain.regulation.editions import edition_named, edition_serving
from domain.reply_token import ReplyKeys, token_for
from domain.ticket.outgoing import Audience, OutgoingMail

_MESSAGE_ID = re.compile(r"[!-;=?-~]{1,250}")
"""What may stand between the angle brackets: printable ASCII without spaces and brackets."""

_LAYOUT = Markup(
    '<!doctype html><html lang="ru"><head><meta charset="utf-8"></head>'
    '<body style="font:15px/1.5 sans-serif;max-width:42em">{}</body></html>'
)


def render_mail(mail: OutgoingMail, keys: ReplyKeys, now: datetime) -> EmailMessage:
    """Return the letter ready to send, on one recipient, with its reply token and threading headers.

    Raises jinja2.UndefinedError where the template asks for what the value does not have: a bug.
    """
    subject, body = worded(mail, edition_named(mail.desk, mail.edition), subject=mail.subject)
    # The ticket's own edition rules what is promised; the desk writes from where it can be reached now.
    edition = edition_serving(mail.desk, now)
    message = EmailMessage(policy=SMTP)
    for field in _fields(mail, subject, edition, keys, now):
        message[field.name] = field
    if mail.audience is Audience.TEAM and mail.kind != PAGE_LETTER:
        body = f"{ANCHOR}\n\n{body}"
    message.set_content(body, cte="base64")
    message.add_alternative(_as_html(body), subtype="html", cte="base64")
    return message


def text_of(message: EmailMessage) -> str:
    """Return the text of a letter that `render_mail` made, without its HTML, with `\n` line ends."""
    plain = message.get_body(("plain",))
    assert plain is not None  # every letter has it
    return str(plain.get_content()).replace("\r\n", "\n")


def _fields(mail: OutgoingMail, subject: str, edition: Edition, keys: ReplyKeys, now: datetime) -> Iterator[Field]:
    desk = edition.desk
    yield mailbox_field("From", desk.name, desk.address)
    yield mailbox_field("To", mail.to_name, mail.to)
    yield text_field("Subject", f"{subject} [{mail.ticket}]")
    yield text_field("Date", format_datetime(now))
    # The page of a fault that an earlier version kept on its ticket has no token: an answer to it reaches the team alone.
    is_of_ticket = mail.kind == PAGE_LETTER and mail.audience is not Audience.FAULT
    answers_to = desk.reply_mailbox if is_of_ticket else reply_address(mail, edition, keys)
    yield mailbox_field("Reply-To", desk.name, answers_to)
    if answered := [f"<{known}>" for known in mail.references if _MESSAGE_ID.fullmatch(known)]:
        # Ids on lines of their own and never encoded, for mail programs thread by the bare ids; those of SES are long.
        yield Field("In-Reply-To", (answered[-1],))
        yield Field("References", tuple(answered))
    if mail.automatic:
        # RFC 3834 section 5. The others are for responders that do not know it: Exchange and Outlook
        # (MS-OXCMAIL 2.2.3.2.14; not NDR, for a letter that does not arrive must be heard of), and many a desk.
        yield text_field("Auto-Submitted", "auto-replied" if answered else "auto-generated")
        yield text_field("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply")
        yield text_field("Precedence", "auto_reply")
    if mail.kind == PAGE_LETTER:
        # RFC 4021 section 2.1.54; the other is what mail programs read that do not know it.
        yield text_field("Importance", "high")
        yield text_field("X-Priority", "1")
    yield text_field("X-Reglament-Desk", mail.desk)
    yield text_field("X-Reglament-Ticket", mail.ticket)


def reply_address(mail: OutgoingMail, edition: Edition, keys: ReplyKeys) -> str:
    """Return where an answer goes: an address of the desk with the keyed token of this ticket and audience."""
    local, _, domain = edition.desk.reply_mailbox.rpartition("@")
    return f"{local}+{token_for(keys, mail.desk, mail.ticket, mail.audience)}@{domain}"


def _as_html(body: str) -> str:
    paragraphs = [_block(paragraph) for paragraph in body.strip().split("\n\n")]
    return str(_LAYOUT.format(Markup("").join(paragraphs)))


def _block(paragraph: str) -> Markup:
    """One paragraph; lines that begin with a dash are a list, those with `>` a quotation."""
    runs = groupby(paragraph.splitlines(), key=_looks_like)
    return Markup("").join(
        _LOOKS[look]([line.removeprefix(look).removeprefix(" ") for line in run]) for look, run in runs
    )


def _looks_like(line: str) -> str:
    return next((mark for mark in ("—", WRITERS_MARK) if f"{line} ".startswith(f"{mark} ")), "")


def _paragraph(lines: Sequence[str]) -> Markup:
    return Markup("<p>{}</p>").format(Markup("<br>").join(map(_linked, lines)))


def _list(lines: Sequence[str]) -> Markup:
    return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(_linked(line)) for line in lines))


def _quotation(lines: Sequence[str]) -> Markup:
    return Markup('<blockquote style="margin:0;padding-left:1em;border-left:3px solid #ccc">{}</blockquote>').format(
        _paragraph(lines)
    )


_LOOKS: Mapping[str, Callable[[Sequence[str]], Markup]] = {"": _paragraph, "—": _list, WRITERS_MARK: _quotation}
"""How lines look in HTML, by the mark that they begin with."""


def _linked(line: str) -> Markup:
    """Escape a line and make its https links clickable; the text comes from strangers."""
    pieces = re.split(r"(https://[^\s<>\"«»]+[^\s<>\"«».,;:!?)])", line)
    return Markup("").join(
        Markup('<a href="{0}">{0}</a>').format(piece) if number % 2 else escape(piece)
        for number, piece in enumerate(pieces)
    )
