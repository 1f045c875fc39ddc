"""What a worker does when memory or disk run short, or a checkpoint does not load as saved."""

from __future__ import annotations

import shutil
import time
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from engine.runs import launch
from engine.runs.folder import RunFolder, State
from tests.engine.worker.conftest import Forks, Prepare

LIMIT_S = 240.0


def little_memory() -> None:
    """Two rows fit in a pass; while training, from the thirteenth pass on, only one does."""
    from engine.worker.passes import _before_trained as real

    calls = [0]

    def limited(part: Any, states: Any) -> Any:
        if torch.is_grad_enabled():
            calls[0] += 1
            if len(part) > (2 if calls[0] <= 12 else 1):
                raise torch.OutOfMemoryError("no memory")
        return real(part, states)

    pytest.MonkeyPatch().setattr("engine.worker.passes._before_trained", limited)


def hardly_memory() -> None:
    """One row fits, and that only while its layers do not keep what they make."""
    from engine.worker.packed import run_segments as real

    def limited(decoder: Any, segments: Any, memory: Any, *, remember: bool = False) -> Any:
        if torch.is_grad_enabled() and not remember:
            recomputing = any(
                getattr(m, "gradient_checkpointing", False) for m in decoder.modules()
            )
            if len(segments) > 1 or not recomputing:
                raise torch.OutOfMemoryError("no memory")
        return real(decoder, segments, memory, remember=remember)

    pytest.MonkeyPatch().setattr("engine.worker.passes.run_segments", limited)


def no_memory() -> None:
    """Not even one row fits."""

    def run(*_: Any, **__: Any) -> Any:
        raise torch.OutOfMemoryError("no memory")

    pytest.MonkeyPatch().setattr("engine.worker.passes.run_segments", run)


def little_disk() -> None:
    """The disk has room until the fourth step."""
    real, left = shutil.disk_usage, [4]
    """One look at the disk in preflight, then one a step."""

    def usage(path: Any) -> Any:
        left[0] -= 1
        return real(path)._replace(free=10**11 if left[0] >= 0 else 10**6)

    pytest.MonkeyPatch().setattr(shutil, "disk_usage", usage)


def other_weights() -> None:
    """A library that forgets to load the adapter: a resume would train from scratch."""
    name = "engine.worker.training.CompletionTrainer._load_from_checkpoint"
    pytest.MonkeyPatch().setattr(name, lambda *_, **__: None)


def _finish(folder: RunFolder) -> State:
    launch.launch(folder)
    deadline = time.monotonic() + LIMIT_S
    while folder.is_alive():
        assert time.monotonic() < deadline, folder.log_tail(5)
        time.sleep(0.01)
    return folder.state()


def test_out_of_memory_halves_the_micro_batch_and_trains_the_same_adapter(
    prepare: Prepare, forked: Forks
) -> None:
    settings = {"micro_batch": 4, "dropout": 0.0, "epochs": 2.0, "evaluate_every": 3}
    ample, short = prepare("0001-train", **settings), prepare("0002-train", **settings)
    assert _finish(ample).phase == "done"
    forked.before = little_memory
    assert _finish(short).phase == "done"
    preflight = short.preflight()
    assert preflight is not None
    assert preflight.micro_batch == 2
    assert [line.level for line in preflight.lines if line.check == "micro batch"] == ["warn"]
    warnings = [e.text for e in short.events() if e.kind == "warning"]
    assert warnings == ["Out of memory: 1 at a time from here on; the steps stay the same."]
    steps = [[m.step for m in run.metrics() if m.loss] for run in (ample, short)]
    assert steps == [[1, 2, 3, 4, 5, 6]] * 2
    one = load_file(ample.adapter / "adapter_model.safetensors")
    other = load_file(short.adapter / "adapter_model.safetensors")
    for name, weights in one.items():
        # Adam turns rounding into whole steps where a gradient is nearly zero: hence not tighter.
        assert torch.allclose(weights, other[name], atol=2e-3), name


def test_where_one_row_hardly_fits_its_layers_are_run_again_and_make_the_same_adapter(
    prepare: Prepare, forked: Forks
) -> None:
    settings = {"micro_batch": 1, "dropout": 0.0, "epochs": 1.0, "evaluate_every": 3}
    ample, short = prepare("0001-train", **settings), prepare("0002-train", **settings)
    assert _finish(ample).phase == "done"
    forked.before = hardly_memory
    assert _finish(short).phase == "done"
    preflight = short.preflight()
    assert preflight is not None
    said = [line.text for line in preflight.lines if line.check == "micro batch"]
    assert said == ["one row fits into memory only if its layers are run again on the way back"]
    one, other = (load_file(r.adapter / "adapter_model.safetensors") for r in (ample, short))
    assert all(weights.equal(other[name]) for name, weights in one.items())


def test_a_row_that_does_not_fit_at_all_fails_in_a_sentence(
    prepare: Prepare, forked: Forks
) -> None:
    forked.before = no_memory
    state = _finish(prepare())
    assert state.phase == "failed"
    assert state.message.startswith("Out of memory.")


def test_a_disk_that_fills_up_pauses_with_a_checkpoint_and_the_run_goes_on_later(
    prepare: Prepare, forked: Forks
) -> None:
    folder = prepare(epochs=3.0, evaluate_every=50)
    forked.before = little_disk
    state = _finish(folder)
    assert state.phase == "paused"
    assert "free on the disk" in state.message
    assert [c.name for c in folder.checkpoints.iterdir()] == ["checkpoint-4"]
    forked.before = None
    assert _finish(folder).phase == "done"


def test_a_resume_that_did_not_load_the_weights_is_refused(prepare: Prepare, forked: Forks) -> None:
    folder = prepare(epochs=3.0, evaluate_every=2, learning_rate=0.1)
    forked.before = little_disk
    assert _finish(folder).phase == "paused"
    forked.before = other_weights
    state = _finish(folder)
    assert state.phase == "failed"
    assert "not loaded as saved" in state.message


@pytest.mark.parametrize(
    ("batch", "size", "smaller"), [(8, 8, 4), (12, 6, 3), (6, 3, 1), (5, 5, 1)]
)
def test_a_smaller_micro_batch_always_divides_the_batch(
    batch: int, size: int, smaller: int
) -> None:
    from engine.worker.training import smaller_micro_batch

    assert smaller_micro_batch(batch, size) == smaller
