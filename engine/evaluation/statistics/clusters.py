"""Cases that share a fact are not independent: the sign-flip test on clusters, and Holm's step.

The test is the randomisation test of Fisher (1935, The Design of Experiments, section 21) on the
sums of the clusters: had training done nothing, each sum could as well have the other sign.
Holm (1979). A simple sequentially rejective multiple test procedure. Scand J Stat 6:65-70.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

EXACT_TO = 15
"""Clusters up to which all 2^k signs are tried."""
DRAWS = 10_000
SEED = 20_260_101
_CHUNK = 2_000
_SLACK = 1e-9


def cluster_sums(changes: Iterable[tuple[str, float]]) -> list[float]:
    """Sum of the changes (-1, 0, 1) of each cluster; a case with an empty name stands alone."""
    sums: dict[str, float] = {}
    alone: list[float] = []
    for cluster, change in changes:
        if cluster:
            sums[cluster] = sums.get(cluster, 0.0) + change
        else:
            alone.append(change)
    return [*sums.values(), *alone]


def sign_flip_p(sums: Sequence[float], draws: int = DRAWS, seed: int = SEED) -> float:
    """Two-sided p of the total of the cluster sums; exact up to 15 clusters that are not zero.

    Beyond that `draws` seeded sign vectors are drawn and the observed one counts among them.
    """
    import numpy as np

    values = np.array([s for s in sums if s], dtype=float)
    if not values.size:
        return 1.0
    observed = abs(values.sum()) - _SLACK
    if values.size <= EXACT_TO:
        bits = np.arange(2**values.size)[:, None] >> np.arange(values.size)
        totals = np.abs((1 - 2 * (bits & 1)) @ values)
        return float((totals >= observed).mean())
    random = np.random.default_rng(seed)
    reached, left = 0, draws
    while left:
        signs = random.integers(0, 2, size=(min(left, _CHUNK), values.size)) * 2 - 1
        reached += int((np.abs(signs @ values) >= observed).sum())
        left -= len(signs)
    return (reached + 1) / (draws + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm-adjusted p values, in the order given."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, floor = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        floor = max(floor, min(1.0, p_values[index] * (len(p_values) - rank)))
        adjusted[index] = floor
    return adjusted
