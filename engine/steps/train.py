"""Step 3: planning, preparing, starting, pausing and resuming runs."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from engine import models
from engine import recipe as recipes
from engine.errors import NotFoundError, StateError
from engine.recipe import Preset, Recipe
from engine.records import Answer, Suite
from engine.rendering.tokenizer import template_hash
from engine.runs import launch
from engine.runs.folder import Job, RunFolder, write_atomically, write_lines
from engine.runs.versions import versions
from engine.scope import scope_hash
from engine.steps import caching, differences, freezing
from engine.steps.differences import Difference
from engine.steps.rows import write_rows
from engine.steps.scope import policy_prompt
from engine.steps.suites import session_suites
from engine.store import examples, runs, sessions
from engine.store.connection import now
from engine.store.runs import Run
from engine.store.sessions import Session
from engine.workspace import Workspace

PINNED = 3


class Plan(msgspec.Struct, frozen=True):
    """Settings for a run, with the reason for each derived number and what differs from before."""

    recipe: Recipe
    reasons: dict[str, str]
    rows: int
    before: Run | None
    """The session's newest run that has trained; one that was only looked at is none."""
    differences: tuple[Difference, ...]
    """What differs from that run: settings, rows, split, scope, libraries."""

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of what differs."""
        return tuple(one.name for one in self.differences)


def blockers(workspace: Workspace, slug: str) -> list[str]:
    """What keeps this session from training, a sentence each."""
    session = sessions.get(workspace.store, slug)
    found = []
    if session.frozen_at is None:
        found.append("The scope is not frozen: freeze it on step 1, so that nobody moves the goal.")
    if session.sealed_at is None:
        found.append("There is no split yet: make it on step 2; it seals the held-out set.")
    loose = [s for s in examples.every(workspace.store, session.id, "accepted") if s.part == ""]
    if session.sealed_at is not None and loose:
        found.append(f"{len(loose)} accepted examples came after the split: split again.")
    return found


def plan(
    workspace: Workspace,
    slug: str,
    *,
    preset: Preset = "standard",
    settings: Iterable[str] = (),
    model: str | None = None,
) -> Plan:
    """Derive the settings from the data; `settings` are `key=value` and win over the preset."""
    session = sessions.get(workspace.store, slug)
    accepted = examples.every(workspace.store, session.id, "accepted")
    train = [s.example for s in accepted if s.part in ("train", "")]
    limit = session.scope.criteria.forgetting_limit
    recipe, reasons = recipes.derive(preset, rows=len(train), general_limit=limit)
    if model is not None:
        recipe = msgspec.structs.replace(recipe, model=model)
    for setting in settings:
        recipe = recipes.with_setting(recipe, setting)
        reasons[setting.partition("=")[0].strip()] = "set by the operator"
    before = differences.last_trained(workspace, session.id)
    found: tuple[Difference, ...] = ()
    if before is not None:
        was = differences.basis_of(RunFolder(runs.folder_of(before, workspace.runs)))
        found = differences.compare(was, differences.basis_of_next(workspace, session, recipe))
    return Plan(recipe, reasons, len(train), before, found)


def last_training(workspace: Workspace, session_id: int) -> Run | None:
    """The newest training run of a session."""
    found = [r for r in runs.every(workspace.store, session_id) if r.kind == "train"]
    return found[-1] if found else None


def prepare(
    workspace: Workspace,
    slug: str,
    recipe: Recipe,
    *,
    cases: int | None = None,
    processes: int = 1,
) -> RunFolder:
    """Make the run folder with everything in it that the worker needs; starts nothing.

    cases: take at most so many cases of each suite, for a quick look; the verdict knows.
    processes: how many train side by side when it is started without saying another number.
    Raises StateError naming what blocks, ModelError when the model is not there.
    """
    blocked = blockers(workspace, slug)
    if blocked:
        raise StateError(blocked[0], "")
    session = sessions.get(workspace.store, slug)
    model = models.resolve(workspace.models, recipe.model)
    suites = [_shortened(s, cases) for s in _suites(workspace, session)]
    run = runs.add(
        workspace.store, session.id, "train", workspace.who, recipe, scope_hash(session.scope)
    )
    folder = RunFolder(runs.folder_of(run, workspace.runs))
    write_rows(workspace, session.id, folder)
    job = _job(session, run, model, suites, folder, freezing.file_hashes(workspace, session))
    job = msgspec.structs.replace(job, processes=processes)
    _write_suites(workspace, folder, job, suites)
    write_atomically(folder.job_file, msgspec.json.format(msgspec.json.encode(job)))
    return folder


def _suites(workspace: Workspace, session: Session) -> list[Suite]:
    return session_suites(workspace, session)


def _shortened(suite: Suite, limit: int | None) -> Suite:
    """At most `limit` cases, spread evenly over the suite so that every kind stays in."""
    if limit is None or len(suite.cases) <= limit:
        return suite
    step = len(suite.cases) / limit
    kept = tuple(suite.cases[int(i * step)] for i in range(limit))
    return msgspec.structs.replace(suite, cases=kept, version=f"{suite.version}, first look")


def _job(
    session: Session,
    run: Run,
    model: str,
    suites: list[Suite],
    folder: RunFolder,
    file_hashes: dict[str, str],
) -> Job:
    scope = session.scope
    return Job(
        run=run.id,
        kind="train",
        session=session.slug,
        model=model,
        recipe=run.recipe,
        system_prompt=scope.system_prompt,
        policy_prompt=policy_prompt(scope),
        arms=("base", "tuned"),
        suites=tuple(s.name for s in suites),
        pinned=_pinned(folder),
        hashes=_hashes(session, model, suites, folder) | file_hashes,
        versions=versions(run.recipe.engine),
        created=now(),
    )


def _pinned(folder: RunFolder) -> tuple[str, ...]:
    """Questions of the validation rows, each of another intent: their answers are watched."""
    by_intent: dict[str, str] = {}
    for example in folder.examples("validation"):
        by_intent.setdefault(example.intent, example.prompt)
    return tuple(by_intent.values())[:PINNED]


def _hashes(session: Session, model: str, suites: list[Suite], folder: RunFolder) -> dict[str, str]:
    from engine.evaluation.suites import suite_hash

    found = {"scope": scope_hash(session.scope), "sealed": session.sealed_hash or ""}
    for part in ("train", "validation", "guard"):
        found[part] = caching.file_hash(folder.data / f"{part}.jsonl")
    found["template"] = template_hash(model)
    return found | {f"suite-{s.name}": suite_hash(s) for s in suites}


def _write_suites(workspace: Workspace, folder: RunFolder, job: Job, suites: list[Suite]) -> None:
    for suite in suites:
        write_atomically(folder.data / f"suite-{suite.name}.json", msgspec.json.encode(suite))
    known: list[Answer] = caching.known_answers(workspace, job, suites)
    write_lines(folder.data / "known.jsonl", known)


def start(folder: RunFolder, *, preflight_only: bool = False) -> None:
    """Launch a worker on the folder: first start and resume alike."""
    launch.launch(folder, preflight_only=preflight_only)


def folder_of(workspace: Workspace, run_id: int) -> RunFolder:
    """The folder of a run; raises NotFoundError when the store or the disk does not have it."""
    run = runs.get(workspace.store, run_id)
    folder = RunFolder(runs.folder_of(run, workspace.runs))
    if not folder.job_file.exists():
        raise NotFoundError(f"Run {run_id} has no folder at {folder.path}.", "Was it moved?")
    return folder


def latest(workspace: Workspace, slug: str) -> Run:
    """The newest training run of a session; raises NotFoundError when there is none."""
    session = sessions.get(workspace.store, slug)
    run = last_training(workspace, session.id)
    if run is None:
        raise NotFoundError(f"{session.name} has no run yet.", f"`strop train {slug}` makes one.")
    return run


def chosen(workspace: Workspace, slug: str, run_id: int | None) -> Run:
    """The run with this number, or the session's newest."""
    if run_id is None:
        return latest(workspace, slug)
    run = runs.get(workspace.store, run_id)
    session = sessions.get(workspace.store, slug)
    if run.session != session.id:
        raise NotFoundError(f"Run {run_id} belongs to another session.", "`strop status` lists.")
    return run


