"""The page before a run may start: what was checked, the estimate, one real row with its mask."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from engine.runs.folder import Preflight, PreflightLine
from engine.steps.follow import Sight
from engine.steps.status import minutes
from screens.symbols import symbols_of
from screens.text import safe
from screens.train_parts.layout import Heading, cell, hanging
from screens.train_parts.words import KeyOf, size
from screens.widgets.mask import count_trained, draw_mask
from screens.widgets.prose import Prose

LEVELS = {"ok": "$text-success", "warn": "bold $text-warning", "BLOCK": "bold $text-error"}
LEVEL_CELLS, CHECK_CELLS = 7, 16


def draw_checks(preflight: Preflight, cells: int) -> list[Content]:
    """A line a check, what blocks first, the hint below what needs one."""
    order = {"BLOCK": 0, "warn": 1, "ok": 2}
    lines: list[Content] = []
    for check in sorted(preflight.lines, key=lambda line: order[line.level]):
        lines += _draw_check(check, cells)
    return lines


def _draw_check(check: PreflightLine, cells: int) -> list[Content]:
    first = Content.assemble(
        cell(check.level, LEVEL_CELLS, LEVELS[check.level]), cell(check.check, CHECK_CELLS)
    )
    indent = LEVEL_CELLS + CHECK_CELLS
    lines = hanging(first, indent, check.text, cells)
    if check.hint and check.level != "ok":
        lines += hanging(Content(" " * indent), indent, check.hint, cells, "$text-muted")
    return lines


def estimate(preflight: Preflight) -> str:
    """`About 11 minutes, 5.1 GB, 240 MB of disk: measured on one real step.`"""
    parts = [f"About {in_minutes(preflight.eta_s)}"]
    if preflight.memory:
        parts.append(size(preflight.memory))
    if preflight.disk:
        parts.append(f"{size(preflight.disk)} of disk")
    return f"{', '.join(parts)}: measured on one real step."


def in_minutes(seconds: float) -> str:
    """`11 minutes`, `40 s`, `2 h 05 min`: a preflight's own estimate is no finer than that."""
    words = minutes(seconds)
    return words.replace(" min", " minutes") if 90 <= seconds < 5400 else words


class PreflightPane(Vertical):
    """Checks above, one row below; the row scrolls."""

    DEFAULT_CSS = """
    PreflightPane {
        padding: 0 1;
        & > #checks { height: auto; max-height: 60%; }
        & > #row { height: 1fr; min-height: 3; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._sight: Sight | None = None
        self._key: KeyOf = lambda _: ""
        self._row = 0
        self._parted = False

    def compose(self) -> ComposeResult:
        """Checks, heading, row."""
        yield Prose(id="checks", can_focus=False)
        yield Heading(id="row-title")
        yield Prose(id="row")

    @property
    def rows(self) -> int:
        """How many rendered rows there are."""
        preflight = self._sight.preflight if self._sight else None
        return len(preflight.rows) if preflight else 0

    def present(self, sight: Sight, key: KeyOf) -> None:
        """Show the preflight of a run."""
        if self._sight is None or sight.run != self._sight.run:
            self._row = 0
        self._sight, self._key = sight, key
        self._draw()

    def next_row(self) -> None:
        """Turn to the next row."""
        self._row = (self._row + 1) % max(self.rows, 1)
        self._draw()

    def part_tokens(self) -> None:
        """Stand a bar between tokens, or take it away."""
        self._parted = not self._parted
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Lay it out for the new width."""
        self._draw()

    def _draw(self) -> None:
        cells = self.size.width - 3
        if self._sight is None or self._sight.preflight is None or cells < 1:
            return
        preflight = self._sight.preflight
        lines = [self._verdict(preflight), *draw_checks(preflight, cells)]
        lines += hanging(Content(), 0, estimate(preflight), cells, "bold")
        self.query_one("#checks", Prose).show(Content("\n").join(lines), keep_place=True)
        self._draw_row(preflight)

    def _verdict(self, preflight: Preflight) -> Content:
        run, edit = f"Run {self._sight.run if self._sight else ''}", self._key("train.edit_plan")
        if preflight.blocked:
            words = f"{run} cannot start: see BLOCK. Mend it, then {edit} plans it anew."
            return safe(words, style="bold $text-error")
        return safe(
            f"{run} may start: {self._key('train.start')} starts it, {edit} goes back to the plan.",
            style="bold",
        )

    def _draw_row(self, preflight: Preflight) -> None:
        title, pane = self.query_one("#row-title", Heading), self.query_one("#row", Prose)
        if not preflight.rows:
            title.describe("no row to show")
            pane.show("")
            return
        tokens = preflight.rows[self._row % len(preflight.rows)]
        symbols = symbols_of(self)
        brackets = self.app.no_color or not symbols.unicode
        sign = "in [ ]" if brackets else "underlined"
        title.describe(
            f"{len(tokens)} tokens, the {count_trained(tokens)} trained ones are {sign}",
            f"row {self._row + 1} of {len(preflight.rows)}, j k scroll",
        )
        mask = draw_mask(tokens, symbols.pipe if self._parted else "", brackets=brackets)
        if mask.plain != pane.plain:
            pane.show(mask)
            # The answer, which is what is trained, comes last.
            pane.scroll_end(animate=False, force=True)
