"""`strop score` from the command line to the store, with a real worker on a tiny model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.runs.folder import RunFolder
from engine.steps import curate, intake
from engine.store import scores, sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import chat_file, small_scope
from tests.engine.worker.conftest import fork_server, forked, tiny_model
from tui.cli import main

__all__ = ["fork_server", "forked", "tiny_model"]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "home", "ines")
    yield opened
    opened.store.close()


def strop(workspace: Workspace, *words: str) -> int:
    return main(["--home", str(workspace.home), "--who", "ines", *words])


@pytest.mark.usefixtures("forked")
def test_scores_are_in_the_store_when_the_run_that_was_watched_ends(
    workspace: Workspace, tmp_path: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = sessions.create(workspace.store, small_scope())
    slug = session.slug
    intake.import_file(workspace, slug, chat_file(tmp_path / "chats.jsonl", 6))
    words = ("score", slug, "--model", str(tiny_model), "--watch")
    assert strop(workspace, *words, "--answers", "2") == 0
    said = capsys.readouterr().out
    assert "Run 1 measures 6 examples and answers at most 2, in the background" in said
    assert "8 losses and answers taken over." in said
    waiting = curate.order_queue(workspace, slug)
    losses = scores.losses(workspace.store, session.id)
    assert set(losses) == set(waiting)
    found = scores.of_some(workspace.store, waiting)
    answered = [i for i in waiting if found[i].answer is not None]
    assert waiting == sorted(waiting, key=lambda i: (-losses[i], i))
    assert answered == waiting[:2]
    assert strop(workspace, *words) == 2
    assert "Every example that is not rejected has its score." in capsys.readouterr().err


@pytest.mark.usefixtures("forked")
def test_with_json_the_run_is_named_and_its_state_is_listed(
    workspace: Workspace, tmp_path: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slug = sessions.create(workspace.store, small_scope()).slug
    intake.import_file(workspace, slug, chat_file(tmp_path / "chats.jsonl", 6))
    last = curate.order_queue(workspace, slug)[-1]
    words = ("--model", str(tiny_model), "--limit", "1", "--example", str(last))
    assert strop(workspace, "score", slug, *words, "--json", "--watch") == 0
    started = json.loads(capsys.readouterr().out)
    assert (started["run"], started["losses"], started["answers"]) == (1, 2, 1)
    assert RunFolder(Path(started["folder"])).state().phase == "done"
    assert strop(workspace, "status", "--json") == 0
    (line,) = json.loads(capsys.readouterr().out)["runs"]
    assert (line["kind"], line["exit"]) == ("score", "done")
    found = scores.of(workspace.store, last)
    assert found is not None
    assert found.answer is not None
