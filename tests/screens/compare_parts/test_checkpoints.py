"""The checkpoints of a run on the compare screen: measured, read, chosen."""

from __future__ import annotations

import msgspec
import pytest

from engine.runs import launch
from engine.runs.folder import RunFolder, write_lines
from engine.steps import compare, review
from engine.store import choices
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run
from tests.engine.steps.test_choosing import looked_run, measure
from tests.screens.harness import screen_lines, screen_text
from tests.screens.opened import opened, press, write


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[RunFolder]:
    """Folders that a worker would have been started on."""
    found: list[RunFolder] = []
    monkeypatch.setattr(launch, "launch", lambda folder, **_: found.append(folder))
    return found


async def test_the_table_fits_and_says_what_to_take(workspace: Workspace, curated: str) -> None:
    looked_run(workspace, curated)
    measure(workspace, curated, {10: 1, 20: 2}, {10: 1.0, 20: 0.5})
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "o")
        lines = [" ".join(line.strip(" │").split()) for line in screen_lines(app)]
        assert "step right [95 %] loss over kept general" in lines
        assert any("10 1 of 2 9 to 91 1.000 +0.02 kept, judged" in line for line in lines)
        assert any("20 2 of 2 34 to 100 0.500 -0.500, -0.500 +0.02" in line for line in lines)
        assert any(line.startswith("Step 20 has 2 of 2 right") for line in lines)
        assert "enter judge this one from now on" in screen_text(app)


async def test_a_choice_with_its_reason_is_kept_and_its_answers_are_compared(
    workspace: Workspace, curated: str, started: list[RunFolder]
) -> None:
    run = looked_run(workspace, curated).job().run
    measure(workspace, curated, {10: 1, 20: 2}, {10: 1.0, 20: 0.5})
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "o", "j", "enter")
        await write(pilot, "likelier\n")
        await press(pilot)
        chosen = choices.last(workspace.store, run)
        assert chosen is not None
        assert (chosen.step, chosen.why) == (20, "likelier")
        assert chosen.looked, "the compare screen shows sealed answers"
        (folder,) = started
        assert "step-20 against base" in screen_text(app)
        answers = [a for a in compare.answers_of(workspace, run) if a.arm == "tuned"]
        write_lines(
            folder.answers_file, [msgspec.structs.replace(a, arm="step-20") for a in answers]
        )
    found = review.review(workspace, curated).comparison
    assert found is not None
    assert (found.second, found.counts()["fixed"]) == ("step-20", 24)


async def test_what_was_never_measured_is_measured_on_demand(
    workspace: Workspace, curated: str, started: list[RunFolder]
) -> None:
    looked_run(workspace, curated)
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "o")
        assert "The checkpoints were not measured yet" in screen_text(app)
        assert "y measure them" in screen_text(app)
        await press(pilot, "y")
        assert [folder.job().suites for folder in started] == [("validation",)]
        await press(pilot, "o")
        assert "No answer yet" in screen_text(app)


async def test_a_run_that_kept_nothing_says_so(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "o", "y")
        assert "kept no checkpoint to choose from" in screen_text(app)
