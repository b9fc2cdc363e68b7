"""Pages out, by SNS: one attempt each; subscriptions filter by desk and level."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sns import SNSClient

SUBJECT_LIMIT = 99
"""Characters of an SNS subject: less than 100, one line of printable ASCII that begins with a sign (SNS API reference, Publish)."""
NO_SUBJECT = "Reglament"
"""The subject where nothing of it is ASCII: SNS takes no empty one."""


class SnsPager:
    """Publishes pages to one topic: implements `Pager`."""

    def __init__(self, client: SNSClient, topic: str) -> None:
        self._client = client
        self._topic = topic

    def page(self, subject: str, text: str, *, desk: str, level: str, ticket: str) -> str:
        """Publish one page once and return the message id SNS gave it."""
        attributes = {"desk": desk, "level": level, "ticket": ticket}
        answer = self._client.publish(
            TopicArn=self._topic,
            Subject=_subject(subject),
            Message=text,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )
        return answer["MessageId"]


def _subject(text: str) -> str:
    one_line = " ".join(re.sub(r"[^!-~]", " ", text).split())
    return one_line[:SUBJECT_LIMIT] or NO_SUBJECT
