"""What can be done on the training screen, view by view."""

from __future__ import annotations

from typing import Literal

from screens.actions import Action

View = Literal["arriving", "plan", "preflight", "live", "runs", "pair"]

PLAN = (
    Action(
        "train.preflight",
        ("enter", "p"),
        "preflight",
        "Check everything and measure one real step; nothing is trained yet.",
        priority=2,
        contextual=True,
    ),
    Action(
        "train.preset",
        ("tab", "]"),
        "preset",
        "Take the next preset: quick, standard, thorough.",
        priority=3,
        contextual=True,
    ),
    Action(
        "train.preset_back",
        ("[",),
        "preset back",
        "Take the preset before.",
        hidden=True,
        contextual=True,
    ),
    Action(
        "train.set",
        ("e",),
        "set",
        "Set one number or name yourself, key=value.",
        priority=4,
        contextual=True,
    ),
    Action(
        "train.unset",
        ("u",),
        "undo",
        "Take back the setting made last.",
        priority=5,
        contextual=True,
    ),
    Action(
        "train.cases",
        ("c",),
        "cases",
        "Answer only so many cases of each suite, for a quick look.",
        priority=6,
        contextual=True,
    ),
    Action(
        "train.vary",
        ("v",),
        "vary",
        "Queue runs that differ in one setting.",
        priority=7,
        contextual=True,
    ),
)

PREFLIGHT = (
    Action(
        "train.start",
        ("enter", "t"),
        "start training",
        "Start: base answers first, then training, then tuned answers.",
        priority=2,
        contextual=True,
    ),
    Action(
        "train.next_row",
        ("n",),
        "next row",
        "Show the next rendered row with its trained tokens.",
        priority=3,
        contextual=True,
    ),
    Action(
        "train.by_token",
        ("b",),
        "by token",
        "Stand a bar between tokens, to see where the tokenizer parts them; again takes it away.",
        priority=5,
        contextual=True,
    ),
    Action(
        "train.edit_plan",
        ("e",),
        "edit plan",
        "Back to the plan with the settings of this run.",
        priority=4,
        contextual=True,
    ),
)

LIVE = (
    Action(
        "train.resume",
        ("enter",),
        "resume",
        "Go on from the last checkpoint.",
        priority=2,
        contextual=True,
    ),
    Action(
        "train.pause",
        ("p",),
        "pause",
        "Write a checkpoint, free the device and exit; enter resumes.",
        priority=3,
        contextual=True,
    ),
    Action(
        "train.stop",
        ("s",),
        "stop",
        "End training and keep the best adapter.",
        priority=4,
        contextual=True,
    ),
    Action(
        "train.checkpoint",
        ("c",),
        "checkpoint",
        "Write a checkpoint after this step.",
        priority=8,
        contextual=True,
    ),
    Action(
        "train.new_run",
        ("n",),
        "new run",
        "Plan another run.",
        priority=3,
        contextual=True,
    ),
    Action(
        "train.answers",
        ("a",),
        "answers",
        "Let another arm answer every case: the best adapter, or the base with your rules.",
        priority=5,
        contextual=True,
    ),
    Action(
        "train.charts",
        ("m",),
        "charts",
        "Another chart: loss, general loss, rate, gradient.",
        priority=6,
        contextual=True,
    ),
    Action(
        "train.next_prompt",
        ("tab",),
        "question",
        "Watch the next pinned question.",
        hidden=True,
        contextual=True,
    ),
    Action(
        "train.earlier",
        ("<",),
        "earlier",
        "The answer at an earlier look.",
        hidden=True,
        contextual=True,
    ),
    Action(
        "train.later",
        (">",),
        "later",
        "The answer at a later look.",
        hidden=True,
        contextual=True,
    ),
)

EVERYWHERE = (
    Action(
        "train.log",
        ("l",),
        "log",
        "Show or hide the end of the worker's log.",
        priority=7,
        contextual=True,
    ),
    Action(
        "train.runs",
        ("r",),
        "runs",
        "List every run of this session.",
        priority=5,
        contextual=True,
    ),
)

RUNS = (
    Action(
        "train.choose",
        ("enter",),
        "look at it",
        "Look at the run under the cursor.",
        priority=2,
        contextual=True,
    ),
    Action(
        "train.mark",
        ("space",),
        "mark",
        "Mark the run, to hold two together.",
        priority=4,
        contextual=True,
    ),
    Action(
        "train.pair",
        ("d",),
        "diff",
        "Hold two runs together: what differs, and both curves.",
        priority=4,
        contextual=True,
    ),
    Action(
        "train.sort",
        ("o",),
        "sort",
        "Order the runs by the next column.",
        priority=5,
        contextual=True,
    ),
    Action(
        "train.take_out",
        ("x",),
        "take out",
        "Take a run out of the queue before it begins.",
        priority=6,
        contextual=True,
    ),
    Action(
        "train.close_runs",
        ("escape", "r"),
        "back",
        "Back to what was shown before.",
        priority=3,
        contextual=True,
    ),
)

PAIR = (
    Action(
        "train.close_pair",
        ("escape", "d"),
        "back",
        "Back to the table of runs.",
        priority=2,
        contextual=True,
    ),
)

ACTIONS = (*PLAN, *PREFLIGHT, *LIVE, *EVERYWHERE, *RUNS, *PAIR)


def _verbs(actions: tuple[Action, ...]) -> frozenset[str]:
    return frozenset(action.id for action in actions)


BY_VIEW: dict[View, frozenset[str]] = {
    "arriving": frozenset({"train.runs", "train.new_run"}),
    "plan": _verbs(PLAN) | {"train.runs"},
    "preflight": _verbs(PREFLIGHT) | {"train.runs"},
    "live": _verbs(LIVE) | _verbs(EVERYWHERE),
    "runs": _verbs(RUNS) | {"train.new_run"},
    "pair": _verbs(PAIR),
}
"""Which actions belong to which view."""
