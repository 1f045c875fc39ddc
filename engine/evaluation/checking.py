"""One small function for each kind of assertion: does it hold, and the reason in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.errors import ScopeError
from engine.evaluation.folding import fold, says, straighten
from engine.evaluation.harness import harness_problem
from engine.evaluation.instructions import check_instruction, instruction_problem
from engine.evaluation.numbers import check_last_number, check_number, number_problem
from engine.evaluation.own_checks import split_value
from engine.evaluation.patterns import compile_pattern
from engine.evaluation.refusals import is_over_refusal, is_refusal
from engine.evaluation.shapes import check_json, schema_problem
from engine.facts import yes_or_no
from engine.records import Assertion, AssertionKind

Checked = tuple[bool, str]
Check = Callable[[Assertion, str, str], Checked]

NAMED = 4
"""Phrases that a reason quotes; the assertion beside it has them all."""
_READ = 8_000
"""Characters of an answer that patterns see: an answer longer than this is no answer."""


def find_problem(assertion: Assertion) -> str | None:
    """What an assertion lacks, as the end of a sentence, or None."""
    kind, value = assertion.kind, assertion.value
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in ("contains", "not_contains") and not (isinstance(value, str) and fold(value)):
        return "needs a text as its value"
    if kind in ("any_of", "all_of", "none_of") and not all(map(fold, assertion.values or ("",))):
        return "needs texts in values, none of them empty"
    if kind in _VALUE_PROBLEMS:
        return _VALUE_PROBLEMS[kind](value)
    if kind == "python" and not split_value(value)[0]:
        return "needs FILE.py:function as its value"
    if kind in ("number", "last_number"):
        return number_problem(assertion)
    if kind == "yes_no" and not isinstance(value, bool):
        return "needs true (yes) or false (no) as its value"
    if kind in ("min_words", "max_words") and not (is_number and float(value or 0) >= 0):
        return "needs a number of words as its value"
    if kind == "similarity" and not (is_number and 0 <= float(value or 0) <= 1):
        return "needs a floor between 0 and 1 as its value"
    return None


def _pattern_problem(value: object) -> str | None:
    if not isinstance(value, str) or not value:
        return "needs a pattern as its value"
    try:
        compile_pattern(value)
    except ScopeError as error:
        return f"holds a pattern that cannot be used: {error.message.rstrip('.')}"
    return None


_VALUE_PROBLEMS: dict[AssertionKind, Callable[[Any], str | None]] = {
    "regex": _pattern_problem,
    "not_regex": _pattern_problem,
    "instruction": instruction_problem,
    "harness": harness_problem,
    "json": schema_problem,
}


def _contains(a: Assertion, answer: str, _: str) -> Checked:
    held = says(fold(answer), fold(str(a.value)))
    return held, f"says {a.value!r}" if held else f"does not say {a.value!r}"


def _not_contains(a: Assertion, answer: str, _: str) -> Checked:
    held = not says(fold(answer), fold(str(a.value)))
    return held, f"does not say {a.value!r}" if held else f"says {a.value!r}, which it must not"


def _found(a: Assertion, answer: str) -> list[str]:
    folded = fold(answer)
    return [v for v in a.values if says(folded, fold(v))]


def _any_of(a: Assertion, answer: str, _: str) -> Checked:
    found = _found(a, answer)
    return bool(found), f"says {found[0]!r}" if found else f"says none of {_listed(a.values)}"


def _all_of(a: Assertion, answer: str, _: str) -> Checked:
    found = _found(a, answer)
    missing = [v for v in a.values if v not in found]
    return not missing, f"does not say {_listed(missing)}" if missing else "says all of it"


def _none_of(a: Assertion, answer: str, _: str) -> Checked:
    found = _found(a, answer)
    return not found, f"says {_listed(found)}, which it must not" if found else "says none of it"


def _regex(a: Assertion, answer: str, _: str) -> Checked:
    found = compile_pattern(str(a.value)).search(straighten(answer)[:_READ])
    return (
        found is not None,
        f"matches {found[0]!r}" if found else f"nothing in it matches the pattern {a.value}",
    )


def _not_regex(a: Assertion, answer: str, _: str) -> Checked:
    found = compile_pattern(str(a.value)).search(straighten(answer)[:_READ])
    return (
        found is None,
        f"says {found[0]!r}, which it must not" if found else "holds nothing of it",
    )


def _yes_no(a: Assertion, answer: str, _: str) -> Checked:
    read = yes_or_no(answer)
    wanted = "yes" if a.value else "no"
    if read is None:
        return False, f"says neither yes nor no, {_authority(a)} {wanted}"
    said = "yes" if read else "no"
    return read == a.value, f"says {said}" + (
        "" if read == a.value else f", {_authority(a)} {wanted}"
    )


def _min_words(a: Assertion, answer: str, _: str) -> Checked:
    count, floor = len(answer.split()), float(a.value or 0)
    return count >= floor, f"{count} words" + (
        "" if count >= floor else f", at least {floor:g} asked"
    )


def _max_words(a: Assertion, answer: str, _: str) -> Checked:
    count, limit = len(answer.split()), float(a.value or 0)
    return count <= limit, f"{count} words" + (
        "" if count <= limit else f", at most {limit:g} asked"
    )


def _similarity(a: Assertion, answer: str, reference: str) -> Checked:
    """Token-set ratio of rapidfuzz on folded text, as a share of 1."""
    from rapidfuzz.fuzz import token_set_ratio

    if not reference.strip():
        return False, "there is no reference answer to compare with"
    share, floor = token_set_ratio(fold(answer), fold(reference)) / 100, float(a.value or 0)
    return share >= floor, f"{share:.2f} like the reference" + (
        "" if share >= floor else f", at least {floor:.2f} asked"
    )


def _refusal(_: Assertion, answer: str, __: str) -> Checked:
    held = is_refusal(answer)
    return held, "refuses or hands over" if held else "neither refuses nor hands over to a person"


def _no_refusal(_: Assertion, answer: str, __: str) -> Checked:
    refused = is_over_refusal(answer)
    return not refused, "refuses a question it should answer" if refused else "answers"


def _not_run(a: Assertion, _: str, __: str) -> Checked:
    """Own checks and tasks of lm-evaluation-harness are scored elsewhere: `judge` takes their
    outcomes from the answer."""
    return False, f"{a.value} was not run"


def _authority(a: Assertion) -> str:
    return "the rule says" if a.rule else "right is"


def _listed(values: tuple[str, ...] | list[str]) -> str:
    named = ", ".join(repr(v) for v in values[:NAMED])
    return f"{named} and {len(values) - NAMED} more" if len(values) > NAMED else named


CHECKS: dict[AssertionKind, Check] = {
    "contains": _contains,
    "not_contains": _not_contains,
    "any_of": _any_of,
    "all_of": _all_of,
    "none_of": _none_of,
    "regex": _regex,
    "not_regex": _not_regex,
    "number": check_number,
    "yes_no": _yes_no,
    "json": check_json,
    "min_words": _min_words,
    "max_words": _max_words,
    "similarity": _similarity,
    "refusal": _refusal,
    "no_refusal": _no_refusal,
    "last_number": check_last_number,
    "instruction": check_instruction,
    "python": _not_run,
    "harness": _not_run,
}
