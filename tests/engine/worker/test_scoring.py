"""Scoring as real workers do it: its figures, what a kill does to it, and whom it lets go first."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from engine.errors import RunError
from engine.recipe import Recipe
from engine.records import Example, Message, Scored
from engine.runs import launch, scoring
from engine.runs.folder import Job, RunFolder, write_atomically, write_lines
from engine.runs.scoring import ScoreRow
from engine.worker import scoring as worker
from engine.worker import waiting
from engine.worker.generating import generate
from engine.worker.model import Loaded
from engine.worker.rows import conversation_row, prompt_ids, with_system
from tests.engine.worker.conftest import Forks, Prepare, example

LIMIT_S = 240.0
PROMPT = "Be brief"


def small_pieces() -> None:
    """Many small batches, and another run is seen at once."""
    worker.WINDOW = 24
    worker.TOKENS["cpu"] = 160
    worker.ANSWERED_AT_ONCE["cpu"] = 4
    waiting.LOOK_EVERY_S = 0.01


def short_answers() -> None:
    """As above, with few tokens an answer."""
    small_pieces()
    worker.ANSWER_TOKENS = 24


@pytest.fixture
def prepared(tmp_path: Path, tiny_model: Path) -> Callable[..., RunFolder]:
    """Makes the folder of a score run for the tiny model."""

    def made(name: str, rows: Sequence[ScoreRow], answers: int = 0, **recipe: Any) -> RunFolder:
        folder = RunFolder(tmp_path / "runs" / name)
        write_lines(scoring.rows_file(folder), rows)
        job = Job(
            int(name[:4]), "score", "s", str(tiny_model), Recipe(**recipe), PROMPT, answers=answers
        )
        write_atomically(folder.job_file, msgspec.json.encode(job))
        return folder

    return made


def numbered(count: int, **fields: Any) -> list[ScoreRow]:
    return [ScoreRow(n, f"f{n}", example(n), **fields) for n in range(1, count + 1)]


def finish(folder: RunFolder) -> None:
    if not folder.is_alive():
        launch.launch(folder)
    until(lambda: not folder.is_alive(), folder)
    assert folder.state().phase == "done", folder.state().message


def until(condition: Callable[[], bool], folder: RunFolder) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, folder.log_tail(5)
        time.sleep(0.002)


def losses(folder: RunFolder) -> dict[int, float | None]:
    return {s.example: s.loss for s in scoring.scores(folder) if s.answer is None}


def answers(folder: RunFolder) -> dict[int, tuple[str | None, int, bool]]:
    return {
        s.example: (s.answer, s.answer_tokens, s.finished)
        for s in scoring.scores(folder)
        if s.answer is not None
    }


@torch.no_grad()
def plain_loss(loaded: Loaded, row: ScoreRow) -> float:
    """The whole model over one row, and the mean where it is trained."""
    made = conversation_row(loaded.tokenizer, with_system(row.example.messages, PROMPT))
    ids = torch.tensor([made.ids])
    log_probabilities = loaded.model(input_ids=ids).logits[0, :-1].double().log_softmax(-1)
    wanted = torch.tensor(made.trained[1:])
    chosen = log_probabilities[torch.arange(len(wanted)), ids[0, 1:]]
    return float(-chosen[wanted].mean())


@pytest.mark.usefixtures("forked")
def test_scores_are_those_of_the_whole_model_row_by_row(
    prepared: Callable[..., RunFolder], loaded: Loaded
) -> None:
    talk = Example(
        (
            Message("user", "may you return"),
            Message("assistant", "worn shoes"),
            Message("user", "within days"),
            Message("assistant", "if the box is kept"),
        )
    )
    rows = [*numbered(14), ScoreRow(99, "f99", talk)]
    folder = prepared("0001-score", rows, answers=3)
    finish(folder)
    found = losses(folder)
    assert found == pytest.approx({r.id: plain_loss(loaded, r) for r in rows}, abs=1e-4)
    made = conversation_row(loaded.tokenizer, with_system(talk.messages, PROMPT))
    assert next(s.tokens for s in scoring.scores(folder) if s.example == 99) == made.targets
    by_id = {row.id: row for row in rows}
    hardest = sorted(found, key=lambda i: (-(found[i] or 0.0), i))[:3]
    alone = {i: _answer(loaded, by_id[i].example) for i in hardest}
    assert answers(folder) == alone
    assert {s.fingerprint for s in scoring.scores(folder)} == {r.fingerprint for r in rows}


def _answer(loaded: Loaded, asked: Example) -> tuple[str, int, bool]:
    prompt = prompt_ids(loaded.tokenizer, with_system(asked.messages[:-1], PROMPT))
    (found,) = generate(loaded.model, loaded, [prompt], worker.ANSWER_TOKENS)
    return found[0], found[1], found[2]


def test_a_run_killed_in_scoring_and_in_answering_ends_with_the_same_scores(
    prepared: Callable[..., RunFolder], forked: Forks
) -> None:
    forked.before = short_answers
    rows = numbered(70)
    whole, broken = (prepared(f"000{n}-score", rows, answers=24) for n in (1, 2))
    finish(whole)
    _kill_once(broken, lambda: len(losses(broken)) >= 40)
    with scoring.scores_file(broken).open("ab") as handle:
        handle.write(b'{"example":1,"fing')
    _kill_once(broken, lambda: len(answers(broken)) >= 8)
    assert len(answers(broken)) < 24
    finish(broken)
    assert losses(broken) == losses(whole)
    assert answers(broken) == answers(whole)
    lines = [(s.example, s.answer is None) for s in scoring.scores(broken)]
    assert len(lines) == len(set(lines)) == 94


def _kill_once(folder: RunFolder, condition: Callable[[], bool]) -> None:
    pid = launch.launch(folder)
    until(condition, folder)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not folder.is_alive(), folder)
    assert folder.has_died()


def test_scoring_steps_aside_for_training_and_goes_on_after_it(
    prepared: Callable[..., RunFolder], prepare: Prepare, forked: Forks
) -> None:
    forked.before = short_answers
    folder = prepared("0001-score", numbered(24), answers=24)
    training = prepare("0002-train", epochs=1.0)
    launch.launch(folder)
    until(lambda: bool(answers(folder)), folder)
    launch.launch(training)
    until(lambda: not training.is_alive(), training)
    assert training.state().phase == "done"
    finish(folder)
    told = [e.text for e in folder.events()]
    aside = told.index("Stepped aside for another run.")
    assert told[aside + 1] == "waiting: waits for 0002-train"
    assert [e.text.partition(":")[0] for e in folder.events() if e.kind == "phase"] == [
        *("loading", "scoring", "answering", "waiting"),
        *("loading", "scoring", "answering", "done"),
    ]
    lines = [(s.example, s.answer is None) for s in scoring.scores(folder)]
    assert len(lines) == len(set(lines)) == 48


@pytest.mark.usefixtures("forked")
def test_scoring_lets_a_run_with_a_higher_number_go_first_and_can_be_paused_in_line(
    prepared: Callable[..., RunFolder], prepare: Prepare
) -> None:
    training = prepare("0002-train", epochs=400.0, evaluate_every=500, patience=0)
    folder = prepared("0001-score", numbered(3))
    launch.launch(training)
    until(lambda: training.state().phase == "training", training)
    launch.launch(folder)
    until(lambda: folder.state().phase == "waiting", folder)
    assert folder.state().message == "waits for 0002-train"
    launch.pause(folder)
    launch.pause(training)
    until(lambda: not (folder.is_alive() or training.is_alive()), training)
    assert folder.state().phase == training.state().phase == "paused"
    finish(folder)
    assert len(losses(folder)) == 3


def refuse_boxes() -> None:
    """As a chat template does that does not take every order of turns."""
    names = vars(worker)
    render = names["training_row"]

    def refusing(tokenizer: Any, asked: Example, *rest: Any) -> Any:
        if asked.answer == "box":
            raise RunError("The chat template refuses these turns: roles must alternate.")
        return render(tokenizer, asked, *rest)

    names["training_row"] = refusing


def test_an_example_that_trains_nothing_has_no_loss_and_stops_nobody(
    prepared: Callable[..., RunFolder], forked: Forks
) -> None:
    forked.before = refuse_boxes
    long = Example((Message("user", "box " * 80), Message("assistant", "worn shoes")))
    refused = Example((Message("user", "may"), Message("assistant", "box")))
    rows = [*numbered(3), ScoreRow(7, "f7", long), ScoreRow(8, "f8", refused)]
    folder = prepared("0001-score", rows, max_length=100)
    finish(folder)
    found = losses(folder)
    assert found[7] is found[8] is None
    assert all(found[n] is not None for n in (1, 2, 3))
    (warned,) = [e.text for e in folder.events() if e.kind == "warning"]
    assert warned.startswith("Example #8 has no loss. The chat template refuses these turns")


@pytest.mark.usefixtures("forked")
def test_what_is_known_is_not_computed_again(prepared: Callable[..., RunFolder]) -> None:
    known = msgspec.structs.replace(numbered(1)[0], loss=9.0, is_measured=True, is_answered=True)
    folder = prepared("0001-score", [known, *numbered(3)[1:]], answers=2)
    finish(folder)
    assert set(losses(folder)) == {2, 3}
    assert len(answers(folder)) == 1


def test_urgent_examples_are_answered_first_then_the_hardest_of_each_intent_in_turn() -> None:
    def row(number: int, intent: str, **fields: Any) -> ScoreRow:
        made = msgspec.structs.replace(example(number), intent=intent)
        return ScoreRow(number, "", made, **fields)

    rows = [
        row(1, "fit", place="urgent"),
        row(2, "fit"),
        row(3, "returns"),
        row(4, "fit", loss=3.0, is_measured=True),
        row(5, "returns"),
        row(6, "returns"),
    ]
    rows.append(row(9, "fit", loss=8.0, is_measured=True, place="none"))
    found = {1: 0.1, 2: 1.0, 3: 2.0, 5: 4.0, 6: None}
    order = [1, 4, 5, 2, 3, 6]
    for count in range(7):
        assert set(worker.first_in_line(rows, found, count)) == set(order[:count])
    asked = [*rows, row(7, "fit", is_asked=True)]
    assert set(worker.first_in_line(asked, found, 1)) == {1, 7}


def test_a_batch_that_does_not_fit_is_scored_in_halves_in_the_same_order() -> None:
    sizes = []

    def doubled(part: Sequence[int]) -> list[int]:
        sizes.append(len(part))
        if len(part) > 2:
            raise torch.OutOfMemoryError("no memory")
        return [2 * number for number in part]

    assert worker._in_halves(doubled, [1, 2, 3, 4, 5]) == [2, 4, 6, 8, 10]
    assert max(sizes) == 5


def test_a_line_that_is_not_whole_is_not_read_yet(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert scoring.read_from(folder, 0, 5) == ([], 0)
    write_lines(scoring.scores_file(folder), [Scored(n, "f", loss=1.0) for n in range(3)])
    whole = scoring.scores_file(folder).stat().st_size
    with scoring.scores_file(folder).open("ab") as handle:
        handle.write(b'{"example":4')
    first, place = scoring.read_from(folder, 0, 2)
    rest, end = scoring.read_from(folder, place, 5)
    assert [s.example for s in (*first, *rest)] == [0, 1, 2]
    assert end == whole
