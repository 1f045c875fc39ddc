"""The README names every verb, real keys, real variables and files that are there."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from screens.actions import show_key
from tests.docs.reading import DOCUMENTS, ROOT, section
from tui.cli import build_parser
from tui.screens import PLACES, Place, screen_class

README = ROOT / "README.md"
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)")
_VARIABLE = re.compile(r"\bSTROP_[A-Z]+\b")
MOVING = {"j", "k"}
"""Keys of lists and panes; no screen declares them of its own."""


def verbs() -> list[str]:
    """The verbs of the command line."""
    (choice,) = (
        action
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return list(choice.choices)


def walk() -> list[tuple[Place, list[str]]]:
    """The screens of the walk with the keys that it names."""
    rows = [line.strip("| ").split(" | ") for line in section(README, "The walk").splitlines()]
    found = {cells[0].split()[-1].lower(): cells[1] for cells in rows if len(cells) == 2}
    return [(place, re.findall(r"`([^`]+)`", found[place])) for place in PLACES]


def slug(heading: str) -> str:
    """A heading as the anchor that it gets."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_is_in_the_table_of_commands(verb: str) -> None:
    table = section(README, "The same on the command line")
    assert re.search(rf"^\| `strop {verb}\b", table, re.M)


@pytest.mark.parametrize(("place", "keys"), walk())
def test_the_keys_of_the_walk_are_keys_of_their_screens(place: Place, keys: list[str]) -> None:
    screen = screen_class(place)
    declared = {show_key(k) for action in (*screen.ACTIONS, *screen.SHARED) for k in action.keys}
    assert keys
    assert set(keys) <= declared | MOVING


def test_every_variable_that_the_code_reads_is_listed() -> None:
    sources = [p for room in ("engine", "screens", "tui") for p in (ROOT / room).rglob("*.py")]
    read = {
        name
        for path in sources
        for name in re.findall(r"environ\S*?[\[(]\"(\w+)\"", path.read_text(encoding="utf-8"))
        if name.startswith("STROP_") or name in ("NO_COLOR", "VISUAL", "EDITOR")
    }
    table = section(README, "Where things are kept")
    assert {name for name in read if f"`{name}`" not in table} == set()
    assert set(_VARIABLE.findall(table)) <= read


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_and_headings_that_are_there(document: Path) -> None:
    for name, anchor in _LINK.findall(document.read_text(encoding="utf-8")):
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), name
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.M)
            assert anchor[1:] in {slug(heading) for heading in headings}, anchor


def test_the_pages_of_the_project_are_all_linked() -> None:
    text = README.read_text(encoding="utf-8")
    pages = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS if path != README]
    assert [page for page in pages if f"({page})" not in text] == []
