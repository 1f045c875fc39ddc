"""What can be done on the verdict screen."""

from __future__ import annotations

from screens.actions import Action

ACTIONS = (
    Action("verdict.sign", ("s",), "sign", "Put your name under the verdict.", 2),
    Action("verdict.waive", ("w",), "waive", "Let the selected gate pass: reason, last day.", 3),
    Action("verdict.report", ("o",), "report", "Write the report: .html, .md, .json or .xml.", 4),
    Action("verdict.evidence", ("e",), "evidence", "Everything about the selected gate.", 5),
    Action("verdict.cases", ("c",), "cases", "The cases that wait for a person.", 6),
    Action(
        "verdict.history",
        ("h",),
        "history",
        "Verdicts of all runs; what changed since the last SHIP.",
        7,
    ),
    Action("verdict.runs", ("R",), "run", "Look at another run of this session.", 40),
)
