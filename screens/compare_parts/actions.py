"""What can be done on the compare screen."""

from __future__ import annotations

from screens.actions import Action

ACTIONS = (
    Action(
        "compare.next", ("n",), "next flip", "The next case that flipped, broken ones first.", 2
    ),
    Action("compare.previous", ("N",), "previous flip", "The flip before.", hidden=True),
    Action(
        "compare.filter",
        ("f",),
        "filter",
        "List the broken, the fixed, those both or the second got wrong, those that differ, all.",
        3,
    ),
    Action("compare.suite", ("tab", "]"), "suite", "The next suite, or all of them.", 4),
    Action("compare.suite_back", ("[",), "suite back", "The suite before.", hidden=True),
    Action("compare.diff", ("d",), "diff", "Answers side by side, or as one text.", 5),
    Action("compare.teachers", ("t",), "train rows", "Show the rows that taught this case.", 7),
    Action("compare.waiting", ("c",), "for a person", "The next case that waits for a person.", 8),
    Action(
        "compare.regression",
        ("r",),
        "regression",
        "Rule that this compliance case got worse: the gate fails.",
        hidden=True,
    ),
    Action(
        "compare.acceptable",
        ("a",),
        "acceptable",
        "Rule that this compliance case did no harm.",
        hidden=True,
    ),
    Action("compare.note", ("e",), "note", "Say why you rule so; stands in the report.", 41),
    Action(
        "compare.blind",
        ("b",),
        "blind",
        "Judge pairs of answers without seeing which arm gave which.",
        9,
    ),
    Action("compare.search", ("/",), "search", "List only cases with these words.", 11),
    Action(
        "compare.rules",
        ("l",),
        "rules",
        "Each rule with its counts, the worst first; from there to its cases and training rows.",
        6,
    ),
    Action(
        "compare.intents", ("i",), "intents", "The same by intent, of the suite that is shown.", 10
    ),
    Action(
        "compare.open_rows",
        ("T",),
        "open rows",
        "Open the rows that taught this case in Curate, or those about the rule it breaks.",
        hidden=True,
    ),
    Action(
        "compare.show_all",
        ("escape",),
        "show all",
        "Take off words, rule and intent: list all cases of the filter again.",
        contextual=True,
        hidden=True,
    ),
    Action("compare.more", ("space", "J"), "more", "Scroll the case down, at its end back up.", 40),
    Action("compare.back_up", ("K",), "back up", "Scroll the case up.", hidden=True),
    Action("compare.arms", ("p",), "arms", "Another pair of arms, where more have answers.", 41),
    Action(
        "compare.checkpoints",
        ("o",),
        "checkpoints",
        "Hold the run's checkpoints together on validation rows, and choose which is judged.",
        43,
    ),
    Action("compare.runs", ("R",), "run", "Look at another run of this session.", 42),
)
