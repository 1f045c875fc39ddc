"""The rows of a run, rendered and put in their order."""

from __future__ import annotations

import random
from collections.abc import Sequence

from torch.utils.data import Dataset

from engine.errors import RunError
from engine.recipe import Recipe
from engine.records import Example
from engine.runs.folder import Job
from engine.worker.apart import apart_from
from engine.worker.model import Loaded
from engine.worker.reporting import Reporter
from engine.worker.rows import Row, text_row, training_row
from engine.worker.schedule import held_steps, make_schedule

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


class TrainingData:
    """The rows of a run: trained ones, those for validation, and general ones that are watched."""

    def __init__(self, job: Job, loaded: Loaded, reporter: Reporter) -> None:
        folder, recipe = reporter.folder, job.recipe
        domain = folder.examples("train")
        guard = _shuffled(self._apart(job, reporter), recipe.seed)
        spare = max(len(guard) - GENERAL_ROWS, 0)
        # Rows that are trained on cannot hold: where both guards are on, each has half at least.
        room = spare // 2 if recipe.kl_share else spare
        mixed = min(round(recipe.guard_share * len(domain)), room)

        def render(examples: Sequence[Example], prompt: str) -> list[Row]:
            return [training_row(loaded.tokenizer, e, prompt, recipe.max_length) for e in examples]

        self.train = render(domain, job.system_prompt) + render(guard[:mixed], "")
        self.mixed = mixed
        self.validation = render(folder.examples("validation"), job.system_prompt)
        # From the end of the pool: never among those mixed in, nor those that hold the model. As
        # plain texts: in answers alone a gain in manner hides what is lost in knowledge.
        watched = [f"{e.prompt}\n{e.answer}" for e in guard[-GENERAL_ROWS:]]
        self.general = [text_row(loaded.tokenizer, text) for text in watched]
        self.schedule = make_schedule([len(r) for r in self.train], recipe)
        held = render(guard[mixed:spare], "") if recipe.kl_share else []
        self.held = [row for row in held if row.targets]
        """General rows on which the model is held to its base."""
        self.check(recipe)
        self.held_schedule = held_steps(len(self.held), len(self.schedule), recipe)

    def _apart(self, job: Job, reporter: Reporter) -> list[Example]:
        """The general rows that are in no suite; it is said when some were."""
        folder = reporter.folder
        pool = folder.examples("guard")
        rows = apart_from([folder.suite(name) for name in job.suites], pool)
        if len(rows) < len(pool):
            gone = f"{len(pool) - len(rows)} of {len(pool)} general rows"
            reporter.note(f"{gone} left out: a suite asks nearly the same.")
        return rows

    def step_tokens(self) -> list[int]:
        """Tokens of each optimizer step, padding not counted."""
        return [sum(len(self.train[i]) for i in batch) for batch in self.schedule]

    def check(self, recipe: Recipe) -> None:
        """Raise RunError when there is nothing to train on, or to be held to."""
        if not self.train:
            raise RunError("There is no row to train on.", "Accept examples and split again.")
        if not self.schedule:
            raise RunError("Not one row would be trained.", "Set epochs higher.")
        if recipe.kl_share and not self.held:
            raise RunError(
                "No general row is left to hold the model to its base.",
                f"The pool has {GENERAL_ROWS} rows or fewer. Set kl_share to 0.",
            )


def _shuffled(examples: list[Example], seed: int) -> list[Example]:
    """The pool in an order drawn from the seed: files are sorted by kind, a share must not be."""
    random.Random(seed).shuffle(examples)
    return examples
