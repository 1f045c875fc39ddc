"""A look at training: validation and general loss, pinned answers, the best adapter kept."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

from engine.records import Message
from engine.runs.folder import Event, Job, Metric
from engine.runs.standing import Standing, stand
from engine.worker import best, kept_looks, processes
from engine.worker.data import TrainingData
from engine.worker.generating import generate
from engine.worker.loss import mean_loss, score_rows
from engine.worker.model import Loaded
from engine.worker.reporting import Reporter
from engine.worker.rows import Row, prompt_ids, with_system

SAMPLE_TOKENS = 48


class Looks:
    """Measures a model while it trains, and keeps the best adapter so far."""

    def __init__(
        self, model: Any, loaded: Loaded, job: Job, data: TrainingData, reporter: Reporter
    ) -> None:
        self._model = model
        self._loaded = loaded
        self._job = job
        self._data = data
        self._reporter = reporter
        # After a resume: what the run had seen up to its checkpoint.
        self._measured: list[Metric] = list(processes.first(reporter.folder.metrics))

    @property
    def found_best(self) -> bool:
        """Whether a look has kept an adapter already."""
        return bool(self.standing.looks) and processes.first(self._reporter.folder.adapter.exists)

    @property
    def standing(self) -> Standing:
        """The looks so far, and which of them is the best."""
        return stand(self._measured, self._job.recipe.general_limit)

    @property
    def are_hopeless(self) -> bool:
        """Whether so many looks brought no gain that the recipe wants to stop early."""
        patience = self._job.recipe.patience
        return patience > 0 and len(self.standing.since) >= patience

    def look(self, step: int) -> float:
        """Measure, report, keep the adapter when it is the best so far; answers validation loss.

        Step 0 is the base model: its losses are the reference lines of the chart.
        """
        self._model.eval()
        processes.check_alike(p for p in self._model.parameters() if p.requires_grad)
        validation = self._loss_of(self._data.validation)
        general = self._loss_of(self._data.general)
        metric = Metric(
            step, time.time(), validation_loss=_finite(validation), general_loss=_finite(general)
        )
        self._reporter.metric(metric)
        self._measured.append(metric)
        processes.first(lambda: self._sample(step))
        if step:
            processes.first(lambda: self._keep(step, validation))
        standing = self.standing
        if standing.best and standing.best.step == step:
            self.keep_best(step, validation, standing.told(standing.best))
        return validation

    def _loss_of(self, rows: Sequence[Row]) -> float:
        """Mean loss, nats, each process measuring its share of the rows."""
        mine = processes.share(rows)
        found = processes.gather(lambda: score_rows(self._model, mine, self._loaded.pad))
        return mean_loss([scores for part in found for scores in part])

    def keep_best(self, step: int, validation: float = math.inf, text: str = "") -> None:
        """Put the present adapter into adapter/, and say why: no look was there to choose by."""
        kept = best.Best(step, _finite(validation))
        adapter = self._reporter.folder.adapter
        is_pissa = self._job.recipe.method == "pissa"
        processes.first(lambda: best.keep(self._model, adapter, kept, balance=is_pissa))
        text = text or f"Adapter of step {step} kept: no look has measured another."
        self._reporter.event(Event(time.time(), "best", text, step))

    def _keep(self, step: int, validation: float) -> None:
        """Put the adapter beside those of the other looks; only the best few of them stay."""
        is_pissa = self._job.recipe.method == "pissa"
        kept = best.Best(step, _finite(validation))
        kept_looks.keep(self._model, self._reporter.folder, kept, self.standing, is_pissa)

    def _sample(self, step: int) -> None:
        """Answers to the pinned prompts, as they are at this step."""
        if not self._job.pinned:
            return
        prompts = [
            prompt_ids(
                self._loaded.tokenizer,
                with_system([Message("user", p)], self._job.system_prompt),
            )
            for p in self._job.pinned
        ]
        answers = generate(self._model, self._loaded, prompts, SAMPLE_TOKENS)
        for prompt, (text, _, _) in zip(self._job.pinned, answers, strict=True):
            fields: dict[str, str | int | float | bool | None] = {"prompt": prompt, "answer": text}
            event = Event(time.time(), "sample", f"Answer at step {step}", step, fields)
            self._reporter.event(event)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
