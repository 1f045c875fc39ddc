"""Answers of an arm to every case: batched greedy generation, choices and texts by likelihood."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import msgspec
import torch

from engine.records import Answer, Case, Message, Suite
from engine.runs.folder import Job
from engine.worker import processes
from engine.worker.control import Control
from engine.worker.generating import generate
from engine.worker.loss import score_rows
from engine.worker.model import Loaded
from engine.worker.reporting import Reporter
from engine.worker.rows import Row, conversation_row, prompt_ids, text_row, with_system
from engine.worker.shortage import one_kind_of_out_of_memory

BATCH = 64
NOISE_CASES = 20
"""Cases of the domain suite that the base model answers twice: any flip is noise."""

Key = tuple[str, str, str, int]


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


def answer_arm(
    arm: str,
    model: Any,
    loaded: Loaded,
    job: Job,
    suites: Sequence[Suite],
    reporter: Reporter,
    control: Control,
) -> None:
    """Answer every case that has no answer yet; each batch is written as it comes.

    base and prompted run with the adapter off. Raises Interrupted when asked to leave: what is
    answered stays answered.
    """
    done = processes.first(lambda: _done_before(arm, reporter))
    questions = list(_questions(arm, job, suites))
    total = sum(_question_key(arm, q) not in done for q in questions)
    if not total:
        return
    started, count = time.monotonic(), 0
    reporter.advance(0, total)

    def between_tokens() -> None:
        control.look()
        reporter.beat()

    def answer(batch: list[Question]) -> list[Answer]:
        control.look()
        return _answer_batch(arm, model, loaded, batch, between_tokens)

    with _without_adapter(model, arm):
        for answers in _in_rounds(_open_batches(arm, questions, loaded, done), answer):
            fresh = [a for a in answers if _key(a) not in done]
            reporter.answers(fresh)
            count += len(fresh)
            pace = (time.monotonic() - started) / count
            reporter.advance(
                count, total, eta_s=pace * (total - count), basis=f"{pace:.2f} s an answer"
            )


def _open_batches(
    arm: str, questions: Sequence[Question], loaded: Loaded, done: Collection[Key]
) -> list[list[Question]]:
    """Whole, also where some of it is answered: in every arm a case has the same company."""
    return [
        batch
        for batch in _batches(questions, loaded)
        if any(_question_key(arm, q) not in done for q in batch)
    ]


def _in_rounds(
    batches: Sequence[list[Question]], answer: Callable[[list[Question]], list[Answer]]
) -> Iterator[list[Answer]]:
    """A batch for each process at a time; the answers of a round come together, in order."""
    for start in range(0, len(batches), processes.count()):
        mine = processes.share(batches[start : start + processes.count()])

        def answered(mine: list[list[Question]] = mine) -> list[Answer]:
            return [a for batch in mine for a in answer(batch)]

        yield [a for part in processes.gather(answered) for a in part]


def _done_before(arm: str, reporter: Reporter) -> set[Key]:
    """What is answered already; answers known from earlier runs are taken over first."""
    folder = reporter.folder
    done = {_key(a) for a in folder.answers()}
    known = [a for a in folder.known_answers() if a.arm == arm and _key(a) not in done]
    reporter.answers(known)
    return done | {_key(a) for a in known}


def _without_adapter(model: Any, arm: str) -> AbstractContextManager[Any]:
    if arm in ("base", "prompted") and hasattr(model, "disable_adapter"):
        return model.disable_adapter()  # type: ignore[no-any-return]
    return nullcontext()


def _questions(arm: str, job: Job, suites: Sequence[Suite]) -> Iterator[Question]:
    prompt = job.policy_prompt if arm == "prompted" else job.system_prompt
    for suite in suites:
        own = (case for case in suite.cases if not case.is_asked_elsewhere)
        for index, case in enumerate(own):
            messages = with_system(case.messages, prompt if suite.system_prompt else "")
            yield Question(suite, case, messages)
            if arm == "base" and suite.gate == "domain" and index < NOISE_CASES:
                yield Question(suite, case, messages, repeat=1)


def _batches(questions: Sequence[Question], loaded: Loaded) -> Iterator[list[Question]]:
    """Questions of one kind, suite and repeat together, sorted by length.

    The repeats of the noise floor run in batches of other company, as a second run would.
    """
    groups: dict[tuple[str, str, int], list[tuple[int, Question]]] = {}
    for question in questions:
        size = len(prompt_ids(loaded.tokenizer, question.messages)) if question.messages else 0
        group = groups.setdefault((question.suite.name, question.kind, question.repeat), [])
        group.append((size, question))
    for (_, _, repeat), group in groups.items():
        ordered = [q for _, q in sorted(group, key=lambda pair: (pair[0], pair[1].case.id))]
        size = BATCH // 2 if repeat else BATCH
        for start in range(0, len(ordered), size):
            yield ordered[start : start + size]


def _answer_batch(
    arm: str,
    model: Any,
    loaded: Loaded,
    batch: list[Question],
    between_tokens: Callable[[], None],
) -> list[Answer]:
    """Answers to one batch; one that does not fit into the device's memory is taken in halves."""
    try:
        with one_kind_of_out_of_memory():
            if batch[0].kind == "generate":
                return list(_generate(arm, model, loaded, batch, between_tokens))
            score = _choose if batch[0].kind == "choice" else _score_texts
            return list(score(arm, model, loaded, batch))
    except torch.OutOfMemoryError:
        if len(batch) == 1:
            raise
    # Outside the handler, whose traceback would hold on to the memory of what did not fit.
    torch.cuda.empty_cache()
    half = len(batch) // 2
    parts = (batch[:half], batch[half:])
    return [a for part in parts for a in _answer_batch(arm, model, loaded, part, between_tokens)]


