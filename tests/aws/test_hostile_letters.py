"""Letters written to harm: each ends harmlessly, from raw bytes to the raw mail it causes, and the next is handled."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import parseaddr

import boto3
import pytest
from moto.ses.models import ses_backends

from adapters.ses.received import ReceivedLetter, notification_of
from application.storage import LetterRecord
from domain.letter import Envelope, Verdict, Verdicts
from domain.reply_token import ReplyKeys, token_for
from domain.ticket.events import LetterAdded
from domain.ticket.outgoing import Audience
from domain.ticket.ticket import Status, Ticket
from handlers import inbound
from tests.support.builders import MDO, MDO_ADDRESS, STOREOLIS_ADDRESS, moscow
from tests.support.client_letters import COMPLETE, INCOMPLETE
from tests.support.functions import ACCOUNT, REGION, Functions, number_of
from tests.support.people import specialists_of, team_of
from tests.support.raw_mail import text_of

SECRET = "Наш внутренний номер стойки — 40817"
VICTIM = "olga@client.example"
STRANGER = "mallory@evil.example"
SPECIALIST = specialists_of(MDO)[0]
TEAM = team_of(MDO)
TASK = "Добрый день. Не печатается талон, терминал пишет «ошибка 17». ФИО: Мэллори Иван Петрович, +7 916 000-00-01"
AT = moscow("2026-11-20 11:00")
ITEM_LIMIT = 400_000
"""Bytes of a DynamoDB item (service quotas)."""
EXPECTED_HEADERS = {
    "From", "To", "Subject", "Date", "Reply-To", "In-Reply-To", "References", "Auto-Submitted",
    "X-Auto-Response-Suppress", "Precedence", "X-Reglament-Desk", "X-Reglament-Ticket", "MIME-Version", "Content-Type",
}  # fmt: skip
"""The header of an outgoing letter has these and no others, whatever the letter it answers had."""


def raw(
    text: str = TASK, *, sender: str = f"Mallory <{STRANGER}>", subject: str = "Печать", head: Iterable[str] = ()
) -> bytes:
    """Return a plain letter, its header exactly as given: nothing checks it as a mail program would."""
    lines = [
        f"From: {sender}",
        f"To: {MDO_ADDRESS}",
        f"Subject: {subject}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        *head,
        "",
        text,
    ]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def words(text: str, charset: str = "utf-8") -> str:
    """Return a text as one encoded word."""
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?="


PASSED = Verdicts(spam=Verdict.PASS, virus=Verdict.PASS, dmarc=Verdict.PASS)
UNPROVED = replace(PASSED, dmarc=Verdict.GRAY)
FORGED = replace(PASSED, dmarc=Verdict.FAIL, dmarc_policy="reject")


@dataclass
class Post:
    """A desk with one client's ticket in it, at which hostile letters arrive."""

    functions: Functions
    victim: str

    def arrive(
        self, letter: bytes, *, to: str = MDO_ADDRESS, verdicts: Verdicts = PASSED, name: str = "evil"
    ) -> LetterRecord:
        """Let a letter arrive in one batch with an honest one behind it; return what became of it."""
        honest = f"{name}-honest"
        records = []
        for ses_id, written, address, found in (
            (name, letter, to, verdicts),
            (honest, raw(COMPLETE, sender=f"petr@{name}.example"), MDO_ADDRESS, PASSED),
        ):
            self.functions.put(written, ses_id)
            envelope = Envelope(ses_id, AT, (address,), STRANGER, found)
            body = notification_of(ReceivedLetter(envelope, self.functions.bucket, f"incoming/{ses_id}"))
            records.append({"messageId": ses_id, "eventSource": "aws:sqs", "body": body})
        self.functions.clock.at = AT
        assert inbound.handle({"Records": records}, self.functions.context, self.functions.services) == {
            "batchItemFailures": []
        }
        assert number_of(MDO, honest) in self.functions.numbers(), "the letter behind it is handled"
        self.functions.drain(but=number_of(MDO, honest))
        record = self.functions.table.letter(MDO, name)
        assert record is not None, "no letter is lost"
        assert self.functions.keys() >= {record.location, f"letters/{honest}"}, "and each is kept as it came"
        return record

    def ticket(self, number: str | None) -> Ticket:
        """Return a ticket as it is now."""
        ticket = self.functions.table.ticket(number or "")
        assert ticket is not None
        return ticket

    def sent(self) -> list[EmailMessage]:
        """Return what was sent on account of the hostile letter, and check the header of each."""
        found = []
        for message in ses_backends[ACCOUNT][REGION].sent_messages:
            data = message.raw_data if isinstance(message.raw_data, bytes) else message.raw_data.encode()
            mail = message_from_bytes(data if b"\n" in data.strip() else base64.b64decode(data), policy=default)
            assert set(mail.keys()) <= EXPECTED_HEADERS
            assert len(mail.keys()) == len(set(mail.keys()))
            assert not mail.defects
            assert [one.addr_spec for one in mail["From"].addresses] == [MDO_ADDRESS]
            assert re.fullmatch(r"support\+[0-9a-z]{26}@.+", mail["Reply-To"].addresses[0].addr_spec)
            assert len(mail["To"].addresses) == len(mail["Reply-To"].addresses) == 1
            reached = {parseaddr(destination)[1] for destination in message.destinations}
            assert reached == {mail["To"].addresses[0].addr_spec}, "by its envelope and its header alike"
            found.append(mail)
        return found

    def sent_to(self, address: str) -> list[EmailMessage]:
        """Return what was sent to an address."""
        return [mail for mail in self.sent() if mail["To"].addresses[0].addr_spec == address]

    def disclosed_to(self, address: str) -> str:
        """Return everything an address was shown, subjects and names included."""
        return "\n".join(f"{mail['Subject']}\n{mail['To']}\n{text_of(mail)}" for mail in self.sent_to(address))

    def victims(self) -> Ticket:
        """Return the client's ticket."""
        return self.ticket(self.victim)


