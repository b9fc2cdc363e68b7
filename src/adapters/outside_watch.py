"""The watch from outside: a service that raises the alarm itself once it has not heard from the clock for minutes.

A dead man's switch: it needs neither this account nor this region to work, and no topic with a recipient. Any service will
do that takes a GET of an address of its own and watches for its absence, such as healthchecks.io, Uptime Kuma, Cronitor.
"""

from __future__ import annotations

import http.client
from datetime import datetime
from threading import Lock, Thread
from urllib.parse import SplitResult, urlsplit

SECONDS = 3.0
"""For connecting, and for the answer."""
WAITED_SECONDS = 5.0
"""For all of it: looking a name up has no time-out of its own, and a sweep has to end."""
TAKEN = range(200, 300)


class NotTold(RuntimeError):
    """The service was not told; says why, and never where: who knows the address can speak for the clock."""


class OutsideWatch:
    """Tells that service that all is well, unless something was wrong a short while ago.

    What it remembers is its process's, which the clock uses every minute. A new process has forgotten, and may say once
    that all is well.
    """

    def __init__(self, url: str) -> None:
        """Take the service's address, https, or http on this machine; empty where nobody watches from outside."""
        self._url = _checked(url)
        self._held_until: datetime | None = None
        self._lock = Lock()

    def hold_back(self, until: datetime) -> None:
        """Say nothing before an instant."""
        with self._lock:
            self._held_until = max(until, self._held_until or until)

    def say_alive(self, now: datetime) -> bool:
        """Say that all is well; False where it is not, or nobody listens. Raises NotTold."""
        if self._url is None or (self._held_until is not None and now < self._held_until):
            return False
        answers: list[str | int] = []
        request = Thread(target=_ask, args=(self._url, answers), name="outside watch", daemon=True)
        request.start()
        request.join(WAITED_SECONDS)
        if not answers:
            raise NotTold("no answer in time")
        if answers[0] not in TAKEN:
            raise NotTold(f"answered {answers[0]}")
        return True


def _checked(url: str) -> SplitResult | None:
    parts = urlsplit(url.strip())
    is_local = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    return parts if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and is_local)) else None


def _ask(url: SplitResult, answers: list[str | int]) -> None:
    """Put the answer's status into a list, or the name of what went wrong. Follows nothing: the address is the service's."""
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(url.hostname or "", url.port, timeout=SECONDS)
        try:
            path = (url.path or "/") + (f"?{url.query}" if url.query else "")
            connection.request("GET", path, headers={"User-Agent": "reglament", "Connection": "close"})
            answers.append(connection.getresponse().status)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        answers.append(type(error).__name__)
