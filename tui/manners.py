"""How the app behaves towards its terminal: colours, signals, sizes, last words."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from typing import Any, ClassVar

from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.filter import ANSIToTruecolor, LineFilter, NoColor
from textual.geometry import Size
from textual.screen import Screen

from screens.symbols import ASCII, UNICODE
from tui.filters import AsciiOnly, NoControls
from tui.frames import ChangedCells, ShownCells
from tui.opening import TooSmallScreen
from tui.terminal import TerminalFacts
from tui.theme import THEMES

SIGNALS = (signal.SIGHUP, signal.SIGTERM)


class TerminalApp(App[None], inherit_bindings=False):
    """An app with the manners of section 5 of the design; it knows nothing of fine-tuning."""

    TITLE = "strop"
    ENABLE_COMMAND_PALETTE = False
    NOTIFICATION_TIMEOUT = 6
    LEAST: ClassVar[tuple[int, int]] = (80, 24)
    """Columns and rows below which a screen is not drawn."""
    CSS: ClassVar[str] = """
    Toast { width: auto; max-width: 70; padding: 0 1; margin-top: 0; background: $surface; }
    ToastRack { overflow-y: hidden; }
    """

    def __init__(self, facts: TerminalFacts) -> None:
        super().__init__()
        self.facts = facts
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = facts.theme
        self.no_color = facts.colours == "none"
        self.symbols = UNICODE if facts.unicode else ASCII
        self._shown = ShownCells()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Colours first, then no control characters, whatever a widget let through.

        Chosen anew for each theme: textual chooses once, and paints black on black when NO_COLOR
        meets a theme that came later.
        """
        filters: list[LineFilter] = [NoControls()]
        if not self.facts.unicode:
            filters.append(AsciiOnly())
        if self.no_color:
            return [NoColor(), *filters]
        colours = [f for f in self._filters if isinstance(f, ANSIToTruecolor) and f.enabled]
        return [*colours, *filters]

    def redraw(self) -> None:
        """Send everything again: somebody else may have written on the terminal."""
        self._shown.forget()
        self.refresh(layout=True)

    def on_mount(self) -> None:
        """Catch the signals of a lost terminal; trust nothing on it after another program."""
        self.app_resume_signal.subscribe(self, lambda _: self._shown.forget())
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self._leave_on_signal, number)

    def on_unmount(self) -> None:
        """Signals do again what they always did."""
        for number in SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)

    def on_resize(self, event: events.Resize) -> None:
        """Below the least size, say so instead of drawing half a screen."""
        self._shown.forget()
        self.guard_size(event.size)

    def guard_size(self, size: Size) -> None:
        """Cover the screen while it is too small, and uncover it when it no longer is."""
        small = size.width < self.LEAST[0] or size.height < self.LEAST[1]
        guarded = isinstance(self.screen, TooSmallScreen)
        if small and not guarded:
            self.push_screen(TooSmallScreen(self.LEAST))
        elif guarded and not small:
            self.pop_screen()

    def _leave_on_signal(self, number: int) -> None:
        self.exit(return_code=128 + number)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if isinstance(renderable, LayoutUpdate | ChopsUpdate):
            changed: Any = ChangedCells(renderable, self._shown)
            renderable = changed
        super()._display(screen, renderable)

    def _set_pointer_shape(self, shape: str) -> None:
        """No pointer, no shape: old consoles print what they do not know."""

    def _print_error_renderables(self) -> None:
        """Last words on the restored terminal, unwrapped, so that they can be searched."""
        for words in self._exit_renderables:
            self.error_console.print(words, soft_wrap=True)
        self._exit_renderables.clear()
