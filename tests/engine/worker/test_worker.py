"""Real workers on a tiny model: the road of a job, and what pause, stop and kill -9 do to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors.torch import load_file

from engine.errors import StateError
from engine.records import Answer, Case, Suite
from engine.runs import launch
from engine.runs.feed import RunFeed, Snapshot
from engine.runs.folder import RunFolder, State, held_lock, write_atomically, write_lines
from tests.engine.worker.conftest import Prepare

LIMIT_S = 240.0

pytestmark = pytest.mark.usefixtures("forked")


def _until(condition: Callable[[], bool], what: str) -> None:
    """Look every few milliseconds until something has come about in another process."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.002)


def _finish(folder: RunFolder) -> State:
    launch.launch(folder)
    return _ended(folder)


def _ended(folder: RunFolder) -> State:
    _until(lambda: not folder.is_alive(), f"{folder.name} to end; {folder.log_tail(5)}")
    return folder.state()


def _adapter(folder: RunFolder) -> dict[str, torch.Tensor]:
    weights: dict[str, torch.Tensor] = load_file(folder.adapter / "adapter_model.safetensors")
    return weights


def _equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[k], other[k]) for k in one)


def test_a_train_job_walks_all_phases_and_leaves_answers_of_both_arms(prepare: Prepare) -> None:
    folder = prepare(epochs=2.0, evaluate_every=2)
    state = _finish(folder)
    assert state.phase == "done", state.message
    phases = [e.text.partition(":")[0] for e in folder.events() if e.kind == "phase"]
    assert phases == ["loading", "preflight", "baseline", "training", "answering", "done"]
    keys = {(a.arm, a.suite, a.case) for a in folder.answers() if a.repeat == 0}
    assert len(keys) == 2 * 5
    assert sum(a.repeat == 1 for a in folder.answers()) == 3
    by_case = {(a.arm, a.case): a for a in folder.answers()}
    assert by_case["tuned", "q"].choice in (0, 1)
    assert by_case["base", "t"].nll_tokens > 0
    assert by_case["base", "t"].nll != by_case["tuned", "t"].nll
    assert by_case["base", "c0"].nll_tokens > 0
    losses = [m.loss for m in folder.metrics() if m.loss is not None]
    assert len(losses) == 6
    looks = [m.step for m in folder.metrics() if m.validation_loss is not None]
    assert looks == [0, 2, 4, 6]
    assert [e.step for e in folder.events() if e.kind == "sample"] == looks


