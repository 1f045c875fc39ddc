"""Runs that are killed at moments drawn by chance, some with what a power loss would cut off.

A few in the suite; `STROP_MOMENTS=200 pytest tests/survival/test_any_moment.py` draws as many runs.
"""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path
from random import Random

import pytest

from engine.runs import launch
from engine.runs.folder import RunFolder
from engine.worker import checkpoints
from tests.survival.conftest import SETTINGS, Forks, Prepare
from tests.survival.lives import curve, ended, lines, live, same_adapter, wait_until
from tests.survival.moments import die_at

RUNS = int(os.environ.get("STROP_MOMENTS", "2"))
MOST_OPERATIONS = 260
"""A little more than a life of such a run takes, so that some lives reach their end."""


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_run_killed_at_any_moments_ends_as_one_that_was_not(
    whole: RunFolder, prepare: Prepare, forked: Forks, seed: int
) -> None:
    chance, folder = Random(seed), prepare("0002-train", **SETTINGS)
    for _ in range(chance.randint(1, 3)):
        kill = _kill_by_operation if chance.random() < 0.7 else _kill_by_step
        kill(folder, forked, chance)
        if folder.state().phase == "done":
            break
        if chance.random() < 0.5:
            _lose_power(folder, chance)
    forked.before = None
    assert live(folder).phase == "done", folder.state()
    assert same_adapter(folder, whole)
    assert curve(folder) == curve(whole)
    assert lines(folder) == lines(whole)


def _kill_by_operation(folder: RunFolder, forked: Forks, chance: Random) -> None:
    """Before the nth time that the worker opens, renames or removes a file of the run."""
    nth = chance.randint(1, MOST_OPERATIONS)
    forked.before = partial(die_at, str(folder.path), "", nth)
    live(folder)


def _kill_by_step(folder: RunFolder, forked: Forks, chance: Random) -> None:
    """Wherever the worker is by the time that a step shows in the curve."""
    forked.before = None
    before, step = len(lines(folder)), chance.randint(1, 14)
    pid = launch.launch(folder)
    wait_until(
        lambda: not folder.is_alive() or len(lines(folder)) >= before + step, "a step, or the end"
    )
    if folder.is_alive():
        os.kill(pid, signal.SIGKILL)
    ended(folder)


def _lose_power(folder: RunFolder, chance: Random) -> None:
    """Cut what was written last: files of the newest checkpoint, the ends of the records."""
    for checkpoint in checkpoints.every(folder.checkpoints)[-1:]:
        files = sorted(f for f in checkpoint.iterdir() if f.is_file())
        for file in chance.sample(files, chance.randint(0, len(files))):
            _cut(file, chance)
    for file in (folder.metrics_file, folder.events_file):
        if file.exists() and chance.random() < 0.5:
            os.truncate(file, max(file.stat().st_size - chance.randint(1, 300), 0))


def _cut(file: Path, chance: Random) -> None:
    size = file.stat().st_size
    os.truncate(file, chance.choice((0, size // 2, max(size - 1, 0))))
