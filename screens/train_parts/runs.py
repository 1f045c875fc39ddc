"""Every run of the session, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from engine.steps.status import RunLine, minutes
from screens.symbols import symbols_of
from screens.text import visible_line
from screens.widgets.table import Column, Row, Table

COLUMNS = (
    Column("run", 5),
    Column("kind", 6),
    Column("phase", 11),
    Column("done", 9, "right"),
    Column("left", 7, "right"),
    Column("last word"),
)


class RunsPane(Table):
    """A table of runs."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(*COLUMNS, titles=True, id=id)
        self.runs: tuple[RunLine, ...] = ()

    def present(self, runs: Sequence[RunLine], chosen: int | None) -> None:
        """Show the runs, the cursor on the one that was looked at."""
        self.runs = tuple(reversed(runs))
        at = next((i for i, line in enumerate(self.runs) if line.run == chosen), 0)
        self.set_rows(len(self.runs), self._row, cursor=at)

    @property
    def chosen(self) -> int | None:
        """The run under the cursor."""
        return self.runs[self.cursor].run if self.runs else None

    def _row(self, index: int) -> Row:
        line = self.runs[index]
        sign = f" {symbols_of(self).running}" if line.alive else ""
        counted = f"{line.step}/{line.total}" if line.total else ""
        left = minutes(line.eta_s) if line.alive and line.eta_s is not None else ""
        return (
            f"{line.run}{sign}",
            line.kind,
            line.phase,
            counted,
            left,
            visible_line(line.message),
        )
