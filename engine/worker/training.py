"""The training phase: transformers' Trainer loops; batches, loss, callbacks are ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import SequentialSampler
from transformers import Trainer, TrainingArguments

from engine.errors import RunError
from engine.recipe import Recipe
from engine.runs.folder import Job, RunFolder
from engine.worker import checkpoints, processes, retreat
from engine.worker.callbacks import Steps
from engine.worker.control import Control, Interrupted
from engine.worker.data import Rows, TrainingData
from engine.worker.holding import Likely, ask_base_once
from engine.worker.looks import Looks
from engine.worker.model import Loaded, set_adapter_weights
from engine.worker.packed import packs
from engine.worker.recompute import recompute
from engine.worker.reporting import Reporter
from engine.worker.resuming import find_start
from engine.worker.retreat import Break
from engine.worker.rows import Row
from engine.worker.schedule import held_a_step
from engine.worker.shortage import one_kind_of_out_of_memory
from engine.worker.step import accumulate, answering, holding


@dataclass(frozen=True, slots=True)
class Held:
    """The general rows that hold the model to its base, what that says, and when each is used."""

    rows: Sequence[Row]
    base: Sequence[Likely]
    schedule: Sequence[Sequence[int]]
    weight: float
    a_step: float
    """Rows of a step on average."""

    def at(self, step: int) -> tuple[list[Row], list[Likely]]:
        """Rows of a step, and what the base holds likely in them."""
        chosen = self.schedule[step]
        return [self.rows[n] for n in chosen], [self.base[n] for n in chosen]

    def weight_at(self, step: int) -> float:
        """Of the mean over a step's rows: a step with more stands for those with fewer or none."""
        return self.weight * len(self.schedule[step]) / self.a_step


class CompletionTrainer(Trainer):
    """Trainer whose batches are the rows of whole optimizer steps, in the order of the schedule."""

    def __init__(
        self, *, pad: int, micro_batch: int, held: Held | None = None, **arguments: Any
    ) -> None:
        super().__init__(**arguments, data_collator=lambda rows: {"rows": rows})
        self._pad = pad
        self._micro_batch = micro_batch
        self._held = held
        self._divergence: float | None = None

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return SequentialSampler(train_dataset if train_dataset is not None else self.train_dataset)

    def training_step(
        self, model: Any, inputs: dict[str, list[Row]], num_items_in_batch: Any = None
    ) -> torch.Tensor:
        """Loss and gradients of a whole optimizer step: what is shared in it is run once."""
        model.train()
        step = self.state.global_step
        self._check_place(step, inputs["rows"])
        if processes.count() > 1:
            # Each drops other things, and a resume the same again.
            place = step * processes.count() + processes.number()
            torch.manual_seed(self.args.seed * 1_000_003 + place)
        found = processes.gather(lambda: self._gradients(model, inputs["rows"], step))
        processes.add_gradients(p for _, p in _trainable(model))
        losses, apart = zip(*found, strict=True)
        holds = self._held is not None and bool(self._held.schedule[step])
        self._divergence = float(sum(apart)) if holds else None
        return torch.as_tensor(sum(losses), device=self.args.device).float()

    def _check_place(self, step: int, rows: Sequence[Row]) -> None:
        """Assert that a step trains on its own rows, also after a resume; raises RunError."""
        first = step * self.args.per_device_train_batch_size
        if any(self.train_dataset[first + n] is not row for n, row in enumerate(rows)):
            raise RunError(
                f"Step {step + 1} would be done on the rows of another.",
                "Remove checkpoints/ and resume: it starts from the first step.",
            )

    @one_kind_of_out_of_memory()
    def _gradients(self, model: Any, rows: Sequence[Row], step: int) -> tuple[Any, float]:
        """Gradients of this process's share of a step, and its part of the mean losses."""
        parts = [answering(model, processes.share(rows), _trained_tokens(rows))]
        if self._held and self._held.schedule[step]:
            held, base = self._held.at(step)
            mine, likely = processes.share(held), processes.share(base)
            weight = self._held.weight_at(step)
            parts.append(holding(model, mine, likely, weight, _trained_tokens(held)))
        loss, *apart = accumulate(model, parts, self._pad, self._micro_batch)
        return (loss if processes.count() == 1 else float(loss)), float(sum(apart))

    def log(self, logs: dict[str, float], *more: Any, **named: Any) -> None:
        """The Trainer's figures, and how far this step was from the base."""
        if self._divergence is not None:
            logs["divergence"] = self._divergence
        super().log(logs, *more, **named)

    def floating_point_ops(self, inputs: Any) -> int:
        """Not counted: the rows of a step share tokens."""
        return 0


def train(
    model: Any, loaded: Loaded, job: Job, data: TrainingData, reporter: Reporter, control: Control
) -> None:
    """Train to the end, or resume there from the newest whole checkpoint.

    Leaves the best adapter in adapter/, or the last where there is nothing to validate on. Raises
    Interrupted when asked to leave, RunError when the loss breaks at half the learning rate, too.
    """
    preflight = processes.first(reporter.folder.preflight)
    size = (preflight.micro_batch if preflight else 0) or job.recipe.micro_batch
    fresh = {n: p.detach().cpu().clone() for n, p in _trainable(model)}
    _show_guards(job.recipe, data, reporter)
    _show_way(model, reporter)
    said = ""
    while True:
        try:
            return _train_from_newest(model, loaded, job, data, reporter, control, size, said)
        except Break as broke:
            said = retreat.go_back(broke, job.recipe, reporter)
        except torch.OutOfMemoryError:
            if size > 1:
                size = smaller_micro_batch(job.recipe.batch_size, size)
                how = f"{size} at a time from here on"
            elif recompute(model):
                how = "layers are run again on the way back from here on, for half the time more"
            else:
                raise
            said = f"Out of memory: {how}; the steps stay the same."
            reporter.warn(said)
        # Outside the handlers, whose tracebacks would hold on to the memory of what did not fit.
        _start_over(model, fresh)


