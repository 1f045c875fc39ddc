"""The verdicts of a session over all its runs, and what changed since the last shipped adapter.

Everything is judged by today's scorer: figures of another scorer are never compared. What was
judged is kept beside each run until something that it rests on changes.
"""

from __future__ import annotations

import msgspec

from engine.errors import StropError
from engine.evaluation.assertions import SCORER_VERSION, Judgement, is_judged, judge
from engine.evaluation.gates import GateOutcome
from engine.evaluation.statistics import mcnemar_mid_p
from engine.evaluation.verdict import Verdict, VerdictName
from engine.records import Case
from engine.steps import compare, verdict
from engine.steps.remembered import recall
from engine.store import runs, sessions, verdicts
from engine.store.runs import Run
from engine.store.verdicts import Signed
from engine.workspace import Workspace

CaseKey = tuple[str, str]


class RunVerdict(msgspec.Struct, frozen=True):
    """One training run: what the gates say of it now, and what people signed."""

    run: int
    created: str
    verdict: VerdictName | None
    """None when it cannot be judged; `trouble` says why."""
    outcomes: dict[str, GateOutcome]
    """By gate, waived ones as they came out."""
    finding: str
    """The domain gate in a few words: `97.5 % to 45 %`."""
    signed: tuple[Signed, ...]
    other_scorer: bool
    """A signature stands under figures of another scorer."""
    trouble: str = ""


class SuiteChange(msgspec.Struct, frozen=True):
    """One suite, answered by two adapters: which cases got better and which worse."""

    suite: str
    cases: int
    """Cases that both answered, and that are the same in both runs."""
    improved: tuple[str, ...]
    regressed: tuple[str, ...]
    p: float
    """McNemar's mid-p: how easily chance alone does this."""


class SinceShipped(msgspec.Struct, frozen=True):
    """A run against the adapter that was shipped last."""

    run: int
    shipped: int
    at: str
    """When the shipped one was signed."""
    suites: tuple[SuiteChange, ...]
    not_compared: int
    """Cases of this run that the other has not, has otherwise, or has not answered."""


class History(msgspec.Struct, frozen=True):
    """All verdicts of a session."""

    runs: tuple[RunVerdict, ...]
    """Oldest first."""
    signed: tuple[Signed, ...]
    since: SinceShipped | None
    """None when nothing else was shipped."""


def read(workspace: Workspace, slug: str, run_id: int | None = None) -> History:
    """The history of a session; `since` is about the named run, the newest unless one is."""
    session = sessions.get(workspace.store, slug)
    trained = [r for r in runs.every(workspace.store, session.id) if r.kind == "train"]
    looked_at = run_id if run_id is not None else (trained[-1].id if trained else None)
    return History(
        runs=tuple(_of_run(workspace, slug, run) for run in trained),
        signed=tuple(verdict.history(workspace, slug)),
        since=None if looked_at is None else since_shipped(workspace, slug, looked_at),
    )


def _of_run(workspace: Workspace, slug: str, run: Run) -> RunVerdict:
    signed = tuple(verdicts.signed(workspace.store, run.id))
    session, said, trouble = sessions.get(workspace.store, slug), None, ""
    try:
        said = recall(
            workspace, session, run, lambda: verdict.reach(workspace, slug, run.id).verdict
        )
    except StropError as error:
        trouble = error.message
    return RunVerdict(
        run=run.id,
        created=run.created,
        verdict=said.verdict if said else None,
        outcomes=said.outcomes if said else {},
        finding=said.finding if said else "",
        signed=signed,
        other_scorer=any(_scorer_of(s) != SCORER_VERSION for s in signed),
        trouble=trouble,
    )


def _scorer_of(signed: Signed) -> str:
    try:
        return msgspec.json.decode(signed.body, type=Verdict).scorer
    except (msgspec.DecodeError, msgspec.ValidationError):
        return ""


def since_shipped(workspace: Workspace, slug: str, run_id: int) -> SinceShipped | None:
    """What a run's adapter does better and worse than the one signed as SHIP before it."""
    signed = verdict.history(workspace, slug)
    others = [s for s in signed if s.verdict == "ship" and s.run != run_id and s.arm == "tuned"]
    if not others:
        return None
    last = others[-1]
    now = _judged(workspace, run_id)
    then = _judged(workspace, last.run)
    both = {key for key in now if key in then and now[key][0] == then[key][0]}
    suites = dict.fromkeys(suite for suite, _ in now)
    changes = (_change(suite, now, then, both) for suite in suites)
    return SinceShipped(
        run=run_id,
        shipped=last.run,
        at=last.at,
        suites=tuple(change for change in changes if change.cases),
        not_compared=len(now) - len(both),
    )


Judged = dict[CaseKey, tuple[Case, Judgement]]


def _judged(workspace: Workspace, run_id: int) -> Judged:
    """The tuned answers of a run with what they are worth, by suite and case."""
    answers = {
        (a.suite, a.case): a
        for a in compare.answers_of(workspace, run_id)
        if a.arm == "tuned" and a.repeat == 0
    }
    return {
        (suite.name, case.id): (case, judge(case, answers[suite.name, case.id]))
        for suite in compare.suites_of(workspace, run_id)
        for case in suite.cases
        if (suite.name, case.id) in answers and is_judged(case, answers[suite.name, case.id])
    }


def _change(suite: str, now: Judged, then: Judged, both: set[CaseKey]) -> SuiteChange:
    own = [key for key in now if key[0] == suite and key in both]
    passed = {key: (then[key][1].passed, now[key][1].passed) for key in own}
    improved = tuple(key[1] for key in own if passed[key] == (False, True))
    regressed = tuple(key[1] for key in own if passed[key] == (True, False))
    p = mcnemar_mid_p(len(regressed), len(improved))
    return SuiteChange(suite, len(own), improved, regressed, p)
