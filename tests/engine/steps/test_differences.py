from __future__ import annotations

import msgspec

from engine.runs.folder import Metric, RunFolder, write_lines
from engine.steps import differences, train
from engine.steps import scope as scope_step
from engine.store import sessions
from engine.store.connection import Store
from engine.workspace import Workspace


def trained(workspace: Workspace, slug: str, *settings: str) -> RunFolder:
    """A run that did two steps."""
    recipe = train.plan(workspace, slug, settings=settings).recipe
    folder = train.prepare(workspace, slug, recipe)
    write_lines(folder.metrics_file, [Metric(n, 0.0, loss=2.0) for n in (1, 2)])
    return folder


def move(store: Store, part: str) -> None:
    """One more row of the other part in this one."""
    with store.transaction() as db:
        db.execute(
            "UPDATE examples SET part = ? WHERE id ="
            " (SELECT min(id) FROM examples WHERE status = 'accepted' AND part != ?)",
            [part, part],
        )


def names(workspace: Workspace, slug: str, *settings: str) -> tuple[str, ...]:
    return train.plan(workspace, slug, settings=settings).changed


def test_a_run_is_held_against_the_newest_that_did_a_step(
    workspace: Workspace, curated: str
) -> None:
    assert train.plan(workspace, curated).before is None
    run = trained(workspace, curated).job().run
    train.prepare(workspace, curated, train.plan(workspace, curated, settings=["rank=4"]).recipe)
    looked_at = train.plan(workspace, curated, settings=["rank=4"]).recipe
    base = train.prepare(workspace, curated, looked_at)
    write_lines(base.metrics_file, [Metric(0, 0.0, validation_loss=2.0)])
    plan = train.plan(workspace, curated, settings=["rank=8"])
    assert plan.before is not None
    assert plan.before.id == run
    assert [one.in_words for one in plan.differences] == ["rank 16 to 8"]


def test_a_damaged_folder_is_passed_over(workspace: Workspace, curated: str) -> None:
    run = trained(workspace, curated).job().run
    trained(workspace, curated).job_file.write_text("{")
    before = train.plan(workspace, curated).before
    assert before is not None
    assert before.id == run


def test_nothing_differs_when_nothing_was_changed(workspace: Workspace, curated: str) -> None:
    trained(workspace, curated)
    assert names(workspace, curated) == ()


def test_another_split_of_the_same_rows_is_one_thing(workspace: Workspace, curated: str) -> None:
    trained(workspace, curated)
    move(workspace.store, "validation")
    move(workspace.store, "train")
    assert names(workspace, curated) == ()
    with workspace.store.transaction() as db:
        db.execute(
            "UPDATE examples SET part = CASE part WHEN 'train' THEN 'validation' ELSE 'train' END"
            " WHERE id IN (SELECT min(id) FROM examples WHERE part IN ('train', 'validation')"
            " GROUP BY part)"
        )
    assert names(workspace, curated) == ("split",)
    assert names(workspace, curated, "rank=4") == ("rank", "split")


def test_rows_that_went_are_counted(workspace: Workspace, curated: str) -> None:
    rows = len(trained(workspace, curated).examples("train"))
    move(workspace.store, "held_out")
    found = train.plan(workspace, curated).differences[-1]
    assert found.in_words == f"training rows {rows} to {rows - 1} (1 gone)"


def test_an_amended_scope_is_a_thing(workspace: Workspace, curated: str) -> None:
    trained(workspace, curated)
    scope = sessions.get(workspace.store, curated).scope
    changed = msgspec.structs.replace(scope, system_prompt="Answer as a pirate.")
    scope_step.save(workspace, curated, changed, reason="tone")
    assert names(workspace, curated) == ("scope",)


def test_another_library_is_a_thing_with_both_versions(workspace: Workspace, curated: str) -> None:
    folder = trained(workspace, curated)
    job = folder.job()
    older = msgspec.structs.replace(job, versions=job.versions | {"peft": "0.1"})
    folder.job_file.write_bytes(msgspec.json.encode(older))
    (found,) = train.plan(workspace, curated).differences
    assert found.in_words == f"peft 0.1 to {job.versions['peft']}"


def test_one_difference_is_no_warning() -> None:
    assert differences.warning(1) == ""
    assert "3 things differ" in differences.warning(3)
