"""Where requests are checked: a hook of the SDK, which every client of the process has once `install` was called.

What AWS would refuse is a `ContractViolation`. It is no `Exception`, since the product goes on after one failed record,
letter or ticket, and must not go on after this; and it is kept in `LEDGER`, which tests and the local stack look at, in
case something swallows it all the same.

Any call is held to the limits. The product may also call nothing that the table does not have; what tests, the local
stack and their emulators lay out (`create_table`, `create_bucket`) is none of the product, and may. Who calls is known by
the module that called the client's method, whichever client it was.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final

import botocore
from botocore.model import OperationModel
from botocore.session import Session
from botocore.validate import ParamValidator

from local.aws_contract import table
from local.aws_contract.rules import Params, Request

PRODUCT: Final = frozenset({"adapters", "application", "cli", "composition", "domain", "handlers"})
"""Packages of the product, by their first names."""
_SDK: Final = frozenset({"boto3", "botocore"})


class ContractViolation(BaseException):
    """AWS would refuse this, by its documentation."""


@dataclass
class Ledger:
    """What was checked in this process and in those that reported to it, and what was found."""

    checked: Counter[str] = field(default_factory=Counter)
    """How many of what: `dynamodb.PutItem`, `emf.document`, `invocation.response`."""
    violations: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, checked: Mapping[str, int], violations: Iterable[str] = ()) -> None:
        """Count what was checked, here or in another process, and keep what was found."""
        with self._lock:
            self.checked.update(checked)
            self.violations.extend(violations)

    def take_violations(self) -> list[str]:
        """Return the violations so far and forget them."""
        with self._lock:
            taken, self.violations = self.violations, []
        return taken

    def take(self) -> dict[str, Any]:
        """Return all there is, as JSON has it, and forget it: for another process to add."""
        with self._lock:
            taken = {"checked": dict(self.checked), "violations": list(self.violations)}
            self.checked.clear()
            self.violations.clear()
        return taken


LEDGER: Final = Ledger()


def violate(text: str) -> ContractViolation:
    """Record a violation and return it, to be raised."""
    LEDGER.add({}, [text])
    return ContractViolation(text)


def install() -> None:
    """Check every request of every client that is made from now on; a second call does nothing."""
    botocore.register_initializer(_attach)


def uninstall() -> None:
    """Let sessions that are made from now on be as they were."""
    botocore.unregister_initializer(_attach)


def _attach(session: Session) -> None:
    session.register("provide-client-params", _check, unique_id="aws-contract")  # type: ignore[arg-type]  # the SDK passes these by name


def _check(*, params: Params, model: OperationModel, **_: Any) -> None:
    service, operation = model.service_model.service_name, model.name
    caller = calling_module(sys._getframe(1))
    if not table.is_known(service, operation):
        if caller.partition(".")[0] in PRODUCT:
            raise violate(
                f"{caller} calls {service}.{operation}, which is not in the contract: add its errors to"
                " local/aws_contract/errors.py and its limits to the module of the service"
            )
        return
    LEDGER.add({f"{service}.{operation}": 1})
    try:
        found = table.breaches_of(model, Request(service, operation, params))
    except (AttributeError, KeyError, TypeError, ValueError):
        report = ParamValidator().validate(params, model.input_shape) if model.input_shape is not None else None
        if report is None or not report.has_errors():
            raise
        raise violate(f"{caller}: {service}.{operation}: the SDK refuses it: {report.generate_report()}") from None
    if found:
        raise violate(f"{caller}: " + "; ".join(map(str, found)))


def calling_module(frame: FrameType | None) -> str:
    """Return the module that called a client's method, from a frame somewhere in the SDK beneath it.

    What stands between (a test that watches calls) is passed over: the method itself is `_api_call` of botocore.
    """
    while frame is not None and frame.f_code.co_name != "_api_call":
        frame = frame.f_back
    while frame is not None and _module(frame).partition(".")[0] in _SDK:
        frame = frame.f_back
    return _module(frame) if frame is not None else "?"


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "?"))


def check_other(service: str, operation: str, params: Params) -> None:
    """Check what is no request of the SDK: a metric document, an event, a response; raises ContractViolation."""
    LEDGER.add({f"{service}.{operation}": 1})
    found = table.breaches_of_other(service, operation, params)
    if found:
        raise violate("; ".join(map(str, found)))


def watch_metrics() -> None:
    """Check every metric document that Powertools is about to write; a second call does nothing."""
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider as Provider

    real: Any = Provider.serialize_metric_set
    if getattr(real, "is_watched", False):
        return

    def serialize_metric_set(*args: Any, **kwargs: Any) -> Any:
        document = real(*args, **kwargs)
        check_other("emf", "document", document)
        return document

    serialize_metric_set.is_watched = True  # type: ignore[attr-defined]  # a mark of our own
    Provider.serialize_metric_set = serialize_metric_set  # type: ignore[method-assign]  # the one place all documents pass


def watch_batches() -> None:
    """Check every answer of Powertools' batch processors against their batch; a second call does nothing."""
    from aws_lambda_powertools.utilities.batch import BatchProcessor

    real: Any = BatchProcessor.response
    if getattr(real, "is_watched", False):
        return

    def response(processor: Any) -> Any:
        answer = real(processor)
        check_other("invocation", "response", {"event": {"Records": processor.records}, "answer": answer})
        return answer

    response.is_watched = True  # type: ignore[attr-defined]  # a mark of our own
    BatchProcessor.response = response  # type: ignore[method-assign,assignment]  # the one place all answers pass


def summary() -> str:
    """Return in one line how much was checked, and by how many rules."""
    return summary_of(LEDGER.checked)


def summary_of(checked: Mapping[str, int]) -> str:
    """Return in one line how much was checked, and by how many rules."""
    requests = {name: number for name, number in checked.items() if name.partition(".")[0] not in table.OTHERS}
    other = sum(checked.values()) - sum(requests.values())
    rules = {rule for name in checked for rule in table.all_rules(*name.split(".", 1))}
    return (
        f"AWS contract: {sum(requests.values()):,} requests of {len(requests)} operations and {other:,} metric documents, "
        f"events and responses checked by {len(rules)} rules"
    )
