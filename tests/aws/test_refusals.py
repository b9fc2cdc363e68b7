"""What AWS refuses: passing faults of a deployment lose no letter, and none is passed over in silence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from adapters.dynamodb import keys
from adapters.mail.writing import is_mailbox
from adapters.s3 import FOLDERS
from application.ports import LetterMissing
from application.storage import OutboxKey, OutboxState
from handlers import delivery, mailer, observing, reconcile
from handlers.delivery import Outcome, deliver
from tests.support.builders import MDO, moscow
from tests.support.client_letters import COMPLETE
from tests.support.functions import Functions
from tests.support.raw_mail import raw
from tests.support.sdk import client_error, refusing


@pytest.mark.parametrize("call", ["get_object", "copy_object"])
def test_letters_that_reconcile_may_not_read_or_move_are_counted_as_failures(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """So that the alarm sounds: a role that lost its access finishes nothing."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.put(raw(COMPLETE), "m1")
    functions.clock.at = moscow("2026-11-20 11:00")
    monkeypatch.setattr(functions.services.mail_store._client, call, refusing("AccessDenied", call))
    done = reconcile.handle({}, functions.context, functions.services)
    assert done["ReconcileFailed"] == 1


@pytest.mark.parametrize("verb", ["read", "take_back"])
@pytest.mark.parametrize("folder", FOLDERS)
def test_who_may_not_list_the_bucket_still_finds_a_letter_in_whichever_folder(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, folder: str, verb: str
) -> None:
    """S3 answers 403 for every folder that does not have it."""
    mail = functions.services.mail_store
    client = mail._client
    client.put_object(Bucket=functions.bucket, Key=f"{folder}m1", Body=b"letter")
    for name in ("get_object", "head_object", "copy_object"):
        monkeypatch.setattr(client, name, _as_if_unlisted(getattr(client, name)))
    assert getattr(mail, verb)("m1") == (b"letter" if verb == "read" else "incoming/m1")
    with pytest.raises(ClientError):
        getattr(mail, verb)("m2")


@pytest.mark.parametrize("verb", ["read", "take_back"])
def test_who_may_list_the_bucket_is_told_that_a_letter_is_missing(functions: Functions, verb: str) -> None:
    """In none of the folders."""
    assert functions.keys() == set()
    with pytest.raises(LetterMissing):
        getattr(functions.services.mail_store, verb)("m1")


def _as_if_unlisted(real: Callable[..., Any]) -> Callable[..., Any]:
    def call(**asked: Any) -> Any:
        try:
            return real(**asked)
        except ClientError as error:
            raise client_error("AccessDenied", error.operation_name) from error

    return call


END_OF_TIME = datetime.max.replace(tzinfo=UTC)
UNVERIFIED = "Email address is not verified. The following identities failed the check in region EU-WEST-1: a@b.example"


@pytest.mark.parametrize(
    ("code", "text", "state"),
    [
        ("NotFoundException", "Configuration set <set> does not exist.", OutboxState.PENDING),
        ("MailFromDomainNotVerifiedException", "The sending domain isn't verified.", OutboxState.PENDING),
        ("TooManyRequestsException", "Too many requests", OutboxState.PENDING),
        ("ThrottlingException", "Daily message quota exceeded", OutboxState.PENDING),
        ("SendingPausedException", "Sending is paused", OutboxState.PENDING),
        ("AccountSuspendedException", "The account is restricted", OutboxState.PENDING),
        # The sandbox, an identity that is not verified and the wrong region are answered so, all three.
        ("MessageRejected", UNVERIFIED, OutboxState.PENDING),
        ("MessageRejected", "Sending suspended for this account", OutboxState.PENDING),
        ("MessageRejected", "a text that nobody has seen yet", OutboxState.PENDING),
        ("MessageRejected", "", OutboxState.PENDING),
        # Written again at each attempt, by code that can be put right meanwhile.
        ("BadRequestException", "Invalid tag value <OUT.1>: only alphanumeric ASCII characters", OutboxState.PENDING),
        ("BadRequestException", "Duplicate header 'Subject'.", OutboxState.PENDING),
        ("ValidationError", "1 validation error detected", OutboxState.PENDING),
        ("AccessDeniedException", "User is not authorized: invalid email address olga@", OutboxState.PENDING),
        ("MessageRejected", "Address blacklisted.", OutboxState.FAILED),
        # The recipient is looked at before: what else is wrong with an address may be our own in From.
        ("BadRequestException", "Invalid email address support@.", OutboxState.PENDING),
        ("BadRequestException", "Missing final '@domain'", OutboxState.PENDING),
        ("BadRequestException", "Domain contains illegal character", OutboxState.PENDING),
        ("BadRequestException", "Local address contains control or whitespace", OutboxState.PENDING),
        ("MessageRejected", "Sending domain is not verified.", OutboxState.PENDING),
        ("MessageRejected", "Message length quota of the account exceeded", OutboxState.PENDING),
        ("BadRequestException", "Invalid email address olga@client.example.", OutboxState.FAILED),
        ("BadRequestException", "Message length is more than 41943040 bytes long: '50000000'.", OutboxState.FAILED),
        ("MessageRejected", "Illegal filename 'run.exe'", OutboxState.FAILED),
    ],
)
def test_a_letter_waits_while_ses_refuses_the_account_and_fails_for_good_by_its_own_fault_alone(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, code: str, text: str, state: OutboxState
) -> None:
    """What is not known to lie in this very letter is tried again."""
    _, key = _acknowledgement(functions)
    monkeypatch.setattr(functions.services.mailer._client, "send_email", refusing(code, "SendEmail", text))
    deliver(key, mailer.send, functions.services)
    assert functions.table.outbox(key.ticket)[0][1] is state


