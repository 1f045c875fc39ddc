"""Named values under a cursor, each as many lines long as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message

from screens.actions import key_pressed
from screens.symbols import symbols_of
from screens.text import fit, safe, truncate, wrap
from screens.widgets.lines import Lines

MARGIN = 3


class Field(msgspec.Struct, frozen=True):
    """One named value, a plain string from anywhere."""

    name: str
    label: str
    value: str
    weight: int = 1
    """Who gets a second line first: the highest."""


def share_lines(wanted: Sequence[int], weights: Sequence[int], room: int) -> list[int]:
    """Lines for each field: one each, then more by weight until the room is used up."""
    given = [1] * len(wanted)
    by_weight = sorted(range(len(wanted)), key=lambda index: (-weights[index], index))
    spare = room - len(wanted)
    while spare > 0:
        short = [index for index in by_weight if given[index] < wanted[index]]
        if not short:
            break
        least = min(given[index] for index in short)
        given[next(index for index in short if given[index] == least)] += 1
        spare -= 1
    return given


def draw_field(label: str, value: str, cells: int, most: int) -> list[str]:
    """`Task     Answer questions by our` and the lines below it; the last one says what is cut."""
    label_cells = len(label) + 2
    lines = wrap(value, max(cells - label_cells, 8))
    if len(lines) > most:
        rest = " ".join(lines[most - 1 :])
        lines = [*lines[: most - 1], truncate(rest, cells - label_cells)]
    return [label + "  " + lines[0], *(" " * label_cells + line for line in lines[1:])]


class FieldList(Lines, can_focus=True):
    """Fields under a cursor: j and k move; enter chooses."""

    COMPONENT_CLASSES = {"fields--cursor"}
    DEFAULT_CSS = """
    FieldList {
        height: auto;
        & > .fields--cursor {
            color: $foreground;
        }
    }
    """

    class Highlighted(Message):
        """The cursor came to another field."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Chosen(Highlighted):
        """enter was pressed on a field."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._fields: tuple[Field, ...] = ()
        self._cursor = 0
        self.room = 10
        """Lines there are for all fields together; each has one at least."""

    @property
    def selected(self) -> str:
        """Name of the field under the cursor."""
        return self._fields[self._cursor].name if self._fields else ""

    def set_fields(self, fields: Sequence[Field], room: int) -> None:
        """Show fields in so many lines."""
        self._fields = tuple(fields)
        self.room = room
        self._draw()

    def move_to(self, name: str) -> None:
        """Put the cursor on a field."""
        names = [field.name for field in self._fields]
        if name in names and names[self._cursor] != name:
            self._cursor = names.index(name)
            self._draw()
            self.post_message(self.Highlighted(name))

    def on_resize(self) -> None:
        """Wrap for the new width."""
        self._draw()

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor shows only where keys would go."""
        super().watch_has_focus(has_focus)
        self._draw()

    def on_key(self, event: events.Key) -> None:
        """Move, or choose."""
        pressed = key_pressed(event.key, event.character)
        last = len(self._fields) - 1
        moves = {
            "j": min(self._cursor + 1, last),
            "down": min(self._cursor + 1, last),
            "k": max(self._cursor - 1, 0),
            "up": max(self._cursor - 1, 0),
            "g": 0,
            "home": 0,
            "G": last,
            "end": last,
        }
        if pressed in moves and self._fields:
            self.move_to(self._fields[moves[pressed]].name)
        elif pressed == "enter" and self._fields:
            self.post_message(self.Chosen(self.selected))
        else:
            return
        event.stop()
        event.prevent_default()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Lines at this width."""
        return len(self._drawn(width))

    def _draw(self) -> None:
        if self.size.width:
            self.show(*self._drawn(self.size.width))

    def _drawn(self, width: int) -> list[Content]:
        if not self._fields:
            return []
        cells = width - MARGIN - 1
        widest = max(len(field.label) for field in self._fields)
        wanted = [len(wrap(field.value, max(cells - widest - 2, 8))) for field in self._fields]
        shared = share_lines(wanted, [field.weight for field in self._fields], self.room)
        lines: list[Content] = []
        for index, (field, most) in enumerate(zip(self._fields, shared, strict=True)):
            at = self.has_focus and index == self._cursor
            label = fit(field.label, widest)
            lines += self._field(draw_field(label, field.value, cells, most), widest, at)
        return lines

    def _field(self, drawn: list[str], label: int, at: bool) -> list[Content]:
        sign = f" {symbols_of(self).cursor} " if at else " " * MARGIN
        lines = []
        for number, line in enumerate(drawn):
            name = safe(line[:label], style="bold $accent" if at else "$text-muted")
            value = safe(line[label:], style="bold" if at else "")
            lines.append(Content.assemble(sign if number == 0 else " " * MARGIN, name, value))
        return lines
