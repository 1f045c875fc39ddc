"""The command line: parses, opens the workspace, calls a verb, turns errors into one line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from engine.errors import StropError
from engine.workspace import Workspace
from tui.output import Output
from tui.verbs import curate, decide, model, runs, session, verdict


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of `strop`; answers the exit status."""
    arguments = build_parser().parse_args(argv)
    out = Output(getattr(arguments, "json", False))
    try:
        if arguments.verb is None:
            return open_app(arguments, None)
        if arguments.verb == "demo" and not arguments.headless:
            return open_app(arguments, "sample")
        workspace = Workspace(arguments.home, arguments.who)
        status: int = arguments.do(arguments, workspace, out)
    except StropError as error:
        out.error(f"strop: {error}")
        return error.exit_code
    except BrokenPipeError:
        # The reader went away (`strop status | head`): nothing is wrong, nothing more to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        out.error("strop: interrupted; a run that was started goes on.")
        return 130
    return status


def open_app(arguments: argparse.Namespace, opening: Literal["sample"] | None) -> int:
    """Open the app; the terminal is prepared before textual is imported."""
    from tui.start import start

    return start(arguments.home, arguments.who, opening, ascii_only=arguments.ascii)


def build_parser() -> argparse.ArgumentParser:
    """The whole grammar of the command line."""
    parser = argparse.ArgumentParser(
        prog="strop", description="Guided fine-tuning sessions in a terminal."
    )
    parser.add_argument("--home", type=Path, help="where store, runs and models are kept")
    parser.add_argument("--who", help="the name that decisions are kept under")
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII characters only")
    parser.add_argument("--version", action="version", version=f"strop {_version()}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    for room in (session, curate, decide, runs, verdict, model):
        room.add(verbs)
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("strop")
    except PackageNotFoundError:
        return "from source"


if __name__ == "__main__":
    sys.exit(main())
