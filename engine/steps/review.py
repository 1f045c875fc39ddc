"""What a person looks at on steps 4 and 5: the compared cases of a run, and what was ruled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from engine.delivery.contents import Reached
from engine.errors import StropError
from engine.evaluation.evidence import Pair
from engine.evaluation.verdict import Slice, slices
from engine.records import Case
from engine.runs.folder import RunFolder
from engine.steps import choosing, compare, verdict
from engine.steps.compare import Compared, Comparison
from engine.store import examples, runs, sessions, verdicts
from engine.store.examples import StoredExample
from engine.store.runs import Run
from engine.store.sessions import Session
from engine.store.verdicts import Ruling
from engine.workspace import Workspace

CaseKey = tuple[str, str]
"""Name of the suite, id of the case."""


class Review(msgspec.Struct, frozen=True):
    """The cases of one run with both answers, as far as there are any."""

    session: Session
    runs: tuple[int, ...]
    """Numbers of the session's training runs, oldest first."""
    run: int | None
    """The run that is looked at; None when the session has none."""
    comparison: Comparison | None
    """None when there is no run, no answer, or trouble."""
    rulings: dict[CaseKey, Ruling]
    """The last ruling of each case."""
    trouble: StropError | None = None
    """What keeps the answers from being read."""

    @property
    def is_judged(self) -> bool:
        """Whether it is an arm against base: what rulings and verdicts are about."""
        return self.comparison is not None and self.comparison.first == "base"


def review(
    workspace: Workspace,
    slug: str,
    run_id: int | None = None,
    arms: tuple[str, str] = ("base", "tuned"),
) -> Review:
    """Compare two arms of a run, the newest training run unless one is named."""
    session = sessions.get(workspace.store, slug)
    trained = tuple(r.id for r in _trained(workspace, session))
    run = run_id if run_id is not None else (trained[-1] if trained else None)
    if run is None:
        return Review(session, trained, None, None, {})
    try:
        arms = choosing.judged_arms(workspace, run, arms)
        compared: Comparison | None = compare.compare(workspace, run, *arms)
    except StropError as error:
        return Review(session, trained, run, None, {}, error)
    if compared is not None and not compared.arms:
        compared = None
    return Review(session, trained, run, compared, rulings(workspace, run, arms[1]))


def _trained(workspace: Workspace, session: Session) -> list[Run]:
    return [r for r in runs.every(workspace.store, session.id) if r.kind == "train"]


def rulings(workspace: Workspace, run_id: int, arm: str = verdicts.TUNED) -> dict[CaseKey, Ruling]:
    """The last ruling of each case on an arm of a run."""
    return {(r.suite, r.case_name): r for r in verdicts.rulings(workspace.store, run_id, arm)}


def rule(
    workspace: Workspace,
    run_id: int,
    row: Compared,
    ruling: str,
    note: str = "",
    *,
    arm: str = verdicts.TUNED,
) -> dict[CaseKey, Ruling]:
    """Keep what a person said of an arm's answer to a case; answers all rulings on that arm."""
    verdict.rule(workspace, run_id, row.suite, row.case.id, ruling, note, arm=arm)
    return rulings(workspace, run_id, arm)


def needs_a_person(row: Compared) -> bool:
    """Whether a person must look at it: a compliance case on which the arms disagree."""
    return row.gate == "compliance" and row.flip in ("fixed", "broken")


def count_look(workspace: Workspace, session: Session, found: Comparison) -> None:
    """Count that somebody opened sealed cases: once a person and run; the report prints it."""
    if session.sealed_at is None or not any(row.gate == "domain" for row in found.rows):
        return
    what = f"answers of run {found.run}"
    if not sessions.has_looked(workspace.store, session.id, workspace.who, what):
        sessions.add_look(workspace.store, session.id, workspace.who, what)


def by_intent(rows: Iterable[Compared]) -> tuple[Slice, ...]:
    """Cases with both answers by intent, largest first; exploratory, decides nothing."""
    return slices(
        Pair(row.base_judged, row.tuned_judged)
        for row in rows
        if row.base_judged is not None and row.tuned_judged is not None
    )


class Teachers:
    """The training rows of a session, read once, asked which of them taught a case."""

    def __init__(self, workspace: Workspace, session_id: int) -> None:
        accepted = examples.every(workspace.store, session_id, "accepted")
        self._rows: Sequence[StoredExample] = [s for s in accepted if s.part == "train"]

    def of(self, case: Case) -> tuple[StoredExample, ...]:
        """The rows whose answer holds every assertion of the case's rules."""
        return tuple(compare.teachers_among(self._rows, case))


class Reading(msgspec.Struct, frozen=True):
    """A verdict, or what keeps it from being reached."""

    session: Session
    runs: tuple[int, ...]
    """Numbers of the session's training runs, oldest first."""
    reached: Reached | None
    stamp: tuple[int, ...]
    trouble: StropError | None = None


def read_verdict(
    workspace: Workspace,
    slug: str,
    run_id: int | None = None,
    arms: tuple[str, str] = ("base", "tuned"),
) -> Reading:
    """Ask the gates of a run, the newest training run unless one is named."""
    session = sessions.get(workspace.store, slug)
    trained = tuple(r.id for r in _trained(workspace, session))
    seen = stamp(workspace, slug)
    if not trained:
        return Reading(session, trained, None, seen)
    try:
        return Reading(session, trained, verdict.reach(workspace, slug, run_id, arms), seen)
    except StropError as error:
        return Reading(session, trained, None, seen, error)


def stamp(workspace: Workspace, slug: str) -> tuple[int, ...]:
    """Figures that differ as soon as anything differs that steps 4 and 5 show; quick to read."""
    store, session = workspace.store, sessions.get(workspace.store, slug)
    own = runs.every(store, session.id)
    files = [RunFolder(runs.folder_of(run, workspace.runs)).answers_file for run in own]
    people = [verdicts.count_said(store, r.id) for r in own if r.kind == "train"]
    sizes = [file.stat().st_size if file.exists() else 0 for file in files]
    return (len(own), *sizes, *people, len(sessions.amendments(store, session.id)))
