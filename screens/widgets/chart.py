"""A line chart in text: braille where the font has it, half blocks or ASCII where not."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

import msgspec
from textual.content import Content, Span

from screens.symbols import symbols_of
from screens.widgets.lines import Lines

Point = tuple[float, float]
Ink = Literal["braille", "blocks", "ascii"]

_DOTS: dict[Ink, tuple[int, int]] = {"braille": (2, 4), "blocks": (1, 2), "ascii": (1, 1)}
_BRAILLE = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_BLOCKS = (" ", "▀", "▄", "█")
_STROKES: dict[Ink, tuple[str, str]] = {
    "braille": ("╌", "━"),
    "blocks": ("╌", "━"),
    "ascii": ("-", "="),
}
"""Of the reference and of the limit."""


class Chart(msgspec.Struct, frozen=True):
    """What is drawn: lines of (x, y) points in order of x, points marked apart, levels."""

    lines: tuple[tuple[Point, ...], ...]
    marks: tuple[Point, ...] = ()
    """Single measurements, each drawn as a cross."""
    reference: float | None = None
    """A level to compare with, drawn across the whole width."""
    reference_label: str = ""
    limit: float | None = None
    """A level not to be passed, drawn across the whole width in another stroke."""
    limit_label: str = ""
    x_end: float | None = None
    """Where the x axis ends, when that is further than the data: the total of steps."""
    floor: float | None = 0.0
    """A value the y axis includes unless most of its height would stand empty; None: never."""


def draw_chart(chart: Chart, width: int, height: int, *, ink: Ink = "braille") -> list[str]:
    """The chart in exactly `height` lines of `width` cells: y axis, plot, and x axis last.

    NaN and infinite values leave gaps. Takes at least 16 by 4 cells, below that it is blank.
    """
    if width < 16 or height < 4:
        return [" " * width] * height
    low, high = _y_range(chart)
    ticks = _tick_labels(low, high)
    gutter = max(map(len, ticks)) + 2
    plot = _Plot(width - gutter, height - 1, _x_range(chart), (low, high), ink)
    for line in chart.lines:
        plot.line(line)
    grid = plot.rows(chart)
    axis = [_axis(row, height - 1, ticks, gutter, ink) for row in range(height - 1)]
    body = [left + right for left, right in zip(axis, grid, strict=True)]
    return [*body, _x_axis(plot.x_range, width, gutter)]


class _Plot:
    """Dots under a grid of cells."""

    def __init__(
        self, cells: int, rows: int, x_range: Point, y_range: Point, ink: Ink = "braille"
    ) -> None:
        self.cells, self.height, self.ink = cells, rows, ink
        self.x_range, self.y_range = x_range, y_range
        self.per_cell = _DOTS[ink]
        self.dots: set[tuple[int, int]] = set()

    def dot(self, point: Point) -> tuple[int, int]:
        """Column and row of dots, from the top left."""
        columns, rows = self.cells * self.per_cell[0], self.height * self.per_cell[1]
        x = (point[0] - self.x_range[0]) / (self.x_range[1] - self.x_range[0])
        y = (point[1] - self.y_range[0]) / (self.y_range[1] - self.y_range[0])
        column = round(min(max(x, 0.0), 1.0) * (columns - 1))
        return column, round((1 - min(max(y, 0.0), 1.0)) * (rows - 1))

    def line(self, points: Sequence[Point]) -> None:
        """Join the points; a value that is no number parts the line."""
        for run in _finite_runs(points):
            dots = [self.dot(point) for point in run]
            self.dots.update(dots)
            for start, end in pairwise(dots):
                if start != end:
                    self.dots.update(_between(start, end))

    def rows(self, chart: Chart) -> list[str]:
        """The cells as text, the levels below the lines and the marks on top."""
        grid = [[self._cell(x, y) for x in range(self.cells)] for y in range(self.height)]
        self._levels(grid, chart)
        mark = "x" if self.ink == "ascii" else "×"  # noqa: RUF001
        for point in chart.marks:
            if all(map(math.isfinite, point)):
                column, row = self.dot(point)
                grid[row // self.per_cell[1]][column // self.per_cell[0]] = mark
        return ["".join(row) for row in grid]

    def _levels(self, grid: list[list[str]], chart: Chart) -> None:
        """Two levels on one row share its stroke and its label."""
        strokes = _STROKES[self.ink]
        levels = ((chart.reference, chart.reference_label), (chart.limit, chart.limit_label))
        labels: dict[int, list[str]] = {}
        for (level, label), stroke in zip(levels, strokes, strict=True):
            if level is None or not math.isfinite(level):
                continue
            row = self.dot((self.x_range[0], level))[1] // self.per_cell[1]
            grid[row] = [stroke if cell == " " else cell for cell in grid[row]]
            labels[row] = [*labels.get(row, []), *([label] if label else [])]
        for row, found in labels.items():
            tail = f" {', '.join(found)}" if found else ""
            if tail and len(tail) < self.cells // 2:
                grid[row][-len(tail) :] = tail

    def _cell(self, x: int, y: int) -> str:
        wide, high = self.per_cell
        inside = [(i, j) for i in range(wide) for j in range(high)]
        lit = [(i, j) for i, j in inside if (x * wide + i, y * high + j) in self.dots]
        if not lit:
            return " "
        if self.ink == "ascii":
            return "*"
        if self.ink == "blocks":
            return _BLOCKS[sum(1 << j for _, j in lit)]
        return chr(0x2800 + sum(_BRAILLE[i][j] for i, j in lit))


def _finite_runs(points: Sequence[Point]) -> Iterator[list[Point]]:
    run: list[Point] = []
    for point in points:
        if all(map(math.isfinite, point)):
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _between(start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Dots on the straight line, without its ends."""
    (x, y), (x_end, y_end) = start, end
    steps = max(abs(x_end - x), abs(y_end - y))
    for step in range(1, steps):
        yield round(x + (x_end - x) * step / steps), round(y + (y_end - y) * step / steps)


