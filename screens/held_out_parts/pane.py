"""The pane that shows one held-out case, or a text in its place."""

from __future__ import annotations

from textual.content import Content

from engine.steps.held_out import CaseCard, Line
from screens.curate_parts.draw import fit_card
from screens.held_out_parts.draw import draw_case, draw_sealed
from screens.symbols import symbols_of
from screens.text import safe
from screens.widgets.lines import Lines


class CasePane(Lines):
    """A case in as many lines as there are."""

    DEFAULT_CSS = """
    CasePane {
        height: 1fr;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._card: CaseCard | None = None
        self._sealed: tuple[Line, str] | None = None
        self._notice = ""
        self._scroll = 0

    def present(self, card: CaseCard) -> None:
        """Show a case; the same one keeps its place."""
        if self._card is None or self._card.stored.id != card.stored.id:
            self._scroll = 0
        self._card, self._sealed = card, None
        self._draw()

    def present_sealed(self, line: Line, sealed_at: str) -> None:
        """Show that there is a case, and nothing of it."""
        self._card, self._sealed = None, (line, sealed_at)
        self._draw()

    def tell(self, text: str) -> None:
        """Show a text in place of a case."""
        self._card = self._sealed = None
        self._notice = text
        self._draw()

    def scroll_lines(self, by: int) -> None:
        """Scroll a case that is longer than the pane."""
        self._scroll += by
        self._draw()

    def on_resize(self) -> None:
        """Lay it out for the new size."""
        self._draw()

    def _draw(self) -> None:
        cells, height = self.size.width, self.size.height
        if not (cells and height):
            return
        symbols = symbols_of(self)
        if self._card is not None:
            talk, asked = draw_case(self._card, cells, symbols)
            # The reference and what it must say matter most: an old turn is scrolled away first.
            drawn, self._scroll = fit_card(talk, 0, asked, height, self._scroll)
        elif self._sealed is not None:
            drawn = draw_sealed(*self._sealed, cells, symbols)
        else:
            inner = safe(self._notice).wrap(max(cells - 6, 8))
            drawn = [Content(), *(Content.assemble("   ", line) for line in inner)]
        self.show(*drawn[:height], *[Content()] * (height - len(drawn)))
