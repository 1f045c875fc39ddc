"""The chance that a gate passes, given what is true: summed over all outcomes, nothing is drawn.

The number of discordant cases is binomial, the regressions among them are binomial again, and so
are the errors that stay among the others. No seed, no noise.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.evaluation.statistics.paired import quantile, tango_statistic

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Counts = npt.NDArray[np.int_]
    Weights = npt.NDArray[np.float64]

ALPHA = 0.05
_SPREAD = 5.5
"""Standard deviations on either side that are summed: 4e-8 is left out."""


def power_to_show(
    n: int, regressions: float, fixes: float, kept: float = 0.0, reduction: float = 0.0
) -> float:
    """Chance of the domain gate: mid-p < 5 %, more fixes than regressions, errors down enough.

    The rates are shares of all cases; `kept` are errors that both arms make. The gate asks that
    (c - b) / (c + d) reaches `reduction`.
    """
    import numpy as np

    discordant = regressions + fixes
    counts = _likely(n, discordant)
    most = np.array([most_regressions(int(m)) for m in counts])
    broken = np.arange(max(int(most.max(initial=0)), 0) + 1)
    chances = _binomial(broken[None, :], counts[:, None], regressions / discordant)
    chances = np.where(broken[None, :] <= most[:, None], chances, 0.0)
    if reduction > 0 and kept > 0:
        chances *= _enough_reduced(n, counts, broken, kept / (1 - discordant), reduction)
    return float(_binomial(counts, n, discordant) @ chances.sum(axis=1))


def _enough_reduced(
    n: int, counts: Counts, broken: Counts, kept: float, reduction: float
) -> Weights:
    """P(d <= ((c - b) / reduction) - c) for each number of discordant cases and of regressions."""
    import numpy as np

    chances = np.zeros((len(counts), len(broken)))
    for row, m in enumerate(counts.tolist()):
        below = np.cumsum(_binomial(np.arange(n - m + 1), n - m, kept))
        most = np.floor((m - 2 * broken) / reduction - (m - broken) + 1e-9).astype(int)
        chances[row] = np.where(most < 0, 0.0, below[np.clip(most, 0, n - m)])
    return chances


def power_to_clear(n: int, discordant: float, margin: float, level: float = 0.95) -> float:
    """Chance that Tango's lower bound clears -margin when fixes and regressions are as frequent."""
    import numpy as np

    z = quantile(level)
    counts = _likely(n, discordant)
    most = np.array(_most_cleared(n, counts.tolist(), margin, z))
    broken = np.arange(max(int(most.max(initial=0)), 0) + 1)
    chances = _binomial(broken[None, :], counts[:, None], 0.5)
    chances = np.where(broken[None, :] <= most[:, None], chances, 0.0)
    return float(_binomial(counts, n, discordant) @ chances.sum(axis=1))


def _most_cleared(n: int, counts: list[int], margin: float, z: float) -> list[int]:
    """The most regressions that still clear the margin, for each number of discordant cases."""
    found: list[int] = []
    most = -1
    for m in counts:
        while most < m and tango_statistic(n, most + 1, m - most - 1, -margin) > z:
            most += 1
        found.append(most)
    return found


def _likely(n: int, share: float) -> Counts:
    """The counts of a binomial that are worth summing over."""
    import numpy as np

    half = _SPREAD * math.sqrt(n * share * (1 - share)) + _SPREAD
    low, high = math.floor(n * share - half), math.ceil(n * share + half)
    return np.arange(max(0, low), min(n, high) + 1)


def _binomial(counts: Counts, n: int | Counts, share: float) -> Weights:
    """Probabilities of counts among n; 0 for counts above n."""
    import numpy as np

    logs = _log_factorials(1 << int(np.max(n, initial=1)).bit_length())
    left = n - counts
    inside = left >= 0
    left = np.where(inside, left, 0)
    log = logs[n] - logs[counts] - logs[left]
    log = log + _times_log(counts, share) + _times_log(left, 1 - share)
    chances: Weights = np.where(inside, np.exp(log), 0.0)
    return chances


def _times_log(counts: Counts, share: float) -> Weights:
    """counts * log(share), with 0 * log(0) = 0."""
    import numpy as np

    if share > 0:
        return np.asarray(counts * math.log(share), dtype=np.float64)
    return np.where(counts > 0, -np.inf, np.float64(0))


@lru_cache
def _log_factorials(size: int) -> Weights:
    """log(0!), log(1!), ... log(size!)."""
    import numpy as np

    return np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, size + 1)))))


def most_seen(n: int, rate: float, alpha: float) -> int:
    """The largest count that is not exceeded with a probability of `alpha` or less; -1 for none."""
    import numpy as np

    below = np.cumsum(_binomial(np.arange(n + 1), n, rate))
    return int(np.searchsorted(below, alpha, side="right")) - 1


@lru_cache(maxsize=65536)
def most_regressions(discordant: int, alpha: float = ALPHA) -> int:
    """The most regressions among so many discordant cases that leave mid-p < 5 %; -1 for none."""
    import numpy as np

    counts = np.arange((discordant - 1) // 2 + 1)
    if not counts.size:
        return -1
    chances = _binomial(counts, discordant, 0.5)
    mid_p = 2 * np.cumsum(chances) - chances
    return int(np.searchsorted(mid_p, alpha)) - 1
