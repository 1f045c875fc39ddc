"""Verbs of runs side by side: runs, queue."""

from __future__ import annotations

import argparse
from typing import get_args

from engine.errors import InputError
from engine.steps import queue, runs
from engine.steps.differences import warning
from engine.steps.runs import Pair, RunRow, RunTable, SortBy
from engine.steps.status import minutes, reckoned
from engine.store import sessions
from engine.workspace import Workspace
from tui.output import Output
from tui.verbs.grammar import Verbs, verb


def add(verbs: Verbs) -> None:
    """Declare the verbs."""
    table = verb(verbs, "runs", run_runs, "a session's training runs side by side")
    table.add_argument("session")
    table.add_argument("--sort", choices=get_args(SortBy), default="run")
    table.add_argument("--diff", type=int, nargs=2, metavar="RUN", help="hold two together")
    line = verb(verbs, "queue", run_queue, "the runs that wait in line to vary one setting")
    line.add_argument("session")
    what = line.add_mutually_exclusive_group()
    what.add_argument("--go-on", action="store_true", help="after a reboot: stand in line again")
    what.add_argument("--take-out", type=int, metavar="RUN", help="before it begins")


def run_runs(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """The table, or two runs of it held together."""
    if arguments.diff is not None:
        first, second = arguments.diff
        pair = runs.hold_together(workspace, arguments.session, first, second)
        _say_pair(pair, out)
        out.result(pair)
        return 0
    table = runs.tabulate(workspace, arguments.session)
    rows = table.sorted_by(arguments.sort)
    if rows:
        out.line("run   phase       best   last  general  time      steps  settings that differ")
    for row in rows:
        out.line(_line(table, row))
        if row.reckoning is not None and row.reckoning.took_s:
            out.line(f"      {reckoned(row.reckoning)}")
    if not rows:
        out.line("No training run yet.")
    out.result({"differing": table.differing, "runs": rows})
    return 0


def _line(table: RunTable, row: RunRow) -> str:
    settings = " ".join(f"{k}={v}" for k, v in table.settings_of(row).items())
    verdict = row.verdict.replace("-", " ").upper()
    words = "  ".join(word for word in (settings, verdict) if word)
    general = "" if row.general is None else f"{row.general:+.2f}"
    return (
        f"{row.run:<5} {row.phase:<10} {_nats(row.best):>5}  {_nats(row.last):>5}  {general:>7}"
        f"  {minutes(row.seconds):<8} {row.steps:>6}  {words}"
    ).rstrip()


def _nats(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _say_pair(pair: Pair, out: Output) -> None:
    first, second = pair.first, pair.second
    if not pair.differences:
        out.line(f"Runs {first.run} and {second.run} are alike in everything.")
    for one in pair.differences:
        out.line(one.in_words)
    if said := warning(len(pair.differences)):
        out.line(said)
    out.line(f"step   run {first.run:<6} run {second.run}")
    curves = dict(pair.first_curve), dict(pair.second_curve)
    for step in sorted(curves[0].keys() | curves[1].keys()):
        out.line(
            f"{step:<6} {_nats(curves[0].get(step)):<10} {_nats(curves[1].get(step))}".rstrip()
        )


def run_queue(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """List the queue, or change it."""
    session = sessions.get(workspace.store, arguments.session)
    if arguments.take_out is not None:
        if arguments.take_out not in {e.run for e in queue.entries(workspace, session.id)}:
            message = f"Run {arguments.take_out} is in no queue of {session.name}."
            raise InputError(message, f"`strop queue {session.slug}` lists them.")
        queue.take_out(workspace, arguments.take_out)
        out.line(f"Run {arguments.take_out} is taken out; the others go on.")
    elif arguments.go_on:
        back = queue.go_on(workspace, session.id)
        out.line(f"Runs {', '.join(map(str, back))} stand in line." if back else "Nobody was left.")
    found = queue.entries(workspace, session.id)
    for entry in found:
        out.line(f"run {entry.run:<4} {entry.setting}={entry.value:<12} {entry.phase}")
    if any(entry.is_left for entry in found):
        out.line(f"Left when everything stopped: `strop queue {session.slug} --go-on`.")
    if not found:
        out.line(f"No queue: `strop train {session.slug} --vary SETTING=A,B,C` makes one.")
    out.result({"queue": found})
    return 0
