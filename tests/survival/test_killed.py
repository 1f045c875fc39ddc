"""`kill -9` and power loss: the run goes on to the very adapter that it would have had."""

from __future__ import annotations

import os
import shutil
from functools import partial
from pathlib import Path

from engine.runs import launch
from engine.runs.folder import RunFolder
from engine.worker import checkpoints
from tests.survival.conftest import SETTINGS, Forks, Prepare
from tests.survival.lives import adapter, at_step, curve, ended, lines, live, same_adapter, told
from tests.survival.moments import die_at, die_in_half_a_line

MOMENTS = (
    ("os.mkdir checkpoint-3", 1),
    ("os.rename checkpoint-3/SHA256SUMS", 1),
    ("os.rename adapter.old", 1),
    ("os.rename adapter", 2),
    ("os.rmdir checkpoint-3", 1),
    ("os.rename state.json", 3),
)


def _is_like(one: RunFolder, other: RunFolder) -> bool:
    return same_adapter(one, other) and curve(one) == curve(other) and lines(one) == lines(other)


def test_a_run_killed_while_it_writes_this_file_and_that_ends_as_one_that_was_not(
    whole: RunFolder, prepare: Prepare, forked: Forks
) -> None:
    folder = prepare("0002-train", **SETTINGS)
    deaths = [partial(die_at, str(folder.path), name, nth) for name, nth in MOMENTS]
    deaths.insert(2, partial(die_in_half_a_line, str(folder.path), "metrics.jsonl", 3))
    for death in deaths:
        forked.before = death
        live(folder)
        assert folder.has_died(), death.args
    forked.before = None
    assert live(folder).phase == "done"
    assert _is_like(folder, whole)
    assert [e.step for e in folder.events() if e.kind == "best"] == [
        e.step for e in whole.events() if e.kind == "best"
    ]


def test_a_checkpoint_of_which_any_file_was_cut_by_a_power_loss_is_not_resumed(
    whole: RunFolder, tmp_path: Path
) -> None:
    folder = shutil.copytree(whole.checkpoints, tmp_path / "checkpoints")
    older, newest = checkpoints.every(folder)
    files = [file for file in newest.iterdir() if file.is_file()]
    assert {"SHA256SUMS", "optimizer.pt", "metrics.jsonl"} <= {file.name for file in files}
    for file in files:
        content = file.read_bytes()
        for left in (0, len(content) // 2, len(content) - 1):
            os.truncate(file, left)
            assert checkpoints.newest_whole(folder) == older, (file.name, left)
            file.write_bytes(content)
        file.unlink()
        assert checkpoints.newest_whole(folder) == older, file.name
        file.write_bytes(content)
    assert checkpoints.newest_whole(folder) == newest


def test_after_a_power_loss_the_newest_whole_checkpoint_and_its_own_curve_are_taken(
    whole: RunFolder, prepare: Prepare, forked: Forks
) -> None:
    folder = prepare("0002-train", **SETTINGS)
    pid = launch.launch(folder)
    at_step(folder, 7)
    os.kill(pid, 9)
    ended(folder)
    newest = checkpoints.newest_whole(folder.checkpoints)
    assert newest is not None
    step = checkpoints.step_of(newest)
    torn = folder.checkpoints / f"checkpoint-{step + 3}"
    shutil.rmtree(torn, ignore_errors=True)
    shutil.copytree(newest, torn)
    for file in torn.iterdir():
        os.truncate(file, file.stat().st_size // 2)
    # Even what the checkpoint counts is gone from the curve, half a line is left of it.
    os.truncate(folder.metrics_file, folder.metrics_file.stat().st_size // 3)
    os.truncate(folder.events_file, folder.events_file.stat().st_size - 5)
    assert live(folder).phase == "done"
    (resumed,) = [text for text in told(folder, "note") if text.startswith("Resumed")]
    assert resumed.startswith(f"Resumed at step {step}: weights, optimizer and place in the data")
    assert _is_like(folder, whole)
    assert adapter(folder)
