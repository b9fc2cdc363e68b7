"""The stack's resources in the embedded AWS: made from template.yaml, compared with it, and completed.

CloudFormation of the emulator reports success for things that it left out. So what really exists is read
back by the API of each service and compared with the template (`local.comparison`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from composition import LOOPBACK
from local.comparison import Comparison, Gap, arn_of
from local.emulator import NotStarted
from local.template import Function, LocalTemplate, Source

if TYPE_CHECKING:
    from types_boto3_cloudformation.type_defs import StackTypeDef

STACK = "reglament"
TEMPLATES = "local-templates"
"""A bucket of the emulator's: CloudFormation takes a template of more than 51,200 bytes only from S3."""
DIGEST = "template"
PAGES_QUEUE = f"{STACK}-local-pages"
MONITORS = f"{STACK}-local-monitors"
"""A rule on the default bus, and the queue that it fills with what monitors report."""


class Aws:
    """Clients of the embedded AWS, one a service, built when first used."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._session = boto3.Session(
            aws_access_key_id=LOOPBACK["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=LOOPBACK["AWS_SECRET_ACCESS_KEY"],
            region_name=LOOPBACK["AWS_DEFAULT_REGION"],
        )
        self._clients: dict[str, Any] = {}

    def __getattr__(self, service: str) -> Any:
        """Return the client of a service: `aws.sqs`."""
        if service.startswith("_"):
            raise AttributeError(service)
        if service not in self._clients:
            config = Config(
                max_pool_connections=32, connect_timeout=2, read_timeout=30, retries={"total_max_attempts": 2}
            )
            self._clients[service] = self._session.client(service, endpoint_url=self.endpoint, config=config)  # type: ignore[call-overload]  # the service is a variable here
        return self._clients[service]


@dataclass(frozen=True, slots=True)
class Deployment:
    """What exists, by the names under which the runner and the doors need it."""

    outputs: Mapping[str, str]
    resolved: Mapping[tuple[str, ...], str]
    recipients: tuple[str, ...]
    gaps: tuple[Gap, ...]
    pages_queue: str
    monitors_queue: str
    feedback_topic: str
    """Where SES tells what became of the letters that it sent."""

    def environment(self, function: Function) -> dict[str, str]:
        """Return a function's variables, just those of the template, resolved."""
        return {name: self.resolved[function.name, "env", name] for name in function.variables}

    def of(self, function: Function, source: Source, what: str) -> str:
        """Return what a source refers to: its `Queue` or `Stream`, or its `OnFailure` queue."""
        return self.resolved[function.name, source.name, what]


def deploy(aws: Aws, template: LocalTemplate) -> Deployment:
    """Create the stack, or bring the one of an earlier run up to date; compare it with the template; complete it."""
    stack = _create_or_update(aws, template)
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    resolved = {path: outputs[name] for name, path in template.outputs.items()}
    gaps = tuple(Comparison(aws, STACK, template, outputs).gaps())
    pages = _queue(aws, PAGES_QUEUE)
    _subscribe(aws, outputs["PagesTopic"], pages)
    monitors = _queue(aws, MONITORS)
    aws.events.put_rule(Name=MONITORS, EventPattern=json.dumps({"source": [{"prefix": "monitor."}]}))
    aws.events.put_targets(Rule=MONITORS, Targets=[{"Id": "queue", "Arn": arn_of(aws, monitors)}])
    recipients = tuple(outputs["LocalRecipients"].split(","))
    shown = {name: value for name, value in outputs.items() if not name.startswith("Local")}
    return Deployment(shown, resolved, recipients, gaps, pages, monitors, outputs["LocalFeedbackTopic"])


def _create_or_update(aws: Aws, template: LocalTemplate) -> StackTypeDef:
    before = _described(aws)
    digest = template.digest()
    if before is not None and {"Key": DIGEST, "Value": digest} in before.get("Tags", []):
        return before
    try:
        aws.s3.create_bucket(
            Bucket=TEMPLATES, CreateBucketConfiguration={"LocationConstraint": LOOPBACK["AWS_DEFAULT_REGION"]}
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
            raise
    aws.s3.put_object(Bucket=TEMPLATES, Key=digest, Body=template.text().encode())
    request = {
        "StackName": STACK,
        "TemplateURL": f"{aws.endpoint}/{TEMPLATES}/{digest}",
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        # Pages are read from a queue of the local stack's own.
        "Parameters": [{"ParameterKey": "AllowNoRecipients", "ParameterValue": "true"}],
        "Tags": [{"Key": DIGEST, "Value": digest}],
    }
    if before is None:
        aws.cloudformation.create_stack(**request)
    else:
        aws.cloudformation.update_stack(**request)
    after = settled(aws)
    if after is None or after["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise NotStarted(
            "the resources of template.yaml could not be created in the embedded AWS:\n"
            + "\n".join(_failures(aws))
            + ("\nThe state of an earlier run may be in the way: --fresh starts without it" if before else "")
        )
    return after


def _described(aws: Aws) -> StackTypeDef | None:
    try:
        stacks: list[StackTypeDef] = aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    except ClientError:
        return None
    return stacks[0]


def settled(aws: Aws) -> StackTypeDef | None:
    """Return the stack once nothing is in progress, or after a minute; None where there is none."""
    until = time.monotonic() + 60
    stack = _described(aws)
    while stack is not None and stack["StackStatus"].endswith("_IN_PROGRESS") and time.monotonic() < until:
        time.sleep(0.05)
        stack = _described(aws)
    return stack


def _failures(aws: Aws) -> Iterator[str]:
    for event in aws.cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]:
        if event["ResourceStatus"].endswith("_FAILED"):
            yield f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"


# What the local stack has besides the template's -----------------------------------------------------------


def _queue(aws: Aws, name: str) -> str:
    url: str = aws.sqs.create_queue(QueueName=name)["QueueUrl"]
    return url


def _subscribe(aws: Aws, topic: str, queue: str) -> None:
    """Let a queue hear a topic; subscribing twice is the same as once."""
    aws.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(aws, queue))
