"""The verb `decide`: decisions in bulk from a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.steps import curate
from engine.workspace import Workspace
from tui.output import Output
from tui.verbs.grammar import Verbs, verb


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    deciding = verb(verbs, "decide", run_decide, "take over decisions from JSON lines")
    deciding.add_argument("session")
    deciding.add_argument("--from", dest="source", type=Path, required=True, metavar="FILE")


def run_decide(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """All decisions of the file, or after an error none."""
    counts = curate.decide_from(workspace, arguments.session, arguments.source)
    out.line(", ".join(f"{n} {name}" for name, n in counts.items()) + ".")
    out.result(counts)
    return 0
