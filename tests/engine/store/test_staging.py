"""Imports that die on the way: whole or not at all, whatever the moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import StateError
from engine.records import Example, Message
from engine.scope import Scope
from engine.steps import intake
from engine.store import examples, sessions, sources, staging
from engine.store.sources import Counts, Refused, SourceKey
from engine.store.staging import Head
from engine.workspace import Workspace

ROWS = 2_500


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "home", who="ines")
    yield opened
    opened.store.close()


@pytest.fixture
def slug(workspace: Workspace) -> str:
    return sessions.create(workspace.store, Scope("Shop")).slug


def chats(path: Path, count: int = ROWS) -> Path:
    with path.open("w") as file:
        for i in range(count):
            turns = [{"role": "user", "content": f"q{i % 2000}"}]
            turns.append({"role": "assistant", "content": "a"})
            file.write(json.dumps({"messages": turns}) + "\n")
        file.write("\nbroken\n")
    return path


def left_over(workspace: Workspace) -> list[Path]:
    return list(workspace.home.glob("strop.db.import-*"))


def kill(folder: Path, source: Path, at: str) -> None:
    """Import in a process of its own that is killed at a moment: `read`, `sealed` or `batch`."""
    code = f"""
import os, signal
from pathlib import Path
from engine.steps import intake
from engine.store import staging
from engine.workspace import Workspace

def die(*args): os.kill(os.getpid(), signal.SIGKILL)

staging.BATCH = 600
if {at!r} == "read":
    staging.Staging.seal = die
if {at!r} == "sealed":
    intake.bring = die
if {at!r} == "batch":
    brought = iter(range(9))
    staging.time.sleep = lambda s: die() if next(brought) == 2 else None
intake.import_file(Workspace(Path({str(folder)!r})), "shop", Path({str(source)!r}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.parametrize("at", ["read", "sealed", "batch"])
def test_an_import_that_is_killed_is_there_whole_or_not_at_all(
    workspace: Workspace, slug: str, tmp_path: Path, at: str
) -> None:
    path = chats(tmp_path / "chats.jsonl")
    kill(workspace.home, path, at)
    assert len(left_over(workspace)) >= 1
    again = Workspace(workspace.home)
    session = sessions.get(again.store, slug).id
    assert left_over(again) == []
    found = sources.every(again.store, session)
    if at == "read":
        assert found == []
        assert examples.every(again.store, session) == []
    else:
        whole = Counts(ROWS + 2, ROWS, 1, 1, 0)
        assert [source.counts for source in found] == [whole]
        lines = [stored.line for stored in examples.every(again.store, session)]
        assert lines == list(range(1, ROWS + 1))
        assert len(sources.refused(again.store, session)) == 2
    expected = 0 if at != "read" else ROWS
    assert intake.import_file(again, slug, path).counts.accepted == expected
    again.store.close()


def test_an_import_that_is_stopped_adds_nothing_and_leaves_nothing(
    workspace: Workspace, slug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.steps.importing._EVERY_S", 0.0)
    seen: list[int] = []

    def stop_soon(progress: intake.Progress) -> bool:
        assert progress.phase == "reading"
        seen.append(progress.rows)
        return progress.rows < 2_000

    with pytest.raises(StateError, match="stopped after 2,000 rows") as caught:
        intake.import_file(workspace, slug, chats(tmp_path / "c.jsonl"), watch=stop_soon)
    assert caught.value.hint == "Nothing of it was added."
    assert seen == [1_000, 2_000]
    session = sessions.get(workspace.store, slug).id
    assert (sources.every(workspace.store, session), left_over(workspace)) == ([], [])


def test_an_import_that_goes_on_elsewhere_is_left_alone(workspace: Workspace, slug: str) -> None:
    store = workspace.store
    with staging.staging(store) as aside:
        aside.take([(1, "f", "{}", "", "")])
        staging.finish_interrupted(store)
        assert aside.path in left_over(workspace)
        aside.refuse([Refused(1, "skipped", "blank line")])
    assert left_over(workspace) == []


def test_the_same_text_is_numbered_as_often_as_it_stands_in_a_file(
    workspace: Workspace, slug: str
) -> None:
    store, session = workspace.store, sessions.get(workspace.store, slug).id
    example = Example((Message("user", "q"), Message("assistant", "a")))
    row = examples.encoded(example)

    def bring(count: int, at: str) -> Counts:
        with staging.staging(store) as aside:
            aside.take([(line, *row) for line in range(1, count + 1)])
            aside.seal(Head(SourceKey(session, "f", "sha", at), "f", "chat"))
        return staging.bring(store, aside.path)

    assert bring(3, "1") == Counts(3, 3, 0, 0, 0)
    assert bring(4, "2") == Counts(4, 1, 0, 0, 3)
    numbers = store.rows("SELECT occurrence FROM examples ORDER BY id")
    assert [r["occurrence"] for r in numbers] == [1, 2, 3, 4]


def test_others_can_write_while_rows_are_brought_over(
    workspace: Workspace, slug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "BATCH", 500)
    other = Workspace(workspace.home)
    heard: list[int] = []

    def touch(progress: intake.Progress) -> bool:
        if progress.phase == "writing":
            heard.append(progress.rows)
            with other.store.transaction() as db:
                db.execute("UPDATE sessions SET place = ?", [f'"{progress.rows}"'])
        return True

    done = intake.import_file(workspace, slug, chats(tmp_path / "c.jsonl"), watch=touch)
    assert done.counts.rows == heard[-1] == ROWS + 2
    assert len(heard) == 6
    other.store.close()


def test_no_left_over_file_is_needed_to_open_a_store(workspace: Workspace, slug: str) -> None:
    junk = workspace.home / f"strop.db.import-{os.getpid()}-1"
    junk.write_bytes(b"this is no database at all" * 50)
    workspace.store.close()
    assert sessions.get(Workspace(workspace.home).store, slug).slug == slug