@pytest.mark.parametrize(
    ("code", "text", "outcome"),
    [
        ("SendingPausedException", "Sending is paused", Outcome.OUTAGE),
        ("AccessDeniedException", "User is not authorized", Outcome.OUTAGE),
        ("TooManyRequestsException", "Too many requests", Outcome.OUTAGE),
        ("MessageRejected", UNVERIFIED, Outcome.FAILED),
        ("BadRequestException", "Duplicate header 'Subject'.", Outcome.FAILED),
    ],
)
def test_the_next_letter_waits_for_one_that_is_refused_as_every_other_would_be(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, code: str, text: str, outcome: Outcome
) -> None:
    """In the sandbox it is the recipient who is refused, so that the next letter is tried."""
    _, key = _acknowledgement(functions)
    monkeypatch.setattr(functions.services.mailer._client, "send_email", refusing(code, "SendEmail", text))
    assert deliver(key, mailer.send, functions.services) is outcome


@pytest.mark.parametrize(
    ("code", "text", "status", "counted"),
    [
        ("MessageRejected", UNVERIFIED, 400, {"MailRefused": 2}),
        ("BadRequestException", "Invalid tag value <OUT.1>", 400, {"MailRefused": 2}),
        ("SendingPausedException", "Sending is paused", 400, {"MailRefused": 2}),
        ("ThrottlingException", "Maximum sending rate exceeded", 400, {}),
        ("InternalFailure", "", 500, {}),
    ],
)
def test_a_refusal_that_a_person_has_to_end_is_counted_at_once(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, code: str, text: str, status: int, counted: dict[str, int]
) -> None:
    """An alarm stands on the count; what ends by itself raises none."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    monkeypatch.setattr(functions.services.mailer._client, "send_email", refusing(code, "SendEmail", text, status))
    counts: Counter[str] = Counter()
    monkeypatch.setattr(delivery, "count", lambda name: counts.update([name]))
    functions.drain()
    assert dict(counts) == counted


def test_a_letter_is_tried_for_four_days_and_counts_as_delayed_after_half_an_hour(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SES in the sandbox over a long weekend loses nothing (RFC 5321 section 4.5.4.1)."""
    began, key = _acknowledgement(functions)
    counts: Counter[str] = Counter()
    monkeypatch.setattr(delivery, "count", lambda name: counts.update([name]))
    first_delayed = None
    with monkeypatch.context() as broken:
        broken.setattr(
            functions.services.mailer._client, "send_email", refusing("MessageRejected", "SendEmail", UNVERIFIED)
        )
        while functions.clock.at < began + timedelta(days=4):
            assert functions.table.outbox(key.ticket)[0][1] is OutboxState.PENDING
            deliver(key, mailer.send, functions.services)
            if counts["MailDelayed"] and first_delayed is None:
                first_delayed = functions.clock.at
            functions.clock.at = _due_at(functions, key)
    assert first_delayed is not None
    assert timedelta(minutes=30) <= first_delayed - began <= timedelta(hours=1)
    deliver(key, mailer.send, functions.services)
    assert functions.table.outbox(key.ticket)[0][1] is OutboxState.SENT


