"""What a function counted, handed on to CloudWatch of the embedded AWS: on AWS it is read from the function's log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.resources import Aws


class Metrics:
    """Follows one function's log. What was written before is not handed on again."""

    def __init__(self, aws: Aws, log: Path) -> None:
        self._aws = aws
        self._log = log
        self._read = log.stat().st_size if log.exists() else 0

    def hand_on(self) -> None:
        """Put the metrics that were logged since the last time; where CloudWatch does not take them they are lost."""
        if not self._log.exists():
            return
        with self._log.open("rb") as log:
            log.seek(self._read)
            lines = log.read().rpartition(b"\n")[0].splitlines(keepends=True)
        self._read += sum(map(len, lines))
        for line in lines:
            for namespace, data in logged(line):
                try:
                    self._aws.cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
                except (BotoCoreError, ClientError):
                    return


def logged(line: bytes) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Return the metrics in a line of a log, by namespace, as PutMetricData takes them; none where it is another line.

    The embedded metric format: AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.
    """
    try:
        found = json.loads(line)
        directives = found["_aws"]["CloudWatchMetrics"]
    except (ValueError, TypeError, KeyError):
        return
    at = datetime.fromtimestamp(found["_aws"]["Timestamp"] / 1000, UTC)
    for directive in directives:
        data = [
            {
                "MetricName": metric["Name"],
                "Dimensions": [{"Name": name, "Value": found[name]} for name in names],
                "Timestamp": at,
                "Values": found[metric["Name"]] if isinstance(found[metric["Name"]], list) else [found[metric["Name"]]],
                "Unit": metric.get("Unit", "None"),
            }
            for names in directive["Dimensions"]
            for metric in directive["Metrics"]
        ]
        yield directive["Namespace"], data
