"""The units a fact can carry: their spellings, their canonical singular and their size."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

FactKind = Literal["number", "duration", "money", "percent", "date", "yes_no"]


class Unit(NamedTuple):
    """What a spelling stands for: an amount in it times `factor` is an amount in `name`."""

    kind: FactKind
    name: str
    factor: float = 1.0


_SPELLINGS: dict[Unit, str] = {
    Unit("duration", "working day"): r"(?:working|business|work|week|office|banking)[ -]?days?",
    Unit("duration", "working day", 5): r"(?:working|business|work)[ -]weeks?",
    Unit("duration", "day"): r"(?:calendar[ -])?days?",
    Unit("duration", "day", 7): r"(?:calendar[ -])?weeks?|wks?",
    Unit("duration", "day", 14): r"fortnights?",
    Unit("duration", "month"): r"(?:calendar[ -])?months?",
    Unit("duration", "year"): r"years?|yrs?",
    Unit("duration", "hour"): r"hours?|hrs?",
    Unit("duration", "minute"): r"minutes?|mins?",
    Unit("duration", "second"): r"seconds?|secs?",
    Unit("money", "dollar"): r"(?:us[ -])?dollars?|bucks?|usd|us\$|\$",
    Unit("money", "dollar", 0.01): r"cents?",
    Unit("money", "euro"): r"euros?|eur|€",
    Unit("money", "pound"): r"(?:british[ -])?pounds?(?: sterling)?|quid|gbp|£",
    Unit("money", "pound", 0.01): r"pence",
    Unit("percent", "percent"): r"percent|per[ -]cent|pct|%",
    Unit("number", "percentage point"): r"percentage[ -]points?",
    Unit("number", "size", 0.5): r"half[ -]sizes?",
    Unit("number", "size"): r"(?:full[ -]|whole[ -])?sizes?",
    Unit("number", "mile"): r"miles?",
    Unit("number", "kilometre"): r"kilomet(?:er|re)s?|kms?",
    Unit("number", "centimetre"): r"centimet(?:er|re)s?|cms?",
    Unit("number", "millimetre"): r"millimet(?:er|re)s?|mms?",
    Unit("number", "metre"): r"met(?:er|re)s?",
    Unit("number", "inch"): r"inch(?:es)?",
    Unit("number", "gram"): r"grams?",
    Unit("number", "kilogram"): r"kilograms?|kilos?|kgs?",
    Unit("number", "lb"): r"lbs?",
    Unit("number", "point"): r"points?",
    Unit("number", "item"): r"items?",
    Unit("number", "word"): r"words?",
    Unit("number", "sentence"): r"sentences?",
    Unit("number", "letter"): r"letters?",
    Unit("number", "pair"): r"pairs?",
    Unit("number", "shoe"): r"shoes?",
    Unit("number", "box"): r"box(?:es)?",
    Unit("number", "order"): r"orders?",
    Unit("number", "person"): r"persons?|people",
    Unit("number", "time"): r"times?",
    Unit("number", "star"): r"stars?",
}

_SIGNS = ("$", "€", "£", "%")
_ORDER = tuple(_SPELLINGS)

# One group a unit: the group that matched tells which. The longest spellings stand first above.
PATTERN = "|".join(
    f"(?P<u{index}>{spelling})" for index, spelling in enumerate(_SPELLINGS.values())
)
TIME_WORDS = r"days?|weeks?|fortnights?|months?|years?|hours?|minutes?|working day|business day"
_WHOLE = re.compile(rf"(?:{PATTERN})\Z")

SCALES: dict[str, tuple[str, float]] = {
    "hour": ("day", 1 / 24),
    "minute": ("day", 1 / 1440),
    "second": ("day", 1 / 86400),
    "year": ("month", 12.0),
    "kilometre": ("metre", 1000.0),
    "centimetre": ("metre", 0.01),
    "millimetre": ("metre", 0.001),
    "kilogram": ("gram", 1000.0),
}
"""Units with an exact ratio to another; a month has no fixed number of days, so it stays apart."""


def matched_unit(match: re.Match[str]) -> Unit | None:
    """The unit whose group took part in the match, or None."""
    name = match.lastgroup
    return _ORDER[int(name[1:])] if name and name[0] == "u" and name[1:].isdigit() else None


def read_unit(spelling: str) -> Unit | None:
    """The unit a spelling stands for, or None when it is not one we know."""
    found = _WHOLE.match(" ".join(spelling.lower().split()))
    return matched_unit(found) if found else None


def canonical_unit(spelling: str) -> str:
    """The canonical singular of a unit: `days` -> `day`, `business days` -> `working day`.

    Weeks and fortnights are days of a different size; they come out as `day`. A unit that is
    not known loses its plural s.
    """
    known = read_unit(spelling)
    if known is not None:
        return known.name
    plain = " ".join(spelling.lower().split())
    return plain[:-1] if len(plain) > 3 and plain.endswith("s") else plain
