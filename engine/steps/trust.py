"""What a reader must know before trusting the figures of a run, a sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from engine.evaluation.evidence import BASE_AND_TUNED, Arms
from engine.evaluation.suites import suite_hash
from engine.records import Answer, Case, Finding, NumberedExample, Suite
from engine.rendering.tokenizer import template_hash
from engine.runs.folder import Job, RunFolder
from engine.scope import Scope, scope_hash
from engine.steps import compare, train
from engine.steps.caching import file_hash
from engine.steps.freezing import differences
from engine.steps.suites import DOMAIN
from engine.store import cases, runs
from engine.store.answer_files import AnswerFile
from engine.store.runs import Run
from engine.store.sessions import Session
from engine.workspace import Workspace

ENOUGH = 10
"""Cases from which equal answers of two arms are no chance."""
NAMED = 3
PARTS = ("train", "validation", "guard")


def warnings(
    workspace: Workspace,
    session: Session,
    run: Run,
    answers: Sequence[Answer],
    arms: Arms = BASE_AND_TUNED,
    files: Iterable[AnswerFile] = (),
) -> list[str]:
    """Everything about a run that does not fit together."""
    folder = train.folder_of(workspace, run.id)
    job = folder.job()
    suites = compare.suites_of(workspace, run.id)
    return [
        *_edited(workspace, session, job),
        *_changed(suites, folder, job),
        *differences(workspace, session, job.hashes),
        *_leaks(folder, job, suites, session.scope),
        *_not_applied(suites, answers, arms),
        *_templates(workspace, run, job),
        *_asked_elsewhere(session, run, suites, answers),
        *_first_look(suites),
        *_from_elsewhere(files),
    ]


def _edited(workspace: Workspace, session: Session, job: Job) -> Iterator[str]:
    if scope_hash(session.scope) != job.hashes.get("scope"):
        yield "The scope has changed since this run was trained."
    present = cases.digest(cases.every(workspace.store, session.id))
    if session.sealed_hash is not None and present != session.sealed_hash:
        yield "The held-out cases are not those that were sealed."


def _changed(suites: Iterable[Suite], folder: RunFolder, job: Job) -> Iterator[str]:
    for suite in suites:
        if suite_hash(suite) != job.hashes.get(f"suite-{suite.name}"):
            yield f"Suite {suite.name} is not the one that was frozen into the run."
    for part in PARTS:
        rows, then = folder.data / f"{part}.jsonl", job.hashes.get(part)
        if then is not None and rows.exists() and file_hash(rows) != then:
            yield f"The {part} rows in the run folder are not those that it was prepared with."


def _leaks(folder: RunFolder, job: Job, suites: Iterable[Suite], scope: Scope) -> Iterator[str]:
    """Held-out questions among the training rows, whenever they came in."""
    held_out = next((suite.cases for suite in suites if suite.name == DOMAIN), ())
    rows = folder.data / "train.jsonl"
    if not (held_out and rows.exists()):
        return
    found = _leaked(str(folder.path), file_hash(rows), held_out, msgspec.json.encode(scope.checks))
    if found:
        count = len({finding.examples for finding in found})
        named = ", ".join(f"row {f.examples[0]} {f.detail}" for f in found[:NAMED])
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        yield (
            f"A leak: {count} training {'row is' if count == 1 else 'rows are'} held-out material"
            f" ({named}{more}). What the domain gate finds is too good to be believed."
        )


@lru_cache(maxsize=8)
def _leaked(
    folder: str, _digest: str, held_out: tuple[Case, ...], checks: bytes
) -> tuple[Finding, ...]:
    """The leaks that the data check blocks; kept, for a verdict is reached again and again."""
    from pathlib import Path

    from engine.check_settings import Checks
    from engine.curation.checks import leak

    examples = RunFolder(Path(folder)).examples("train")
    rows = [NumberedExample(number, one) for number, one in enumerate(examples, 1)]
    scope = Scope("", checks=msgspec.json.decode(checks, type=Checks))
    return tuple(f for f in leak.check(rows, held_out, scope) if f.severity != "review")


def _not_applied(suites: Iterable[Suite], answers: Sequence[Answer], arms: Arms) -> Iterator[str]:
    """An adapter that moves nothing leaves every word and every loss as it was."""
    first, second = (
        {(a.suite, a.case): (a.text, a.choice, a.nll) for a in answers if a.arm == arm}
        for arm in arms
    )
    names = {suite.name for suite in suites}
    both = [key for key in first if key in second and key[0] in names]
    if len(both) >= ENOUGH and all(first[key] == second[key] for key in both):
        yield (
            f"{arms[1]} answers all {len(both)} cases word for word as {arms[0]} does: its adapter"
            " was not applied, or was never trained."
        )


def _templates(workspace: Workspace, run: Run, job: Job) -> Iterator[str]:
    """Base and tuned must be asked alike, and as the run was trained."""
    frozen = job.hashes.get("template")
    if not frozen:
        return
    if template_hash(job.model) not in ("", frozen):
        yield "The model's chat template is not the one that this run was prepared with."
    for other in runs.every(workspace.store, run.session):
        if other.parent == run.id:
            asked = RunFolder(runs.folder_of(other, workspace.runs))
            then = asked.job().hashes.get("template") if asked.job_file.exists() else None
            if then not in (None, "", frozen):
                yield (
                    f"Answer run {other.id} asked with another chat template than run {run.id}:"
                    " its answers are not comparable."
                )


def _asked_elsewhere(
    session: Session, run: Run, suites: Iterable[Suite], answers: Iterable[Answer]
) -> Iterator[str]:
    """Suites that wait for lm-evaluation-harness."""
    answered = {(a.suite, a.arm) for a in answers}
    for suite in suites:
        waits = any((suite.name, arm) not in answered for arm in BASE_AND_TUNED)
        if waits and any(case.is_asked_elsewhere for case in suite.cases):
            yield (
                f"Suite {suite.name} is answered by lm-evaluation-harness:"
                f" `strop suite run {session.slug} {run.id}` starts it."
            )


def _first_look(suites: Iterable[Suite]) -> Iterator[str]:
    if any(suite.version.endswith("first look") for suite in suites):
        yield "A first look only: not all cases of the suites were answered."


def _from_elsewhere(files: Iterable[AnswerFile]) -> Iterator[str]:
    for file in files:
        yield (
            f"The answers of {file.arm} came from elsewhere ({file.file}, {file.at[:10]}, by"
            f" {file.who}): nothing here says that they were made with the same prompts, or"
            " greedily."
        )
