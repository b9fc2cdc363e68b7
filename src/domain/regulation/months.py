"""Calendar months by a desk's own clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.regulation.edition import Edition


def month_of(edition: Edition, at: datetime) -> str:
    """Return the calendar month of an instant by the desk's clock, as `2026-11`."""
    return at.astimezone(ZoneInfo(edition.hours.time_zone)).strftime("%Y-%m")


def month_before(month: str) -> str:
    """Return the month before `2026-11`: `2026-10`."""
    first = date.fromisoformat(f"{month}-01")
    return (first - timedelta(days=1)).strftime("%Y-%m")
