"""A session in one figure, and what to do next in it, for the list of sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from engine.steps import scope as scope_step
from engine.steps import status, train
from engine.steps.days import in_days, local_day, short_day
from engine.steps.status import RunLine
from engine.store import cases, examples, sessions, verdicts
from engine.store.runs import Run
from engine.store.sessions import Session
from engine.store.verdicts import Signed
from engine.workspace import Workspace


def note(workspace: Workspace, session: Session, lines: Sequence[RunLine]) -> str:
    """One figure for the step where the session was left; `lines` are the session's runs."""
    alive = next((line for line in lines if line.alive), None)
    if alive is not None:
        return run_in_words(alive)
    if session.step == 1:
        return _scope_note(session)
    if session.step == 2:
        return _curate_note(workspace, session)
    trained = [line for line in lines if line.kind == "train"]
    if not trained:
        return "not trained yet"
    if session.step < 5:
        return run_in_words(trained[-1])
    return _verdict_note(workspace, session, trained[-1].run)


def run_in_words(line: RunLine) -> str:
    """`run 2, step 84 of 200` while it trains; `run 2 paused, 84 of 200` later."""
    if line.phase == "training" and line.total:
        return f"run {line.run}, step {line.step} of {line.total}"
    figure = f", {line.step} of {line.total}" if line.total and line.phase != "done" else ""
    return f"run {line.run} {line.phase}{figure}"


def running_in_words(line: RunLine) -> str:
    """`run 3 ● step 84/200` for line 1."""
    figure = f" {line.step}/{line.total}" if line.total else ""
    return f"run {line.run} ● {'step' if line.phase == 'training' else line.phase}{figure}"


def _scope_note(session: Session) -> str:
    rules = session.scope.rules
    if session.frozen_at is not None:
        return f"frozen {short_day(session.frozen_at)}"
    if not rules:
        return "no rule yet"
    unseen = sum(not rule.assertions for rule in rules)
    return f"{count(unseen, 'rule')} without assertion" if unseen else f"{len(rules)} rules"


def _curate_note(workspace: Workspace, session: Session) -> str:
    found = examples.counts(workspace.store, session.id)
    total = sum(found.values())
    if not total:
        return "nothing imported yet"
    return f"{found['accepted'] + found['rejected']} of {total} decided"


def _verdict_note(workspace: Workspace, session: Session, run: int) -> str:
    signed = verdicts.signed(workspace.store, run)
    if not signed:
        return f"run {run}, not signed"
    name = signed[-1].verdict.replace("-", " ").upper()
    said = f"{name} {short_day(signed[-1].at)}"
    if not session.scope.cadence.interval_days:
        return said
    days = (retraining_day(session, signed[-1]) - date.today()).days
    return f"{said}, due {in_days(days)}"


def retraining_day(session: Session, signed: Signed) -> date:
    """The day on which the cadence asks for the next training."""
    return local_day(signed.at) + timedelta(days=session.scope.cadence.interval_days)


def next_here(workspace: Workspace, slug: str) -> str:
    """What to do next in a session: one or two sentences."""
    session = sessions.get(workspace.store, slug)
    lines = status.run_lines(workspace, session.id)
    alive = next((line for line in lines if line.alive), None)
    if alive is not None:
        left = f", {status.minutes(alive.eta_s)} left" if alive.eta_s is not None else ""
        return f"{_capital(run_in_words(alive))}{left}. It goes on without you."
    run = train.last_training(workspace, session.id)
    if run is not None and (changed := _changed_since(workspace, session, run)):
        return changed
    step = status.road(workspace, slug).next
    if step == "scope":
        return _next_in_scope(workspace, session)
    if step == "curate":
        return _next_in_curate(workspace, session)
    if step == "train":
        return _next_in_train(workspace, session, lines)
    return _next_in_verdict(workspace, session, lines)


def _changed_since(workspace: Workspace, session: Session, run: Run) -> str:
    """The last rule that was amended after a run was made; empty when none was."""
    late = [a for a in sessions.amendments(workspace.store, session.id) if a.at > run.created]
    parts = [(part, a.at) for a in late for part in a.changed.split(", ")]
    changed = [(part.removeprefix("rule "), at) for part, at in parts if part.startswith("rule ")]
    if not changed:
        return ""
    rule, at = changed[-1]
    held_out = scope_step.cases_by_rule(workspace, session).get(rule, 0)
    touch = "touches" if held_out == 1 else "touch"
    return (
        f"Rule {rule} changed on {short_day(at)}, after run {run.id} was made."
        f" {_capital(count(held_out, 'held-out case'))} {touch} it."
        " Retrain on step 3, or look at the change on step 1 (h)."
    )


def _next_in_scope(workspace: Workspace, session: Session) -> str:
    missing = scope_step.blockers(session.scope)
    if missing:
        return f"{missing[0]} Open it: step 1 leads from one gap to the next."
    notes = scope_step.notes(session.scope)
    first = f"{notes[0]} Mend that, then freeze" if notes else "Freeze"
    waiting = _undecided(workspace, session)
    rest = f" {waiting} on step 2, before or after." if waiting else ""
    return f"{first} the scope on step 1 (F): training needs it frozen.{rest}"


def _next_in_curate(workspace: Workspace, session: Session) -> str:
    if not sum(examples.counts(workspace.store, session.id).values()):
        return "The scope is frozen. Nothing is imported yet: step 2 takes files of examples."
    waiting = _undecided(workspace, session)
    if waiting:
        return f"{waiting} for a decision on step 2. Then split: that seals the held-out cases."
    return "Everything is decided. Split on step 2: that seals the held-out cases."


def _undecided(workspace: Workspace, session: Session) -> str:
    found = examples.counts(workspace.store, session.id)
    waiting = found["undecided"] + found["later"]
    verb = "waits" if waiting == 1 else "wait"
    return f"{count(waiting, 'example')} {verb}" if waiting else ""


def _next_in_train(workspace: Workspace, session: Session, lines: Sequence[RunLine]) -> str:
    blocked = train.blockers(workspace, session.slug)
    if blocked:
        return blocked[0]
    trained = [line for line in lines if line.kind == "train"]
    if not trained:
        return "Scope and held-out cases stand. Train on step 3: preflight looks first."
    last = trained[-1]
    return f"{_capital(run_in_words(last))}. Resume it, or start another, on step 3."


def _next_in_verdict(workspace: Workspace, session: Session, lines: Sequence[RunLine]) -> str:
    run = [line for line in lines if line.kind == "train"][-1].run
    signed = verdicts.signed(workspace.store, run)
    if not signed:
        held_out = count(cases.count(workspace.store, session.id), "held-out case")
        return (
            f"Run {run} has answered {held_out}: look at what it fixed and broke on"
            " step 4, then sign on step 5."
        )
    last = signed[-1]
    said = f"{last.verdict.replace('-', ' ').upper()} for run {run}, signed by {last.who}."
    if not session.scope.cadence.interval_days:
        return said
    due = retraining_day(session, last)
    return f"{said} The cadence asks for retraining by {short_day(due)}."


def count(number: int, what: str) -> str:
    """`1 rule`, `3 rules`, `no rule`."""
    return f"{number or 'no'} {what}{'' if number in (0, 1) else 's'}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
