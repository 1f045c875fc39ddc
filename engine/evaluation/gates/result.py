"""The result of a gate, and the words its figures are said in."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from engine.evaluation.evidence import GateName, SuiteEvidence
from engine.evaluation.statistics import Interval, PairedTable

GateOutcome = Literal["pass", "fail", "inconclusive"]

QUESTIONS: dict[GateName, str] = {
    "domain": "Are domain errors reduced meaningfully?",
    "capability": "Is general capability loss acceptable?",
    "forgetting": "Is the loss on general text kept?",
    "compliance": "Are safety and compliance constraints preserved?",
    "over_refusal": "Does it still answer harmless questions?",
    "coherence": "Is it still talking sense?",
    "cadence": "Is a retraining cadence defined?",
}


class GateResult(Struct, frozen=True):
    """What one gate found. Shares are fractions of 1; the loss is in nats per token."""

    gate: GateName
    question: str
    outcome: GateOutcome
    n: int = 0
    b: int = 0
    """Regressions."""
    c: int = 0
    """Fixes."""
    estimate: float | None = None
    interval: Interval | None = None
    """95 % for domain; else 90 %, whose ends are the one-sided 95 % bounds that decide."""
    limit: float | None = None
    """What the interval is held against."""
    p: float | None = None
    settle: str = ""
    """What would settle it; empty when it is settled."""
    sentence: str = ""
    """The finding in plain words."""
    brief: str = ""
    """The finding in a few words: what was measured, before any interval."""
    notes: tuple[str, ...] = ()
    suite: str = ""
    parts: tuple[GateResult, ...] = ()
    """One a suite, where a gate is asked of each; the figures above are then the worst one's."""
    waivable: bool = True
    """Whether a person may let it pass; nobody may when a person confirmed a regression."""
    waived_by: str = ""
    waived_for: str = ""
    """The reason of the waiver, and until when."""

    @property
    def satisfied(self) -> bool:
        """Whether the gate stands in nobody's way: it passed, or a person waived it."""
        return self.outcome == "pass" or bool(self.waived_by)


def nothing_yet(gate: GateName, settle: str) -> GateResult:
    """The result where there is no evidence."""
    return GateResult(
        gate,
        QUESTIONS[gate],
        "inconclusive",
        settle=settle,
        sentence="Nothing was measured yet.",
        brief="not measured",
    )


def unanswered(suites: tuple[SuiteEvidence, ...]) -> str:
    """What to do about cases that an arm has not answered; empty when there are none."""
    missing = sum(s.missing for s in suites)
    return f"answer and judge the {cases(missing)} still open" if missing else ""


def base_rate(table: PairedTable) -> float:
    """Share of the cases that base passes."""
    return (table.both_pass + table.regressions) / table.n


def tuned_rate(table: PairedTable) -> float:
    """Share of the cases that tuned passes."""
    return (table.both_pass + table.fixes) / table.n


def percent(share: float) -> str:
    """`4.8 %`; no decimals where there is nothing to show."""
    return f"{share * 100:.1f} %".replace(".0 %", " %")


def points(share: float) -> str:
    """`+4.8 points`."""
    return f"{share * 100:+.1f} points"


def cases(count: int) -> str:
    """`1 case`, `3 cases`."""
    return f"{count} case" if count == 1 else f"{count} cases"


def joined(*parts: str) -> str:
    """The parts that say something, as one list."""
    return "; ".join(part for part in parts if part)
