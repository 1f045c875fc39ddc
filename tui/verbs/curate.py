"""Verbs of curation: import, check, split."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import msgspec

from engine.errors import InputError
from engine.intake.outcomes import FORMATS, parse_mapping
from engine.steps import curate, intake
from engine.workspace import Workspace
from tui.output import Output
from tui.verbs import importing
from tui.verbs.grammar import Verbs, share, verb


def add(verbs: Verbs) -> None:
    """Declare the verbs."""
    reading = verb(verbs, "import", run_import, "import files of examples or held-out cases")
    reading.add_argument("session")
    reading.add_argument("files", nargs="+", type=Path, metavar="FILE")
    reading.add_argument("--format", choices=FORMATS, help="instead of detecting it")
    reading.add_argument(
        "--map", action="append", default=[], metavar="ROLE=COLUMN", help="which column is what"
    )
    reading.add_argument("--held-out", action="store_true", help="import as held-out cases")
    reading.add_argument(
        "--preview", action="store_true", help="show three real rows and the counts; import nothing"
    )
    checking = verb(verbs, "check", run_check, "run the data checks")
    checking.add_argument("session")
    checking.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="this check, not all of them"
    )
    splitting = verb(verbs, "split", run_split, "divide the accepted examples, seal the held-out")
    splitting.add_argument("session")
    splitting.add_argument("--held-out", type=share, metavar="20%", help="share to hold out")
    splitting.add_argument("--seed", type=int, default=7)


def run_import(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Import files one after the other; the counts of each add up."""
    if arguments.preview:
        return importing.preview(arguments, out)
    done = []
    for path in arguments.files:
        imported = intake.import_file(
            workspace,
            arguments.session,
            path,
            file_format=arguments.format,
            mapping=parse_mapping(arguments.map) if arguments.map else None,
            held_out=arguments.held_out,
            watch=importing.watcher(path.name, out),
        )
        importing.describe(imported, out)
        done.append(imported)
    out.result({**importing.summed(done), "files": done})
    return 0


def run_check(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Run the checks and list what was found."""
    from engine.curation.run import CHECKS

    unknown = [name for name in arguments.only if name not in CHECKS]
    if unknown:
        raise InputError(f"There is no check {unknown[0]!r}.", f"There are: {', '.join(CHECKS)}.")
    findings = curate.check(workspace, arguments.session, arguments.only)
    counts = Counter(f.check for f in findings)
    for finding in findings:
        rows = " ".join(f"#{i}" for i in finding.examples[:5])
        out.line(f"{finding.severity:<7} {finding.check:<16} {rows:<16} {finding.detail}")
    summary = ", ".join(f"{name} {n}" for name, n in sorted(counts.items()))
    out.line(f"{len(findings)} findings: {summary}" if findings else "Nothing found.")
    out.result({"findings": findings, "counts": dict(counts)})
    return 0


def run_split(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Divide the accepted examples and seal the held-out set."""
    made = curate.split(
        workspace, arguments.session, held_out=arguments.held_out, seed=arguments.seed
    )
    out.line(
        f"{made.train} to train on, {made.validation} for validation,"
        f" {made.cases} held-out cases sealed (seed {made.seed})."
    )
    out.result(msgspec.to_builtins(made))
    return 0
