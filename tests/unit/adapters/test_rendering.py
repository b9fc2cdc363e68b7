"""Letters as they leave: worded, threaded, and nothing of a stranger's text in their headers."""

from __future__ import annotations

import ast
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from adapters import rendering
from adapters.page_wording import render_page
from adapters.rendering import render_mail
from adapters.templates import SHARED
from domain.regulation.editions import DESKS, desk_ids, editions
from domain.reply_token import read_token
from domain.ticket.outgoing import Audience, OutgoingMail
from tests.support.builders import KEYS, moscow
from tests.support.client_letters import COMPLETE, FAULT
from tests.support.life import begin
from tests.support.people import addressed
from tests.support.readers import faults_of_form, read_by_email_header, read_by_mailparse
from tests.support.repository import ROOT

NOW = moscow("2026-11-20 10:00")
DECIDE = ROOT / "src" / "domain" / "ticket" / "decide"
OF_FAULTS = DECIDE.parent.parent / "fault"


def a_mail(**changes: Any) -> OutgoingMail:
    """Return an acknowledgement to a client."""
    values: dict[str, Any] = {
        "kind": "accepted",
        "desk": "moi-dokumenty-online",
        "edition": "2013-01-01",
        "ticket": "MDO-7K3F-9QXZ",
        "audience": Audience.CLIENT,
        "to": "olga@client.example",
        "to_name": "Ольга Лебедева",
        "subject": "Не приходит код",
        "clause": "2.1",
        "params": {"due": "пятница, 20 ноября 2026 г., 14:00 (МСК)"},
        "references": ("first@client.example", "x" * 90 + "@client.example"),
    }
    return OutgoingMail(**{**values, **changes})


def rendered(mail: OutgoingMail) -> EmailMessage:
    """Return a letter as its recipient parses it."""
    return message_from_bytes(render_mail(addressed(mail), KEYS, NOW).as_bytes(), policy=default)


