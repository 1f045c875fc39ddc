"""What `compare --rules` and `compare --intents` print: counts with the interval of the change."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from engine.delivery.contents import Reached
from engine.steps import slices
from engine.steps.compare import Compared
from engine.steps.slices import Part
from tui.output import Output

WIDEST = 40


def show_parts(
    arguments: argparse.Namespace, reached: Reached, rows: Sequence[Compared], out: Output
) -> int:
    """A line a rule or intent; with --json every field."""
    by_rule = bool(arguments.rules)
    parts = slices.by_rule(rows, reached.session.scope) if by_rule else slices.by_intent(rows)
    first, second = reached.verdict.arms
    widest = min(max((len(_name(p)) for p in parts), default=6), WIDEST)
    title = "rule" if by_rule else "intent"
    head = f"{title:<{widest}}  cases  {first:>6}  {second:>6}  fixed  broken"
    out.line(f"{head}  change, points [95 %]")
    for part in parts:
        out.line(_line(part, widest))
    out.line("For looking around: no gate reads this.")
    out.result({"run": reached.run.id, "arms": reached.verdict.arms, "by": title, "parts": parts})
    return 0


def _name(part: Part) -> str:
    critical = " (critical)" if part.is_critical else ""
    return f"{part.name} {part.title}{critical}".strip() or "(none)"


def _line(part: Part, widest: int) -> str:
    name = _name(part)
    name = name if len(name) <= widest else f"{name[: widest - 3]}..."
    if part.interval is None:
        return f"{name:<{widest}}      0  no case asserts it"
    low, high = (100 * end for end in part.interval)
    counts = f"{part.n:>5}  {part.base_right:>6}  {part.tuned_right:>6}"
    flips = f"{part.fixed:>5}  {part.broken:>6}"
    return (
        f"{name:<{widest}}  {counts}  {flips}  {100 * part.change:+.0f} [{low:+.0f}, {high:+.0f}]"
    )
