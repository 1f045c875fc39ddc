"""What can be done on the curation screen."""

from __future__ import annotations

from screens.actions import Action


def _decides(verb: str, keys: str, label: str, text: str, priority: int = 50) -> Action:
    return Action(f"curate.{verb}", tuple(keys.split()), label, text, priority=priority)


def _chooses(verb: str, key: str, label: str, text: str, priority: int) -> Action:
    return Action(f"curate.{verb}", (key,), label, text, priority=priority, contextual=True)


def _quiet(verb: str, keys: str, label: str, text: str, *, contextual: bool = False) -> Action:
    return Action(
        f"curate.{verb}", tuple(keys.split()), label, text, hidden=True, contextual=contextual
    )


CONFLICT = (
    _chooses("left", "1", "left", "Keep this answer, reject the other one.", 1),
    _chooses("right", "2", "right", "Keep the other answer, reject this one.", 1),
    _chooses("both", "b", "both", "Keep both; say what tells them apart.", 1),
    _chooses("neither", "n", "neither", "Reject both answers.", 1),
)
"""Only where two answers to one question stand side by side."""

DECISIONS = (
    _decides("accept", "a", "accept", "Accept the answer and move on.", 2),
    _decides("reject", "x", "reject", "Reject: then 1 to 9 for the reason, x for the last one.", 3),
    _decides("edit", "e", "edit", "Edit the answer here; the original is kept.", 4),
    _decides("later", "space", "later", "Decide later: the card goes behind all others.", 5),
    _decides("undo", "u", "undo", "Take back the last decision, as far back as you like.", 6),
    _quiet("redo", "U", "redo", "Decide again what was undone last."),
    _quiet("edit_outside", "E", "$EDITOR", "Edit the answer in your own editor."),
    _quiet("accept_cluster", "A", "accept all", "Accept this and all that are nearly the same."),
    _quiet("reject_cluster", "X", "reject all", "Reject this and all that are nearly the same."),
    _quiet("redact", "r", "redact", "Replace personal data by what it is: [name], [e-mail]."),
    _quiet("tag", "t", "tag", "Give the example words by which you find it again."),
    _quiet("flag", "f", "flag", "Flag the example for somebody, or take the flag off."),
)

LOOKING = (
    _decides("why", "w", "why", "All findings in full, where it came from, its history.", 8),
    _decides("filter", "/", "filter", "Show only some: words, status:accepted, check:leak.", 7),
    _quiet("show_all", "escape", "show all", "Take the filter off.", contextual=True),
    _quiet("next", "j down", "next", "Look at the next card."),
    _quiet("previous", "k up", "previous", "Look at the card before."),
    _quiet("first", "g home", "first", "Look at the first card."),
    _quiet("last", "G end", "last", "Look at the last card."),
    _quiet("scroll_down", "J pagedown", "scroll down", "Scroll a long card down."),
    _quiet("scroll_up", "K pageup", "scroll up", "Scroll a long card up."),
)

SESSION = (
    _decides("import_file", "i", "import", "Import a file of examples or of held-out cases.", 9),
    _decides("check", "c", "check", "Run all checks again.", 10),
    _quiet("held_out", "h", "held-out", "The held-out cases: confirm what each answer must say."),
    _quiet("score", "m", "score", "Let the base model read the examples: the hardest come first."),
    _quiet("people", "p", "who", "Who decided how much, and how far they agree."),
    _decides("split", "s", "split", "Divide the accepted examples, seal the held-out cases.", 9),
)

ACTIONS = (*CONFLICT, *DECISIONS, *LOOKING, *SESSION)

ON_A_CARD = frozenset(a.id for a in (*CONFLICT, *DECISIONS)) - {"curate.undo", "curate.redo"} | {
    "curate.why"
}
"""What needs a card that is shown."""
