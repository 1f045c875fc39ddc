"""All data checks in one pass, conflicts and contradictions before any duplicate is marked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from engine.curation.checks import (
    balance,
    conflict,
    contradiction,
    exact_duplicate,
    leak,
    length_outlier,
    mojibake,
    near_duplicate,
    off_scope,
    personal_data,
    refusals,
    repetition,
    same_opening,
    schema,
    secret,
    stale_date,
    template,
    truncated,
)
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

if TYPE_CHECKING:
    from engine.curation.index import Index

Check = Callable[[Sequence[NumberedExample], Sequence[Case], Scope], list[Finding]]

CHECKS: dict[str, Check] = {
    "schema": schema.check,
    "template": template.check,
    "conflict": conflict.check,
    "contradiction": contradiction.check,
    "leak": leak.check,
    "secret": secret.check,
    "personal_data": personal_data.check,
    "off_scope": off_scope.check,
    "exact_duplicate": exact_duplicate.check,
    "near_duplicate": near_duplicate.check,
    "truncated": truncated.check,
    "refusals": refusals.check,
    "balance": balance.check,
    "same_opening": same_opening.check,
    "repetition": repetition.check,
    "length_outlier": length_outlier.check,
    "stale_date": stale_date.check,
    "mojibake": mojibake.check,
}
"""In the order in which they run."""


ABOUT_ONE = (
    "schema",
    "template",
    "contradiction",
    "leak",
    "secret",
    "personal_data",
    "off_scope",
    "truncated",
    "refusals",
    "repetition",
    "stale_date",
    "mojibake",
)
"""Checks that need no other row to judge one."""


BETWEEN: dict[str, Callable[[Index], list[Finding]]] = {
    "conflict": conflict.find,
    "exact_duplicate": exact_duplicate.find,
    "near_duplicate": near_duplicate.find,
}
"""Checks that hold rows against each other: they share one index, in which each row is signed once.
What is in neither `ABOUT_ONE` nor here looks at the whole set."""


def run_checks(
    rows: Sequence[NumberedExample],
    cases: Sequence[Case],
    scope: Scope,
    only: Collection[str] | None = None,
) -> list[Finding]:
    """What the checks find that the scope leaves on (or, of these, those named in `only`)."""
    wanted = [n for n in CHECKS if n in scope.checks.running() and (only is None or n in only)]
    index = _index(rows, scope) if not BETWEEN.keys().isdisjoint(wanted) else None
    found: list[Finding] = []
    for name in wanted:
        if index is not None and name in BETWEEN:
            found += BETWEEN[name](index)
        else:
            found += CHECKS[name](rows, cases, scope)
    return found


def check_one(
    row: NumberedExample,
    others: Sequence[NumberedExample],
    cases: Sequence[Case],
    scope: Scope,
) -> list[Finding]:
    """What the checks of `ABOUT_ONE` and `conflict` find about a row that has just changed.

    others: rows that may ask alike. Duplicates and what concerns the whole set wait for the next
    run of every check.
    """
    rows = [row, *(other for other in others if other.id != row.id)]
    conflicts = run_checks(rows, cases, scope, ["conflict"]) if len(rows) > 1 else []
    about = [f for f in conflicts if row.id in f.examples]
    return [*about, *run_checks([row], cases, scope, ABOUT_ONE)]


def _index(rows: Sequence[NumberedExample], scope: Scope) -> Index:
    """Numpy comes with it: not before it is needed."""
    from engine.curation.index import Index

    return Index.of(rows, scope)
