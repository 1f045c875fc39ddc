from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.errors import InputError, StateError
from engine.steps import curate, intake
from engine.store import cases, examples, sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import chat_file, small_scope


@pytest.fixture
def slug(workspace: Workspace, tmp_path: Path) -> str:
    session = sessions.create(workspace.store, small_scope())
    intake.import_file(workspace, session.slug, chat_file(tmp_path / "chats.jsonl"))
    return session.slug


def decisions_file(path: Path, *lines: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_the_queue_holds_every_example_once(workspace: Workspace, slug: str) -> None:
    ids = curate.order_queue(workspace, slug)
    assert len(ids) == len(set(ids)) == 20


def test_an_edit_is_undone_with_the_decision_that_followed(workspace: Workspace, slug: str) -> None:
    first = curate.order_queue(workspace, slug)[0]
    before = examples.get(workspace.store, first).example.answer
    curate.edit(workspace, slug, first, "Forty-five days.")
    curate.accept(workspace, slug, [first])
    assert curate.undo(workspace, slug) == [first]
    assert examples.get(workspace.store, first).example.answer == "Forty-five days."
    curate.undo(workspace, slug)
    assert examples.get(workspace.store, first).example.answer == before


def test_decisions_from_a_file_are_all_taken_or_none(
    workspace: Workspace, slug: str, tmp_path: Path
) -> None:
    good = {"file": "chats.jsonl", "line": 1, "decision": "accept", "who": "tom"}
    bad = {"file": "chats.jsonl", "line": 2, "decision": "reject"}
    path = decisions_file(tmp_path / "d.jsonl", good, bad)
    with pytest.raises(InputError, match="line 2: a rejection needs a reason"):
        curate.decide_from(workspace, slug, path)
    assert curate.progress(workspace, slug).decided == 0
    path = decisions_file(tmp_path / "d.jsonl", good, {**bad, "reason": "tone"})
    counts = curate.decide_from(workspace, slug, path)
    assert (counts["accepted"], counts["rejected"]) == (1, 1)
    row = examples.find(workspace.store, sessions.get(workspace.store, slug).id, "chats.jsonl", 1)
    assert curate.card(workspace, row.id).history[0].who == "tom"


def test_a_split_seals_and_a_second_one_leaves_the_held_out_set_alone(
    workspace: Workspace, slug: str
) -> None:
    curate.accept(workspace, slug, curate.order_queue(workspace, slug)[:15])
    made = curate.split(workspace, slug, held_out=0.2)
    session = sessions.get(workspace.store, slug)
    sealed = cases.digest(cases.every(workspace.store, session.id))
    assert made.cases == made.held_out_examples > 0
    assert made.train + made.validation + made.held_out_examples == 15
    curate.accept(workspace, slug, curate.order_queue(workspace, slug))
    again = curate.split(workspace, slug)
    assert again.cases == made.cases
    assert again.train > made.train
    assert sessions.get(workspace.store, slug).sealed_hash == sealed


def test_what_was_held_out_is_no_leak_of_itself(workspace: Workspace, slug: str) -> None:
    curate.accept(workspace, slug, curate.order_queue(workspace, slug))
    curate.split(workspace, slug, held_out=0.2)
    session = sessions.get(workspace.store, slug)
    held = {s.id for s in examples.every(workspace.store, session.id) if s.part == "held_out"}
    assert held
    leaks = [f for f in curate.check(workspace, slug) if f.check == "leak"]
    assert not [f for f in leaks if set(f.examples) & held]


def test_too_few_accepted_examples_cannot_be_split(workspace: Workspace, slug: str) -> None:
    with pytest.raises(StateError, match="Only 0 examples"):
        curate.split(workspace, slug)
