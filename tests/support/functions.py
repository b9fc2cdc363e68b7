"""The functions in moto, and what a test asks of them: letters in, tickets and mail out."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Final

from moto.ses.models import ses_backends

from adapters.dynamodb import DynamoTable, keys
from adapters.ses.raw_letter import envelope_from_raw
from adapters.ses.received import ReceivedLetter, notification_of
from application.storage import OutboxState, StandingChange
from composition import AwsServices
from domain.fault.numbers import is_fault_number
from domain.letter import Verdict
from domain.people import Person
from domain.reply_token import token_for
from domain.ticket.outgoing import Audience
from domain.ticket.ticket import Ticket, ticket_id
from handlers import clock, inbound, mailer, pager
from handlers.delivery import deliver, deliver_in_order
from tests.support.builders import MDO, MDO_ADDRESS, moscow
from tests.support.client_letters import COMPLETE
from tests.support.people import specialists_of
from tests.support.raw_mail import raw
from tests.support.sdk import client

REGION: Final = "eu-west-1"
ACCOUNT = "123456789012"
"""The account that moto makes up."""


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Context:
    """What Lambda passes besides the event, with time enough."""

    function_name = "function"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:function"
    aws_request_id = "request-1"
    left_ms = 60_000

    def get_remaining_time_in_millis(self) -> int:
        """Return milliseconds left."""
        return self.left_ms


@dataclass
class Functions:
    """The functions' surroundings in moto: what they read, and what they sent."""

    services: AwsServices
    clock: Clock
    bucket: str
    context: Context = field(default_factory=Context)

    @property
    def table(self) -> DynamoTable:
        """The table."""
        return self.services.store

    def cold(self) -> None:
        """Begin a process: what the last one held in memory is gone."""
        self.services = replace(self.services)

    def put(self, eml: Path | bytes, name: str) -> None:
        """Lay a raw letter where SES writes it."""
        raw = eml if isinstance(eml, bytes) else eml.read_bytes()
        client("s3").put_object(Bucket=self.bucket, Key=f"incoming/{name}", Body=raw)

    def keys(self) -> set[str]:
        """Return the keys in the bucket."""
        listed = client("s3").list_objects_v2(Bucket=self.bucket)
        return {entry["Key"] for entry in listed.get("Contents", [])}

    def receive(self, *raw_letters: tuple[bytes, str], at: datetime, desk: str = MDO_ADDRESS) -> dict[str, Any]:
        """Let letters arrive in one batch: raw bytes and SES message id each."""
        self.clock.at = at
        records = [self.arrival(raw, ses_id, at=at, desk=desk) for raw, ses_id in raw_letters]
        answer: dict[str, Any] = inbound.handle({"Records": records}, self.context, self.services)
        return answer

    def arrival(
        self, raw: bytes, ses_id: str, *, at: datetime, desk: str = MDO_ADDRESS, receives: int = 1
    ) -> dict[str, Any]:
        """Lay a letter in the bucket, its sender proved, and return the record of the queue that tells of it."""
        self.put(raw, ses_id)
        letter = ReceivedLetter(envelope_from_raw(raw, ses_id, at, (desk,)), self.bucket, f"incoming/{ses_id}")
        proved = replace(letter.envelope, verdicts=replace(letter.envelope.verdicts, dmarc=Verdict.PASS))
        body = notification_of(replace(letter, envelope=proved))
        attributes = {"ApproximateReceiveCount": str(receives)}
        return {"messageId": ses_id, "eventSource": "aws:sqs", "body": body, "attributes": attributes}

    def drain(self, *, but: str = "") -> None:
        """Deliver every unsent outgoing item to its sender, as the stream does, but for those of one ticket or fault."""
        for number in (self.numbers() | self.faults()) - {but}:
            for key, state, body in self.table.outbox(number):
                if state is OutboxState.PENDING:
                    if json.loads(body)["outbox"] == "mail":
                        deliver_in_order(key, mailer.send, self.services)
                    else:
                        deliver(key, pager.send, self.services)

    def on_duty(self, *persons: Person) -> None:
        """Let a desk have these people and no others."""
        before = self.table.people(MDO)
        change = StandingChange(at=self.clock.at, caller="test", what="people import", before="", after="")
        self.table.save_people(MDO, before, before.model_copy(update={"persons": persons}), change)

    def numbers(self) -> set[str]:
        """Return the numbers of all tickets."""
        return {number for number in self._snapshots() if not is_fault_number(number)}

    def faults(self) -> set[str]:
        """Return the numbers of all faults."""
        return {number for number in self._snapshots() if is_fault_number(number)}

    def _snapshots(self) -> set[str]:
        items = client("dynamodb").scan(TableName="desk", ConsistentRead=True)["Items"]
        return set(snapshots_in(items))

    def mails(self) -> list[EmailMessage]:
        """Return the letters that left by SES, in order."""
        sent = ses_backends[ACCOUNT][REGION].sent_messages
        return [message_from_bytes(_raw(message), policy=default) for message in sent]

    def sweep(self, at: datetime) -> dict[str, int]:
        """Run the sweep at an instant."""
        self.clock.at = at
        swept: dict[str, int] = clock.handle({}, self.context, self.services)
        return swept


def snapshots_in(items: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Return the numbers of the tickets and faults among the items of a table; the state of an alarm is neither."""
    for item in items:
        number = keys.number_in(item["pk"]["S"])
        if item["sk"]["S"] == keys.TICKET or (item["sk"]["S"] == keys.FAULT and is_fault_number(number)):
            yield number


def _raw(message: Any) -> bytes:
    data = message.raw_data
    return (
        base64.b64decode(data)
        if isinstance(data, str) and "\n" not in data.strip()
        else data.encode()
        if isinstance(data, str)
        else data
    )


def number_of(desk: str, ses_id: str) -> str:
    """Return the number of the ticket that a letter opens."""
    return ticket_id("MDO" if desk == MDO else "STO", desk, ses_id)


def specialist_address() -> str:
    """Return an address of the desk's specialists."""
    return specialists_of(MDO)[0]


def specialist(text: str, ses_id: str, functions: Functions, *, sender: str, at: str) -> None:
    """Let somebody answer the team's card of ticket m1 by mail."""
    token = token_for(functions.services.reply_keys, MDO, number_of(MDO, "m1"), Audience.TEAM)
    address = MDO_ADDRESS.replace("@", f"+{token}@")
    functions.receive((raw(text, sender=sender), ses_id), at=moscow(at), desk=address)
    functions.drain()


def opened(
    functions: Functions,
    text: str = COMPLETE,
    *,
    name: str = "m1",
    at: str = "2026-11-20 10:00",
    sender: str = "olga@client.example",
) -> str:
    """Let a letter arrive and return the number of its ticket."""
    before = functions.numbers()
    functions.receive((raw(text, sender=sender, Message_ID=f"<{name}@client.example>"), name), at=moscow(at))
    (number,) = functions.numbers() - before
    return number


def state(functions: Functions, number: str) -> Ticket:
    """Return a ticket as stored."""
    ticket = functions.services.store.ticket(number)
    assert ticket is not None
    return ticket


def kinds_sent(functions: Functions, number: str) -> list[str]:
    """Return the kinds of the outgoing items of a ticket, in order."""
    return [json.loads(body)["kind"] for _, _, body in functions.services.store.outbox(number)]
