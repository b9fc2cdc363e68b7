"""Moments and amounts as a careful person writes them in a Russian letter."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

WEEKDAYS = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")
MONTHS = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
ZONES = {"Europe/Moscow": "МСК"}


def moment(at: datetime, zone: str) -> str:
    """Return an instant as `пятница, 20 ноября 2026 г., 13:00 (МСК)`, in the zone named.

    Midnight reads as 24:00 of the day that ends: a term runs to its end.
    """
    local = at.astimezone(ZoneInfo(zone))
    day, hour = local, f"{local:%H:%M}"
    if hour == "00:00":
        day, hour = local.fromordinal(local.toordinal() - 1), "24:00"
    label = ZONES.get(zone) or f"UTC{local:%z}"
    return f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year} г., {hour} ({label})"


def plural(count: int, one: str, few: str, many: str) -> str:
    """Return the form that goes with a number: 1 обращение, 2 обращения, 5 обращений."""
    last_two, last = count % 100, count % 10
    if last == 1 and last_two != 11:
        return one
    if last in (2, 3, 4) and last_two not in (12, 13, 14):
        return few
    return many
