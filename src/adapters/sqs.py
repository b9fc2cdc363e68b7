"""The queue of arrived letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


class InboundQueue:
    """Offers a letter to `inbound` again."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def offer(self, body: str) -> None:
        """Put one notification on the queue."""
        self._client.send_message(QueueUrl=self._url, MessageBody=body)
