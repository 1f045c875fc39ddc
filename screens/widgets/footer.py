"""The last line: at most seven keys, never cut in the middle, the least important dropped first."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from textual.content import Content

from screens.text import safe, width
from screens.widgets.lines import Lines

MOST = 7
GAP = "   "


class FooterKey(msgspec.Struct, frozen=True):
    """One entry of the footer."""

    key: str
    label: str
    priority: int = 50
    dimmed: bool = False
    """The action is there but cannot be done now; pressing the key says why."""


def fit_keys(keys: Sequence[FooterKey], cells: int) -> tuple[FooterKey, ...]:
    """The keys that fit a line of `cells` cells, in their own order, at most seven."""
    kept = list(keys)
    while len(kept) > MOST or (kept and _cells(kept) > cells):
        worst = max(range(len(kept)), key=lambda index: (kept[index].priority, index))
        del kept[worst]
    return tuple(kept)


def _cells(keys: Sequence[FooterKey]) -> int:
    texts = sum(width(key.key) + 1 + width(key.label) + 2 * key.dimmed for key in keys)
    return 1 + texts + len(GAP) * (len(keys) - 1)


def draw_footer(keys: Sequence[FooterKey], cells: int) -> Content:
    """The line itself; a dimmed key stands in parentheses, so that it shows without colour."""
    parts = [_draw_key(key) for key in fit_keys(keys, cells)]
    return Content.assemble(" ", Content(GAP).join(parts))


def _draw_key(key: FooterKey) -> Content:
    if key.dimmed:
        return safe(f"({key.key} {key.label})", style="$text-muted dim")
    return Content.assemble(
        safe(key.key, style="bold $accent"), " ", safe(key.label, style="$foreground")
    )


class Footer(Lines):
    """Keys of the screen, or a question that the next key answers."""

    DEFAULT_CSS = """
    Footer {
        height: 1;
        dock: bottom;
        background: $panel;
    }
    """

    def __init__(self) -> None:
        super().__init__("")
        self._keys: tuple[FooterKey, ...] = ()
        self._question: Content | None = None

    def set_keys(self, keys: Sequence[FooterKey]) -> None:
        """Show these keys, as many as fit."""
        self._keys = tuple(keys)
        self._paint()

    def set_question(self, question: Content | None) -> None:
        """Show a question in place of the keys; None shows the keys again."""
        self._question = question
        self._paint()

    def on_resize(self) -> None:
        """Choose the keys for the new width."""
        self._paint()

    def _paint(self) -> None:
        if self._question is not None:
            self.show(self._question)
        elif self.size.width:
            self.show(draw_footer(self._keys, self.size.width))
