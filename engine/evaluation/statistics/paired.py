"""Two arms on the same cases: McNemar's test, and intervals for the difference of pass rates.

    Of n cases   a  both pass        b  base passes, tuned fails: regressions
                 d  both fail        c  base fails, tuned passes: fixes

Throughout, Delta = (c - b) / n: the pass rate of tuned minus that of base.

Fagerland, Lydersen, Laake (2013). The McNemar test for binary matched-pairs data: mid-p and
asymptotic are better than exact conditional. BMC Med Res Methodol 13:91.
Newcombe (1998). Improved confidence intervals for the difference between binomial proportions
based on paired data. Stat Med 17:2635-2650, method 10.
Tango (1998). Equivalence test and confidence interval for the difference in proportions for the
paired-sample design. Stat Med 17:891-908.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

from msgspec import Struct

from engine.errors import InputError

Interval = tuple[float, float]
LEVEL = 0.95
_STEPS = 60
"""Halvings of an interval of length 2: beyond the precision of a float."""


class PairedTable(Struct, frozen=True):
    """The four counts of a paired comparison."""

    both_pass: int
    regressions: int
    fixes: int
    both_fail: int

    @property
    def n(self) -> int:
        """Cases in all."""
        return self.both_pass + self.regressions + self.fixes + self.both_fail

    @property
    def delta(self) -> float:
        """Pass rate of tuned minus that of base; 0 without cases."""
        return (self.fixes - self.regressions) / self.n if self.n else 0.0


def mcnemar_exact_p(b: int, c: int) -> float:
    """Two-sided exact conditional p: twice the smaller binomial tail, at most 1."""
    return min(1.0, 2 * _tail(b, c))


def mcnemar_mid_p(b: int, c: int) -> float:
    """Two-sided mid-p: the exact p less the probability of what was observed."""
    if b == c:
        return 1.0
    return 2 * _tail(b, c) - math.comb(b + c, min(b, c)) / (1 << (b + c))


def _tail(b: int, c: int) -> float:
    """P(X <= min(b, c)) for X ~ Binomial(b + c, 1/2), in exact integers."""
    total, term = 0, 1
    for k in range(min(b, c) + 1):
        total += term
        term = term * (b + c - k) // (k + 1)
    return total / (1 << (b + c))


def newcombe_interval(table: PairedTable, level: float = LEVEL) -> Interval:
    """Newcombe's method 10 for Delta: two Wilson intervals, joined by the corrected phi."""
    n = table.n
    if n == 0:
        return -1.0, 1.0
    base = (table.both_pass + table.regressions) / n
    tuned = (table.both_pass + table.fixes) / n
    base_low, base_high = wilson_interval(table.both_pass + table.regressions, n, level)
    tuned_low, tuned_high = wilson_interval(table.both_pass + table.fixes, n, level)
    phi = _corrected_phi(table)
    below = _joined(tuned - tuned_low, base_high - base, phi)
    above = _joined(tuned_high - tuned, base - base_low, phi)
    return max(-1.0, table.delta - below), min(1.0, table.delta + above)


def wilson_interval(successes: int, n: int, level: float = LEVEL) -> Interval:
    """Wilson's score interval for a proportion."""
    z = quantile(1 - (1 - level) / 2)
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return centre - half, centre + half


def _corrected_phi(table: PairedTable) -> float:
    a, b, c, d = table.both_pass, table.regressions, table.fixes, table.both_fail
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    product = float(a * d - b * c)
    if product > 0:
        product = max(product - table.n / 2, 0.0)
    return product / math.sqrt(margins) if margins else 0.0


def _joined(x: float, y: float, phi: float) -> float:
    return math.sqrt(max(0.0, x * x - 2 * phi * x * y + y * y))


