"""Two people at two terminals, deciding in one store at the speed at which a key repeats."""

from __future__ import annotations

import re
from pathlib import Path

import pexpect

from engine.steps import cards, intake
from engine.store import sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import small_scope
from tests.screens.curated_rows import write_chats
from tests.terminal import Terminal

EACH = 150


def test_two_curators_at_speed_lose_nothing_and_never_decide_the_same(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "home", "lead")
    slug = sessions.create(workspace.store, small_scope()).slug
    chats = [
        [("user", f"Question {n} about parcel {n * 37}?"), ("assistant", f"Answer {n * 53}.")]
        for n in range(3 * EACH)
    ]
    intake.import_file(workspace, slug, write_chats(tmp_path / "c.jsonl", chats))
    cards.keep_place(workspace, slug, 0, "")
    people = [started(workspace.home, name) for name in ("mara", "tom")]
    for person in people:
        person.child.send("a" * EACH)
    for person in people:
        read_until_decided(person)
        person.child.send("q")
    for person in people:
        person.child.expect(pexpect.EOF)
        person.child.close()
    decided = workspace.store.rows(
        "SELECT who, count(*) AS n, count(DISTINCT example) AS different FROM decisions"
        " WHERE kind = 'accept' GROUP BY who ORDER BY who"
    )
    repeats = workspace.store.value("SELECT count(*) FROM decisions WHERE kind LIKE 'repeat%'")
    assert [row["who"] for row in decided] == ["mara", "tom"]
    assert sum(row["n"] for row in decided) + repeats == 2 * EACH
    assert all(row["n"] == row["different"] for row in decided)
    both = workspace.store.value(
        "SELECT count(*) FROM (SELECT example FROM decisions WHERE kind = 'accept'"
        " GROUP BY example HAVING count(*) > 1)"
    )
    assert both == 0
    assert workspace.store.value("SELECT count(*) FROM claims") == 0, "who has left holds nothing"


def started(home: Path, name: str) -> Terminal:
    terminal = Terminal(["tui.cli", "--home", home, "--who", name])
    terminal.read_until("Small shop")
    terminal.child.send("\r")
    terminal.read_until("customer")
    return terminal


def read_until_decided(terminal: Terminal) -> None:
    """Until nothing is written any more: all keys have been answered."""
    while terminal.read_until_quiet(2.0):
        assert not re.search("Something went wrong", "\n".join(terminal.screen.display))
