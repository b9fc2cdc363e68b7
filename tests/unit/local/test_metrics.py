"""What a line of a function's log counts, as CloudWatch takes it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from local.metrics import Metrics, logged

BEAT = {
    "_aws": {
        "Timestamp": 1796068675000,
        "CloudWatchMetrics": [
            {
                "Namespace": "Reglament/reglament",
                "Dimensions": [["service"]],
                "Metrics": [{"Name": "Heartbeat", "Unit": "Count"}],
            }
        ],
    },
    "service": "clock",
    "Heartbeat": [1.0],
}
DATA = {
    "MetricName": "Heartbeat",
    "Dimensions": [{"Name": "service", "Value": "clock"}],
    "Timestamp": datetime(2026, 11, 30, 19, 57, 55, tzinfo=UTC),
    "Values": [1.0],
    "Unit": "Count",
}


def line(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"


def test_a_line_of_the_embedded_format_is_a_metric() -> None:
    assert list(logged(line(BEAT))) == [("Reglament/reglament", [DATA])]


def test_a_single_value_is_one_of_a_list() -> None:
    assert list(logged(line({**BEAT, "Heartbeat": 1.0}))) == [("Reglament/reglament", [DATA])]


def test_any_other_line_counts_nothing() -> None:
    assert [list(logged(other)) for other in (b"text\n", line({"level": "INFO"}), line([1]), b"\n")] == [[]] * 4


def test_only_what_is_new_and_whole_is_handed_on(tmp_path: Path) -> None:
    put: list[dict[str, Any]] = []
    aws: Any = SimpleNamespace(cloudwatch=SimpleNamespace(put_metric_data=lambda **given: put.append(given)))
    log = tmp_path / "clock.log"
    log.write_bytes(line(BEAT))
    metrics = Metrics(aws, log)
    half = line(BEAT)
    with log.open("ab") as written:
        written.write(half + half[:20])
    metrics.hand_on()
    assert len(put) == 1
    with log.open("ab") as written:
        written.write(half[20:])
    metrics.hand_on()
    metrics.hand_on()
    assert put == [{"Namespace": "Reglament/reglament", "MetricData": [DATA]}] * 2


def test_a_log_that_is_not_there_yet_is_no_error(tmp_path: Path) -> None:
    Metrics(SimpleNamespace(), tmp_path / "clock.log").hand_on()  # type: ignore[arg-type]  # nothing is called
