"""Logs and metrics of the functions: ids only, no personal data."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import ClientError

from adapters.aws_errors import Meaning, code_of
from application.ports import Services
from handlers.meanings import meaning_of

# A run that found nothing to do publishes no metrics; that is no fault worth a line in the log.
warnings.filterwarnings("ignore", "No application metrics to publish", UserWarning)


Handle = Callable[[dict[str, Any], Any, Services], Any]
"""An event, Lambda's context and the services, to what the function answers."""


class AlreadyReported(RuntimeError):
    """Sums up failures each of which was logged and counted where it was met."""


class Metric(StrEnum):
    """Everything that the functions count. An alarm of the template stands on it, or a test says why none does."""

    ALARMS_OF_NO_DESK = "AlarmsOfNoDesk"
    BOUNCED = "Bounced"
    COMPLAINED = "Complained"
    CONFIGURATION_FAULTS = "ConfigurationFaults"
    """Errors that last until a person acts: the same request is taken then."""
    DELIVERED = "Delivered"
    DELIVERY_OTHER = "DeliveryOther"
    DESKS_WITHOUT_PEOPLE = "DesksWithoutPeople"
    """Desks without a team address, or without anybody who can be woken."""
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
    """Attempts at a page after which a channel is left that may take it."""
    PAGES_SENT = "PagesSent"
    PAGE_CHANNELS_FAILED = "PageChannelsFailed"
    """Telephones and mailboxes that do not take pages, and pages for which a desk has nobody to wake."""
    PAGES_WAITING = "PagesWaiting"
    """Pages that the sweep had to offer, for nobody had sent them within a minute."""
    PRONOUNCEMENTS_HELD = "PronouncementsHeld"
    RECONCILE_FAILED = "ReconcileFailed"
    REGULATION_ENDED = "RegulationEnded"
    SIGNALS_MALFORMED = "SignalsMalformed"
    """Events of monitors that are not of the form of docs/monitors.md."""
    SWEEPS_UNFINISHED = "SweepsUnfinished"
    TICKETS_OPENED = "TicketsOpened"
    TIMERS_FAILED = "TimersFailed"
    TIMERS_FIRED = "TimersFired"
    UNDECREED_CALENDAR = "UndecreedCalendar"
    UNEXPECTED_ERRORS = "UnexpectedErrors"
    """Errors that neither pass nor lie in the configuration: a request that AWS calls wrong, a bug, an unknown name."""


logger = Logger()
metrics = Metrics()


_COUNTED = {
    Meaning.CONFIGURATION: Metric.CONFIGURATION_FAULTS,
    Meaning.REQUEST: Metric.UNEXPECTED_ERRORS,
    Meaning.UNKNOWN: Metric.UNEXPECTED_ERRORS,
}
"""What an error is counted as, by its meaning. What passes is counted where it lasts too long, not here."""


def failed(what: str, error: Exception, **ids: str) -> None:
    """Log an error by its name, place and meaning, and count it: its message may quote a letter, and is left out."""
    meaning = meaning_of(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-6:]]
    named = {"error": type(error).__name__, "meaning": meaning.value, "where": where}
    answer = error if isinstance(error, ClientError) else error.__cause__
    if isinstance(answer, ClientError):
        named |= {"operation": answer.operation_name, "code": code_of(answer)}
    tell = logger.warning if meaning is Meaning.PASSING else logger.error
    tell(what, extra={**ids, **named})
    if meaning in _COUNTED:
        count(_COUNTED[meaning])


def reported(handle: Handle) -> Handle:
    """Return a function's `handle` which logs and counts what ends its run; Lambda sees the failure all the same."""

    @wraps(handle)
    def run(event: dict[str, Any], context: Any, services: Services) -> Any:
        try:
            return handle(event, context, services)
        except AlreadyReported:
            raise
        except Exception as error:
            failed("the run failed", error)
            raise

    return run


def count(metric: Metric, value: int = 1) -> None:
    """Add to a metric of the function that runs."""
    metrics.add_metric(name=metric.value, unit=MetricUnit.Count, value=value)
