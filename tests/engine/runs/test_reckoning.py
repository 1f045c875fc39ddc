from __future__ import annotations

from pathlib import Path

import msgspec

from engine.runs.folder import Event, Metric, Preflight, RunFolder, write_lines
from engine.runs.reckoning import measure, reckon, training_seconds


def phases(*told: tuple[float, str]) -> list[Event]:
    return [Event(moment, "phase", text) for moment, text in told]


WHOLE = phases(
    (0, "loading"),
    (5, "preflight"),
    (10, "baseline"),
    (30, "training"),
    (130, "answering"),
    (150, "done"),
)


def test_only_work_counts_not_loading_nor_waiting(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    write_lines(folder.events_file, WHOLE[:-1])
    write_lines(folder.metrics_file, [Metric(1, 40.0, loss=1.0, memory=700)])
    folder.adapter.mkdir()
    (folder.adapter / "weights").write_bytes(b"x" * 50)
    found = measure(folder, 500, 150.0)
    assert (found.seconds, found.memory, found.disk) == (140.0, 700, 50)


def test_a_pause_and_a_kill_are_not_time_at_work() -> None:
    events = phases((0, "training"), (10, "paused"), (500, "loading"), (510, "training"))
    killed = phases((2000, "loading"), (2010, "training"), (2030, "answering"))
    metrics = [Metric(1, 5.0, loss=1.0), Metric(2, 540.0, loss=1.0)]
    assert training_seconds([*events, *killed], metrics) == 10 + 30 + 20


def test_a_run_at_work_counts_up_to_now_and_a_dead_one_to_its_last_word() -> None:
    metrics = [Metric(1, 70.0, loss=1.0)]
    assert training_seconds(WHOLE[:4], metrics, now=90.0) == 60.0
    assert training_seconds(WHOLE[:4], metrics) == 40.0


def test_without_an_estimate_there_is_nothing_to_hold_against(tmp_path: Path) -> None:
    assert reckon(None, None) is None
    assert reckon(Preflight(lines=()), None) is None
    known = Preflight(lines=(), eta_s=60.0, memory=10, disk=20)
    found = reckon(known, None)
    assert found is not None
    assert (found.estimated_s, found.took_s, found.estimated_disk) == (60.0, 0.0, 20)
    write = RunFolder(tmp_path)
    write.outcome_file.write_bytes(msgspec.json.encode(measure(write, 7, 0.0)))
    later = reckon(known, write.outcome())
    assert later is not None
    assert (later.took_s, later.memory) == (0.0, 7)
