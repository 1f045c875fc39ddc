"""Hostile words, from import to report: shown as text on every screen, leaked on none."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from engine.records import Answer
from engine.runs.folder import write_lines
from engine.steps import curate, intake
from engine.steps import scope as scope_step
from engine.steps import sessions as sessions_step
from engine.store import sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run, case_file, chat_file, small_scope
from tests.terminal import ESCAPES, FORBIDDEN, Terminal

HOSTILE = "[@click=app.quit]keep 45 days[/] [/x] \x1b]52;c;QUFB\x07 \x9b31mred \u202egnitset"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with a finished run, hostile words in examples, cases and answers."""
    model = tmp_path / "models" / "smollm2-135m-instruct"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    monkeypatch.setenv("STROP_MODELS", str(tmp_path / "models"))
    workspace = Workspace(tmp_path / "home", "ines")
    slug = sessions.create(workspace.store, small_scope(f"Shop {HOSTILE[:12]}")).slug
    bad = tmp_path / "bad.jsonl"
    turns = [{"role": "user", "content": HOSTILE}, {"role": "assistant", "content": HOSTILE}]
    bad.write_text(json.dumps({"messages": turns}) + "\n")
    intake.import_file(workspace, slug, bad)
    intake.import_file(workspace, slug, chat_file(tmp_path / "chats.jsonl"))
    intake.import_file(workspace, slug, case_file(tmp_path / "held.jsonl"), held_out=True)
    curate.check(workspace, slug)
    curate.accept(workspace, slug, curate.order_queue(workspace, slug)[1:])
    curate.split(workspace, slug)
    scope_step.freeze(workspace, slug)
    folder = answered_run(workspace, slug, {"base": 3, "tuned": 27})
    answers = [msgspec.structs.replace(a, text=f"{a.text} {HOSTILE}") for a in folder.answers()]
    write_lines(folder.answers_file, [*answers, Answer("domain", "none", "base", text=HOSTILE)])
    sessions_step.remember_place(workspace, slug, 2)
    workspace.store.close()
    return tmp_path / "home"


@pytest.mark.slow
def test_no_screen_leaks_a_control_byte_or_obeys_markup(home: Path, tmp_path: Path) -> None:
    environ = {"STROP_HOME": str(home), "STROP_MODELS": str(tmp_path / "models")}
    terminal = Terminal(["tui.cli"], environ)
    terminal.read_until("[@click=app.quit]")
    for keys, words in (
        ("4", "[4 Compare"),
        ("5", "[5 Verdict"),
        ("1", "[1 Scope"),
        ("2", "[2 Cur"),
    ):
        terminal.child.send(keys)
        terminal.read_until(words)
        terminal.read_until_quiet()
    terminal.child.send("a")
    terminal.read_until_quiet()
    terminal.child.send("q")
    assert terminal.read_to_the_end() == 0
    for word in FORBIDDEN:
        assert word not in terminal.written
    assert b"\x1b" not in ESCAPES.sub(b"", terminal.written)
    for shown in (b"<U+001B>", b"52;c;QUFB", b"<U+009B>", b"[@click=app.quit]", b"[/x]"):
        assert shown in terminal.written
