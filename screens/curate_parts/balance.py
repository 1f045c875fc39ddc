"""How many examples of each intent are accepted, against the scope's targets."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from screens.symbols import UNICODE, Symbols
from screens.text import fit, safe, width
from screens.widgets.bar import draw_bar

RULE = "$text-muted"


def draw_balance(
    counts: Sequence[tuple[str, int, int]], cells: int, symbols: Symbols = UNICODE
) -> list[Content]:
    """`returns ███▏71/80  fit █▌12/60`: name, accepted and target of each intent.

    One line where the names fit in full, else two, in columns.
    """
    needed = sum(len(_balance_figure(c, symbols)) + width(c[0]) + 3 for c in counts)
    if needed <= cells:
        return [_balance_line(counts, [], cells, symbols)] if counts else []
    half = (len(counts) + 1) // 2
    rows = [counts[:half], counts[half:]]
    room = cells // half - 3
    names = [max(width(row[at][0]) for row in rows if at < len(row)) for at in range(half)]
    figures = [
        max(len(_balance_figure(row[at], symbols)) for row in rows if at < len(row))
        for at in range(half)
    ]
    columns = [min(name, max(room - f, 3)) for name, f in zip(names, figures, strict=True)]
    return [_balance_line(row, columns, cells, symbols, figures) for row in rows]


def _balance_line(
    counts: Sequence[tuple[str, int, int]],
    columns: Sequence[int],
    cells: int,
    symbols: Symbols,
    figures: Sequence[int] = (),
) -> Content:
    columns = columns or [width(name) for name, _, _ in counts]
    figures = figures or [len(_balance_figure(count, symbols)) for count in counts]
    used = sum(columns) + sum(figures) + 4 * len(columns) + 1
    bar = min(max(cells - used, 0) // len(columns), 10)
    parts = []
    for count, name, figure in zip(counts, columns, figures, strict=False):
        done, target = count[1:]
        drawn = draw_bar(done / target, bar, symbols) if bar > 1 and target else ""
        parts.append(
            Content.assemble(
                safe(f"{fit(count[0], name)} ", style=RULE),
                safe(drawn, style="$accent"),
                " " if drawn else "",
                safe(_balance_figure(count, symbols).ljust(figure)),
            )
        )
    return Content.assemble(" ", Content("  ").join(parts))


def _balance_figure(count: tuple[str, int, int], symbols: Symbols) -> str:
    """`71/80`, `41/40 ✓`, and only the number where there is no target."""
    _, done, target = count
    if not target:
        return f"{done}"
    return f"{done}/{target}{f' {symbols.done}' if done >= target else ''}"
