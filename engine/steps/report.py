"""Gathering what the report of a run says, and writing it."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from engine.delivery import report
from engine.delivery.contents import (
    CaseLine,
    Contents,
    Curve,
    ExampleCounts,
    GateRows,
    Reached,
    SuiteLine,
    TextLine,
    Training,
)
from engine.evaluation.evidence import BASE_AND_TUNED, Arms, Flip, GateName
from engine.evaluation.gates.safety import is_violation
from engine.records import Answer, Suite
from engine.runs.folder import Job, RunFolder
from engine.runs.versions import versions
from engine.steps import blind, caching, compare, review, train, verdict
from engine.steps.compare import Compared
from engine.steps.health import smooth
from engine.steps.suites import DOMAIN
from engine.store import decisions, examples, sessions, sources
from engine.store.connection import now
from engine.workspace import Workspace

MOST_HASHED = 20_000_000_000
"""Bytes of weights that are read through for a fingerprint."""
MOST_POINTS = 400
"""Points of a curve: more are not told apart on a page."""


def write(
    workspace: Workspace,
    slug: str,
    run_id: int | None,
    path: Path,
    arms: Arms = BASE_AND_TUNED,
) -> None:
    """Write the report in the form that the file's ending names; raises InputError for others.

    It shows sealed cases with their answers, so it counts as a look at them.
    """
    report.require_form(path)
    report.write(gather(workspace, slug, run_id, arms), path)


def gather(
    workspace: Workspace, slug: str, run_id: int | None = None, arms: Arms = BASE_AND_TUNED
) -> Contents:
    """Everything that the report of a run says; the newest training run unless one is named."""
    reached = verdict.reach(workspace, slug, run_id, arms)
    arms = reached.verdict.arms
    found = compare.compare(workspace, reached.run.id, *arms)
    review.count_look(workspace, reached.session, found)
    store, session = workspace.store, reached.session.id
    opened = tuple(sessions.opened(store, session))
    folder = train.folder_of(workspace, reached.run.id)
    known = msgspec.structs.asdict(reached) | {"looks": len(opened)}
    return Contents(
        **known,
        written=now(),
        strop=versions()["strop"],
        fingerprints=_fingerprints(reached.job, folder),
        opened=opened,
        examples=_count_examples(workspace, session),
        training=_training(folder),
        suites=tuple(_suites(workspace, reached.run.id)),
        rows=tuple(_rows(found.rows)),
        slices=review.by_intent(r for r in found.rows if r.gate == "domain"),
        cases=tuple(_case_line(row) for row in found.rows),
        texts=tuple(_texts(workspace, reached)),
        blind=tuple(blind.tallies(workspace, reached.run.id, arms)),
        commands=tuple(_commands(reached, folder)),
    )


def _fingerprints(job: Job, folder: RunFolder) -> dict[str, str]:
    """SHA-256 of the adapter's weights and, where that takes seconds, of the base model's."""
    files = {"adapter": folder.adapter / "adapter_model.safetensors"}
    model = Path(job.model)
    files |= {f"base model, {f.name}": f for f in sorted(model.glob("*.safetensors"))}
    sizes = {name: file.stat().st_size for name, file in files.items() if file.is_file()}
    if sum(sizes.values()) > MOST_HASHED:
        sizes = {name: size for name, size in sizes.items() if name == "adapter"}
    return {name: caching.file_hash(files[name]) for name in sizes}


def _count_examples(workspace: Workspace, session: int) -> ExampleCounts:
    store = workspace.store
    return ExampleCounts(
        sources=tuple(sources.every(store, session)),
        by_status={str(k): v for k, v in examples.counts(store, session).items()},
        reasons=decisions.reasons(store, session),
    )


def _suites(workspace: Workspace, run: int) -> Iterator[SuiteLine]:
    for suite in compare.suites_of(workspace, run):
        title, version, licence = suite.title, suite.version, suite.licence
        if suite.name == DOMAIN:
            title, licence = "the sealed held-out cases of the task", "your own"
        yield SuiteLine(suite.name, suite.gate, title, version, licence, len(suite.cases))


def _case_line(row: Compared) -> CaseLine:
    base, tuned = row.base_judged, row.tuned_judged
    return CaseLine(
        suite=row.suite,
        gate=row.gate,
        case=row.case.id,
        prompt=row.case.prompt,
        base=row.base.text if row.base else "",
        tuned=row.tuned.text if row.tuned else "",
        flip=row.flip,
        intent=row.case.intent,
        cluster=row.case.cluster,
        base_reason=base.reason if base else "",
        reason=tuned.reason if tuned else "",
        violated=bool(tuned and tuned.violated),
        incoherent=bool(tuned and tuned.incoherent),
    )


def _rows(rows: Sequence[Compared]) -> Iterator[GateRows]:
    """A line a gate and suite; coherence asks every generated answer, whatever its suite."""
    for suite in dict.fromkeys(row.suite for row in rows):
        own = [row for row in rows if row.suite == suite]
        yield _rows_of(own[0].gate, own)
    for suite in dict.fromkeys(row.suite for row in rows):
        own = [row for row in rows if row.suite == suite and not row.case.choices]
        if own:
            yield _rows_of("coherence", own)


def _rows_of(gate: GateName, rows: Sequence[Compared]) -> GateRows:
    def flipped(flip: Flip) -> tuple[str, ...]:
        return tuple(row.case.id for row in rows if row.flip == flip)

    judged = [(row.case.id, row.tuned_judged) for row in rows if row.tuned_judged]
    return GateRows(
        gate=gate,
        suite=rows[0].suite,
        n=sum(row.flip != "unanswered" for row in rows),
        broken=flipped("broken"),
        fixed=flipped("fixed"),
        both_right=flipped("both_right"),
        both_wrong=flipped("both_wrong"),
        unanswered=flipped("unanswered"),
        violated=tuple(c for c, j in judged if gate == "compliance" and is_violation(j)),
        incoherent=tuple(c for c, j in judged if j.incoherent),
    )


def _texts(workspace: Workspace, reached: Reached) -> Iterator[TextLine]:
    run = reached.run.id
    answers = {(a.suite, a.case, a.arm): a for a in compare.answers_of(workspace, run)}
    for suite in compare.suites_of(workspace, run):
        yield from _texts_of(suite, answers, reached.verdict.arms)


def _texts_of(
    suite: Suite, answers: dict[tuple[str, str, str], Answer], arms: Arms
) -> Iterator[TextLine]:
    for case in suite.cases:
        if case.text:
            both = (answers.get((suite.name, case.id, arm)) for arm in arms)
            base, tuned = (_per_token(answer) for answer in both)
            yield TextLine(suite.name, case.id, base, tuned)


def _per_token(answer: Answer | None) -> float | None:
    if answer is None or answer.nll is None or not answer.nll_tokens:
        return None
    return answer.nll / answer.nll_tokens


def _training(folder: RunFolder) -> Training:
    """The curves as the last word on each step says them: a resumed run repeats some."""
    by_step = {(m.step, m.loss is None): m for m in folder.metrics()}
    metrics = sorted(by_step.values(), key=lambda m: m.step)
    losses = smooth([(m.step, m.loss) for m in metrics if m.loss is not None])
    looks = [(m.step, m.validation_loss) for m in metrics if m.validation_loss is not None]
    general = [(m.step, m.general_loss) for m in metrics if m.general_loss is not None]
    curves = (
        Curve("training", _thin(losses)),
        Curve("validation", _thin(looks)),
        Curve("general", _thin(general)),
    )
    state = folder.state()
    return Training(
        phase=state.phase,
        message=state.message,
        curves=tuple(c for c in curves if c.points),
        rows=len(folder.examples("train")),
        validation_rows=len(folder.examples("validation")),
    )


def _thin(points: Iterable[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    every = [(step, loss) for step, loss in points if math.isfinite(loss)]
    stride = -(-len(every) // MOST_POINTS) or 1
    kept = every[::stride]
    return tuple(kept if not every or kept[-1] == every[-1] else [*kept, every[-1]])


def _commands(reached: Reached, folder: RunFolder) -> Iterator[str]:
    slug, run = reached.session.slug, reached.run.id
    name = shlex.quote(folder.name)
    arms = (
        ""
        if reached.verdict.arms == BASE_AND_TUNED
        else f" --arms {','.join(reached.verdict.arms)}"
    )
    yield f"strop verdict {slug} {run}{arms}"
    yield f"strop report {slug} {run}{arms} -o report.json"
    yield f"mkdir again && cp -r {name}/job.json {name}/data again/ && rm -f again/data/known.jsonl"
    yield "python -m engine.worker again"
