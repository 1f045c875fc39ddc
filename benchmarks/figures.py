"""The line that every benchmark ends with."""

from __future__ import annotations

import json


def report(benchmark: str, ours: float, peer: float, goal: float, unit: str) -> None:
    """Print the figures as one JSON object; less is better, so the ratio is peer over ours."""
    figures = {
        "benchmark": benchmark,
        "ours": round(ours, 4),
        "peer": round(peer, 4),
        "ratio": round(peer / ours, 3),
        "goal": goal,
        "unit": unit,
    }
    print(json.dumps(figures), flush=True)
