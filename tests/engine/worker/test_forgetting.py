"""A run that watches what it forgets: which adapter it keeps, and why it stops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from engine.records import Example, Message
from engine.runs.folder import RunFolder, write_lines
from engine.worker.apart import apart_from
from engine.worker.best import Best
from engine.worker.control import Control
from engine.worker.data import TrainingData
from engine.worker.looks import Looks
from engine.worker.model import Loaded, add_adapter
from engine.worker.reporting import Reporter
from engine.worker.rows import Row
from engine.worker.training import Held, train
from tests.engine.worker.conftest import Prepare

# peft asks transformers by an old name.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")


class Told(Looks):
    """Looks whose losses are said beforehand: pairs of validation and general loss."""

    told: tuple[tuple[float, float], ...] = ()

    def look(self, step: int) -> float:
        self._now = dict(zip(("validation", "general"), self.told[step // 10], strict=True))
        return super().look(step)

    def _loss_of(self, rows: Sequence[Row]) -> float:
        return self._now["general" if rows is self._data.general else "validation"]


def looks_of(folder: RunFolder, loaded: Loaded, model: Any) -> Told:
    job, reporter = folder.job(), Reporter(folder)
    return Told(model, loaded, job, TrainingData(job, loaded, reporter), reporter)


def kept(folder: RunFolder) -> int:
    return msgspec.json.decode((folder.adapter / "best.json").read_bytes(), type=Best).step


def test_an_adapter_that_forgot_too_much_is_not_kept_and_patience_runs_out(
    prepare: Prepare, loaded: Loaded
) -> None:
    folder = prepare(patience=2, general_limit=0.1)
    model = add_adapter(loaded, folder.job().recipe)
    looks = looks_of(folder, loaded, model)
    looks.told = ((3.0, 2.0), (1.0, 2.3), (0.9, 2.05), (0.5, 2.2), (0.4, 2.3))
    for step, best in ((0, None), (10, 10), (20, 20), (30, 20)):
        looks.look(step)
        assert best is None or kept(folder) == best
    assert not looks.are_hopeless
    # Another life of the run goes on with what this one measured.
    later = looks_of(folder, loaded, model)
    later.told = looks.told
    later.look(40)
    assert (kept(folder), later.are_hopeless) == (20, True)
    assert "general texts is 0.30 above" in later.standing.why_stopped()
    said = [event.text for event in folder.events() if event.kind == "best"]
    assert [text.partition(":")[0].partition(",")[0] for text in said] == [
        "Kept until a look is within the limit",
        "Best adapter so far",
    ]


def test_a_run_that_stops_early_says_which_loss_brought_no_gain(
    prepare: Prepare, loaded: Loaded
) -> None:
    folder = prepare(
        epochs=20.0, evaluate_every=2, patience=2, learning_rate=0.3, general_limit=0.0
    )
    job, reporter = folder.job(), Reporter(folder)
    data = TrainingData(job, loaded, reporter)
    train(add_adapter(loaded, job.recipe), loaded, job, data, reporter, Control(folder))
    (said,) = [e.text for e in folder.events() if e.text.startswith("Stopped early")]
    assert said.endswith(": validation loss brought no gain in 2 looks.")


def test_steps_that_hold_nothing_say_nothing_and_the_others_stand_for_them(
    prepare: Prepare, loaded: Loaded
) -> None:
    folder = prepare(epochs=2.0, kl_share=0.125, kl_weight=3.0)
    job, reporter = folder.job(), Reporter(folder)
    data = TrainingData(job, loaded, reporter)
    train(add_adapter(loaded, job.recipe), loaded, job, data, reporter, Control(folder))
    told = {m.step: m.divergence for m in folder.metrics() if m.loss is not None}
    assert [told[step] is not None for step in sorted(told)] == [True, False] * 3
    held = Held(data.held, (), data.held_schedule, 3.0, 0.5)
    assert [held.weight_at(step) for step in range(6)] == [6.0, 0.0] * 3
    assert any("Held to the base on 0.5 of 14 general rows" in e.text for e in folder.events())


def test_general_rows_that_are_nearly_in_a_suite_are_left_out_and_it_is_said(
    prepare: Prepare, loaded: Loaded
) -> None:
    folder = prepare(kl_share=0.25)
    asked = folder.suite("domain").cases[0].prompt
    pool = folder.examples("guard")
    near = Example((Message("user", f"{asked}!"), Message("assistant", "Whatever.")))
    write_lines(folder.data / "guard.jsonl", [*pool, near])
    assert apart_from([folder.suite("domain")], [*pool, near]) == pool
    data = TrainingData(folder.job(), loaded, Reporter(folder))
    assert len(data.held) + len(data.general) == len(pool)
    assert any(e.text.startswith("1 of 31 general rows left out") for e in folder.events())
