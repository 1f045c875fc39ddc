"""Scores of examples: how hard the base model finds each, and what it would answer by itself."""

from __future__ import annotations

import gc
import heapq
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import torch

from engine.errors import RunError
from engine.records import Scored
from engine.runs.folder import Job
from engine.runs.scoring import ScoreRow, rows, scores
from engine.worker.control import Control
from engine.worker.generating import generate
from engine.worker.loss import score_rows
from engine.worker.model import Loaded
from engine.worker.reporting import Reporter
from engine.worker.rows import Row, prompt_ids, training_row, with_system
from engine.worker.shortage import one_kind_of_out_of_memory
from engine.worker.waiting import Courtesy

WINDOW = 2048
"""Examples that are rendered and sorted by length together: enough to save padding, few enough
that the first of the queue are scored first and memory does not grow with the store."""
TOKENS = {"cpu": 2_048, "cuda": 32_768}
"""Tokens of a forward pass, padding counted; what is begun is finished before a pause."""
ANSWERED_AT_ONCE = {"cpu": 16, "cuda": 64}
ANSWER_TOKENS = 96
"""At most so many tokens are generated: a card shows a few lines."""

S = TypeVar("S")
T = TypeVar("T")
Rendered = tuple[ScoreRow, Row]
Asked = tuple[ScoreRow, tuple[int, ...]]


def score_examples(loaded: Loaded, job: Job, reporter: Reporter, control: Control) -> None:
    """Score every example that has no loss yet, then answer the first in the queue.

    Raises Interrupted when asked to leave, SteppedAside when another run wants the device: what
    is written stays, and the next life goes on behind it with the very same batches.
    """
    scoring = _Scoring(loaded, job, reporter, control)
    scoring.losses()
    scoring.answers()
    reporter.enter("done", "Scored." if not job.answers else "Scored and answered.")


