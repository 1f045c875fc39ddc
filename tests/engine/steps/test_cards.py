from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ColumnError, StateError
from engine.intake.outcomes import Mapping
from engine.steps import cards, curate, intake
from engine.steps.split import foresee
from engine.store import decisions, examples, sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import case_file, chat_file, small_scope


@pytest.fixture
def slug(workspace: Workspace, tmp_path: Path) -> str:
    session = sessions.create(workspace.store, small_scope())
    intake.import_file(workspace, session.slug, chat_file(tmp_path / "chats.jsonl"))
    curate.check(workspace, session.slug)
    return session.slug


def test_a_deck_holds_every_row_and_the_last_reason(workspace: Workspace, slug: str) -> None:
    deck = cards.deal(workspace, slug)
    assert [row.id for row in deck.rows] == sorted(deck.queue)
    assert deck.last_reason is None
    curate.reject(workspace, slug, [deck.queue[0]], "tone")
    deck = cards.deal(workspace, slug)
    assert deck.last_reason == "tone"
    assert len(deck.queue) == len(deck.rows) - 1
    other = cards.deal(workspace.acting_as("tom"), slug)
    assert other.last_reason is None


def test_an_edit_brings_and_takes_findings_and_undo_turns_them_back(
    workspace: Workspace, slug: str
) -> None:
    example = cards.deal(workspace, slug).queue[0]
    before = {f for f in cards.deal(workspace, slug).findings if example in f.examples}
    edited = cards.edit(workspace, slug, example, "Within 30 days, write to jo@example.org.")
    assert {"contradiction", "personal_data"} <= {f.check for f in edited.findings}
    assert set(edited.findings) <= set(cards.deal(workspace, slug).findings)
    back = cards.undo(workspace, slug)
    assert [row.id for row in back.rows] == [example]
    assert set(back.findings) == before
    assert set(cards.redo(workspace, slug).findings) == set(edited.findings)


def test_an_edit_finds_a_conflict_with_a_row_that_asks_the_same(
    workspace: Workspace, tmp_path: Path
) -> None:
    session = sessions.create(workspace.store, small_scope())
    for name in ("one", "two"):
        path = tmp_path / f"{name}.jsonl"
        path.write_text(
            '{"prompt": "How long may I return boots?", "answer": "Boots may come back 45 days."}\n'
        )
        intake.import_file(workspace, session.slug, path)
    curate.check(workspace, session.slug)
    first, second = cards.deal(workspace, session.slug).queue
    edited = cards.edit(workspace, session.slug, second, "Boots may come back 10 days.")
    assert [set(f.examples) for f in edited.findings if f.check == "conflict"] == [{first, second}]


def test_redacting_answers_how_many_places_and_spares_what_the_scope_prints(
    workspace: Workspace, tmp_path: Path
) -> None:
    import msgspec

    scope = msgspec.structs.replace(small_scope(), system_prompt="Write to help@shop.example.")
    session = sessions.create(workspace.store, scope)
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"prompt": "I am jo@example.org, whom do I ask?", "answer": "Ask help@shop.example."}\n'
    )
    intake.import_file(workspace, session.slug, path)
    (example,) = curate.order_queue(workspace, session.slug)
    done = cards.redact(workspace, session.slug, example)
    assert done.places == 1
    assert done.rows[0].example.prompt == "I am [e-mail], whom do I ask?"
    assert done.rows[0].example.answer == "Ask help@shop.example."


def test_a_conflict_is_settled_and_undone_as_one_event(workspace: Workspace, slug: str) -> None:
    keep, drop, *_ = cards.deal(workspace, slug).queue
    curate.settle(workspace, slug, [keep], [drop])
    assert examples.get(workspace.store, keep).status == "accepted"
    assert examples.get(workspace.store, drop).status == "rejected"
    kept, dropped = (decisions.history(workspace.store, i)[-1] for i in (keep, drop))
    assert kept.event == dropped.event
    assert (kept.kind, dropped.kind, dropped.reason) == ("accept", "reject", "contradiction")
    assert sorted(curate.undo(workspace, slug)) == sorted([keep, drop])
    assert examples.get(workspace.store, drop).status == "undecided"


def test_a_place_keeps_what_other_steps_keep_there(workspace: Workspace, slug: str) -> None:
    session = sessions.get(workspace.store, slug)
    sessions.remember_place(workspace.store, session.id, 1, {"rule": "R01"})
    cards.keep_place(workspace, slug, 7, "status:later")
    found = sessions.get(workspace.store, slug)
    assert found.step == 2
    assert found.place == {"rule": "R01", "example": 7, "filter": "status:later"}


def test_what_a_split_will_do_is_what_it_does(workspace: Workspace, slug: str) -> None:
    queue = curate.order_queue(workspace, slug)
    curate.accept(workspace, slug, queue[:15])
    foreseen = foresee(workspace, slug)
    assert (foreseen.sealed_at, foreseen.undecided) == (None, 5)
    assert sessions.get(workspace.store, slug).sealed_at is None
    assert curate.split(workspace, slug) == foreseen.made
    curate.accept(workspace, slug, queue[15:])
    again = foresee(workspace, slug)
    assert again.sealed_at is not None
    assert curate.split(workspace, slug) == again.made


def test_a_split_without_any_held_out_case_is_refused_beforehand(
    workspace: Workspace, slug: str
) -> None:
    curate.accept(workspace, slug, curate.order_queue(workspace, slug))
    with pytest.raises(StateError, match="no held-out case"):
        foresee(workspace, slug, held_out=0.0)


def test_a_look_at_a_file_counts_every_row_and_writes_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    session = sessions.create(workspace.store, small_scope())
    path = chat_file(tmp_path / "c.jsonl")
    path.write_text(path.read_text() + "broken\n")
    looked = intake.look(path)
    assert looked.preview.format == "chat"
    assert (looked.counts.rows, looked.counts.accepted, looked.counts.quarantined) == (21, 20, 1)
    assert len(looked.preview.examples) == 3
    assert curate.progress(workspace, session.slug).total == 0
    done = intake.import_file(workspace, session.slug, path)
    assert done.counts == looked.counts


def test_a_look_at_cases_shows_them_with_their_references(tmp_path: Path) -> None:
    looked = intake.look(case_file(tmp_path / "h.jsonl", 4))
    assert looked.held_out
    assert looked.counts.accepted == 4
    assert looked.preview.examples[0].answer == "Within 45 days."


def test_columns_are_named_once_for_look_and_import(workspace: Workspace, tmp_path: Path) -> None:
    session = sessions.create(workspace.store, small_scope())
    path = tmp_path / "a.jsonl"
    path.write_text('{"frage": "How long?", "antwort": "45 days."}\n')
    with pytest.raises(ColumnError, match="frage, antwort"):
        intake.look(path)
    mapping = Mapping(prompt="frage", answer="antwort")
    assert intake.look(path, mapping).counts.accepted == 1
    done = intake.import_file(workspace, session.slug, path, mapping=mapping)
    assert (done.format, done.counts.accepted) == ("pairs", 1)
