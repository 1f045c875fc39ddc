"""The gates under a cursor: outcome, finding, and the interval drawn against its limit."""

from __future__ import annotations

from collections.abc import Iterator

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message

from engine.evaluation.gates import GateResult
from screens.actions import key_pressed
from screens.symbols import Symbols, symbols_of
from screens.text import safe, truncate, visible_line
from screens.verdict_parts import words
from screens.widgets.interval import draw_interval
from screens.widgets.lines import Lines

LABEL = 25
OUTCOME = 7
INDENT = 3 + LABEL + OUTCOME
FIGURES = 24
"""Cells that the words beside an interval need; the picture gets the others."""
IN_FULL = 34
"""The same with units."""
ROOMY = 64
"""Cells of both from which the units are named."""


def draw_gate(
    gate: GateResult, cells: int, symbols: Symbols, *, is_at: bool, in_full: bool = False
) -> Iterator[Content]:
    """A line for what was found, one for the interval, and the sentence where there is room."""
    room = cells - INDENT - 1
    label = f" {symbols.cursor if is_at else ' '} {words.LABELS[gate.gate]:<{LABEL}}"
    said = words.outcome(gate)
    found = truncate(words.finding(gate), room, ellipsis=symbols.ellipsis)
    yield Content.assemble(
        safe(label, style="bold $accent" if is_at else ""),
        safe(f"{said:<{OUTCOME}}", style=words.STYLES[said]),
        safe(found, style="bold" if is_at else ""),
    )
    if gate.interval is not None and gate.estimate is not None:
        yield _interval(gate, gate.interval, gate.estimate, room, symbols)
    if in_full and gate.sentence:
        sentence = truncate(visible_line(gate.sentence), cells - 7, ellipsis=symbols.ellipsis)
        yield safe(f"      {sentence}", style="$text-muted")


def _interval(
    gate: GateResult, ends: tuple[float, float], estimate: float, room: int, symbols: Symbols
) -> Content:
    figures = words.interval_words(gate, in_full=room >= ROOMY)
    cells = room - 2 - (IN_FULL if room >= ROOMY else FIGURES)
    # Zero is drawn already: it is the limit of the domain gate.
    margin = gate.limit or None
    picture = draw_interval(ends[0], ends[1], estimate, cells, margin=margin, symbols=symbols)
    said = truncate(figures, max(room - cells - 2, 0), ellipsis=symbols.ellipsis)
    return Content.assemble(" " * INDENT, safe(picture), "  ", safe(said, style="$text-muted"))


class GateBoard(Lines, can_focus=True):
    """The seven gates: j and k move between them, enter chooses."""

    DEFAULT_CSS = """
    GateBoard {
        height: auto;
    }
    """

    class Highlighted(Message):
        """The cursor came to another gate."""

    class Chosen(Message):
        """enter was pressed on a gate."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._gates: tuple[GateResult, ...] = ()
        self._cursor = 0
        self._in_full = False

    @property
    def gate(self) -> GateResult | None:
        """The gate under the cursor."""
        return self._gates[self._cursor] if self._gates else None

    def set_gates(self, gates: tuple[GateResult, ...], room: int) -> None:
        """Show gates; with sentences where they fit into `room` lines."""
        self._gates = gates
        self._in_full = False
        self._in_full = len(self._drawn(self.size.width)) + len(gates) <= room
        self._paint()

    def move_to(self, index: int) -> None:
        """Put the cursor on a gate, as near as there is one."""
        index = max(min(index, len(self._gates) - 1), 0)
        if index != self._cursor:
            self._cursor = index
            self._paint()
            self.post_message(self.Highlighted())

    def on_resize(self) -> None:
        """Draw for the new width."""
        self._paint()

    def on_key(self, event: events.Key) -> None:
        """Move, or choose."""
        pressed = key_pressed(event.key, event.character)
        last = len(self._gates) - 1
        moves = {
            "j": self._cursor + 1,
            "down": self._cursor + 1,
            "k": self._cursor - 1,
            "up": self._cursor - 1,
            "g": 0,
            "home": 0,
            "G": last,
            "end": last,
        }
        if pressed in moves and self._gates:
            self.move_to(moves[pressed])
        elif pressed == "enter" and self._gates:
            self.post_message(self.Chosen())
        else:
            return
        event.stop()
        event.prevent_default()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Lines at this width."""
        return (
            len(self._drawn(width))
            if self._gates
            else super().get_content_height(container, viewport, width)
        )

    def _paint(self) -> None:
        if self.size.width and self._gates:
            self.show(*self._drawn(self.size.width))

    def _drawn(self, cells: int) -> list[Content]:
        symbols, lines = symbols_of(self), list[Content]()
        for index, gate in enumerate(self._gates):
            is_at = index == self._cursor
            lines += draw_gate(gate, cells, symbols, is_at=is_at, in_full=self._in_full)
        return lines
