"""All data checks in one pass, conflicts and contradictions before any duplicate is marked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

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
)
from engine.curation.duplicates import SIMILAR, shingles
from engine.curation.text import customer_side, normalise
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

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
    "refusals",
    "repetition",
    "stale_date",
    "mojibake",
)
"""Checks that need no other row to judge one."""


def run_checks(
    rows: Sequence[NumberedExample],
    cases: Sequence[Case],
    scope: Scope,
    only: Collection[str] | None = None,
) -> list[Finding]:
    """What the checks find that the scope leaves on (or, of these, those named in `only`)."""
    found: list[Finding] = []
    on = scope.checks.running()
    for name, check in CHECKS.items():
        if name in on and (only is None or name in only):
            found += check(rows, cases, scope)
    return found


def check_one(
    row: NumberedExample,
    others: Sequence[NumberedExample],
    cases: Sequence[Case],
    scope: Scope,
) -> list[Finding]:
    """What the checks of `ABOUT_ONE` and `conflict` find about a row that has just changed.

    Duplicates and what concerns the whole set wait for the next run of every check.
    """
    found = run_checks([row], cases, scope, ABOUT_ONE)
    asked = shingles(normalise(customer_side(row.example)))
    rivals = [o for o in others if o.id != row.id and _asks_alike(asked, o)]
    conflicts = conflict.check([row, *rivals], cases, scope) if rivals else []
    return [*(f for f in conflicts if row.id in f.examples), *found]


def _asks_alike(asked: frozenset[str], other: NumberedExample) -> bool:
    """Alike enough for the conflict check to look closer."""
    theirs = shingles(normalise(customer_side(other.example)))
    return len(asked & theirs) >= SIMILAR * len(asked | theirs)
