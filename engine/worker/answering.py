"""Answers of an arm to every case, batch by batch; what is answered is never asked again."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from engine.records import Answer, Suite
from engine.runs.folder import Job
from engine.worker import processes
from engine.worker.answerer import Answerer, Question
from engine.worker.by_vllm import ByVllm
from engine.worker.control import Control
from engine.worker.generating import Generator, generate
from engine.worker.model import Loaded
from engine.worker.reporting import Reporter
from engine.worker.rows import prompt_ids, with_system

BATCH = {"transformers": 64, "vllm": 256}
"""Questions at a time, by engine."""
NOISE_CASES = 20
"""Cases of the domain suite that the base model answers twice: any flip is noise."""

Key = tuple[str, str, str, int]


def answer_arm(
    arm: str,
    model: Any,
    loaded: Loaded,
    job: Job,
    suites: Sequence[Suite],
    reporter: Reporter,
    control: Control,
    adapter: Path | None = None,
) -> None:
    """Answer every case that has no answer yet; each batch is written as it comes.

    adapter: the folder of what the model wears; base and prompted run with it off. Raises
    Interrupted when asked to leave: what is answered stays answered.
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

    with (
        _without_adapter(model, arm),
        generator(
            model, loaded, job, adapter, _longest(questions, loaded), reporter.note
        ) as made_by,
    ):
        answerer = Answerer(arm, model, loaded, made_by)

        def answer(batch: list[Question]) -> list[Answer]:
            control.look()
            return answerer.answer(batch, between_tokens)

        for answers in _in_rounds(
            _open_batches(arm, questions, loaded, done, BATCH[job.recipe.engine]), answer
        ):
            fresh = [a for a in answers if _key(a) not in done]
            reporter.answers(fresh)
            count += len(fresh)
            pace = (time.monotonic() - started) / count
            reporter.advance(
                count, total, eta_s=pace * (total - count), basis=f"{pace:.2f} s an answer"
            )


def _open_batches(
    arm: str, questions: Sequence[Question], loaded: Loaded, done: Collection[Key], most: int
) -> list[list[Question]]:
    """Whole, also where some of it is answered: in every arm a case has the same company."""
    return [
        batch
        for batch in _batches(questions, loaded, most)
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


def _batches(questions: Sequence[Question], loaded: Loaded, most: int) -> Iterator[list[Question]]:
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
        size = most // 2 if repeat else most
        for start in range(0, len(ordered), size):
            yield ordered[start : start + size]


@contextmanager
def generator(
    model: Any,
    loaded: Loaded,
    job: Job,
    adapter: Path | None,
    longest: int,
    tell: Callable[[str], None],
) -> Iterator[Generator]:
    """What makes answers for a job, while this lasts.

    adapter: the folder of what the model wears, None for the base. longest: tokens of the longest
    prompt with its answer. tell: takes a sentence on what was found when it started.
    """
    if job.recipe.engine == "transformers":
        yield partial(generate, model, loaded)
        return
    side = ByVllm(model, loaded, job.model, adapter, longest, tell)
    try:
        yield side
    finally:
        side.close()


def _longest(questions: Sequence[Question], loaded: Loaded) -> int:
    """Tokens of the longest prompt with its answer."""
    sizes = [
        len(prompt_ids(loaded.tokenizer, q.messages)) + q.suite.max_new_tokens
        for q in questions
        if q.kind == "generate"
    ]
    return max(sizes, default=0)


def _key(answer: Answer) -> Key:
    return (answer.suite, answer.case, answer.arm, answer.repeat)


def _question_key(arm: str, question: Question) -> Key:
    return (question.suite.name, question.case.id, arm, question.repeat)