@pytest.fixture
def post(functions: Functions) -> Post:
    """Return a desk where Olga's request is in hand and acknowledged."""
    letter = raw(
        f"{COMPLETE}\n\n{SECRET}.", sender=f"{words('Ольга Лебедева')} <{VICTIM}>", head=("Message-ID: <1@c.x>",)
    )
    functions.receive((letter, "victim"), at=moscow("2026-11-20 10:00"))
    functions.drain()
    return Post(functions, number_of(MDO, "victim"))


def stored_sizes() -> list[int]:
    """Return what each item of the table takes, counted from above: its JSON, names of types included."""
    items = boto3.client("dynamodb").scan(TableName="desk", ConsistentRead=True)["Items"]
    return [len(json.dumps(item, ensure_ascii=False, default=str).encode()) for item in items]


def nested(levels: int) -> bytes:
    """Return a letter of parts within parts."""
    head = f"From: {STRANGER}\r\nTo: {MDO_ADDRESS}\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    opened = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(levels))
    return f"{head}{opened}Content-Type: text/plain\r\n\r\n{TASK}\r\n".encode()


def with_files(names: Iterable[str]) -> bytes:
    """Return a letter with empty files of given names."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = STRANGER, MDO_ADDRESS, "files"
    message.set_content(TASK)
    for name in names:
        message.add_attachment(b"x", maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()


def thousand(field: str) -> str:
    return f"{field}: " + ",\r\n ".join(f"u{number}@many.example" for number in range(1_000))


TAKEN_UP: dict[str, Callable[[], bytes]] = {
    "a thousand recipients": lambda: raw(head=(thousand("To"), thousand("Cc"), thousand("Bcc"))),
    "a thousand addresses to answer to": lambda: raw(head=(thousand("Reply-To"),)),
    "a subject of a megabyte": lambda: raw(subject="A" * 1_000_000),
    "a subject of a megabyte in encoded words": lambda: raw(subject="\r\n ".join([words("Ж" * 20)] * 15_000)),
    "a name of a megabyte": lambda: raw(sender=f'"{"A" * 1_000_000}" <{STRANGER}>'),
    "a text of a megabyte": lambda: raw(f"{TASK}\n" + "слово " * 90_000),
    "a new line in the subject": lambda: raw(subject=words("Печать\r\nBcc: all@many.example\r\n\r\n<b>body</b>")),
    "a new line in the name": lambda: raw(sender=f"{words(f'Mallory{chr(13)}{chr(10)}Bcc: {VICTIM}')} <{STRANGER}>"),
    "a new line encoded twice": lambda: raw(
        subject=words(words("x\r\nBcc: all@many.example")),
        sender=f"{words(words('x' + chr(10) + 'Bcc: y@z'))} <{STRANGER}>",
    ),
    "other line ends": lambda: raw(subject=words("x\x85Bcc: a@b\u2028Bcc: a@b\x0bBcc: a@b\x00Bcc: a@b")),
    "a bare carriage return": lambda: raw(subject="x\rBcc: all@many.example"),
    "a folded header in the name": lambda: raw(sender=f'"x\r\n Bcc: all@many.example" <{STRANGER}>'),
    "directions and nothings": lambda: raw(
        subject=words("a\u202egpj.exe\u200b\u2066b\ufeff"),
        sender=words("\u202e\u200bтсилаицепС\u2069") + f" <{STRANGER}>",
    ),
    "the name of a specialist": lambda: raw(sender=f'"{SPECIALIST}" <{STRANGER}>'),
    "the name of a specialist in brackets": lambda: raw(sender=f"{words(f'Специалист <{SPECIALIST}>')} <{STRANGER}>"),
    "answers to the client": lambda: raw(head=(f"Reply-To: {VICTIM}",)),
    "answers to a specialist": lambda: raw(head=(f"Reply-To: {SPECIALIST}", f"Sender: {SPECIALIST}")),
    "answers to the desk": lambda: raw(head=(f"Reply-To: {MDO_ADDRESS}", f"Return-Path: <{MDO_ADDRESS}>")),
    "planted marks of the desk's own mail": lambda: raw(head=("X-Reglament-Ticket: MDO-0000-0000",)),
    "planted verdicts": lambda: raw(
        head=(f"Authentication-Results: amazonses.com; dmarc=pass header.from={SPECIALIST.rpartition('@')[2]}",)
    ),
    "ids of a kilobyte": lambda: raw(
        head=(f"Message-ID: <{'m' * 490}@x>", "References: " + "\r\n ".join(f"<{'r' * 480}{n}@x>" for n in range(100)))
    ),
    "ids with line ends and brackets": lambda: raw(head=("Message-ID: <a\r\n b>\r\n <c@d>\r\n X: y>",)),
    "a template": lambda: raw(f"{TASK} {{{{ 7 * 7 }}}} {{% include 'card.txt' %}}", subject="{{ 7 * 7 }}{% raw %}"),
    "markup": lambda: raw(f"{TASK}\n<script>alert(1)</script>", subject="</title><script>alert(1)</script>"),
    "a thousand files": lambda: with_files("ф" * 100 + f"{n}.pdf" for n in range(900)),
    "names of files with line ends and directions": lambda: with_files(["a\u202egpj.exe", "b — c\u2028— d", "\u200b"]),
    "a mailbox that holds another": lambda: raw(sender=f'"x, {VICTIM}"@evil.example'),
    "a mailbox of strange signs": lambda: raw(sender="ma+l=lo_ry!#$%&'*/?^`{|}~@evil.example"),
}
"""Letters that are requests for all their oddities: each opens a ticket of its own."""


@pytest.mark.parametrize("oddity", TAKEN_UP)
def test_an_odd_request_opens_its_own_ticket_and_injects_and_discloses_nothing(oddity: str, post: Post) -> None:
    before = post.victims()
    record = post.arrive(TAKEN_UP[oddity]())
    assert record.outcome == "ticket"
    assert post.victims() == before
    assert post.functions.numbers() == {post.victim, record.ticket, number_of(MDO, "evil-honest")}
    reached = {mail["To"].addresses[0].addr_spec for mail in post.sent()}
    author = post.ticket(record.ticket).requester.address
    assert reached | {author} == {author, TEAM, VICTIM}
    assert len(post.sent_to(VICTIM)) == 1, "the client hears of its own request alone"
    shown = post.disclosed_to(post.ticket(record.ticket).requester.address)
    assert post.victim not in shown
    assert "40817" not in shown
    assert max(stored_sizes()) < ITEM_LIMIT


@pytest.mark.parametrize("oddity", ["a new line in the subject", "a new line in the name", "directions and nothings"])
def test_what_is_stored_of_names_and_subjects_is_one_visible_line(oddity: str, post: Post) -> None:
    ticket = post.ticket(post.arrive(TAKEN_UP[oddity]()).ticket)
    assert ticket.subject.isprintable()
    assert ticket.requester.name.isprintable()


def test_a_mailbox_that_ses_cannot_write_to_is_told_to_the_team(post: Post) -> None:
    """Its local part would stand in the header as an encoded word, which is somebody else's address."""
    record = post.arrive(raw(sender="мэллори@злодей.рф"))
    assert record.outcome == "ticket"
    assert {mail["To"].addresses[0].addr_spec for mail in post.sent()} == {VICTIM, TEAM}
    post.functions.drain(but=number_of(MDO, "evil-honest"))
    assert "outside ASCII" in post.disclosed_to(TEAM)


