"""The app: terminal manners, the road between screens, errors. What a screen does, it knows not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from textual import events
from textual.message import Message

from engine.errors import StropError
from engine.workspace import default_home
from screens.actions import Action
from screens.background import WorkFailed, run_in_background
from screens.base import StepScreen, StropScreen
from screens.guard import Guarded
from screens.text import visible
from screens.widgets.dialog import Choice, ChoiceDialog, ErrorDialog
from screens.widgets.rail import STEPS, Step, Stop
from tui.last_words import explain
from tui.manners import TerminalApp
from tui.opening import OpeningScreen, TooSmallScreen
from tui.screens import sessions_screen, step_screen
from tui.terminal import TerminalFacts
from tui.theme import THEMES

if TYPE_CHECKING:
    from engine.workspace import Workspace

WATCH_S = 3.0


def all_open(workspace: Workspace, session: str) -> tuple[Stop, ...]:
    """A road without obstacles."""
    return tuple(Stop(step) for step in STEPS)


class Start(msgspec.Struct, frozen=True):
    """Where the app begins: a step of a session, or the list of sessions when there is none."""

    session: str = ""
    step: Step = "scope"


class StropApp(Guarded, TerminalApp, inherit_bindings=False):
    """The program as the operator meets it.

    open_workspace: called in a thread after the first paint; opens the store.
    road: how far a session is, for the rail; called in threads.
    farewell: what to say on the restored terminal about what goes on; called when leaving.
    watch: what is running anywhere, for line 1; called in a thread every few seconds.
    start: where to begin, or how to find out; called in a thread once the store is open.
    """

    TITLE = "strop"

    class WorkspaceOpened(Message):
        """The store is open, and it is known where to begin."""

        def __init__(self, opened: tuple[Workspace, Start]) -> None:
            super().__init__()
            self.workspace, self.start = opened

    class RunningSeen(Message):
        """What is running was found out; empty when nothing is."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(
        self,
        open_workspace: Callable[[], Workspace],
        *,
        facts: TerminalFacts | None = None,
        road: Callable[[Workspace, str], tuple[Stop, ...]] = all_open,
        farewell: Callable[[Workspace], str] = lambda _: "",
        watch: Callable[[Workspace], str] | None = None,
        keymap: Mapping[str, tuple[str, ...]] | None = None,
        start: Start | Callable[[Workspace], Start] | None = None,
        traces: Path | None = None,
        make_sessions: Callable[[], StropScreen] = sessions_screen,
        make_step: Callable[[Step, str], StepScreen] = step_screen,
    ) -> None:
        super().__init__(facts or TerminalFacts())
        self.workspace: Workspace
        self.running = ""
        self._open_workspace = open_workspace
        self._road = road
        self._farewell = farewell
        self._watch = watch
        self._keymap_of_operator = keymap or {}
        self._start = start or Start()
        self._traces = traces
        self._make_sessions = make_sessions
        self._make_step = make_step

    def run_in_terminal(self) -> int:
        """Run until the operator leaves; answers the exit code."""
        self.run(mouse=False)
        return self.return_code or 0

    def get_default_screen(self) -> StropScreen:
        """The first frame, before the store is open."""
        return OpeningScreen()

    def on_mount(self) -> None:
        """Open the store once the first frame is out."""
        self.call_after_refresh(run_in_background, self, self._open, self.WorkspaceOpened)

    async def on_event(self, event: events.Event) -> None:
        """A question in the footer takes the next key, whatever has the focus."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            screen = self.screen
            if isinstance(screen, StropScreen) and screen.answer(event):
                return
        await super().on_event(event)

    def on_strop_app_workspace_opened(self, message: WorkspaceOpened) -> None:
        """Show the sessions, and on top of them the step the operator left."""
        self.workspace = message.workspace
        if not self.screen_stack:
            # The operator left before the store was open.
            return
        if isinstance(self.screen, TooSmallScreen):
            self.pop_screen()
        self.push_screen(self._make_sessions())
        if message.start.session:
            self.push_screen(self._make_step(message.start.step, message.start.session))
        self.guard_size(self.size)
        if self._watch is not None:
            self.look_around()
            self.set_interval(WATCH_S, self.look_around)

    def look_around(self) -> None:
        """Find out what is running; nothing is painted when that is what line 1 says already."""
        if self._watch is not None:
            look = partial(self._watch, self.workspace)
            run_in_background(self, look, self.RunningSeen, group="watch")

    def on_strop_app_running_seen(self, message: RunningSeen) -> None:
        """Say it on every screen."""
        if message.text != self.running:
            self.set_running(message.text)

    def on_work_failed(self, message: WorkFailed) -> None:
        """Something raised in a thread."""
        if hasattr(self, "workspace"):
            self.show_error(message.error)
        else:
            self.exit(return_code=2, message=self._explain(message.error))

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

    def _open(self) -> tuple[Workspace, Start]:
        """The store and the place to begin; runs in a thread."""
        workspace = self._open_workspace()
        start = self._start
        return workspace, start(workspace) if callable(start) else start

    def _set_theme(self, choice: Choice | None) -> None:
        if choice is not None:
            self.theme = choice.value

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
