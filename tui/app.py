"""The app: terminal manners, the road between screens, errors. What a screen does, it knows not."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import msgspec
from textual import events
from textual.app import App
from textual.filter import ANSIToTruecolor, LineFilter, NoColor
from textual.geometry import Size
from textual.message import Message

from engine.errors import StropError
from engine.workspace import default_home
from screens.actions import Action
from screens.background import WorkFailed, run_in_background
from screens.base import StepScreen, StropScreen
from screens.guard import Guarded
from screens.symbols import ASCII, UNICODE
from screens.text import visible
from screens.widgets.dialog import Choice, ChoiceDialog, ErrorDialog
from screens.widgets.rail import STEPS, Step, Stop
from tui.filters import AsciiOnly, NoControls
from tui.last_words import explain
from tui.opening import OpeningScreen, TooSmallScreen
from tui.screens import sessions_screen, step_screen
from tui.terminal import TerminalFacts
from tui.theme import THEMES

if TYPE_CHECKING:
    from engine.workspace import Workspace

LEAST = (80, 24)
SIGNALS = (signal.SIGHUP, signal.SIGTERM)


def all_open(workspace: Workspace, session: str) -> tuple[Stop, ...]:
    """A road without obstacles."""
    return tuple(Stop(step) for step in STEPS)


class Start(msgspec.Struct, frozen=True):
    """Where the app begins: a step of a session, or the list of sessions when there is none."""

    session: str = ""
    step: Step = "scope"


class StropApp(Guarded, App[None], inherit_bindings=False):
    """The program as the operator meets it.

    open_workspace: called in a thread after the first paint; opens the store.
    road: how far a session is, for the rail; called in threads.
    farewell: what to say on the restored terminal about what goes on; called when leaving.
    """

    TITLE = "strop"
    ENABLE_COMMAND_PALETTE = False
    NOTIFICATION_TIMEOUT = 6
    CSS: ClassVar[str] = """
    Toast { width: auto; max-width: 70; padding: 0 1; margin-top: 0; background: $surface; }
    ToastRack { overflow-y: hidden; }
    """

    class WorkspaceOpened(Message):
        """The store is open."""

        def __init__(self, workspace: Workspace) -> None:
            super().__init__()
            self.workspace = workspace

    def __init__(
        self,
        open_workspace: Callable[[], Workspace],
        *,
        facts: TerminalFacts | None = None,
        road: Callable[[Workspace, str], tuple[Stop, ...]] = all_open,
        farewell: Callable[[Workspace], str] = lambda _: "",
        keymap: Mapping[str, tuple[str, ...]] | None = None,
        start: Start | None = None,
        traces: Path | None = None,
        make_sessions: Callable[[], StropScreen] = sessions_screen,
        make_step: Callable[[Step, str], StepScreen] = step_screen,
    ) -> None:
        self.facts = facts or TerminalFacts()
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.facts.theme
        self.no_color = self.facts.colours == "none"
        self.symbols = UNICODE if self.facts.unicode else ASCII
        self.workspace: Workspace
        self.running = ""
        self._open_workspace = open_workspace
        self._road = road
        self._farewell = farewell
        self._keymap_of_operator = keymap or {}
        self._start = start or Start()
        self._traces = traces
        self._make_sessions = make_sessions
        self._make_step = make_step

    def run_in_terminal(self) -> int:
        """Run until the operator leaves; answers the exit code."""
        self.run(mouse=False)
        return self.return_code or 0

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

    def get_default_screen(self) -> StropScreen:
        """The first frame, before the store is open."""
        return OpeningScreen()

    def on_mount(self) -> None:
        """Catch the signals of a lost terminal; open the store once the first frame is out."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._leave_on_signal, number)
        self.call_after_refresh(run_in_background, self, self._open_workspace, self.WorkspaceOpened)

    def on_unmount(self) -> None:
        """Signals do again what they always did."""
        for number in SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)

    def on_strop_app_workspace_opened(self, message: WorkspaceOpened) -> None:
        """Show the sessions, and on top of them the step the operator left."""
        self.workspace = message.workspace
        if isinstance(self.screen, TooSmallScreen):
            self.pop_screen()
        self.push_screen(self._make_sessions())
        if self._start.session:
            self.push_screen(self._make_step(self._start.step, self._start.session))
        self._guard_size(self.size)

    def on_work_failed(self, message: WorkFailed) -> None:
        """Something raised in a thread."""
        if hasattr(self, "workspace"):
            self.show_error(message.error)
        else:
            self.exit(return_code=2, message=self._explain(message.error))

    def on_resize(self, event: events.Resize) -> None:
        """Below the least size, say so instead of drawing half a screen."""
        self._guard_size(event.size)

    # What screens ask for: screens.shell.Shell

    def go(self, step: Step, session: str) -> None:
        """Show a step, in place of the step that is shown now."""
        screen = self._make_step(step, session)
        if isinstance(self.screen, StepScreen):
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    def go_home(self) -> None:
        """Back to the list of sessions."""
        if isinstance(self.screen, StepScreen):
            self.pop_screen()

    def road(self, session: str) -> tuple[Stop, ...]:
        """How far a session is."""
        return self._road(self.workspace, session)

    def keys_of(self, action: Action) -> tuple[str, ...]:
        """The operator's keys for an action, or its own."""
        return self._keymap_of_operator.get(action.id, action.keys)

    def set_running(self, text: str) -> None:
        """Keep what is running for line 1 of every screen."""
        self.running = text
        for screen in self.screen_stack:
            if isinstance(screen, StropScreen) and screen.is_current:
                screen.set_running(text)

    def show_error(self, error: Exception) -> None:
        """An expected error in a dialog; any other also leaves its traceback in a file."""
        if isinstance(error, StropError):
            self.push_screen(ErrorDialog(error.title, error.message, error.hint))
            return
        if self._exception is None:
            # run_test raises it at the end, so that no test passes over a bug.
            self._exception = error
        self.push_screen(ErrorDialog("Unexpected error", self._explain(error)))

    def choose_theme(self) -> None:
        """Offer the themes."""
        names = [Choice(str(n), theme.name, theme.name) for n, theme in enumerate(THEMES, 1)]
        self.push_screen(ChoiceDialog("Colours", names), self._set_theme)

    def leave(self) -> None:
        """Leave; say on the restored terminal what goes on without the operator."""
        text = ""
        if hasattr(self, "workspace"):
            try:
                text = self._farewell(self.workspace)
            except Exception as error:
                text = self._explain(error)
        self.exit(message=visible(text))

    # Machinery

    def _guard_size(self, size: Size) -> None:
        small = size.width < LEAST[0] or size.height < LEAST[1]
        guarded = isinstance(self.screen, TooSmallScreen)
        if small and not guarded:
            self.push_screen(TooSmallScreen(LEAST))
        elif guarded and not small:
            self.pop_screen()

    def _set_theme(self, choice: Choice | None) -> None:
        if choice is not None:
            self.theme = choice.value

    def _leave_on_signal(self, number: int) -> None:
        self.exit(return_code=128 + number)

    def _explain(self, error: Exception) -> str:
        return explain(error, self._traces or default_home() / "traces")

    def _handle_exception(self, error: Exception) -> None:
        """The end: a widget died. One line for the operator, the traceback in a file."""
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._return_code = 1
        self._exit_renderables[:] = [self._explain(error)]
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """Last words on the restored terminal, unwrapped, so that they can be searched."""
        for words in self._exit_renderables:
            self.error_console.print(words, soft_wrap=True)
        self._exit_renderables.clear()
