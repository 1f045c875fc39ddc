"""How many cases the verdict needs, before training, and what those there are can show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import msgspec

from engine.errors import InputError
from engine.evaluation.statistics import (
    cases_needed,
    cases_needed_for_margin,
    cases_to_allow,
    power_to_clear,
    smallest_fall,
    violations_allowed,
)
from engine.records import Case, Gate
from engine.scope import Criteria
from engine.steps.freezing import changed_suites
from engine.steps.suites import named_suites
from engine.store import cases, sessions
from engine.workspace import Workspace

BASE_ERRORS = (0.4, 0.3, 0.2, 0.1)
DISCORDANT = (0.05, 0.10, 0.20)
TEXTS_NEEDED = 100
FEWEST_CLUSTERS = 6
"""All of five clusters better still gives p = 2 / 2^5 = .0625."""


class Fall(msgspec.Struct, frozen=True):
    """A fall of the error rate, and the cases that show it with a power of 80 %."""

    before: float
    halved: int | None
    """Cases that show half the errors; None beyond 20,000."""
    reached: float | None
    """The highest rate after training that the cases there are show; None when not even 0."""


class Margin(msgspec.Struct, frozen=True):
    """A gate that asks for no loss beyond a margin, on one suite."""

    suite: str
    gate: Gate
    cases: int
    margin: float
    needed: tuple[int | None, ...]
    """Cases for the shares of DISCORDANT, when nothing really changes."""
    chances: tuple[float, ...]
    """Of passing with the cases there are, for the same shares."""
    allowed: int
    """Regressions that still pass when nothing was fixed; -1 when not even none would."""
    violations: int | None
    """For compliance: violations that stay under the ceiling; -1 for not even none."""


class CasePlan(msgspec.Struct, frozen=True):
    """What the verdict can show with the cases there are."""

    cases: int
    """Held-out cases that can be judged."""
    clusters: int
    """Facts or paraphrase families among them."""
    reduction: float
    falls: tuple[Fall, ...]
    margins: tuple[Margin, ...]
    texts: int
    """General texts for the forgetting gate."""
    trouble: str = ""
    """Why suites could not be counted."""
    changed: tuple[str, ...] = ()
    """Suites that are not what was frozen, a sentence each."""

    @property
    def words(self) -> tuple[str, ...]:
        """What can and what cannot be shown, a sentence each."""
        margins = map(_margin_words, self.margins)
        return (*self.changed, _domain_words(self), *margins, *_text_words(self))


def plan_cases(workspace: Workspace, slug: str) -> CasePlan:
    """Plan for a session's scope and the cases it has; a quarter of a second at first."""
    session = sessions.get(workspace.store, slug)
    scope = session.scope
    held_out = [case for case in cases.every(workspace.store, session.id) if case.assertions]
    suites, trouble = [], ""
    try:
        suites = named_suites(workspace, scope.suites)
    except InputError as error:
        trouble = str(error)
    return CasePlan(
        cases=len(held_out),
        clusters=_clusters(held_out),
        reduction=scope.criteria.min_error_reduction,
        falls=tuple(
            _fall(base, scope.criteria.min_error_reduction, len(held_out)) for base in BASE_ERRORS
        ),
        margins=tuple(
            _margin(suite.name, suite.gate, len(suite.cases), scope.criteria)
            for suite in suites
            if suite.gate in ("capability", "compliance", "over_refusal")
        ),
        texts=sum(len(suite.cases) for suite in suites if suite.gate == "forgetting"),
        trouble=trouble,
        changed=tuple(changed_suites(workspace, session).values()),
    )


def _clusters(held_out: Iterable[Case]) -> int:
    return len({case.cluster or case.id for case in held_out})


def _fall(before: float, reduction: float, there: int) -> Fall:
    return Fall(
        before,
        cases_needed(before, before / 2, reduction=reduction),
        smallest_fall(there, before, reduction) if there else None,
    )


@lru_cache
def _margin(suite: str, gate: Gate, size: int, criteria: Criteria) -> Margin:
    margin = {
        "capability": criteria.capability_margin,
        "compliance": criteria.compliance_margin,
        "over_refusal": criteria.over_refusal_margin,
    }[gate]
    can = 0 < margin < 1
    needed = tuple(cases_needed_for_margin(s, margin) if can else None for s in DISCORDANT)
    chances = tuple(power_to_clear(size, s, margin) if can and size else 0.0 for s in DISCORDANT)
    ceiling = criteria.violation_ceiling
    return Margin(
        suite=suite,
        gate=gate,
        cases=size,
        margin=margin,
        needed=needed,
        chances=chances,
        allowed=regressions_allowed(size, margin),
        violations=violations_allowed(size, ceiling) if gate == "compliance" else None,
    )


def regressions_allowed(cases: int, margin: float) -> int:
    """Regressions that still pass a margin when nothing was fixed; -1 when not even none would."""
    return _most(lambda b: (cases_to_allow(b, margin) or cases + 1) <= cases, cases)


def _most(holds: Callable[[int], bool], limit: int) -> int:
    """The largest count up to `limit` for which a condition that only falls holds; -1 for none."""
    count = -1
    while count < limit and holds(count + 1):
        count += 1
    return count


def _domain_words(plan: CasePlan) -> str:
    if not plan.cases:
        return "There is no held-out case yet: nothing can be shown. Step 2 makes them."
    shown = [fall for fall in plan.falls if fall.halved is not None and fall.halved <= plan.cases]
    missed = [fall for fall in plan.falls if fall not in shown]
    words = f"{plan.cases} cases"
    if shown:
        words += f" show errors falling from {_percents(shown[-1])}"
    if missed and missed[0].halved is not None:
        joint = "; " if shown else " are too few: "
        words += f"{joint}{_percents(missed[0])} would take {missed[0].halved}"
    if plan.clusters < min(plan.cases, FEWEST_CLUSTERS):
        words += (
            f". They ask for {plan.clusters} facts only, and fewer than {FEWEST_CLUSTERS} can"
            " never be significant: add cases of other facts"
        )
    elif plan.clusters < plan.cases:
        words += f". They ask for {plan.clusters} facts: paraphrases of one fact count less"
    return f"{words}."


def _percents(fall: Fall) -> str:
    return f"{fall.before * 100:.0f} % to {fall.before * 50:g} %"


def _margin_words(row: Margin) -> str:
    name = f"{row.suite}, {row.cases} cases, margin {row.margin * 100:g} points"
    if row.allowed < 0:
        least = cases_to_allow(0, row.margin)
        return f"{name}: cannot pass without fixes, even with no regression; {least} cases can."
    more = cases_to_allow(row.allowed + 1, row.margin)
    regressions = f"{row.allowed or 'no'} regression{'' if row.allowed < 2 else 's'}"
    words = f"{name}: passes with {regressions} and no fix; {row.allowed + 1} would take {more}"
    if row.violations is None:
        return f"{words}."
    if row.violations < 0:
        return f"{words}. Too few to bound violations under the ceiling, even with none."
    stay = "violation stays" if row.violations == 1 else "violations stay"
    return f"{words}. At most {row.violations} {stay} under the ceiling."


def _text_words(plan: CasePlan) -> tuple[str, ...]:
    if plan.trouble:
        return (plan.trouble,)
    if plan.texts >= TEXTS_NEEDED:
        return ()
    return (f"{plan.texts} general texts: the forgetting gate wants {TEXTS_NEEDED}.",)
