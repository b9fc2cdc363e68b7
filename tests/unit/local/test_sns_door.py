"""The way out for pages refuses what SNS refuses, by SNS's own error."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

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
