"""Held-out cases before the seal and after: proposals, decisions about them, undo, the count."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.errors import InputError, ScopeError, StateError
from engine.records import Assertion, Case, Message
from engine.runs.folder import write_lines
from engine.steps import curate, held_out, intake
from engine.steps import held_out_deciding as deciding
from engine.steps.held_out import CaseCard, HeldOut
from engine.store import cases, sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import case_file, chat_file, small_scope

DAYS = Assertion("number", 45, unit="days", rule="R01", critical=True)
OWN = Assertion("contains", "free of charge")


@pytest.fixture
def slug(workspace: Workspace, tmp_path: Path) -> str:
    """Four held-out cases of chats, with proposed assertions, and one that came with its own."""
    made = sessions.create(workspace.store, small_scope()).slug
    chats = chat_file(tmp_path / "held.jsonl", 4)
    intake.import_file(workspace, made, chats, held_out=True)
    given = Case("g1", (Message("user", "Until when?"),), "45 days to return it.", "returns")
    write_lines(tmp_path / "cases.jsonl", [msgspec.structs.replace(given, assertions=(OWN,))])
    intake.import_file(workspace, made, tmp_path / "cases.jsonl", held_out=True)
    return made


def seen(workspace: Workspace, slug: str) -> HeldOut:
    return held_out.overview(workspace, slug)


def first(workspace: Workspace, slug: str) -> int:
    return seen(workspace, slug).lines[0].id


def shown(workspace: Workspace, slug: str, case: int) -> CaseCard:
    return held_out.card(workspace, slug, case)


def standings(found: CaseCard) -> list[tuple[Assertion, str]]:
    return [(item.assertion, item.standing) for item in found.items]


def judged_by(workspace: Workspace, slug: str, case: int) -> tuple[Assertion, ...]:
    """What the verdict will ask of a case."""
    name = shown(workspace, slug, case).stored.case.id
    found = cases.every(workspace.store, sessions.get(workspace.store, slug).id)
    return next(c.assertions for c in found if c.id == name)


def test_a_proposal_has_its_reason_and_is_seen_as_nobodys_yet(
    workspace: Workspace, slug: str
) -> None:
    found = seen(workspace, slug)
    assert [(line.status, line.is_backed) for line in found.lines] == [
        *[("", False)] * 4,
        ("", True),
    ]
    assert found.unbacked == 4
    (item,) = shown(workspace, slug, found.lines[0].id).items
    assert item.assertion.rule == "R01"
    assert item.standing == "proposed"
    assert item.is_on
    assert item.reason == "the reference and rule R01 both say 45 days"


def test_confirming_stands_behind_what_is_in_force(workspace: Workspace, slug: str) -> None:
    case = first(workspace, slug)
    deciding.confirm(workspace, slug, case)
    found = shown(workspace, slug, case)
    assert [item.standing for item in found.items] == ["confirmed"]
    assert (found.stored.status, found.stored.is_backed) == ("confirmed", True)
    assert seen(workspace, slug).lines[0].id != case
    assert seen(workspace, slug).unbacked == 3
    (event,) = found.history
    assert (event.who, event.kind, event.undone) == ("ines", "confirm", False)


def test_an_assertion_that_came_with_its_case_needs_nobody_and_is_kept_first(
    workspace: Workspace, slug: str
) -> None:
    case = seen(workspace, slug).lines[4].id
    found = shown(workspace, slug, case)
    (own, own_standing), (proposal, standing) = standings(found)
    assert (own, own_standing) == (OWN, "given")
    assert (proposal.rule, standing) == ("R01", "left_out")
    assert found.items[0].problem == "does not say 'free of charge'"
    deciding.toggle(workspace, slug, case, proposal)
    assert standings(shown(workspace, slug, case)) == [(OWN, "given"), (proposal, "confirmed")]
    assert judged_by(workspace, slug, case) == (OWN, proposal)


def test_what_the_reference_itself_fails_cannot_be_confirmed(
    workspace: Workspace, slug: str
) -> None:
    case = seen(workspace, slug).lines[4].id
    with pytest.raises(StateError, match="does not say 'free of charge'"):
        deciding.confirm(workspace, slug, case)
    deciding.edit_reference(workspace, slug, case, "It is free of charge for 45 days.")
    deciding.confirm(workspace, slug, case)
    assert judged_by(workspace, slug, case) == (OWN,)


def test_a_case_whose_assertions_are_all_left_out_is_seen_and_cannot_be_confirmed(
    workspace: Workspace, slug: str
) -> None:
    case = first(workspace, slug)
    (item,) = shown(workspace, slug, case).items
    deciding.toggle(workspace, slug, case, item.assertion)
    assert standings(shown(workspace, slug, case)) == [(item.assertion, "left_out")]
    line = next(line for line in seen(workspace, slug).lines if line.id == case)
    assert (line.is_judged, line.is_backed) == (False, False)
    with pytest.raises(StateError, match="No assertion counts"):
        deciding.confirm(workspace, slug, case)
    deciding.toggle(workspace, slug, case, item.assertion)
    assert standings(shown(workspace, slug, case)) == [(item.assertion, "confirmed")]


def test_an_assertion_can_be_written_and_rewritten_but_not_badly(
    workspace: Workspace, slug: str
) -> None:
    case = first(workspace, slug)
    (item,) = shown(workspace, slug, case).items
    deciding.rewrite(workspace, slug, case, item.assertion, DAYS)
    deciding.rewrite(workspace, slug, case, None, Assertion("max_words", 30))
    assert judged_by(workspace, slug, case) == (DAYS, Assertion("max_words", 30))
    assert {s for a, s in standings(shown(workspace, slug, case)) if a != item.assertion} == {
        "confirmed"
    }
    with pytest.raises(ScopeError, match="pattern"):
        deciding.rewrite(workspace, slug, case, None, Assertion("regex", "("))
    with pytest.raises(InputError, match="any more"):
        deciding.toggle(workspace, slug, case, Assertion("max_words", 31))


def test_a_new_reference_brings_new_proposals_and_keeps_what_was_confirmed(
    workspace: Workspace, slug: str
) -> None:
    case = first(workspace, slug)
    words = Assertion("max_words", 30)
    deciding.rewrite(workspace, slug, case, None, words)
    deciding.edit_reference(workspace, slug, case, "It costs $6.95.")
    found = shown(workspace, slug, case)
    assert found.stored.case.reference == "It costs $6.95."
    assert "45 days" in found.stored.original.reference
    fee = Assertion("number", 6.95, unit="dollar")
    assert {a: s for a, s in standings(found) if s != "left_out"} == {
        words: "confirmed",
        fee: "proposed",
    }
    with pytest.raises(InputError, match="empty"):
        deciding.edit_reference(workspace, slug, case, " ")


def test_a_dropped_case_judges_nothing_and_comes_back_by_undo(
    workspace: Workspace, slug: str
) -> None:
    session = sessions.get(workspace.store, slug)
    case = first(workspace, slug)
    deciding.drop(workspace, slug, case, "unclear")
    assert cases.count(workspace.store, session.id) == 4
    assert seen(workspace, slug).lines[-1].id == case
    assert seen(workspace, slug).count("dropped") == 1
    assert shown(workspace, slug, case).history[0].reason == "unclear"
    assert deciding.undo(workspace, slug) == case
    assert cases.count(workspace.store, session.id) == 5
    assert deciding.redo(workspace, slug) == case
    assert len(cases.every(workspace.store, session.id)) == 4


def test_what_is_put_off_comes_behind_what_waits(workspace: Workspace, slug: str) -> None:
    before = [line.id for line in seen(workspace, slug).lines]
    deciding.later(workspace, slug, before[1])
    deciding.later(workspace, slug, before[0])
    after = [line.id for line in seen(workspace, slug).lines]
    assert after == [*before[2:], before[1], before[0]]


def test_undo_to_the_first_and_redo_to_the_last_survive_a_restart(
    workspace: Workspace, slug: str
) -> None:
    ids = [line.id for line in seen(workspace, slug).lines]
    start = [shown(workspace, slug, i).stored for i in ids]
    (item,) = shown(workspace, slug, ids[0]).items
    deciding.toggle(workspace, slug, ids[0], item.assertion)
    deciding.rewrite(workspace, slug, ids[0], None, DAYS)
    deciding.confirm(workspace, slug, ids[0])
    deciding.later(workspace, slug, ids[1])
    deciding.edit_reference(workspace, slug, ids[1], "Within 45 days.")
    deciding.drop(workspace, slug, ids[2], "other")
    end = [shown(workspace, slug, i).stored for i in ids]
    again = Workspace(workspace.home, "ines")
    while deciding.undo(again, slug) is not None:
        pass
    assert [shown(again, slug, i).stored for i in ids] == start
    while deciding.redo(workspace, slug) is not None:
        pass
    assert [shown(workspace, slug, i).stored for i in ids] == end
    again.store.close()


def test_everybody_undoes_their_own_and_never_over_somebody_else(
    workspace: Workspace, slug: str
) -> None:
    case = first(workspace, slug)
    deciding.later(workspace, slug, case)
    other = workspace.acting_as("bo")
    assert deciding.undo(other, slug) is None
    deciding.drop(other, slug, case, "other")
    with pytest.raises(StateError, match="somebody else"):
        deciding.undo(workspace, slug)


def test_the_checks_say_what_is_wrong_with_a_reference_and_which_examples_leak(
    workspace: Workspace, slug: str, tmp_path: Path
) -> None:
    intake.import_file(workspace, slug, chat_file(tmp_path / "chats.jsonl", 4))
    curate.check(workspace, slug)
    case = first(workspace, slug)
    deciding.edit_reference(workspace, slug, case, "Shoes: return within 30 days, ann@example.org.")
    found = {f.check for f in shown(workspace, slug, case).findings}
    assert {"leak", "personal_data"} <= found


def test_after_the_seal_nothing_can_be_changed_and_each_opening_counts_once_a_person(
    workspace: Workspace, slug: str, tmp_path: Path
) -> None:
    deciding.later(workspace, slug, first(workspace, slug))
    intake.import_file(workspace, slug, chat_file(tmp_path / "more.jsonl", 20))
    curate.accept(workspace, slug, curate.order_queue(workspace, slug))
    curate.split(workspace, slug)
    session = sessions.get(workspace.store, slug)
    listed = seen(workspace, slug)
    assert listed.is_sealed
    case = listed.lines[0].id
    with pytest.raises(StateError, match="is sealed"):
        held_out.card(workspace, slug, case)
    held_out.open_sealed(workspace, slug, case)
    held_out.open_sealed(workspace, slug, case)
    assert held_out.card(workspace, slug, case).stored.id == case
    assert sessions.looks(workspace.store, session.id) == 1
    held_out.open_sealed(workspace.acting_as("bo"), slug, case)
    assert sessions.looks(workspace.store, session.id) == 2
    for decide in (deciding.confirm, deciding.later, deciding.undo):
        with pytest.raises(StateError, match="was sealed on"):
            decide(workspace, slug, *([] if decide is deciding.undo else [case]))


def test_cases_that_came_with_assertions_can_be_confirmed_whole(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = sessions.create(workspace.store, small_scope()).slug
    intake.import_file(workspace, slug, case_file(tmp_path / "h.jsonl", 3), held_out=True)
    assert seen(workspace, slug).unbacked == 0
    deciding.confirm(workspace, slug, first(workspace, slug))
    assert seen(workspace, slug).count("confirmed") == 1
