"""The command line: parses, opens the workspace, calls a verb, turns errors into one line.

The verbs are imported only when one is asked for, so that the app's first frame comes at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.errors import StropError
from engine.workspace import Workspace


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of `strop`; answers the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    arguments, rest = general_options(add_help=False).parse_known_args(words)
    try:
        if rest in ([], ["demo"]):
            return open_app(arguments, sample=rest == ["demo"])
        return run_verb(words)
    except StropError as error:
        return complain(error)
    except BrokenPipeError:
        # The reader went away (`strop status | head`): nothing is wrong, nothing more to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("strop: interrupted; a run that was started goes on.", file=sys.stderr)
        return 130


def open_app(arguments: argparse.Namespace, *, sample: bool) -> int:
    """Open the app; the terminal is prepared before textual is imported."""
    from tui.start import start

    return start(arguments.home, arguments.who, sample=sample, ascii_only=arguments.ascii)


def run_verb(words: Sequence[str]) -> int:
    """Parse a whole command line and do its verb; answers the exit status."""
    from tui.output import Output

    arguments = build_parser().parse_args(words)
    workspace = Workspace(arguments.home, arguments.who)
    status: int = arguments.do(arguments, workspace, Output(arguments.json))
    return status


def complain(error: StropError) -> int:
    """One line on standard error, without control characters; answers the exit status."""
    from engine.visible import printable

    print(printable(f"strop: {error}"), file=sys.stderr)
    return error.exit_code


def general_options(*, add_help: bool = True) -> argparse.ArgumentParser:
    """What can stand before any verb."""
    parser = argparse.ArgumentParser(
        prog="strop", description="Guided fine-tuning sessions in a terminal.", add_help=add_help
    )
    parser.add_argument("--home", type=Path, help="where store, runs and models are kept")
    parser.add_argument("--who", help="the name that decisions are kept under")
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII characters only")
    return parser


def build_parser() -> argparse.ArgumentParser:
    """The whole grammar of the command line."""
    from tui.verbs import curate, decide, model, plan, runs, scope, session, suite, table, verdict

    parser = general_options()
    parser.add_argument("--version", action="version", version=f"strop {_version()}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for room in (session, scope, curate, decide, runs, table, verdict, suite, plan, model):
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
