"""Moments and amounts as a careful person writes them in a Russian letter."""

from __future__ import annotations

from datetime import date, datetime
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
    day, time = local, f"{local:%H:%M}"
    if time == "00:00":
        day, time = local.fromordinal(local.toordinal() - 1), "24:00"
    return (
        f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year} г., {time} ({zone_label(at, zone)})"
    )


def hour(at: datetime, zone: str, today: date) -> str:
    """Return an instant as `13:00`, and as `20 ноября, 13:00` on any day but `today`, in the zone named."""
    local = at.astimezone(ZoneInfo(zone))
    day = "" if local.date() == today else f"{local.day} {MONTHS[local.month - 1]}, "
    return f"{day}{local:%H:%M}"


def zone_label(at: datetime, zone: str) -> str:
    """Return what names a zone after an hour: `МСК`, or the difference from UTC."""
    return ZONES.get(zone) or f"UTC{at.astimezone(ZoneInfo(zone)):%z}"


def plural(count: int, one: str, few: str, many: str) -> str:
    """Return the form that goes with a number: 1 обращение, 2 обращения, 5 обращений."""
    last_two, last = count % 100, count % 10
    if last == 1 and last_two != 11:
        return one
    if last in (2, 3, 4) and last_two not in (12, 13, 14):
        return few
    return many
