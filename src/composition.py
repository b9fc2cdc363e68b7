"""The one place that reads the environment and the clock: it turns them into one frozen value, which is passed on."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, cached_property, wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from domain.caller import local_caller
from domain.reply_token import ReplyKeys

if TYPE_CHECKING:
    from adapters.dynamodb import DynamoTable
    from adapters.event_bus import EventBus
    from adapters.outside_watch import OutsideWatch
    from adapters.s3 import BucketMailStore
    from adapters.ses.sending import SesMailer
    from adapters.sns import SnsPager
    from adapters.sqs import Queue
    from application.ports import Services

_STORE = frozenset({"TABLE", "DUE_SHARDS"})
ENVIRONMENT: Mapping[str, frozenset[str]] = {
    "inbound": _STORE | {"MAIL_BUCKET", "REPLY_KEYS"},
    "mailer": _STORE | {"REPLY_KEYS", "CONFIGURATION_SET"},
    "pager": _STORE | {"PAGES_TOPIC", "SMS_SENDER_ID", "REPLY_KEYS", "CONFIGURATION_SET"},
    "clock": _STORE | {"MAIL_BUCKET", "HEARTBEAT_URL"},
    "alarm": _STORE,
    "feedback": _STORE,
    "reconcile": _STORE | {"MAIL_BUCKET", "INBOUND_QUEUE"},
}
"""Which variables each function reads, besides those of AWS and of Powertools; the template sets just these."""
OUTPUTS: Mapping[str, str] = {
    "Table": "TABLE",
    "DueShards": "DUE_SHARDS",
    "MailBucket": "MAIL_BUCKET",
    "InboundQueue": "INBOUND_QUEUE",
    "ReplyKeys": "REPLY_KEYS",
    "Key": "KEY",
}
"""Which variables the outputs of a deployed stack are, for the command line."""
LOOPBACK: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
}
"""Made-up credentials and a region for an AWS on this machine, where the environment has none."""


_ARGUMENTS = {
    "AWS_ACCESS_KEY_ID": "aws_access_key_id",
    "AWS_SECRET_ACCESS_KEY": "aws_secret_access_key",
    "AWS_DEFAULT_REGION": "region_name",
}
"""What boto3 calls those variables."""


class NotConfigured(RuntimeError):
    """A variable that is needed is not set, or there is no such stack."""


def real_time() -> datetime:
    """Return the present instant, aware, UTC."""
    return datetime.now(UTC)


def environment() -> Mapping[str, str]:
    """Return the variables of this process as they are now."""
    return dict(os.environ)


def user() -> str:
    """Return the operating system's user, whom history names on the stack of this machine.

    Raises NotConfigured where the system knows no name.
    """
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError) as error:
        raise NotConfigured("this machine does not know who you are: set the variable LOGNAME to your name") from error


@dataclass(frozen=True)
class AwsServices:
    """AWS as `application.ports.Services`: each client is built once, when it is first needed."""

    environment: Mapping[str, str]
    clock: Callable[[], datetime] = real_time
    place: Mapping[str, str] = field(default_factory=dict)
    """Endpoint, region and credentials, as boto3 names them, where the SDK's own variables are not to be used."""

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
        return self.clock()

    def setting(self, name: str) -> str:
        """Return a variable of the environment; raises NotConfigured, naming it."""
        value = self.environment.get(name)
        if not value:
            raise NotConfigured(f"the environment variable {name} is not set; template.yaml sets it for every function")
        return value

    def connect(self, service: str, *, attempts: int = 4, read_timeout: int = 10, region: str | None = None) -> Any:
        """Return a client of one AWS service, with bounded waiting; in the region named, or in the usual one."""
        import boto3
        from botocore.config import Config

        retries = {"total_max_attempts": attempts, "mode": "standard"}
        config = Config(retries=retries, connect_timeout=3, read_timeout=read_timeout)  # type: ignore[arg-type]  # the stub's TypedDict
        place = {**self.place, "region_name": region} if region else self.place
        return boto3.client(service, config=config, **place)  # type: ignore[call-overload]  # the service is a variable here

    @cached_property
    def store(self) -> DynamoTable:
        """Return the table of tickets, clients and outgoing items."""
        from adapters.dynamodb import DynamoTable

        # What does not answer fails before the function's time is up, so that its failure is known for AWS's.
        client = self.connect("dynamodb", read_timeout=5)
        return DynamoTable(client, self.setting("TABLE"), int(self.setting("DUE_SHARDS")))

    @cached_property
    def mail_store(self) -> BucketMailStore:
        """Return the bucket of raw letters."""
        from adapters.s3 import BucketMailStore

        # All attempts at a call that hangs end within `handlers.batches.TIME_FOR_ONE_MS`.
        return BucketMailStore(self.connect("s3", attempts=2, read_timeout=8), self.mail_bucket)

    @property
    def mail_bucket(self) -> str:
        """Return the name of the bucket of raw letters."""
        return self.setting("MAIL_BUCKET")

    @cached_property
    def mailer(self) -> SesMailer:
        """Return the way out for letters: one attempt each, since SES knows no idempotency."""
        from adapters.ses.sending import SesMailer

        return SesMailer(self.connect("sesv2", attempts=1, read_timeout=30), self.setting("CONFIGURATION_SET"))

    @cached_property
    def pager(self) -> SnsPager:
        """Return the way out for pages: one attempt each, since SNS knows no idempotency here."""
        from adapters.sns import SnsPager

        sender_id = self.environment.get("SMS_SENDER_ID", "")
        return SnsPager(self.connect("sns", attempts=1, read_timeout=5), self.setting("PAGES_TOPIC"), sender_id)

    @cached_property
    def pages_mailer(self) -> SesMailer:
        """Return the way out for the letters that go with pages: they wait for SES no longer than a page may take."""
        from adapters.ses.sending import SesMailer

        return SesMailer(self.connect("sesv2", attempts=1, read_timeout=5), self.setting("CONFIGURATION_SET"))

    @cached_property
    def event_bus(self) -> EventBus:
        """Return the way on which monitors report faults to the stack."""
        from adapters.event_bus import EventBus

        return EventBus(self.connect("events"), self.stack)

    @cached_property
    def watch(self) -> OutsideWatch:
        """Return whoever watches the clock from outside; nobody where no address is given."""
        from adapters.outside_watch import OutsideWatch

        return OutsideWatch(self.environment.get("HEARTBEAT_URL", ""))

    @cached_property
    def inbound_queue(self) -> Queue:
        """Return the queue that `inbound` reads, for letters that have to be offered again."""
        from adapters.sqs import Queue

        return Queue(self.connect("sqs"), self.setting("INBOUND_QUEUE"))

    @cached_property
    def reply_keys(self) -> ReplyKeys:
        """Return the keys of reply tokens: one GetSecretValue a cold start, and one at each use until they are right.

        Raises NotConfigured where the secret is not of the form that docs/deployment.md describes, and the SDK's errors.
        """
        from adapters.reply_keys import MalformedSecret, keys_in

        name = self.setting("REPLY_KEYS")
        answer = self.connect("secretsmanager").get_secret_value(SecretId=name)
        try:
            return keys_in(answer.get("SecretString"))
        except MalformedSecret as error:
            raise NotConfigured(f"the secret {name}: {error}; docs/deployment.md says how to write it") from error

    @cached_property
    def caller(self) -> str:
        """Return who acts, as history records it: one GetCallerIdentity, or none on the stack of this machine.

        Raises NotConfigured where that cannot be known: an act must have a person's name.
        """
        from adapters.sts import CallerUnknown, caller_of

        client = self.connect("sts")
        if is_of_this_machine(client.meta.endpoint_url):
            return local_caller(user())
        try:
            return caller_of(client)
        except CallerUnknown as error:
            raise NotConfigured(
                f"AWS does not say who you are ({error}), so that history could not name you; nothing was done. Try "
                f"`aws sts get-caller-identity`: are the credentials yours and valid, and is {client.meta.endpoint_url} "
                "within reach?"
            ) from error

    def queue(self, name: str) -> Queue:
        """Return a queue of the account by its name; raises LookupError where there is none."""
        from adapters.sqs import Queue

        client = self.connect("sqs")
        try:
            return Queue(client, client.get_queue_url(QueueName=name)["QueueUrl"])
        except client.exceptions.QueueDoesNotExist as error:
            raise LookupError(name) from error

    @property
    def stack(self) -> str:
        """Return the name of the deployed stack that the command line works on unless it is told another."""
        return self.environment.get("REGLAMENT_STACK") or "reglament"

    def at(self, endpoint: str) -> AwsServices:
        """Return the services of another endpoint; on this machine, LOOPBACK is for what the environment lacks."""
        place = {"endpoint_url": endpoint}
        if is_of_this_machine(endpoint):
            given = {name: self.environment.get(name, otherwise) for name, otherwise in LOOPBACK.items()}
            place |= {_ARGUMENTS[name]: value for name, value in given.items()}
        return replace(self, place=place)

    def of_stack(self, stack: str | None = None, endpoint: str | None = None) -> AwsServices:
        """Return the services of a deployed stack, by its outputs; variables that are set already win.

        With a loopback endpoint, made-up credentials and a region stand in where there are none. Raises
        NotConfigured where there is no such stack, and the SDK's errors where AWS does not say.
        """
        is_known = "TABLE" in self.environment and "DUE_SHARDS" in self.environment
        if is_known and stack is None and endpoint is None:
            return self
        stack = stack or self.stack
        variables = {**self.environment, "REGLAMENT_STACK": stack}
        services = replace(self.at(endpoint) if endpoint else self, environment=variables)
        if is_known:
            return services
        from botocore.exceptions import ClientError

        try:
            described = services.connect("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        except (ClientError, LookupError) as error:
            # CloudFormation API reference, DescribeStacks: "If the stack doesn't exist, a ValidationError is returned".
            if isinstance(error, ClientError) and error.response["Error"]["Code"] != "ValidationError":
                raise
            raise NotConfigured(
                f"no stack {stack!r} to work on ({error}). Name another with --stack, or the local one with "
                "--endpoint http://127.0.0.1:4566 while `make run` runs"
            ) from error
        outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
        named = {variable: outputs[output] for output, variable in OUTPUTS.items() if output in outputs}
        return replace(services, environment={**named, **variables})


def is_of_this_machine(endpoint: str) -> bool:
    """Return whether an endpoint is on this machine: its AWS is an embedded one."""
    return urlsplit(endpoint).hostname in {"127.0.0.1", "::1", "localhost"}


@cache
def _deployed() -> AwsServices:
    return AwsServices(environment())


def lambda_handler(handle: Callable[[dict[str, Any], Any, Services], Any]) -> Callable[[dict[str, Any], Any], Any]:
    """Return what Lambda calls: `handle` with the deployed services, which a process builds once."""

    @wraps(handle)
    def handler(event: dict[str, Any], context: Any) -> Any:
        return handle(event, context, _deployed())

    return handler
