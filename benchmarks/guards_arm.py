"""One arm of benchmarks.guards: a training with the worker's own trainer, and what came of it."""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from transformers import TrainerCallback

from engine import recipe as recipes
from engine.evaluation.assertions import judge
from engine.recipe import Recipe
from engine.records import Answer, Case, Message
from engine.runs.folder import Job, RunFolder, write_lines
from engine.steps import train
from engine.worker.data import Rows, TrainingData
from engine.worker.generating import generate
from engine.worker.holding import ask_base_once
from engine.worker.loss import mean_loss, score_rows
from engine.worker.model import Loaded, add_adapter, load
from engine.worker.reporting import Reporter
from engine.worker.rows import conversation_row, prompt_ids, text_row, with_system
from engine.worker.schedule import held_a_step
from engine.worker.step import Part, accumulate, answering, holding
from engine.worker.training import CompletionTrainer, Held, arguments_of
from engine.workspace import Workspace

SESSION = "awesomeshoes-returns-and-fit"
ANSWER_TOKENS = 64
ROUNDS = 6
"""Steps with and without guards that are timed in turn."""


class Clock(TrainerCallback):  # type: ignore[misc]
    """Processor seconds of steps, the first of which warms up."""

    def __init__(self) -> None:
        self.steps: list[float] = []
        self._began = 0.0

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        self._began = time.process_time()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.steps.append(time.process_time() - self._began)


class Exam:
    """What a model knows: held-out cases under the policy, and general texts and answers."""

    def __init__(self, model: Any, loaded: Loaded, job: Job, folder: RunFolder) -> None:
        self._model, self._loaded, self._prompt = model, loaded, job.system_prompt
        self._held_out = folder.suite("domain").cases
        texts = folder.suite("general-texts").cases
        self._kinds = {"texts": [*texts], "answers": [*folder.suite("general-choice").cases]}
        for kind in ("arithmetic", "code"):
            self._kinds[kind] = [case for case in texts if case.intent == kind]

    def general(self) -> dict[str, float]:
        """Loss by kind, nats a token."""
        return {kind: self._loss(cases, "") for kind, cases in self._kinds.items()}

    def held_out(self) -> float:
        """Loss of the reference answers of held-out cases, nats a token."""
        return self._loss(self._held_out, self._prompt)

    def right(self) -> int:
        """Held-out cases that are answered rightly."""
        prompts = [
            prompt_ids(self._loaded.tokenizer, with_system(case.messages, self._prompt))
            for case in self._held_out
        ]
        made = generate(self._model, self._loaded, prompts, ANSWER_TOKENS)
        return sum(
            judge(case, Answer("domain", case.id, "tuned", text=text)).passed
            for case, (text, _, _) in zip(self._held_out, made, strict=True)
        )

    def _loss(self, cases: Sequence[Case], prompt: str) -> float:
        rows = []
        for case in cases:
            if case.text:
                rows.append(text_row(self._loaded.tokenizer, case.text))
            else:
                messages = (*case.messages, Message("assistant", case.reference))
                rows.append(conversation_row(self._loaded.tokenizer, with_system(messages, prompt)))
        return mean_loss(score_rows(self._model, rows, self._loaded.pad))


def recipe_of(given: dict[str, Any], rows: int) -> Recipe:
    """The standard preset for so many rows with the settings of an arm."""
    recipe, _ = recipes.derive("standard", rows=rows)
    recipe = msgspec.structs.replace(recipe, epochs=given["epochs"], seed=given["seed"])
    for setting in given["settings"]:
        recipe = recipes.with_setting(recipe, setting)
    return recipe


def main(question: str, answer: str) -> None:
    """Train the arm of `question`, write what it came to to `answer`."""
    given = json.loads(Path(question).read_text())
    workspace = Workspace(Path(given["home"]))
    recipe = recipe_of(given, given["rows"])
    folder = train.prepare(workspace, SESSION, recipe)
    domain = folder.examples("train")
    random.Random(0).shuffle(domain)
    write_lines(folder.data / "train.jsonl", domain[: given["rows"]])
    job = folder.job()
    loaded = load(job.model, recipe)
    data = TrainingData(job, loaded, Reporter(folder))
    model = add_adapter(loaded, recipe).eval()
    exam = Exam(model, loaded, job, folder)
    before = exam.general()
    guard = held(model, loaded, data, recipe, folder)
    clock, batches = Clock(), given["rows"] * recipe.epochs / recipe.batch_size
    with tempfile.TemporaryDirectory() as output:
        trainer = CompletionTrainer(
            model=model,
            args=arguments_of(job, Path(output), len(data.schedule), loaded),
            train_dataset=Rows(data.train, data.schedule),
            callbacks=[clock],
            pad=loaded.pad,
            micro_batch=recipe.micro_batch,
            held=guard,
        )
        trainer.train()
    times = price(model, loaded, data, recipe, given, guard)
    model.zero_grad()
    model.eval()
    counted = sum(clock.steps[1:]) / len(clock.steps[1:]) * len(clock.steps)
    after = exam.general()
    found = {
        "settings": f"guard_share={recipe.guard_share:g} kl_share={recipe.kl_share:g}"
        f" kl_weight={recipe.kl_weight:g}",
        "steps": len(clock.steps),
        "batch_s": counted / batches,
        "times": times,
        "held_out": exam.held_out(),
        "rises": {kind: after[kind] - before[kind] for kind in after},
        "watched": mean_loss(score_rows(model, data.general, loaded.pad)),
        "right": exam.right(),
        "cases": len(folder.suite("domain").cases),
    }
    Path(answer).write_text(json.dumps(found))


def price(
    model: Any,
    loaded: Loaded,
    data: TrainingData,
    recipe: Recipe,
    given: dict[str, Any],
    base: Held | None,
) -> float:
    """How many times the processor time of training without a guard the guards of an arm take.

    Steps with and without them take turns, so that others on the same cores slow down both.
    """

    def step(*parts: Part) -> float:
        return _seconds(partial(accumulate, model, parts, loaded.pad, recipe.micro_batch))

    draw = random.Random(0)
    plain = guarded = 0.0
    for number, batch in enumerate(data.schedule[1 : 1 + ROUNDS], 1):
        rows = [data.train[n] for n in batch]
        # Where general rows are mixed in, a step without them is made of other domain rows.
        others = [data.train[n] for n in draw.sample(range(given["rows"]), len(batch))]
        plain += step(answering(model, others if recipe.guard_share else rows))
        parts = [answering(model, rows)]
        if base and base.schedule[number]:
            parts.append(holding(model, *base.at(number), base.weight_at(number)))
        guarded += step(*parts)
    batches: float = given["rows"] * recipe.epochs / recipe.batch_size
    return guarded * len(data.schedule) / (plain * batches)


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def held(
    model: Any, loaded: Loaded, data: TrainingData, recipe: Recipe, folder: RunFolder
) -> Held | None:
    """What holds the run to its base, when the recipe wants that."""
    if not data.held:
        return None
    file = folder.path / "base-likely.safetensors"
    base = ask_base_once(model, data.held, loaded.pad, file)
    return Held(data.held, base, data.held_schedule, recipe.kl_weight, held_a_step(recipe))


if __name__ == "__main__":
    main(*sys.argv[1:])
