"""Our side of benchmarks.training: the worker's own trainer over given rows, timed."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from engine.recipe import Recipe
from engine.runs.folder import Job
from engine.worker.data import Rows
from engine.worker.model import add_adapter, load
from engine.worker.rows import Row
from engine.worker.training import CompletionTrainer, arguments_of
from engine.worker.tree import grow


class Clock(TrainerCallback):  # type: ignore[misc]
    """Notes when each step ended, and its loss."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {"marks": [], "processor": [], "losses": []}

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.found["marks"].append(time.perf_counter())
        self.found["processor"].append(time.process_time())

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        if "loss" in logs:
            self.found["losses"].append(logs["loss"])


def main(question: str, answer: str) -> None:
    """Train over the rows of `question`, write the times to `answer`."""
    given = json.loads(Path(question).read_text())
    batch, rows = given["batch"], [Row(tuple(i), tuple(t)) for i, t in given["rows"]]
    recipe = Recipe(
        seed=given["seed"],
        learning_rate=given["rate"],
        batch_size=batch,
        schedule="constant",
        warmup_share=0.0,
        precision="fp32",
    )
    loaded = load(given["model"], recipe)
    model = add_adapter(loaded, recipe)
    steps = [list(range(s, s + batch)) for s in range(0, len(rows), batch)]
    clock = Clock()
    job = Job(run=1, kind="train", session="benchmark", model=given["model"], recipe=recipe)
    with tempfile.TemporaryDirectory() as output:
        trainer = CompletionTrainer(
            model=model,
            args=arguments_of(job, Path(output), len(steps), loaded),
            train_dataset=Rows(rows, steps),
            callbacks=[clock],
            pad=loaded.pad,
            micro_batch=recipe.micro_batch,
        )
        trainer.train()
    counted = [grow([rows[i] for i in step]).tokens for step in steps[1:]]
    head = loaded.model.get_output_embeddings().weight.numel()
    clock.found |= {
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "tokens": sum(counted) / len(counted),
        "weights": sum(p.numel() for p in loaded.model.parameters()) - head,
    }
    Path(answer).write_text(json.dumps(clock.found))


if __name__ == "__main__":
    main(*sys.argv[1:])
