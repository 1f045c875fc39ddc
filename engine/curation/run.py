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
)
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

Check = Callable[[Sequence[NumberedExample], Sequence[Case], Scope], list[Finding]]

CHECKS: dict[str, Check] = {
    "schema": schema.check,
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


def run_checks(
    rows: Sequence[NumberedExample],
    cases: Sequence[Case],
    scope: Scope,
    only: Collection[str] | None = None,
) -> list[Finding]:
    """What every check (or those named in `only`) finds, check by check."""
    found: list[Finding] = []
    for name, check in CHECKS.items():
        if only is None or name in only:
            found += check(rows, cases, scope)
    return found
