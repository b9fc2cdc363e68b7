"""The desk's templates: a letter's or page's text by its kind, the desk's own wording before the shared one.

A template is one text: its first line is the subject, the rest paragraphs.
"""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.mail.writing import header_text
from domain.answer_text import WRITERS_MARK
from domain.intake.form import ASKS_TO_FILL_IN, FORM
from domain.regulation.edition import Edition
from domain.regulation.editions import DESKS
from domain.russian.wording import plural
from domain.ticket.outgoing import OutgoingMail, OutgoingPage

SHARED = DESKS / "_shared" / "messages"
"""Wording that a desk may leave as it is."""
SUBJECT_LABEL = "Тема:"
SUBJECT_LIMIT = 200
"""Characters of a subject: mail programs cut far below it."""


def worded(message: OutgoingMail | OutgoingPage, edition: Edition, **words: object) -> tuple[str, str]:
    """Return the subject, empty where the template has none, and the text of a letter or page.

    Raises jinja2.UndefinedError where the template asks for what the value does not have: a bug.
    """
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
