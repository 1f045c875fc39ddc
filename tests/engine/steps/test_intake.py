from __future__ import annotations

import gzip
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


def test_the_same_content_under_another_name_or_packed_adds_nothing(
    workspace: Workspace, slug: str, tmp_path: Path
) -> None:
    path = chat_file(tmp_path / "chats.jsonl", 5)
    intake.import_file(workspace, slug, path)
    renamed = tmp_path / "renamed.jsonl"
    renamed.write_bytes(path.read_bytes())
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    for copy in (renamed, packed):
        done = intake.import_file(workspace, slug, copy)
        assert (done.counts.accepted, done.counts.duplicates_of_earlier) == (0, 5)
        assert (done.file, done.same_as) == (copy.name, "chats.jsonl")
    names = [s.name for s in sources.every(workspace.store, 1)]
    assert names == ["chats.jsonl", "renamed.jsonl", "packed.jsonl.gz"]
    with_more = chat_file(tmp_path / "more.jsonl", 6)
    assert intake.import_file(workspace, slug, with_more).counts.accepted == 6


def test_held_out_cases_of_a_renamed_file_are_known(
    workspace: Workspace, slug: str, tmp_path: Path
) -> None:
    path = chat_file(tmp_path / "h.jsonl", 3)
    assert intake.import_file(workspace, slug, path, held_out=True).counts.accepted == 3
    again = path.rename(tmp_path / "again.jsonl")
    done = intake.import_file(workspace, slug, again, held_out=True)
    assert (done.counts.accepted, done.counts.duplicates_of_earlier) == (0, 3)


def test_skipped_rows_are_summed_by_their_rule(
    workspace: Workspace, slug: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    system = '{"messages":[{"role":"system","content":"Be kind."}]}'
    path.write_text(f"{GOOD}\n\n\n{{}}\n{system}\n")
    done = intake.import_file(workspace, slug, path)
    assert done.skipped_as == {"blank line": 2, "empty row": 1, "only a system turn": 1}
    assert sum(done.skipped_as.values()) == done.counts.skipped
    assert intake.look(path).skipped_as == done.skipped_as


def test_a_look_at_a_long_file_reads_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = chat_file(tmp_path / "c.jsonl", 30)
    assert intake.look(path).whole
    monkeypatch.setattr(intake, "LOOK_ROWS", 20)
    looked = intake.look(path)
    assert (looked.whole, looked.counts.rows) == (False, 20)


def test_a_rejected_answer_reaches_the_store(
    workspace: Workspace, slug: str, tmp_path: Path
) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"prompt": "q", "chosen": "good", "rejected": "bad"}\n')
    intake.import_file(workspace, slug, path)
    (stored,) = examples.every(workspace.store, sessions.get(workspace.store, slug).id)
    assert (stored.example.answer, stored.example.rejected) == ("good", "bad")
