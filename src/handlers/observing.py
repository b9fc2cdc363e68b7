"""Logs and metrics of the functions: ids only, no personal data."""

from __future__ import annotations

import traceback
import warnings
from pathlib import Path

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

# A run that found nothing to do publishes no metrics; that is no fault worth a line in the log.
warnings.filterwarnings("ignore", "No application metrics to publish", UserWarning)

logger = Logger()
metrics = Metrics()


def failed(what: str, error: Exception, **ids: str) -> None:
    """Log an unexpected error by its type and place: its message may quote a letter."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-6:]]
    logger.error(what, extra={**ids, "error": type(error).__name__, "where": where})


def count(name: str, value: int = 1) -> None:
    """Add to a metric of the function that runs."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
