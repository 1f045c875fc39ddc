"""Curation on a real pseudo-terminal: the operator's own editor, and leaving in mid-burst."""

from __future__ import annotations

from pathlib import Path

import pexpect

from engine.steps import cards, curate
from engine.workspace import Workspace
from tests.screens.curated_rows import every, make
from tests.screens.test_scope_as_text import Strop


def started(workspace: Workspace, slug: str, script: str = "exit 0") -> Strop:
    """The program at the first card."""
    cards.keep_place(workspace, slug, 0, "")
    program = Strop(workspace, script)
    program.press("", "customer")
    return program


def test_what_the_editor_wrote_is_the_answer_and_the_original_is_kept(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path, faults=False)
    first = curate.order_queue(workspace, slug)[0]
    program = started(workspace, slug, """sed -i 's/45 days/forty-five days/' "$1" """)
    try:
        program.press("E", "{45}[forty-five] days")
    finally:
        program.child.close(force=True)
    (row,) = [row for row in every(workspace, slug) if row.id == first]
    assert "forty-five days" in row.example.answer
    assert row.original is not None
    assert "45 days" in row.original.answer
    assert not list((workspace.home / "edit").iterdir())


def test_an_editor_that_fails_keeps_its_text_and_changes_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path, faults=False)
    before = every(workspace, slug)
    program = started(workspace, slug, """echo "half a thought" > "$1"; exit 3""")
    try:
        program.press("E", "ended with status 3")
    finally:
        program.child.close(force=True)
    assert every(workspace, slug) == before
    (kept,) = (workspace.home / "edit").iterdir()
    assert kept.read_text() == "half a thought\n"


def test_leaving_in_mid_burst_loses_no_decision(workspace: Workspace, tmp_path: Path) -> None:
    slug = make(workspace, tmp_path, faults=False)
    queue = curate.order_queue(workspace, slug)
    program = started(workspace, slug)
    program.child.send("aax5aaaaaaq")
    program.child.expect(pexpect.EOF)
    program.child.close()
    found = {row.id: row.status for row in every(workspace, slug)}
    expected = ["accepted"] * 2 + ["rejected"] + ["accepted"] * 6 + ["undecided"] * 3
    assert [found[i] for i in queue] == expected
