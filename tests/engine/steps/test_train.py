from __future__ import annotations

import msgspec
import pytest

from engine.errors import InputError, NotFoundError, StateError
from engine.records import Answer
from engine.runs.folder import write_lines
from engine.steps import caching, compare, status, train
from engine.store import examples, sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import CASES, answered_run, small_scope


def test_training_is_blocked_until_the_scope_is_frozen_and_the_set_sealed(
    workspace: Workspace,
) -> None:
    slug = sessions.create(workspace.store, small_scope()).slug
    first, second = train.blockers(workspace, slug)
    assert "frozen" in first
    assert "split" in second
    with pytest.raises(StateError, match="frozen"):
        train.prepare(workspace, slug, train.plan(workspace, slug).recipe)


def test_a_prepared_folder_holds_only_what_training_may_see(
    workspace: Workspace, curated: str
) -> None:
    folder = train.prepare(workspace, curated, train.plan(workspace, curated).recipe)
    session = sessions.get(workspace.store, curated)
    accepted = examples.every(workspace.store, session.id, "accepted")
    by_part = {p: [s.example for s in accepted if s.part == p] for p in ("train", "validation")}
    assert folder.examples("train") == by_part["train"]
    assert folder.examples("validation") == by_part["validation"]
    assert by_part["validation"]
    job = folder.job()
    assert job.hashes["scope"] == session.frozen_hash
    assert job.hashes["sealed"] == session.sealed_hash
    assert len(folder.suite("domain").cases) == CASES
    assert folder.state().phase == "prepared"


def test_a_first_look_takes_cases_from_the_whole_suite(workspace: Workspace, curated: str) -> None:
    recipe = train.plan(workspace, curated).recipe
    suite = train.prepare(workspace, curated, recipe, cases=10).suite("domain")
    assert [c.id for c in suite.cases] == [f"c{n:02d}" for n in range(0, 30, 3)]
    assert suite.version.endswith("first look")


def test_settings_win_and_say_so_and_changes_are_named(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 25})
    planned = train.plan(workspace, curated, settings=["rank=4", "seed=11"])
    assert (planned.recipe.rank, planned.reasons["rank"]) == (4, "set by the operator")
    assert set(planned.changed) == {"rank", "seed"}
    with pytest.raises(InputError, match="rnak"):
        train.plan(workspace, curated, settings=["rnak=4"])


def test_base_answers_are_measured_once(workspace: Workspace, curated: str) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 25})
    compare.take_over(workspace, folder.job().run)
    again = train.prepare(workspace, curated, train.plan(workspace, curated).recipe)
    known = again.known_answers()
    assert {a.arm for a in known} == {"base"}
    assert {a.case for a in known} == {f"c{n:02d}" for n in range(CASES)}
    job = msgspec.structs.replace(again.job(), system_prompt="You answer for nobody.")
    suites = [again.suite("domain")]
    assert caching.known_answers(workspace, job, suites) == []


def test_a_run_of_another_session_is_refused(workspace: Workspace, curated: str) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 25})
    other = sessions.create(workspace.store, small_scope("Other")).slug
    with pytest.raises(NotFoundError, match="another session"):
        train.chosen(workspace, other, folder.job().run)


def test_an_answer_run_carries_its_own_copy_of_the_adapter(
    workspace: Workspace, curated: str
) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 25})
    folder.adapter.mkdir()
    (folder.adapter / "adapter_model.safetensors").write_bytes(b"weights")
    run = train.latest(workspace, curated)
    made = train.answer(workspace, curated, run, "prompted")
    assert (made.adapter / "adapter_model.safetensors").read_bytes() == b"weights"
    assert made.job().arms == ("prompted",)
    assert "45 days" in made.job().policy_prompt
    write_lines(made.answers_file, [Answer("domain", "c00", "prompted", text="45 days")])
    assert "prompted" in compare.compare(workspace, run.id).arms


def test_a_damaged_folder_does_not_hide_the_other_runs(workspace: Workspace, curated: str) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 25})
    answered_run(workspace, curated, {"base": 3, "tuned": 25})
    folder.state_file.write_text("{")
    lines = status.run_lines(workspace)
    assert [line.phase for line in lines] == ["damaged", "done"]


def test_the_road_says_what_blocks(workspace: Workspace, curated: str) -> None:
    road = status.road(workspace, curated)
    assert road.done == {
        "scope": True,
        "curate": True,
        "train": False,
        "compare": False,
        "verdict": False,
    }
    assert set(road.blocks) == {"compare", "verdict"}
    assert road.next == "train"
    answered_run(workspace, curated, {"base": 3, "tuned": 25})
    assert status.road(workspace, curated).next == "verdict"
