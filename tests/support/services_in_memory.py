"""The command line's services over a store in memory, for verbs that need nothing else of AWS."""

from __future__ import annotations

from datetime import datetime

from adapters.memory import MemoryStore
from composition import AwsServices

MARIA = "arn:aws:iam::123456789012:user/maria"
"""Who runs the command line."""


class Now:
    """A clock that a test sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Return the instant that was set last."""
        return self.at


def services_in_memory(store: MemoryStore, now: Now, *, caller: str = MARIA) -> AwsServices:
    """Return services whose table is a store in memory, and whose credentials are a person's."""
    services = AwsServices({"TABLE": "desk", "DUE_SHARDS": "1"}, now)
    # Where `cached_property` keeps what it has made: nothing is connected to.
    services.__dict__.update(store=store, caller=caller)
    return services
