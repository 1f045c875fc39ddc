"""The line that every benchmark ends with."""

from __future__ import annotations

import json


def report(
    benchmark: str,
    ours: float,
    peer: float,
    goal: float,
    unit: str,
    *,
    more_is_better: bool = False,
) -> None:
    """Print the figures as one JSON object; a ratio above 1 means that strop is better."""
    ratio = ours / peer if more_is_better else peer / ours
    figures = {
        "benchmark": benchmark,
        "ours": round(ours, 4),
        "peer": round(peer, 4),
        "ratio": round(ratio, 3),
        "goal": goal,
        "unit": unit,
    }
    print(json.dumps(figures), flush=True)
