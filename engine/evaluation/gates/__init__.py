"""One pure function a gate: from evidence to PASS, FAIL or INCONCLUSIVE with what settles it."""

from engine.evaluation.gates.quality import judge_capability, judge_domain, judge_forgetting
from engine.evaluation.gates.result import QUESTIONS, GateOutcome, GateResult
from engine.evaluation.gates.safety import judge_coherence, judge_compliance, judge_over_refusal
from engine.evaluation.gates.upkeep import judge_cadence

__all__ = [
    "QUESTIONS",
    "GateOutcome",
    "GateResult",
    "judge_cadence",
    "judge_capability",
    "judge_coherence",
    "judge_compliance",
    "judge_domain",
    "judge_forgetting",
    "judge_over_refusal",
]
