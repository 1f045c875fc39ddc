"""StropScreen: header, footer, one way from a key to a method. How to use it: screens/base.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import isawaitable
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, TextArea

from screens.actions import COMMON, Action, key_pressed, show_key
from screens.background import run_in_background
from screens.guard import Guarded
from screens.shell import Shell
from screens.text import visible
from screens.widgets.dialog import Choice, ChoiceDialog, ConfirmDialog, HelpDialog, TextDialog
from screens.widgets.dialog import draw_choices as draw_question
from screens.widgets.footer import Footer, FooterKey
from screens.widgets.header import Header
from screens.widgets.palette import Command, PaletteDialog

if TYPE_CHECKING:
    from engine.workspace import Workspace

T = TypeVar("T")


class StropScreen(Guarded, Screen[None]):
    """A screen with a header, a footer and actions. The list of sessions is one."""

    ACTIONS: ClassVar[tuple[Action, ...]] = ()
    """What can be done here, in the order of the footer."""
    SHARED: ClassVar[tuple[Action, ...]] = COMMON
    """What can be done here and elsewhere; the screen's own actions come first."""
    AUTO_FOCUS = "*"

    DEFAULT_CSS = """
    StropScreen {
        background: $background;
        color: $foreground;
        overflow: hidden;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._timers_while_visible: list[Timer] = []
        self._question: tuple[tuple[Choice, ...], Callable[[Choice], None]] | None = None

    # What a screen overrides

    def compose_body(self) -> ComposeResult:
        """The widgets between the top lines and the footer."""
        yield from ()

    def on_shown(self) -> None:
        """Called whenever the screen becomes visible: at first, after a dialog, after another."""

    def why_not(self, action_id: str) -> str | None:
        """Why an action cannot be done now, one sentence for people; None when it can."""
        return None

    def applies(self, action_id: str) -> bool:
        """Whether it is a contextual action's turn; else another one with its key may act."""
        return True

    # What a screen uses

    @property
    def shell(self) -> Shell:
        """The app, as far as screens may know it."""
        return cast(Shell, self.app)

    @property
    def workspace(self) -> Workspace:
        """Store, runs and models."""
        return self.shell.workspace

    def load(
        self, function: Callable[[], T], then: Callable[[T], Message], *, group: str = ""
    ) -> None:
        """Call the engine in a thread; `then(result)` comes back to this screen as a message.

        With a group, a later call makes the result of an earlier one void.
        """
        run_in_background(self, function, then, group=group)

    def set_figures(self, text: str) -> None:
        """Figures at the right end of line 1."""
        self.query_one(Header).describe(figures=text)

    def set_running(self, text: str) -> None:
        """The running job at the right end of line 1, of this screen; the app keeps it for all."""
        self.query_one(Header).describe(running=text)

    def say(self, text: str, *, warn: bool = False) -> None:
        """A short notice that goes away by itself; never parsed as markup."""
        self.notify(visible(text), severity="warning" if warn else "information", markup=False)

    def every(self, seconds: float, callback: Callable[[], object]) -> None:
        """Call back at an interval, only while this screen is visible. At most once a second."""
        timer = self.set_interval(max(seconds, 1.0), callback, pause=not self.is_current)
        self._timers_while_visible.append(timer)

    def confirm(self, title: str, text: str, yes: str, then: Callable[[], None]) -> None:
        """Ask before what is hard to reverse; `text` says it in numbers, `yes` names the deed."""
        self._clear_the_way()
        self.app.push_screen(ConfirmDialog(title, text, yes), lambda said: then() if said else None)

    def ask_text(
        self, title: str, then: Callable[[str], None], *, value: str = "", hint: str = ""
    ) -> None:
        """Ask for one line of text; `then` is not called when the operator thinks better of it."""
        dialog = TextDialog(title, value=value, hint=hint)
        self._clear_the_way()
        self.app.push_screen(dialog, lambda said: None if said is None else then(said))

    def choose(
        self, title: str, choices: Sequence[Choice | str], then: Callable[[Choice], None]
    ) -> None:
        """Ask for one of several with a dialog; strings get the digits 1 to 9 as their keys."""
        dialog = ChoiceDialog(title, choices)
        self._clear_the_way()
        self.app.push_screen(dialog, lambda said: None if said is None else then(said))

    def ask_key(
        self, question: str, choices: Sequence[Choice | str], then: Callable[[Choice], None]
    ) -> None:
        """Ask in the footer; the next key answers, esc thinks better of it. Repaints one line."""
        offered = Choice.number(choices)
        self._question = (offered, then)
        self.query_one(Footer).set_question(draw_question(question, offered))

    def empty(self, text: str, action_id: str) -> str:
        """What an empty screen says: `No examples yet.  Press i to import.`"""
        action = next(action for action in self.actions if action.id == action_id)
        return f"{text}  Press {self.key_of(action)} to {action.label}."

    def key_of(self, action: Action) -> str:
        """The key of an action as people read it, after the operator's keymap."""
        keys = self.shell.keys_of(action)
        return show_key(keys[0]) if keys else ""

    def refresh_actions(self) -> None:
        """Draw the footer anew: what can be done has changed."""
        shown = [a for a in self.actions if not a.hidden and self._is_on(a) and self.key_of(a)]
        self.query_one(Footer).set_keys([self._footer_key(action) for action in shown])

    def _clear_the_way(self) -> None:
        """An old notice must not lie over a question."""
        self.app.clear_notifications()

    # Machinery

    @property
    def actions(self) -> tuple[Action, ...]:
        """Everything that can be done here, own actions first."""
        return (*self.ACTIONS, *self.SHARED)

    def compose(self) -> ComposeResult:
        """Top lines, body, footer."""
        yield from self.compose_top()
        yield from self.compose_body()
        yield Footer()

    def compose_top(self) -> ComposeResult:
        """The lines above the body."""
        yield Header()

    def answer(self, event: events.Key) -> bool:
        """Give a key to the question in the footer, before any widget; False without one."""
        if self._question is None:
            return False
        choices, then = self._question
        pressed = key_pressed(event.key, event.character)
        chosen = next((choice for choice in choices if choice.key == pressed), None)
        if chosen is not None or pressed == "escape":
            self._question = None
            self.query_one(Footer).set_question(None)
        if chosen is not None:
            then(chosen)
        return not pressed.startswith("ctrl+")

    async def perform(self, action: Action) -> None:
        """Do an action, or say why it cannot be done."""
        if (reason := self.why_not(action.id)) is not None:
            self.say(reason, warn=True)
            return
        done = getattr(self, action.method)()
        if isawaitable(done):
            await done

    async def on_key(self, event: events.Key) -> None:
        """Turn a key that no widget wanted into an action.

        A key that comes late, when a dialog is on top already, was not meant for this screen.
        """
        if not self.is_active:
            return
        action = self._action_for(key_pressed(event.key, event.character))
        if action is not None and (action.in_text or not self._is_writing()):
            event.stop()
            event.prevent_default()
            await self.perform(action)

    def on_screen_resume(self) -> None:
        """Wake the timers and let the screen load."""
        self.set_running(self.shell.running)
        self.refresh_actions()
        for timer in self._timers_while_visible:
            timer.resume()
        self.on_shown()

    def on_screen_suspend(self) -> None:
        """Nothing ticks on a screen that nobody sees."""
        for timer in self._timers_while_visible:
            timer.pause()

    def do_palette(self) -> None:
        """Find any action of this screen by name."""
        on = [action for action in self.actions if self._is_on(action)]
        commands = [Command(a.id, f"{a.group}: {a.label}", a.help, self.key_of(a)) for a in on]
        self.app.push_screen(PaletteDialog(commands), self._perform_named)

    def do_help(self) -> None:
        """Show every key of this screen."""
        on = [action for action in self.actions if self._is_on(action) and self.key_of(action)]
        rows = [(self.key_of(a), a.help, self.why_not(a.id) or "") for a in on]
        self.app.push_screen(HelpDialog(rows))

    def do_redraw(self) -> None:
        """Draw the screen again."""
        self.shell.redraw()

    def do_theme(self) -> None:
        """Choose the colours."""
        self.shell.choose_theme()

    def do_quit(self) -> None:
        """Leave strop."""
        self.shell.leave()

    async def _perform_named(self, action_id: str | None) -> None:
        for action in self.actions:
            if action.id == action_id:
                await self.perform(action)

    def _is_on(self, action: Action) -> bool:
        return not action.contextual or self.applies(action.id)

    def _is_writing(self) -> bool:
        return isinstance(self.focused, Input | TextArea)

    def _action_for(self, pressed: str) -> Action | None:
        return next(
            (a for a in self.actions if pressed in self.shell.keys_of(a) and self._is_on(a)),
            None,
        )

    def _footer_key(self, action: Action) -> FooterKey:
        dimmed = self.why_not(action.id) is not None
        return FooterKey(self.key_of(action), action.label, action.priority, dimmed)
