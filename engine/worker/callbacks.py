"""What happens at each step: metrics, progress, looks, checkpoints, and leaving when asked."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from engine.recipe import Recipe
from engine.runs.folder import Command, Event, Metric
from engine.worker import checkpoints, processes, retreat
from engine.worker.control import Control
from engine.worker.looks import Looks
from engine.worker.reporting import Reporter
from engine.worker.resuming import Start
from engine.worker.retreat import Break, Losses
from engine.worker.shortage import gpu_load, memory_used, room_is_short

PACE_STEPS = 50
URGENCY: tuple[Command | None, ...] = (None, "checkpoint", "stop", "pause")


class Steps(TrainerCallback):
    """The Trainer's callbacks of one run."""

    def __init__(
        self,
        recipe: Recipe,
        looks: Looks,
        reporter: Reporter,
        control: Control,
        *,
        tokens: list[int],
        start: Start,
        checkpoint_bytes: int,
    ) -> None:
        self.broken: Break | None = None
        """Where and why training had to halt; None when it did not."""
        self.leaving: tuple[str, str] | None = None
        """The phase and sentence to leave with, when asked to."""
        self.done = start.done
        self._start = start
        self._losses = Losses(start.before())
        self._needed = checkpoint_bytes
        self._recipe = recipe
        self._looks = looks
        self._reporter = reporter
        self._asked = control
        self._tokens = tokens
        self._total = len(tokens)
        self._began: float = 0.0
        self._paces: list[float] = []
        self._looks_s: list[float] = []
        self._look_is_due = False

    def on_train_begin(
        self,
        args: Any,
        state: Any,
        control: Any,
        model: Any = None,
        optimizer: Any = None,
        lr_scheduler: Any = None,
        **_: Any,
    ) -> None:
        """Check what a resume has loaded before it goes on, and at which rate it does."""
        if self._start.checkpoint:
            counted = int(state.global_step)
            loaded = checkpoints.check_loaded(self._start.checkpoint, model, optimizer, counted)
            text = f"Resumed at step {counted}: weights, optimizer and place in the data verified"
            self._reporter.note(f"{text} ({loaded}).")
        if self._start.went_back:
            retreat.set_rate(lr_scheduler, retreat.RATE_SHARE * self._recipe.learning_rate)

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start the clock of a step."""
        self._began = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Look, checkpoint and leave as the recipe and the operator want it."""
        self.done = step = int(state.global_step)
        self._paces = [*self._paces[-PACE_STEPS + 1 :], time.monotonic() - self._began]
        pace = sum(self._paces) / len(self._paces)
        self._reporter.advance(
            step,
            self._total,
            epoch=self._recipe.epochs * step / self._total,
            eta_s=pace * (self._total - step) + self._looks_to_come(step),
            basis=f"{pace:.1f} s a step, last {len(self._paces)}",
        )
        asked = processes.gather(lambda: (self._asked.wanted(), self._asked.why_paused()))
        wanted, why = max(asked, key=lambda one: URGENCY.index(one[0]))
        full = processes.first(lambda: room_is_short(Path(args.output_dir), self._needed))
        # The metrics of this step must stand before the checkpoint that counts it.
        control.should_log = True
        # Looks depend on the step alone, so that a paused run looks as often as any other.
        self._look_is_due = step >= self._total or step % self._recipe.evaluate_every == 0
        wants_save = self._look_is_due or wanted is not None or bool(full)
        control.should_save = wants_save and processes.is_first()
        if full:
            self.leaving = ("paused", full)
        elif wanted == "pause":
            self.leaving = ("paused", why)
        elif wanted == "stop":
            self.leaving = ("stopped", f"Stopped by the operator at step {step}.")
        if self.leaving:
            control.should_training_stop = True

    def _looks_to_come(self, step: int) -> float:
        """Seconds of the looks that are still due, going by those of this life."""
        if not self._looks_s:
            return 0.0
        every = self._recipe.evaluate_every
        due = (self._total - 1) // every - step // every + (step < self._total)
        return max(due, 0) * sum(self._looks_s) / len(self._looks_s)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """One metric a step; a loss that is no number, or jumps away, halts the run."""
        if not logs or "loss" not in logs:
            return
        step, loss, norm = int(state.global_step), float(logs["loss"]), logs.get("grad_norm")
        norm = None if norm is None else float(norm)
        self.broken = self._losses.found_break(step, loss, norm)
        if self.broken:
            control.should_training_stop = True
            control.should_save = False
            return
        self._compare_first(step, loss)
        self._reporter.metric(
            Metric(
                step=step,
                time=time.time(),
                loss=loss,
                rate=float(logs["learning_rate"]),
                grad_norm=norm,
                tokens_s=self._tokens_a_second(step),
                memory=memory_used(),
                gpu_load=gpu_load(),
                epoch=self._recipe.epochs * step / self._total,
                divergence=logs.get("divergence"),
            )
        )
        if self._look_is_due:
            self._look(step, control)

    def _compare_first(self, step: int, loss: float) -> None:
        """Say how the first loss after a resume stands to those before it."""
        if self._start.checkpoint and step == self._start.done + 1:
            alike, text = self._start.compared(step, loss)
            (self._reporter.note if alike else self._reporter.warn)(text)

    def _look(self, step: int, control: Any) -> None:
        began = time.monotonic()
        self._looks.look(step)
        self._looks_s.append(time.monotonic() - began)
        if self._looks.are_hopeless and step < self._total:
            why = self._looks.standing.why_stopped()
            self._reporter.note(f"Stopped early at step {step}: {why}.")
            control.should_training_stop = True

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Seal the checkpoint: from here on it is whole."""
        folder = Path(args.output_dir)
        checkpoints.seal(
            folder / f"checkpoint-{state.global_step}", self._reporter.folder.metrics_file
        )
        checkpoints.prune(folder)
        text = f"Checkpoint {state.global_step}, verified."
        self._reporter.event(Event(time.time(), "checkpoint", text, int(state.global_step)))

    def _tokens_a_second(self, step: int) -> float:
        timed = len(self._paces)
        return sum(self._tokens[step - timed : step]) / max(sum(self._paces), 1e-9)
