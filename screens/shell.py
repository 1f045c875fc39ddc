"""What a screen may ask of the app around it; the app itself lives in a package above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from screens.actions import Action
from screens.symbols import Symbols
from screens.widgets.rail import Step, Stop

if TYPE_CHECKING:
    from engine.workspace import Workspace


class Shell(Protocol):
    """The app as the screens see it."""

    workspace: Workspace
    """Store, runs and models of this operator; opened before the first screen is shown."""
    symbols: Symbols
    running: str
    """The job that is running anywhere, as shown in line 1; empty when none is."""

    def go(self, step: Step, session: str) -> None:
        """Show one step of one session, in place of the step shown now."""

    def go_home(self) -> None:
        """Back to the list of sessions."""

    def road(self, session: str) -> tuple[Stop, ...]:
        """How far the session is. Reads the store: call it in a thread."""

    def keys_of(self, action: Action) -> tuple[str, ...]:
        """The keys of an action, as the operator's keymap has them."""

    def set_running(self, text: str) -> None:
        """Say in line 1 of every screen what is running: `run 3 ● 42 %`."""

    def show_error(self, error: Exception) -> None:
        """Show an expected error in a dialog; keep the traceback of any other in a file."""

    def redraw(self) -> None:
        """Draw everything again."""

    def choose_theme(self) -> None:
        """Let the operator pick the colours."""

    def leave(self) -> None:
        """Leave strop; what is running goes on."""
