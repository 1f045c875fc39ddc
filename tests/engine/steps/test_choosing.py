from __future__ import annotations

import msgspec
import pytest

from engine.errors import InputError, NotFoundError, StateError
from engine.records import Answer
from engine.runs.folder import Metric, RunFolder, write_atomically, write_lines
from engine.runs.looks import look_folder
from engine.steps import choosing, compare, earlier, review, train, verdict
from engine.steps.choosing import arm_of
from engine.store import runs, sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run

RIGHT, WRONG = "Within 45 days.", "Within 30 days."


def looked_run(workspace: Workspace, slug: str, steps: tuple[int, ...] = (10, 20, 30)) -> RunFolder:
    """An answered run that kept the adapters of some looks, the first of them as its best."""
    folder = answered_run(workspace, slug, {"base": 3, "tuned": 27})
    metrics = [Metric(0, 0.0, validation_loss=3.0, general_loss=2.0)]
    for number, step in enumerate(steps):
        look = look_folder(folder, step)
        look.mkdir(parents=True)
        (look / "best.json").write_text(f'{{"step": {step}, "validation_loss": 1.0}}')
        metrics.append(Metric(step, 0.0, validation_loss=1.0 + number, general_loss=2.02))
    folder.adapter.mkdir()
    (folder.adapter / "best.json").write_text(f'{{"step": {steps[0]}, "validation_loss": 1.0}}')
    write_lines(folder.metrics_file, metrics)
    return folder


def measure(
    workspace: Workspace, slug: str, right: dict[int, int], nll: dict[int, float]
) -> RunFolder:
    """A choosing run with made-up answers: the first `right[step]` rows of each step are right."""
    folder = choosing.prepare(workspace, slug)
    cases = folder.suite("validation").cases
    answers = [
        Answer(
            "validation",
            case.id,
            arm_of(step),
            text=RIGHT if index < right[step] else WRONG,
            nll=10 * (nll[step] + index / 1000),
            nll_tokens=10,
        )
        for step in right
        for index, case in enumerate(cases)
    ]
    write_lines(folder.answers_file, answers)
    return folder


def test_every_kept_checkpoint_is_asked_the_validation_rows_and_nothing_sealed(
    workspace: Workspace, curated: str
) -> None:
    trained = looked_run(workspace, curated)
    folder = choosing.prepare(workspace, curated)
    job, suite = folder.job(), folder.suite("validation")
    assert job.arms == ("step-10", "step-20", "step-30")
    assert job.suites == ("validation",)
    assert [case.reference for case in suite.cases] == [
        example.answer for example in trained.examples("validation")
    ]
    assert all(case.assertions for case in suite.cases)
    assert all((folder.path / place).is_dir() for place in job.adapters.values())
    assert not list(folder.data.glob("suite-domain*"))


def test_answers_to_validation_rows_never_come_into_a_verdict(
    workspace: Workspace, curated: str
) -> None:
    run = looked_run(workspace, curated).job().run
    measure(workspace, curated, {10: 1, 20: 1}, {10: 1.0, 20: 1.0})
    assert {a.suite for a in compare.answers_of(workspace, run)} == {"domain"}
    assert compare.compare(workspace, run).arms == ("base", "tuned")


def test_checkpoints_stand_side_by_side_with_intervals_against_the_kept_one(
    workspace: Workspace, curated: str
) -> None:
    looked_run(workspace, curated)
    with pytest.raises(NotFoundError, match="not measured yet"):
        choosing.candidates(workspace, curated)
    rows = measure(workspace, curated, {10: 1, 20: 2, 30: 0}, {10: 1.0, 20: 0.5, 30: 1.5})
    found = choosing.candidates(workspace, curated)
    kept, better, worse = found.candidates
    assert found.rows == len(rows.suite("validation").cases) == kept.judged
    assert (kept.right, better.right, worse.right) == (1, 2, 0)
    assert (kept.is_kept, kept.is_chosen, kept.over_best) == (True, True, None)
    assert better.over_best == pytest.approx((-0.5, -0.5))
    assert worse.over_best == pytest.approx((0.5, 0.5))
    assert better.rise == pytest.approx(0.02)
    assert better.right_interval is not None
    assert better.right_interval[0] < 2 / found.rows <= better.right_interval[1] + 1e-9
    assert found.advice.startswith("Step 20 has 2 of")


def test_what_chance_explains_is_no_reason_to_leave_the_kept_one(
    workspace: Workspace, curated: str
) -> None:
    looked_run(workspace, curated)
    measure(workspace, curated, {10: 1, 20: 2}, {10: 1.0, 20: 1.0})
    assert "keep it" in choosing.candidates(workspace, curated).advice


def test_a_chosen_checkpoint_answers_all_cases_and_is_judged_from_then_on(
    workspace: Workspace, curated: str
) -> None:
    run = looked_run(workspace, curated).job().run
    measure(workspace, curated, {10: 1, 20: 2}, {10: 1.0, 20: 0.5})
    with pytest.raises(StateError, match="Step 30 was not measured"):
        choosing.choose(workspace, curated, None, 30)
    folder = choosing.choose(workspace, curated, None, 20, "likelier answers")
    assert folder is not None
    assert (folder.job().arms, folder.job().suites) == (("step-20",), ("domain",))
    tuned = [a for a in compare.answers_of(workspace, run) if a.arm == "tuned"]
    write_lines(
        folder.answers_file,
        [msgspec.structs.replace(a, arm="step-20", text=WRONG) for a in tuned],
    )
    reached = verdict.reach(workspace, curated)
    assert reached.verdict.arms == ("base", "step-20")
    seen = review.review(workspace, curated).comparison
    assert seen is not None
    assert (seen.second, seen.counts()["broken"]) == ("step-20", 3)
    (told,) = [w for w in reached.warnings if w.startswith("Checkpoint")]
    assert "step 20, chosen by ines on" in told
    assert "before anybody had looked" in told
    assert "(likelier answers)" in told


def test_choosing_after_a_look_at_the_sealed_cases_is_named_as_such(
    workspace: Workspace, curated: str
) -> None:
    looked_run(workspace, curated)
    measure(workspace, curated, {10: 1, 20: 2}, {10: 1.0, 20: 0.5})
    session = sessions.get(workspace.store, curated)
    sessions.add_look(workspace.store, session.id, "ines", "answers of run 1")
    assert choosing.choose(workspace, curated, None, 10) is None
    reached = verdict.reach(workspace, curated)
    assert reached.verdict.arms == ("base", "tuned")
    assert any("partly chosen by luck" in w for w in reached.warnings)


def test_a_run_without_kept_checkpoints_says_so(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    with pytest.raises(StateError, match="kept no checkpoint"):
        choosing.prepare(workspace, curated)


def test_the_adapter_of_another_run_answers_as_an_arm_named_after_it(
    workspace: Workspace, curated: str
) -> None:
    first = looked_run(workspace, curated)
    second = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    run = train.chosen(workspace, curated, second.job().run)
    folder = earlier.prepare(workspace, curated, run, "run-1")
    assert folder.job().arms == ("run-1",)
    assert (folder.path / "adapters" / "run-1" / "best.json").exists()
    assert runs.get(workspace.store, folder.job().run).parent == run.id
    with pytest.raises(InputError, match="no other training run"):
        earlier.prepare(workspace, curated, run, "run-2")
    moved = msgspec.structs.replace(first.job(), model="another")
    write_atomically(first.job_file, msgspec.json.encode(moved))
    with pytest.raises(InputError, match="was trained on another"):
        earlier.prepare(workspace, curated, run, "run-1")