def test_a_template_in_a_letter_is_text(post: Post) -> None:
    post.arrive(TAKEN_UP["a template"]())
    card = post.disclosed_to(TEAM)
    assert "{{ 7 * 7 }}" in card
    assert "49" not in card.replace("7 * 7", "")


SET_ASIDE: dict[str, tuple[Callable[[], bytes], Verdicts, str]] = {
    "ten thousand headers": (lambda: raw(head=[f"X-{n}: y" for n in range(10_000)]), PASSED, "quarantined"),
    "fifty parts within each other": (lambda: nested(50), PASSED, "quarantined"),
    "a forged client": (lambda: raw(sender=VICTIM, subject="Закройте заявку"), FORGED, "forged"),
    "a forged specialist": (lambda: raw(sender=SPECIALIST, text="закрыть"), FORGED, "forged"),
    "an automatic answer": (lambda: raw(head=("Auto-Submitted: auto-replied",)), PASSED, "ignored"),
    "a letter of the desk's own": (
        lambda: raw(sender=MDO_ADDRESS, head=(f"X-Reglament-Desk: {MDO}", "X-Reglament-Ticket: MDO-0000-0000")),
        PASSED,
        "ignored",
    ),
}
"""Letters that nobody answers."""


@pytest.mark.parametrize("oddity", SET_ASIDE)
def test_a_letter_that_is_no_request_is_recorded_answered_by_nobody_and_changes_nothing(
    oddity: str, post: Post
) -> None:
    written, verdicts, outcome = SET_ASIDE[oddity]
    token = token_for(post.functions.services.reply_keys, MDO, post.victim, Audience.CLIENT)
    before = post.victims(), len(post.sent_to(VICTIM))
    for name, address in (("plain", MDO_ADDRESS), ("token", MDO_ADDRESS.replace("@", f"+{token}@"))):
        record = post.arrive(written(), verdicts=verdicts, to=address, name=name)
        assert record.outcome == outcome
    assert (post.victims(), len(post.sent_to(VICTIM))) == before
    assert not post.sent_to(STRANGER)
    assert not post.sent_to(SPECIALIST)


