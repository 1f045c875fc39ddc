"""Small helpers for declaring verbs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeAlias

from engine.workspace import Workspace
from tui.output import Output

Verb = Callable[[argparse.Namespace, Workspace, Output], int]
# argparse gives its own class no public name.
Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def verb(verbs: Verbs, name: str, run: Verb, summary: str) -> argparse.ArgumentParser:
    """Declare a verb with `--json`; answers its parser for the arguments."""
    parser = verbs.add_parser(name, help=summary, description=summary)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(do=run)
    return parser


def two_arms(text: str) -> tuple[str, str]:
    """`base,server`: the arm that is held to, and the arm that is judged."""
    first, comma, second = (part.strip() for part in text.partition(","))
    if not (first and comma and second) or "," in second:
        raise argparse.ArgumentTypeError(f"{text!r} is no pair of arms; write base,tuned")
    return first, second


def share(text: str) -> float:
    """`20%` or `0.2` as a fraction of 1."""
    try:
        value = float(text.rstrip("% ")) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share; write 20% or 0.2")
    return value
