"""Verbs about deciding: in bulk from a file, and who decided what."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from engine.steps import filed
from engine.steps import people as steps
from engine.workspace import Workspace
from tui.output import Output
from tui.verbs.grammar import Verbs, verb


def add(verbs: Verbs) -> None:
    """Declare the verbs."""
    deciding = verb(verbs, "decide", run_decide, "take over decisions from JSON lines")
    deciding.add_argument("session")
    deciding.add_argument("--from", dest="source", type=Path, required=True, metavar="FILE")
    reviewers = verb(verbs, "people", run_people, "who decided how much, and how far they agree")
    reviewers.add_argument("session")


def run_decide(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """All decisions of the file, or after an error none."""
    counts = filed.decide_from(workspace, arguments.session, arguments.source)
    out.line(", ".join(f"{n} {name}" for name, n in counts.items()) + ".")
    out.result(counts)
    return 0


def run_people(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Decisions by person, agreement by pair."""
    found = steps.people(workspace, arguments.session)
    for reviewer in found.reviewers:
        out.line(f"{reviewer.who}: {reviewer.accepted} accepted, {reviewer.rejected} rejected")
    for agreement in found.agreements:
        out.line(steps.in_words(agreement))
    if not found.reviewers:
        out.line("Nobody has decided anything yet.")
    out.result(msgspec.to_builtins(found))
    return 0
