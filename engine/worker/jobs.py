"""The kinds of job, phase by phase; each phase goes on where an earlier life left it."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from engine.errors import ModelError, RunError
from engine.records import Suite
from engine.runs.folder import Job, Preflight, PreflightLine, RunFolder, write_atomically
from engine.runs.reckoning import measure
from engine.worker import processes
from engine.worker.answering import answer_arm
from engine.worker.by_vllm import check_engine
from engine.worker.control import Control, Interrupted
from engine.worker.data import TrainingData
from engine.worker.model import (
    Loaded,
    add_adapter,
    check_adapter_applies,
    load,
    probe_logits,
    set_adapter_weights,
)
from engine.worker.preflight import check_run
from engine.worker.quantized import check_possible
from engine.worker.reporting import Reporter
from engine.worker.scoring import score_examples
from engine.worker.shortage import memory_used
from engine.worker.training import train
from engine.worker.wardrobe import UNTRAINED, Wardrobe


def run_job(
    folder: RunFolder, reporter: Reporter, control: Control, *, preflight_only: bool
) -> None:
    """Do a run's job to the end; raises Interrupted when it is left before, SteppedAside when
    it is to go on once another run is through.
    """
    job = folder.job()
    reporter.enter("loading", job.model)
    if job.kind == "train":
        _check_machine(job, folder)
    loaded = load(job.model, job.recipe)
    several = f", {processes.count()} processes" if processes.count() > 1 else ""
    reporter.on_device(f"{loaded.in_words()}{several}")
    processes.look_together(control)
    if job.kind == "score":
        if processes.count() > 1:
            raise RunError("Examples are scored by one process.", "Start it without a launcher.")
        score_examples(loaded, job, reporter, control)
    elif job.kind == "answer":
        _answer_job(job, loaded, reporter, control)
    else:
        _train_job(job, loaded, reporter, control, preflight_only=preflight_only)


def _check_machine(job: Job, folder: RunFolder) -> None:
    """A preflight that blocks before anything is loaded that cannot be."""
    for name, check in (("quantization", check_possible), ("engine", check_engine)):
        try:
            check(job.recipe)
        except ModelError as error:
            line = PreflightLine(name, "BLOCK", error.message, error.hint)
            if processes.is_first():
                found = msgspec.json.encode(Preflight(lines=(line,)))
                write_atomically(folder.preflight_file, found)
            raise Interrupted("blocked", f"{name}: {error}") from error


def _train_job(
    job: Job, loaded: Loaded, reporter: Reporter, control: Control, *, preflight_only: bool
) -> None:
    folder = reporter.folder
    suites = _suites(job, folder)
    data = TrainingData(job, loaded, reporter)
    base = probe_logits(loaded.model, loaded)
    model = add_adapter(loaded, job.recipe)
    _preflight(model, loaded, job, data, reporter)
    if preflight_only:
        raise Interrupted("ready", "Preflight is done; start it when you have read it.")
    processes.look_together(control)
    reporter.enter("baseline", total=_count(suites))
    answer_arm("base", model, loaded, job, suites, reporter, control)
    finished = folder.adapter / "finished"
    if not processes.first(finished.exists):
        train(model, loaded, job, data, reporter, control)
        processes.first(finished.touch)
    set_adapter_weights(model, folder.adapter)
    reporter.enter("answering", "with the best adapter", total=_count(suites))
    reporter.note(f"Checked: {check_adapter_applies(model, loaded, base)}.")
    for arm in job.arms:
        answer_arm(arm, model, loaded, job, suites, reporter, control, folder.adapter)
    if processes.is_first():
        outcome = msgspec.json.encode(measure(folder, memory_used(), time.time()))
        write_atomically(folder.outcome_file, outcome)
    reporter.enter("done", "Trained, and answered with every arm.")


def _preflight(
    model: object, loaded: Loaded, job: Job, data: TrainingData, reporter: Reporter
) -> None:
    """Once per run, and again when it was blocked: what blocked it may be out of the way."""
    folder = reporter.folder
    found = processes.first(folder.preflight)
    if found is None or found.blocked:
        reporter.enter("preflight")
        found = _all_in_one(
            processes.gather(lambda: check_run(model, loaded, job, data, reporter.folder))
        )
        if processes.is_first():
            write_atomically(folder.preflight_file, msgspec.json.encode(found))
    blocking = [line for line in found.lines if line.level == "BLOCK"]
    if blocking:
        raise Interrupted("blocked", f"{blocking[0].check}: {blocking[0].text} {blocking[0].hint}")


def _all_in_one(found: Sequence[Preflight]) -> Preflight:
    """What the first process found; the slowest and the fullest of them all set the pace."""
    return msgspec.structs.replace(
        found[0],
        step_s=max(one.step_s for one in found),
        memory=max(one.memory for one in found),
        micro_batch=min(one.micro_batch for one in found),
    )


def _answer_job(job: Job, loaded: Loaded, reporter: Reporter, control: Control) -> None:
    folder = reporter.folder
    suites = _suites(job, folder)
    reporter.enter("answering", ", ".join(job.arms), total=_count(suites))
    base = probe_logits(loaded.model, loaded)
    own = {"tuned": job.adapter} if job.adapter else {}
    wardrobe = Wardrobe(loaded, base, own | job.adapters)
    for arm in job.arms:
        if arm in UNTRAINED:
            answer_arm(arm, wardrobe.model, loaded, job, suites, reporter, control)
        else:
            reporter.note(f"Checked for {arm}: {wardrobe.wear(arm, folder.path)}.")
            worn = wardrobe.folder(arm, folder.path)
            answer_arm(arm, wardrobe.model, loaded, job, suites, reporter, control, worn)
    reporter.enter("done", "Answered with every arm.")


def _suites(job: Job, folder: RunFolder) -> list[Suite]:
    return [folder.suite(name) for name in job.suites]


def _count(suites: list[Suite]) -> int:
    return sum(len(s.cases) for s in suites)