def free_memory() -> None:
    """Give back what a model took that nobody holds any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


class _Scoring:
    """One life of a score job."""

    def __init__(self, loaded: Loaded, job: Job, reporter: Reporter, control: Control) -> None:
        self._loaded, self._job = loaded, job
        self._reporter, self._control = reporter, control
        self._courtesy = Courtesy(reporter.folder)
        self._folder = reporter.folder
        self._done: dict[int, float | None] = {}
        """Losses by example, of this life and the ones before."""
        self._answered: set[int] = set()
        for line in scores(self._folder):
            if line.answer is None:
                self._done[line.example] = line.loss
            else:
                self._answered.add(line.example)

    def _look(self) -> None:
        """Leave between two batches or tokens, when somebody wants it."""
        self._control.look()
        self._courtesy.look()

    # Losses

    def losses(self) -> None:
        """A loss for each example that came without one."""
        total = sum(not row.is_measured for row in rows(self._folder))
        self._reporter.enter("scoring", step=len(self._done), total=total)
        pace = _Pace(len(self._done), total)
        unmeasured = (row for row in rows(self._folder) if not row.is_measured)
        for window in _pieces(unmeasured, WINDOW):
            if all(row.id in self._done for row in window):
                continue
            for batch in self._batches(window):
                if any(row.id not in self._done for row, _ in batch):
                    self._look()
                    self._keep(self._score(batch))
                    pace.tell(self._reporter, len(self._done), "an example")

    def _batches(self, window: Sequence[ScoreRow]) -> Iterator[list[Rendered]]:
        """Rows of like length, so many that they fit; those that train nothing come first."""
        rendered = [(row, self._render(row)) for row in window]
        blank = [pair for pair in rendered if not pair[1].targets]
        if blank:
            yield blank
        limit, batch = TOKENS[self._loaded.device.type], list[Rendered]()
        for pair in sorted(rendered, key=lambda pair: (len(pair[1]), pair[0].id)):
            if not pair[1].targets:
                continue
            if batch and len(pair[1]) * (len(batch) + 1) > limit:
                yield batch
                batch = []
            batch.append(pair)
        if batch:
            yield batch

    def _render(self, row: ScoreRow) -> Row:
        """As it would be trained; a row that the template refuses trains nothing."""
        job = self._job
        try:
            return training_row(
                self._loaded.tokenizer, row.example, job.system_prompt, job.recipe.max_length
            )
        except RunError as error:
            if row.id not in self._done:
                self._reporter.warn(f"Example #{row.id} has no loss. {error.message}")
            return Row((), ())

    def _score(self, batch: Sequence[Rendered]) -> list[Scored]:
        if not batch[0][1].targets:
            return [Scored(row.id, row.fingerprint) for row, _ in batch]
        rendered = [row for _, row in batch]
        loaded = self._loaded

        def scored(part: Sequence[Row]) -> list[tuple[float, int]]:
            found: list[tuple[float, int]] = score_rows(
                loaded.model, part, loaded.pad, batch_size=len(part)
            )
            return found

        found = _in_halves(scored, rendered)
        return [
            Scored(row.id, row.fingerprint, loss=nll / tokens, tokens=tokens)
            for (row, _), (nll, tokens) in zip(batch, found, strict=True)
        ]

    def _keep(self, found: Iterable[Scored]) -> None:
        fresh = [s for s in found if s.example not in self._done]
        self._reporter.scores(fresh)
        self._done.update((s.example, s.loss) for s in fresh)

    # Answers

    def answers(self) -> None:
        """What the base model says to the examples that are asked for and to the first in line."""
        wanted = first_in_line(rows(self._folder), self._done, self._job.answers)
        chosen = [row for row in rows(self._folder) if row.id in wanted and not row.is_answered]
        if not chosen:
            return
        before = sum(row.id in self._answered for row in chosen)
        self._reporter.enter("answering", "with the base model", step=before, total=len(chosen))
        pace = _Pace(before, len(chosen))
        asked = sorted(map(self._ask, chosen), key=lambda pair: (len(pair[1]), pair[0].id))
        for batch in _pieces(iter(asked), ANSWERED_AT_ONCE[self._loaded.device.type]):
            if all(row.id in self._answered for row, _ in batch):
                continue
            self._look()
            # A batch is answered whole: an example has the same company in every life.
            fresh = [s for s in self._answer(batch) if s.example not in self._answered]
            self._reporter.scores(fresh)
            self._answered.update(s.example for s in fresh)
            pace.tell(self._reporter, before + pace.done(len(fresh)), "an answer")

    def _ask(self, row: ScoreRow) -> Asked:
        turns = with_system(row.example.messages[:-1], self._job.system_prompt)
        return row, prompt_ids(self._loaded.tokenizer, turns)

    def _answer(self, batch: Sequence[Asked]) -> list[Scored]:
        loaded = self._loaded

        def between_tokens() -> None:
            self._look()
            self._reporter.beat()

        def answered(part: Sequence[tuple[int, ...]]) -> list[tuple[str, int, bool]]:
            found: list[tuple[str, int, bool]] = generate(
                loaded.model, loaded, part, ANSWER_TOKENS, between_tokens
            )
            return found

        found = _in_halves(answered, [prompt for _, prompt in batch])
        return [
            Scored(row.id, row.fingerprint, answer=text, answer_tokens=tokens, finished=finished)
            for (row, _), (text, tokens, finished) in zip(batch, found, strict=True)
        ]


def first_in_line(
    found: Iterable[ScoreRow], losses: dict[int, float | None], count: int
) -> Collection[int]:
    """Ids of the examples that are answered: those asked for, and the first `count` in the queue.

    As the queue has it once it knows the losses: urgent ones in the order in which they came, then
    in turn over the intents, the highest loss (nats) first.
    """
    asked: set[int] = set()
    urgent: list[int] = []
    lanes: dict[str, list[tuple[float, int]]] = {}
    for row in found:
        if row.is_asked:
            asked.add(row.id)
        if row.place == "urgent":
            urgent.append(row.id)
        if row.place != "turn":
            continue
        loss = row.loss if row.is_measured else losses.get(row.id)
        lane = lanes.setdefault(row.example.intent, [])
        # The root of the heap is the first to go; of equal losses the older example stays.
        place = (loss or 0.0, -row.id)
        if len(lane) < count:
            heapq.heappush(lane, place)
        elif lane and place > lane[0]:
            heapq.heapreplace(lane, place)
    ordered = [
        (turn, intent, -negated)
        for intent, lane in lanes.items()
        for turn, (_, negated) in enumerate(sorted(lane, reverse=True))
    ]
    line = [*urgent, *(example for _, _, example in sorted(ordered))]
    return asked | set(line[:count])


class _Pace:
    """How fast it goes, counted from the beginning of this life."""

    def __init__(self, before: int, total: int) -> None:
        self._before, self._total = before, total
        self._started = time.monotonic()
        self._count = 0

    def done(self, more: int) -> int:
        """So many more; answers all of this life."""
        self._count += more
        return self._count

    def tell(self, reporter: Reporter, step: int, what: str) -> None:
        """Report how far it is and how long it takes."""
        each = (time.monotonic() - self._started) / max(step - self._before, 1)
        left = each * (self._total - step)
        basis = f"{1 / each:.0f} a second" if each < 0.1 else f"{each:.2f} s {what}"
        reporter.advance(step, self._total, eta_s=left, basis=basis)


def _in_halves(work: Callable[[Sequence[S]], list[T]], batch: Sequence[S]) -> list[T]:
    """Work on a batch; one that does not fit into the device's memory is taken in halves."""
    try:
        with one_kind_of_out_of_memory():
            return work(batch)
    except torch.OutOfMemoryError:
        if len(batch) == 1:
            raise
    # Outside the handler, whose traceback would hold on to the memory of what did not fit.
    torch.cuda.empty_cache()
    half = len(batch) // 2
    return [*_in_halves(work, batch[:half]), *_in_halves(work, batch[half:])]


def _pieces(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while piece := list(islice(items, size)):
        yield piece
