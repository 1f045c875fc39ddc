from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import StateError
from engine.steps import apart, curate
from engine.store import findings, sessions
from engine.workspace import Workspace
from tests.screens.curated_rows import make


def test_checks_apart_find_what_the_same_checks_find_here(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug = make(workspace, tmp_path)
    session = sessions.get(workspace.store, slug).id
    expected = findings.every(workspace.store, session)
    here = apart.check(workspace, slug)
    assert here == (len(expected), len({i for f in expected for i in f.examples}))
    order = curate.order_queue(workspace, slug)
    findings.replace(workspace.store, session, [])
    monkeypatch.setattr(apart, "LARGE", 0)
    with workspace.store.transaction() as db:
        db.execute("DELETE FROM signatures")
        db.execute("UPDATE examples SET rank = id")
    assert apart.check(workspace, slug) == here
    assert findings.every(workspace.store, session) == expected
    assert curate.order_queue(workspace, slug) == order


def test_checks_apart_that_fail_say_the_last_line_and_where_the_rest_is(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug = make(workspace, tmp_path, checked=False)
    monkeypatch.setattr(apart, "LARGE", 0)
    monkeypatch.setattr(apart, "__name__", "engine.steps.not_there")
    with pytest.raises(StateError, match=r"No module named .*check\.log"):
        apart.check(workspace, slug)


def test_checks_apart_are_left_to_themselves_when_nobody_waits(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug = make(workspace, tmp_path, checked=False)
    monkeypatch.setattr(apart, "LARGE", 0)
    assert apart.check(workspace, slug, lambda: True) == (0, 0)
    (process,) = apart._LEFT
    assert process.wait(60) == 0
    assert apart.check(workspace, slug)[0] > 0
