"""Frames without the cells that the terminal shows already.

textual paints a whole frame several times while a screen or a dialog comes up, each time all of
it. Over SSH only what differs is worth its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

Cell = tuple[str, Style | None]
"""A character with its style; the right half of a wide one is empty."""
Piece = tuple[int, int, Strip]
"""Column, row, and what is to stand there."""


class ShownCells:
    """What the terminal shows, as far as it is known."""

    def __init__(self) -> None:
        self._lines: dict[int, list[Cell | None]] = {}

    def forget(self) -> None:
        """The terminal may show anything by now."""
        self._lines.clear()

    def change(self, x: int, y: int, strip: Strip) -> Piece | None:
        """The part of a strip that the terminal does not show yet; from now on it does."""
        fresh = list(_cells(strip))
        line = self._lines.setdefault(y, [])
        line.extend([None] * (x + len(fresh) - len(line)))
        stale = line[x : x + len(fresh)]
        line[x : x + len(fresh)] = fresh
        changed = [n for n, (old, new) in enumerate(zip_longest(stale, fresh)) if old != new]
        if not changed:
            return None
        if any(len(text) != 1 for text, _ in fresh):
            # Terminals differ on the width of some characters: the line is sent as one.
            return x, y, strip
        first, last = changed[0], changed[-1]
        return x + first, y, strip.crop(first, last + 1)


class ChangedCells(CompositorUpdate):
    """An update that sends only what the terminal does not show already."""

    def __init__(self, update: LayoutUpdate | ChopsUpdate, shown: ShownCells) -> None:
        self.update = update
        self.shown = shown

    def render_segments(self, console: Console) -> str:
        """The bytes for the terminal; asked for only when they are sent."""
        sent = []
        for piece in _pieces(self.update):
            if (change := self.shown.change(*piece)) is not None:
                x, y, strip = change
                sent.append(f"\x1b[{y + 1};{x + 1}H{strip.render(console)}")
        return "".join(sent)


def _cells(strip: Strip) -> Iterator[Cell]:
    """One pair a cell; a combining character joins the cell before it."""
    pending: Cell | None = None
    for text, style, _ in strip:
        for character in text:
            cells = cell_len(character)
            if not cells and pending is not None:
                pending = pending[0] + character, pending[1]
                continue
            if pending is not None:
                yield pending
            pending = character, style
            if cells == 2:
                yield pending
                pending = "", style
    if pending is not None:
        yield pending


def _pieces(update: LayoutUpdate | ChopsUpdate) -> Iterator[Piece]:
    return _of_frame(update) if isinstance(update, LayoutUpdate) else _of_spans(update)


def _of_frame(frame: LayoutUpdate) -> Iterator[Piece]:
    for y, strips in enumerate(frame.strips, frame.region.y):
        yield frame.region.x, y, Strip.join(strips)


def _of_spans(update: ChopsUpdate) -> Iterator[Piece]:
    """The chops that lie in the spans, cut where a span ends in the middle of one."""
    for y, start, stop in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x <= stop and end > start:
                inside = start <= x < stop and end <= stop
                yield x, y, strip if inside else strip.crop(0, min(end, stop) - x)
