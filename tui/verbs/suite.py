"""The verb `suite`: which suites a scope can name, and public test sets taken over as suites."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.errors import InputError
from engine.evaluation.benchmarks import KINDS
from engine.steps import suites
from engine.workspace import Workspace
from tui.output import Output
from tui.verbs.grammar import Verbs, verb

SHOWN = 20


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    suite = verb(verbs, "suite", run_suite, "list suites, or import a public test set")
    suite.add_argument("action", choices=("list", "import"))
    suite.add_argument("file", nargs="?", type=Path)
    suite.add_argument("--kind", choices=KINDS, help="what the file is")
    suite.add_argument("--name", help="name of the suite; the file's own when left out")
    suite.add_argument("--licence", default="not stated", help="under which the cases are")


def run_suite(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """List, or import."""
    if arguments.action == "list":
        return _list(workspace, out)
    if arguments.file is None or arguments.kind is None:
        raise InputError(
            "suite import needs a file and its --kind.", f"Kinds are: {', '.join(KINDS)}."
        )
    name = arguments.name or arguments.file.stem.lower().replace(" ", "-")
    done = suites.import_suite(workspace, arguments.file, arguments.kind, name, arguments.licence)
    out.line(f"rows {done.rows} = cases {done.cases} + refused {len(done.refused)}")
    for refused in done.refused[:SHOWN]:
        out.line(f"  line {refused.line} {refused.reason}")
    if len(done.refused) > SHOWN:
        out.line(f"  and {len(done.refused) - SHOWN} more; --json shows all")
    for suite, file in zip(done.suites, done.files, strict=True):
        out.line(f"suite {suite}: {file}")
    out.line("Name them under `suites` in the scope before it is frozen.")
    out.result(done)
    return 0


def _list(workspace: Workspace, out: Output) -> int:
    names = suites.available(workspace)
    for suite in suites.named_suites(workspace, names):
        out.line(f"{suite.name:<24} {suite.gate:<13} {len(suite.cases):>5} cases  {suite.title}")
    out.result({"suites": names})
    return 0
