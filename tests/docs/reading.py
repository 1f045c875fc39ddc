"""Documents as tests read them: fenced blocks with their tags, first columns of tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (
    *(ROOT / f"{n}.md" for n in ("README", "CONTRIBUTING", "CHANGELOG")),
    *sorted((ROOT / "docs").glob("*.md")),
)
_BLOCK = re.compile(r"^```(\w+)(?: ([\w-]+))?\n(.*?)^```$", re.M | re.S)
_ROW = re.compile(r"^\| `([\w.]+)` \|", re.M)


class Block(NamedTuple):
    """A fenced block: its language, what strop calls it, and its text."""

    language: str
    tag: str
    text: str


def blocks(document: Path) -> list[Block]:
    """The fenced blocks of a document that name their language."""
    found = _BLOCK.findall(document.read_text(encoding="utf-8"))
    return [Block(language, tag, text) for language, tag, text in found]


def tagged(document: Path, tag: str) -> Iterator[str]:
    """The texts of the blocks with a tag."""
    return (block.text for block in blocks(document) if block.tag == tag)


def section(document: Path, title: str) -> str:
    """What stands under a heading of the second level."""
    _, _, rest = document.read_text(encoding="utf-8").partition(f"\n## {title}\n")
    return rest.partition("\n## ")[0]


def first_cells(text: str) -> list[str]:
    """The names in backticks that open the rows of tables."""
    return _ROW.findall(text)
