"""docs/run-folder.md lists the fields and phases that the code has, and every file of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from engine.records import Answer
from engine.runs.folder import ENDED, Command, Event, Job, Metric, Phase, RunFolder, State
from tests.docs.reading import ROOT, first_cells, section

PAGE = ROOT / "docs" / "run-folder.md"


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("job.json", Job.__struct_fields__),
        ("state.json", (*State.__struct_fields__, *get_args(Phase))),
        ("metrics.jsonl", Metric.__struct_fields__),
    ],
)
def test_tables_list_exactly_what_there_is(title: str, names: tuple[str, ...]) -> None:
    assert sorted(first_cells(section(PAGE, title))) == sorted(names)


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("events.jsonl", (*Event.__struct_fields__, *get_args(get_type_hints(Event)["kind"]))),
        ("answers.jsonl", Answer.__struct_fields__),
    ],
)
def test_fields_of_lines_are_all_named(title: str, names: tuple[str, ...]) -> None:
    text = section(PAGE, title)
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_ends_of_a_run_are_named_as_such() -> None:
    sentence = next(
        part for part in section(PAGE, "state.json").split("\n\n") if "are ends." in part
    )
    assert {phase for phase in get_args(Phase) if f"`{phase}`" in sentence} == ENDED


def test_every_file_and_command_has_a_writer() -> None:
    folder = RunFolder(Path("x"))
    table = section(PAGE, "Who writes what, and when")
    paths = [value for value in vars(folder).values() if value != folder.path]
    names = [path.relative_to(folder.path).as_posix() for path in paths]
    assert [name for name in names if name not in table] == []
    assert [name for name in get_args(Command) if f"`control/{name}`" not in table] == []
