"""Step 5: the evidence of a run, its gates, rulings, waivers, the signature."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import get_args

import msgspec

from engine.delivery.contents import Reached
from engine.errors import InputError, StateError
from engine.evaluation import evidence as evidences
from engine.evaluation.evidence import Evidence, GateName
from engine.evaluation.suites import suite_hash
from engine.evaluation.verdict import Verdict, decide
from engine.runs.folder import Job
from engine.scope import scope_hash
from engine.steps import compare, train
from engine.store import cases, runs, sessions, verdicts
from engine.store.runs import Run
from engine.store.sessions import Session
from engine.store.verdicts import Ruling, Signed, Waiver
from engine.workspace import Workspace


def reach(workspace: Workspace, slug: str, run_id: int | None = None) -> Reached:
    """Judge a run of a session by the gates; the newest training run unless one is named."""
    run = train.chosen(workspace, slug, run_id)
    run = runs.get(workspace.store, run.parent) if run.parent else run
    session = sessions.get(workspace.store, slug)
    job = train.folder_of(workspace, run.id).job()
    gathered = gather(workspace, session, run)
    return Reached(
        session=session,
        run=run,
        job=job,
        verdict=decide(gathered),
        amendments=tuple(sessions.amendments(workspace.store, session.id)),
        looks=sessions.looks(workspace.store, session.id),
        rulings=tuple(verdicts.rulings(workspace.store, run.id)),
        waivers=tuple(verdicts.waivers(workspace.store, run.id)),
        signed=tuple(verdicts.signed(workspace.store, run.id)),
        warnings=tuple(warnings(workspace, session, run, job)),
        waiting=_waiting(gathered),
    )


def _waiting(evidence: Evidence) -> int:
    ruled = {(r.suite, r.case) for r in evidence.rulings}
    pairs = [p.tuned for s in evidence.of("compliance") for p in s.pairs if p.change]
    return sum((judged.suite, judged.case) not in ruled for judged in pairs)


def gather(workspace: Workspace, session: Session, run: Run) -> Evidence:
    """All that the verdict of a run rests on."""
    answers = compare.answers_of(workspace, run.id)
    suites = compare.suites_of(workspace, run.id)
    return Evidence(
        suites=tuple(evidences.gather(suite, answers) for suite in suites),
        criteria=session.scope.criteria,
        cadence=session.scope.cadence,
        rulings=tuple(
            evidences.Ruling(r.suite, r.case_name, r.who, r.ruling)
            for r in verdicts.rulings(workspace.store, run.id)
        ),
        waivers=tuple(
            evidences.Waiver(_gate(w.gate), w.who, w.reason, w.expires)
            for w in verdicts.waivers(workspace.store, run.id)
        ),
        noise=evidences.read_noise(answers),
        today=date.today().isoformat(),
    )


def warnings(workspace: Workspace, session: Session, run: Run, job: Job) -> list[str]:
    """What a reader must know before trusting the figures, a sentence each."""
    found = []
    if scope_hash(session.scope) != job.hashes.get("scope"):
        found.append("The scope has changed since this run was trained.")
    present = cases.digest(cases.every(workspace.store, session.id))
    if session.sealed_hash is not None and present != session.sealed_hash:
        found.append("The held-out cases are not those that were sealed.")
    suites = compare.suites_of(workspace, run.id)
    for suite in suites:
        if suite_hash(suite) != job.hashes.get(f"suite-{suite.name}"):
            found.append(f"Suite {suite.name} is not the one that was frozen into the run.")
    if any(suite.version.endswith("first look") for suite in suites):
        found.append("A first look only: not all cases of the suites were answered.")
    return found


def rule(
    workspace: Workspace, run_id: int, suite: str, case: str, ruling: str, note: str = ""
) -> None:
    """Keep what a person said of a case: `regression` or `acceptable`."""
    if ruling not in ("regression", "acceptable"):
        raise InputError(f"{ruling!r} is no ruling.", "Say regression or acceptable.")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    verdicts.rule(workspace.store, run_id, Ruling(suite, case, at, workspace.who, ruling, note))


def waive(workspace: Workspace, run_id: int, gate: str, reason: str, expires: str) -> None:
    """Let a gate pass by name; needs a reason and a day (YYYY-MM-DD) on which it ends."""
    _gate(gate)
    require_waiver(reason, expires)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    verdicts.waive(
        workspace.store, run_id, Waiver(gate, at, workspace.who, reason.strip(), expires)
    )


def require_waiver(reason: str, expires: str) -> None:
    """Raise InputError for a waiver without a reason, or without a day to come on which it ends."""
    if not reason.strip():
        raise InputError("A waiver needs a reason.", "It stands in the report for ever.")
    try:
        ends = date.fromisoformat(expires)
    except ValueError as error:
        raise InputError(f"{expires!r} is no day.", "Write YYYY-MM-DD.") from error
    if ends <= date.today():
        raise InputError(f"{expires} is not in the future.", "A waiver needs a day to end on.")


def sign(
    workspace: Workspace,
    slug: str,
    run_id: int | None,
    role: str,
    note: str = "",
    *,
    seen: Verdict | None = None,
) -> Signed:
    """Put a name under the verdict as it is now; raises StateError when nothing was compared.

    seen: the verdict that the person has in front of them; it must be the one that is signed.
    """
    reached = reach(workspace, slug, run_id)
    if seen is not None and seen != reached.verdict:
        raise StateError("The verdict has changed while you looked.", "Look again, then sign.")
    if not any(gate.n for gate in reached.verdict.gates):
        raise StateError("Nothing was compared yet.", "Let the run answer the cases first.")
    if not role.strip():
        raise InputError("A signature needs a role.", "For instance: model adaptation lead.")
    body = msgspec.json.encode(reached.verdict).decode()
    name = reached.verdict.verdict
    run = reached.run.id
    verdicts.sign(workspace.store, run, workspace.who, role.strip(), note.strip(), name, body)
    return verdicts.signed(workspace.store, run)[-1]


def history(workspace: Workspace, slug: str) -> list[Signed]:
    """Every signed verdict of a session, over all its runs, oldest first."""
    session = sessions.get(workspace.store, slug)
    own = {run.id for run in runs.every(workspace.store, session.id)}
    return [signed for signed in verdicts.signed(workspace.store) if signed.run in own]


def _gate(name: str) -> GateName:
    try:
        gate: GateName = msgspec.convert(name, GateName)
    except msgspec.ValidationError as error:
        names = ", ".join(get_args(GateName))
        raise InputError(f"{name!r} is no gate.", f"Gates are: {names}.") from error
    return gate
