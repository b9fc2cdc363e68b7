"""What CloudWatch documents of metrics in a log: the embedded metric format, and the names it takes."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from local.aws_contract.rules import Check, Request, Rule

SERVICE: Final = "emf"
DOCUMENT: Final = "document"
METRICS_LIMIT = 100
VALUES_LIMIT = 100
DIMENSIONS_LIMIT = 30
NAME_LIMIT = 255
VALUE_LIMIT = 1024
DOCUMENT_LIMIT = 256 * 1024
LARGEST = 2.0**360
NAMESPACE = re.compile(r"(?!AWS/)(?!:)[A-Za-z0-9./_#: -]{1,255}")
DIMENSION = re.compile(r"(?!:)(?=.*[!-~])[ -~]+")
UNITS = frozenset(
    {
        "Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits",
        "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count", "Bytes/Second", "Kilobytes/Second",
        "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second",
        "Gigabits/Second", "Terabits/Second", "Count/Second", "None",
    }
)  # fmt: skip

Document = Mapping[str, Any]


def _directives(document: Document) -> list[Mapping[str, Any]]:
    directives: list[Mapping[str, Any]] = document.get("_aws", {}).get("CloudWatchMetrics", [])
    return directives


def _metadata(document: Document) -> Iterator[str]:
    metadata = document.get("_aws", {})
    if not isinstance(metadata.get("Timestamp"), int) or not isinstance(metadata.get("CloudWatchMetrics"), list):
        yield f"_aws has {sorted(metadata)}"
    for directive in _directives(document):
        if missing := {"Namespace", "Dimensions", "Metrics"} - directive.keys():
            yield f"a directive without {', '.join(sorted(missing))}"


def _namespace(document: Document) -> Iterator[str]:
    for directive in _directives(document):
        if not NAMESPACE.fullmatch(directive.get("Namespace", "")):
            yield f"{directive.get('Namespace')!r}"


def _metrics(document: Document) -> Iterator[str]:
    for directive in _directives(document):
        metrics = directive.get("Metrics", [])
        names = [metric.get("Name", "") for metric in metrics]
        if len(metrics) > METRICS_LIMIT:
            yield f"{len(metrics)} metrics"
        yield from (f"{name!r}" for name in names if not 1 <= len(name) <= NAME_LIMIT)
        yield from (f"{name} without a value" for name in names if name not in document)
        yield from (f"{name} twice" for name in sorted({one for one in names if names.count(one) > 1}))
        yield from (f"the unit {metric['Unit']}" for metric in metrics if metric.get("Unit", "None") not in UNITS)


def _values(document: Document) -> Iterator[str]:
    for directive in _directives(document):
        for metric in directive.get("Metrics", []):
            given = document.get(metric.get("Name"), 0)
            values = given if isinstance(given, list) else [given]
            if not 1 <= len(values) <= VALUES_LIMIT:
                yield f"{metric['Name']} with {len(values)} values"
            for value in values:
                is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
                if not is_number or not math.isfinite(value) or abs(value) > LARGEST:
                    yield f"{metric['Name']} is {value!r}"


def _dimensions(document: Document) -> Iterator[str]:
    for directive in _directives(document):
        sets = directive.get("Dimensions", [])
        if not sets:
            yield "no set of dimensions"
        for names in sets:
            if len(names) > DIMENSIONS_LIMIT:
                yield f"{len(names)} dimensions"
            for name in names:
                value = document.get(name)
                if len(name) > NAME_LIMIT or not DIMENSION.fullmatch(name):
                    yield f"the name {name!r}"
                if not isinstance(value, str) or len(value) > VALUE_LIMIT or not DIMENSION.fullmatch(value):
                    yield f"{name} is {value!r}"


def _size(document: Document) -> Iterator[str]:
    size = len(json.dumps(document, separators=(",", ":")))
    if size > DOCUMENT_LIMIT:
        yield f"{size:,} bytes"


def _of_document(check: Callable[[Document], Iterator[str]]) -> Check:
    def checked(request: Request) -> Iterator[str]:
        return check(request.params)

    return checked


def _rule(field: str, limit: str, source: str, check: Callable[[Document], Iterator[str]]) -> Rule:
    return Rule(SERVICE, (DOCUMENT,), field, limit, source, "no metric, and no error", _of_document(check))


_SPECIFICATION = "CloudWatch user guide, Embedded metric format (CloudWatch_Embedded_Metric_Format_Specification.html)"
_DATUM = "CloudWatch API reference, MetricDatum and PutMetricData (API_MetricDatum.html)"

RULES: Final = (
    _rule(
        "_aws",
        "Timestamp in milliseconds; CloudWatchMetrics with Namespace, Dimensions, Metrics",
        _SPECIFICATION,
        _metadata,
    ),
    _rule(
        "Namespace",
        "1 to 255 letters, digits, blanks and . - _ / # :, not beginning with AWS/ or :",
        "CloudWatch user guide, Metrics concepts, Namespaces (cloudwatch_concepts.html)",
        _namespace,
    ),
    _rule(
        "Metrics",
        "at most 100, none twice; names of 1 to 255 characters, units of CloudWatch, a value",
        _SPECIFICATION,
        _metrics,
    ),
    _rule(
        "values of metrics", "numbers within ±2^360, at most 100 of one metric", f"{_SPECIFICATION}; {_DATUM}", _values
    ),
    _rule(
        "Dimensions",
        "at most 30 a set; names of at most 255 and values of at most 1,024 printable ASCII characters, not all blank, no : first",
        "CloudWatch API reference, Dimension (API_Dimension.html)",
        _dimensions,
    ),
    _rule("document", "at most 256 KB", _SPECIFICATION, _size),
)
