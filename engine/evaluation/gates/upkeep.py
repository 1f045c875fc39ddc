"""Cadence: is it settled when to train again, on what, and what to fall back to?"""

from __future__ import annotations

import math

from engine.evaluation.evidence import Evidence
from engine.evaluation.gates.result import QUESTIONS, GateResult
from engine.scope import Cadence

TRIGGERS_NEEDED = 2


def judge_cadence(evidence: Evidence) -> GateResult:
    """All parts of the cadence are there, or the gate fails."""
    cadence = evidence.cadence
    missing = find_missing(cadence)
    if missing:
        listed = ", ".join(missing)
        return GateResult(
            "cadence",
            QUESTIONS["cadence"],
            "fail",
            settle=f"add to the scope's cadence: {listed}",
            sentence=f"The cadence lacks: {listed}.",
            brief=f"lacks {listed}",
        )
    return GateResult(
        "cadence",
        QUESTIONS["cadence"],
        "pass",
        sentence=f"Every {cadence.interval_days} days or on {len(cadence.triggers)} triggers,"
        f" by {cadence.owner}; back to {cadence.rollback}.",
        brief=f"{cadence.interval_days} days, {len(cadence.triggers)} triggers,"
        f" back to {cadence.rollback}",
    )


def find_missing(cadence: Cadence) -> list[str]:
    """The parts of a cadence that are not there, in words."""
    numeric = [t for t in cadence.triggers if t.metric.strip() and math.isfinite(t.above)]
    parts = {
        "an owner": bool(cadence.owner.strip()),
        "an interval": cadence.interval_days > 0,
        f"{TRIGGERS_NEEDED} numeric triggers": len(numeric) >= TRIGGERS_NEEDED,
        "a data source": bool(cadence.data_source.strip()),
        "what to roll back to": bool(cadence.rollback.strip()),
    }
    return [part for part, there in parts.items() if not there]
