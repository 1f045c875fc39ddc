"""What an answer must say, checked: one outcome an assertion, one judgement a case."""

from __future__ import annotations

from msgspec import Struct

from engine.errors import ScopeError
from engine.evaluation import checking
from engine.evaluation.coherence import find_incoherence
from engine.records import Answer, Assertion, Case

SCORER_VERSION = "3"
"""Raised with every change that can turn an outcome; stored scores of another are recomputed."""

ANY_LANGUAGE = "any-language"
"""Tag of a case whose answer may be in another language than its question."""

SCORED_ELSEWHERE = ("python", "harness")
"""Kinds of assertions whose outcomes come with the answer."""


class Outcome(Struct, frozen=True):
    """Whether one assertion held, and why in words."""

    assertion: Assertion
    passed: bool
    reason: str


class Judgement(Struct, frozen=True, omit_defaults=True):
    """One answer judged. Passes only when every assertion held and the answer is coherent."""

    case: str
    arm: str
    passed: bool
    violated: bool = False
    """A critical assertion failed, or the answer to a case that has one is incoherent."""
    incoherent: bool = False
    outcomes: tuple[Outcome, ...] = ()
    suite: str = ""
    intent: str = ""
    cluster: str = ""
    reason: str = ""
    """The first reason against it, in words; empty when it passed."""
    scorer: str = SCORER_VERSION


def check(assertion: Assertion, answer: str, reference: str = "") -> Outcome:
    """Check one assertion on one answer; ScopeError when the assertion itself is not valid."""
    require_valid(assertion)
    passed, reason = checking.CHECKS[assertion.kind](assertion, answer, reference)
    return Outcome(assertion, passed, reason)


def require_valid(assertion: Assertion) -> None:
    """Raise ScopeError when an assertion lacks what its kind needs or holds a bad pattern."""
    problem = checking.find_problem(assertion)
    if problem:
        where = f" (rule {assertion.rule})" if assertion.rule else ""
        raise ScopeError(
            f"The assertion {assertion.kind}{where} {problem}.", "Correct the assertion."
        )


def can_be_judged(case: Case) -> bool:
    """Whether a case has something to pass or fail; texts have a loss instead."""
    return bool(case.assertions or case.choices)


def is_judged(case: Case, answer: Answer) -> bool:
    """Whether an answer has all it is judged by: what is scored elsewhere must have an outcome."""
    own = [str(a.value) for a in case.assertions if a.kind in SCORED_ELSEWHERE]
    return can_be_judged(case) and all(value in answer.own for value in own)


def judge(case: Case, answer: Answer) -> Judgement:
    """Judge an answer; ScopeError for a case with neither assertions nor choices."""
    if case.choices:
        return _judge_choice(case, answer)
    if case.is_asked_elsewhere:
        return _judge_elsewhere(case, answer)
    if not case.assertions:
        raise ScopeError(
            f"Case {case.id} has no assertion: nothing tells a right answer from a wrong one.",
            "Give it at least one.",
        )
    outcomes = tuple(_check(a, case, answer) for a in case.assertions)
    prompt = answer.text if ANY_LANGUAGE in case.tags else case.prompt
    trouble = find_incoherence(answer.text, prompt)
    failed = [o for o in outcomes if not o.passed]
    critical = any(o.assertion.critical for o in (outcomes if trouble else failed))
    return Judgement(
        case=case.id,
        arm=answer.arm,
        passed=not failed and trouble is None,
        violated=critical,
        incoherent=trouble is not None,
        outcomes=outcomes,
        suite=answer.suite,
        intent=case.intent,
        cluster=case.cluster,
        reason=trouble or next((o.reason for o in failed), ""),
    )


def _check(assertion: Assertion, case: Case, answer: Answer) -> Outcome:
    said = answer.own.get(str(assertion.value)) if assertion.kind in SCORED_ELSEWHERE else None
    if said is not None:
        return Outcome(assertion, said.passed, said.reason or "holds")
    return check(assertion, answer.text, case.reference)


def _judge_elsewhere(case: Case, answer: Answer) -> Judgement:
    """What lm-evaluation-harness says counts; it also says when an answer ends, and makes sense."""
    failed = [o for o in (_check(a, case, answer) for a in case.assertions) if not o.passed]
    return Judgement(
        case=case.id,
        arm=answer.arm,
        passed=not failed,
        suite=answer.suite,
        intent=case.intent,
        cluster=case.cluster,
        reason=failed[0].reason if failed else "",
    )


def _judge_choice(case: Case, answer: Answer) -> Judgement:
    right = answer.choice == case.correct
    chosen = case.choices[answer.choice] if 0 <= answer.choice < len(case.choices) else "nothing"
    return Judgement(
        case=case.id,
        arm=answer.arm,
        passed=right,
        suite=answer.suite,
        intent=case.intent,
        cluster=case.cluster,
        reason="" if right else f"chose {chosen!r}, right is {case.choices[case.correct]!r}",
    )
