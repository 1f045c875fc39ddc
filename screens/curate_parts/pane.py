"""The pane that shows one card, or what is to be done when there is none."""

from __future__ import annotations

from textual.content import Content

from screens.curate_parts.draw import Shown, draw_findings, draw_talk, fit_card
from screens.symbols import symbols_of
from screens.widgets.lines import Lines


class CardPane(Lines):
    """A card in as many lines as there are; lines that did not change are not painted again."""

    DEFAULT_CSS = """
    CardPane {
        height: 1fr;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown: Shown | None = None
        self._notice = Content()
        self._scroll = 0

    def present(self, shown: Shown) -> None:
        """Show a card; the same example keeps its place."""
        if self._shown is None or self._shown.stored.id != shown.stored.id:
            self._scroll = 0
        self._shown = shown
        self._draw()

    def tell(self, text: Content) -> None:
        """Show a text in place of a card."""
        self._shown = None
        self._notice = text
        self._draw()

    def scroll_lines(self, by: int) -> None:
        """Scroll a card that is longer than the pane."""
        self._scroll += by
        self._draw()

    def on_resize(self) -> None:
        """Lay it out for the new size."""
        self._draw()

    def _draw(self) -> None:
        cells, height = self.size.width, self.size.height
        if not (cells and height):
            return
        if self._shown is None:
            inner = self._notice.wrap(max(cells - 6, 8))
            self._fill([Content(), *(Content.assemble("   ", line) for line in inner)], height)
            return
        symbols = symbols_of(self)
        talk, anchor = draw_talk(self._shown, cells, symbols)
        found = draw_findings(self._shown, cells, symbols, in_full=True)
        if len(talk) + len(found) > height:
            found = draw_findings(self._shown, cells, symbols)
        fitted, self._scroll = fit_card(talk, anchor, found, height, self._scroll)
        self._fill(fitted, height)

    def _fill(self, drawn: list[Content], height: int) -> None:
        """Always as many lines as the pane is high: only those that differ are painted."""
        self.show(*drawn[:height], *[Content()] * (height - len(drawn)))
