"""Exact bounds for one proportion: Clopper and Pearson (1934), Biometrika 26:404-413."""

from __future__ import annotations

import math

LEVEL = 0.95


def clopper_pearson_upper(count: float, n: float, level: float = LEVEL) -> float:
    """One-sided upper bound of a rate of which `count` of `n` was seen; 1 without cases."""
    if n <= 0 or count >= n:
        return 1.0
    if count == 0:
        return -math.expm1(math.log(1 - level) / n)
    from scipy.special import betaincinv

    return float(betaincinv(count + 1, n - count, level))


def clopper_pearson_lower(count: float, n: float, level: float = LEVEL) -> float:
    """One-sided lower bound of a rate of which `count` of `n` was seen; 0 without cases."""
    from scipy.special import betaincinv

    if n <= 0 or count <= 0:
        return 0.0
    return (
        float(betaincinv(count, n - count + 1, 1 - level)) if count < n else (1 - level) ** (1 / n)
    )