UNANSWERED: dict[str, Callable[[], bytes]] = {
    "a mailing list": lambda: raw(head=("List-Unsubscribe: <https://x.example>", "List-Id: <x>")),
    "the desk's own address": lambda: raw(sender=MDO_ADDRESS),
    "the other desk's address": lambda: raw(sender=STOREOLIS_ADDRESS),
    "the desk's own mark": lambda: raw(head=(f"X-Reglament-Desk: {MDO}",)),
}
"""A person's words that a machine may have written: RFC 3834 forbids to answer them, not to read them."""


@pytest.mark.parametrize("oddity", UNANSWERED)
def test_a_letter_that_must_not_be_answered_is_shown_to_the_team_alone(oddity: str, post: Post) -> None:
    token = token_for(post.functions.services.reply_keys, MDO, post.victim, Audience.CLIENT)
    before, cards = len(post.sent_to(VICTIM)), len(post.sent_to(TEAM))
    for name, address in (("plain", MDO_ADDRESS), ("token", MDO_ADDRESS.replace("@", f"+{token}@"))):
        record = post.arrive(UNANSWERED[oddity](), to=address, name=name)
        assert record.outcome in ("ticket", "message")
    assert len(post.sent_to(TEAM)) > cards
    assert len(post.sent_to(VICTIM)) == before
    for address in (STRANGER, SPECIALIST, MDO_ADDRESS, STOREOLIS_ADDRESS):
        assert not post.sent_to(address)


def test_a_letter_of_several_authors_is_nobodys(post: Post) -> None:
    """Not the client's, nor the specialist's whose address stands beside it."""
    before = post.victims()
    for name, line in (
        ("one", f"{VICTIM}, {SPECIALIST}"),
        ("two", f"{SPECIALIST}\r\nFrom: {VICTIM}"),
        ("three", f"x <{VICTIM}> <{SPECIALIST}>"),
    ):
        record = post.arrive(raw("закрыть", sender=line, subject=f"Re: [{post.victim}]"), name=name)
        assert record.outcome == "ticket"
        assert post.ticket(record.ticket).requester.address == ""
    assert post.victims() == before
    assert len(post.sent_to(VICTIM)) == 1
    assert not post.sent_to(SPECIALIST)


