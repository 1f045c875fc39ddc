"""The bridge to lm-evaluation-harness: its tasks as suites, and both arms' answers to them.

lm_eval is a program of its own in an environment of its own; strop starts it, reads what it wrote,
and imports nothing of it. A task may run code of its author: name only those that you trust.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from engine.errors import InputError, RunError, StateError
from engine.evaluation.harness import (
    Asked,
    asked_of,
    make_suite,
    read_answers,
)
from engine.records import Answer, Case, Suite
from engine.runs.folder import Job, RunFolder
from engine.steps import compare, train
from engine.steps.caching import accelerator, model_identity
from engine.steps.lm_eval import (
    How,
    asking_options,
    evaluate,
    find_program,
    model_options,
    precision,
)
from engine.steps.suites import keep_suites
from engine.store import runs
from engine.workspace import Workspace

FOLDER = "lm-eval"
"""In a run folder: what lm_eval wrote, a folder for each suite and arm."""
ARMS = ("base", "tuned")
FIRST_LOOK = ", first look"


class TasksTaken(msgspec.Struct, frozen=True):
    """Suites made of tasks, for a scope to name before it is frozen."""

    suites: tuple[str, ...]
    files: tuple[str, ...]
    cases: tuple[int, ...]
    """Of each suite."""
    version: str
    """Of lm_eval."""


class ArmAnswered(msgspec.Struct, frozen=True):
    """What became of one suite and arm."""

    suite: str
    arm: str
    taken: int
    known: int
    """Answered before, by this run or, of the base model, by an earlier one."""
    left: tuple[str, ...]
    """Why documents gave no answer."""


def take_tasks(
    workspace: Workspace,
    tasks: Sequence[str],
    how: How,
    *,
    metric: str = "",
    kept_filter: str = "",
    fewshot: int | None = None,
    chat: bool = False,
    limit: int | None = None,
) -> TasksTaken:
    """Make a suite of each task (of a group: of each of its tasks); no model answers anything.

    limit: the first so many documents. Raises InputError for a task that is not there or that
    has no such metric, RunError when lm_eval fails.
    """
    program = find_program(how)
    asked = Asked("", metric, kept_filter, fewshot, chat)
    with tempfile.TemporaryDirectory() as folder:
        # The dummy model answers at once, has no template, and nothing that it says is kept.
        plain = msgspec.structs.replace(asked, chat=False)
        options = ["--model", "dummy", *asking_options(",".join(tasks), plain, how, limit)]
        written = evaluate(program, options, Path(folder))
    if not written.samples:
        raise InputError(f"lm_eval knows no task {','.join(tasks)}.", "`lm_eval ls tasks` lists.")
    suites = [
        make_suite(
            _name(task),
            msgspec.structs.replace(asked, task=task),
            lines,
            f"lm-eval {written.lm_eval}, task {written.versions.get(task, 'unknown')}",
        )
        for task, lines in written.samples.items()
    ]
    files = keep_suites(workspace, suites)
    return TasksTaken(
        suites=tuple(suite.name for suite in suites),
        files=tuple(str(file) for file in files),
        cases=tuple(len(suite.cases) for suite in suites),
        version=written.lm_eval,
    )


def _name(task: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", task.lower()).strip("-._")[:40]


def run_suites(
    workspace: Workspace,
    slug: str,
    run_id: int | None,
    how: How,
    say: Callable[[str], None] = lambda _: None,
) -> list[ArmAnswered]:
    """Let lm_eval answer the suites of a run that were made of its tasks, with base and tuned.

    Cases that are answered already are not asked again. Raises StateError for a run without
    such suites or without an adapter, RunError when lm_eval fails.
    """
    run = train.chosen(workspace, slug, run_id)
    run = runs.get(workspace.store, run.parent) if run.parent else run
    folder = train.folder_of(workspace, run.id)
    suites = [suite for suite in compare.suites_of(workspace, run.id) if asked_of(suite)]
    if not suites:
        raise StateError(
            f"Run {run.id} has no suite made of a task of lm-evaluation-harness.",
            "`strop suite lm-eval TASK` makes one; name it in the scope before it is frozen.",
        )
    if not folder.adapter.exists():
        raise StateError(f"Run {run.id} has no adapter yet.", "Let it train first.")
    program = find_program(how)
    return [
        _answer(workspace, folder, suite, arm, program, how, say)
        for suite in suites
        for arm in ARMS
    ]


def _answer(
    workspace: Workspace,
    folder: RunFolder,
    suite: Suite,
    arm: str,
    program: str,
    how: How,
    say: Callable[[str], None],
) -> ArmAnswered:
    job = folder.job()
    remembered = _remembered(workspace, job, suite) if arm == "base" else []
    runs.add_answers(workspace.store, job.run, remembered)
    known = {
        a.case
        for a in runs.answers(workspace.store, job.run)
        if (a.suite, a.arm) == (suite.name, arm)
    }
    if len(known) == len(suite.cases):
        return ArmAnswered(suite.name, arm, 0, len(known), ())
    say(f"lm_eval answers {suite.name} with {arm}, {len(suite.cases)} cases ...")
    read = _ask(folder, suite, arm, program, how)
    taken = [a for a in read if isinstance(a, Answer) and a.case not in known]
    runs.add_answers(workspace.store, job.run, taken)
    if arm == "base":
        cases = {case.id: case for case in suite.cases}
        keyed = [(_key(job, suite, cases[answer.case]), answer) for answer in taken]
        runs.remember_answers(workspace.store, keyed)
    left = tuple(reason for reason in read if isinstance(reason, str))
    return ArmAnswered(suite.name, arm, len(taken), len(known), left)


def _ask(folder: RunFolder, suite: Suite, arm: str, program: str, how: How) -> list[Answer | str]:
    asked = asked_of(suite)
    assert asked is not None
    into = folder.path / FOLDER / f"{suite.name}-{arm}"
    shutil.rmtree(into, ignore_errors=True)
    last = max(int(case.id) for case in suite.cases) + 1
    options = [*model_options(folder, arm, how), *asking_options(asked.task, asked, how, last)]
    written = evaluate(program, options, into)
    version = f"lm-eval {written.lm_eval}, task {written.versions.get(asked.task, 'unknown')}"
    if suite.version.removesuffix(FIRST_LOOK) != version:
        raise RunError(
            f"Suite {suite.name} was made with {suite.version}, this is {version}.",
            "Name the program of then with --program, or make the suite and the run again.",
        )
    return list(read_answers(suite, written.samples.get(asked.task, []), arm))


def _remembered(workspace: Workspace, job: Job, suite: Suite) -> list[Answer]:
    """What the base model answered in an earlier run to the very same."""
    keys = {_key(job, suite, case): case.id for case in suite.cases}
    found = runs.remembered_answers(workspace.store, list(keys))
    return [msgspec.structs.replace(a, suite=suite.name, case=keys[k]) for k, a in found.items()]


def _key(job: Job, suite: Suite, case: Case) -> str:
    asked = [
        suite.version.removesuffix(FIRST_LOOK),
        model_identity(job.model),
        precision(job),
        accelerator(),
        case,
    ]
    return hashlib.sha256(msgspec.json.encode([FOLDER, asked], order="sorted")).hexdigest()
