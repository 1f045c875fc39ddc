from __future__ import annotations

import pytest

from engine.steps import blind, report
from engine.steps.blind import Sitting
from engine.store import sessions
from engine.store.blind import Choice
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run


@pytest.fixture
def sitting(workspace: Workspace, curated: str) -> Sitting:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    return blind.sit_down(workspace, curated)


def prefer(sitting: Sitting, index: int, arm: str) -> Choice:
    return "left" if sitting.pairs[index].left_arm == arm else "right"


def test_only_pairs_whose_words_differ_are_asked(sitting: Sitting) -> None:
    assert len(sitting.pairs) == 24
    assert all(pair.left != pair.right for pair in sitting.pairs)
    assert sitting.next == 0


def test_a_sitting_is_the_same_every_time_and_another_for_another_person(
    workspace: Workspace, curated: str, sitting: Sitting
) -> None:
    again = blind.sit_down(workspace, curated)
    other = blind.sit_down(workspace.acting_as("tom"), curated)
    assert again.pairs == sitting.pairs
    assert [p.case.id for p in other.pairs] != [p.case.id for p in sitting.pairs]


def test_both_arms_stand_on_both_sides_and_each_answer_under_its_arm(sitting: Sitting) -> None:
    sides = [pair.left_arm for pair in sitting.pairs]
    assert 4 < sides.count("tuned") < 20
    for pair in sitting.pairs:
        tuned = pair.left if pair.left_arm == "tuned" else pair.right
        assert "45 days" in tuned


def test_a_sitting_goes_on_where_it_was_left_and_the_last_choice_counts(
    workspace: Workspace, curated: str, sitting: Sitting
) -> None:
    for index in range(3):
        blind.choose(workspace, sitting, sitting.pairs[index], "same", 4.0)
    blind.choose(workspace, sitting, sitting.pairs[0], prefer(sitting, 0, "tuned"), 2.0)
    again = blind.sit_down(workspace, curated)
    assert again.next == 3
    (found,) = blind.tallies(workspace, again.run)
    assert (found.pairs, found.second, found.same) == (3, 1, 2)
    assert blind.sit_down(workspace.acting_as("tom"), curated).next == 0


def test_the_sign_test_drops_ties(workspace: Workspace, curated: str, sitting: Sitting) -> None:
    for index, pair in enumerate(sitting.pairs):
        choice = "same" if index < 10 else prefer(sitting, index, "tuned")
        blind.choose(workspace, sitting, pair, choice, 3.0 + index)
    (found,) = blind.tallies(workspace, sitting.run)
    assert (found.first, found.second, found.same) == (0, 14, 10)
    assert found.p == pytest.approx(2**-14)
    assert found.seconds == 14.5


@pytest.mark.parametrize(("won", "is_chance"), [(32, False), (31, True)])
def test_thirty_two_of_fifty_are_hardly_chance(
    workspace: Workspace, sitting: Sitting, won: int, is_chance: bool
) -> None:
    pair = sitting.pairs[0]
    tuned, base = (
        blind.choose(workspace, sitting, pair, prefer(sitting, 0, arm), 1.0)
        for arm in ("tuned", "base")
    )
    found = blind.tally("ines", sitting.arms, [tuned] * won + [base] * (50 - won))
    assert (found.p >= 0.05) is is_chance


def test_a_sitting_is_a_look_at_the_sealed_set_and_stands_in_the_report(
    workspace: Workspace, curated: str, sitting: Sitting
) -> None:
    session = sessions.get(workspace.store, curated)
    assert sessions.looks(workspace.store, session.id) == 1
    blind.choose(workspace, sitting, sitting.pairs[0], "neither", 5.0)
    contents = report.gather(workspace, curated)
    assert [(t.who, t.neither) for t in contents.blind] == [("ines", 1)]