def test_a_letter_that_never_leaves_is_given_up_in_the_fifth_day_and_the_team_is_told(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, with SES's own words on the item and none of them in the log."""
    began, key = _acknowledgement(functions)
    logged: list[str] = []
    for level in ("info", "warning", "error"):
        monkeypatch.setattr(observing.logger, level, lambda *said, **more: logged.append(f"{said} {more}"))
    refused = refusing("MessageRejected", "SendEmail", "not verified: olga@client.example")
    monkeypatch.setattr(functions.services.mailer._client, "send_email", refused)
    while functions.table.outbox(key.ticket)[0][1] is OutboxState.PENDING:
        deliver(key, mailer.send, functions.services)
        if functions.table.outbox(key.ticket)[0][1] is OutboxState.PENDING:
            functions.clock.at = _due_at(functions, key)
    assert timedelta(days=4) <= functions.clock.at - began < timedelta(days=5)
    kinds = [json.loads(body)["kind"] for _, _, body in functions.table.outbox(key.ticket)]
    assert kinds.count("delivery_failed") == 1
    item = boto3.client("dynamodb").get_item(TableName="desk", Key=keys.outgoing(key))["Item"]
    assert item["last_error"]["S"] == "MessageRejected: not verified: olga@client.example"
    assert logged
    assert not [line for line in logged if "olga" in line or "client.example" in line]


def test_a_letter_that_may_have_left_is_tried_again_seldom(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each attempt without an answer may have been a copy."""
    began, key = _acknowledgement(functions)
    attempts = 0

    def unanswered(**_: Any) -> NoReturn:
        nonlocal attempts
        attempts += 1
        raise ReadTimeoutError(endpoint_url="https://email")

    monkeypatch.setattr(functions.services.mailer._client, "send_email", unanswered)
    while functions.clock.at < began + timedelta(days=4):
        deliver(key, mailer.send, functions.services)
        functions.clock.at = _due_at(functions, key)
    assert attempts < 25


def test_what_an_older_version_stored_is_sent_and_what_this_one_stores_an_older_one_can_read(
    functions: Functions,
) -> None:
    """Both run side by side while a deployment goes on, and the older one alone after it is undone."""
    _, key = _acknowledgement(functions)
    place = keys.outgoing(key)
    client = boto3.client("dynamodb")
    stored = client.get_item(TableName="desk", Key=place)["Item"]
    assert stored["attempts"] == {"N": "0"}  # an older version adds to it
    assert "failures" not in stored
    client.update_item(
        TableName="desk", Key=place, UpdateExpression="SET attempts = :nine", ExpressionAttributeValues={":nine": {"N": "9"}}
    )  # fmt: skip
    deliver(key, mailer.send, functions.services)
    assert functions.table.outbox(key.ticket)[0][1] is OutboxState.SENT


@pytest.mark.parametrize(
    ("address", "is_sendable"),
    [
        ("olga@client.example", True), ("o'neil+tag/x=y@client.example", True), ("a@b.co", True), ('"a b"@client.example', True),
        ("olga@xn--80asehdb", True), ("A.B_C-d@sub.client.example", True), ("_x_@1.2.example", True), (f"{'a' * 64}@client.example", True),
        ("оля@client.example", False), ("a..b@client.example", False), (".a@client.example", False), ("a.@client.example", False),
        ("a@client..example", False), ("a@-client.example", False), ("a@client.example.", False), ("a b@client.example", False),
        (f"{'a' * 65}@client.example", False), ("a@b@client.example", False), ("a@", False), ("@client.example", False),
        ("olga@client.example (verified)", False), ("a,b@client.example", False), ("a@клиент.example", False),
    ],
)  # fmt: skip
def test_only_an_address_that_can_be_none_is_given_up_unasked(address: str, is_sendable: bool) -> None:
    """By the forms of RFC 5321; what else is wrong with one, SES or its server will say."""
    assert is_mailbox(address) is is_sendable


def test_a_letter_that_nobody_tried_to_send_is_not_given_up_however_long_the_sender_stood_still(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leases that ended with their function are no attempts that failed either."""
    _, key = _acknowledgement(functions)
    for _ in range(delivery.MAIL_TRIES + 5):
        functions.clock.at += timedelta(hours=2)
        assert functions.table.lease(key, now=functions.clock.at, until=functions.clock.at + delivery.LEASE)
    functions.clock.at += timedelta(hours=2)
    with monkeypatch.context() as broken:
        broken.setattr(functions.services.mailer._client, "send_email", refusing("Throttling", "SendEmail"))
        deliver(key, mailer.send, functions.services)
    functions.clock.at += timedelta(hours=2)
    deliver(key, mailer.send, functions.services)
    assert functions.table.outbox(key.ticket)[0][1] is OutboxState.SENT


def test_a_letter_to_two_desks_of_which_one_failed_is_recorded_where_it_lies(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`reglament letters` names a key that is there."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.put(raw(COMPLETE), "m1")
    functions.clock.at = moscow("2026-11-20 11:00")
    functions.table.count_try("m1", reconcile.TRIES + 1, at=functions.clock.at)
    monkeypatch.setattr(reconcile, "addressed_desks", lambda _: (MDO, "storeolis"))  # the second never took it
    assert reconcile.handle({}, functions.context, functions.services)["LettersQuarantined"] == 1
    (record,) = functions.table.set_aside("storeolis")
    assert functions.keys() == {record.location}


def _due_at(functions: Functions, key: OutboxKey) -> datetime:
    """Return when an outgoing item is offered again."""
    entries = (due for shard in range(functions.table.shards) for due in functions.table.due(shard, END_OF_TIME))
    return next(due.at for due in entries if (due.ticket, due.item) == (key.ticket, key.item))


def _acknowledgement(functions: Functions) -> tuple[datetime, OutboxKey]:
    """Let a letter arrive; return when, and where its acknowledgement waits, the first item of its ticket."""
    began = moscow("2026-11-20 10:00")
    functions.receive((raw(COMPLETE), "m1"), at=began)
    (number,) = functions.numbers()
    key, _, _ = functions.table.outbox(number)[0]
    return began, key
