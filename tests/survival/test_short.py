"""Out of disk, memory or numbers: the run says so in one sentence, loses nothing, and goes on."""

from __future__ import annotations

import math
import os
import re
from functools import partial
from pathlib import Path

import pytest
import torch

from engine.errors import RunError
from engine.runs import launch
from engine.runs.folder import RunFolder
from tests.survival.conftest import SETTINGS, Forks, Prepare
from tests.survival.lives import (
    adapter,
    curve,
    disk,
    ended,
    live,
    read_only,
    same_adapter,
    told,
    wait_until,
)
from tests.survival.moments import (
    die_at,
    fill,
    fill_the_disk_at,
    limit_files,
    little_memory,
    no_number,
    wait_at,
)

NOT_WRITTEN = "Read-only file system|Permission denied"
FULL = "Paused: the disk is full. Make room and resume; it goes on from what is written."


def _is_like(one: RunFolder, other: RunFolder) -> bool:
    return same_adapter(one, other) and curve(one) == curve(other)


def test_a_disk_that_fills_up_pauses_a_run_before_it_is_full_or_when_it_is(
    whole: RunFolder, prepare: Prepare, forked: Forks, tmp_path: Path
) -> None:
    with disk(tmp_path / "runs", "64m"):
        ballast = tmp_path / "runs" / "ballast"
        folder = prepare("0002-train", **SETTINGS)
        forked.before = partial(
            fill_the_disk_at, str(folder.path), "os.mkdir checkpoint-3", 1, str(ballast)
        )
        assert live(folder).message == FULL
        assert folder.state().phase == "paused"
        assert not list(folder.checkpoints.iterdir())
        ballast.unlink()
        # Not full yet: there is room for a checkpoint, and for little else.
        fill(ballast, leave=10_000_000)
        forked.before = None
        state = live(folder)
        assert state.phase == "paused"
        assert state.message == "Paused: 10 MB are free on the disk. Make room and resume."
        assert [c.name for c in folder.checkpoints.iterdir()] == ["checkpoint-1"]
        ballast.unlink()
        assert live(folder).phase == "done"
        assert _is_like(folder, whole)


def test_a_file_that_may_grow_no_further_pauses_a_run(
    whole: RunFolder, prepare: Prepare, forked: Forks
) -> None:
    folder = prepare("0002-train", **SETTINGS)
    forked.before = partial(limit_files, 20_000)
    assert live(folder).message == FULL
    forked.before = None
    assert live(folder).phase == "done"
    assert _is_like(folder, whole)


def test_a_folder_that_becomes_read_only_is_left_as_it_is_and_goes_on_once_it_is_not(
    whole: RunFolder, prepare: Prepare, forked: Forks, tmp_path: Path
) -> None:
    folder, gate = prepare("0002-train", **SETTINGS), tmp_path / "gate"
    forked.before = partial(wait_at, str(folder.path), "os.mkdir checkpoint-6", 1, str(gate))
    launch.launch(folder)
    wait_until(gate.exists, "the sixth step")
    with read_only(folder.path):
        gate.unlink()
        ended(folder)
        assert folder.has_died()
        assert re.search(NOT_WRITTEN, folder.log_tail(1)[0])
        with pytest.raises(RunError, match=f"cannot be written: {NOT_WRITTEN}"):
            launch.launch(folder)
    forked.before = None
    assert live(folder).phase == "done"
    assert _is_like(folder, whole)


def test_a_loss_that_is_no_number_goes_back_to_the_last_good_checkpoint_at_half_the_rate(
    whole: RunFolder, prepare: Prepare, forked: Forks
) -> None:
    folder, killed = prepare("0002-train", **SETTINGS), prepare("0003-train", **SETTINGS)
    forked.before = partial(no_number, 8, 1)
    assert live(folder).phase == "done"
    assert told(folder, "warning") == [
        "At step 8 loss or gradient was not a number."
        " Back to step 6, at half the learning rate, 0.0005."
    ]
    rates = [{m.step: m.rate for m in run.metrics() if m.rate} for run in (whole, folder)]
    for step, rate in rates[0].items():
        assert rates[1][step] == pytest.approx(rate / 2 if step > 6 else rate), step
    assert curve(whole)[:7] == curve(folder)[:7]
    # A later life stays at half the rate.
    forked.before = partial(_no_number_and_death, str(killed.path))
    live(killed)
    assert killed.has_died()
    forked.before = None
    assert live(killed).phase == "done"
    assert _is_like(killed, folder)


def _no_number_and_death(folder: str) -> None:
    no_number(8, 1)
    die_at(folder, "os.mkdir checkpoint-10", 1)


def test_a_loss_that_is_no_number_again_halts_the_run_and_keeps_the_best_adapter(
    prepare: Prepare, forked: Forks
) -> None:
    folder = prepare(**SETTINGS)
    forked.before = partial(no_number, 5, 9)
    state = live(folder)
    assert state.phase == "failed"
    assert state.message == (
        "At step 5 loss or gradient was not a number. It was at half the learning rate already."
        " Start a new run with a much lower learning_rate; the best adapter so far is kept."
    )
    assert all(torch.isfinite(weights).all() for weights in adapter(folder).values())
    assert all(math.isfinite(m.loss or 0.0) for m in folder.metrics())


def test_memory_that_the_system_refuses_halves_the_micro_batch(
    prepare: Prepare, forked: Forks
) -> None:
    settings = {**SETTINGS, "micro_batch": 4, "dropout": 0.0, "epochs": 2.0}
    folder = prepare(**settings)
    forked.before = little_memory
    state = live(folder)
    assert state.phase == "done", state.message
    preflight = folder.preflight()
    assert preflight is not None
    assert preflight.micro_batch == 2
    (line,) = [line for line in preflight.lines if line.check == "micro batch"]
    assert line.text == "4 rows at once do not fit into memory, 2 do"
    assert os.path.getsize(folder.log_file) == 0  # noqa: PTH202
