"""What a report says, gathered once and written in several forms. The JSON form is this struct."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from engine.evaluation.evidence import Arms, Flip, GateName
from engine.evaluation.gates import GateResult
from engine.evaluation.verdict import Slice, Verdict
from engine.records import Gate
from engine.runs.folder import Job
from engine.store.answer_files import AnswerFile
from engine.store.runs import Run
from engine.store.sessions import Amendment, Look, Session
from engine.store.sources import Source
from engine.store.verdicts import Ruling, Signed, Waiver

FORMAT: Final = "strop-report-1"


class Reached(msgspec.Struct, frozen=True):
    """A verdict with everything that a sceptical reader asks about."""

    session: Session
    run: Run
    job: Job
    verdict: Verdict
    amendments: tuple[Amendment, ...]
    looks: int
    """How often sealed items were opened."""
    rulings: tuple[Ruling, ...]
    waivers: tuple[Waiver, ...]
    signed: tuple[Signed, ...]
    warnings: tuple[str, ...]
    """What does not fit together: changed cases, an edited scope, a first look only."""
    answer_files: tuple[AnswerFile, ...] = ()
    """Files of answers that stand in for an arm."""
    prompted: GateResult | None = None
    """The domain gate asked of `prompted` against `base`; None where it has not answered."""
    waiting: int = 0
    """Compliance cases that the arms disagree on and that nobody has ruled on yet."""


class BlindTally(msgspec.Struct, frozen=True):
    """What one person's blind choices between two arms come to."""

    who: str
    arms: Arms
    pairs: int
    first: int
    """How often the first arm was chosen."""
    second: int
    same: int
    """Both as good."""
    neither: int
    """Both bad."""
    p: float
    """Sign test, mid-p, ties of both kinds dropped."""
    seconds: float
    """A pair, at the median."""


class CaseLine(msgspec.Struct, frozen=True):
    """One judged case with both answers."""

    suite: str
    gate: Gate
    case: str
    prompt: str
    base: str
    tuned: str
    flip: Flip
    intent: str = ""
    cluster: str = ""
    base_reason: str = ""
    """Why the base answer failed; empty when it passed."""
    reason: str = ""
    """Why the tuned answer failed; empty when it passed."""
    violated: bool = False
    """The tuned answer breaks a critical assertion, or makes no sense where there is one."""
    incoherent: bool = False
    """The tuned answer makes no sense."""


class TextLine(msgspec.Struct, frozen=True):
    """One general text: loss in nats per token; None where the model has no finite one."""

    suite: str
    case: str
    base: float | None
    tuned: float | None


class SuiteLine(msgspec.Struct, frozen=True):
    """One suite as the run answered it."""

    name: str
    gate: Gate
    title: str
    version: str
    licence: str
    cases: int


class GateRows(msgspec.Struct, frozen=True):
    """The cases behind the figures of one gate, by id."""

    gate: GateName
    suite: str
    n: int
    broken: tuple[str, ...]
    """Regressions: base passes, tuned fails."""
    fixed: tuple[str, ...]
    both_right: tuple[str, ...]
    both_wrong: tuple[str, ...]
    unanswered: tuple[str, ...]
    violated: tuple[str, ...] = ()
    """For compliance: tuned answers that count as violations."""
    incoherent: tuple[str, ...] = ()
    """Tuned answers that make no sense."""


class ExampleCounts(msgspec.Struct, frozen=True):
    """What curation did."""

    sources: tuple[Source, ...]
    by_status: dict[str, int]
    reasons: dict[str, int]
    """Rejections by reason."""


class Curve(msgspec.Struct, frozen=True):
    """One line of a chart: (optimizer step, loss in nats per token)."""

    name: Literal["training", "validation", "general"]
    points: tuple[tuple[int, float], ...]


class Training(msgspec.Struct, frozen=True):
    """How the run learned, and where it ended."""

    phase: str
    message: str
    curves: tuple[Curve, ...]
    rows: int = 0
    """Rows that it learned from, the general ones not counted."""
    validation_rows: int = 0


class Contents(Reached, frozen=True, kw_only=True):
    """Everything a report says."""

    format: Literal["strop-report-1"] = FORMAT
    written: str
    """UTC, ISO 8601."""
    strop: str
    """Version of strop that wrote the report; the run's own versions are in `job.versions`."""
    fingerprints: dict[str, str] = {}
    """SHA-256 of the adapter that was judged and of the base model's files, 64 hex digits each."""
    opened: tuple[Look, ...]
    """Each counted opening of the sealed set."""
    examples: ExampleCounts
    training: Training
    suites: tuple[SuiteLine, ...]
    rows: tuple[GateRows, ...]
    slices: tuple[Slice, ...]
    """The domain cases by intent: exploratory, decides nothing."""
    cases: tuple[CaseLine, ...]
    texts: tuple[TextLine, ...]
    blind: tuple[BlindTally, ...]
    """Blind choices between the two arms, a person each; no gate looks at them."""
    commands: tuple[str, ...]
    """What to type to compute the figures again, and to train again."""

    def rows_of(self, gate: GateResult) -> tuple[GateRows, ...]:
        """The cases behind one gate, a suite each."""
        return tuple(r for r in self.rows if r.gate == gate.gate)