def test_a_run_killed_in_training_resumes_to_the_very_same_adapter(prepare: Prepare) -> None:
    # 13 rows: the last batch is short, and so is its last micro-batch.
    settings = {"rows": 13, "epochs": 7.0, "evaluate_every": 5, "patience": 0, "kl_share": 0.5}
    whole = prepare("0001-train", **settings)
    assert _finish(whole).phase == "done"
    broken = prepare("0002-train", **settings)
    _kill_after(broken, 7)
    _kill_after(broken, 12)
    torn = broken.checkpoints / "checkpoint-10" / "optimizer.pt"
    os.truncate(torn, torn.stat().st_size // 2)
    feed = RunFeed(broken)
    feed.poll()
    assert _finish(broken).phase == "done"
    resumed = [e.text[:17] for e in broken.events() if e.text.startswith("Resumed")]
    assert resumed == ["Resumed at step 5"] * 2
    assert _equal(_adapter(whole), _adapter(broken))
    assert all(m.divergence is not None for m in whole.metrics() if m.loss is not None)
    assert _curve(RunFeed(whole).poll()) == _curve(feed.poll()) == _curve(RunFeed(broken).poll())
    for kind in ("sample", "best", "checkpoint"):
        told = [(e.step, e.text, e.fields) for e in whole.events() if e.kind == kind]
        assert told == [(e.step, e.text, e.fields) for e in broken.events() if e.kind == kind]


def _kill_after(folder: RunFolder, step: int) -> None:
    pid = launch.launch(folder)
    _until(lambda: any(m.step > step for m in folder.metrics()), f"step {step + 1}")
    os.kill(pid, signal.SIGKILL)
    _until(lambda: not folder.is_alive(), "the kill")
    assert folder.has_died()


def _curve(snapshot: Snapshot) -> list[tuple[int, float | None, float | None, float | None]]:
    return [(m.step, m.loss, m.validation_loss, m.divergence) for m in snapshot.metrics]


def test_a_paused_run_goes_on_to_the_same_adapter_even_when_paused_at_a_look(
    prepare: Prepare,
) -> None:
    settings = {"epochs": 3.0, "evaluate_every": 1, "rows": 8, "patience": 0}
    whole = prepare("0001-train", **settings)
    assert _finish(whole).phase == "done"
    paused = prepare("0002-train", **settings)
    launch.launch(paused)
    _until(lambda: any(m.step > 1 for m in paused.metrics()), "step 2")
    launch.pause(paused)
    assert _ended(paused).phase == "paused"
    assert _finish(paused).phase == "done"
    assert _equal(_adapter(whole), _adapter(paused))
    looks = [m.step for m in paused.metrics() if m.validation_loss is not None]
    assert looks == [m.step for m in whole.metrics() if m.validation_loss is not None]


def test_a_run_that_died_after_its_last_step_resumes_without_training_again(
    prepare: Prepare,
) -> None:
    folder = prepare(epochs=2.0, evaluate_every=2)
    assert _finish(folder).phase == "done"
    trained, metrics = _adapter(folder), folder.metrics_file.read_bytes()
    (folder.adapter / "finished").unlink()
    assert _finish(folder).phase == "done"
    assert _equal(trained, _adapter(folder))
    assert folder.metrics_file.read_bytes() == metrics


def test_a_run_stops_early_when_looks_bring_no_gain(prepare: Prepare) -> None:
    folder = prepare(epochs=20.0, evaluate_every=2, patience=2, learning_rate=0.3)
    assert _finish(folder).phase == "done"
    best = min(
        (m for m in folder.metrics() if m.validation_loss is not None and m.step > 0),
        key=lambda m: m.validation_loss or 0.0,
    )
    assert max(m.step for m in folder.metrics()) == best.step + 4
    assert [e.step for e in folder.events() if e.kind == "best"][-1] == best.step


def test_sigterm_in_training_checkpoints_and_pauses(prepare: Prepare) -> None:
    folder = prepare(epochs=400.0, evaluate_every=500, patience=0)
    pid = launch.launch(folder)
    _until(lambda: any(m.step > 3 for m in folder.metrics()), "step 4")
    os.kill(pid, signal.SIGHUP)
    os.kill(pid, signal.SIGTERM)
    assert _ended(folder).phase == "paused"
    assert list(folder.checkpoints.glob("checkpoint-*/SHA256SUMS"))


def test_stop_ends_training_with_an_adapter(prepare: Prepare) -> None:
    folder = prepare(epochs=400.0, evaluate_every=500, patience=0)
    launch.launch(folder)
    _until(lambda: any(m.step > 3 for m in folder.metrics()), "step 4")
    launch.stop(folder)
    assert _ended(folder).phase == "stopped"
    assert _adapter(folder)


def test_without_validation_rows_a_paused_run_still_ends_with_its_last_adapter(
    prepare: Prepare,
) -> None:
    settings = {"epochs": 6.0, "evaluate_every": 50}
    whole, paused = prepare("0001-train", **settings), prepare("0002-train", **settings)
    for folder in (whole, paused):
        (folder.data / "validation.jsonl").unlink()
    assert _finish(whole).phase == "done"
    launch.launch(paused)
    _until(lambda: any(m.step > 1 for m in paused.metrics()), "step 2")
    launch.pause(paused)
    assert _ended(paused).phase == "paused"
    assert not paused.adapter.exists()
    assert _finish(paused).phase == "done"
    assert _equal(_adapter(whole), _adapter(paused))


def test_a_run_waits_for_the_one_before_it_by_name_and_then_runs(prepare: Prepare) -> None:
    first = prepare("0001-train", epochs=400.0, evaluate_every=500, patience=0)
    second = prepare("0002-train", epochs=1.0)
    launch.launch(first)
    launch.launch(second)
    _until(lambda: second.state().phase == "waiting", "the wait")
    assert second.state().message == "waits for 0001-train"
    launch.stop(first)
    assert _ended(second).phase == "done"
    assert first.state().phase == "stopped"


def test_an_older_run_that_is_resumed_waits_for_the_younger_one_at_work(prepare: Prepare) -> None:
    older = prepare("0001-train", epochs=1.0)
    younger = prepare("0002-train", epochs=400.0, evaluate_every=500, patience=0)
    launch.launch(younger)
    _until(lambda: younger.state().phase == "training", "the younger at work")
    launch.launch(older)
    _until(lambda: older.state().phase == "waiting", "the wait")
    assert older.state().message == "waits for 0002-train"
    launch.pause(older)
    launch.pause(younger)
    assert _ended(older).phase == _ended(younger).phase == "paused"


def test_a_second_worker_on_the_same_folder_is_refused(prepare: Prepare) -> None:
    folder = prepare(epochs=400.0, evaluate_every=500, patience=0)
    launch.launch(folder)
    with pytest.raises(StateError, match="already running"):
        launch.launch(folder)
    second = subprocess.run(
        [sys.executable, "-m", "engine.worker", str(folder.path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 2
    assert "already running" in second.stderr
    launch.pause(folder)
    assert _ended(folder).phase == "paused"


def test_settings_under_which_no_row_is_trained_fail_in_one_sentence(prepare: Prepare) -> None:
    state = _finish(prepare(epochs=0.01))
    assert state.phase == "failed"
    assert "epochs" in state.message


def test_preflight_only_ends_ready_and_shows_rows_with_their_mask(prepare: Prepare) -> None:
    folder = prepare()
    launch.launch(folder, preflight_only=True)
    assert _ended(folder).phase == "ready"
    preflight = folder.preflight()
    assert preflight is not None
    assert not preflight.blocked
    assert preflight.step_s > 0
    assert preflight.memory > 0
    trained = "".join(t.text for t in preflight.rows[0] if t.trained)
    assert trained.endswith("<|im_end|>")
    assert not folder.adapter.exists()


def test_rows_cut_by_the_length_limit_block_the_run(prepare: Prepare) -> None:
    folder = prepare(max_length=45)
    state = _finish(folder)
    assert state.phase == "blocked"
    assert "max_length" in state.message
    assert not folder.metrics()


def test_a_blocked_run_is_checked_again_when_started_again(prepare: Prepare) -> None:
    folder = prepare(max_length=45, epochs=1.0)
    assert _finish(folder).phase == "blocked"
    job = folder.job()
    repaired = msgspec.structs.replace(
        job, recipe=msgspec.structs.replace(job.recipe, max_length=500)
    )
    write_atomically(folder.job_file, msgspec.json.encode(repaired))
    assert _finish(folder).phase == "done"


def test_a_loss_that_is_no_number_fails_in_one_sentence_and_keeps_the_last_good_adapter(
    prepare: Prepare,
) -> None:
    folder = prepare(
        epochs=40.0, learning_rate=1e18, max_grad_norm=1e30, warmup_share=0.9, evaluate_every=1
    )
    state = _finish(folder)
    assert state.phase == "failed"
    assert "not a number" in state.message
    assert all(torch.isfinite(t).all() for t in _adapter(folder).values())


def test_a_job_without_a_model_fails_with_the_reason(prepare: Prepare, tmp_path: Path) -> None:
    folder = prepare()
    gone = msgspec.structs.replace(folder.job(), model=str(tmp_path))
    write_atomically(folder.job_file, msgspec.json.encode(gone))
    state = _finish(folder)
    assert state.phase == "failed"
    assert str(tmp_path) in state.message


def test_a_run_waits_for_the_device_visibly_and_can_be_paused_there(prepare: Prepare) -> None:
    folder = prepare()
    with held_lock(folder.path.parent / "device.lock"):
        launch.launch(folder)
        _until(lambda: folder.state().phase == "waiting", "the wait")
        assert "waits for" in folder.state().message
        launch.pause(folder)
        assert _ended(folder).phase == "paused"


def test_an_evaluation_killed_half_way_answers_only_what_is_missing(prepare: Prepare) -> None:
    folder = prepare(cases=150, epochs=1.0)
    suite = folder.suite("domain")
    longer = msgspec.structs.replace(suite, max_new_tokens=64)
    write_atomically(folder.data / "suite-domain.json", msgspec.json.encode(longer))
    pid = launch.launch(folder)
    _until(lambda: bool(folder.answers()), "a first batch")
    os.kill(pid, signal.SIGKILL)
    _until(lambda: not folder.is_alive(), "the kill")
    before = folder.answers_file.read_bytes()
    assert _finish(folder).phase == "done"
    after = folder.answers_file.read_bytes()
    assert after.startswith(before[: before.rfind(b"\n") + 1])
    assert len(after.splitlines()) == len(folder.answers()) == 2 * 152 + 20


def test_a_pause_does_not_wait_for_a_batch_of_answers_to_end(prepare: Prepare) -> None:
    folder = prepare(cases=60)
    suite = msgspec.structs.replace(folder.suite("domain"), max_new_tokens=400)
    write_atomically(folder.data / "suite-domain.json", msgspec.json.encode(suite))
    launch.launch(folder)
    _until(lambda: folder.state().phase == "baseline", "the first batch to begin")
    launch.pause(folder)
    assert _ended(folder).phase == "paused"
    assert folder.answers() == []


def test_a_case_keeps_its_company_when_some_of_it_is_known(prepare: Prepare) -> None:
    folder = prepare(epochs=1.0)
    known = Answer("domain", "c0", "base", text="measured before", tokens=2)
    write_lines(folder.data / "known.jsonl", [known])
    assert _finish(folder).phase == "done"
    base = [a for a in folder.answers() if (a.suite, a.arm, a.repeat) == ("domain", "base", 0)]
    assert sorted(a.case for a in base) == ["c0", "c1", "c2"]
    assert next(a for a in base if a.case == "c0") == known
    assert len(folder.answers_file.read_bytes().splitlines()) == len(folder.answers())


@pytest.mark.parametrize("missing", [0, 1])
def test_a_reference_is_scored_for_each_case_that_has_one_and_no_other(
    prepare: Prepare, missing: int
) -> None:
    folder = prepare(epochs=1.0, cases=2)
    suite = folder.suite("domain")
    cases = [
        msgspec.structs.replace(c, reference="" if n == missing else "worn shoes")
        for n, c in enumerate(suite.cases)
    ]
    changed: Suite = msgspec.structs.replace(suite, cases=tuple(cases))
    write_atomically(folder.data / "suite-domain.json", msgspec.json.encode(changed))
    assert _finish(folder).phase == "done"
    scored = {a.case for a in folder.answers() if a.suite == "domain" and a.nll is not None}
    assert scored == {_other(cases, missing).id}


def _other(cases: list[Case], missing: int) -> Case:
    return cases[1 - missing]
