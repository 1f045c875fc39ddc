"""The figures of docs/statistics.md are what strop computes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from engine.evaluation.gates import QUESTIONS
from engine.evaluation.statistics import (
    cases_needed,
    cases_needed_for_margin,
    cases_to_allow,
    clopper_pearson_upper,
    mcnemar_mid_p,
    sign_flip_p,
)
from engine.evaluation.statistics.planning import fixes_needed
from tests.docs.reading import ROOT, blocks, section
from tui.cli import main

PAGE = ROOT / "docs" / "statistics.md"
CONSOLE = [block.text for block in blocks(PAGE) if block.language == "console"]
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def rows(title: str, opening: str) -> list[list[str]]:
    """The cells of a table's rows below the one that begins with `opening`."""
    lines = [line for line in section(PAGE, title).splitlines() if line.startswith("|")]
    start = next(n for n, line in enumerate(lines) if line.startswith(opening))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[start + 2 :]]


@pytest.mark.parametrize("text", CONSOLE)
def test_a_console_block_shows_what_the_command_prints(
    text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    command, _, shown = text.partition("\n")
    words = shlex.split(command.removeprefix("$ strop "))
    assert main(["--home", str(tmp_path), *words]) == 0
    found = capsys.readouterr().out
    assert NUMBER.sub("#", found).split() == NUMBER.sub("#", shown).split()
    numbers = [float(n) for n in NUMBER.findall(shown)]
    assert numbers == pytest.approx([float(n) for n in NUMBER.findall(found)], abs=1e-12)


def test_every_gate_has_its_section_with_its_question_or_its_words() -> None:
    titles = re.findall(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), re.M)
    opened = {title.partition(":")[0].lower().replace("-", "_") for title in titles}
    assert set(QUESTIONS) <= opened


def test_the_table_of_allowed_regressions_is_computed() -> None:
    for name, *counts in rows("Capability: is general capability loss acceptable?", "| margin"):
        margin = int(name.partition(" ")[0]) / 100
        assert [int(n) for n in counts] == [cases_to_allow(b, margin) for b in range(4)]


def test_the_tables_of_the_planner_are_computed() -> None:
    for errors, cases, _, flips, *margins in rows("Planning", "| domain errors"):
        before, after = (int(n) / 100 for n in re.findall(r"\d+", errors))
        assert int(cases) == cases_needed(before, after)
        if flips:
            share = int(flips.partition(" ")[0]) / 100
            assert [int(n) for n in margins] == [
                cases_needed_for_margin(share, margin) for margin in (0.10, 0.05, 0.03)
            ]


def test_the_figures_in_the_sentences_are_computed() -> None:
    assert [fixes_needed(b) for b in (0, 2, 5)] == [5, 9, 14]
    assert mcnemar_mid_p(0, 15) == pytest.approx(0.00003, abs=0.000005)
    assert sign_flip_p([3.0] * 5) == 0.0625
    for cases, bound in ((59, 0.05), (99, 0.03), (299, 0.01)):
        assert clopper_pearson_upper(0, cases) <= bound < clopper_pearson_upper(0, cases - 1)
    assert round(clopper_pearson_upper(3, 151), 4) == 0.0505
