"""The way out for pages refuses what SNS refuses, by SNS's own error."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from local.outbox import Outbox
from local.sns_door import SnsDoor, read_query

PAGE = {
    "Action": "Publish",
    "Version": "2010-03-31",
    "TopicArn": "arn:aws:sns:eu-west-1:000000000000:pages",
    "Message": "Сервис не работает",
    "Subject": "MDO-1 on-call",
    "MessageAttributes.entry.1.Name": "desk",
    "MessageAttributes.entry.1.Value.DataType": "String",
    "MessageAttributes.entry.1.Value.StringValue": "mdo",
}


def test_a_request_is_read_as_the_sdk_was_given_it() -> None:
    operation, params = read_query(urlencode(PAGE).encode())
    assert operation == "Publish"
    assert params["Message"] == "Сервис не работает"
    assert params["MessageAttributes"] == {"desk": {"DataType": "String", "StringValue": "mdo"}}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("Subject", "x" * 100, "Subject: 100 characters"),
        ("Subject", "", "Subject: empty"),
        ("Message", "", "an empty message"),
        ("Message", "я" * 131_100, "262,2"),
        ("MessageAttributes.entry.1.Value.StringValue", "", "desk without a value"),
    ],
)
def test_a_page_that_sns_does_not_take_is_refused_and_goes_no_further(field: str, value: str, told: str) -> None:
    """Nothing listens where the door would pass it on to."""
    door = SnsDoor("http://127.0.0.1:1")
    status, answer = door.answer("/", urlencode({**PAGE, field: value}).encode(), {})
    door.stop()
    assert status == 400
    assert "<Code>InvalidParameter</Code>" in answer.decode()
    assert told in answer.decode()


def test_a_failure_of_its_own_is_one_that_sns_documents() -> None:
    door = SnsDoor("http://127.0.0.1:1")
    door.is_refusing = True
    status, answer = door.answer("/", urlencode(PAGE).encode(), {})
    door.stop()
    assert (status, "<Type>Receiver</Type><Code>InternalError</Code>" in answer.decode()) == (500, True)


SMS = {
    "Action": "Publish",
    "Version": "2010-03-31",
    "PhoneNumber": "+79161234567",
    "Message": "Сбой MDO-F-7K3F9: «вход»",
    "MessageAttributes.entry.1.Name": "AWS.SNS.SMS.SMSType",
    "MessageAttributes.entry.1.Value.DataType": "String",
    "MessageAttributes.entry.1.Value.StringValue": "Transactional",
}


def test_a_text_message_is_kept_for_its_number_and_answered_as_sns_does() -> None:
    """Nothing listens where the door would pass a page on to."""
    kept: list[tuple[str, str]] = []
    door = SnsDoor("http://127.0.0.1:1", lambda to, text: kept.append((to, text)))
    status, answer = door.answer("/", urlencode(SMS).encode(), {})
    door.stop()
    assert kept == [("+79161234567", "Сбой MDO-F-7K3F9: «вход»")]
    assert (status, "<MessageId>" in answer.decode()) == (200, True)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("PhoneNumber", "89161234567", "E.164"),
        ("Message", "я" * 631, "631 UTF-16 units"),
        ("MessageAttributes.entry.1.Value.StringValue", "Urgent", "Urgent"),
    ],
)
def test_a_text_message_that_sns_does_not_take_is_refused_and_not_kept(field: str, value: str, told: str) -> None:
    kept: list[tuple[str, str]] = []
    door = SnsDoor("http://127.0.0.1:1", lambda to, text: kept.append((to, text)))
    status, answer = door.answer("/", urlencode({**SMS, field: value}).encode(), {})
    door.stop()
    assert (status, kept) == (400, [])
    assert told in answer.decode()


def test_the_outbox_tells_a_text_message_from_the_topics_page(tmp_path: Path) -> None:
    """One page is one item of the topic, whoever else gets it."""
    outbox = Outbox(tmp_path, lambda _: None)
    at = datetime(2027, 1, 1, tzinfo=UTC)
    outbox.page("MDO-F-7K3F9 on_call", "Сбой", {"level": "on_call", "ticket": "MDO-7K3F-9QXZ"}, at)
    outbox.text_message("+79161234567", "Сбой MDO-F-7K3F9: «вход»", at)
    page, sms = outbox.all()
    assert (page.is_page, page.is_sms, page.page_level) == (True, False, "on_call")
    assert (sms.is_page, sms.is_sms, sms.page_level) == (False, True, "")
    assert (sms.to, sms.ticket, sms.text.strip()) == ("+79161234567", "MDO-F-7K3F9", "Сбой MDO-F-7K3F9: «вход»")
