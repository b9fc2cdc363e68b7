"""A table that is restored to an instant, in moto: what AWS carries over, and what it leaves to be set."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import format_datetime, parseaddr
from typing import Any

from application.storage import OutboxState
from domain.fault.numbers import is_fault_number
from handlers import mailer, pager
from handlers.delivery import deliver, deliver_in_order
from tests.support.builders import MDO_ADDRESS, moscow
from tests.support.functions import Functions, snapshots_in
from tests.support.sdk import client
from tests.support.template import table_definition

CARRIED_OVER = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")
"""Neither the stream nor the expiry of items nor recovery (DynamoDB API reference, RestoreTableToPointInTime)."""
RESTORED = "desk-restored"
Item = dict[str, Any]


def items_of(table: str = "desk") -> list[Item]:
    """Return everything that a table holds."""
    items: list[Item] = client("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]
    return items


def key_of(item: Item) -> Item:
    """Return the key of an item."""
    return {name: item[name] for name in ("pk", "sk")}


def as_ses_stores(raw: bytes, ses_id: str, at: datetime, to: str) -> bytes:
    """Return a letter under the fields that SES writes above it: for whom it came, when, and how its sender was proved."""
    message = message_from_bytes(raw)
    sender = parseaddr(message["From"])[1]
    fields = [
        f"Return-Path: <{sender}>",
        "Received: from out.example (out.example [192.0.2.7])",
        f" by inbound-smtp.eu-west-1.amazonaws.com with SMTP id {ses_id}",
        f" for {to};",
        f" {format_datetime(at.astimezone(UTC))} (UTC)",
        "X-SES-Spam-Verdict: PASS",
        "X-SES-Virus-Verdict: PASS",
        f"Received-SPF: pass (spfCheck: designates 192.0.2.7) client-ip=192.0.2.7; envelope-from={sender}; helo=out.example;",
        "Authentication-Results: amazonses.com;",
        f" spf=pass (spfCheck: designates 192.0.2.7) client-ip=192.0.2.7; envelope-from={sender}; helo=out.example;",
        f" dkim=pass header.i=@{sender.rpartition('@')[2]};",
        f" dmarc=pass header.from={sender.rpartition('@')[2]};",
        "X-SES-RECEIPT: AEFBQUFBQUFB",
    ]
    return "\r\n".join([*fields, ""]).encode() + raw


def receive(functions: Functions, raw: bytes, ses_id: str, *, at: str, to: str = MDO_ADDRESS) -> None:
    """Let a letter arrive as SES stores and announces it, at an instant of Moscow's clock."""
    instant = moscow(at)
    functions.receive((as_ses_stores(raw, ses_id, instant, to), ses_id), at=instant, desk=to)


@dataclass(frozen=True, slots=True)
class Instant:
    """The table as it was at an instant."""

    items: list[Item]

    def restore(self, name: str = RESTORED) -> None:
        """Make the table of that instant under another name."""
        definition = {key: value for key, value in table_definition().items() if key in CARRIED_OVER}
        client("dynamodb").create_table(TableName=name, **definition)
        for item in self.items:
            client("dynamodb").put_item(TableName=name, Item=item)


def this_instant() -> Instant:
    """Return the table as it is now."""
    return Instant(items_of())


def wipe(*, but: str = "") -> None:
    """Damage the table: its items are gone, but for those whose sort key begins so."""
    for item in items_of():
        if not but or not item["sk"]["S"].startswith(but):
            client("dynamodb").delete_item(TableName="desk", Key=key_of(item))


def deployed_with(functions: Functions, table: str = RESTORED) -> Functions:
    """Return the functions as a stack that was told to use another table runs them."""
    environment = {**functions.services.environment, "TABLE": table}
    return replace(functions, services=replace(functions.services, environment=environment))


def numbers_in(functions: Functions) -> set[str]:
    """Return the numbers of the tickets in the table that the functions use."""
    return {number for number in _snapshots_in(functions) if not is_fault_number(number)}


def _snapshots_in(functions: Functions) -> set[str]:
    return set(snapshots_in(items_of(functions.services.environment["TABLE"])))


def post(functions: Functions) -> None:
    """Let whatever has not left and may be taken leave, as the stream and the sweep see to it."""
    for number in _snapshots_in(functions):
        for key, at, body in functions.table.outbox(number):
            if at not in (OutboxState.PENDING, OutboxState.LEASED):
                continue
            if json.loads(body)["outbox"] == "mail":
                deliver_in_order(key, mailer.send, functions.services)
            else:
                deliver(key, pager.send, functions.services)
