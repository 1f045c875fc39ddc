from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import IntakeError, StateError
from engine.steps import intake
from engine.store import examples, sessions, sources
from engine.workspace import Workspace
from tests.engine.steps.conftest import chat_file, small_scope

GOOD = '{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]}'


@pytest.fixture
def slug(workspace: Workspace) -> str:
    return sessions.create(workspace.store, small_scope()).slug


def test_a_torn_json_line_is_named_and_the_counts_add_up(
    workspace: Workspace, slug: str, tmp_path: Path
) -> None:
    path = tmp_path / "half.jsonl"
    path.write_text(f'{GOOD}\n{{"messages": [{{"role": "us\n{GOOD.replace("hi", "again")}\n')
    done = intake.import_file(workspace, slug, path)
    assert (done.counts.rows, done.counts.accepted, done.counts.quarantined) == (3, 2, 1)
    (refused,) = done.refused
    assert refused.line == 2
    assert refused.hint


def test_bad_utf8_is_named_by_its_line(workspace: Workspace, slug: str, tmp_path: Path) -> None:
    path = tmp_path / "latin.jsonl"
    path.write_bytes(GOOD.encode() + b"\n" + GOOD.replace("hello", "caf\u00e9").encode("latin-1"))
    done = intake.import_file(workspace, slug, path)
    assert [(r.line, r.kind) for r in done.refused] == [(2, "quarantined")]
    assert done.counts.rows == done.counts.accepted + done.counts.quarantined == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.jsonl", ""), ("wrong.csv", "colour,price\nred,7\n"), ("words.txt", "no one speaks\n")],
)
def test_a_file_that_cannot_be_used_is_one_error_and_changes_nothing(
    workspace: Workspace, slug: str, tmp_path: Path, name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(IntakeError) as caught:
        intake.import_file(workspace, slug, path)
    assert name in caught.value.message
    assert caught.value.hint
    session = sessions.get(workspace.store, slug)
    assert sources.every(workspace.store, session.id) == []
    assert examples.every(workspace.store, session.id) == []


def test_a_missing_file_is_named(workspace: Workspace, slug: str, tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match=r"nowhere\.jsonl"):
        intake.import_file(workspace, slug, tmp_path / "nowhere.jsonl")


def test_importing_twice_adds_nothing(workspace: Workspace, slug: str, tmp_path: Path) -> None:
    path = chat_file(tmp_path / "chats.jsonl", 5)
    assert intake.import_file(workspace, slug, path).counts.accepted == 5
    again = intake.import_file(workspace, slug, path).counts
    assert (again.accepted, again.duplicates_of_earlier, again.rows) == (0, 5, 5)


def test_ordinary_rows_become_cases_with_proposed_assertions(
    workspace: Workspace, slug: str, tmp_path: Path
) -> None:
    from engine.store import cases

    path = chat_file(tmp_path / "more.jsonl", 3)
    intake.import_file(workspace, slug, path, held_out=True)
    made = cases.every(workspace.store, sessions.get(workspace.store, slug).id)
    assert len(made) == 3
    assert all(a.kind == "number" and a.value == 45 for c in made for a in c.assertions[:1])
    assert all(c.assertions for c in made)


def test_held_out_cases_are_refused_after_the_seal(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    with pytest.raises(StateError, match="sealed"):
        intake.import_file(workspace, curated, chat_file(tmp_path / "x.jsonl"), held_out=True)


def test_the_sample_quarantines_exactly_its_broken_lines(workspace: Workspace) -> None:
    from engine.steps.sessions import open_sample

    session = open_sample(workspace)
    lines = {s.name: s.counts for s in sources.every(workspace.store, session.id)}
    assert lines["chats.jsonl"].quarantined == 7
    assert sum(c.accepted for name, c in lines.items() if name != "held_out.jsonl") == 476
    for counts in lines.values():
        parts = (counts.accepted, counts.quarantined, counts.skipped)
        assert counts.rows == sum(parts) + counts.duplicates_of_earlier
    assert open_sample(workspace) == session
