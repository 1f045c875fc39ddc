"""A row as the model will read it, with the tokens that are trained marked apart."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Protocol

from textual.content import Content

from screens.text import safe

TRAINED = "$block-cursor-foreground on $block-cursor-background underline"


class MaskedToken(Protocol):
    """One token of a rendered row: engine.runs.folder.Token is one."""

    @property
    def text(self) -> str:
        """What the token says; half a character shows as U+FFFD."""

    @property
    def trained(self) -> bool:
        """Whether the loss counts it."""


def draw_mask(
    tokens: Iterable[MaskedToken], between: str = "", *, brackets: bool = False
) -> Content:
    """The row as one text, trained tokens on another background and underlined.

    between: stands between tokens. brackets: stand `[` and `]` around trained ones as well, where
    colours or lines are not to be had.
    """
    bar, parts = safe(between, style="$text-muted"), []
    for trained, group in groupby(tokens, key=lambda token: token.trained):
        texts = bar.join(safe(token.text) for token in group)
        if trained and brackets:
            texts = Content.assemble("[", texts, "]")
        parts.append(texts.stylize_before(TRAINED) if trained else texts)
    return bar.join(parts)


def count_trained(tokens: Iterable[MaskedToken]) -> int:
    """How many tokens are trained."""
    return sum(token.trained for token in tokens)