def answer(workspace: Workspace, slug: str, run: Run, arm: str) -> RunFolder:
    """Prepare an answer run: one more arm over the suites of a training run; starts nothing."""
    session = sessions.get(workspace.store, slug)
    trained = folder_of(workspace, run.id)
    if arm == "tuned" and not trained.adapter.exists():
        raise StateError(f"Run {run.id} has no adapter yet.", "Let it train first.")
    made = runs.add(
        workspace.store, session.id, "answer", workspace.who, run.recipe, run.scope_hash, run.id
    )
    folder = RunFolder(runs.folder_of(made, workspace.runs))
    job = trained.job()
    suites = [trained.suite(name) for name in job.suites]
    if arm == "prompted":
        suites = [s for s in suites if s.system_prompt]
    job = msgspec.structs.replace(
        job,
        run=made.id,
        kind="answer",
        arms=(arm,),
        suites=tuple(s.name for s in suites),
        adapter="adapter" if trained.adapter.exists() else "",
        policy_prompt=policy_prompt(session.scope),
        hashes=job.hashes | {"template": template_hash(job.model)},
        created=now(),
    )
    folder.data.mkdir(parents=True)
    _copy_adapter(trained, folder)
    _write_suites(workspace, folder, job, suites)
    write_atomically(folder.job_file, msgspec.json.format(msgspec.json.encode(job)))
    return folder


def _copy_adapter(source: RunFolder, target: RunFolder) -> None:
    """The run folder stays self-contained: it gets a copy, not a path."""
    import shutil

    if source.adapter.exists():
        shutil.copytree(source.adapter, target.adapter)
