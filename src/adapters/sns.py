"""Pages out, by SNS: one attempt each; subscriptions filter by desk and level."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sns import SNSClient

SUBJECT_LIMIT = 100
"""Characters of an SNS subject, which must be one line of printable ASCII (SNS API reference, Publish)."""


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
            Subject=subject.encode("ascii", "ignore").decode()[:SUBJECT_LIMIT],
            Message=text,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )
        return answer["MessageId"]
