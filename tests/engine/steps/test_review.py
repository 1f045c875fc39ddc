from __future__ import annotations

import msgspec
import pytest

from engine.errors import InputError, StateError
from engine.runs.folder import write_lines
from engine.steps import compare, review, status, train, verdict
from engine.store import sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run


def test_a_session_without_a_run_has_nothing_to_review(workspace: Workspace, curated: str) -> None:
    seen = review.review(workspace, curated)
    assert (seen.run, seen.comparison, seen.runs, seen.trouble) == (None, None, (), None)
    assert review.read_verdict(workspace, curated).reached is None


def test_the_newest_run_is_reviewed_unless_one_is_named(workspace: Workspace, curated: str) -> None:
    for right in (5, 27):
        answered_run(workspace, curated, {"base": 3, "tuned": right})
    newest, older = review.review(workspace, curated), review.review(workspace, curated, 1)
    assert newest.runs == (1, 2)
    assert newest.comparison is not None
    assert older.comparison is not None
    assert newest.comparison.counts()["fixed"] == 24
    assert older.comparison.counts()["fixed"] == 2
    reached = review.read_verdict(workspace, curated, 1).reached
    assert reached is not None
    assert reached.run.id == 1


def test_a_folder_that_is_gone_is_trouble_and_not_an_exception(
    workspace: Workspace, curated: str
) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    folder.job_file.unlink()
    seen, reading = review.review(workspace, curated), review.read_verdict(workspace, curated)
    assert seen.comparison is None
    assert seen.trouble is not None
    assert "no folder" in seen.trouble.message
    assert reading.trouble is not None


def test_other_arms_are_compared_but_are_not_what_the_verdict_is_about(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27, "prompted": 9})
    assert review.review(workspace, curated).is_judged
    seen = review.review(workspace, curated, None, ("prompted", "tuned"))
    assert not seen.is_judged
    assert seen.comparison is not None
    assert seen.comparison.counts()["fixed"] == 18


def test_the_last_ruling_of_a_case_counts(workspace: Workspace, curated: str) -> None:
    run = answered_run(workspace, curated, {"base": 3, "tuned": 27}).job().run
    row = compare.compare(workspace, run).rows[5]
    review.rule(workspace, run, row, "regression")
    found = review.rule(workspace, run, row, "acceptable", "looked again")
    assert found["domain", row.case.id].ruling == "acceptable"
    assert found["domain", row.case.id].note == "looked again"
    with pytest.raises(InputError, match="no ruling"):
        review.rule(workspace, run, row, "charming")


def test_the_stamp_moves_with_answers_rulings_waivers_signatures_and_runs(
    workspace: Workspace, curated: str
) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    run, seen = folder.job().run, [review.stamp(workspace, curated)]
    assert review.stamp(workspace, curated) == seen[0]
    write_lines(folder.answers_file, folder.answers()[:-1])
    seen.append(review.stamp(workspace, curated))
    verdict.rule(workspace, run, "domain", "c05", "acceptable")
    seen.append(review.stamp(workspace, curated))
    verdict.sign(workspace, curated, run, "lead")
    seen.append(review.stamp(workspace, curated))
    train.prepare(workspace, curated, train.plan(workspace, curated).recipe)
    seen.append(review.stamp(workspace, curated))
    assert len(set(seen)) == len(seen)


def test_a_look_is_counted_once_a_person_and_run(workspace: Workspace, curated: str) -> None:
    run = answered_run(workspace, curated, {"base": 3, "tuned": 27}).job().run
    session, found = sessions.get(workspace.store, curated), compare.compare(workspace, run)
    for who in (workspace, workspace, workspace.acting_as("bo")):
        review.count_look(who, session, found)
    assert sessions.looks(workspace.store, session.id) == 2
    general = msgspec.structs.replace(
        found, run=9, rows=tuple(msgspec.structs.replace(r, gate="capability") for r in found.rows)
    )
    review.count_look(workspace, session, general)
    assert sessions.looks(workspace.store, session.id) == 2


def test_base_answers_can_be_looked_at_before_the_verdict_opens(
    workspace: Workspace, curated: str
) -> None:
    train.prepare(workspace, curated, train.plan(workspace, curated).recipe)
    assert {"compare", "verdict"} <= set(status.road(workspace, curated).blocks)
    answered_run(workspace, curated, {"base": 3})
    folder = train.folder_of(workspace, 2)
    folder.state_file.unlink()
    assert set(status.road(workspace, curated).blocks) == {"verdict"}


def test_a_verdict_is_signed_only_as_it_was_seen(workspace: Workspace, curated: str) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    answers = folder.answers()
    write_lines(folder.answers_file, answers[:-9])
    seen = verdict.reach(workspace, curated).verdict
    write_lines(folder.answers_file, answers)
    with pytest.raises(StateError, match="has changed"):
        verdict.sign(workspace, curated, None, "lead", seen=seen)
    now = verdict.reach(workspace, curated).verdict
    assert verdict.sign(workspace, curated, None, "lead", seen=now).verdict == "hold"
