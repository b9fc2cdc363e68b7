"""Logs and metrics of the functions: ids only, no personal data."""

from __future__ import annotations

import traceback
import warnings
from enum import StrEnum
from pathlib import Path

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

# A run that found nothing to do publishes no metrics; that is no fault worth a line in the log.
warnings.filterwarnings("ignore", "No application metrics to publish", UserWarning)


class Metric(StrEnum):
    """Everything that the functions count. An alarm of the template stands on it, or a test says why none does."""

    ALARMS_OF_NO_DESK = "AlarmsOfNoDesk"
    BOUNCED = "Bounced"
    COMPLAINED = "Complained"
    DELIVERED = "Delivered"
    DELIVERY_OTHER = "DeliveryOther"
    FAULTS_OPENED = "FaultsOpened"
    FAULTS_RESOLVED = "FaultsResolved"
    HEARTBEAT = "Heartbeat"
    LETTERS_FILED = "LettersFiled"
    LETTERS_LEFT_BEHIND = "LettersLeftBehind"
    LETTERS_OFFERED_AGAIN = "LettersOfferedAgain"
    LETTERS_QUARANTINED = "LettersQuarantined"
    LETTERS_REDELIVERED = "LettersRedelivered"
    LETTERS_SETTLED = "LettersSettled"
    LETTERS_WAITING = "LettersWaiting"
    MAIL_DELAYED = "MailDelayed"
    MAIL_FAILED = "MailFailed"
    MAIL_REFUSED = "MailRefused"
    OFFERS_REPEATED = "OffersRepeated"
    PAGES_FAILED = "PagesFailed"
    """Attempts to publish a page that failed."""
    PAGES_SENT = "PagesSent"
    PAGES_WAITING = "PagesWaiting"
    """Pages that the sweep had to offer, for nobody had sent them within a minute."""
    PRONOUNCEMENTS_HELD = "PronouncementsHeld"
    RECONCILE_FAILED = "ReconcileFailed"
    REGULATION_ENDED = "RegulationEnded"
    SWEEPS_UNFINISHED = "SweepsUnfinished"
    TICKETS_OPENED = "TicketsOpened"
    TIMERS_FAILED = "TimersFailed"
    TIMERS_FIRED = "TimersFired"
    UNDECREED_CALENDAR = "UndecreedCalendar"


logger = Logger()
metrics = Metrics()


def failed(what: str, error: Exception, **ids: str) -> None:
    """Log an unexpected error by its type and place: its message may quote a letter."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-6:]]
    logger.error(what, extra={**ids, "error": type(error).__name__, "where": where})


def count(metric: Metric, value: int = 1) -> None:
    """Add to a metric of the function that runs."""
    metrics.add_metric(name=metric.value, unit=MetricUnit.Count, value=value)