def _generate(
    arm: str,
    model: Any,
    loaded: Loaded,
    batch: list[Question],
    between_tokens: Callable[[], None],
) -> Iterator[Answer]:
    prompts = [prompt_ids(loaded.tokenizer, q.messages) for q in batch]
    limit = batch[0].suite.max_new_tokens
    answers = generate(model, loaded, prompts, limit, between_tokens)
    references = _reference_losses(model, loaded, batch)
    for question, (text, tokens, finished), (nll, counted) in zip(
        batch, answers, references, strict=True
    ):
        yield msgspec.structs.replace(
            _answer(arm, question),
            text=text,
            tokens=tokens,
            finished=finished,
            nll=nll if counted else None,
            nll_tokens=counted,
        )


def _reference_losses(model: Any, loaded: Loaded, batch: list[Question]) -> list[tuple[float, int]]:
    """Likelihood of the reference answers, (0, 0) where a case has none."""
    rows = [
        conversation_row(loaded.tokenizer, (*q.messages, Message("assistant", q.case.reference)))
        for q in batch
        if q.case.reference
    ]
    scores = iter(score_rows(model, rows, loaded.pad))
    return [next(scores) if q.case.reference else (0.0, 0) for q in batch]


def _choose(arm: str, model: Any, loaded: Loaded, batch: list[Question]) -> Iterator[Answer]:
    rows: list[Row] = []
    for q in batch:
        for choice in q.case.choices:
            turns = (*q.messages, Message("assistant", choice))
            rows.append(_choice_only(conversation_row(loaded.tokenizer, turns)))
    scores = iter(score_rows(model, rows, loaded.pad))
    for question in batch:
        own = [next(scores)[0] for _ in question.case.choices]
        best = min(range(len(own)), key=own.__getitem__)
        text = question.case.choices[best]
        yield msgspec.structs.replace(_answer(arm, question), text=text, choice=best)


def _choice_only(row: Row) -> Row:
    """Score the words of the last answer alone: tuning moves the end token for style's sake."""
    last_gap = max(i for i, counts in enumerate(row.trained) if not counts)
    end = len(row) - 1
    return Row(row.ids, tuple(last_gap < i < end for i in range(len(row))))


def _score_texts(arm: str, model: Any, loaded: Loaded, batch: list[Question]) -> Iterator[Answer]:
    rows = [
        conversation_row(loaded.tokenizer, (*q.messages, Message("assistant", q.case.text)))
        if q.messages
        else text_row(loaded.tokenizer, q.case.text)
        for q in batch
    ]
    for question, (nll, counted) in zip(batch, score_rows(model, rows, loaded.pad), strict=True):
        yield msgspec.structs.replace(_answer(arm, question), nll=nll, nll_tokens=counted)


def _answer(arm: str, question: Question) -> Answer:
    return Answer(question.suite.name, question.case.id, arm, repeat=question.repeat)


def _key(answer: Answer) -> Key:
    return (answer.suite, answer.case, answer.arm, answer.repeat)


def _question_key(arm: str, question: Question) -> Key:
    return (question.suite.name, question.case.id, arm, question.repeat)
