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
from screens.text import safe, truncate, visible_line, wrap
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

NOT, CUT, WHOLE = 0, 1, 9
"""Lines that the sentence of a gate may take at most."""


def draw_gate(
    gate: GateResult, cells: int, symbols: Symbols, *, is_at: bool, most: int = NOT
) -> Iterator[Content]:
    """A line for what was found, one for the interval, and at most so many of its sentence."""
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
    if gate.sentence:
        sentence = visible_line(gate.sentence)
        if most == CUT:
            sentence = truncate(sentence, cells - 7, ellipsis=symbols.ellipsis)
        for line in wrap(sentence, cells - 7)[:most]:
            yield safe(f"      {line}", style="$text-muted")


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
        self._most = NOT

    @property
    def gate(self) -> GateResult | None:
        """The gate under the cursor."""
        return self._gates[self._cursor] if self._gates else None

    def set_gates(self, gates: tuple[GateResult, ...], room: int) -> None:
        """Show gates; with sentences, whole or cut, where they fit into `room` lines."""
        self._gates = gates
        width = self.size.width
        fitting = (most for most in (WHOLE, CUT) if len(self._drawn(width, most)) <= room)
        self._most = next(fitting, NOT)
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
            len(self._drawn(width, self._most))
            if self._gates
            else super().get_content_height(container, viewport, width)
        )

    def _paint(self) -> None:
        if self.size.width and self._gates:
            self.show(*self._drawn(self.size.width, self._most))

    def _drawn(self, cells: int, most: int) -> list[Content]:
        symbols, lines = symbols_of(self), list[Content]()
        for index, gate in enumerate(self._gates):
            is_at = index == self._cursor
            lines += draw_gate(gate, cells, symbols, is_at=is_at, most=most)
        return lines
