"""Find, parse and compare typed facts. Linear in the length of the text."""

from __future__ import annotations

import math
import re

from msgspec import Struct

from engine.errors import ScopeError
from engine.facts import numbers, units
from engine.facts.dates import MONTH, Reading, read_clock, read_date
from engine.facts.polarity import yes_or_no
from engine.facts.units import FactKind, Unit


class Fact(Struct, frozen=True):
    """One typed fact. `start` and `end` are character offsets of `text` in what was searched."""

    kind: FactKind
    amount: float
    """In `unit`; 1 or 0 for yes_no; a day number for a date."""
    unit: str
    """Canonical singular: day, working day, month, dollar, percent, size; empty for a bare number.
    A size that is a label (size 9, EU 42) has the unit `shoe size`."""
    text: str
    start: int
    end: int


_ADJECTIVE = (
    r"(?:(?:full|whole|entire|consecutive|straight|extra|additional|more|other|single|separate"
    r"|reward|rewards|loyalty|bonus|new|different)\s+)?"
)
_UNIT = rf"(?:{units.PATTERN})(?![a-z0-9])"
_AMOUNT = rf"(?:{numbers.FRACTION}|{numbers.FIGURES}|{numbers.WORDS})"

_START = re.compile(
    rf"[$€£]|(?<![a-z0-9#_.,/])(?<![a-z]-)[0-9]|(?<![0-9])[½¼¾]"
    rf"|\b(?:{numbers.STARTS}|usd|eur|gbp|us|size|eu|uk|{MONTH})(?![a-z])"
    rf"|\ban?(?=\s+(?:{units.TIME_WORDS}|dollar|euro|pound|size|full|whole|half|hundred|thousand"
    rf"|dozen|working|business)\b)"
)
_PLAIN = re.compile(_AMOUNT)
_SPELLED_TWICE = re.compile(r"\s?\(([0-9]+)\)")
_AFTER = re.compile(rf"(?:[\s-]?{_ADJECTIVE}|[\s-]of\s+){_UNIT}")
_RANGE = re.compile(
    rf"(?:\s?[-\u2013\u2014]\s?|\s+(?:to|or|and|until|through)\s+|-\s*(?:to|or)\s+)({_AMOUNT})"
)
_HALF = re.compile(rf"half(?:\s+of)?(?:\s+an?|-an?)?[\s-]+{_UNIT}")
_ARTICLE = re.compile(rf"an?\s+(half[\s-]+)?{_ADJECTIVE}{_UNIT}")
_MONEY = re.compile(
    rf"(?:us\s?)?(?P<sign>[$€£]|usd|eur|gbp)\s?"
    rf"(?P<amount>[0-9]+,[0-9]{{2}}(?![0-9])|{numbers.DIGITS})(?P<scale>\s?k\b|\s?(?:thousand|million)\b)?"
)
_COMMA_MONEY = re.compile(r"([0-9]+),([0-9]{2})\s?(?:(€)|(eur|euros?)\b)")
_CENTS = re.compile(r"\s+and\s+([0-9]{1,2}|" + numbers.WORDS + r")\s+(?:cents?|pence)\b")
_LABEL = re.compile(
    r"(?:size\s+(?:(?:us|uk|eu)\s+)?|(?:us|uk|eu)\s+(?:size\s+)?)(?P<amount>[0-9]{1,2}(?:\.5|½)?)"
    rf"(?![0-9]|\.[0-9]|\s?%|[\s-]?(?:{units.TIME_WORDS}|dollars?)\b)"
)
_PER = re.compile(
    rf"(?:\b(?:once|twice|times?|{units.TIME_WORDS}|dollars?|euros?|pounds?|%|[0-9])|[0-9])\s+\Z"
)
_SIGNS = {"$": "dollar", "usd": "dollar", "€": "euro", "eur": "euro", "£": "pound", "gbp": "pound"}
_SCALES = {"k": 1e3, "thousand": 1e3, "million": 1e6}
_ONLY_ONE = re.compile(r"\W*one\W*\Z")


def find_facts(text: str) -> tuple[Fact, ...]:
    """Every typed fact of a text, in order, none overlapping; yes/no is read by `yes_or_no`.

    Weeks come out as days, cents as dollars. A number without a known unit is a `number` with
    an empty unit; the lone word "one" is a pronoun and is left out, as are labels such as 2E
    and 15th. In a range ("3 to 5 days") both ends carry the unit.
    """
    lowered = _lower(text)
    found: list[Fact] = []
    position = 0
    for start in _START.finditer(lowered):
        if start.start() < position:
            continue
        facts = _read_at(text, lowered, start.start())
        if facts:
            found += facts
            position = facts[-1].end
    return tuple(found)


def parse_fact(text: str) -> Fact:
    """The first fact of a short text such as `45 days`, `$6.95`, `yes`; ScopeError if none."""
    facts = find_facts(text)
    if facts:
        return facts[0]
    answer = yes_or_no(text)
    if answer is not None:
        return Fact("yes_no", float(answer), "", text.strip(), 0, len(text))
    raise ScopeError(
        f"no fact in {text!r}",
        "Write a number with its unit, as in '45 days' or '6.95 dollars', or yes or no.",
    )


def same_fact(a: Fact, b: Fact) -> bool:
    """Whether two facts say the same: six weeks is 42 days, a month is not 30 days."""
    (amount, unit), (other, other_unit) = _scaled(a), _scaled(b)
    agree = a.kind == b.kind and unit == other_unit
    return agree and math.isclose(amount, other, rel_tol=1e-9, abs_tol=1e-9)


