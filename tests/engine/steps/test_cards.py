from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ColumnError, StateError
from engine.intake.outcomes import Mapping
from engine.records import Finding
from engine.steps import cards, curate, intake, rework
from engine.steps.split import foresee
from engine.store import decisions, examples, findings, opinions, sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import case_file, chat_file, small_scope


@pytest.fixture
def slug(workspace: Workspace, tmp_path: Path) -> str:
    session = sessions.create(workspace.store, small_scope())
    intake.import_file(workspace, session.slug, chat_file(tmp_path / "chats.jsonl"))
    curate.check(workspace, session.slug)
    return session.slug


def test_a_deck_counts_every_row_and_knows_the_last_reason(workspace: Workspace, slug: str) -> None:
    queue = curate.order_queue(workspace, slug)
    deck = cards.deal(workspace, slug)
    assert deck.tally.statuses["undecided"] == len(queue)
    assert deck.last_reason is None
    curate.reject(workspace, slug, [queue[0]], "tone")
    curate.accept(workspace, slug, [queue[1]])
    deck = cards.deal(workspace, slug, keep=[queue[1], queue[0]])
    assert deck.last_reason == "tone"
    assert [card.stored.id for card in deck.kept] == [queue[1], queue[0]]
    assert deck.tally.statuses["rejected"] == deck.tally.unsplit == 1
    other = cards.deal(workspace.acting_as("tom"), slug)
    assert other.last_reason is None


def test_an_edit_brings_and_takes_findings_and_undo_turns_them_back(
    workspace: Workspace, slug: str
) -> None:
    example = curate.order_queue(workspace, slug)[0]

    def found() -> set[Finding]:
        return set(cards.deal(workspace, slug, keep=[example]).kept[0].findings)

    before = found()
    edited = rework.edit(workspace, slug, example, "Within 30 days, write to jo@example.org.")
    assert {"contradiction", "personal_data"} <= {f.check for f in edited.findings}
    assert set(edited.findings) == found()
    back = rework.undo(workspace, slug)
    assert [row.id for row in back.rows] == [example]
    assert set(back.findings) == before
    assert set(rework.redo(workspace, slug).findings) == set(edited.findings)


def test_what_cannot_be_accepted_as_it_is_is_refused_whoever_asks(
    workspace: Workspace, slug: str
) -> None:
    first, second, *_ = curate.order_queue(workspace, slug)
    session = sessions.get(workspace.store, slug)
    leak = Finding("leak", "block", (second,), "asks what c1 asks")
    findings.replace(workspace.store, session.id, [leak])
    refused = f"#{second} cannot be accepted as it is: asks what"
    with pytest.raises(StateError, match=refused):
        curate.accept(workspace, slug, [first, second])
    with pytest.raises(StateError, match=refused):
        curate.settle(workspace, slug, [second], [first])
    assert curate.progress(workspace, slug).decided == 0


def test_a_decision_about_what_somebody_else_decided_meanwhile_is_refused_by_name(
    workspace: Workspace, slug: str
) -> None:
    first = curate.order_queue(workspace, slug)[0]
    curate.reject(workspace.acting_as("tom"), slug, [first], "tone", seen="undecided")
    with pytest.raises(StateError, match=f"#{first} is rejected since by tom"):
        curate.accept(workspace, slug, [first], seen="undecided")
    assert examples.get(workspace.store, first).status == "rejected"
    curate.accept(workspace, slug, [first], seen="rejected")


def test_after_some_decisions_an_early_one_comes_again_as_if_it_had_not_been(
    workspace: Workspace, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards, "REPEAT_EVERY", 6)
    monkeypatch.setattr(cards, "REPEAT_APART", 2)
    queue = curate.order_queue(workspace, slug)
    curate.edit(workspace, slug, queue[0], "Within 45 days.")
    for example in queue[:6]:
        assert not [c for c in serve(workspace, slug) if c.is_repeat]
        curate.accept(workspace.acting_as("tom") if example % 2 else workspace, slug, [example])
    for example in queue[6:12]:
        curate.accept(workspace, slug, [example])
    assert not [c for c in serve(workspace, slug, may_repeat=False) if c.is_repeat]
    (again,) = [c for c in serve(workspace, slug) if c.is_repeat]
    assert (again.stored.status, again.stored.original) == ("undecided", None)
    (first,) = decisions.history(workspace.store, again.stored.id)[-1:]
    assert first.who == "tom", "somebody else's decision is worth more than an own one"
    before = examples.get(workspace.store, again.stored.id)
    curate.judge_again(workspace, slug, again.stored.id, "tone")
    assert examples.get(workspace.store, again.stored.id) == before
    assert opinions.pairs(workspace.store, sessions.get(workspace.store, slug).id) == [
        ("tom", workspace.who, True, False)
    ]
    assert not [c for c in serve(workspace, slug) if c.is_repeat]
    curate.undo(workspace, slug)
    assert opinions.pairs(workspace.store, sessions.get(workspace.store, slug).id) == []


def serve(workspace: Workspace, slug: str, may_repeat: bool = True) -> tuple[cards.Card, ...]:
    return cards.serve(workspace, slug, "me", None, may_repeat=may_repeat).cards


def test_an_edit_finds_a_conflict_with_a_row_that_asks_the_same(
    workspace: Workspace, tmp_path: Path
) -> None:
    session = sessions.create(workspace.store, small_scope())
    row = '{"prompt": "How long may I return boots?", "answer": "Boots may come back 45 days."}\n'
    for name, end in (("one", ""), ("two", "\n")):
        path = tmp_path / f"{name}.jsonl"
        path.write_text(row + end)
        intake.import_file(workspace, session.slug, path)
    curate.check(workspace, session.slug)
    first, second = curate.order_queue(workspace, session.slug)
    edited = rework.edit(workspace, session.slug, second, "Boots may come back 10 days.")
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
    done = rework.redact(workspace, session.slug, example)
    assert done.places == 1
    assert done.rows[0].example.prompt == "I am [e-mail], whom do I ask?"
    assert done.rows[0].example.answer == "Ask help@shop.example."


def test_a_conflict_is_settled_and_undone_as_one_event(workspace: Workspace, slug: str) -> None:
    keep, drop, *_ = curate.order_queue(workspace, slug)
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
