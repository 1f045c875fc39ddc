"""Preflight: real rows through the real template, one real step, one real generation, estimates."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from engine.runs.device import LINGER, is_killed_at_logout
from engine.runs.folder import Job, Preflight, PreflightLine, RunFolder, Token
from engine.runs.looks import MOST as LOOKS_KEPT
from engine.worker import processes
from engine.worker.answering import generator
from engine.worker.data import TrainingData
from engine.worker.model import Loaded
from engine.worker.probe import time_of_step
from engine.worker.recompute import is_recomputing, recompute
from engine.worker.rows import Row, prompt_ids, with_system
from engine.worker.shortage import memory_used
from engine.worker.training import smaller_micro_batch

SHOWN_ROWS = 3
PROBE_ANSWERS = 16
PROBE_TOKENS = 32
CHECKPOINTS_KEPT = 3
SPARE_DISK = 500_000_000


def check_run(
    model: Any, loaded: Loaded, job: Job, data: TrainingData, folder: RunFolder
) -> Preflight:
    """Everything that can be known before hours are spent. Changes no weight."""
    step_s, micro_batch = _step_that_fits(model, loaded, job, data)
    answer_s = _time_of_answer(model, loaded, job, folder)
    disk = _disk_needed(model, job)
    lines = [
        *_row_lines(data, loaded),
        _context_line(data, loaded),
        _memory_line(memory_used()),
        *_micro_batch_lines(job, micro_batch, recomputing=is_recomputing(model)),
        _disk_line(folder.path, disk),
        _linger_line(),
        PreflightLine("device", "ok", loaded.in_words()),
    ]
    return Preflight(
        lines=tuple(lines),
        rows=tuple(_shown(row, loaded) for row in _rows_to_show(data.train)),
        step_s=step_s,
        answer_s=answer_s,
        eta_s=_estimate(job, data, folder, step_s, answer_s),
        memory=memory_used(),
        disk=disk,
        micro_batch=micro_batch,
    )


def _row_lines(data: TrainingData, loaded: Loaded) -> list[PreflightLine]:
    end = loaded.tokenizer.eos_token_id
    first = loaded.tokenizer.bos_token_id
    empty = [r for r in data.train if r.targets == 0]
    cut = [r for r in data.train if r.cut]
    endless = [r for r in data.train if not r.cut and not (r.ids[-1] == end and r.trained[-1])]
    double = [r for r in data.train if len(r) > 1 and r.ids[0] == r.ids[1] == first]
    total = len(data.train)
    return [
        _line(
            "length",
            len(cut),
            total,
            "are longer than max_length, so that their answers are cut",
            "Raise max_length, or shorten the rows.",
        ),
        _line("trained tokens", len(empty), total, "have no trained token", "Check their roles."),
        _line(
            "end token",
            len(endless),
            total,
            "do not train the end token: answers would never end",
            "The chat template does not close the assistant turn with the tokenizer's end token.",
        ),
        _line("start token", len(double), total, "start with the start token twice", ""),
    ]


def _line(check: str, bad: int, total: int, problem: str, hint: str) -> PreflightLine:
    if bad:
        return PreflightLine(check, "BLOCK", f"{bad} of {total} rows {problem}.", hint)
    return PreflightLine(check, "ok", f"right in all {total} rows")


def _rows_to_show(rows: Sequence[Row]) -> list[Row]:
    """The longest row and the first two others."""
    longest = max(rows, key=len)
    return [longest, *[r for r in rows if r is not longest][: SHOWN_ROWS - 1]]


def _shown(row: Row, loaded: Loaded) -> tuple[Token, ...]:
    return tuple(
        Token(loaded.tokenizer.decode([token]), counts)
        for token, counts in zip(row.ids, row.trained, strict=True)
    )


def _context_line(data: TrainingData, loaded: Loaded) -> PreflightLine:
    longest = max(len(r) for r in data.train)
    context = getattr(loaded.model.config.get_text_config(), "max_position_embeddings", None)
    if context is not None and longest > context:
        text = f"the longest row has {longest} tokens, the model was made for {context}"
        return PreflightLine("context", "BLOCK", text, f"Set max_length to {context} or less.")
    return PreflightLine("context", "ok", f"the longest row has {longest} tokens")


def _micro_batch_lines(job: Job, fits: int, *, recomputing: bool) -> list[PreflightLine]:
    if recomputing:
        text = "one row fits into memory only if its layers are run again on the way back"
        return [
            PreflightLine("micro batch", "warn", text, "Steps are the same, half as slow again.")
        ]
    if fits == job.recipe.micro_batch:
        return []
    text = f"{job.recipe.micro_batch} rows at once do not fit into memory, {fits} do"
    return [PreflightLine("micro batch", "warn", text, "Steps are the same, only slower.")]


def _step_that_fits(model: Any, loaded: Loaded, job: Job, data: TrainingData) -> tuple[float, int]:
    """Seconds of one real step, and the micro-batch at which it fitted into memory."""
    size, longest = job.recipe.micro_batch, _longest_step(job, data)
    while True:
        try:
            return time_of_step(model, longest, loaded.pad, size, job.recipe), size
        except torch.OutOfMemoryError:
            if size == 1 and not recompute(model):
                raise
        # Outside the handler, whose traceback would hold on to the memory of what did not fit.
        torch.cuda.empty_cache()
        if not is_recomputing(model):
            size = smaller_micro_batch(job.recipe.batch_size, size)


def _longest_step(job: Job, data: TrainingData) -> list[Row]:
    """The rows of the heaviest step that can come; this process's share of them."""
    longest = sorted(data.train, key=len)[-job.recipe.batch_size :]
    # What holds the model to its base takes a pass of the same kind.
    longest += [data.held[n] for n in data.held_schedule[0]]
    return list(processes.share(longest))


