"""Two runs held together: what differs between them, and their curves over one another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from engine.steps.differences import warning
from engine.steps.runs import Pair, RunRow
from screens.symbols import symbols_of
from screens.text import safe, visible_line
from screens.train_parts.layout import Heading
from screens.widgets.chart import Chart, ChartPane, Point
from screens.widgets.prose import Prose

DOTS = 48
"""Single dots that a dotted curve is made of."""


def draw_pair(pair: Pair) -> Chart:
    """Validation loss by step: the earlier run dotted, the later a line with its looks crossed."""
    first = [(float(step), loss) for step, loss in pair.first_curve]
    second = tuple((float(step), loss) for step, loss in pair.second_curve)
    lines = (_dotted(first), second)
    return Chart(tuple(line for line in lines if line), marks=second, floor=None)


def _dotted(points: Sequence[Point]) -> tuple[Point, ...]:
    """A curve as single dots with gaps between them."""
    if len(points) < 2:
        return tuple(points)
    gap = max((points[-1][0] - points[0][0]) / DOTS, 1e-9)
    found: list[Point] = []
    for (x, y), (x_end, y_end) in pairwise(points):
        count = max(round((x_end - x) / gap), 1)
        for n in range(count):
            share = n / count
            found += [(x + (x_end - x) * share, y + (y_end - y) * share), (x, math.nan)]
    return (*found, points[-1])


def describe_pair(pair: Pair, sign: str) -> list[Content]:
    """What differs, a line each, and both runs in figures."""
    numbers = f"run {pair.first.run} to run {pair.second.run}"
    if not pair.differences:
        lines = [safe(f"Nothing differs from {numbers}.", style="bold")]
    else:
        lines = [safe(f"From {numbers}:", style="bold")]
        lines += [safe(f"  {visible_line(one.in_words)}") for one in pair.differences]
    if said := warning(len(pair.differences)):
        lines.append(safe(f"{sign} {said}", style="$text-warning"))
    return [*lines, *(_figures(row, style) for row, style in _drawn(pair))]


def _drawn(pair: Pair) -> list[tuple[RunRow, str]]:
    return [(pair.first, "dotted"), (pair.second, "crosses")]


def _figures(row: RunRow, style: str) -> Content:
    best = "nothing measured" if row.best is None else f"best {row.best:.3f} at {row.best_step}"
    last = "" if row.last is None else f", last {row.last:.3f}"
    general = "" if row.general is None else f", general {row.general:+.3f}"
    return safe(f"run {row.run} ({style}): {best}{last}{general}, {row.steps} steps")


class PairPane(Vertical):
    """What differs above, the curves below."""

    DEFAULT_CSS = """
    PairPane {
        padding: 0 1;
        & > #pair-said { height: auto; max-height: 50%; }
        & > #pair-chart { height: 1fr; min-height: 6; }
    }
    """

    def compose(self) -> ComposeResult:
        """Words, then the chart."""
        yield Prose(id="pair-said")
        yield Heading("validation loss, nats a token", id="pair-title")
        yield ChartPane(id="pair-chart")

    def present(self, pair: Pair) -> None:
        """Show these two."""
        lines = describe_pair(pair, symbols_of(self).blocked)
        self.query_one("#pair-said", Prose).show(Content("\n").join(lines))
        self.query_one("#pair-chart", ChartPane).plot(draw_pair(pair))
