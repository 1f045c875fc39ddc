"""Paired changes on a scale, such as loss per token: the mean with one-sided Student bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from msgspec import Struct

LEVEL = 0.95


class PairedMean(Struct, frozen=True):
    """Mean of paired changes; `lower` and `upper` are one-sided bounds at the level asked."""

    n: int
    mean: float
    lower: float
    upper: float


def paired_mean(changes: Sequence[float], level: float = LEVEL) -> PairedMean:
    """Mean and t bounds of tuned minus base; with fewer than two values nothing is bounded."""
    from scipy.special import stdtrit

    n = len(changes)
    if n < 2:
        return PairedMean(n, fmean(changes) if n else 0.0, -math.inf, math.inf)
    mean = fmean(changes)
    half = float(stdtrit(n - 1, level)) * stdev(changes) / math.sqrt(n)
    return PairedMean(n, mean, mean - half, mean + half)
