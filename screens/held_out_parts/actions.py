"""What can be done on the screen of held-out cases."""

from __future__ import annotations

from screens.actions import Action


def _decides(verb: str, keys: str, label: str, text: str, priority: int) -> Action:
    return Action(f"held.{verb}", tuple(keys.split()), label, text, priority=priority)


def _sometimes(verb: str, keys: str, label: str, text: str, priority: int) -> Action:
    return Action(
        f"held.{verb}", tuple(keys.split()), label, text, priority=priority, contextual=True
    )


def _quiet(verb: str, keys: str, label: str, text: str) -> Action:
    return Action(f"held.{verb}", tuple(keys.split()), label, text, hidden=True)


OPEN = _sometimes("open", "o", "open", "Open a sealed case: the report counts it.", 1)

EXAMPLES = _sometimes("examples", "h escape", "examples", "Back to the examples.", 8)

DECISIONS = (
    _decides("confirm", "a", "confirm", "Stand behind the assertions with a mark, move on.", 2),
    _sometimes(
        "toggle",
        "1 2 3 4 5 6 7 8 9",
        "toggle",
        "1 to 9: leave that assertion out, or take it in.",
        3,
    ),
    _decides("drop", "x", "drop", "Drop the case: then a digit for the reason.", 4),
    _decides("edit", "e", "edit", "Correct the reference; proposals are made anew.", 5),
    _decides("later", "space", "later", "Look later: the case goes behind all that wait.", 6),
    _quiet("rewrite", "E", "rewrite", "Change an assertion: then its number."),
    _quiet("write", "n", "new", "Write an assertion of your own."),
    _decides("undo", "u", "undo", "Take back your last decision about a case.", 7),
    _quiet("redo", "U", "redo", "Decide again what was undone last."),
)

LOOKING = (
    _quiet("why", "w", "why", "The case in full, where it came from, its history."),
    _quiet("next", "j down", "next", "Look at the next case."),
    _quiet("previous", "k up", "previous", "Look at the case before."),
    _quiet("first", "g home", "first", "Look at the first case."),
    _quiet("last", "G end", "last", "Look at the last case."),
    _quiet("scroll_down", "J pagedown", "scroll down", "Scroll a long case down."),
    _quiet("scroll_up", "K pageup", "scroll up", "Scroll a long case up."),
    EXAMPLES,
)

ACTIONS = (OPEN, *DECISIONS, *LOOKING)

CHANGING = frozenset(a.id for a in DECISIONS)
"""What the seal forbids."""
ON_A_CASE = CHANGING - {"held.undo", "held.redo"} | {"held.why"}
"""What needs a case that is shown."""
