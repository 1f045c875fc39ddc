"""What is done to answers: `answer --from` imports them, `judge --python` runs own checks."""

from __future__ import annotations

import argparse

from engine.steps import compare, imported, own_checks, train
from engine.workspace import Workspace
from tui.output import Output

SHOWN = 20


def import_answers(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Take a file over; say of every row and every case what became of it."""
    done = imported.import_answers(
        workspace,
        arguments.session,
        arguments.run,
        arguments.arm,
        arguments.source,
        arguments.suite,
    )
    out.line(
        f"{done.file}: {done.rows} rows = {done.taken} taken + {len(done.left)} left"
        f" + {done.known} there already"
    )
    _list(out, [f"  line {left.line} {left.reason}" for left in done.left])
    if done.missing:
        count = len(done.missing)
        cases = "1 case has" if count == 1 else f"{count} cases have"
        out.line(f"{cases} no answer of {done.arm} yet:")
        _list(out, [f"  {name}" for name in done.missing])
    out.line(f"`strop compare {arguments.session} {done.run} --arms base,{done.arm}` compares it.")
    out.result(done)
    return 0


def run_own_checks(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Run the user's own checks on every answer that cases ask them about."""
    run = train.chosen(workspace, arguments.session, arguments.run)
    compare.answers_of(workspace, run.parent or run.id)
    done = own_checks.run_checks(workspace, run.parent or run.id, arguments.python)
    out.line(f"Ran {arguments.python.resolve()} (SHA-256 {done.sha256[:12]}) on run {done.run}:")
    out.line(f"{done.asked} answers, {done.ran} of them new, {done.failed} do not hold.")
    out.result(done)
    return 0


def _list(out: Output, lines: list[str]) -> None:
    for line in lines[:SHOWN]:
        out.line(line)
    if len(lines) > SHOWN:
        out.line(f"  and {len(lines) - SHOWN} more; --json shows all")
