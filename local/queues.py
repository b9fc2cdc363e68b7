"""What Lambda does between a queue and a function: what of a batch is deleted, and what comes again.

The rules are AWS's (Lambda developer guide, "Using Lambda with Amazon SQS", "Handling errors").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from composition import LOOPBACK
from local.poller import Poller, Record, reported
from local.resources import Aws
from local.runner import FunctionFailed, Runner

LONGEST_VISIBILITY_SECONDS = 43_200
"""The longest time for which a message may be hidden (SQS developer guide, "Visibility timeout")."""


@dataclass(frozen=True, slots=True)
class QueueSource:
    """An SQS event source, resolved."""

    function: str
    queue_arn: str
    queue_url: str
    batch_size: int
    reports_failures: bool


class QueuePoller(Poller):
    """Hands a queue's messages to a function; deletes those that succeeded.

    What failed stays invisible for the queue's visibility time-out and comes again; after `maxReceiveCount`
    the queue itself moves it to the failure queue. On a driven clock that time-out passes on that clock.
    """

    def __init__(self, source: QueueSource, aws: Aws, runner: Runner) -> None:
        super().__init__(f"queue of {source.function}", aws)
        self.source = source
        self._runner = runner
        self._failed: dict[str, datetime] = {}
        """Receipt handles of failed messages, and when each failed by the driven clock."""
        attributes = aws.sqs.get_queue_attributes(QueueUrl=source.queue_url, AttributeNames=["VisibilityTimeout"])
        self._visibility_seconds = int(attributes["Attributes"]["VisibilityTimeout"])

    def look(self) -> bool:
        """Take one batch, if there is one."""
        answer = self.aws.sqs.receive_message(
            QueueUrl=self.source.queue_url,
            MaxNumberOfMessages=min(self.source.batch_size, 10),
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
            # The queue's own clock is the real one: on a driven one nothing comes back before `let_return` says so.
            **({"VisibilityTimeout": LONGEST_VISIBILITY_SECONDS} if self._runner.now() is not None else {}),
        )
        messages = answer.get("Messages", [])
        if not messages:
            return False
        event = {"Records": [_queue_record(message, self.source.queue_arn) for message in messages]}
        failed = failed_messages(
            self.source, event["Records"], lambda: self._runner.invoke(self.source.function, event)
        )
        now = self._runner.now()
        if failed and self.stopping.is_set():
            # Killed in the middle of it: the next start has the messages at once.
            for message in messages:
                self.aws.sqs.change_message_visibility(
                    QueueUrl=self.source.queue_url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
                )
            return True
        if failed:
            self._runner.tell(
                f"{self.source.function}: {len(failed)} of {len(messages)} message(s) failed and come again after "
                f"{self._visibility_seconds} seconds; the log says why"
            )
        for message in messages:
            if message["MessageId"] not in failed:
                self.aws.sqs.delete_message(QueueUrl=self.source.queue_url, ReceiptHandle=message["ReceiptHandle"])
            elif now is not None:
                self._failed[message["ReceiptHandle"]] = now
        return True

    def next_return(self) -> datetime | None:
        """Return when, by the driven clock, the next failed message comes again."""
        if not self._failed:
            return None
        return datetime.fromtimestamp(
            min(at.timestamp() for at in self._failed.values()) + self._visibility_seconds, UTC
        )

    def let_return(self, now: datetime) -> bool:
        """Let the messages come again whose invisibility has passed by the driven clock; return whether any did."""
        before = len(self._failed)
        for handle, failed_at in list(self._failed.items()):
            if (now - failed_at).total_seconds() >= self._visibility_seconds:
                del self._failed[handle]
                self.aws.sqs.change_message_visibility(
                    QueueUrl=self.source.queue_url, ReceiptHandle=handle, VisibilityTimeout=0
                )
        return len(self._failed) < before


def failed_messages(source: QueueSource, records: Sequence[Record], invoke: Callable[[], Any]) -> set[str]:
    """Return the ids of the messages that are not to be deleted.

    All of them where the function failed, or where its response is malformed: not an object, an entry
    without an identifier, or an identifier that is not in the batch.
    """
    everything = {record["messageId"] for record in records}
    try:
        response = invoke()
    except FunctionFailed:
        return everything
    named = reported(response, reports=source.reports_failures)
    return everything if named is None or not named <= everything else named


def _queue_record(message: Mapping[str, Any], arn: str) -> Record:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": message.get("MessageAttributes", {}),
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": LOOPBACK["AWS_DEFAULT_REGION"],
    }
