"""Pages out, by SNS: to one topic, and to telephones; one attempt each.

A text message to a number that has opted out, or that the account's sandbox or spending limit keeps back, is taken here
and fails later (SNS developer guide, "Viewing Amazon CloudWatch metrics and logs for SMS deliveries",
sms_stats_cloudwatch.html): alarms of the template tell of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sns import SNSClient
    from types_boto3_sns.type_defs import MessageAttributeValueTypeDef

SUBJECT_LIMIT = 99
"""Characters of an SNS subject: less than 100, one line of printable ASCII that begins with a sign (SNS API reference, Publish)."""
NO_SUBJECT = "Reglament"
"""The subject where nothing of it is ASCII: SNS takes no empty one."""


class SnsPager:
    """Publishes pages to one topic and to telephones: implements `Pager`."""

    def __init__(self, client: SNSClient, topic: str, sender_id: str = "") -> None:
        """Take the topic by its ARN; `sender_id` is the name that telephones show, empty where none is registered."""
        self._client = client
        self._topic = topic
        self._sender_id = sender_id

    def publish(self, subject: str, text: str, *, attributes: Mapping[str, str]) -> str:
        """Publish one page to the topic once and return the message id SNS gave it."""
        answer = self._client.publish(
            TopicArn=self._topic,
            Subject=_subject(subject),
            Message=text,
            MessageAttributes={name: _string(value) for name, value in attributes.items() if value},
        )
        return answer["MessageId"]

    def text_message(self, phone: str, text: str) -> str:
        """Send one SMS once to a number in E.164 form and return the message id SNS gave it.

        Transactional: SNS sends those for the best reliability, promotional ones for the least cost (SNS developer guide,
        "Publishing SMS messages to a mobile phone", sms_publish-to-phone.html).
        """
        attributes = {"AWS.SNS.SMS.SMSType": "Transactional", "AWS.SNS.SMS.SenderID": self._sender_id}
        answer = self._client.publish(
            PhoneNumber=phone,
            Message=text,
            MessageAttributes={name: _string(value) for name, value in attributes.items() if value},
        )
        return answer["MessageId"]


def _string(value: str) -> MessageAttributeValueTypeDef:
    return {"DataType": "String", "StringValue": value}


def _subject(text: str) -> str:
    one_line = " ".join(re.sub(r"[^!-~]", " ", text).split())
    return one_line[:SUBJECT_LIMIT] or NO_SUBJECT