def literals_of(function: str, folder: Path = DECIDE) -> set[str]:
    """Return the literal first arguments of all calls to a method of the draft in `domain.ticket.decide`, or in another folder."""
    calls = (node for file in folder.glob("*.py") for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    return {
        node.args[0].value
        for node in calls
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == function
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


@pytest.mark.parametrize("desk", desk_ids())
def test_every_message_that_is_ever_sent_has_its_wording_at_every_desk(desk: str) -> None:
    """A missing template would be found by a client."""
    from domain.ticket.decide.unprompted import _ASKING, _REFUSING

    named = [literals_of(function) for function in ("mail_client", "mail_team")]
    named += [literals_of(function, OF_FAULTS) for function in ("mail", "page")]
    assert all(named), "the calls are found"
    sent = set().union(*named)
    sent |= {*_ASKING.values(), *_REFUSING.values(), "question", "solution", "accepted", "reopened"}
    worded = {file.stem for folder in (DESKS / desk / "messages", SHARED) for file in folder.glob("*.txt")}
    assert sent <= worded


def test_the_reply_address_carries_a_token_of_this_ticket_and_audience() -> None:
    """And the subject its number."""
    message = rendered(a_mail())
    local, _, domain = message["Reply-To"].addresses[0].addr_spec.partition("@")
    token = read_token(KEYS, "moi-dokumenty-online", "MDO", local.partition("+")[2])
    assert token is not None
    assert (token.ticket, token.audience) == ("MDO-7K3F-9QXZ", Audience.CLIENT)
    assert domain.isascii()
    assert "[MDO-7K3F-9QXZ]" in message["Subject"]


def test_a_message_id_longer_than_a_line_is_not_hidden_in_an_encoded_word() -> None:
    """Mail programs thread by the bare ids."""
    raw = render_mail(a_mail(), KEYS, NOW).as_bytes()
    assert b"In-Reply-To: <" + b"x" * 90 + b"@client.example>\r\n" in raw
    assert b"References: <first@client.example>\r\n <" in raw


@pytest.mark.parametrize("bad", ["a\r\nBcc: all@client.example", "a b@c", "a>\nX: y", "б@в", ""])
def test_no_header_comes_in_by_a_message_id(bad: str) -> None:
    """The client wrote it, and it is left out."""
    message = rendered(a_mail(references=(bad,)))
    assert message["In-Reply-To"] is None
    assert message["Bcc"] is None


@pytest.mark.parametrize("text", ["Ольга\r\nBcc: all@client.example", "a\x00b\x85c\u2028d", "=?utf-8?q?=0D=0ABcc:_x?="])
def test_no_header_comes_in_by_a_name_or_a_subject(text: str) -> None:
    """Line ends of every kind are spaces."""
    raw = render_mail(a_mail(to_name=text, subject=text), KEYS, NOW).as_bytes()
    headers = raw.partition(b"\r\n\r\n")[0]
    assert b"\nBcc" not in headers
    assert len(rendered(a_mail(to_name=text, subject=text))["To"].addresses) == 1


@pytest.mark.parametrize("last", ["М", "услуги", "Storeolis", "онлайн и не только"])
def test_a_desks_name_of_any_length_is_read_in_from_and_reply_to(last: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Encoded words are at most 75 characters long, with white space between them (RFC 2047 sections 2 and 5)."""
    for length in range(1, 61):
        name = f"Техническая поддержка «{(f'{last} ' * 60)[:length].strip()}»"
        shipped = editions("moi-dokumenty-online")[-1]
        edition = shipped.model_copy(update={"desk": shipped.desk.model_copy(update={"name": name})})
        monkeypatch.setattr(rendering, "edition_serving", lambda _desk, _at, edition=edition: edition)
        raw = render_mail(a_mail(), KEYS, NOW).as_bytes()
        assert faults_of_form(raw) == []
        for read in (read_by_email_header, read_by_mailparse):
            (author, _), _, (back, _) = read(raw).mailboxes
            assert (author, back) == (name, name)


def test_a_subject_keeps_each_space_wherever_its_lines_are_folded() -> None:
    """Space between two encoded words is not shown (RFC 2047 section 6.2), so that it must be inside one."""
    for length in range(1, 80):
        subject = f"{'ж' * length} не приходит код, а в кабинет № 5 входа нет"
        raw = render_mail(a_mail(subject=subject), KEYS, NOW).as_bytes()
        assert faults_of_form(raw) == []
        for read in (read_by_email_header, read_by_mailparse):
            assert read(raw).subject == f"Обращение принято: {subject} [MDO-7K3F-9QXZ]"


@pytest.mark.parametrize(
    "to",
    [
        '"x, all@client.example"@evil.example',
        '"a \\"b\\" c"@evil.example',
        '"a..b"@evil.example',
        "o'b+x=y@evil.example",
    ],
)
def test_a_quoted_mailbox_is_written_to_as_it_is(to: str) -> None:
    """Quoted a second time it would be another one (RFC 5322 section 3.4.1)."""
    raw = render_mail(a_mail(to=to, to_name=""), KEYS, NOW).as_bytes()
    assert f"\r\nTo: <{to}>\r\n".encode() in raw


def test_an_automatic_letter_says_so_and_a_specialists_does_not() -> None:
    """RFC 3834 section 5."""
    assert rendered(a_mail())["Auto-Submitted"] == "auto-replied"
    assert rendered(a_mail(references=()))["Auto-Submitted"] == "auto-generated"
    human = rendered(a_mail(kind="reply", params={"text": "Готово."}, automatic=False))
    assert human["Auto-Submitted"] is None
    assert human["X-Auto-Response-Suppress"] is None
    assert human["Precedence"] is None


def test_an_automatic_letter_asks_every_responder_for_silence_and_the_post_for_reports() -> None:
    """A letter that does not arrive must be heard of: non-delivery reports are not suppressed."""
    message = rendered(a_mail())
    assert message["Precedence"] == "auto_reply"
    suppressed = {word.strip() for word in message["X-Auto-Response-Suppress"].split(",")}
    assert suppressed == {"DR", "RN", "NRN", "OOF", "AutoReply"}


@pytest.mark.parametrize("automatic", [True, False])
def test_answers_go_to_the_desk_alone_and_no_header_names_another_way_back(automatic: bool) -> None:
    """One Reply-To, the desk's own mailbox with a token; the return path is left to SES, which hears the bounces."""
    message = rendered(a_mail(automatic=automatic))
    (back,) = message["Reply-To"].addresses
    (author,) = message["From"].addresses
    assert (back.username.partition("+")[0], back.domain) == (author.username, author.domain)
    for name in ("Return-Path", "Sender", "Errors-To", "Disposition-Notification-To", "Return-Receipt-To"):
        assert message[name] is None


HELD_BACK = {
    "per_ticket_per_hour": "По обращению MDO-7K3F-9QXZ служба за час сама отправила клиенту 5 писем",
    "per_address_per_hour": "служба за час сама ответила 5 раз ",
    "per_address_per_day": "служба за сутки сама ответила 5 раз ",
    "per_form_per_hour": "Из-за писем формы с адреса olga@client.example служба за час отправила 5 писем",
    "to_team_per_address_per_hour": "вам за час пришло 5 писем",
    "to_strangers_per_hour": "чьи адреса не подтверждены, служба за час сама отправила 5 писем",
}


@pytest.mark.parametrize("limit", HELD_BACK)
def test_the_team_reads_which_limit_holds_letters_back_and_that_nothing_is_lost(limit: str) -> None:
    """Whichever limit of the edition it is."""
    told = {"address": "olga@client.example", "limit": limit, "allowed": "5", "until": "пятница, 11:00 (МСК)"}
    notice = rendered(a_mail(kind="held_back", audience=Audience.TEAM, params=told, clause=None, references=()))
    body = notice.get_body(("plain",))
    assert body is not None
    assert HELD_BACK[limit] in body.get_content()
    assert "полученных до срока (пятница, 11:00 (МСК)), когда бы их ни разобрали" in body.get_content()
    assert "Ничего не потеряно" in body.get_content()


@pytest.mark.parametrize(("late", "ends"), [({}, ": понедельник, 9:05 (МСК)."), ({"late": "yes"}, ".")])
def test_a_notice_says_when_the_digest_comes_unless_that_has_passed(late: dict[str, str], ends: str) -> None:
    """Letters leave late, and so may the digest."""
    told = {
        "address": "olga@client.example",
        "limit": "per_address_per_hour",
        "allowed": "5",
        "until": "пятница, 11:00",
    }
    told |= {"digest": "понедельник, 9:05 (МСК)", **late}
    notice = rendered(a_mail(kind="held_back", audience=Audience.TEAM, params=told, clause=None, references=()))
    body = notice.get_body(("plain",))
    assert body is not None
    assert f"Обо всём, о чём вам не написали, придёт одно письмо{ends}" in body.get_content().splitlines()


def test_every_limit_of_an_edition_has_words_for_the_team() -> None:
    """One that is added needs a sentence of its own."""
    rule = editions("storeolis")[-1].automatic_letters
    assert {name for name, value in rule if isinstance(value, int) and not isinstance(value, bool)} == set(HELD_BACK)


def test_html_made_of_a_text_shows_markup_instead_of_obeying_it() -> None:
    """A specialist may quote what a stranger wrote."""
    text = "<script>alert(1)</script>\n— <b>пункт</b>\n\nhttps://example.org/a?b=1&c=2."
    body = rendered(a_mail(kind="reply", params={"text": text}, automatic=False)).get_body(("html",))
    assert body is not None
    html = body.get_content()
    assert "<script>" not in html
    assert "<li>&lt;b&gt;пункт&lt;/b&gt;</li>" in html
    assert '<a href="https://example.org/a?b=1&amp;c=2">' in html


@pytest.mark.parametrize("text", [COMPLETE, FAULT])
def test_mdo_2_1_everything_a_first_letter_sends_can_be_worded(text: str) -> None:
    """Strictly: a variable that is missing is an error."""
    for message in begin(text, "2026-11-20 10:00").sent:
        if isinstance(message, OutgoingMail):
            assert rendered(message)["Subject"].strip()
        else:
            assert render_page(message, moscow("2026-11-20 10:00"))[1]