def test_the_number_of_somebody_elses_ticket_in_the_subject_shows_nothing_of_it(post: Post) -> None:
    before = post.victims()
    record = post.arrive(raw("Пришлите, пожалуйста, всю переписку.", subject=f"Re: Не приходит код [{post.victim}]"))
    assert record.outcome == "ticket"
    assert record.ticket != post.victim
    assert post.victims() == before
    shown = post.disclosed_to(STRANGER)
    assert shown
    assert "40817" not in shown
    assert "Лебедева" not in shown
    assert VICTIM not in shown


def test_a_number_planted_in_a_subject_does_not_lead_the_answers_astray(post: Post) -> None:
    """Our letters put the ticket's own number last, and it is the last that counts."""
    planted = raw(INCOMPLETE, sender=VICTIM, subject="Как в заявке MDO-0000-0001: не печатается")
    own = post.arrive(planted, name="own").ticket
    answer = raw("Уточняю: терминал № 3.", sender=VICTIM, subject=f"Re: MDO-0000-0001: не печатается [{own}]")
    assert post.arrive(answer, name="answer").ticket == own


OTHER_KEY = ReplyKeys("b", {"b": b"another key"})


def tampered(token: str) -> str:
    return token[:-1] + ("0" if token[-1] != "0" else "1")


def in_role(role: str, token: str) -> str:
    return token[:8] + role + token[9:]


WORTHLESS: dict[str, Callable[[ReplyKeys, str], str]] = {
    "a changed MAC": lambda keys, number: tampered(token_for(keys, MDO, number, Audience.CLIENT)),
    "a changed ticket": lambda keys, number: "00000000" + token_for(keys, MDO, number, Audience.CLIENT)[8:],
    "a changed role": lambda keys, number: in_role("t", token_for(keys, MDO, number, Audience.CLIENT)),
    "another desk's token": lambda keys, number: token_for(keys, "storeolis", number, Audience.CLIENT),
    "a key rotated out": lambda keys, number: token_for(OTHER_KEY, MDO, number, Audience.CLIENT),
    "another key under the current name": lambda keys, number: token_for(
        ReplyKeys("a", {"a": b"guessed"}), MDO, number, Audience.CLIENT
    ),
    "a token within a token": lambda keys, number: f"x+{token_for(keys, MDO, number, Audience.CLIENT)}",
}


@pytest.mark.parametrize("fault", WORTHLESS)
def test_a_worthless_token_leads_nowhere(fault: str, post: Post) -> None:
    before = post.victims()
    to = MDO_ADDRESS.replace("@", f"+{WORTHLESS[fault](post.functions.services.reply_keys, post.victim)}@")
    record = post.arrive(raw(), to=to)
    assert record.outcome == "ticket"
    assert post.victims() == before
    assert post.victim not in post.disclosed_to(STRANGER)


def by_token(post: Post, audience: Audience) -> str:
    """Return the address that a genuine token of the client's ticket makes."""
    return MDO_ADDRESS.replace("@", f"+{token_for(post.functions.services.reply_keys, MDO, post.victim, audience)}@")


def test_a_token_is_read_in_any_case(post: Post) -> None:
    """Some servers on the way change the case of an address."""
    letter = raw("Ошибка та же.", sender=VICTIM)
    assert post.arrive(letter, to=by_token(post, Audience.CLIENT).upper()).ticket == post.victim


STRANGERS_WITH_TEAM_TOKEN = {
    "a stranger": (STRANGER, PASSED),
    "the name of a specialist": (f'"{SPECIALIST}" <{STRANGER}>', PASSED),
    "a specialist whom nothing proves": (SPECIALIST, UNPROVED),
    "a specialist and somebody else": (f"{SPECIALIST}, {STRANGER}", PASSED),
    "a domain that looks like the desk's": ("specialist1@mоидокументы.онлайн", PASSED),
    "a domain that ends like the desk's": (SPECIALIST.replace("@", "@x-"), PASSED),
    "a specialist of the other desk": (specialists_of("storeolis")[0], PASSED),
    "the client": (VICTIM, PASSED),
}


