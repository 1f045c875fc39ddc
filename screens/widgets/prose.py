"""A scrollable pane of text from outside: wrapped by cells, never parsed as markup."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.actions import key_pressed
from screens.text import safe
from screens.widgets.lines import content_strip


class Prose(ScrollView, can_focus=True):
    """Text with j, k, g, G, page and arrow keys when it has focus. Give it `can_focus=False`
    where the keys should go elsewhere.
    """

    DEFAULT_CSS = """
    Prose {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        color: $foreground;
    }
    """

    def __init__(
        self,
        text: Content | str = "",
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
        can_focus: bool = True,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.can_focus = can_focus
        self._content = text if isinstance(text, Content) else safe(text)
        self._wrapped: list[Content] = []
        self._wrapped_for = -1

    def show(self, text: Content | str, *, keep_place: bool = False) -> None:
        """Show another text, from its top unless told to keep the place."""
        content = text if isinstance(text, Content) else safe(text)
        if content.is_same(self._content):
            return
        self._content = content
        self._wrap()
        if not keep_place:
            self.scroll_to(0, 0, animate=False, force=True)
        self.refresh(layout=self.styles.is_auto_height)

    @property
    def plain(self) -> str:
        """The text that is shown, as it is shown."""
        return self._content.plain

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Rows the text takes at this width."""
        return len(self._content.wrap(width)) if width > 0 else 1

    def on_resize(self) -> None:
        """Wrap for the new width."""
        if self._wrapped_for != self.scrollable_content_region.width:
            self._wrap()

    def render_line(self, y: int) -> Strip:
        """One row of the wrapped text."""
        row = y + self.scroll_offset.y
        line = self._wrapped[row] if row < len(self._wrapped) else Content()
        return content_strip(line, self.scrollable_content_region.width, self.visual_style)

    def on_key(self, event: events.Key) -> None:
        """Scroll, where there is something to scroll to."""
        move = self._moves().get(key_pressed(event.key, event.character))
        if move is None or not self.max_scroll_y:
            return
        event.stop()
        event.prevent_default()
        self.scroll_to(y=self.scroll_offset.y + move, animate=False, force=True)

    def _moves(self) -> dict[str, int]:
        page, far = max(self.size.height - 1, 1), self.virtual_size.height
        return {
            "j": 1,
            "down": 1,
            "k": -1,
            "up": -1,
            "pagedown": page,
            "pageup": -page,
            "g": -far,
            "home": -far,
            "G": far,
            "end": far,
        }

    def _wrap(self) -> None:
        cells = self.scrollable_content_region.width
        # Hidden, it has no width: then the next resize wraps, even to the width of before.
        self._wrapped_for = cells
        if cells < 1:
            return
        self._wrapped = self._content.wrap(cells)
        self.virtual_size = Size(cells, len(self._wrapped))
        self.refresh()
