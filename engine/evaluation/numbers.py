"""The `number` assertion: one of the answer's typed facts is the amount that was asked for."""

from __future__ import annotations

import re

from engine.errors import ScopeError
from engine.facts import Fact, canonical_unit, find_facts, parse_fact, same_fact, written_amount
from engine.records import Assertion

_NEXT_WORD = re.compile(r"[\s-]*([^\W\d_]+)")
_NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")
_SIZES = ("size", "shoe size")


def number_problem(assertion: Assertion) -> str | None:
    """What a number assertion lacks, as the end of a sentence, or None."""
    try:
        _wanted(assertion)
    except ScopeError:
        return f"needs a number as its value, not {assertion.value!r}"
    return None


def check_number(assertion: Assertion, answer: str, _reference: str) -> tuple[bool, str]:
    """Whether any fact of the answer equals the value; weeks count as days, singular as plural.

    Without a unit every number counts, whatever follows it. A unit that is no known one must
    be the word after the number. With several numbers of the unit, one right one is enough.
    """
    wanted = _wanted(assertion)
    facts = find_facts(answer)
    asked = f"the rule says {wanted.text}" if assertion.rule else f"right is {wanted.text}"
    if any(_agrees(fact, wanted, answer) for fact in facts):
        return True, f"says {wanted.text}"
    rivals = [f for f in facts if not wanted.unit or _unit_of(f, answer) == wanted.unit]
    rivals = rivals or [f for f in facts if f.kind == wanted.kind != "number"]
    if rivals:
        # Of bare numbers the last one: worked sums begin with those of the question.
        rival = rivals[0] if wanted.unit else rivals[-1]
        return False, f"says {_quoted(rival, answer, wanted.unit)}, {asked}"
    return False, f"{_lacks(wanted)}, {asked}"


def check_last_number(assertion: Assertion, answer: str, _reference: str) -> tuple[bool, str]:
    """Whether the last number of an answer is the value: how worked sums are marked."""
    written = _NUMBER.findall(answer)
    if not written:
        return False, f"gives no number, right is {assertion.value}"
    last = float(written[-1].replace(",", ""))
    held = abs(last - _wanted(assertion).amount) < 1e-6
    return held, f"ends with {last:g}" + ("" if held else f", right is {assertion.value}")


def _wanted(assertion: Assertion) -> Fact:
    """The value with its unit as a fact; ScopeError when it is no number."""
    value, unit = assertion.value, assertion.unit.strip()
    if value is None or isinstance(value, bool):
        raise ScopeError("a number assertion needs a number")
    written = f"{value:.10g}" if isinstance(value, (int, float)) else value.strip()
    fact = parse_fact(f"{written} {unit}".strip())
    if fact.kind == "yes_no":
        raise ScopeError("a number assertion needs a number")
    text = f"{written} {unit}".strip()
    if unit and not fact.unit:
        return Fact("number", fact.amount, canonical_unit(unit), text, 0, len(text))
    return Fact(fact.kind, fact.amount, fact.unit, text, 0, len(text))


def _agrees(fact: Fact, wanted: Fact, answer: str) -> bool:
    if not wanted.unit:
        figures = (fact.amount, written_amount(fact))
        return fact.kind != "date" and any(abs(f - wanted.amount) < 1e-9 for f in figures)
    if wanted.unit in _SIZES:
        return fact.unit in _SIZES and abs(fact.amount - wanted.amount) < 1e-9
    if fact.unit:
        return same_fact(fact, wanted)
    return _unit_of(fact, answer) == wanted.unit and abs(fact.amount - wanted.amount) < 1e-9


def _unit_of(fact: Fact, answer: str) -> str:
    """The fact's unit, or the singular of the word behind a number without a known one."""
    if fact.unit:
        return "size" if fact.unit in _SIZES else fact.unit
    following = _NEXT_WORD.match(answer, fact.end)
    return canonical_unit(following[1]) if following else ""


def _quoted(fact: Fact, answer: str, unit: str) -> str:
    """The fact as found, with its unit where a range or a plain number leaves it out.

    unit: the one that was asked for; an amount in another one is told in it as well.
    """
    if fact.kind == "duration" and not re.search(r"[a-z]", fact.text.lower()):
        return f"{fact.amount:g} {fact.unit}s"
    if fact.kind == "duration" and fact.unit == unit and written_amount(fact) != fact.amount:
        return f"{fact.text} ({fact.amount:g} {fact.unit}s)"
    if not fact.unit:
        following = _NEXT_WORD.match(answer, fact.end)
        return fact.text + (following[0] if following else "")
    return fact.text


def _lacks(wanted: Fact) -> str:
    """What an answer without any amount of the kind lacks."""
    if wanted.kind in ("money", "percent"):
        return "names no amount of money" if wanted.kind == "money" else "names no percentage"
    if wanted.unit in _SIZES or not wanted.unit:
        return "names no size" if wanted.unit else "gives no number"
    return f"gives no number of {wanted.unit}s"