@pytest.mark.parametrize("who", STRANGERS_WITH_TEAM_TOKEN)
def test_the_teams_token_makes_nobody_a_specialist(who: str, post: Post) -> None:
    """The letter joins the ticket for the team's eyes; nothing is done, nobody outside is written to."""
    sender, verdicts = STRANGERS_WITH_TEAM_TOKEN[who]
    before = post.victims()
    record = post.arrive(raw("закрыть", sender=sender), to=by_token(post, Audience.TEAM), verdicts=verdicts)
    assert (record.ticket, record.reason) == (post.victim, "unverified_specialist")
    after = post.victims()
    assert after == before.model_copy(update={"version": before.version + 1, "proved_at": after.proved_at})
    assert (after.proved_at == before.proved_at) == (who != "the client")  # that an address can be reached, and no more
    assert len(post.sent_to(VICTIM)) == 1
    assert not post.sent_to(STRANGER)
    assert "не с проверенного адреса" in text_of(post.sent_to(TEAM)[1])


def test_a_clients_token_in_a_strangers_hands_adds_a_letter_and_no_more(post: Post) -> None:
    """The stranger is shown nothing, is not answered, and changes nothing that is known of the client."""
    before = post.victims()
    written = raw("Телефон: +7 999 000-00-00. ФИО: Мэллори Иван Петрович. Отвечайте на mallory@evil.example.")
    record = post.arrive(written, to=by_token(post, Audience.CLIENT))
    assert record.ticket == post.victim
    after = post.victims()
    assert (after.requester, after.identification, after.thread) == (
        before.requester,
        before.identification,
        before.thread,
    )
    assert not post.sent_to(STRANGER)
    assert [event.role for _, event in post.functions.table.history(post.victim) if isinstance(event, LetterAdded)] == [
        "requester",
        "other",
    ]


def test_a_specialists_letter_sent_again_by_somebody_else_is_not_done_again(post: Post) -> None:
    """Its DKIM signature stays good, and a server that lost our receipt sends it again as well."""
    answer = raw("Обновите приложение.", sender=SPECIALIST, head=("Message-ID: <s1@desk.example>",))
    assert post.arrive(answer, to=by_token(post, Audience.TEAM), name="first").reason == "specialist"
    answered = post.victims()
    again = post.arrive(answer, to=by_token(post, Audience.TEAM), name="again")
    assert (again.ticket, again.reason) == (post.victim, "sent_again")
    assert len(post.sent_to(VICTIM)) == 2, "the acknowledgement and one answer"
    assert post.victims().status is answered.status


def test_a_specialists_letter_to_the_clients_token_is_no_act(post: Post) -> None:
    """Whoever answers beside the card is told so; the client is not written to."""
    record = post.arrive(raw("закрыть", sender=SPECIALIST), to=by_token(post, Audience.CLIENT))
    assert (record.ticket, record.reason) == (post.victim, "specialist_elsewhere")
    assert post.victims().status is Status.OPEN
    assert len(post.sent_to(VICTIM)) == 1


def test_a_letter_in_the_clients_name_that_nothing_proves_changes_no_details(post: Post) -> None:
    """It joins the ticket, and reopens it; whom to telephone stays as the client said."""
    close = raw("закрыть", sender=SPECIALIST)
    post.arrive(close, to=by_token(post, Audience.TEAM), name="close")
    assert post.victims().status is Status.CLOSED
    before = post.victims().identification
    borrowed = raw("Не работает. Телефон: +7 999 000-00-00", sender=VICTIM, subject=f"Re: [{post.victim}]")
    assert post.arrive(borrowed, verdicts=UNPROVED).ticket == post.victim
    assert post.victims().status is Status.OPEN
    assert post.victims().identification.phone == before.phone


def test_a_borrowed_specialists_address_without_a_token_is_a_clients_letter(post: Post) -> None:
    record = post.arrive(raw("закрыть", sender=SPECIALIST, subject=f"Re: [{post.victim}]"), verdicts=UNPROVED)
    assert record.outcome == "ticket"
    assert record.ticket != post.victim
    assert post.victims().status is Status.OPEN


@pytest.mark.parametrize(
    "sender",
    [
        f'"<{SPECIALIST}>"@evil.example',
        f"(<{SPECIALIST}>) {STRANGER}",
        f'{STRANGER} "<{SPECIALIST}>"',
        f"{SPECIALIST}@evil.example",
    ],
    ids=["in the local part", "in a comment", "in a quoted name behind", "before a second @"],
)
def test_a_specialists_address_hidden_in_another_persons_is_not_the_author(sender: str, post: Post) -> None:
    """The domain that passed is the stranger's: whoever reads From otherwise than SES would believe it for the wrong one."""
    record = post.arrive(raw("закрыть", sender=sender), to=by_token(post, Audience.TEAM))
    assert record.reason == "unverified_specialist"
    assert post.victims().status is Status.OPEN
