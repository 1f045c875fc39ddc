"""Fifty pairs judged by keys in a real terminal of 80x24, with the time that strop itself takes."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

import pytest

from engine.steps import blind, curate, intake
from engine.steps import scope as scope_step
from engine.steps import sessions as sessions_step
from engine.store import sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run, case_file, chat_file, small_scope
from tests.terminal import Terminal

PAIRS = 50
MOST_S = 1.0
"""Seconds from a key to the next pair, at the median, on a machine that may be busy."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store whose run has 54 cases that the arms answer differently."""
    model = tmp_path / "models" / "smollm2-135m-instruct"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    monkeypatch.setenv("STROP_MODELS", str(tmp_path / "models"))
    workspace = Workspace(tmp_path / "home", "ines")
    slug = sessions.create(workspace.store, small_scope()).slug
    intake.import_file(workspace, slug, chat_file(tmp_path / "chats.jsonl"))
    cases = case_file(tmp_path / "held.jsonl", 60)
    intake.import_file(workspace, slug, cases, held_out=True)
    curate.check(workspace, slug)
    curate.accept(workspace, slug, curate.order_queue(workspace, slug))
    curate.split(workspace, slug)
    scope_step.freeze(workspace, slug)
    answered_run(workspace, slug, {"base": 3, "tuned": 57})
    sessions_step.remember_place(workspace, slug, 4)
    workspace.store.close()
    return tmp_path / "home"


@pytest.mark.slow
def test_fifty_pairs_take_fifty_keys_and_the_reveal_says_how_long_a_pair_took(
    home: Path, tmp_path: Path
) -> None:
    environ = {"STROP_HOME": str(home), "STROP_MODELS": str(tmp_path / "models")}
    terminal = Terminal(["tui.cli", "--who", "ines"], environ)
    terminal.read_until("[4 Compare")
    terminal.read_until("showing: fixed")
    terminal.child.send("b")
    terminal.read_until("pair 1 of 50")
    took = []
    for number in range(1, PAIRS + 1):
        began = time.monotonic()
        terminal.child.send("12=0"[number % 4])
        terminal.read_until(f"{number + 1} of 50" if number < PAIRS else "which was which")
        took.append(time.monotonic() - began)
    terminal.read_until("s a pair at the median")
    terminal.read_until_quiet()
    shown = "\n".join(terminal.screen.display)
    terminal.child.send("q")
    assert terminal.read_to_the_end() == 0
    assert "50 pairs by ines" in shown
    assert median(took) < MOST_S
    print(f"{median(took):.3f} s from a key to the next pair, {max(took):.3f} at most")
    workspace = Workspace(home, "ines")
    run = 1
    (found,) = blind.tallies(workspace, run)
    workspace.store.close()
    assert (found.pairs, found.same + found.neither) == (PAIRS, 25)
    assert 0 <= found.seconds < MOST_S
