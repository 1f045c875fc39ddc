"""Line 1 of every screen: the session at the left, figures and the running job at the right."""

from __future__ import annotations

from textual.content import Content

from screens.symbols import symbols_of
from screens.text import Mark, beside, safe, visible_line
from screens.widgets.lines import Lines


class Header(Lines):
    """` strop · Refund tone                     182/412   148/h   run 3 ● 42 %`."""

    DEFAULT_CSS = """
    Header {
        height: 1;
        background: $panel;
        color: $foreground;
    }
    """

    def __init__(self) -> None:
        super().__init__("")
        self._name_shown = ""
        self._figures = ""
        self._job = ""

    def describe(
        self,
        *,
        session: str | None = None,
        figures: str | None = None,
        running: str | None = None,
    ) -> None:
        """Change some of the three parts; plain strings, made safe here."""
        if session is not None:
            self._name_shown = visible_line(session)
        if figures is not None:
            self._figures = figures
        if running is not None:
            self._job = visible_line(running)
        self._paint()

    def on_resize(self) -> None:
        """Lay the line out for the new width."""
        self._paint()

    def _paint(self) -> None:
        if self.size.width:
            self.show(beside(self._left(), self._right(), self.size.width - 1))

    def _left(self) -> Content:
        name = safe(f" · {self._name_shown}") if self._name_shown else Content()
        limit = max(self.size.width // 2, self.size.width - self._right().cell_length - 10)
        return Content.assemble(" ", ("strop", "bold $primary"), name).truncate(
            limit, ellipsis=True
        )

    def _right(self) -> Content:
        running = self._job
        dot = symbols_of(self).running
        at = running.find("●")
        marks = (Mark(at, at + 1, "$text-success"),) if at >= 0 else ()
        shown = safe(running, *marks) if dot == "●" else safe(running.replace("●", dot))
        parts = [safe(self._figures, style="$text-muted")] if self._figures else []
        return Content("   ").join([*parts, shown] if running else parts)