def _values(chart: Chart, axis: Literal[0, 1]) -> list[float]:
    points = [point for line in (*chart.lines, chart.marks) for point in line]
    return [point[axis] for point in points if all(map(math.isfinite, point))]


def _x_range(chart: Chart) -> Point:
    values = [0.0, *_values(chart, 0), *([] if chart.x_end is None else [chart.x_end])]
    return _apart(min(values), max(values))


def _y_range(chart: Chart) -> Point:
    """From a round number below everything to a round number above."""
    levels = [value for value in (chart.reference, chart.limit) if value is not None]
    values = [*_values(chart, 1), *filter(math.isfinite, levels)] or [chart.floor or 0.0]
    low, high = _apart(min(values), max(values))
    if chart.floor is not None and low - chart.floor <= high - low:
        low, high = _apart(min(low, chart.floor), max(high, chart.floor))
    step = _nice((high - low) / 5)
    return math.floor(low / step) * step, (math.floor(high / step * (1 - 1e-9)) + 1) * step


def _apart(low: float, high: float) -> Point:
    """The two ends, with room between them that floats can count in."""
    least = max(abs(low), abs(high)) * 1e-6 or 1.0
    return low, max(high, low + max(least, 1e-9))


def _nice(step: float) -> float:
    """The nearest of 1, 2, 5 times a power of ten that is not below."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * 0.999)


def _tick_labels(low: float, high: float) -> tuple[str, str, str]:
    """Labels of the top, the middle and the bottom."""
    values = (high, (high + low) / 2, low)
    if max(map(abs, values)) >= 1e5:
        top, middle, bottom = (f"{value:.3g}" for value in values)
        return top, middle, bottom
    span = high - low
    digits = max(0, min(4, 1 - math.floor(math.log10(span))))
    digits += abs(round(values[1], digits) - values[1]) > span * 1e-6
    top, middle, bottom = (f"{value:.{digits}f}" for value in values)
    return top, middle, bottom


def _axis(row: int, rows: int, ticks: tuple[str, str, str], gutter: int, ink: Ink) -> str:
    places = {0: ticks[0], rows // 2: ticks[1], rows - 1: ticks[2]}
    label = places.get(row, "")
    signs = ("|", "+") if ink == "ascii" else ("│", "┤")
    sign = signs[bool(label)]
    return f"{label:>{gutter - 2}} {sign}"


def _x_axis(x_range: Point, width: int, gutter: int) -> str:
    """Round numbers below their places; a label that would not fit is left out."""
    low, high = x_range
    cells = width - gutter
    step = _nice((high - low) / max(cells // 10, 1))
    line = [" "] * width
    free, value = 0, math.ceil(low / step) * step
    while value <= high + step * 1e-9:
        label = f"{value:g}"
        start = gutter + round((value - low) / (high - low) * (cells - 1)) - len(label) // 2
        start = min(start, width - len(label))
        if start >= free:
            line[start : start + len(label)] = label
            free = start + len(label) + 1
        value += step
    return "".join(line)


class ChartPane(Lines):
    """A chart that fills its pane and repaints only the lines that changed."""

    DEFAULT_CSS = """
    ChartPane {
        height: 8;
        color: $primary;
    }
    """

    def __init__(self, *, id: str | None = None, ink: Ink | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._chart = Chart(())
        self._ink = ink

    def plot(self, chart: Chart) -> None:
        """Draw this instead."""
        self._chart = chart
        self._paint()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._paint()

    def _paint(self) -> None:
        if self.size.width:
            ink = self._ink or ("braille" if symbols_of(self).unicode else "ascii")
            drawn = draw_chart(self._chart, self.size.width, self.size.height, ink=ink)
            self.show(*map(_coloured, drawn))


_AXIS = re.compile(r"^[^│┤|+]*[│┤|+]|^[\s\d.e+-]+$")
_PARTS = (
    (re.compile("[×x]"), "bold $accent"),  # noqa: RUF001
    (re.compile("[╌-]+.*"), "$text-warning"),
    (re.compile("[━=]+.*"), "$text-error"),
)


def _coloured(line: str) -> Content:
    """Axis quiet, marks and reference in their own colours: signs first, colours only help."""
    axis = _AXIS.match(line)
    start = axis.end() if axis else 0
    spans = [Span(0, start, "$text-muted")] if start else []
    for pattern, style in _PARTS:
        spans += [Span(m.start(), m.end(), style) for m in pattern.finditer(line, start)]
    return Content(line, spans)
