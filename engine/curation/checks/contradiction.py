"""Answers that break the business rule that governs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from engine.curation import breaches
from engine.curation.breaches import Breach
from engine.curation.ruled import Rules
from engine.curation.telling import Told, reader_of
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

_WAYS: tuple[Callable[[Told, Rules], Breach | None], ...] = (
    breaches.by_amount,
    breaches.by_yes_no,
    breaches.by_denial,
    breaches.by_promise,
)


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Asks for a decision where an answer breaks the rule that governs it.

    A rule governs a sentence of the answer when its keywords occur in the question, or when the
    sentence speaks in its words. An answer breaks it with another amount, with yes for no, by
    denying what it grants, by promising what it forbids, or by its assertions. One finding a row.
    """
    reader = reader_of(scope)
    rules = reader.rules
    settings = scope.checks.contradiction
    found: list[Finding] = []
    for row in rows:
        told = reader.read(row)
        breach = next(_breaches(told, rules, settings.assertions), None)
        if breach is not None:
            found.append(
                Finding(
                    "contradiction",
                    settings.severity,
                    (row.id,),
                    breach.detail,
                    rule=breach.rule,
                    spans=breach.spans,
                    where="answer",
                )
            )
    return found


def _breaches(told: Told, rules: Rules, assertions: bool) -> Iterator[Breach]:
    for way in _WAYS:
        breach = way(told, rules)
        if breach is not None:
            yield breach
    if assertions:
        breach = breaches.by_assertion(told, rules)
        if breach is not None:
            yield breach
