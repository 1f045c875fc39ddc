"""The training phase: transformers' Trainer loops; batches, loss, callbacks are ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset, SequentialSampler
from transformers import Trainer, TrainingArguments

from engine.errors import RunError
from engine.records import Example
from engine.runs.folder import Job
from engine.worker import checkpoints
from engine.worker.callbacks import Steps
from engine.worker.control import Control, Interrupted
from engine.worker.looks import Looks
from engine.worker.loss import collate, token_losses
from engine.worker.model import Loaded
from engine.worker.reporting import Reporter
from engine.worker.rows import Row, training_row
from engine.worker.schedule import make_schedule

GENERAL_ROWS = 16
"""General rows kept out of training, on which forgetting is watched."""


class Rows(Dataset[Row]):
    """The rows of all batches one after the other: the whole run is one pass over it."""

    def __init__(self, rows: Sequence[Row], schedule: Sequence[Sequence[int]]) -> None:
        self._rows = rows
        self._order = [index for batch in schedule for index in batch]

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, index: int) -> Row:
        return self._rows[self._order[index]]


class CompletionTrainer(Trainer):
    """Trainer with loss at trained tokens only and rows in the order of the schedule."""

    # The loss below is divided by the trained tokens of the whole step already.
    loss_is_scaled_for_ga = True

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        # Makes the Trainer count the trained tokens of all micro-batches of a step.
        self.model_accepts_loss_kwargs = True

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return SequentialSampler(train_dataset if train_dataset is not None else self.train_dataset)

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Mean over the trained tokens of the whole step, so that micro-batches add up."""
        losses = token_losses(model, inputs)
        count = num_items_in_batch if num_items_in_batch is not None else max(len(losses), 1)
        return losses.sum() / count


class TrainingData:
    """The rows of a run: trained ones, those for validation, and general ones that are watched."""

    def __init__(self, job: Job, loaded: Loaded, reporter: Reporter) -> None:
        folder, recipe = reporter.folder, job.recipe
        domain = folder.examples("train")
        guard = folder.examples("guard")
        mixed = min(round(recipe.guard_share * len(domain)), max(len(guard) - GENERAL_ROWS, 0))

        def render(examples: Sequence[Example], prompt: str) -> list[Row]:
            return [training_row(loaded.tokenizer, e, prompt, recipe.max_length) for e in examples]

        self.train = render(domain, job.system_prompt) + render(guard[:mixed], "")
        self.mixed = mixed
        self.validation = render(folder.examples("validation"), job.system_prompt)
        # From the end of the pool: never among those mixed in.
        self.general = render(guard[-GENERAL_ROWS:], "")
        self.schedule = make_schedule([len(r) for r in self.train], recipe)
        self.check()

    def step_tokens(self) -> list[int]:
        """Tokens of each optimizer step, padding not counted."""
        return [sum(len(self.train[i]) for i in batch) for batch in self.schedule]

    def check(self) -> None:
        """Raise RunError when there is nothing to train on."""
        if not self.train:
            raise RunError("There is no row to train on.", "Accept examples and split again.")


def train(
    model: Any, loaded: Loaded, job: Job, data: TrainingData, reporter: Reporter, control: Control
) -> None:
    """Train to the end, or resume there from the newest whole checkpoint.

    Leaves the best adapter in adapter/. Raises Interrupted when asked to leave, RunError when the
    loss is no longer a number.
    """
    folder = reporter.folder
    start = checkpoints.newest_whole(folder.checkpoints)
    done = checkpoints.step_of(start) if start else 0
    if start:
        reporter.note(f"Resumed from the checkpoint of step {done}; its checksums hold.")
    checkpoints.discard_after(folder.checkpoints, done)
    reporter.forget_metrics_after(done if start else -1)
    looks = Looks(model, loaded, job, data, reporter)
    steps = Steps(job.recipe, looks, reporter, control, tokens=data.step_tokens(), done=done)
    trainer = CompletionTrainer(
        model=model,
        args=_arguments(job, folder.checkpoints, len(data.schedule), loaded),
        train_dataset=Rows(data.train, data.schedule),
        data_collator=lambda rows: collate(rows, loaded.pad),
        callbacks=[steps],
    )
    trainer.remove_callback(_printer())
    if not start:
        looks.look(0)
    _show_share(data, reporter)
    if done < len(data.schedule) and not looks.are_hopeless:
        trainer.train(resume_from_checkpoint=str(start) if start else None)
    model.eval()
    _settle(steps, looks, folder.adapter)


def _settle(steps: Steps, looks: Looks, adapter: Path) -> None:
    """What comes after the last step: leave as asked, or make sure there is a best adapter."""
    if steps.broken:
        raise RunError(steps.broken, "Lower the learning rate; the best adapter is kept.")
    if not adapter.exists():
        looks.keep_best(steps.done)
    if steps.leaving:
        raise Interrupted(*steps.leaving)


def _show_share(data: TrainingData, reporter: Reporter) -> None:
    if data.mixed:
        share = data.mixed / len(data.train)
        reporter.note(f"{data.mixed} general rows are mixed in, {share:.0%} of the rows.")


def _printer() -> Any:
    from transformers import PrinterCallback

    return PrinterCallback


def _arguments(job: Job, output: Path, steps: int, loaded: Loaded) -> TrainingArguments:
    recipe = job.recipe
    return TrainingArguments(
        output_dir=str(output),
        per_device_train_batch_size=recipe.micro_batch,
        gradient_accumulation_steps=max(recipe.batch_size // recipe.micro_batch, 1),
        max_steps=steps,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type=recipe.schedule,
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
        label_names=["labels"],
    )
