"""What must be caught and named in the verdict, each planted on stored answers of a whole run."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.records import Answer, Example, Message
from engine.runs.folder import RunFolder, write_lines
from engine.steps import curate, intake, train, verdict
from engine.steps import scope as scope_step
from engine.store import runs, sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run
from tests.screens.answered import choices, with_suites
from tui.cli import main


def warned(workspace: Workspace, slug: str) -> str:
    return "\n".join(verdict.reach(workspace, slug).warnings)


def test_a_whole_run_has_nothing_to_warn_of(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    assert warned(workspace, curated) == ""


def test_an_adapter_that_was_not_applied_is_named(
    workspace: Workspace, curated: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 3})
    assert "answers all 30 cases word for word as base does" in warned(workspace, curated)
    assert main(["--home", str(workspace.home), "verdict", curated]) == 3
    assert "its adapter was not applied" in capsys.readouterr().out


def test_equal_words_with_another_loss_are_an_adapter_that_was_applied(
    workspace: Workspace, curated: str
) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 3})
    moved = [
        msgspec.structs.replace(a, nll=4.5 if a.arm == "base" else 4.25, nll_tokens=4)
        for a in folder.answers()
    ]
    write_lines(folder.answers_file, moved)
    assert warned(workspace, curated) == ""


def templated(workspace: Workspace, words: str) -> None:
    """Give the stand-in model a chat template."""
    model = workspace.models / "smollm2-135m-instruct"
    (model / "chat_template.jinja").write_text(words)


def test_a_chat_template_that_differs_is_named(workspace: Workspace, curated: str) -> None:
    templated(workspace, "{{ messages }}")
    run = answered_run(workspace, curated, {"base": 3, "tuned": 27}).job().run
    assert warned(workspace, curated) == ""
    templated(workspace, "User: {{ messages }}")
    assert "chat template is not the one that this run was prepared with" in warned(
        workspace, curated
    )
    other = train.answer(workspace, curated, runs.get(workspace.store, run), "prompted")
    templated(workspace, "{{ messages }}")
    assert warned(workspace, curated) == (
        f"Answer run {other.job().run} asked with another chat template than run {run}:"
        " its answers are not comparable."
    )


@pytest.mark.parametrize(("taken", "said"), [(1, "pinned at 0 %"), (0, "pinned at 100 %")])
def test_a_suite_that_both_arms_fail_or_both_pass_is_named(
    workspace: Workspace, curated: str, taken: int, said: str
) -> None:
    with_suites(workspace, curated, dict([choices(*[(taken, taken)] * 60)]))
    gate = verdict.reach(workspace, curated).verdict.gates[1]
    assert any(said in note for note in gate.notes)
    assert (gate.outcome == "pass") is (said == "pinned at 100 %")


def test_a_leak_planted_after_the_freeze_is_named(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    path = tmp_path / "late.jsonl"
    leaked = "Until which day does the shop take case 7 back?"
    row = Example((Message("user", leaked), Message("assistant", "You have 45 days for that.")))
    path.write_bytes(msgspec.json.encode(row) + b"\n")
    intake.import_file(workspace, curated, path)
    # The checks were not asked again, as somebody in a hurry would do it.
    curate.accept(workspace, curated, curate.order_queue(workspace, curated))
    curate.split(workspace, curated)
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    (sentence,) = verdict.reach(workspace, curated).warnings
    assert sentence.startswith("A leak: 1 training row is held-out material (row ")
    assert "asks exactly what held-out case c07 asks" in sentence


def test_rows_slipped_into_the_run_folder_are_named(workspace: Workspace, curated: str) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    rows = folder.examples("train")
    write_lines(folder.data / "train.jsonl", [*rows, rows[0]])
    assert "The train rows in the run folder are not those" in warned(workspace, curated)


def test_an_edited_criterion_is_named_with_who_and_why(
    workspace: Workspace, curated: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    scope = sessions.get(workspace.store, curated).scope
    easier = msgspec.structs.replace(scope.criteria, min_error_reduction=0.01)
    edited = msgspec.structs.replace(scope, criteria=easier)
    scope_step.save(workspace, curated, edited, reason="we were too strict")
    assert "The scope has changed since this run was trained." in warned(workspace, curated)
    main(["--home", str(workspace.home), "verdict", curated])
    said = capsys.readouterr().out
    assert "by ines: criteria" in said
    assert "we were too strict" in said


def test_answers_of_few_cases_are_no_proof(workspace: Workspace, curated: str) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 3})
    few = {"c00", "c01", "c02"}
    kept: list[Answer] = [a for a in RunFolder(folder.path).answers() if a.case in few]
    write_lines(folder.answers_file, kept)
    assert "word for word" not in warned(workspace, curated)
