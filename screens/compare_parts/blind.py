"""What blind judging is drawn with: the pair without names, the progress, the reveal."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from textual.content import Content

from engine.delivery.contents import BlindTally
from engine.steps.blind import BlindPair, Sitting
from screens.symbols import Symbols
from screens.text import beside, lines, safe, visible_line, width, wrap
from screens.widgets.bar import draw_bar

SIDE_BY_SIDE = 60
"""Cells below which the answers stand under one another."""
BAR = 20
NOTHING = (
    "There is nothing to choose between: no case here has two different answers in words."
    "\n\nesc goes back."
)


def draw_progress(seen: Sitting, at: int, cells: int, symbols: Symbols) -> Content:
    """`12 of 50   ████···   8 s a pair`."""
    total = len(seen.pairs)
    if not total:
        return safe("")
    done = sum(seen.is_done(pair) for pair in seen.pairs)
    bar = draw_bar(done / total, BAR, symbols)
    where = "all chosen" if at >= total else f"pair {at + 1} of {total}"
    paces = [c.seconds for c in seen.choices.values()]
    pace = f"{median(paces):.0f} s a pair " if paces else ""
    return beside(safe(f" {where}   {bar}"), safe(pace, style="$text-muted"), cells)


def draw_pair(pair: BlindPair, cells: int, symbols: Symbols) -> Content:
    """The question, what is known to be right, both answers; nothing tells the arms apart."""
    parts = [safe(line, style="bold") for line in wrap(pair.case.prompt, cells)]
    parts.append(safe(""))
    draw = _side_by_side if cells >= SIDE_BY_SIDE else _stacked
    parts += draw(pair, cells, symbols)
    if pair.case.reference:
        parts += [safe(""), _heading("a right answer", cells, symbols)]
        parts += [safe(line, style="$text-muted") for line in wrap(pair.case.reference, cells)]
    return lines(parts)


def _side_by_side(pair: BlindPair, cells: int, symbols: Symbols) -> Iterator[Content]:
    half = (cells - 3) // 2
    yield Content.assemble(_heading("1", half, symbols), "   ", _heading("2", half, symbols))
    columns = [wrap(_said(text), half) for text in (pair.left, pair.right)]
    for index in range(max(map(len, columns))):
        a, b = (column[index] if index < len(column) else "" for column in columns)
        bar = safe(f" {symbols.pipe} ", style="$text-muted")
        yield Content.assemble(safe(a + " " * (half - width(a))), bar, safe(b))


def _stacked(pair: BlindPair, cells: int, symbols: Symbols) -> Iterator[Content]:
    for name, text in (("1", pair.left), ("2", pair.right)):
        yield _heading(name, cells, symbols)
        yield from (safe(line) for line in wrap(_said(text), cells))


def _said(text: str) -> str:
    return text if text.strip() else "(empty)"


def _heading(title: str, cells: int, symbols: Symbols) -> Content:
    rest = symbols.rule * max(cells - width(title) - 3, 0)
    return Content.assemble(
        safe(f"{symbols.rule} ", style="$text-muted"),
        safe(title, style="bold"),
        safe(f" {rest}", style="$text-muted"),
    )


def draw_reveal(found: BlindTally, cells: int, symbols: Symbols) -> Content:
    """Who was who: how often each arm was chosen, and whether that could be chance."""
    return lines(_reveal(found, cells, symbols))


def _reveal(found: BlindTally, cells: int, symbols: Symbols) -> Iterator[Content | str]:
    yield safe("Now it can be said which was which.", style="bold")
    yield ""
    rows = [
        (f"{found.arms[0]} was better", found.first),
        (f"{found.arms[1]} was better", found.second),
        ("both as good", found.same),
        ("neither may go out", found.neither),
    ]
    room = max(min(cells - 40, 40), 5)
    for name, count in rows:
        bar = draw_bar(count / found.pairs if found.pairs else 0, room, symbols, rest=" ")
        yield safe(f"{visible_line(name):<26} {count:>3}  {bar}".rstrip())
    yield ""
    yield from (safe(line) for line in wrap(_sentence(found), cells))
    yield ""
    pace = f"{found.pairs} pairs by {found.who}, {found.seconds:.1f} s a pair at the median."
    yield safe(visible_line(pace), style="$text-muted")
    yield safe("u goes back to the last pair; esc goes back to step 4.", style="$text-muted")


def _sentence(found: BlindTally) -> str:
    chosen = found.first + found.second
    if not chosen:
        return "Only ties: nothing speaks for either."
    better = found.arms[0] if found.first > found.second else found.arms[1]
    most = max(found.first, found.second)
    p = "p < .001" if found.p < 0.001 else f"p {found.p:.3f}"
    said = f"{most} of {chosen} for {better}, ties dropped: {p} (sign test, mid-p)."
    if found.p < 0.05:
        return f"{said} That is hardly chance."
    return f"{said} That can well be chance."
