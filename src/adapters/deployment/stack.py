"""The deployed stack: its description, read once, and the clients that the checks look with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from adapters.deployment.dns import Dns
from adapters.deployment.findings import NotHere, Undone

T = TypeVar("T")


class NoSuchStack(LookupError):
    """There is no stack of that name in this account and region."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the stack is."""

    stack: str
    endpoint: str | None = None
    """Another endpoint of AWS than its own."""
    is_local: bool = False
    """Whether that is on this machine."""


@dataclass(frozen=True, slots=True)
class Description:
    """What CloudFormation says of the stack."""

    status: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]


class Deployment:
    """One deployed stack. Safe to share between threads: what several checks ask is asked once."""

    def __init__(
        self, place: Place, connect: Callable[[str], Any], dns: Dns | None, now: Callable[[], datetime]
    ) -> None:
        self.place = place
        self.now = now
        self._connect = connect
        self._dns = dns
        self._lock = threading.Lock()
        self._locks: dict[Hashable, threading.Lock] = {}
        self._clients: dict[str, Any] = {}
        self._answers: dict[Hashable, Future[Any]] = {}

    # What is asked of AWS and of DNS

    def client(self, service: str) -> Any:
        """Return the client of a service."""
        with self._lock:  # building one is not safe among threads; using one is
            if service not in self._clients:
                self._clients[service] = self._connect(service)
            return self._clients[service]

    def once(self, key: Hashable, ask: Callable[[], T]) -> T:
        """Return what `ask` returns, or raise what it raised: asked once for all checks, for a failure takes long."""
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._answers:
                future: Future[T] = Future()
                try:
                    future.set_result(ask())
                except Exception as error:  # noqa: BLE001 - raised below, for this check and for every other
                    future.set_exception(error)
                self._answers[key] = future
            answered: Future[T] = self._answers[key]
        return answered.result()

    @property
    def dns(self) -> Dns:
        """Return the resolver; raises NotHere where none is to be asked."""
        if self._dns is None:
            raise NotHere("no DNS is asked about a stack on this machine; --nameserver ADDRESS asks one")
        return self._dns

    @property
    def region(self) -> str:
        """Return the region that the stack is in."""
        region: str = self.client("cloudformation").meta.region_name
        return region

    # What the stack is made of

    @property
    def description(self) -> Description:
        """Return what CloudFormation says of the stack; raises NoSuchStack."""
        return self.once("description", self._described)

    @property
    def outputs(self) -> Mapping[str, str]:
        """Return the stack's outputs."""
        return self.description.outputs

    def output(self, name: str) -> str:
        """Return one output; raises Undone where an older stack has none of that name."""
        if name not in self.outputs:
            raise Undone(f"the stack has no output {name}", "Deploy this version: `make deploy`")
        return self.outputs[name]

    def parameter(self, name: str) -> str:
        """Return a parameter as it was given; empty where the stack has none of that name."""
        return self.description.parameters.get(name, "")

    @property
    def is_paused(self) -> bool:
        """Return whether the stack was told to rest while a restored table is prepared."""
        return self.parameter("Paused") in {"true", "timers"}

    @property
    def desk_addresses(self) -> tuple[str, ...]:
        """Return the addresses that are received, and the only ones that anything is sent from."""
        given = (address.strip() for address in self.parameter("DeskAddresses").split(","))
        return tuple(address for address in given if address)

    def resources(self, kind: str) -> dict[str, str]:
        """Return the physical ids of the stack's resources of a type, by logical id."""
        listed = self.once("resources", self._resources)
        return {logical: physical for logical, (type_, physical) in listed.items() if type_ == kind}

    def _described(self) -> Description:
        try:
            stacks = self.client("cloudformation").describe_stacks(StackName=self.place.stack)["Stacks"]
        except ClientError as error:
            # "Stack with id x does not exist": a ValidationError like any other wrong argument.
            if "does not exist" in str(error):
                raise NoSuchStack(self.place.stack) from error
            raise
        if not stacks:
            raise NoSuchStack(self.place.stack)
        stack = stacks[0]
        return Description(
            status=stack["StackStatus"],
            parameters={one["ParameterKey"]: one.get("ParameterValue", "") for one in stack.get("Parameters", [])},
            outputs={one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])},
        )

    def _resources(self) -> dict[str, tuple[str, str]]:
        pages = self._pages("cloudformation", "list_stack_resources", StackName=self.place.stack)
        listed = (one for page in pages for one in page["StackResourceSummaries"])
        return {
            one["LogicalResourceId"]: (one["ResourceType"], one["PhysicalResourceId"])
            for one in listed
            if one.get("PhysicalResourceId")
        }

    def _pages(self, service: str, operation: str, **arguments: Any) -> Iterator[Any]:
        yield from self.client(service).get_paginator(operation).paginate(**arguments)

    # How a remedy is written

    @cached_property
    def _elsewhere(self) -> str:
        return f" --endpoint-url {self.place.endpoint}" if self.place.endpoint else f" --region {self.region}"

    def aws(self, command: str) -> str:
        """Return a command of the AWS CLI for this stack's region or endpoint, in backquotes."""
        return f"`aws {command}{self._elsewhere}`"

    def reglament(self, command: str) -> str:
        """Return a verb of ours for this stack, in backquotes."""
        stack = f" --stack {self.place.stack}" if self.place.stack != "reglament" else ""
        endpoint = f" --endpoint {self.place.endpoint}" if self.place.endpoint else ""
        return f"`reglament {command}{stack}{endpoint}`"

    @property
    def go_on(self) -> str:
        """Return what ends a pause: never to turn on by hand what rests."""
        return (
            f"That is right while a table is restored (docs/recovery.md). Then deploy with Paused=false: {self.deploy}"
        )

    @property
    def deploy(self) -> str:
        """Return how the stack is deployed again, in backquotes."""
        if self.place.is_local:
            return "`make run` again"
        stack = f" STACK={self.place.stack}" if self.place.stack != "reglament" else ""
        return f"`make deploy{stack} AWS_REGION={self.region}`"
