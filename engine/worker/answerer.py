"""One batch of questions to an arm's answers: generated, chosen, or scored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import torch

from engine.records import Answer, Case, Message, Suite
from engine.worker.generating import Generator
from engine.worker.loss import score_rows
from engine.worker.model import Loaded
from engine.worker.rows import Row, conversation_row, prompt_ids, text_row
from engine.worker.shortage import one_kind_of_out_of_memory


@dataclass(frozen=True, slots=True)
class Question:
    """One case to be answered by one arm."""

    suite: Suite
    case: Case
    messages: tuple[Message, ...]
    repeat: int = 0

    @property
    def kind(self) -> str:
        """generate, choice or text."""
        if self.case.choices:
            return "choice"
        return "text" if self.case.text else "generate"


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answers: an arm, with the model as it is worn now and what generates with it."""

    arm: str
    model: Any
    loaded: Loaded
    generate: Generator

    def answer(self, batch: list[Question], between_tokens: Callable[[], None]) -> list[Answer]:
        """Answers to one batch; one that does not fit into the device's memory is taken in halves.

        All of a batch are of one kind.
        """
        try:
            with one_kind_of_out_of_memory():
                if batch[0].kind == "generate":
                    return list(self._generate(batch, between_tokens))
                return list(
                    self._choose(batch) if batch[0].kind == "choice" else self._score(batch)
                )
        except torch.OutOfMemoryError:
            if len(batch) == 1:
                raise
        # Outside the handler, whose traceback would hold on to the memory of what did not fit.
        torch.cuda.empty_cache()
        half = len(batch) // 2
        return [
            a for part in (batch[:half], batch[half:]) for a in self.answer(part, between_tokens)
        ]

    def _generate(
        self, batch: list[Question], between_tokens: Callable[[], None]
    ) -> Iterator[Answer]:
        prompts = [prompt_ids(self.loaded.tokenizer, q.messages) for q in batch]
        answers = self.generate(prompts, batch[0].suite.max_new_tokens, between_tokens)
        references = self._reference_losses(batch)
        for question, (text, tokens, finished), (nll, counted) in zip(
            batch, answers, references, strict=True
        ):
            yield msgspec.structs.replace(
                self._empty(question),
                text=text,
                tokens=tokens,
                finished=finished,
                nll=nll if counted else None,
                nll_tokens=counted,
            )

    def _reference_losses(self, batch: list[Question]) -> list[tuple[float, int]]:
        """Likelihood of the reference answers, (0, 0) where a case has none."""
        rows = [
            self._row((*q.messages, Message("assistant", q.case.reference)))
            for q in batch
            if q.case.reference
        ]
        scores = iter(score_rows(self.model, rows, self.loaded.pad))
        return [next(scores) if q.case.reference else (0.0, 0) for q in batch]

    def _choose(self, batch: list[Question]) -> Iterator[Answer]:
        rows = [
            _choice_only(self._row((*q.messages, Message("assistant", choice))))
            for q in batch
            for choice in q.case.choices
        ]
        scores = iter(score_rows(self.model, rows, self.loaded.pad))
        for question in batch:
            own = [next(scores)[0] for _ in question.case.choices]
            best = min(range(len(own)), key=own.__getitem__)
            text = question.case.choices[best]
            yield msgspec.structs.replace(self._empty(question), text=text, choice=best)

    def _score(self, batch: list[Question]) -> Iterator[Answer]:
        rows = [
            self._row((*q.messages, Message("assistant", q.case.text)))
            if q.messages
            else text_row(self.loaded.tokenizer, q.case.text)
            for q in batch
        ]
        scores = score_rows(self.model, rows, self.loaded.pad)
        for question, (nll, counted) in zip(batch, scores, strict=True):
            yield msgspec.structs.replace(self._empty(question), nll=nll, nll_tokens=counted)

    def _row(self, turns: tuple[Message, ...]) -> Row:
        return conversation_row(self.loaded.tokenizer, turns)

    def _empty(self, question: Question) -> Answer:
        return Answer(question.suite.name, question.case.id, self.arm, repeat=question.repeat)


def _choice_only(row: Row) -> Row:
    """Score the words of the last answer alone: tuning moves the end token for style's sake."""
    last_gap = max(i for i, counts in enumerate(row.trained) if not counts)
    end = len(row) - 1
    return Row(row.ids, tuple(last_gap < i < end for i in range(len(row))))
