"""What Markdown and HTML have in common: headings and text, a line each."""

from __future__ import annotations

import msgspec

ASIDE = 7
"""Level of a question that is no heading: a bold line, a term, the summary of a fold."""


class Block(msgspec.Struct, frozen=True):
    """A piece of a page: a heading (level 1 to 7) or text (level 0), with its line."""

    line: int
    level: int
    text: str
    tight: bool = False
    """Whether it follows the piece before without a blank line: an item, a row of a table."""
