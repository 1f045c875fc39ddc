from __future__ import annotations

import msgspec
import pytest

from engine.evaluation.statistics import paired_mean
from engine.runs.folder import write_lines
from engine.steps import compare
from engine.steps.closeness import in_words, reference_change
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run


def test_the_loss_on_references_is_paired_case_by_case_with_its_interval(
    workspace: Workspace, curated: str
) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    losses = {"base": 20.0, "tuned": 12.0}
    write_lines(
        folder.answers_file,
        [
            msgspec.structs.replace(a, nll=losses[a.arm] + int(a.case[1:]) % 3, nll_tokens=10)
            if a.case != "c00"
            else a
            for a in folder.answers()
        ],
    )
    found = compare.compare(workspace, folder.job().run)
    change = reference_change(found.rows)
    assert change == paired_mean([-0.8] * 29)
    said = in_words(found)
    assert said[0].startswith("Noise floor: 0 of 20 answers changed when base answered again")
    assert said[1].startswith("Loss on the reference answers: -0.80 nats a token [-0.80, -0.80]")
    assert said[1].endswith("29 domain cases.")


def test_an_arm_that_disagrees_with_itself_is_counted(workspace: Workspace, curated: str) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    answers = [
        msgspec.structs.replace(a, text="Else.") if a.repeat and a.case in ("c01", "c02") else a
        for a in folder.answers()
    ]
    write_lines(folder.answers_file, answers)
    found = compare.compare(workspace, folder.job().run)
    assert in_words(found)[0].startswith("Noise floor: 2 of 20")


def test_without_losses_and_repeats_it_says_what_is_missing(
    workspace: Workspace, curated: str
) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    write_lines(folder.answers_file, [a for a in folder.answers() if not a.repeat])
    found = compare.compare(workspace, folder.job().run)
    assert reference_change(found.rows) is None
    assert in_words(found) == ("Noise floor not measured: base answered no case twice.",)


@pytest.mark.parametrize("nll", [float("inf"), None])
def test_a_loss_that_is_none_is_left_out(
    workspace: Workspace, curated: str, nll: float | None
) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    answers = folder.answers()
    rows = compare.compare(workspace, folder.job().run).rows
    broken = [
        msgspec.structs.replace(
            row, base=answers[0], tuned=msgspec.structs.replace(answers[0], nll=nll, nll_tokens=3)
        )
        for row in rows
    ]
    assert reference_change(broken) is None
