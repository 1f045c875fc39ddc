"""Where training goes on: from which checkpoint, what had been measured, and whether it holds."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.errors import RunError
from engine.runs.folder import Job, RunFolder
from engine.runs.versions import versions
from engine.worker import best, checkpoints, retreat
from engine.worker.reporting import Reporter

LIKE = 0.01
"""How far, as a share, a step done again may be from what it gave before without a warning."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where an attempt at training begins."""

    checkpoint: Path | None
    """None: before the first step."""
    losses: dict[int, float]
    """Of each step that the run has ever measured, those past the checkpoint, too."""
    went_back: bool
    """Whether it goes on at half the learning rate, after something broke."""

    @property
    def done(self) -> int:
        """Steps that are done."""
        return checkpoints.step_of(self.checkpoint) if self.checkpoint else 0

    def in_words(self) -> str:
        """What people should know of how it goes on; empty when it goes on as it was meant to."""
        return "At half the learning rate since the loss broke." if self.went_back else ""

    def before(self) -> list[float]:
        """The losses of the steps that are done."""
        return [loss for step, loss in sorted(self.losses.items()) if step <= self.done]

    def compared(self, step: int, loss: float) -> tuple[bool, str]:
        """Whether the first loss after a resume is like those before it, and that in a sentence."""
        known, before = self.losses.get(step), self.before()
        if known is not None:
            alike = abs(loss - known) <= LIKE * max(abs(known), 1e-6)
            text = "as before" if loss == known else f"before it gave {known:.4f}"
            return alike, f"First loss, step {step}: {loss:.4f}, {text}."
        if not before:
            return True, f"First loss, step {step}: {loss:.4f}."
        alike = loss <= retreat.FACTOR * max(before[-retreat.BEFORE :]) + retreat.RISE
        return alike, f"First loss, step {step}: {loss:.4f}, the last one was {before[-1]:.4f}."


def find_start(reporter: Reporter) -> Start:
    """The newest whole checkpoint; whatever the run did after it is forgotten.

    Raises RunError when rows of the run are not what it began with.
    """
    folder = reporter.folder
    checkpoint = checkpoints.newest_whole(folder.checkpoints)
    losses = _measured(folder)
    curve = checkpoints.curve_of(checkpoint) if checkpoint else []
    losses |= {m.step: m.loss for m in curve or () if m.loss is not None}
    start = Start(checkpoint, losses, retreat.went_back(folder.events()))
    if checkpoint:
        job = folder.job()
        _check_rows(job, folder)
        _compare_versions(job, reporter)
    checkpoints.discard_after(folder.checkpoints, start.done)
    reporter.forget_after(start.done if checkpoint else -1, curve)
    best.recover(folder.adapter)
    return start


def _measured(folder: RunFolder) -> dict[int, float]:
    """Losses by step, as far as the file can be read: a checkpoint has what counts of it."""
    with suppress(msgspec.DecodeError):
        return {m.step: m.loss for m in folder.metrics() if m.loss is not None}
    return {}


def _check_rows(job: Job, folder: RunFolder) -> None:
    """The place in the data is a number of steps: it means nothing in other data."""
    for part in ("train", "guard"):
        file = folder.data / f"{part}.jsonl"
        frozen = job.hashes.get(part)
        if frozen and hashlib.sha256(file.read_bytes()).hexdigest() != frozen:
            raise RunError(
                f"{file} is not what this run began with: its place in the data is lost.",
                "Put the file back, or start a new run.",
            )


def _compare_versions(job: Job, reporter: Reporter) -> None:
    """An upgrade between two lives is allowed, and said: what is loaded is checked all the same."""
    now = versions()
    other = [f"{n} {old} -> {now[n]}" for n, old in job.versions.items() if now.get(n, old) != old]
    if other:
        text = f"Goes on with other versions than it began with: {', '.join(other)}."
        reporter.warn(f"{text} The adapter may differ in its last digits.")
