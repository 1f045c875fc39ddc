"""What an action is: one struct feeds the keys, the footer, help, the palette and docs/keys.md."""

from __future__ import annotations

import re

import msgspec

KEY_NAMES = {
    "enter": "enter",
    "escape": "esc",
    "space": "space",
    "tab": "tab",
    "shift+tab": "shift+tab",
    "up": "up",
    "down": "down",
    "left": "left",
    "right": "right",
    "home": "home",
    "end": "end",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "backspace": "backspace",
    "delete": "del",
}
"""Keys that have a name instead of a character, and how they are shown."""

_ID = re.compile(r"[a-z]+\.[a-z][a-z0-9_]*")


class Action(msgspec.Struct, frozen=True):
    """Something an operator can do, declared once by the screen that does it.

    The id is `group.verb`; the screen that declares it has a method `do_verb(self)`, sync or
    async, without arguments.
    """

    id: str
    """Stable name, used by keymaps: `curate.accept`."""
    keys: tuple[str, ...]
    """Characters (`a`, `A`, `?`) or names (`enter`, `space`, `ctrl+j`). Empty: palette only."""
    label: str
    """One or two words for the footer."""
    help: str
    """One sentence for help, palette and documentation."""
    priority: int = 50
    """Order of survival in a narrow footer: the highest number goes first."""
    hidden: bool = False
    """Left out of the footer; help and palette still show it."""
    in_text: bool = False
    """Works while a text box has focus."""
    contextual: bool = False
    """Shares its keys with another action: the screen's `applies` says when it is its turn."""

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"{self.id!r} is not an action id: group.verb is")

    @property
    def group(self) -> str:
        """The part of the id before the dot."""
        return self.id.partition(".")[0]

    @property
    def verb(self) -> str:
        """The part of the id after the dot."""
        return self.id.partition(".")[2]

    @property
    def method(self) -> str:
        """Name of the method that does it: `do_accept`."""
        return f"do_{self.verb}"

    @property
    def key(self) -> str:
        """The first key as people read it: `a`, `enter`, `esc`; empty when there is none."""
        return show_key(self.keys[0]) if self.keys else ""


def show_key(key: str) -> str:
    """A key as people read it: `esc` for escape."""
    return KEY_NAMES.get(key, key)


def key_pressed(key: str, character: str | None) -> str:
    """The declared name of a pressed key: its character if it is a visible one, else its name."""
    if character and character.isprintable() and character != " ":
        return character
    return key


GO: tuple[Action, ...] = (
    Action("go.scope", ("1",), "scope", "Go to step 1, Scope.", hidden=True),
    Action("go.curate", ("2",), "curate", "Go to step 2, Curate.", hidden=True),
    Action("go.train", ("3",), "train", "Go to step 3, Train.", hidden=True),
    Action("go.compare", ("4",), "compare", "Go to step 4, Compare.", hidden=True),
    Action("go.verdict", ("5",), "verdict", "Go to step 5, Verdict.", hidden=True),
    Action("go.back", ("escape",), "back", "Go back to the list of sessions.", hidden=True),
)
"""The road: on every screen of a session."""

COMMON: tuple[Action, ...] = (
    Action("app.palette", (":", "ctrl+p"), "command", "Find any action by name.", hidden=True),
    Action("app.help", ("?",), "help", "Show every key of this screen.", priority=1),
    Action("app.redraw", ("ctrl+l",), "redraw", "Draw the screen again.", hidden=True),
    Action("app.theme", (), "theme", "Choose the colours.", hidden=True),
    Action(
        "app.quit",
        ("q", "ctrl+c"),
        "quit",
        "Leave strop; a run that is going on goes on.",
        hidden=True,
    ),
)
"""On every screen. `help` stays in the footer to the last."""
