"""`verdict --history`: every run of a session, and what changed since the last shipped adapter."""

from __future__ import annotations

import argparse

from engine.delivery.words import TITLES
from engine.steps import history
from engine.steps.history import RunVerdict, SinceShipped
from engine.workspace import Workspace
from tui.output import Output


def show_history(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Runs, changes, signatures; answers 0, whatever the verdicts are."""
    found = history.read(workspace, arguments.session, arguments.run)
    for run in found.runs:
        _show_run(run, out)
    if not found.runs:
        out.line("No run yet.")
    if found.since is not None:
        _show_since(found.since, out)
    else:
        out.line("Nothing else of this session was signed as SHIP.")
    out.result(found)
    return 0


def _show_run(run: RunVerdict, out: Output) -> None:
    if run.verdict is None:
        out.line(f"run {run.run}: {run.trouble}")
        return
    gates = ", ".join(f"{name} {outcome}" for name, outcome in run.outcomes.items())
    out.line(f"run {run.run} of {run.created[:10]}: {TITLES[run.verdict]}, {run.finding}")
    out.line(f"  {gates}")
    for signed in run.signed:
        title = TITLES.get(signed.verdict, signed.verdict)
        who = f"{signed.who}, {signed.role}, {signed.at[:10]} ({signed.arm})"
        out.line(f"  signed {title} by {who}")
    if run.other_scorer:
        out.line("  signed by another scorer: the figures of then are not these")


def _show_since(since: SinceShipped, out: Output) -> None:
    out.line(f"run {since.run} since run {since.shipped}, shipped {since.at[:10]}:")
    for change in since.suites:
        counts = f"{len(change.improved)} improved, {len(change.regressed)} regressed"
        out.line(f"  {change.suite}: {counts} of {change.cases}, p {change.p:.3g}")
        for name, cases in (("worse", change.regressed), ("better", change.improved)):
            if cases:
                out.line(f"    {name}: {' '.join(cases)}")
    if since.not_compared:
        out.line(f"  {since.not_compared} cases are not the same in both, and not compared")
