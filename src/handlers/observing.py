"""Logs and metrics of the functions: ids only, no personal data."""

from __future__ import annotations

import warnings

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

# A run that found nothing to do publishes no metrics; that is no fault worth a line in the log.
warnings.filterwarnings("ignore", "No application metrics to publish", UserWarning)

logger = Logger()
metrics = Metrics()


def count(name: str, value: int = 1) -> None:
    """Add to a metric of the function that runs."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