def smaller_micro_batch(batch_size: int, size: int) -> int:
    """The largest divisor of a batch that is at most half of a micro-batch."""
    return next(n for n in range(max(size // 2, 1), 0, -1) if batch_size % n == 0)


def _trained_tokens(rows: Sequence[Row]) -> int:
    return sum(row.targets for row in rows)


def _trainable(model: Any) -> list[tuple[str, Any]]:
    return [(name, p) for name, p in model.named_parameters() if p.requires_grad]


def _start_over(model: Any, fresh: dict[str, torch.Tensor]) -> None:
    """The adapter as it was before the first step; a checkpoint is loaded over it if there is."""
    for name, parameter in _trainable(model):
        parameter.data.copy_(fresh[name])
        parameter.grad = None
    torch.cuda.empty_cache()


def _train_from_newest(
    model: Any,
    loaded: Loaded,
    job: Job,
    data: TrainingData,
    reporter: Reporter,
    control: Control,
    micro_batch: int,
    said: str,
) -> None:
    """One attempt: from the newest whole checkpoint, or from the start, to where it ends.

    said: what the last attempt ended with; people read it beside the phase.
    """
    folder, total = reporter.folder, len(data.schedule)
    start = processes.first(lambda: find_start(reporter))
    reporter.enter("training", said or start.in_words(), step=start.done, total=total)
    looks = Looks(model, loaded, job, data, reporter)
    steps = Steps(
        job.recipe,
        looks,
        reporter,
        control,
        tokens=data.step_tokens(),
        start=start,
        checkpoint_bytes=checkpoints.bytes_of(model),
    )
    trainer = CompletionTrainer(
        model=model,
        args=arguments_of(job, folder.checkpoints, total, loaded),
        train_dataset=Rows(data.train, data.schedule),
        callbacks=[steps],
        pad=loaded.pad,
        micro_batch=micro_batch,
        held=_held(model, loaded, job, data, folder),
    )
    trainer.remove_callback(_printer())
    if not start.checkpoint:
        looks.look(0)
    if start.done < total and not looks.are_hopeless:
        trainer.train(resume_from_checkpoint=str(start.checkpoint) if start.checkpoint else None)
    elif start.checkpoint:
        set_adapter_weights(model, start.checkpoint)
    model.eval()
    _settle(steps, looks)


def _settle(steps: Steps, looks: Looks) -> None:
    """What comes after the last step: leave as asked, or make sure there is a best adapter."""
    if steps.broken:
        raise steps.broken
    # A paused run goes on: what it is now is in its checkpoint.
    if not looks.found_best and not (steps.leaving and steps.leaving[0] == "paused"):
        looks.keep_best(steps.done)
    if steps.leaving:
        raise Interrupted(*steps.leaving)


def _show_guards(recipe: Recipe, data: TrainingData, reporter: Reporter) -> None:
    """What is done against forgetting, once in a run's life."""
    if data.mixed:
        share = data.mixed / len(data.train)
        reporter.note(f"{data.mixed} general rows are mixed in, {share:.0%} of the rows.")
    if data.held:
        reporter.note(
            f"Held to the base on {held_a_step(recipe):g} of {len(data.held)} general rows a step,"
            f" weight {recipe.kl_weight:g}."
        )


def _held(
    model: Any, loaded: Loaded, job: Job, data: TrainingData, folder: RunFolder
) -> Held | None:
    if not data.held:
        return None
    model.eval()
    file = folder.path / "base-likely.safetensors"

    def ask() -> list[Likely]:
        return ask_base_once(model, data.held, loaded.pad, file)

    # The first asks and writes; the others read what it wrote.
    processes.gather(lambda: ask() if processes.is_first() else None)
    base = ask()
    recipe = job.recipe
    return Held(data.held, base, data.held_schedule, recipe.kl_weight, held_a_step(recipe))


def _show_way(model: Any, reporter: Reporter) -> None:
    if not packs(model):
        reporter.note(
            "This model's layers cannot share the beginning of rows: each row is run in full. "
            "The result is the same, steps take longer."
        )


def _printer() -> Any:
    from transformers import PrinterCallback

    return PrinterCallback


def arguments_of(job: Job, output: Path, steps: int, loaded: Loaded) -> TrainingArguments:
    """A recipe's settings as the Trainer names them; `output` is where checkpoints go."""
    recipe = job.recipe
    # The plain "constant" of transformers would leave the warm-up out.
    constant = recipe.schedule == "constant"
    return TrainingArguments(
        output_dir=str(output),
        per_device_train_batch_size=recipe.batch_size,
        max_steps=steps,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="constant_with_warmup" if constant else recipe.schedule,
        warmup_steps=round(recipe.warmup_share * steps),
        weight_decay=recipe.weight_decay,
        max_grad_norm=recipe.max_grad_norm,
        seed=recipe.seed,
        use_cpu=loaded.device.type == "cpu",
        logging_steps=1,
        logging_nan_inf_filter=False,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )
