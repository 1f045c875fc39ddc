"""How many cases a verdict needs, before training, and how many more would settle an open gate.

Power is summed over all outcomes of the two discordant counts rather than drawn: the number of
discordant cases is binomial, the fixes among them are binomial again. No seed, no noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.errors import InputError
from engine.evaluation.statistics.paired import (
    mcnemar_mid_p,
    quantile,
    tango_lower_bound,
    tango_statistic,
    tango_upper_bound,
)
from engine.evaluation.statistics.proportions import clopper_pearson_upper

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

POWER = 0.8
ALPHA = 0.05
NEW_ERRORS = 0.3
"""Share of the tuned model's errors that base did not make: regressions hide in every gain."""
MOST = 20_000
"""Cases beyond which a plan is no plan."""
_ROUND = 10


def cases_needed(
    base_error: float, tuned_error: float, power: float = POWER, new_errors: float = NEW_ERRORS
) -> int | None:
    """Cases for the domain gate to show a fall of the error rate, rounded up to tens.

    Power is that of McNemar's mid-p at 5 %, two-sided, with Delta > 0. None beyond 20,000.
    """
    if not 0 <= tuned_error < base_error <= 1:
        raise InputError(
            f"Errors of {base_error:.0%} before and {tuned_error:.0%} after are no reduction.",
            "Give shares between 0 and 1, the second smaller.",
        )
    regressions = tuned_error * new_errors
    fixes = regressions + base_error - tuned_error
    if regressions + fixes > 1:
        raise InputError("More cases would change than there are.", "Lower new_errors.")
    return _smallest(lambda n: power_to_show(n, regressions, fixes) >= power)


def cases_needed_for_margin(
    discordant: float, margin: float, power: float = POWER, level: float = 0.95
) -> int | None:
    """Cases for Tango's lower bound to clear -margin when nothing really changed.

    `discordant` is the share of cases that flip, half of them each way. None beyond 20,000.
    """
    if not (0 <= discordant <= 1 and 0 < margin < 1):
        raise InputError("Discordant share and margin must be shares between 0 and 1.")
    return _smallest(lambda n: power_to_clear(n, discordant, margin, level) >= power)


def power_to_show(n: int, regressions: float, fixes: float) -> float:
    """Probability that mid-p < 5 % with more fixes than regressions, given their rates."""
    from scipy.stats import binom

    counts, weights = _likely(n, regressions + fixes)
    share = fixes / (regressions + fixes)
    most = [most_regressions(int(m)) for m in counts]
    return float((weights * binom.cdf(most, counts, 1 - share)).sum())


def power_to_clear(n: int, discordant: float, margin: float, level: float = 0.95) -> float:
    """Probability that Tango's lower bound clears -margin with equal rates of b and c."""
    from scipy.stats import binom

    z = quantile(level)
    counts, weights = _likely(n, discordant)
    total = 0.0
    for m, weight in zip(counts.tolist(), weights.tolist(), strict=True):
        most = _last(m, lambda b, m=m: tango_statistic(n, b, m - b, -margin) > z)  # type: ignore[misc]
        total += weight * float(binom.cdf(most, m, 0.5))
    return total


def _likely(n: int, share: float) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.float64]]:
    """The numbers of discordant cases worth counting, and their probabilities."""
    import numpy as np
    from scipy.stats import binom

    low, high = binom.ppf(1e-7, n, share), binom.ppf(1 - 1e-7, n, share)
    counts = np.arange(max(0, int(low)), int(high) + 1)
    return counts, binom.pmf(counts, n, share)


def _last(m: int, holds: Callable[[int], bool]) -> int:
    """The largest of 0..m for which a condition that only falls still holds; -1 for none."""
    low, high = -1, m
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


@lru_cache(maxsize=65536)
def most_regressions(discordant: int, alpha: float = ALPHA) -> int:
    """The most regressions among so many discordant cases that leave mid-p < 5 %; -1 for none."""
    from scipy.stats import binom

    half = discordant // 2
    return _last(
        half,
        lambda b: (
            2 * b < discordant
            and 2 * binom.cdf(b, discordant, 0.5) - binom.pmf(b, discordant, 0.5) < alpha
        ),
    )


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
