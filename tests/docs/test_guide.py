"""The guide's table of findings has every check, with the severities it gives; its figures hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.curation.run import CHECKS
from engine.records import Finding
from engine.steps import curate, sessions
from engine.steps import scope as scope_step
from engine.steps.plan import plan_cases
from engine.workspace import Workspace
from tests.docs.reading import ROOT

GUIDE = ROOT / "docs" / "guide.md"
TEXT = GUIDE.read_text(encoding="utf-8")
FLAT = " ".join(TEXT.replace("\n  > ", " ").split())


pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def sample(
    tmp_path_factory: pytest.TempPathFactory, models: Path
) -> Iterator[tuple[Workspace, str]]:
    """The sample session as it is made, the embedded model at hand."""
    workspace = Workspace(tmp_path_factory.mktemp("home"), "ines")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STROP_MODELS", str(models))
        yield workspace, sessions.open_sample(workspace).slug


@pytest.fixture(scope="module")
def findings(sample: tuple[Workspace, str]) -> list[Finding]:
    """What the checks find in it."""
    return curate.check(*sample)


def severities() -> dict[str, str]:
    """The second cell of the table of findings, by check."""
    rows = re.findall(r"^\| (`[\w`, ]+`) \| ([\w ]+) \|", TEXT, re.M)
    return {name: level for names, level in rows for name in re.findall(r"`(\w+)`", names)}


def test_every_check_is_explained() -> None:
    assert severities().keys() == CHECKS.keys()


def test_the_severities_are_those_that_the_sample_shows(findings: list[Finding]) -> None:
    listed = severities()
    assert {f.severity for f in findings if f.severity not in listed[f.check]} == set()


def test_the_line_of_counts_is_what_the_sample_gives(findings: list[Finding]) -> None:
    counts = {name: sum(f.check == name for f in findings) for name in CHECKS}
    shown = ", ".join(f"{name} {n}" for name, n in sorted(counts.items()) if n)
    assert f"{len(findings)} findings: {shown}" in FLAT


def test_what_the_plan_is_quoted_with_is_what_it_says(sample: tuple[Workspace, str]) -> None:
    words = plan_cases(*sample).words
    assert words[0] in FLAT
    assert words[1].partition(". At most")[0] in FLAT


def test_the_sample_can_be_frozen_and_nothing_deserves_a_note(
    sample: tuple[Workspace, str],
) -> None:
    scope = scope_step.see(*sample).session.scope
    assert scope_step.blockers(scope) == []
    assert scope_step.notes(scope) == []
    assert f"{len(scope.rules)} rules are critical" in FLAT
