"""Dates and clock times as people write them, read from a given position of a lower-case text."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)[0-9]{2})\b"

_ISO = re.compile(r"(?P<year>[12][0-9]{3})-(?P<month>[01][0-9])-(?P<day>[0-3][0-9])(?![0-9-])")
_DAY_FIRST = re.compile(rf"{_DAY}\s+(?:of\s+)?(?P<name>{MONTH})(?:,?\s+{_YEAR})?")
_MONTH_FIRST = re.compile(
    rf"(?P<name>{MONTH})\s+(?:the\s+)?{_DAY}(?![0-9.]*[0-9%])(?:,?\s+{_YEAR})?"
)
_MONTH_YEAR = re.compile(rf"(?P<name>{MONTH}),?\s+(?:of\s+)?{_YEAR}")
_SLASHED = re.compile(r"([0-3]?[0-9])/([0-3]?[0-9])/((?:19|20)[0-9]{2})(?![0-9/])")
_DOTTED = re.compile(r"([0-3]?[0-9])\.([01]?[0-9])\.((?:19|20)[0-9]{2})(?![0-9])")
_CLOCK = re.compile(
    r"(?P<hour>[0-2]?[0-9])(?:[:.](?P<minute>[0-5][0-9]))?\s?(?P<half>[ap])(?:m\b|\.m\.?)"
    r"|(?P<h24>[0-2]?[0-9]):(?P<m24>[0-5][0-9])(?![0-9:])"
)
_WORDS = re.compile(rf"{MONTH}\Z")


class Reading(NamedTuple):
    """What was read: amount, unit and where it ended."""

    amount: float
    unit: str
    end: int


def is_date_word(word: str) -> bool:
    """Whether a word is the name of a month."""
    return _WORDS.match(word.lower()) is not None


def read_date(text: str, start: int) -> Reading | None:
    """The date that begins at `start`: the amount is a day number, the unit tells its grain.

    `date`: days since 0001-01-01; `day of year`: month * 100 + day where no year is given;
    `calendar month`: year * 12 + month. 03/11/2026 is read month first unless that is no date,
    03.11.2026 day first.
    """
    if found := _ISO.match(text, start):
        return _whole(int(found["year"]), int(found["month"]), int(found["day"]), found.end())
    if found := _DAY_FIRST.match(text, start) or _MONTH_FIRST.match(text, start):
        return _named(found)
    if found := _MONTH_YEAR.match(text, start):
        month = _MONTHS[found["name"][:3]]
        return Reading(float(int(found["year"]) * 12 + month), "calendar month", found.end())
    if found := _SLASHED.match(text, start):
        first, second, year = (int(g) for g in found.groups())
        end = found.end()
        return _whole(year, first, second, end) or _whole(year, second, first, end)
    if found := _DOTTED.match(text, start):
        day, month, year = (int(g) for g in found.groups())
        return _whole(year, month, day, found.end())
    return None


def read_clock(text: str, start: int) -> Reading | None:
    """The time of day that begins at `start`, in hours from midnight, unit `o'clock`."""
    found = _CLOCK.match(text, start)
    if found is None:
        return None
    if found["h24"]:
        hour, minute = int(found["h24"]), int(found["m24"])
    else:
        hour, minute = int(found["hour"]), int(found["minute"] or 0)
        hour = hour % 12 + (12 if found["half"] == "p" else 0)
    return Reading(hour + minute / 60, "o'clock", found.end()) if hour < 24 else None


def _named(found: re.Match[str]) -> Reading | None:
    month, day = _MONTHS[found["name"][:3]], int(found["day"])
    if found["year"]:
        return _whole(int(found["year"]), month, day, found.end())
    # 2024 is a leap year: 29 February is a day of the year.
    whole = _whole(2024, month, day, found.end())
    return Reading(float(month * 100 + day), "day of year", found.end()) if whole else None


def _whole(year: int, month: int, day: int, end: int) -> Reading | None:
    try:
        return Reading(float(date(year, month, day).toordinal()), "date", end)
    except ValueError:
        return None
