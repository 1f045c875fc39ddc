"""The table of runs, two held together, and a queue made and changed by key."""

from __future__ import annotations

import msgspec

from engine.runs.folder import Outcome, State, held_lock, write_atomically
from engine.steps import queue
from engine.workspace import Workspace
from screens.widgets.footer import Footer
from tests.engine.worker.conftest import Forks, fork_server, forked
from tests.engine.worker.waiting import until
from tests.screens.harness import screen_lines, screen_text
from tests.screens.train_runs import (
    HOSTILE_WORDS,
    on_train,
    prepared,
    press,
    put_state,
    put_training,
    train_screen,
)

__all__ = ["fork_server", "forked"]


async def test_runs_stand_side_by_side_and_two_are_held_together(
    workspace: Workspace, curated: str
) -> None:
    for steps in (84, 44, 64):
        folder = prepared(workspace, curated)
        put_training(folder, steps=steps)
        outcome = msgspec.json.encode(Outcome(700.0, 5_000_000_000, 200_000_000))
        write_atomically(folder.outcome_file, outcome)
        put_state(folder, State("done", message=HOSTILE_WORDS))
    async with on_train(workspace, curated) as (app, pilot):
        await press(pilot, "r")
        text = screen_text(app)
        assert "best" in text
        assert "0.63" in text
        assert "Estimated 11 min, took 12 min; memory 5.1 GB, 5.0 GB" in text
        await press(pilot, "o")
        rows = [line.split()[0].strip("▸") for line in screen_lines(app) if " done" in line]
        order = [line for line in screen_lines(app) if line.rstrip().endswith("done")]
        assert [next(w for w in line.split() if w.isdecimal()) for line in order] == ["1", "3", "2"]
        assert rows
        await press(pilot, "o", "g", "space", "j")
        assert "1*" in screen_text(app)
        await press(pilot, "d")
        text = screen_text(app)
        assert "Nothing differs from run 1 to run 3." in text
        assert "run 1 (dotted): best 0.630 at 80" in text
        assert "run 3 (crosses): best 0.720 at 60" in text
        await press(pilot, "escape")
        assert train_screen(app).view == "runs"


async def test_a_queue_is_made_by_key_and_an_entry_is_taken_out(
    workspace: Workspace, curated: str, forked: Forks
) -> None:
    def phases() -> list[str]:
        return [entry.phase for entry in queue.entries(workspace)]

    with held_lock(workspace.runs / "device.lock"):
        async with on_train(workspace, curated) as (app, pilot):
            await press(pilot, "v", "1", "enter")
            assert "3 runs, alike in everything but learning_rate" in screen_text(app)
            await press(pilot, "y")
            until(lambda: phases() == ["waiting"] * 3, "the queue")
            assert train_screen(app).view == "runs"
            assert "0.0003" in screen_text(app)
            await press(pilot, "g", "x")
            until(lambda: phases()[2] == "stopped", "the entry")
            assert phases()[:2] == ["waiting"] * 2
            assert "vary" not in app.screen.query_one(Footer).lines[0].plain
        for run in (1, 2):
            queue.take_out(workspace, run)
        until(lambda: phases() == ["stopped"] * 3, "the end")