def comparable_units(unit: str, other: str) -> bool:
    """Whether amounts in two units measure the same: hours and days, not months and days."""
    return units.SCALES.get(unit, (unit,))[0] == units.SCALES.get(other, (other,))[0]


def written_amount(fact: Fact) -> float:
    """The figure as written, before weeks became days and cents dollars: 6 for `six weeks`."""
    found = _PLAIN.match(fact.text.lower())
    return numbers.read_amount(found[0]) if found else fact.amount


def _scaled(fact: Fact) -> tuple[float, str]:
    unit, factor = units.SCALES.get(fact.unit, (fact.unit, 1.0))
    return fact.amount * factor, unit


def _lower(text: str) -> str:
    """Lower case of the same length, so that offsets hold."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := c.lower()) == 1 else c for c in text)


def _read_at(text: str, low: str, at: int) -> list[Fact]:
    """The fact or the two ends of a range that begin at `at`; empty when there is none."""
    date = _read_date(text, low, at)
    if date is not None:
        return [_fact(text, at, date.end, "date", date.amount, date.unit)]
    if clock := read_clock(low, at):
        return [_fact(text, at, clock.end, "number", clock.amount, clock.unit)]
    if money := _read_money(text, low, at):
        return [money]
    if label := _LABEL.match(low, at):
        amount = numbers.read_amount(label["amount"])
        return [_fact(text, at, label.end(), "number", amount, "shoe size")]
    if portion := _read_portion(text, low, at):
        return [portion]
    return _read_number(text, low, at)


def _read_date(text: str, low: str, at: int) -> Reading | None:
    date = read_date(low, at)
    # "may 3" in lower case is more often a verb than a month.
    if date and date.unit == "day of year" and text[at : at + 3] in ("may", "mar"):
        return None
    return date


def _read_money(text: str, low: str, at: int) -> Fact | None:
    if found := _COMMA_MONEY.match(low, at):
        return _fact(text, at, found.end(), "money", float(f"{found[1]}.{found[2]}"), "euro")
    found = _MONEY.match(low, at)
    if found is None:
        return None
    written = found["amount"]
    comma_decimal = "." not in written and re.search(r",[0-9]{2}\Z", written)
    amount = float(written.replace(",", "." if comma_decimal else ""))
    amount *= _SCALES[found["scale"].strip()] if found["scale"] else 1
    return _fact(text, at, found.end(), "money", amount, _SIGNS[found["sign"]])


def _read_portion(text: str, low: str, at: int) -> Fact | None:
    """`half a size`, `a half size`, `a fortnight`, `an hour`; not `twice a week`."""
    if found := _HALF.match(low, at):
        unit = units.matched_unit(found)
        return _with_unit(text, at, found.end(), 0.5, unit) if unit else None
    found = _ARTICLE.match(low, at)
    unit = units.matched_unit(found) if found else None
    if found is None or unit is None or _PER.search(low, max(0, at - 16), at):
        return None
    return _with_unit(text, at, found.end(), 0.5 if found[1] else 1.0, unit)


def _read_number(text: str, low: str, at: int) -> list[Fact]:
    found = _PLAIN.match(low, at)
    if found is None:
        return []
    amount, end = numbers.read_amount(found[0]), found.end()
    if (twice := _SPELLED_TWICE.match(low, end)) and float(twice[1]) == amount:
        end = twice.end()
    if after := _AFTER.match(low, end):
        return [_with_after(text, low, at, amount, after)]
    if ends := _read_range(text, low, at, end, amount):
        return ends
    if (found[0] == "one" and not _ONLY_ONE.match(low)) or low[end : end + 1].isalpha():
        return []
    start, signed = _signed(low, at, amount)
    return [_fact(text, start, end, "number", signed, "")]


def _read_range(text: str, low: str, at: int, end: int, amount: float) -> list[Fact]:
    other = _RANGE.match(low, end)
    after = _AFTER.match(low, other.end()) if other else None
    if other is None or after is None:
        return []
    second = _with_after(text, low, other.start(1), numbers.read_amount(other[1]), after)
    unit = units.matched_unit(after)
    factor = unit.factor if unit else 1.0
    first = _fact(text, at, end, second.kind, amount * factor, second.unit)
    return [first, second]


def _with_after(text: str, low: str, at: int, amount: float, after: re.Match[str]) -> Fact:
    """A number with its unit, `6 dollars and 95 cents` taken together."""
    unit = units.matched_unit(after) or Unit("number", "")
    cents = _CENTS.match(low, after.end()) if unit.kind == "money" else None
    if cents:
        amount += numbers.read_amount(cents[1]) / 100
    start, amount = (at, amount) if unit.kind == "duration" else _signed(low, at, amount)
    return _with_unit(text, start, cents.end() if cents else after.end(), amount, unit)


def _signed(low: str, at: int, amount: float) -> tuple[int, float]:
    """A minus sign belongs to a number only where it cannot be a hyphen or a range."""
    before = low[max(0, at - 2) : at]
    if before[-1:] in ("-", "\u2212") and (len(before) == 1 or before[0] in " (=\n\t*"):
        return at - 1, -amount
    return at, amount


def _with_unit(text: str, start: int, end: int, amount: float, unit: Unit) -> Fact:
    return _fact(text, start, end, unit.kind, amount * unit.factor, unit.name)


def _fact(text: str, start: int, end: int, kind: FactKind, amount: float, unit: str) -> Fact:
    return Fact(kind, round(amount, 9), unit, text[start:end], start, end)
