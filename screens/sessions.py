"""The list of sessions: where each stands, what to do next, and the ways to get another one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message

from screens.screen import StropScreen
from screens.sessions_parts.actions import ACTIONS, SHARED
from screens.sessions_parts.words import WELCOME, heading, row
from screens.text import safe
from screens.widgets.lines import Lines
from screens.widgets.prose import Prose
from screens.widgets.rail import STEPS, Step
from screens.widgets.table import Column, Table

if TYPE_CHECKING:
    from engine.scope import Scope
    from engine.steps.sessions import SessionLine

REFRESH_S = 3.0
AROUND = 8
"""Lines for header, heading, advice and footer."""


class SessionsScreen(StropScreen):
    """Every session of the store, the one touched last first."""

    CSS_PATH = "sessions.tcss"
    ACTIONS = ACTIONS
    SHARED = SHARED

    class Listed(Message):
        """The sessions and what is running were read."""

        def __init__(self, read: tuple[list[SessionLine], str]) -> None:
            super().__init__()
            self.lines, self.running = read

    class Advised(Message):
        """What to do next in a session was found out."""

        def __init__(self, slug: str, text: str) -> None:
            super().__init__()
            self.slug = slug
            self.text = text

    class Opened(Message):
        """A session is there, and is to be shown at a step."""

        def __init__(self, slug: str, step: int) -> None:
            super().__init__()
            self.slug = slug
            self.step = step

    class ScopeRead(Message):
        """A scope file could be read."""

        def __init__(self, path: Path, scope: Scope) -> None:
            super().__init__()
            self.path = path
            self.scope = scope

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[SessionLine] = []
        """All sessions, whatever the filter hides."""
        self.filter = ""
        self._advised = ("", "")
        self._is_read = False

    def compose_body(self) -> ComposeResult:
        """Heading, table, advice; the welcome stands in their place when there is nothing."""
        yield Lines(" Sessions", id="heading")
        yield Prose(id="welcome", can_focus=False)
        yield Table(id="list")
        yield Prose(id="next", can_focus=False)

    def on_mount(self) -> None:
        """Nothing is known before the first reading."""
        self.query_one("#welcome").display = False
        self.every(REFRESH_S, self.read)

    def on_shown(self) -> None:
        """Sessions may have moved on."""
        self.read()

    # Reading

    def read(self) -> None:
        """Read sessions, runs and advice again."""
        self.load(self._read, self.Listed, group="list")

    def _read(self) -> tuple[list[SessionLine], str]:
        from engine.steps import overview, sessions, status

        running = status.running(self.workspace)
        words = overview.running_in_words(running) if running else ""
        return sessions.every(self.workspace), words

    def on_sessions_screen_listed(self, message: Listed) -> None:
        """Show them, if anything is new."""
        if message.running != self.shell.running:
            self.shell.set_running(message.running)
        if message.lines == self.lines and self._is_read:
            return
        self._is_read = True
        kept = self.selected
        self.lines = message.lines
        self._show(kept.slug if kept else "")

    def _show(self, slug: str) -> None:
        shown = self.shown
        table = self.query_one("#list", Table)
        cursor = next((i for i, line in enumerate(shown) if line.slug == slug), 0)
        rows = [row(line) for line in shown]
        day = max((len(touched) for *_, touched in rows), default=0)
        table.columns = (Column(), Column(width=9), Column(), Column(width=day, align="right"))
        table.set_rows(len(rows), lambda index: rows[index], cursor=cursor)
        self.query_one("#heading", Lines).show(heading(len(shown), len(self.lines), self.filter))
        self._fit()
        self._welcome(not self.lines)
        self._advise()
        self.refresh_actions()

    def on_resize(self) -> None:
        """More sessions, where there is room."""
        self._fit()

    def _fit(self) -> None:
        """The list is as high as its rows, so that the advice stands right below it."""
        table = self.query_one("#list", Table)
        table.styles.height = max(min(table.count, self.size.height - AROUND), 1)

    def _welcome(self, is_empty: bool) -> None:
        keys = {action.verb: self.key_of(action) for action in self.ACTIONS}
        self.query_one("#welcome", Prose).show(WELCOME.format(**keys))
        self.query_one("#welcome").display = is_empty
        for name in ("#list", "#next", "#heading"):
            self.query_one(name).display = not is_empty
        if not is_empty and self.focused is None:
            self.query_one("#list").focus()

    @property
    def shown(self) -> list[SessionLine]:
        """The sessions that the filter lets through."""
        words = self.filter.lower().split()
        return [x for x in self.lines if all(w in f"{x.name} {x.slug}".lower() for w in words)]

    @property
    def selected(self) -> SessionLine | None:
        """The session under the cursor."""
        index = self.query_one("#list", Table).cursor
        return self.shown[index] if 0 <= index < len(self.shown) else None

    # Advice

    def on_table_highlighted(self, message: Table.Highlighted) -> None:
        """Say what is next in the session under the cursor."""
        self._advise()

    def on_table_chosen(self, message: Table.Chosen) -> None:
        """enter."""
        self.do_open()

    def _advise(self) -> None:
        selected = self.selected
        if selected is None:
            hint = "No session has these words in its name." if self.lines else ""
            self.query_one("#next", Prose).show(hint)
            return
        if self._advised[0] != selected.slug:
            self._say_next("")
        slug = selected.slug
        self.load(partial(self._next_here, slug), partial(self.Advised, slug), group="advice")

    def _next_here(self, slug: str) -> str:
        from engine.steps import overview

        return overview.next_here(self.workspace, slug)

    def on_sessions_screen_advised(self, message: Advised) -> None:
        """Show it, unless the cursor has moved on."""
        if self.selected is not None and self.selected.slug == message.slug:
            self._advised = (message.slug, message.text)
            self._say_next(message.text)

    def _say_next(self, text: str) -> None:
        shown = Content.assemble(("Next here: ", "bold"), safe(text))
        self.query_one("#next", Prose).show(shown)

    # Actions

    def why_not(self, action_id: str) -> str | None:
        """Some need a session."""
        if action_id == "sessions.open" and self.selected is None:
            return "No session is selected: n makes one, o opens the sample."
        if action_id == "sessions.search" and not self.lines:
            return "There is no session yet."
        return None

    def applies(self, action_id: str) -> bool:
        """esc empties a filter where there is one."""
        return action_id != "sessions.show_all" or bool(self.filter)

    def do_open(self) -> None:
        """Open the session under the cursor where it was left."""
        if self.selected is not None:
            self._open(partial(self._come_back, self.selected.slug))

    def _come_back(self, slug: str) -> tuple[str, int]:
        from engine.steps import sessions

        session = sessions.come_back(self.workspace, slug)
        return session.slug, session.step

    def do_new(self) -> None:
        """Ask for a name."""
        hint = "What it is about, in a few words. Its scope comes next."
        self.ask_text("Name of the new session", self._make, hint=hint)

    def _make(self, name: str, path: Path | None = None) -> None:
        def create() -> tuple[str, int]:
            from engine.steps import sessions

            return sessions.create(self.workspace, name, path).slug, 1

        self._open(create)

    def do_sample(self) -> None:
        """Open the sample, made on first use."""

        def sample() -> tuple[str, int]:
            from engine.steps import sessions

            session = sessions.open_sample(self.workspace)
            return self._come_back(session.slug)

        self.say("Opening the sample; the first time takes a few seconds.")
        self._open(sample)

    def _open(self, find: Callable[[], tuple[str, int]]) -> None:
        """Find or make a session in a thread, then go to its step."""
        self.load(find, lambda found: self.Opened(*found), group="open")

    def on_sessions_screen_opened(self, message: Opened) -> None:
        """Go there."""
        step: Step = STEPS[min(max(message.step, 1), len(STEPS)) - 1]
        if self.is_current:
            self.shell.go(step, message.slug)

    def do_import_file(self) -> None:
        """Ask for the file."""
        hint = "A scope in TOML, as `strop scope export` writes it. ~ is your home."
        self.ask_text("Scope file", self._read_file, hint=hint)

    def _read_file(self, name: str) -> None:
        path = Path(name.strip()).expanduser()

        def read() -> Scope:
            from engine.steps import sessions

            return sessions.read_scope(path)

        self.load(read, partial(self.ScopeRead, path), group="open")

    def on_sessions_screen_scope_read(self, message: ScopeRead) -> None:
        """The file's name for the session can be changed."""
        scope = message.scope
        self.ask_text(
            "Name of the new session",
            lambda name: self._make(name, message.path),
            value=scope.name,
            hint=f"{len(scope.rules)} rules and {len(scope.intents)} intents were read.",
        )

    def do_search(self) -> None:
        """Ask for words."""
        self.ask_text("Show sessions with these words", self._search, value=self.filter)

    def do_show_all(self) -> None:
        """Empty the filter."""
        self._search("")

    def _search(self, words: str) -> None:
        kept = self.selected
        self.filter = words.strip()
        self._show(kept.slug if kept else "")
