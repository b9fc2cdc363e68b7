"""Desks with a timetable, and instants of Moscow's clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.working_time import OpeningHours, WorkingCalendar, hours

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def desk(
    default: tuple[str, ...] = ("09:00-18:00",),
    *,
    zone: str = "Europe/Moscow",
    calendar: str | None = "ru",
    **others: Any,
) -> WorkingCalendar:
    return WorkingCalendar.of(OpeningHours(time_zone=zone, calendar=calendar, default=hours(*default), **others))


def msk(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)
