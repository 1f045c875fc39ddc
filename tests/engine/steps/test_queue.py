"""A queue of runs that vary one setting, with real workers that stand in line."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from engine.errors import InputError, StateError
from engine.recipe import Recipe
from engine.runs.folder import RunFolder, held_lock
from engine.steps import queue, train
from engine.store import sessions
from engine.workspace import Workspace
from tests.engine.worker.conftest import Forks, fork_server, forked, tiny_model
from tests.engine.worker.waiting import ended, until

__all__ = ["fork_server", "forked", "tiny_model"]
WISH = "learning_rate=3e-4,1e-3,3e-3"


def queued(workspace: Workspace, slug: str, wish: str = WISH, **plan: str) -> list[RunFolder]:
    recipe = train.plan(workspace, slug, preset="quick", **plan).recipe
    return queue.prepare(workspace, slug, queue.vary(recipe, wish), cases=1)


def phases(workspace: Workspace) -> list[str]:
    return [entry.phase for entry in queue.entries(workspace)]


def test_a_series_has_one_recipe_a_value_and_differs_in_nothing_else() -> None:
    series = queue.vary(Recipe(), WISH)
    assert series.values == ("0.0003", "0.001", "0.003")
    assert queue.vary(Recipe(), "targets=q_proj,v_proj; all-linear").values == (
        "q_proj,v_proj",
        "all-linear",
    )


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        ("learning_rate", "not name two"),
        ("learning_rate=1e-3", "not name two"),
        ("learning_rate=1e-3,0.001", "not name two"),
        ("lr=1,2", "lr=1"),
        ("rank=4,much", "rank=much"),
        ("preset=quick,standard", "many things"),
        ("seed=" + ",".join(map(str, range(20))), "too many"),
    ],
)
def test_what_is_no_series_is_refused_with_a_reason(wish: str, word: str) -> None:
    with pytest.raises(InputError, match=word):
        queue.vary(Recipe(), wish)


def test_the_folders_of_a_queue_are_alike_but_for_the_setting(
    workspace: Workspace, curated: str
) -> None:
    jobs = [folder.job() for folder in queued(workspace, curated)]
    assert [(job.series, job.varies) for job in jobs] == [(1, "learning_rate")] * 3
    assert [job.recipe.learning_rate for job in jobs] == [3e-4, 1e-3, 3e-3]
    assert jobs[0].hashes == jobs[1].hashes == jobs[2].hashes
    mixed = queue.Series("rank", (Recipe(rank=4), Recipe(rank=8, seed=3)))
    with pytest.raises(StateError, match="one setting"):
        queue.prepare(workspace, curated, mixed)


def test_rows_that_change_while_a_queue_is_made_stop_it(
    workspace: Workspace, curated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, made = train.prepare, []

    def prepare(*words: object, **named: object) -> RunFolder:
        folder = whole(*words, **named)  # type: ignore[arg-type]
        made.append(folder)
        if len(made) == 1:
            with workspace.store.transaction() as db:
                db.execute(
                    "UPDATE examples SET part = 'validation' WHERE id ="
                    " (SELECT min(id) FROM examples WHERE part = 'train')"
                )
        return folder

    monkeypatch.setattr(train, "prepare", prepare)
    with pytest.raises(StateError, match="not alike: train"):
        queued(workspace, curated)
    assert queue.entries(workspace) == []


def test_who_was_left_by_a_reboot_goes_on_and_who_is_taken_out_does_not(
    workspace: Workspace, curated: str, forked: Forks
) -> None:
    session = sessions.get(workspace.store, curated).id
    folders = queued(workspace, curated)
    assert phases(workspace) == ["left"] * 3
    with held_lock(workspace.runs / "device.lock"):
        queue.start(folders)
        until(lambda: phases(workspace) == ["waiting"] * 3, "three in line")
        queue.take_out(workspace, 2)
        assert ended(folders[1]).phase == "stopped"
        for folder in (folders[0], folders[2]):
            os.kill(folder.state().pid, signal.SIGKILL)
        until(lambda: phases(workspace) == ["left", "stopped", "left"], "the reboot")
        queue.take_out(workspace, 3)
        assert folders[2].state().message == "Taken out of the queue."
        said = queue.try_to_go_on(workspace, session)
        assert said.startswith("The queue goes on: run 1 stood in line")
        assert queue.try_to_go_on(workspace, session) == ""
        until(lambda: phases(workspace)[0] == "waiting", "run 1 in line again")
        queue.take_out(workspace, 1)
        ended(folders[0])
    with pytest.raises(StateError, match="has begun: it is stopped"):
        queue.take_out(workspace, 1)
    alone = train.prepare(workspace, curated, train.plan(workspace, curated).recipe)
    with pytest.raises(StateError, match="in no queue"):
        queue.take_out(workspace, alone.job().run)


def test_runs_go_one_after_another_and_a_killed_one_does_not_hold_up_the_next(
    workspace: Workspace, curated: str, forked: Forks, tiny_model: Path
) -> None:
    series = ("rank=2,4", str(tiny_model))
    recipe = train.plan(workspace, curated, model=series[1], settings=["epochs=0.5"]).recipe
    first, second = queue.prepare(workspace, curated, queue.vary(recipe, series[0]), cases=1)
    queue.start([first, second])
    until(lambda: first.state().phase in ("loading", "preflight", "baseline"), "the first")
    os.kill(first.state().pid, signal.SIGKILL)
    assert ended(second).phase == "done", second.log_tail(5)
    assert [entry.phase for entry in queue.entries(workspace)] == ["died", "done"]
    assert queue.go_on(workspace) == []
    assert queue.in_words(queue.entries(workspace)) == "rank: run 1 2 died, run 2 4 done"
    found = second.outcome()
    assert found is not None
    assert found.seconds > 0
    assert found.disk > 0
