"""Whatever the words are, every reader finds them in the header that we write."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters import rendering
from adapters.mail.headers import MAX_NAME_CHARS
from adapters.mail.misread import as_written
from adapters.mail.writing import header_text, mailbox_field, text_field
from adapters.templates import SUBJECT_LIMIT
from domain.regulation.editions import edition_at
from domain.ticket.outgoing import Audience, OutgoingMail
from tests.support.builders import KEYS, moscow
from tests.support.people import addressed
from tests.support.readers import (
    MAILBOXES,
    Head,
    faults_of_form,
    read_by_email_header,
    read_by_email_policy,
    read_by_mailparse,
    read_by_reglament,
)

DESK, TICKET = "moi-dokumenty-online", "MDO-7K3F-9QXZ"

NOW = moscow("2026-11-20 10:00")
ADDRESSES = st.sampled_from(
    [
        "o@client.example",
        "o'b+x=y@client.example",
        '"x, all@client.example"@evil.example',
        '"a \\"b\\" c"@evil.example',
        "olga@xn--80a1acny.xn--p1ai",
        "support+7k3f9qxzcabypbkhrbdg9nmv2e@xn--d1achjhdicc8bh4h.xn--80asehdb",
        f"{'x' * 64}@{'y' * 60}.{'z' * 60}.example",
    ]
)
PIECES = st.sampled_from(
    ["=?", "?=", "=?utf-8?q?=0D=0ABcc:_x?=", "=?utf-8?b?eA==?=", " ", "   ", "\r\n", "\r\nBcc: x@y.example", "\n ", "\t", "\x00",
     "\x85", "\u2028", "\ud800", "\udcff", '"', "'", "\\", ",", ";", ":", "(", ")", "<", ">", "@", "[", "]", ".", "_", "=", "=D0",
     "Техническая поддержка «", "»", "№ 5", "Olga", "O'Brien, J.", "Re: ", "😀", "👩🏽‍💻", "🏳️‍🌈", "e\u0301", "\u0301", "й", "العربية", "\u200f",
     "한국어", "x" * 80, "ж" * 80]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(st.characters()),  # any code points, surrogates also
    st.text("Абв гдё«»№ xyz,.-", min_size=20, max_size=200),
    st.lists(st.one_of(PIECES, st.text(st.characters(), max_size=8)), max_size=30).map("".join),
    st.builds(lambda text, times: (text * times)[:2_000], st.text(st.characters(), min_size=1, max_size=40), st.just(2_000)),
)  # fmt: skip
MAILBOX = st.tuples(TEXTS, ADDRESSES)


@given(TEXTS, st.tuples(MAILBOX, MAILBOX, MAILBOX))
@example("", (("", "o@client.example"),) * 3)
@example("x" * 2_000, (("x" * 2_000, "o@client.example"),) * 3)
@example("😀 " * 700, (("Ж" * 2_000, '"a \\"b\\" c"@evil.example'),) * 3)
def test_every_reader_finds_the_words_and_addresses_that_were_written(
    subject: str, mailboxes: tuple[tuple[str, str], ...]
) -> None:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = text_field("Subject", subject)
    for name, (shown, address) in zip(MAILBOXES, mailboxes, strict=True):
        message[name] = mailbox_field(name, shown, address)
    message.set_content("text")
    meant = Head(header_text(subject), tuple((header_text(shown), address) for shown, address in mailboxes))
    assert_read_alike(message.as_bytes(), meant)


@given(TEXTS, TEXTS, TEXTS.map(lambda text: text.replace("\n", " ")), ADDRESSES)  # a letter's subject is one line
def test_every_reader_finds_in_a_desks_letter_the_words_and_addresses_that_were_meant(
    desk_name: str, to_name: str, subject: str, to: str
) -> None:
    edition = edition_at(DESK, NOW)
    edition = edition.model_copy(update={"desk": edition.desk.model_copy(update={"name": desk_name})})
    mail = OutgoingMail(
        kind="reply",
        desk=DESK,
        edition=edition.name,
        ticket=TICKET,
        audience=Audience.CLIENT,
        to=to,
        to_name=to_name,
        subject=subject,
        params={"text": "Готово."},
        references=("first@client.example", "x" * 90 + "@client.example"),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "edition_serving", lambda _desk, _at: edition)
        raw = rendering.render_mail(addressed(mail), KEYS, NOW).as_bytes()
    # The subject is the first line of the desk's template.
    worded = header_text(f"Ответ: {subject or 'без темы'}")[:SUBJECT_LIMIT]
    own = header_text(desk_name)
    back = rendering.reply_address(mail, edition, KEYS)
    meant = Head(
        header_text(f"{worded} [{TICKET}]"),
        ((own, edition.desk.address), (header_text(to_name), to), (own, back)),
    )
    assert_read_alike(raw, meant)


def assert_read_alike(raw: bytes, meant: Head) -> None:
    """Fail where the bytes are not well formed, or where a reader finds other words than were meant.

    Our own reader restores words that look as if they had been encoded twice («ÏðèâåòÏðèâåò»).
    """
    assert faults_of_form(raw) == []
    assert read_by_email_header(raw) == meant
    assert read_by_mailparse(raw) == meant
    assert read_by_reglament(raw) == Head(
        as_written(meant.subject),
        tuple((as_written(name)[:MAX_NAME_CHARS].rstrip().strip("\"' "), address) for name, address in meant.mailboxes),
    )
    assert spaceless(read_by_email_policy(raw)) == spaceless(meant)


def spaceless(head: Head) -> Head:
    """Return a head without the spaces in its names, which `email.policy` adds to."""
    return Head(head.subject, tuple((name.replace(" ", ""), address) for name, address in head.mailboxes))
