"""A pause gives the device back; what resumes may be another strop, and checks what it finds."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from functools import partial
from typing import Any

import msgspec
import pytest

from engine.errors import RunError
from engine.runs import launch
from engine.runs.folder import RunFolder, write_atomically
from engine.worker import checkpoints
from tests.survival.conftest import SETTINGS, Forks, Prepare
from tests.survival.lives import curve, ended, is_gone, live, same_adapter, told, wait_until
from tests.survival.moments import wait_at


def _paused(prepare: Prepare, forked: Forks) -> RunFolder:
    """A run that was paused after its fourth step, and the process that worked on it gone."""
    folder = prepare("0002-train", **SETTINGS)
    gate = folder.path / "gate"
    forked.before = partial(wait_at, str(folder.path), "os.mkdir checkpoint-3", 1, str(gate))
    pid = launch.launch(folder)
    wait_until(gate.exists, "the third step")
    launch.pause(folder)
    gate.unlink()
    assert ended(folder).phase == "paused"
    wait_until(lambda: is_gone(pid), "the end of the process, and of all the memory it had")
    assert [c.name for c in checkpoints.every(folder.checkpoints)][-1] == "checkpoint-4"
    forked.before = None
    return folder


def _rewritten(folder: RunFolder, changes: dict[str, Any], *gone: str) -> None:
    """job.json as another strop would have written it."""
    job = {**json.loads(folder.job_file.read_bytes()), **changes}
    for name in gone:
        del job[name]
    write_atomically(folder.job_file, json.dumps(job).encode())


def test_a_folder_of_an_earlier_strop_goes_on_to_the_same_adapter_and_says_what_changed(
    whole: RunFolder, prepare: Prepare, forked: Forks
) -> None:
    folder = _paused(prepare, forked)
    _rewritten(folder, {"versions": {"torch": "2.1", "strop": "0.0.1"}}, "format", "processes")
    for checkpoint in checkpoints.every(folder.checkpoints):
        (checkpoint / checkpoints.CURVE).unlink()
        checkpoints.seal(checkpoint)
    assert live(folder).phase == "done"
    assert same_adapter(folder, whole)
    assert curve(folder) == curve(whole)
    (warning,) = told(folder, "warning")
    assert warning.startswith("Goes on with other versions than it began with: torch 2.1 -> ")
    assert "strop 0.0.1 -> " in warning
    (first,) = [text for text in told(folder, "note") if text.startswith("First loss")]
    losses = {m.step: m.loss for m in folder.metrics() if m.loss is not None}
    assert first == f"First loss, step 5: {losses[5]:.4f}, the last one was {losses[4]:.4f}."


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": 99}, "is a run folder of format 99; this strop knows 1. Update strop"),
        ({"recipe": {"momentum": 0.5}}, "unknown field `momentum`.*from another version of strop"),
    ],
)
def test_a_folder_of_a_later_strop_is_refused_with_the_reason(
    prepare: Prepare, changes: dict[str, Any], reason: str
) -> None:
    folder = prepare(**SETTINGS)
    _rewritten(folder, changes)
    before = sorted(folder.path.rglob("*"))
    with pytest.raises(RunError) as refused:
        launch.launch(folder)
    assert re.search(reason, str(refused.value)), str(refused.value)
    assert sorted(folder.path.rglob("*")) == before


def test_a_run_whose_rows_are_others_than_it_began_with_does_not_go_on(
    prepare: Prepare, forked: Forks
) -> None:
    folder = _paused(prepare, forked)
    rows = folder.data / "train.jsonl"
    frozen = hashlib.sha256(rows.read_bytes()).hexdigest()
    job = msgspec.structs.replace(folder.job(), hashes={"train": frozen})
    write_atomically(folder.job_file, msgspec.json.encode(job))
    kept = rows.with_suffix(".kept")
    shutil.copyfile(rows, kept)
    lines = rows.read_bytes().splitlines(keepends=True)
    rows.write_bytes(b"".join(reversed(lines)))
    state = live(folder)
    assert state.phase == "failed"
    assert "train.jsonl is not what this run began with" in state.message
    kept.replace(rows)
    assert live(folder).phase == "done"
