"""The only composition root: reads the environment and the clock, builds clients once, each when first needed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from domain.reply_token import ReplyKeys

if TYPE_CHECKING:
    from adapters.dynamodb import DynamoTable
    from adapters.s3 import BucketMailStore
    from adapters.ses.sending import SesMailer
    from adapters.sns import SnsPager
    from adapters.sqs import Queue

_STORE = frozenset({"TABLE", "DUE_SHARDS"})
ENVIRONMENT: Mapping[str, frozenset[str]] = {
    "inbound": _STORE | {"MAIL_BUCKET", "REPLY_KEYS"},
    "mailer": _STORE | {"REPLY_KEYS", "CONFIGURATION_SET"},
    "pager": _STORE | {"PAGES_TOPIC"},
    "clock": _STORE,
    "alarm": _STORE,
    "feedback": _STORE,
    "reconcile": _STORE | {"MAIL_BUCKET", "INBOUND_QUEUE"},
}
"""Which variables each function reads, besides those of AWS and of Powertools; the template sets just these."""


class NotConfigured(RuntimeError):
    """A variable that the function needs is not set."""


def _real_time() -> datetime:
    return datetime.now(UTC)


_clock: Callable[[], datetime] = _real_time


def now() -> datetime:
    """Return the present instant, aware, UTC."""
    return _clock()


def use_clock(clock: Callable[[], datetime]) -> None:
    """Take the time from elsewhere; the local stack does, to cross two weeks in a minute."""
    global _clock  # noqa: PLW0603 - a process has one clock, and this module is where it lives
    _clock = clock


def setting(name: str) -> str:
    """Return a variable of the environment; raises NotConfigured, naming it."""
    value = os.environ.get(name)
    if not value:
        raise NotConfigured(f"the environment variable {name} is not set; template.yaml sets it for every function")
    return value


def stack_name() -> str:
    """Return the name of the deployed stack that the command line works on unless it is told another."""
    return os.environ.get("REGLAMENT_STACK") or "reglament"


def user() -> str:
    """Return whom history names for acts at the command line: the operating system's user.

    Raises NotConfigured where the system knows no name.
    """
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError) as error:
        raise NotConfigured("the system does not know who you are; say it with --by NAME") from error


def connect(service: str, *, attempts: int = 4, read_timeout: int = 10) -> Any:
    """Return a client of one AWS service, with bounded waiting; region and endpoint come from the usual variables."""
    import boto3
    from botocore.config import Config

    retries = {"total_max_attempts": attempts, "mode": "standard"}
    config = Config(retries=retries, connect_timeout=3, read_timeout=read_timeout)  # type: ignore[arg-type]  # the stub's TypedDict
    return boto3.client(service, config=config)  # type: ignore[call-overload]  # the service is a variable here


@cache
def store() -> DynamoTable:
    """Return the table of tickets, clients and outgoing items."""
    from adapters.dynamodb import DynamoTable

    # Whatever does not answer fails before the function's time is up, so that its failure is known for AWS's.
    return DynamoTable(connect("dynamodb", read_timeout=5), setting("TABLE"), int(setting("DUE_SHARDS")))


@cache
def mail_store() -> BucketMailStore:
    """Return the bucket of raw letters."""
    from adapters.s3 import BucketMailStore

    return BucketMailStore(connect("s3", attempts=3), setting("MAIL_BUCKET"))


@cache
def mailer() -> SesMailer:
    """Return the way out for letters: one attempt each, since SES knows no idempotency."""
    from adapters.ses.sending import SesMailer

    return SesMailer(connect("sesv2", attempts=1, read_timeout=30), setting("CONFIGURATION_SET"))


@cache
def pager() -> SnsPager:
    """Return the way out for pages: one attempt each, since SNS knows no idempotency here."""
    from adapters.sns import SnsPager

    return SnsPager(connect("sns", attempts=1), setting("PAGES_TOPIC"))


@cache
def inbound_queue() -> Queue:
    """Return the queue that `inbound` reads, for letters that have to be offered again."""
    from adapters.sqs import Queue

    return Queue(connect("sqs"), setting("INBOUND_QUEUE"))


def queue(name: str) -> Queue:
    """Return a queue of the account by its name; raises LookupError where there is none."""
    from adapters.sqs import Queue

    client = connect("sqs")
    try:
        return Queue(client, client.get_queue_url(QueueName=name)["QueueUrl"])
    except client.exceptions.QueueDoesNotExist as error:
        raise LookupError(name) from error


@cache
def reply_keys() -> ReplyKeys:
    """Return the keys of reply tokens: one GetSecretValue a cold start.

    Raises NotConfigured where the secret names a current key that it does not have.
    """
    secret = json.loads(connect("secretsmanager").get_secret_value(SecretId=setting("REPLY_KEYS"))["SecretString"])
    keys = {name: value.encode() for name, value in secret.items() if len(name) == 1}
    if secret.get("current") not in keys:
        raise NotConfigured(f"the secret REPLY_KEYS has the keys {sorted(keys)}, and current is none of them")
    return ReplyKeys(current=secret["current"], keys=keys)


OUTPUTS: Mapping[str, str] = {
    "Table": "TABLE",
    "DueShards": "DUE_SHARDS",
    "MailBucket": "MAIL_BUCKET",
    "InboundQueue": "INBOUND_QUEUE",
    "ReplyKeys": "REPLY_KEYS",
}
"""Which outputs of the deployed stack stand for which variables, for the command line."""


def use_stack(stack: str, endpoint: str | None = None) -> None:
    """Take names from a deployed stack's outputs; variables that are set already win.

    With a loopback endpoint, made-up credentials and a region stand in where there are none. Raises
    NotConfigured where there is no such stack.
    """
    if endpoint is not None:
        os.environ["AWS_ENDPOINT_URL"] = endpoint
        if "//127.0.0.1" in endpoint or "//localhost" in endpoint:
            for name, value in LOOPBACK.items():
                os.environ.setdefault(name, value)
    forget()
    if "TABLE" in os.environ and "DUE_SHARDS" in os.environ:
        return
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        described = connect("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except (BotoCoreError, ClientError, LookupError) as error:
        raise NotConfigured(
            f"no stack {stack!r} to work on ({error}). Name another with --stack, or the local one with "
            "--endpoint http://127.0.0.1:4566 while `make run` runs"
        ) from error
    for output in described.get("Outputs", []):
        variable = OUTPUTS.get(output["OutputKey"])
        if variable is not None:
            os.environ.setdefault(variable, output["OutputValue"])


LOOPBACK: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
}


def forget() -> None:
    """Drop every client, so that the next use builds it from the environment as it is then."""
    for built in (store, mail_store, mailer, pager, inbound_queue, reply_keys):
        built.cache_clear()
