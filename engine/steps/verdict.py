"""Step 5: the evidence of a run, its gates, rulings, waivers, the signature."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import get_args

import msgspec

from engine.delivery.contents import Reached
from engine.errors import InputError, NotFoundError, StateError
from engine.evaluation import evidence as evidences
from engine.evaluation.evidence import BASE_AND_TUNED, Arms, Evidence, GateName
from engine.evaluation.gates import GateResult, judge_domain
from engine.evaluation.verdict import Verdict, decide
from engine.records import Answer
from engine.steps import choosing, compare, train, trust
from engine.store import answer_files, runs, sessions, verdicts
from engine.store.runs import Run
from engine.store.sessions import Session
from engine.store.verdicts import Ruling, Signed, Waiver
from engine.workspace import Workspace

UNWAIVABLE = "a person looked at a compliance case and confirmed a regression."


def reach(
    workspace: Workspace, slug: str, run_id: int | None = None, arms: Arms = BASE_AND_TUNED
) -> Reached:
    """Judge a run of a session by the gates; the newest training run unless one is named.

    A checkpoint that somebody chose on validation rows stands in for `tuned`.

    arms: other arms that have answered, imported ones for instance; the second is judged.
    """
    run = train.chosen(workspace, slug, run_id)
    run = runs.get(workspace.store, run.parent) if run.parent else run
    session = sessions.get(workspace.store, slug)
    arms = choosing.judged_arms(workspace, run.id, arms)
    job = train.folder_of(workspace, run.id).job()
    answers = compare.answers_of(workspace, run.id)
    require_arms(arms, answers)
    gathered = gather(workspace, session, run, answers, arms)
    store, judged = workspace.store, arms[1]
    files = tuple(f for f in answer_files.every(store, run.id) if f.arm in arms)
    return Reached(
        session=session,
        run=run,
        job=job,
        verdict=decide(gathered),
        amendments=tuple(sessions.amendments(store, session.id)),
        looks=sessions.looks(store, session.id),
        rulings=tuple(verdicts.rulings(store, run.id, judged)),
        waivers=tuple(verdicts.waivers(store, run.id, judged)),
        signed=tuple(verdicts.signed(store, run.id, judged)),
        warnings=(
            *choosing.told(workspace, run.id, arms),
            *trust.warnings(workspace, session, run, answers, arms, files),
        ),
        answer_files=files,
        prompted=_prompted(workspace, session, run, answers),
        waiting=_waiting(gathered),
    )


def require_arms(arms: Arms, answers: Iterable[Answer]) -> None:
    """Raise NotFoundError for an arm, other than the run's own two, that has answered nothing."""
    there = {answer.arm for answer in answers}
    if arms[0] == arms[1]:
        raise InputError(f"{arms[0]} cannot be held to itself.", "Name two arms.")
    for arm in arms:
        if arm not in there and arm not in BASE_AND_TUNED:
            known = ", ".join(sorted(there)) or "none yet"
            raise NotFoundError(
                f"No answer of an arm {arm!r}.", f"There are: {known}. `strop answer` adds one."
            )


def _waiting(evidence: Evidence) -> int:
    ruled = {(r.suite, r.case) for r in evidence.rulings}
    pairs = [p.tuned for s in evidence.of("compliance") for p in s.pairs if p.change]
    return sum((judged.suite, judged.case) not in ruled for judged in pairs)


def _prompted(
    workspace: Workspace, session: Session, run: Run, answers: list[Answer]
) -> GateResult | None:
    """Whether the rules in the prompt would do without any training; None when nobody asked."""
    if not any(answer.arm == "prompted" for answer in answers):
        return None
    domain = [s for s in compare.suites_of(workspace, run.id) if s.gate == "domain"]
    found = tuple(evidences.gather(suite, answers, "base", "prompted") for suite in domain)
    return judge_domain(Evidence(found, criteria=session.scope.criteria))


def gather(
    workspace: Workspace,
    session: Session,
    run: Run,
    answers: list[Answer],
    arms: Arms = BASE_AND_TUNED,
) -> Evidence:
    """All that the verdict of a run rests on."""
    suites = compare.suites_of(workspace, run.id)
    store, judged = workspace.store, arms[1]
    return Evidence(
        suites=tuple(evidences.gather(suite, answers, *arms) for suite in suites),
        criteria=session.scope.criteria,
        cadence=session.scope.cadence,
        rulings=tuple(
            evidences.Ruling(r.suite, r.case_name, r.who, r.ruling)
            for r in verdicts.rulings(store, run.id, judged)
        ),
        waivers=tuple(
            evidences.Waiver(_gate(w.gate), w.who, w.reason, w.expires)
            for w in verdicts.waivers(store, run.id, judged)
        ),
        noise=evidences.read_noise(answers, arms[0]),
        arms=arms,
        today=date.today().isoformat(),
    )


def rule(
    workspace: Workspace,
    run_id: int,
    suite: str,
    case: str,
    ruling: str,
    note: str = "",
    *,
    arm: str = verdicts.TUNED,
) -> None:
    """Keep what a person said of an arm's answer to a case: `regression` or `acceptable`."""
    if ruling not in ("regression", "acceptable"):
        raise InputError(f"{ruling!r} is no ruling.", "Say regression or acceptable.")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    said = Ruling(suite, case, at, workspace.who, ruling, note.strip(), arm)
    verdicts.rule(workspace.store, run_id, said)


def waive(
    workspace: Workspace,
    run_id: int,
    gate: str,
    reason: str,
    expires: str,
    *,
    arm: str = verdicts.TUNED,
) -> None:
    """Let a gate pass by name; needs a reason and a day (YYYY-MM-DD) on which it ends.

    Raises StateError for a gate that nobody may waive: a person confirmed a regression.
    """
    _gate(gate)
    require_waiver(reason, expires)
    slug = sessions.by_id(workspace.store, runs.get(workspace.store, run_id).session).slug
    found = reach(workspace, slug, run_id, ("base", arm)).verdict
    if any(g.gate == gate and not g.waivable for g in found.gates):
        raise StateError(f"{gate} cannot be waived: {UNWAIVABLE}", "Train again, or rule again.")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    waiver = Waiver(gate, at, workspace.who, reason.strip(), expires, arm)
    verdicts.waive(workspace.store, run_id, waiver)


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
    arms: Arms = BASE_AND_TUNED,
    seen: Verdict | None = None,
) -> Signed:
    """Put a name under the verdict as it is now; raises StateError when nothing was compared.

    seen: the verdict that the person has in front of them; it must be the one that is signed.
    """
    reached = reach(workspace, slug, run_id, arms)
    if seen is not None and seen != reached.verdict:
        raise StateError("The verdict has changed while you looked.", "Look again, then sign.")
    if not any(gate.n for gate in reached.verdict.gates):
        raise StateError("Nothing was compared yet.", "Let the run answer the cases first.")
    if not role.strip():
        raise InputError("A signature needs a role.", "For instance: model adaptation lead.")
    signed = Signed(
        id=0,
        run=reached.run.id,
        at="",
        who=workspace.who,
        role=role.strip(),
        note=note.strip(),
        verdict=reached.verdict.verdict,
        body=msgspec.json.encode(reached.verdict).decode(),
        arm=reached.verdict.arms[1],
    )
    verdicts.sign(workspace.store, signed)
    return verdicts.signed(workspace.store, signed.run, signed.arm)[-1]


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
