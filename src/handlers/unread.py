"""Letters that SES has received and nobody has read to their end: what lies in `incoming/`.

Whoever writes first is in time, however late the functions are: before something is pronounced that such a letter
may contradict, the bucket is asked for them, in one listing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice
from threading import Lock

from adapters.ses.received import is_setup_object
from application.ports import Services
from handlers.observing import failed

LOOKED_AT = 5_000
"""Letters of a listing that are looked at: five requests, of a thousand keys each (S3 API reference, ListObjectsV2)."""
PATIENCE_SECONDS = 3.0
"""How long the sweep's other workers wait for a listing that is under way: behind them pages may be due."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""Since when letters wait where the bucket does not say."""


class Unread:
    """The letters that are unread during one sweep: listed once, when first asked for, by whichever worker asks first."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = Lock()
        self._is_listed = False
        self._is_slow = False
        self._since: datetime | None = None

    def since(self) -> datetime | None:
        """Return since when the oldest has been waiting; None for none, LONG_AGO where the bucket does not say (in time)."""
        if not self._lock.acquire(timeout=0 if self._is_slow else PATIENCE_SECONDS):
            self._is_slow = True
            return LONG_AGO
        try:
            if not self._is_listed:
                letters = _listed(self._services)
                self._since = LONG_AGO if letters is None else min(letters.values(), default=None)
                self._is_listed = True
            return self._since
        finally:
            self._lock.release()


def is_any_older(name: str, received_at: datetime, services: Services) -> bool:
    """Return whether a letter is unread that may have been received before a given one; True where the bucket does not say."""
    letters = _listed(services)
    if letters is None:
        return True
    own = letters.get(name, received_at)
    return any(written_at <= own for other, written_at in letters.items() if other != name)


def _listed(services: Services) -> Mapping[str, datetime] | None:
    """Return the letters in `incoming/`, each with the time it was written; None where there are too many, or none is told."""
    try:
        looked_at = list(islice(services.mail_store.incoming(), LOOKED_AT))
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody knows that there are none
        failed("the bucket could not be asked for unread letters", error)
        return None
    if len(looked_at) == LOOKED_AT:
        return None
    return {name: written_at for name, written_at in looked_at if not is_setup_object(name)}