def _time_of_answer(model: Any, loaded: Loaded, job: Job, folder: RunFolder) -> float:
    """Seconds per answer in a batch of real questions, the length limit reached."""
    cases = [
        (suite, case)
        for suite in map(folder.suite, job.suites)
        for case in suite.cases
        if not case.text and not case.choices
    ]
    if not cases:
        return 0.0
    chosen = cases[:PROBE_ANSWERS]
    prompts = [
        prompt_ids(
            loaded.tokenizer, with_system(c.messages, job.system_prompt if s.system_prompt else "")
        )
        for s, c in chosen
    ]
    longest = max(len(p) for p in prompts) + PROBE_TOKENS
    with generator(model, loaded, job, None, longest, lambda _: None) as generate:
        # What starts at the first answer is not the time of an answer.
        generate(prompts[:1], 1, lambda: None)
        started = time.monotonic()
        generate(prompts, PROBE_TOKENS, lambda: None)
        return (time.monotonic() - started) / len(chosen)


def _estimate(
    job: Job, data: TrainingData, folder: RunFolder, step_s: float, answer_s: float
) -> float:
    """Seconds of the whole run: steps scaled by their tokens, looks, answers not known yet."""
    longest = sum(sorted(len(r) for r in data.train)[-job.recipe.batch_size :])
    training = step_s * sum(data.step_tokens()) / max(longest, 1)
    steps = len(data.schedule)
    scored = sum(len(r) for r in data.validation + data.general)
    # Scoring has no backward pass: about a third of a step's time for as many tokens.
    look = step_s / 3 * scored / max(longest, 1) + answer_s * len(job.pinned)
    looks = steps // job.recipe.evaluate_every + 2
    cases = sum(len(folder.suite(name).cases) for name in job.suites)
    answers = cases * len(job.arms) - len(folder.known_answers())
    return training + looks * look + answers * answer_s


def _disk_needed(model: Any, job: Job) -> int:
    """Bytes of checkpoints (weights and two moments in fp32) and of the adapters that are kept."""
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return int(trained) * 4 * (3 * CHECKPOINTS_KEPT + 2 + LOOKS_KEPT)


def _memory_line(used: int) -> PreflightLine:
    free = torch.cuda.mem_get_info()[1] if torch.cuda.is_available() else _machine_memory()
    text = f"{used / 1e9:.1f} of {free / 1e9:.0f} GB in one real step of the longest batch"
    return PreflightLine("memory", "warn" if used > 0.9 * free else "ok", text)


def _machine_memory() -> int:
    import os

    return int(os.sysconf("SC_PAGE_SIZE")) * int(os.sysconf("SC_PHYS_PAGES"))


def _disk_line(path: Path, needed: int) -> PreflightLine:
    free = shutil.disk_usage(path).free
    text = f"needs {needed / 1e6:.0f} MB, {free / 1e9:.1f} GB are free"
    if free < needed:
        return PreflightLine("disk", "BLOCK", text, "Make room, or move STROP_HOME.")
    level = "warn" if free < needed + SPARE_DISK else "ok"
    return PreflightLine("disk", level, text)  # type: ignore[arg-type]


def _linger_line() -> PreflightLine:
    """Whether logging out kills what was left running."""
    if is_killed_at_logout():
        return PreflightLine("log-out", "warn", "logging out kills background processes", LINGER)
    return PreflightLine("log-out", "ok", "training goes on when you log out")
