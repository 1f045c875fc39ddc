"""Step 4: taking a run's answers over, and every case with the answers of two arms, judged."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from engine.evaluation.assertions import Judgement, can_be_judged, is_judged, judge
from engine.evaluation.evidence import FLIPS, Flip, NoiseFloor, read_noise
from engine.records import Answer, Assertion, Case, Gate, Suite
from engine.runs.folder import RunFolder
from engine.steps import caching, own_checks, train
from engine.store import examples, runs
from engine.store.examples import StoredExample
from engine.workspace import Workspace

CHOOSING = "choose"
"""Runs that answer validation rows with several checkpoints: no verdict reads their answers."""


class Compared(msgspec.Struct, frozen=True):
    """One case with the answers of both arms and what they are worth."""

    suite: str
    gate: Gate
    case: Case
    base: Answer | None
    tuned: Answer | None
    base_judged: Judgement | None
    tuned_judged: Judgement | None
    flip: Flip

    @property
    def differs(self) -> bool:
        """Whether the two answers differ in their words."""
        return (self.base.text if self.base else "") != (self.tuned.text if self.tuned else "")


class Comparison(msgspec.Struct, frozen=True):
    """Every judged case of a run, in order of suites and cases."""

    run: int
    first: str
    """Name of the arm on the left, `base` mostly."""
    second: str
    arms: tuple[str, ...]
    """All arms that have answers."""
    rows: tuple[Compared, ...]
    noise: NoiseFloor | None = None
    """How far the first arm, asked again in batches of other company, agrees with itself."""

    def counts(self, suite: str | None = None) -> dict[Flip, int]:
        """How many cases flipped which way, in one suite or in all."""
        rows = [r for r in self.rows if suite in (None, r.suite)]
        return {flip: sum(r.flip == flip for r in rows) for flip in FLIPS}


def take_over(workspace: Workspace, run_id: int) -> int:
    """Import a run's answers into the store and remember those of untrained arms.

    Answer runs add to the training run they belong to; answers the number of that run.
    """
    run = runs.get(workspace.store, run_id)
    if run.kind == CHOOSING:
        return run.parent or run.id
    folder = RunFolder(runs.folder_of(run, workspace.runs))
    found = folder.answers()
    job = folder.job()
    suites = [folder.suite(name) for name in job.suites]
    target = run.parent or run.id
    runs.add_answers(workspace.store, target, found)
    caching.remember(workspace, job, suites, found)
    return target


def answers_of(workspace: Workspace, run_id: int) -> list[Answer]:
    """Every answer to a training run's cases, its answer runs' included."""
    for run in runs.every(workspace.store):
        if run_id in (run.id, run.parent):
            folder = RunFolder(runs.folder_of(run, workspace.runs))
            if folder.job_file.exists():
                take_over(workspace, run.id)
    return own_checks.attach(workspace, run_id, runs.answers(workspace.store, run_id))


def suites_of(workspace: Workspace, run_id: int) -> list[Suite]:
    """The suites as they were frozen into a run."""
    folder = train.folder_of(workspace, run_id)
    return [folder.suite(name) for name in folder.job().suites]


def compare(
    workspace: Workspace, run_id: int, first: str = "base", second: str = "tuned"
) -> Comparison:
    """Judge two arms on every case that can be judged (texts have a loss instead)."""
    answers = answers_of(workspace, run_id)
    given = {(a.suite, a.case, a.arm): a for a in answers if a.repeat == 0}
    rows = [
        _compared(
            suite,
            case,
            given.get((suite.name, case.id, first)),
            given.get((suite.name, case.id, second)),
        )
        for suite in suites_of(workspace, run_id)
        for case in suite.cases
        if can_be_judged(case)
    ]
    arms = tuple(sorted({a.arm for a in answers}))
    return Comparison(run_id, first, second, arms, tuple(rows), read_noise(answers, first))


def _compared(suite: Suite, case: Case, base: Answer | None, tuned: Answer | None) -> Compared:
    left = judge(case, base) if base and is_judged(case, base) else None
    right = judge(case, tuned) if tuned and is_judged(case, tuned) else None
    return Compared(
        suite=suite.name,
        gate=suite.gate,
        case=case,
        base=base,
        tuned=tuned,
        base_judged=left,
        tuned_judged=right,
        flip=_flip(left, right),
    )


def _flip(base: Judgement | None, tuned: Judgement | None) -> Flip:
    if base is None or tuned is None:
        return "unanswered"
    if base.passed and tuned.passed:
        return "both_right"
    if not base.passed and not tuned.passed:
        return "both_wrong"
    return "fixed" if tuned.passed else "broken"


def taught_by(workspace: Workspace, session_id: int, case: Case) -> list[StoredExample]:
    """Training examples whose answer holds every assertion of the case's rules: its teachers."""
    accepted = examples.every(workspace.store, session_id, "accepted")
    return teachers_among([s for s in accepted if s.part == "train"], case)


def teachers_among(rows: Iterable[StoredExample], case: Case) -> list[StoredExample]:
    """Those of some examples that teach a case; none where nothing in it can be taught by words."""
    wanted = teachable(case)
    if not wanted:
        return []
    from engine.evaluation.assertions import check

    return [s for s in rows if all(check(a, s.example.answer).passed for a in wanted)]


def teachable(case: Case) -> list[Assertion]:
    """Assertions of a rule that an answer holds by what it says."""
    return [a for a in case.assertions if a.rule and a.kind in ("number", "contains", "any_of")]
