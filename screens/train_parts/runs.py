"""Every run of the session: training runs side by side, in any order, the others among them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from textual.content import Content

from engine.steps.runs import SORTS, RunRow, RunTable, SortBy
from engine.steps.status import RunLine, minutes, reckoned
from screens.symbols import symbols_of
from screens.text import safe, visible_line
from screens.widgets.table import Column, Row, Table

TITLES: dict[SortBy, tuple[str, int]] = {
    "run": ("run", 6),
    "best": ("best", 6),
    "last": ("last", 6),
    "general": ("general", 8),
    "time": ("time", 7),
    "steps": ("steps", 6),
}
MOST_MARKS = 2


class Listed(msgspec.Struct, frozen=True):
    """Every run of a session, oldest first, and the table of those that train."""

    lines: tuple[RunLine, ...]
    table: RunTable

    def ordered(self, by: SortBy) -> tuple[RunLine, ...]:
        """Training runs in the order of a column; answer and score runs after them."""
        newest = tuple(reversed(self.lines))
        if by == "run":
            return newest
        places = {row.run: place for place, row in enumerate(self.table.sorted_by(by))}
        return tuple(sorted(newest, key=lambda line: places.get(line.run, len(places))))

    def row(self, run: int) -> RunRow | None:
        """What the table has of a run; None for one that does not train."""
        return next((row for row in self.table.rows if row.run == run), None)


class RunsPane(Table):
    """A table of runs."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(*_columns("run"), titles=True, id=id)
        self.listed = Listed((), RunTable((), ()))
        self.runs: tuple[RunLine, ...] = ()
        self.marked: tuple[int, ...] = ()
        self._by: SortBy = "run"

    def present(self, listed: Listed, chosen: int | None) -> None:
        """Show the runs, the cursor on the one that was looked at."""
        self.listed = listed
        self.columns = _columns(self._by, listed.table.differing)
        self.runs = listed.ordered(self._by)
        at = next((i for i, line in enumerate(self.runs) if line.run == chosen), 0)
        self.set_rows(len(self.runs), self._row, cursor=at)

    def sort_by_next(self) -> None:
        """Order by the next column; the cursor stays on its run."""
        self._by = SORTS[(SORTS.index(self._by) + 1) % len(SORTS)]
        self.present(self.listed, self.chosen)

    def mark(self) -> None:
        """Mark the run under the cursor or take its mark away; a third mark drops the first."""
        run = self.chosen
        if run is not None and self.listed.row(run) is not None:
            others = tuple(marked for marked in self.marked if marked != run)
            self.marked = others if run in self.marked else (*others, run)[-MOST_MARKS:]
            self.refresh()

    @property
    def pair(self) -> tuple[int, int] | None:
        """The two runs to hold together: both marked, or one marked and the one at the cursor."""
        chosen = dict.fromkeys([*self.marked, *([] if self.chosen is None else [self.chosen])])
        found = [run for run in chosen if self.listed.row(run) is not None][:MOST_MARKS]
        return (found[0], found[1]) if len(found) == MOST_MARKS else None

    @property
    def chosen(self) -> int | None:
        """The run under the cursor."""
        return self.runs[self.cursor].run if self.runs else None

    def draw_chosen(self) -> Content:
        """What the table has no room for, of the run under the cursor."""
        if not self.runs:
            return safe("There is no run yet.")
        line = self.runs[self.cursor]
        row = self.listed.row(line.run)
        return Content("\n").join(map(safe, _told(line, row, self.listed.table)))

    def _row(self, index: int) -> Row:
        line = self.runs[index]
        sign = symbols_of(self).running if line.alive else ""
        mark = "*" if line.run in self.marked else ""
        name = f"{line.run}{mark}{sign}"
        row = self.listed.row(line.run)
        if row is None:
            counted = f"{line.step}/{line.total}" if line.total else ""
            return (name, _of_other_kind(line), "", "", "", "", counted, line.phase)
        settings = self.listed.table.settings_of(row)
        words = ", ".join(settings.values()) or "as the others"
        general = "" if row.general is None else f"{row.general:+.2f}"
        time = minutes(row.seconds) if row.seconds else ""
        phase = row.verdict.replace("-", " ").upper() or row.phase
        figures = (_nats(row.best), _nats(row.last), general, time, str(row.steps or ""))
        return (name, visible_line(words), *figures, phase)


def _columns(by: SortBy, differing: Sequence[str] = ()) -> tuple[Column, ...]:
    """The one that orders the table says so."""
    first, *figures = (
        Column(f"{title}<" if name == by and name != "run" else title, width, "right")
        for name, (title, width) in TITLES.items()
    )
    name = Column(first.title, first.width)
    what = differing[0] if len(differing) == 1 else "what differs"
    return (name, Column(what), *figures, Column("phase", 9))


def _nats(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _of_other_kind(line: RunLine) -> str:
    return {"score": "measures step 2", "answer": "answers"}.get(line.kind, line.kind)


def _told(line: RunLine, row: RunRow | None, table: RunTable) -> list[str]:
    left = f", {minutes(line.eta_s)} left" if line.alive and line.eta_s is not None else ""
    done = f", {line.step}/{line.total}" if line.total else ""
    message = f"  {visible_line(line.message)}" if line.message else ""
    told = [f"Run {line.run}, {_of_other_kind(line)}: {line.phase}{done}{left}.{message}"]
    if row is None:
        return told
    settings = "   ".join(f"{k}={v}" for k, v in table.settings_of(row).items())
    if settings:
        told.append(visible_line(settings))
    if row.best is not None and row.base is not None:
        told.append(
            f"Validation loss {row.base:.2f} at first, {row.best:.2f} at best (step"
            f" {row.best_step}), {_nats(row.last)} at last."
        )
    if row.series:
        told.append(f"In the queue that began with run {row.series}, which varies {row.varies}.")
    if row.reckoning is not None and row.reckoning.took_s:
        told.append(reckoned(row.reckoning))
    if row.verdict:
        told.append(f"Signed: {row.verdict.replace('-', ' ').upper()}.")
    return told
