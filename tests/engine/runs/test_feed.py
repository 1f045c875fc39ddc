from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.errors import RunError
from engine.runs.feed import RunFeed
from engine.runs.folder import Event, Metric, RunFolder, State, held_lock, write_atomically


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


def append(path: Path, *records: msgspec.Struct) -> None:
    with path.open("ab") as handle:
        for record in records:
            handle.write(msgspec.json.encode(record) + b"\n")


def test_only_what_is_new_is_added_and_a_torn_line_means_not_yet(folder: RunFolder) -> None:
    feed = RunFeed(folder)
    append(folder.metrics_file, Metric(1, 0.0, loss=2.0))
    whole = msgspec.json.encode(Metric(2, 1.0, loss=1.5)) + b"\n"
    with folder.metrics_file.open("ab") as handle:
        handle.write(whole[:9])
    assert [m.step for m in feed.poll().metrics] == [1]
    with folder.metrics_file.open("ab") as handle:
        handle.write(whole[9:])
    assert [m.loss for m in feed.poll().metrics] == [2.0, 1.5]


def test_two_lines_of_a_step_are_one_point(folder: RunFolder) -> None:
    append(folder.metrics_file, Metric(5, 0.0, loss=1.0), Metric(5, 1.0, validation_loss=0.9))
    (point,) = RunFeed(folder).poll().metrics
    assert (point.loss, point.validation_loss) == (1.0, 0.9)


def test_a_metrics_file_rewritten_on_resume_starts_the_curve_anew(folder: RunFolder) -> None:
    feed = RunFeed(folder)
    append(folder.metrics_file, Metric(1, 0.0, loss=2.0), Metric(2, 0.0, loss=9.0))
    feed.poll()
    aside = folder.path / "aside"
    append(aside, Metric(1, 0.0, loss=2.0))
    aside.replace(folder.metrics_file)
    assert [m.step for m in feed.poll().metrics] == [1]


def test_silence_is_not_death_but_a_lost_lock_is(folder: RunFolder) -> None:
    write_atomically(folder.state_file, msgspec.json.encode(State("training", 3, 9)))
    append(folder.events_file, Event(0.0, "note", "started"))
    with held_lock(folder.lock_file):
        snapshot = RunFeed(folder).poll()
        assert (snapshot.alive, snapshot.died) == (True, False)
    snapshot = RunFeed(folder).poll()
    assert (snapshot.alive, snapshot.died) == (False, True)


def test_a_run_that_ended_by_itself_did_not_die(folder: RunFolder) -> None:
    write_atomically(folder.state_file, msgspec.json.encode(State("paused", 3, 9)))
    assert not RunFeed(folder).poll().died


def test_a_damaged_state_names_the_file(folder: RunFolder) -> None:
    folder.state_file.write_text('{"phase": "tra')
    with pytest.raises(RunError, match=r"state\.json"):
        RunFeed(folder).poll()


def test_a_lock_is_held_once(folder: RunFolder) -> None:
    second = held_lock(folder.lock_file)
    with held_lock(folder.lock_file), pytest.raises(RunError, match="already running"):
        second.__enter__()
