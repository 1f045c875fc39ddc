"""What tests of screens share: hostile words, a screen full of them, and the text of a screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App, ComposeResult
from textual.message import Message

from engine.errors import InputError
from engine.workspace import Workspace
from screens.base import Action, Choice, StepScreen, StropScreen
from screens.widgets.prose import Prose
from screens.widgets.rail import Step, Stop
from screens.widgets.table import Column, Table

HOSTILE = (
    "[/x]",
    "[@click=app.quit]x[/]",
    "[bold red]",
    "\x1b]52;c;AAAA\x07",
    "\x1b[2J",
    "\x9b31m",
    "\u202eabc",
    "a\u200bb",
    "$primary {x}",
    "\ud800",
)
"""Markup, a clipboard write, a cleared screen, C1, bidi, zero width, a lone surrogate."""
EVERYTHING = " ".join(HOSTILE)


def screen_lines(app: App[Any]) -> list[str]:
    """The screen as plain text, one string a line, blanks at the end taken off."""
    strips = app.screen._compositor.render_strips()
    return [strip.text.rstrip() for strip in strips]


def in_the_dialog(app: App[Any]) -> str:
    """What stands between the borders of a dialog, whatever stands behind it."""
    inside = [line.split("│")[1].strip() for line in screen_lines(app) if line.count("│") == 2]
    return " ".join(inside)


def screen_text(app: App[Any]) -> str:
    """The screen as one plain text."""
    return "\n".join(screen_lines(app))


def is_harmless(text: str) -> bool:
    """Whether nothing in a text could steer a terminal or reorder a line."""
    return all(line.isprintable() for line in text.split("\n"))


class Thought(Message):
    """A thread has thought."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class SampleSessions(StropScreen):
    """A list of sessions with everything a screen can do, for tests."""

    ACTIONS = (
        Action("sessions.open", ("enter",), "open", "Open the session.", priority=2),
        Action("sessions.fail", ("f",), "fail", "Raise an expected error."),
        Action("sessions.never", ("v",), "never", "Cannot be done."),
        Action("sessions.ask", ("x",), "reject", "Ask for a reason."),
        Action("sessions.name", ("n",), "name", "Ask for a name."),
        Action("sessions.drop", ("D",), "drop", "Ask before dropping."),
        Action("sessions.left", ("1",), "left", "Only now and then.", contextual=True),
        Action("sessions.right", ("1",), "right", "At other times.", contextual=True),
        Action("sessions.say", ("s",), "say", "Say something hostile.", priority=90),
        Action("sessions.think", ("t",), "think", "Compute in a thread.", priority=90),
    )

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.turn_left = True
        self.work: Callable[[], str] = lambda: "thought"

    def compose_body(self) -> ComposeResult:
        """A table of sessions, hostile names among them."""
        yield Table(Column("name"), Column("step", 10), Column("when", 8, "right"), titles=True)

    def on_mount(self) -> None:
        """Fill the table."""
        rows = [f"Session {number}" for number in range(20)]
        rows[1] = EVERYTHING
        self.query_one(Table).set_rows(len(rows), lambda i: (rows[i], "2 Curate", "today"))

    def why_not(self, action_id: str) -> str | None:
        """One action cannot be done."""
        return "Never [/x]." if action_id == "sessions.never" else None

    def applies(self, action_id: str) -> bool:
        """Left and right take turns."""
        return self.turn_left == (action_id == "sessions.left")

    def on_table_chosen(self, message: Table.Chosen) -> None:
        """Go to the session."""
        self.shell.go("train", f"session-{message.index}")

    def do_fail(self) -> None:
        """Raise what the app shows."""
        raise InputError(f"bad {EVERYTHING}", "Use another.", title="Cannot use [this]")

    def do_never(self) -> None:
        """Never done."""
        self.done.append("never")

    def do_ask(self) -> None:
        """Two reasons and a repeat."""
        choices: list[Choice | str] = ["wrong fact", EVERYTHING[:20], Choice("x", "again", "again")]
        self.ask_key("reject", choices, lambda choice: self.done.append(choice.value))

    def do_name(self) -> None:
        """One line."""
        self.ask_text("Name [/x]?", self.done.append, value="old", hint=EVERYTHING)

    def do_drop(self) -> None:
        """In numbers."""
        self.confirm(
            "Drop?", f"14 examples go {EVERYTHING}.", "drop 14", lambda: self.done.append("dropped")
        )

    def do_left(self) -> None:
        """One turn."""
        self.done.append("left")

    def do_right(self) -> None:
        """The other."""
        self.done.append("right")

    def do_say(self) -> None:
        """A notice."""
        self.say(EVERYTHING)

    def do_think(self) -> None:
        """Off the event loop."""
        self.load(self.work, Thought, group="think")

    def on_thought(self, message: Thought) -> None:
        """Keep it."""
        self.done.append(message.text)


class SampleStep(StepScreen):
    """A step with a long hostile text."""

    STEP = "train"
    ACTIONS = (
        Action("train.pause", ("p",), "pause", "Pause the run.", priority=3),
        Action("train.stop", ("s",), "stop", "Stop the run.", priority=4),
    )

    def __init__(self, session: str) -> None:
        super().__init__(session)
        self.ticks = 0
        self.shown = 0

    def compose_body(self) -> ComposeResult:
        """A text to scroll."""
        yield Prose("\n".join(f"{number} {EVERYTHING}" for number in range(40)))

    def on_mount(self) -> None:
        """Tick while visible."""
        self.every(1, self._tick)

    def on_shown(self) -> None:
        """Count, and show a figure."""
        self.shown += 1
        self.set_figures("step 84/200")

    def why_not(self, action_id: str) -> str | None:
        """A stopped run cannot be paused."""
        return "Nothing is running." if action_id == "train.pause" else None

    def _tick(self) -> None:
        self.ticks += 1


def sample_road(workspace: Workspace, session: str) -> tuple[Stop, ...]:
    """Two steps done, two blocked."""
    return (
        Stop("scope", "done"),
        Stop("curate", "done"),
        Stop("train"),
        Stop("compare", "blocked", "Train first."),
        Stop("verdict", "blocked", "Compare first."),
    )


def sample_step(step: Step, session: str) -> StepScreen:
    """Every step is the same one."""
    return SampleStep(session)
