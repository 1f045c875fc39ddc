"""A comparison in parts, by rule and by intent: counts, and the interval of the change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import msgspec

from engine.evaluation.assertions import Judgement
from engine.evaluation.statistics import (
    Interval,
    PairedTable,
    holm,
    mcnemar_mid_p,
    newcombe_interval,
)
from engine.evaluation.verdict import COUNTS_ONLY_BELOW
from engine.scope import Scope
from engine.steps.compare import Compared

Turn = tuple[bool, bool]
"""Whether the first arm was right, and whether the second was."""


class Part(msgspec.Struct, frozen=True):
    """The cases of one rule or intent that both arms answered; exploratory, no gate reads it."""

    name: str
    """Id of the rule, or the intent; empty where a case has none."""
    title: str
    is_critical: bool
    n: int
    base_right: int
    tuned_right: int
    fixed: int
    broken: int
    interval: Interval | None
    """95 % Newcombe interval of the change of the share that is right; None without cases."""
    p: float | None
    """Mid-p, Holm-adjusted over the parts of the table; None below 20 cases."""

    @property
    def wrong(self) -> int:
        """Cases that the second arm gets wrong."""
        return self.n - self.tuned_right

    @property
    def change(self) -> float:
        """Share of the second arm that is right less that of the first; 0 without cases."""
        return (self.fixed - self.broken) / self.n if self.n else 0.0


def by_intent(rows: Iterable[Compared]) -> tuple[Part, ...]:
    """The cases by intent, largest first; a case is right when it passes."""
    turns: dict[str, list[Turn]] = {}
    for row in rows:
        if row.base_judged is not None and row.tuned_judged is not None:
            turn = (row.base_judged.passed, row.tuned_judged.passed)
            turns.setdefault(row.case.intent, []).append(turn)
    parts = _parts(turns, lambda name: ("", False))
    return tuple(sorted(parts, key=lambda part: (-part.n, part.name)))


def by_rule(rows: Iterable[Compared], scope: Scope) -> tuple[Part, ...]:
    """Every rule of the scope, the one that most answers break first; those without a case last.

    An answer is right by a rule when all that the case asserts of this rule holds, and it makes
    sense: what else is wrong with it counts under other rules. Rules that only cases name come in,
    too, by their id.
    """
    turns: dict[str, list[Turn]] = {rule.id: [] for rule in scope.rules}
    for row in rows:
        for rule, turn in turns_by_rule(row):
            turns.setdefault(rule, []).append(turn)
    known = {rule.id: (rule.title, rule.critical) for rule in scope.rules}
    parts = _parts(turns, lambda name: known.get(name, ("not in the scope", False)))
    return tuple(sorted(parts, key=_worst_first))


def turns_by_rule(row: Compared) -> Iterator[tuple[str, Turn]]:
    """For each rule that a case asserts, whether the two arms held it; nothing while one lacks."""
    first, second = row.base_judged, row.tuned_judged
    if first is None or second is None:
        return
    for rule in dict.fromkeys(o.assertion.rule for o in second.outcomes if o.assertion.rule):
        yield rule, (_holds(first, rule), _holds(second, rule))


def _holds(judged: Judgement, rule: str) -> bool:
    held = all(o.passed for o in judged.outcomes if o.assertion.rule == rule)
    return held and not judged.incoherent


def _parts(
    turns: dict[str, list[Turn]], about: Callable[[str], tuple[str, bool]]
) -> Iterator[Part]:
    tables = {name: _table(found) for name, found in turns.items()}
    tested = [name for name, table in tables.items() if table.n >= COUNTS_ONLY_BELOW]
    raw = [mcnemar_mid_p(tables[name].regressions, tables[name].fixes) for name in tested]
    adjusted = dict(zip(tested, holm(raw), strict=True))
    for name, table in tables.items():
        title, is_critical = about(name)
        yield Part(
            name=name,
            title=title,
            is_critical=is_critical,
            n=table.n,
            base_right=table.both_pass + table.regressions,
            tuned_right=table.both_pass + table.fixes,
            fixed=table.fixes,
            broken=table.regressions,
            interval=newcombe_interval(table) if table.n else None,
            p=adjusted.get(name),
        )


def _table(turns: Iterable[Turn]) -> PairedTable:
    counts = Counter(turns)
    return PairedTable(
        both_pass=counts[True, True],
        regressions=counts[True, False],
        fixes=counts[False, True],
        both_fail=counts[False, False],
    )


def _worst_first(part: Part) -> tuple[bool, bool, float, int, str]:
    """By the share that is wrong, a critical rule before others; what nothing asks, last."""
    share = part.wrong / part.n if part.n else 0.0
    return not part.n, not (part.is_critical and part.wrong), -share, -part.broken, part.name
