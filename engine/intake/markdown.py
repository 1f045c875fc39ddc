"""Markdown as headings and plain text, read by markdown-it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from engine.intake.blocks import ASIDE, Block

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n.*?\n---[ \t]*(?:\r?\n|\Z)", re.S)
_LISTS = ("bullet_list_open", "ordered_list_open")


def markdown_blocks(text: str) -> Iterator[Block]:
    """Headings and text in order. Items of lists begin with a dash or their number."""
    text = _FRONT_MATTER.sub(lambda found: "\n" * found[0].count("\n"), text)
    where = _Where()
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        where.enter(token)
        if token.type == "inline" and where.cells is None:
            yield where.block(token)
        elif token.type == "tr_close":
            yield Block(where.line, 0, " | ".join(where.cells or ()), tight=True)
            where.cells = None
        elif token.type in ("fence", "code_block"):
            yield Block(where.line, 0, token.content.rstrip("\n"))
        elif token.type == "html_block":
            yield from _html(token.content, where.line)


class _Where:
    """What the next line of text stands in."""

    def __init__(self) -> None:
        self.line = 1
        self.heading = 0
        self.depth = 0
        self.item = ""
        """What the next line begins with, when it opens an item of a list."""
        self.cells: list[str] | None = None
        """The cells of the table row so far."""

    def enter(self, token: Token) -> None:
        """Follow one token."""
        self.line = token.map[0] + 1 if token.map else self.line
        if token.type == "heading_open":
            self.heading = int(token.tag[1:])
        elif token.type in _LISTS:
            self.depth += 1
        elif token.type.endswith("_list_close"):
            self.depth -= 1
        elif token.type == "list_item_open":
            number = f"{token.info}. " if token.info else "- "
            self.item = "  " * (self.depth - 1) + number
        elif token.type == "tr_open":
            self.cells = []
        elif token.type == "inline" and self.cells is not None:
            self.cells.append(_plain(token))

    def block(self, token: Token) -> Block:
        """A line of text, or a heading."""
        aside = ASIDE if not self.depth and _is_bold_question(token) else 0
        made = Block(
            self.line, self.heading or aside, self.item + _plain(token), tight=self.depth > 0
        )
        self.heading, self.item = 0, ""
        return made


def _plain(token: Token) -> str:
    """The words of a line: what is marked loses its marks, an image is its description."""
    parts = []
    for child in token.children or ():
        if child.type in ("text", "code_inline", "image"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" " if child.type == "softbreak" else "\n")
    return "".join(parts)


def _is_bold_question(token: Token) -> bool:
    """A paragraph that is one bold question stands for a heading."""
    children = [c for c in token.children or () if c.type != "text" or c.content.strip()]
    bold = [c.type for c in (children[:1] + children[-1:])] == ["strong_open", "strong_close"]
    closings = sum(child.type == "strong_close" for child in children)
    return bold and closings == 1 and _plain(token).rstrip(" :").endswith("?")


def _html(content: str, line: int) -> Iterator[Block]:
    from engine.intake.html import html_blocks

    for block in html_blocks(content.encode()):
        yield Block(line + block.line - 1, block.level, block.text, block.tight)
