"""How many cases a verdict needs, before training, and how many more would settle an open gate."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from engine.errors import InputError
from engine.evaluation.statistics.paired import (
    mcnemar_mid_p,
    tango_lower_bound,
    tango_upper_bound,
)
from engine.evaluation.statistics.power import ALPHA, most_seen, power_to_clear, power_to_show
from engine.evaluation.statistics.proportions import clopper_pearson_upper

POWER = 0.8
REDUCTION = 0.25
"""Relative fall of the errors that counts as meaningful, where the scope says nothing else."""
NEW_ERRORS = 0.3
"""Share of the tuned model's errors that base did not make: regressions hide in every gain."""
MOST = 20_000
"""Cases beyond which a plan is no plan."""
_ROUND = 10


@lru_cache
def cases_needed(
    base_error: float,
    tuned_error: float,
    power: float = POWER,
    new_errors: float = NEW_ERRORS,
    reduction: float = REDUCTION,
) -> int | None:
    """Cases for the domain gate to pass when errors fall so far, rounded up to tens.

    The gate asks for McNemar's mid-p < 5 % and for errors down by `reduction`; a true fall by no
    more than that passes by luck only, every other time at best. None then, and beyond 20,000.
    """
    require_fall(base_error, tuned_error)
    if base_error - tuned_error <= base_error * reduction:
        return None
    return _smallest(
        lambda n: chance_to_show(n, base_error, tuned_error, new_errors, reduction) >= power
    )


def require_fall(base_error: float, tuned_error: float) -> None:
    """Raise InputError for two error rates that are no reduction."""
    if not 0 <= tuned_error < base_error <= 1:
        raise InputError(
            f"Errors of {base_error:.0%} before and {tuned_error:.0%} after are no reduction.",
            "Give shares between 0 and 1, the second smaller.",
        )


def chance_to_show(
    n: int,
    base_error: float,
    tuned_error: float,
    new_errors: float = NEW_ERRORS,
    reduction: float = REDUCTION,
) -> float:
    """Chance that the domain gate passes with n cases; raises InputError for impossible shares."""
    regressions = tuned_error * new_errors
    fixes = regressions + base_error - tuned_error
    if regressions + fixes > 1:
        raise InputError("More cases would change than there are.", "Lower new_errors.")
    return power_to_show(n, regressions, fixes, tuned_error - regressions, reduction)


@lru_cache
def smallest_fall(
    n: int, base_error: float, reduction: float = REDUCTION, power: float = POWER
) -> float | None:
    """The highest error rate after training that n cases show, in whole points; None for none."""
    points = range(math.ceil(base_error * 100) - 1, -1, -1)
    shown = (p / 100 for p in points if p / 100 < base_error)
    rates = [r for r in shown if r <= base_error * (1 - reduction) + 1e-9]
    low, high = 0, len(rates)
    while low < high:
        middle = (low + high) // 2
        enough = chance_to_show(n, base_error, rates[middle], reduction=reduction) >= power
        low, high = (low, middle) if enough else (middle + 1, high)
    return rates[low] if low < len(rates) else None


@lru_cache
def cases_needed_for_margin(
    discordant: float, margin: float, power: float = POWER, level: float = 0.95
) -> int | None:
    """Cases for Tango's lower bound to clear -margin when nothing really changed.

    `discordant` is the share of cases that flip, half of them each way. None beyond 20,000.
    """
    if not (0 <= discordant <= 1 and 0 < margin < 1):
        raise InputError("Discordant share and margin must be shares between 0 and 1.")
    return _smallest(lambda n: power_to_clear(n, discordant, margin, level) >= power)


def fixes_needed(regressions: int, alpha: float = ALPHA) -> int:
    """The fewest fixes that make a result significant beside so many regressions."""
    fixes = regressions + 1
    while mcnemar_mid_p(regressions, fixes) >= alpha:
        fixes += 1
    return fixes


def cases_to_allow(regressions: int, margin: float, level: float = 0.95) -> int | None:
    """The fewest cases that can pass a margin with so many regressions and no fix."""

    def passes(size: int) -> bool:
        return size >= regressions and tango_lower_bound(size, regressions, 0, level) > -margin

    return _more(0, passes)


def violations_allowed(cases: int, ceiling: float, level: float = 0.95) -> int:
    """The most violations whose upper bound stays under a ceiling; -1 when not even none does.

    Clopper and Pearson's bound is at most the ceiling when so few would be seen in at most 5 %
    of samples if the ceiling were true.
    """
    if cases < 1 or not 0 < ceiling < 1:
        return -1
    return most_seen(cases, ceiling, 1 - level)


def _smallest(enough: Callable[[int], bool]) -> int | None:
    """About the smallest multiple of ten that is enough (power is not quite monotone)."""
    high = _ROUND
    while not enough(high):
        high *= 2
        if high > 2 * MOST:
            return None
    low = high // 2 if high > _ROUND else 0
    while high - low > _ROUND:
        middle = (low + high) // 2 // _ROUND * _ROUND
        if middle <= low:
            break
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high if high <= MOST else None


def more_to_clear(n: int, b: int, c: int, margin: float, level: float = 0.95) -> int | None:
    """How many more cases of the same kind would decide non-inferiority, either way.

    Regressions and fixes are taken to go on at their rates. 0 when it is decided; None when
    20,000 would not do.
    """
    if not n:
        return None
    passes = (c - b) / n > -margin

    def decided(size: int) -> bool:
        scale = size / n
        if passes:
            return tango_lower_bound(size, b * scale, c * scale, level) > -margin
        return tango_upper_bound(size, b * scale, c * scale, level) < -margin

    return _more(n, decided)


def more_to_show(n: int, b: int, c: int) -> int | None:
    """How many more cases would make a gain significant, if both counts go on at their rates."""
    if not n or c <= b:
        return None
    return _more(n, lambda size: mcnemar_mid_p(math.ceil(b * size / n), int(c * size / n)) < ALPHA)


def more_to_bound(n: int, count: int, ceiling: float, level: float = 0.95) -> int | None:
    """How many more cases would put the upper bound of a rate under a ceiling, at this rate."""
    if n and count / n >= ceiling:
        return None
    seen = max(n, 1)
    return _more(n, lambda size: clopper_pearson_upper(count * size / seen, size, level) <= ceiling)


def _more(n: int, decided: Callable[[int], bool]) -> int | None:
    if n and decided(n):
        return 0
    high = max(n, 1)
    while not decided(high):
        high *= 2
        if high > MOST:
            return None
    low = max(n, high // 2)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if decided(middle) else (middle, high)
    return high - n
