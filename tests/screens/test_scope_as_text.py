"""The scope in the operator's own editor, on a real pseudo-terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pyte

from engine.steps import scope as scope_step
from engine.store import sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import small_scope


class Strop:
    """The program on a terminal of 80 by 24, with an editor that is a shell script."""

    def __init__(self, workspace: Workspace, script: str) -> None:
        editor = workspace.home / "editor"
        editor.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        editor.chmod(0o755)
        self.screen = pyte.Screen(80, 24)
        self.stream = pyte.ByteStream(self.screen)
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.child: Any = pexpect.spawn(
            sys.executable,
            ["-m", "tui.cli", "--home", str(workspace.home), "--who", "ines"],
            dimensions=(24, 80),
            env={**kept, "TERM": "xterm-256color", "LANG": "C.UTF-8", "EDITOR": str(editor)},
            timeout=60,
        )

    @property
    def text(self) -> str:
        """What is on the screen, blanks and the frames of dialogs left out."""
        return " ".join(" ".join(self.screen.display).replace("│", " ").split())

    def press(self, keys: str, until: str) -> None:
        """Press keys, and read until words are on the screen."""
        self.child.send(keys)
        while until not in self.text:
            self.stream.feed(self.child.read_nonblocking(65536, timeout=60))

    def escape(self, gone: str) -> None:
        """Press esc, and read until words are no longer on the screen."""
        self.child.send("\x1b")
        while gone in self.text:
            self.stream.feed(self.child.read_nonblocking(65536, timeout=60))


@contextmanager
def strop(workspace: Workspace, script: str) -> Iterator[Strop]:
    """The program at the scope of the small session."""
    started = Strop(workspace, script)
    try:
        started.press("", "w guide")
        yield started
    finally:
        started.child.close(force=True)


def make(workspace: Workspace) -> str:
    return sessions.create(workspace.store, small_scope()).slug


def kept(workspace: Workspace, slug: str) -> list[Path]:
    return sorted((workspace.home / "kept" / slug).iterdir())


def test_what_the_editor_wrote_is_saved(workspace: Workspace) -> None:
    slug = make(workspace)
    with strop(workspace, """sed -i 's/within 45 days/within 60 days/' "$1" """) as program:
        program.press("E", "within 60 days")
    (rule,) = sessions.get(workspace.store, slug).scope.rules
    assert rule.text == "Shoes can be returned within 60 days."
    assert kept(workspace, slug) == []


def test_a_frozen_scope_asks_why_and_esc_keeps_the_text(workspace: Workspace) -> None:
    slug = make(workspace)
    scope_step.freeze(workspace, slug)
    with strop(workspace, """sed -i 's/within 45 days/within 60 days/' "$1" """) as program:
        program.press("E", "Why this change?")
        program.escape("Why this change?")
        assert sessions.get(workspace.store, slug).scope == small_scope()
        (text,) = kept(workspace, slug)
        assert "within 60 days" in text.read_text(encoding="utf-8")
        program.press("E", "1 the text that was kept")
        program.press("1", "Why this change?")
        program.press("the law changed\r", "1 amendment")
    (amendment,) = sessions.amendments(workspace.store, 1)
    assert (amendment.reason, amendment.changed) == ("the law changed", "rule R01")
    assert kept(workspace, slug) == []


def test_what_cannot_be_read_back_is_kept_and_named(workspace: Workspace) -> None:
    slug = make(workspace)
    with strop(workspace, 'echo "oops = = " >> "$1"') as program:
        program.press("E", "Your text is kept in")
        assert "Scope not valid" in program.text
        program.escape("Scope not valid")
        program.press("E", "2 the scope as it is")
        program.press("2", "Your text is kept in")
    first, second = kept(workspace, slug)
    assert (first.suffix, second.suffix) == (".old", ".toml")
    assert "oops" in first.read_text(encoding="utf-8")
    assert sessions.get(workspace.store, slug).scope == small_scope()


def test_an_editor_that_fails_is_named_and_loses_nothing(workspace: Workspace) -> None:
    slug = make(workspace)
    with strop(workspace, "exit 3") as program:
        program.press("E", "ended with status 3")
    assert len(kept(workspace, slug)) == 1
    assert sessions.get(workspace.store, slug).scope == small_scope()
