"""Errors of AWS as its services put them on the wire, read by the SDK's own parsers, in front of any call."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import botocore.session
import pytest
from botocore.client import BaseClient
from botocore.errorfactory import ClientExceptionsFactory
from botocore.exceptions import ClientError
from botocore.model import ServiceModel
from botocore.parsers import create_parser

from handlers import observing

OF_OTHERS = ("PutObject",)
"""What the functions never ask: SES writes the letters, or a test for it."""
HEADERS = {"x-amzn-requestid": "request-1"}
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a service answers instead of doing what it was asked."""

    service: str
    code: str
    text: str = ""
    status: int = 400
    reasons: Sequence[tuple[str, str]] = ()
    """Of a cancelled transaction, in the order of its items: code and text."""

    def __str__(self) -> str:
        reasons = ",".join(code for code, _ in self.reasons)
        return (
            f"{self.service}-{self.code}{f'[{reasons}]' if reasons else ''}{'-' + self.text[:24] if self.text else ''}"
        )

    def error(self, operation: str) -> ClientError:
        """Return what the SDK makes of it for an operation."""
        model = _model(self.service)
        response = {"status_code": self.status, "headers": dict(HEADERS), "body": b"", "context": {}}
        response |= _on_the_wire(self, model.metadata["protocol"])
        shape: Any = model.operation_model(operation).output_shape
        parser = create_parser(model.metadata["protocol"])
        parsed = parser.parse(response, shape)
        named: Any = model.shape_for_error_code(self.code)  # type: ignore[arg-type]  # the stub is wrong
        if named is not None:
            parsed.update(parser.parse(response, named))
        if parsed["Error"].get("Code") != self.code and self.status < 500:
            raise AssertionError(f"the SDK reads {parsed['Error']}, not {self.code}")
        raised: ClientError = _exceptions(self.service).from_code(self.code)(parsed, operation)
        return raised


def _on_the_wire(refusal: Refusal, protocol: str) -> dict[str, Any]:
    code, text = refusal.code, refusal.text
    if protocol == "json":
        body = {"__type": f"com.amazonaws.{refusal.service}#{code}", "message": text}
        if refusal.reasons:
            body["CancellationReasons"] = [  # type: ignore[assignment]  # a list beside texts
                {"Code": reason, **({"Message": why} if why else {})} for reason, why in refusal.reasons
            ]
        return {"body": json.dumps(body).encode()}
    if protocol == "rest-json":
        return {"headers": {**HEADERS, "x-amzn-errortype": code}, "body": json.dumps({"message": text}).encode()}
    if protocol == "rest-xml":
        return {"body": f"<Error><Code>{code}</Code><Message>{escape(text)}</Message></Error>".encode()}
    error = f"<Type>Sender</Type><Code>{code}</Code><Message>{escape(text)}</Message>"
    return {"body": f"<ErrorResponse><Error>{error}</Error><RequestId>1</RequestId></ErrorResponse>".encode()}


@cache
def _session() -> botocore.session.Session:
    return botocore.session.Session()


@cache
def _model(service: str) -> ServiceModel:
    return _session().get_service_model(service)


@cache
def _exceptions(service: str) -> Any:
    return ClientExceptionsFactory().create_client_exceptions(_model(service))


Fault = Callable[[str, str], Exception | None]
"""What a call of a service and an operation fails with; None where it goes through."""


def refusing_all(*refusals: Refusal, operations: Collection[str] = ()) -> Fault:
    """Return the fault by which services refuse whatever they are asked, or some operations alone."""

    def fault(service: str, operation: str) -> Exception | None:
        fitting = (refusal for refusal in refusals if refusal.service == service)
        refusal = next(fitting, None) if not operations or operation in operations else None
        return refusal.error(operation) if refusal is not None else None

    return fault


def let_fail(patch: pytest.MonkeyPatch, fault: Fault) -> list[str]:
    """Let calls of AWS fail, and return the list of operations that did, which grows."""
    failed: list[str] = []
    real = BaseClient._make_api_call  # type: ignore[attr-defined]  # the stubs leave it out

    def call(client: Any, operation: str, params: Any) -> Any:
        error = fault(client.meta.service_model.service_name, operation)
        if error is None or operation in OF_OTHERS:
            return real(client, operation, params)
        failed.append(operation)
        raise error

    patch.setattr(BaseClient, "_make_api_call", call)
    return failed


def counted(patch: pytest.MonkeyPatch) -> Counter[str]:
    """Return what the functions count of errors from now on, by metric."""
    counts: Counter[str] = Counter()
    real = observing.count

    def count(metric: observing.Metric, value: int = 1) -> None:
        counts[metric.value] += value
        real(metric, value)

    patch.setattr(observing, "count", count)
    return counts


THE_KEY_IS_DISABLED = (
    Refusal("s3", "KMS.DisabledException", f"{KEY} is disabled."),
    Refusal("sns", "KMSDisabled", f"null (Service: AWSKMS; Status Code: 400; Error Code: DisabledException): {KEY}"),
    Refusal("sqs", "KmsDisabled", f"{KEY} is disabled."),
)
"""What the services say whose data lies under the stack's own key (template.yaml, Key)."""
THE_TABLES_KEY_IS_DISABLED = Refusal("dynamodb", "AccessDeniedException", f"KMS key access denied error: {KEY}")
"""What the table says where its key cannot be used (repost.aws/knowledge-center/dynamodb-access-denied-exception)."""
