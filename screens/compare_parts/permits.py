"""What keeps an action of the compare screen from being done now, in a sentence."""

from __future__ import annotations

from engine.steps.compare import Compared, teachable
from engine.steps.review import needs_a_person
from screens.compare_parts.reviewing import ReviewScreen

NOTHING = "There is nothing to compare yet: step 3 trains a run and answers every case."


def why_not(action_id: str, screen: ReviewScreen) -> str | None:
    """None when it can be done."""
    verb = action_id.partition(".")[2] if action_id.startswith("compare.") else ""
    if not verb:
        return None
    if screen.review is None:
        return "The answers are being judged."
    if verb == "runs":
        return None if len(screen.review.runs) > 1 else "This session has no other run."
    if screen.review.comparison is None:
        return NOTHING
    if verb == "checkpoints":
        return None if screen.review.run is not None else NOTHING
    if verb == "arms":
        return None if len(screen.review.comparison.arms) > 2 else "No third arm has answered."
    if verb == "waiting":
        return None if screen.waiting else "No compliance case waits for a person."
    if verb in ("next", "previous"):
        flipped = any(row.flip in ("fixed", "broken") for row in screen.rows)
        return None if flipped else "No case that is listed flipped."
    return _of_case(verb, screen)


def _of_case(verb: str, screen: ReviewScreen) -> str | None:
    row = screen.current
    if verb in ("regression", "acceptable"):
        return _not_ruled_on(row, screen)
    if verb == "note":
        key = (row.suite, row.case.id) if row else ("", "")
        ruled = screen.review is not None and key in screen.review.rulings
        return None if ruled else "Rule on the case first; then say why."
    if verb in ("diff", "more", "back_up"):
        return None if row else "No case is listed."
    if verb == "teachers":
        return _not_taught(row, screen)
    if verb == "open_rows":
        return _no_rows(row, screen)
    if verb == "rules":
        known = screen.review is not None and screen.review.session.scope.rules
        return None if known else "The scope has no rule: step 1 writes them."
    return None


def _not_ruled_on(row: Compared | None, screen: ReviewScreen) -> str | None:
    if row is None or not needs_a_person(row):
        return "Only compliance cases on which the arms disagree are ruled on."
    if screen.review is not None and not screen.review.is_judged:
        return "People rule on an arm against base."
    return None


def _not_taught(row: Compared | None, screen: ReviewScreen) -> str | None:
    if row is None:
        return "No case is listed."
    if not teachable(row.case):
        return "Nothing in this case is taught by words of a rule."
    return None if screen.teachers_of(row) else "No training row was found for this case."


def _no_rows(row: Compared | None, screen: ReviewScreen) -> str | None:
    if row is None:
        return "No case is listed."
    known = {rule.id for rule in screen.review.session.scope.rules} if screen.review else set()
    asked = {assertion.rule for assertion in row.case.assertions} - {""}
    if screen.teachers_of(row) or (asked and asked <= known):
        return None
    return "No rule of the scope is behind this case, and no training row was found for it."
