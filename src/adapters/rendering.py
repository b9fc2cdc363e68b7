"""Outgoing values become letters and pages: the desk's templates, and the headers that mail needs.

A template is one text: its first line is the subject, the rest paragraphs. The HTML alternative is made
of the same paragraphs, so that the two never say different things.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from itertools import groupby
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from adapters.mail.writing import Field, header_text, mailbox_field, text_field
from domain.answer_text import ANCHOR, WRITERS_MARK
from domain.intake.form import ASKS_TO_FILL_IN, FORM
from domain.regulation.edition import Edition
from domain.regulation.editions import DESKS, edition_named, edition_serving
from domain.reply_token import ReplyKeys, token_for
from domain.russian.wording import hour, plural, zone_label
from domain.ticket.outgoing import Audience, OutgoingMail, OutgoingPage

SHARED = DESKS / "_shared" / "messages"
"""Wording that a desk may leave as it is."""
SUBJECT_LABEL = "Тема:"
SUBJECT_LIMIT = 200
"""Characters of a subject: mail programs cut far below it."""
PAGE_LIMIT = 134
"""Characters of a page: two SMS parts in Cyrillic, 67 characters a part (AWS End User Messaging, "SMS character limits")."""
_TWO_PLACES = re.compile(r"[\U00010000-\U0010FFFF]")
"""Characters that take the place of two in an SMS, which is UTF-16: emoji, mostly."""
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
    subject, body = _worded(mail, edition_named(mail.desk, mail.edition), subject=mail.subject)
    # The ticket's own edition rules what is promised; the desk writes from where it can be reached now.
    edition = edition_serving(mail.desk, now)
    message = EmailMessage(policy=SMTP)
    for field in _fields(mail, subject, edition, keys, now):
        message[field.name] = field
    if mail.audience is Audience.TEAM:
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
    yield mailbox_field("Reply-To", desk.name, reply_address(mail, edition, keys))
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
    yield text_field("X-Reglament-Desk", mail.desk)
    yield text_field("X-Reglament-Ticket", mail.ticket)


def render_page(page: OutgoingPage, now: datetime) -> tuple[str, str]:
    """Return a page's subject, ASCII, and its text of at most PAGE_LIMIT characters, as it is true at `now`.

    What there is no room for is taken from the ticket's subject: the hours and the number are never cut. Emoji are
    left out of it, so that a character is one of the SMS too.
    """
    subject = " ".join(_TWO_PLACES.sub(" ", str(page.params["subject_short"])).split())
    room = PAGE_LIMIT - len(_page_text(page, "…", now)) + 1
    if len(subject) > room:
        subject = f"{subject[: max(room - 1, 0)].rstrip()}…"
    return f"{page.ticket} {page.level}", _page_text(page, subject, now)[:PAGE_LIMIT]


def _page_text(page: OutgoingPage, subject: str, now: datetime) -> str:
    edition = edition_named(page.desk, page.edition)
    words: dict[str, object] = {"subject": subject, "level": page.level, "since": None}
    if page.since is not None and page.due is not None:
        zone = edition.hours.time_zone
        began = page.since.astimezone(ZoneInfo(zone)).date()
        words |= {
            "since": hour(page.since, zone, today=now.astimezone(ZoneInfo(zone)).date()),
            "due": f"{hour(page.due, zone, today=began)} ({zone_label(page.due, zone)})",
            "is_over": page.due <= now,
        }
    text = " ".join(_worded(page, edition, **words)[1].split())
    return re.sub(r"([.!?…])\. ", r"\1 ", text)  # a subject may end its sentence itself


def reply_address(mail: OutgoingMail, edition: Edition, keys: ReplyKeys) -> str:
    """Return where an answer goes: an address of the desk with the keyed token of this ticket and audience."""
    local, _, domain = edition.desk.reply_mailbox.rpartition("@")
    return f"{local}+{token_for(keys, mail.desk, mail.ticket, mail.audience)}@{domain}"


def _worded(message: OutgoingMail | OutgoingPage, edition: Edition, **words: object) -> tuple[str, str]:
    text = (
        templates(message.desk)
        .get_template(f"{message.kind}.txt")
        .render(
            ticket=message.ticket,
            desk=edition.desk.name,
            signature=edition.desk.signature,
            regulation_url=edition.url,
            clause=message.clause,
            params=message.params,
            **words,
        )
    )
    first, _, body = text.partition("\n")
    if not first.startswith(SUBJECT_LABEL):
        return "", text.strip()
    subject = header_text(first.removeprefix(SUBJECT_LABEL))[:SUBJECT_LIMIT]
    return subject, re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"


@cache
def templates(desk: str) -> Environment:
    """Return the templates of a desk's letters and pages, the shared ones among them."""
    environment = Environment(
        loader=FileSystemLoader([str(DESKS / desk / "messages"), str(SHARED)]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - the templates are plain text; the HTML made of them is escaped below
    )
    environment.filters["plural"] = plural
    environment.filters["quoted"] = quoted
    environment.globals.update(form=FORM, asks_to_fill_in=ASKS_TO_FILL_IN)
    return environment


def quoted(text: str) -> str:
    """Return a writer's text with a mark before each of its lines: none of them passes for a line of the desk's own."""
    return "\n".join(f"{WRITERS_MARK} {line}".rstrip() for line in text.splitlines())


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
