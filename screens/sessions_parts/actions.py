"""What can be done on the list of sessions."""

from __future__ import annotations

import msgspec

from screens.actions import COMMON, Action

ACTIONS = (
    Action("sessions.open", ("enter",), "open", "Open it where it was left.", priority=2),
    Action("sessions.new", ("n",), "new", "Make a session: its name, then its scope."),
    Action("sessions.sample", ("o",), "sample", "Open the AwesomeShoes Co. sample."),
    Action("sessions.import_file", ("i",), "import", "Make a session from a scope in TOML."),
    Action("sessions.search", ("/",), "search", "Show only sessions with these words."),
    Action(
        "sessions.show_all",
        ("escape",),
        "show all",
        "Show all sessions again.",
        contextual=True,
    ),
)
SHARED = tuple(
    msgspec.structs.replace(action, hidden=action.id not in ("app.help", "app.quit"))
    for action in COMMON
)
"""As everywhere; quit is in the footer here, for here is where one leaves."""
