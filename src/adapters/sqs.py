"""Queues: of arrived letters, and of what a function failed on for good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that a failure queue keeps."""

    id: str
    body: str
    receipt: str


class Queue:
    """One queue."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def offer(self, body: str) -> None:
        """Put one message on the queue."""
        self._client.send_message(QueueUrl=self._url, MessageBody=body)

    def kept(self) -> Iterator[Kept]:
        """Return what the queue holds, each message once; what is not dropped comes again after its time-out.

        Long polling asks every server of the queue (SQS developer guide, "Amazon SQS short and long polling"),
        so that an empty answer means an empty queue.
        """
        seen: set[str] = set()
        while True:
            answer = self._client.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            messages = [message for message in answer.get("Messages", []) if message["MessageId"] not in seen]
            if not messages:
                return
            for message in messages:
                seen.add(message["MessageId"])
                yield Kept(message["MessageId"], message["Body"], message["ReceiptHandle"])

    def drop(self, message: Kept) -> None:
        """Take a message off the queue."""
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt)

    def waiting(self) -> int:
        """Return how many messages the queue holds, those included that a function has in hand or failed on lately."""
        names = ("", "NotVisible", "Delayed")
        wanted = [f"ApproximateNumberOfMessages{name}" for name in names]
        answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=wanted)  # type: ignore[arg-type]  # the stub asks for literals
        return sum(int(value) for value in answer["Attributes"].values())

    def count(self) -> int:
        """Return how many messages lie visible there; SQS itself calls the number approximate."""
        answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])