def tango_statistic(n: float, b: float, c: float, delta: float) -> float:
    """Tango's score statistic for Delta = `delta`; falls as `delta` grows. Counts may be shares.

    The nuisance, the probability of a regression, is its maximum likelihood estimate under
    that hypothesis, the larger root of a quadratic.
    """
    linear = (2 * n - c + b) * delta - (b + c)
    root = math.sqrt(max(0.0, linear * linear + 8 * n * b * delta * (1 - delta)))
    regression = (root - linear) / (4 * n)
    variance = n * (2 * regression + delta * (1 - delta))
    distance = c - b - n * delta
    if variance <= 0:
        return math.copysign(math.inf, distance) if distance else 0.0
    return distance / math.sqrt(variance)


@lru_cache(maxsize=65_536)
def tango_interval(n: float, b: float, c: float, level: float = LEVEL) -> Interval:
    """Tango's two-sided score interval for Delta."""
    if n <= 0:
        return -1.0, 1.0
    z = quantile(1 - (1 - level) / 2)
    return _solve(n, b, c, z), _solve(n, b, c, -z)


def tango_lower_bound(n: float, b: float, c: float, level: float = LEVEL) -> float:
    """One-sided lower score bound of Delta; with b = c = 0 it is -z^2 / (n + z^2)."""
    return tango_interval(n, b, c, 2 * level - 1)[0]


def tango_upper_bound(n: float, b: float, c: float, level: float = LEVEL) -> float:
    """One-sided upper score bound of Delta."""
    return tango_interval(n, b, c, 2 * level - 1)[1]


def non_inferior(n: int, b: int, c: int, margin: float, level: float = LEVEL) -> bool:
    """Whether tuned is at most `margin` (a share of 1) worse: Tango's lower bound > -margin."""
    return tango_lower_bound(n, b, c, level) > -margin


def _solve(n: float, b: float, c: float, target: float) -> float:
    """The delta at which the statistic is `target`, by bisection: it is monotone."""
    low, high = -1.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if tango_statistic(n, b, c, middle) > target:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def quantile(probability: float) -> float:
    """Quantile of the standard normal distribution."""
    return NormalDist().inv_cdf(probability)


class PairedSummary(Struct, frozen=True):
    """Everything the table says, as `strop stats paired` prints it."""

    n: int
    b: int
    c: int
    delta: float
    newcombe: Interval
    tango: Interval
    tango_lower: float
    mid_p: float
    exact_p: float
    non_inferior: bool


def paired_summary(
    n: int, b: int, c: int, margin: float, both_pass: int | None = None
) -> PairedSummary:
    """Summarise a comparison; InputError for impossible counts or margin.

    Newcombe's interval alone depends on how the other n - b - c cases part. Without `both_pass`
    they part so that the arms are as good as uncorrelated (a d = b c, to the nearest case).
    """
    _require_possible(n, b, c, margin, both_pass)
    a = _uncorrelated(n - b - c, b * c) if both_pass is None else both_pass
    return PairedSummary(
        n=n,
        b=b,
        c=c,
        delta=(c - b) / n,
        newcombe=newcombe_interval(PairedTable(a, b, c, n - b - c - a)),
        tango=tango_interval(n, b, c),
        tango_lower=tango_lower_bound(n, b, c),
        mid_p=mcnemar_mid_p(b, c),
        exact_p=mcnemar_exact_p(b, c),
        non_inferior=non_inferior(n, b, c, margin),
    )


def _uncorrelated(rest: int, product: int) -> int:
    """The a of a * (rest - a) = product, the smaller one; either gives the same interval."""
    return round((rest - math.sqrt(max(0, rest * rest - 4 * product))) / 2)


def _require_possible(n: int, b: int, c: int, margin: float, both_pass: int | None) -> None:
    if min(n, b, c) < 0 or b + c > n or n == 0:
        raise InputError(
            f"{b} regressions and {c} fixes do not fit into {n} cases.",
            "Give whole numbers of which the first two add up to at most the third.",
        )
    if both_pass is not None and not 0 <= both_pass <= n - b - c:
        raise InputError(f"{both_pass} cases that both pass do not fit.", "Check the counts.")
    if not 0 < margin < 1:
        raise InputError(f"The margin {margin:g} is no share between 0 and 1.", "5 points are .05.")
