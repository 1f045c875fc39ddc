"""Moments of the store (UTC, ISO 8601) as people say them: `today`, `3 Nov`, `3 Nov 2024`."""

from __future__ import annotations

from datetime import date, datetime


def local_day(moment: str) -> date:
    """The day of a moment where the operator sits."""
    return datetime.fromisoformat(moment).astimezone().date()


def short_day(moment: str | date, today: date | None = None) -> str:
    """`3 Nov`; with its year when that is another one than today's."""
    day = moment if isinstance(moment, date) else local_day(moment)
    year = "" if day.year == (today or date.today()).year else f" {day.year}"
    return f"{day.day} {day:%b}{year}"


def when(moment: str, today: date | None = None) -> str:
    """`today`, or the day."""
    today = today or date.today()
    return "today" if local_day(moment) == today else short_day(moment, today)


def in_days(days: int) -> str:
    """`in 12 days`, `today`, `3 days ago`."""
    if days == 0:
        return "today"
    unit = "day" if abs(days) == 1 else "days"
    return f"in {days} {unit}" if days > 0 else f"{-days} {unit} ago"
