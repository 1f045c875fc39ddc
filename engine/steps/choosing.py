"""Choosing among the checkpoints of a run: on validation rows, never on the sealed cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from engine.curation.propose import propose_assertions
from engine.errors import NotFoundError, StateError
from engine.evaluation.evidence import BASE_AND_TUNED, Arms
from engine.records import Case, Example, Suite
from engine.runs.folder import RunFolder
from engine.runs.looks import look_folder, steps_kept
from engine.runs.standing import stand
from engine.scope import Scope
from engine.steps import train
from engine.steps.answer_runs import write_answer_run
from engine.steps.candidates import PREFIX, Candidates, advise, table
from engine.steps.compare import CHOOSING
from engine.store import choices, runs, sessions
from engine.store.choices import ChosenStep
from engine.store.runs import Run
from engine.workspace import Workspace

VALIDATION = "validation"


def prepare(workspace: Workspace, slug: str, run_id: int | None = None) -> RunFolder:
    """Make the run that answers the validation rows with every kept checkpoint; starts nothing.

    Raises StateError when the run kept none, or has no validation rows.
    """
    run, folder = _trained(workspace, slug, run_id)
    steps, examples = steps_kept(folder), folder.examples("validation")
    if not steps:
        raise StateError(
            f"Run {run.id} has kept no checkpoint to choose from.",
            "Runs of this strop keep the best few of their looks: train again.",
        )
    if not examples:
        raise StateError(
            f"Run {run.id} has no validation rows.", "Split with a validation part, train again."
        )
    scope = sessions.by_id(workspace.store, run.session).scope
    arms = {arm_of(step): look_folder(folder, step) for step in steps}
    suites = [validation_suite(examples, scope)]
    return write_answer_run(workspace, run, arms, suites, CHOOSING)


def validation_suite(examples: Sequence[Example], scope: Scope) -> Suite:
    """Validation rows as cases: what their answers say by the rules is what must be said."""
    cases = tuple(
        Case(
            id=f"v{number:04d}",
            messages=tuple(m for m in example.messages[:-1] if m.role != "system"),
            reference=example.answer,
            intent=example.intent,
            assertions=propose_assertions(example.answer, scope.rules),
        )
        for number, example in enumerate(examples, 1)
    )
    return Suite(VALIDATION, "domain", "1", cases, system_prompt=True)


def _trained(workspace: Workspace, slug: str, run_id: int | None) -> tuple[Run, RunFolder]:
    run = train.chosen(workspace, slug, run_id)
    run = runs.get(workspace.store, run.parent) if run.parent else run
    return run, train.folder_of(workspace, run.id)


def arm_of(step: int) -> str:
    """`step-40`: the arm that answers with the adapter of a step."""
    return f"{PREFIX}{step}"


def candidates(workspace: Workspace, slug: str, run_id: int | None = None) -> Candidates:
    """The table, as far as the newest measuring of a run has come; NotFoundError before any."""
    run, folder = _trained(workspace, slug, run_id)
    measured = [
        r
        for r in runs.every(workspace.store, run.session)
        if r.kind == CHOOSING and r.parent == run.id
    ]
    if not measured:
        raise NotFoundError(
            f"The checkpoints of run {run.id} were not measured yet.",
            f"`strop choose {slug} {run.id}` measures them on the validation rows.",
        )
    source = RunFolder(runs.folder_of(measured[-1], workspace.runs))
    suite, answers = source.suite(VALIDATION), source.answers()
    standing = stand(folder.metrics(), folder.job().recipe.general_limit)
    choice = choices.last(workspace.store, run.id)
    kept = kept_step(folder)
    found = tuple(table(suite, answers, standing, kept, choice.step if choice else kept))
    return Candidates(
        run=run.id,
        rows=len(suite.cases),
        candidates=found,
        advice=advise(found),
        choice=choice,
        looked=sessions.looks(workspace.store, run.session) > 0,
    )


def kept_step(folder: RunFolder) -> int | None:
    """The step of the adapter that training kept as the best; None while there is none."""
    file = folder.adapter / "best.json"
    return msgspec.json.decode(file.read_bytes(), type=_Best).step if file.exists() else None


class _Best(msgspec.Struct, frozen=True):
    step: int


def choose(
    workspace: Workspace, slug: str, run_id: int | None, step: int, why: str = ""
) -> RunFolder | None:
    """Have verdicts of a run be about the adapter of a step; its answer run, not started.

    None when its answers are there already, or when it is the one that training kept. Raises
    StateError for a step that was not measured: nobody chooses blindly.
    """
    seen = candidates(workspace, slug, run_id)
    if step not in {one.step for one in seen.candidates}:
        known = ", ".join(str(one.step) for one in seen.candidates) or "none"
        raise StateError(f"Step {step} was not measured.", f"Measured: {known}.")
    run, folder = _trained(workspace, slug, run_id)
    answered = any(a.arm == arm_of(step) for a in runs.answers(workspace.store, run.id))
    made = ChosenStep(step, workspace.who, why.strip(), seen.rows, seen.looked)
    choices.add(workspace.store, run.id, made)
    if answered or step == kept_step(folder):
        return None
    suites = [folder.suite(name) for name in folder.job().suites]
    return write_answer_run(workspace, run, {arm_of(step): look_folder(folder, step)}, suites)


def judged_arms(workspace: Workspace, run: int, asked: Arms) -> Arms:
    """The arms of a verdict: a chosen checkpoint stands in for `tuned` where nobody named arms."""
    choice = choices.last(workspace.store, run)
    if choice is None or asked != BASE_AND_TUNED:
        return asked
    folder = train.folder_of(workspace, run)
    return asked if choice.step == kept_step(folder) else ("base", arm_of(choice.step))


def told(workspace: Workspace, run: int, arms: Arms) -> Iterator[str]:
    """Provenance of a chosen checkpoint for verdict and report; nothing where none was chosen."""
    choice = choices.last(workspace.store, run)
    if choice is None or arms[1] not in ("tuned", arm_of(choice.step)):
        return
    when = (
        " after somebody had looked at answers to the sealed cases: partly chosen by luck"
        if choice.looked
        else " before anybody had looked at an answer to the sealed cases"
    )
    why = f" ({choice.why})" if choice.why else ""
    yield (
        f"Checkpoint of step {choice.step}, chosen by {choice.who} on {choice.at[:10]} on"
        f" {choice.rows} validation rows,{when}{why}."
    )
