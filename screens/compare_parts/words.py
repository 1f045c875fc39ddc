"""A case in words: what an arm answered, what was asked of it, how it came out."""

from __future__ import annotations

from engine.evaluation.assertions import Judgement
from engine.evaluation.evidence import Flip
from engine.records import Answer, Assertion, Case
from engine.store.verdicts import Ruling
from screens.symbols import Symbols

FLIPS: dict[Flip, str] = {
    "fixed": "fixed",
    "broken": "BROKEN",
    "both_right": "both right",
    "both_wrong": "both wrong",
    "unanswered": "not answered by both",
}
STYLES: dict[Flip, str] = {
    "fixed": "$text-success",
    "broken": "bold $text-error",
    "both_right": "$foreground",
    "both_wrong": "$text-warning",
    "unanswered": "$text-muted",
}
_WANTED = {
    "contains": 'says "{value}"',
    "not_contains": 'does not say "{value}"',
    "any_of": "says one of: {values}",
    "all_of": "says all of: {values}",
    "none_of": "says none of: {values}",
    "regex": "matches {value}",
    "not_regex": "does not match {value}",
    "number": "says {value} {unit}",
    "yes_no": "says {yes_no}",
    "json": "is JSON",
    "min_words": "has at least {value} words",
    "max_words": "has at most {value} words",
    "similarity": "is at least {value} like the reference",
    "refusal": "refuses",
    "no_refusal": "does not refuse",
    "last_number": "ends with the number {value}",
    "instruction": "follows {value}",
    "python": "holds by {value}",
    "harness": "right by lm-evaluation-harness",
}


def answer_words(case: Case, answer: Answer | None) -> str:
    """What an arm answered; of a choice case the choice it found likeliest."""
    if answer is None:
        return ""
    if case.choices:
        known = 0 <= answer.choice < len(case.choices)
        return case.choices[answer.choice] if known else ""
    return answer.text


def shown_answer(case: Case, answer: Answer | None) -> str:
    """The answer as it is shown: what is missing about it is said in parentheses."""
    if answer is None:
        return "(not answered yet)"
    said = answer_words(case, answer)
    if not said.strip():
        return "(empty)"
    return said if answer.finished else f"{said} (cut at the length limit)"


def wanted_words(wanted: Assertion) -> str:
    """What an assertion asks for: `says 45 days`, with the sign of a critical one."""
    value = wanted.value
    plain = f"{value:g}" if isinstance(value, float) else str(value)
    said = _WANTED[wanted.kind].format(
        value=plain,
        values=", ".join(wanted.values),
        unit=wanted.unit,
        yes_no="yes" if value else "no",
    )
    return f"{said.strip()}{', critical' if wanted.critical else ''}"


def mark(judged: Judgement | None, symbols: Symbols) -> str:
    """✓, ✗, or a dot where nothing was judged."""
    return sign(None if judged is None else judged.passed, symbols)


def sign(passed: bool | None, symbols: Symbols) -> str:
    """✓, ✗, or a dot."""
    if passed is None:
        return symbols.rest
    return symbols.done if passed else symbols.failed


def sign_style(passed: bool | None) -> str:
    """Colour helps the sign, never replaces it."""
    return {True: "$text-success", False: "$text-error", None: "$text-muted"}[passed]


def ruling_sign(ruling: Ruling | None) -> str:
    """`?` waits for a person, `R` a regression, `a` acceptable."""
    if ruling is None:
        return "?"
    return "R" if ruling.ruling == "regression" else "a"
