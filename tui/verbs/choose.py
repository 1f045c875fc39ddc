"""The verb choose: which checkpoint of a run is judged, decided on validation rows."""

from __future__ import annotations

import argparse

from engine.runs.feed import RunFeed
from engine.runs.folder import RunFolder
from engine.steps import choosing, train
from engine.steps.candidates import Candidate, Candidates
from engine.workspace import Workspace
from tui.output import Output
from tui.verbs.grammar import Verbs, verb


def add_choosing(verbs: Verbs) -> None:
    """Declare the verb."""
    parser = verb(
        verbs, "choose", run_choose, "hold a run's checkpoints together on validation rows"
    )
    parser.add_argument("session")
    parser.add_argument("run", nargs="?", type=int)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--table", action="store_true", help="show what was measured")
    what.add_argument("--step", type=int, metavar="N", help="judge this checkpoint from now on")
    parser.add_argument("--why", default="", help="with --step: stands in the report")
    parser.add_argument("--watch", action="store_true", help="follow it until it ends")


def run_choose(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Measure the checkpoints in the background; show them; or choose one."""
    slug, run = arguments.session, arguments.run
    if arguments.step is not None:
        return _choose(arguments, workspace, out)
    if arguments.table:
        found = choosing.candidates(workspace, slug, run)
        _print(found, out)
        out.result(found)
        return 0
    folder = choosing.prepare(workspace, slug, run)
    train.start(folder)
    number = folder.job().run
    out.line(f"Run {number} answers the validation rows with each checkpoint: {folder.path}")
    out.line(f"`strop choose {slug} --table` shows what came out.")
    code = _follow(folder, workspace, out) if arguments.watch else 0
    if arguments.watch and not code:
        found = choosing.candidates(workspace, slug, run)
        _print(found, out)
    out.result({"run": number, "folder": str(folder.path)})
    return code


def _choose(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    slug, step = arguments.session, arguments.step
    folder = choosing.choose(workspace, slug, arguments.run, step, arguments.why)
    seen = choosing.candidates(workspace, slug, arguments.run)
    out.line(f"Verdicts of run {seen.run} are about the checkpoint of step {step} from now on.")
    if seen.choice is not None and seen.choice.looked:
        out.line("Answers to the sealed cases had been looked at before: the report says so.")
    number = None
    code = 0
    if folder is not None:
        number = folder.job().run
        train.start(folder)
        out.line(f"Run {number} answers every case with it, in the background: {folder.path}")
        code = _follow(folder, workspace, out) if arguments.watch else 0
    out.result({"run": seen.run, "step": step, "answers": number})
    return code


def _follow(folder: RunFolder, workspace: Workspace, out: Output) -> int:
    from tui.verbs.runs import follow

    return follow(RunFeed(folder), workspace, out)


def _print(found: Candidates, out: Output) -> None:
    out.line(f"run {found.run}, {found.rows} validation rows")
    out.line(
        f"{'step':>6}  {'right':>9} {'[95 %]':>12}  {'loss':>6} {'over the kept one [90 %]':>24}"
        f"  {'general':>8}"
    )
    for one in found.candidates:
        out.line(_line(one))
    out.line(found.advice)


def _line(one: Candidate) -> str:
    right = f"{one.right} of {one.judged}"
    share = _interval(one.right_interval, "{:.0%}") if one.right_interval else "-"
    loss = "-" if one.loss is None else f"{one.loss:.3f}"
    over = "" if one.over_best is None else _interval(one.over_best, "{:+.3f}")
    rise = "-" if one.rise is None else f"{one.rise:+.2f}"
    marks = [
        *(["kept"] if one.is_kept else []),
        *(["CHOSEN"] if one.is_chosen else []),
        *([f"forgot {one.excess:.2f} more than the limit"] if one.excess else []),
    ]
    figures = f"{one.step:>6}  {right:>9} {share:>12}  {loss:>6} {over:>24}  {rise:>8}"
    return f"{figures}  {', '.join(marks)}".rstrip()


def _interval(ends: tuple[float, float], form: str) -> str:
    return f"[{form.format(ends[0])}, {form.format(ends[1])}]"
