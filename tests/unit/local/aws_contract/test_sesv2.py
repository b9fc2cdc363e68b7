"""The local way out refuses what SES documents that it refuses, in SES's own words, and nothing else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.storage import Leased, OutboxKey
from domain.regulation.editions import desk_ids, editions
from domain.ticket.outgoing import Audience, OutgoingMail
from domain.ticket.ticket import ticket_id
from handlers import mailer
from local.aws_contract.sesv2 import LINE_LIMIT, RAW_LIMIT, RECIPIENTS_LIMIT, refusal_of
from tests.support.builders import KEYS, STOREOLIS_ADDRESS, moscow

VERIFIED = {"storeolis.ru"}
RAW = f"From: {STOREOLIS_ADDRESS}\r\nTo: a@b.example\r\nSubject: x\r\n\r\nbody\r\n".encode()


def a_request(raw: bytes = RAW, **changes: Any) -> dict[str, Any]:
    """Return a SendEmail that SES takes, but for the changes."""
    values: dict[str, Any] = {
        "FromEmailAddress": STOREOLIS_ADDRESS,
        "Destination": {"ToAddresses": ["a@b.example"]},
        "Content": {"Raw": {"Data": raw}},
        "EmailTags": [{"Name": "desk", "Value": "storeolis"}],
        "ConfigurationSetName": "set",
    }
    return {**values, **changes}


def test_a_plain_letter_is_taken() -> None:
    assert refusal_of(a_request(), VERIFIED) is None


@pytest.mark.parametrize("value", ["OUT.1", "", "a b", "ключ", "a" * 257, "a#b", "a@b"])
@pytest.mark.parametrize("part", ["Name", "Value"])
def test_a_tag_of_other_signs_or_too_long_is_refused(part: str, value: str) -> None:
    """SES API v2, MessageTag."""
    tag = {"Name": "item", "Value": "x", part: value}
    refusal = refusal_of(a_request(EmailTags=[tag]), VERIFIED)
    assert refusal is not None
    assert refusal.code == "BadRequestException"
    assert refusal.message.startswith(f"Invalid tag {part.lower()} <{value}>")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Destination": {}}, "at least one recipient"),
        ({"Destination": {"ToAddresses": [f"{n}@b.example" for n in range(RECIPIENTS_LIMIT + 1)]}}, "Recipient count"),
        ({"Destination": {"ToAddresses": ["оля@b.example"]}}, "Invalid email address"),
        ({"Destination": {"ToAddresses": ["a@"]}}, "Invalid email address"),
        ({"Destination": {"ToAddresses": ["a b@c.example"]}}, "Invalid email address"),
        ({"Destination": {"ToAddresses": [f"{'a' * 65}@c.example"]}}, "Invalid email address"),
        ({"Destination": {"ToAddresses": ["a@почта.example"]}}, "Invalid email address"),
        ({"raw": b"From: support@storeolis.ru\r\nTo: a@b.example\r\n"}, "separated by a blank line"),
        ({"raw": RAW.replace(b"Subject: x", "Subject: тема".encode())}, "non-ASCII"),
        ({"raw": RAW.replace(b"Subject: x", b"Subject: x\nBcc: c@d.example")}, "bare CR or LF"),
        ({"raw": RAW + b"x" * (LINE_LIMIT + 1)}, "longer than"),
        ({"raw": RAW + b"x\r\n" * (RAW_LIMIT // 3)}, "Message length"),
        ({"raw": RAW.replace(b"Subject: x", b"Subject: x\r\nsubject: y")}, "Duplicate header 'subject'"),
        ({"raw": RAW.replace(b"To: a@b.example\r\n", b"")}, "Missing required header 'To'"),
        ({"FromEmailAddress": "support@other.example"}, "Email address is not verified"),
        ({"raw": RAW.replace(b"storeolis.ru", b"other.example")}, "Email address is not verified"),
    ],
)  # fmt: skip
def test_what_ses_refuses_is_refused(changes: dict[str, Any], words: str) -> None:
    """Each limit has its page beside it in `local/aws_contract/sesv2.py`."""
    refusal = refusal_of(a_request(**changes), VERIFIED)
    assert refusal is not None
    assert words in refusal.message


def test_an_identity_that_is_not_verified_has_the_code_of_invalid_content() -> None:
    """So that only the text tells the two apart, as on AWS."""
    refusal = refusal_of(a_request(), set())
    assert refusal is not None
    assert refusal.code == "MessageRejected"


class Recorder:
    """A way out that keeps what it is given."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def send(self, raw: bytes, *, sender: str, to: str, tags: dict[str, str]) -> str:
        """Keep a letter as the request that SES would get."""
        named = [{"Name": name, "Value": value} for name, value in tags.items()]
        destination = {"ToAddresses": [to]}
        self.requests.append(a_request(raw, FromEmailAddress=sender, Destination=destination, EmailTags=named))
        return "sent"


class NobodySuppressed:
    """A store that knows of no suppressed address."""

    def is_suppressed(self, desk: str, address: str) -> bool:
        """Return False."""
        del desk, address
        return False

    def ticket(self, number: str) -> None:
        """Return None: nothing has happened since the letter was written."""
        del number


ITEMS = st.builds(lambda version, place: f"OUT#{version:08d}#{place:03d}", st.integers(1, 99_999_999), st.integers(0, 999))  # fmt: skip


@given(
    desk=st.sampled_from(sorted(desk_ids())), origin=st.text(max_size=30), item=ITEMS, subject=st.text(max_size=300),
    name=st.text(max_size=100), text=st.text(max_size=2_000), references=st.lists(st.text(max_size=1_000), max_size=3),
)  # fmt: skip
def test_whatever_the_desk_writes_is_within_the_limits_of_ses(
    desk: str, origin: str, item: str, subject: str, name: str, text: str, references: list[str]
) -> None:
    """Its tags, header and body, for any client's words."""
    edition = editions(desk)[-1]
    number = ticket_id(edition.desk.prefix, desk, origin)
    mail = OutgoingMail(
        kind="reply", desk=desk, edition=edition.name, ticket=number, audience=Audience.CLIENT,
        to="olga@client.example", to_name=name, subject=subject, params={"text": text},
        references=tuple(references),
    )  # fmt: skip
    recorder = Recorder()
    services: Any = SimpleNamespace(
        store=NobodySuppressed(), now=lambda: moscow("2026-11-20 10:00"), mailer=recorder, reply_keys=KEYS
    )
    mailer.send(Leased(OutboxKey(ticket=number, item=item), mail, 0), services)
    (request,) = recorder.requests
    domain = edition.desk.address.rpartition("@")[2]
    assert refusal_of(request, {domain}) is None
