"""An estimate with its interval, against zero and a margin, on one line of text."""

from __future__ import annotations

from screens.symbols import UNICODE, Symbols


def draw_interval(
    low: float,
    high: float,
    estimate: float,
    cells: int,
    *,
    margin: float | None = None,
    span: tuple[float, float] | None = None,
    symbols: Symbols = UNICODE,
) -> str:
    """`·····0·······├────●────┤`: the interval over a scale with zero and the margin (`|`) on it.

    All figures share one unit. span: the values at the two ends of the scale; by default wide
    enough for everything that is shown. Zero and the margin stand over the interval, so that
    one sees it reach across them; the estimate stands over all.
    """
    first, last = span or _span(low, high, estimate, margin)
    place = _Scale(first, last, cells)
    line = [symbols.rest] * cells
    start, end = place(low), place(high)
    line[start : end + 1] = [symbols.rule] * (end - start + 1)
    line[start], line[end] = symbols.left_end, symbols.right_end
    line[place(0.0)] = "0"
    if margin is not None:
        line[place(margin)] = "|"
    line[place(estimate)] = symbols.point
    return "".join(line)


class _Scale:
    """Value to cell; values off the scale sit at its ends."""

    def __init__(self, first: float, last: float, cells: int) -> None:
        self.first = first
        self.per_cell = (last - first) / max(cells - 1, 1) or 1.0
        self.cells = cells

    def __call__(self, value: float) -> int:
        return min(max(round((value - self.first) / self.per_cell), 0), self.cells - 1)


def _span(low: float, high: float, estimate: float, margin: float | None) -> tuple[float, float]:
    values = [0.0, low, high, estimate, *([] if margin is None else [margin])]
    room = (max(values) - min(values)) * 0.1 or 1.0
    return min(values) - room, max(values) + room
