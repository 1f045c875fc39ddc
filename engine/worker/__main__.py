"""Entry point: locks before anything heavy, waits its turn, works, says how it ended."""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from pathlib import Path

from engine.errors import StropError
from engine.runs.folder import Event, Phase, RunFolder, held_lock
from engine.worker.control import Control, Interrupted
from engine.worker.reporting import Reporter
from engine.worker.waiting import device_in_turn


def main() -> int:
    """`python -m engine.worker RUN_DIR [--preflight-only]`; 0 also when paused or stopped."""
    parser = argparse.ArgumentParser(prog="engine.worker")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--preflight-only", action="store_true")
    arguments = parser.parse_args()
    folder = RunFolder(arguments.folder.resolve())
    try:
        with held_lock(folder.lock_file):
            return work(folder, preflight_only=arguments.preflight_only)
    except StropError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def work(folder: RunFolder, *, preflight_only: bool) -> int:
    """The whole life of a worker that holds its lock."""
    control = Control(folder)
    reporter = Reporter(folder)
    try:
        with device_in_turn(folder, reporter, control):
            stay_offline(folder)
            from engine.worker.jobs import run_job

            run_job(folder, reporter, control, preflight_only=preflight_only)
    except Interrupted as interrupted:
        phase: Phase = interrupted.phase  # type: ignore[assignment]
        reporter.enter(phase, interrupted.message)
    except StropError as error:
        return _fail(reporter, str(error))
    except MemoryError:
        return _fail(reporter, "Out of memory. Lower micro_batch or max_length, then resume.")
    except Exception as error:
        # Anything else is a bug or a library's: the log keeps the traceback, people get a sentence.
        traceback.print_exc()
        return _fail(reporter, f"{type(error).__name__}: {error}")
    return 0


def stay_offline(folder: RunFolder) -> None:
    """A model in a local folder needs no hub; the hub's library reads this when it is imported."""
    if Path(folder.job().model).is_dir():
        os.environ["HF_HUB_OFFLINE"] = "1"


def _fail(reporter: Reporter, message: str) -> int:
    sentence = message.strip().splitlines()[0][:500]
    reporter.event(Event(time.time(), "error", sentence))
    reporter.enter("failed", sentence)
    return 1


if __name__ == "__main__":
    sys.exit(main())
