"""What can be done on the scope screen."""

from __future__ import annotations

import msgspec

from screens.actions import COMMON, GO, Action

ACTIONS = (
    Action("scope.edit", ("e",), "edit", "Change the field or rule at the cursor.", priority=2),
    Action(
        "scope.new_rule", ("n",), "new rule", "Add a business rule.", priority=3, contextual=True
    ),
    Action(
        "scope.new_intent",
        ("n",),
        "new intent",
        "Add something that customers ask for.",
        priority=3,
        contextual=True,
    ),
    Action("scope.guide", ("w",), "guide", "Walk through the scope step by step.", priority=4),
    Action("scope.plan", ("p",), "plan", "See how many cases the verdict needs.", priority=8),
    Action(
        "scope.advice",
        ("a",),
        "advice",
        "Should you train at all? See what speaks against it.",
        hidden=True,
    ),
    Action("scope.freeze", ("F",), "freeze", "Freeze the scope, for training.", priority=4),
    Action(
        "scope.edit_all",
        ("E",),
        "as text",
        "Change the whole scope as TOML, in $EDITOR.",
        hidden=True,
    ),
    Action("scope.delete_rule", ("d",), "delete", "Delete the rule at the cursor.", hidden=True),
    Action("scope.history", ("h",), "history", "See the freeze and all amendments.", hidden=True),
    Action("scope.pane", ("tab",), "pane", "Go to the next pane.", priority=6),
)

SHARED = tuple(
    msgspec.structs.replace(action, hidden=False, priority=7)
    if action.id == "go.curate"
    else action
    for action in (*GO, *COMMON)
)
"""As everywhere; the next step is in the footer."""
