"""Entry point: locks before anything heavy, waits its turn, works, says how it ended."""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
import warnings
from pathlib import Path

from engine.errors import StropError
from engine.runs.folder import Event, Phase, RunFolder, held_lock
from engine.worker.control import Control, Interrupted
from engine.worker.reporting import Reporter
from engine.worker.waiting import SteppedAside, device_in_turn


def main() -> int:
    """`python -m engine.worker RUN_DIR [--preflight-only]`; 0 also when paused or stopped."""
    parser = argparse.ArgumentParser(prog="engine.worker")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--preflight-only", action="store_true")
    arguments = parser.parse_args()
    folder = RunFolder(arguments.folder.resolve())
    # Before the lock: whoever sees the lock may send a signal at once.
    control = Control(folder)
    use_one_card()
    try:
        with held_lock(folder.lock_file):
            return work(folder, control, preflight_only=arguments.preflight_only)
    except StropError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def work(folder: RunFolder, control: Control, *, preflight_only: bool) -> int:
    """The whole life of a worker that holds its lock."""
    reporter = Reporter(folder)
    try:
        while _stepped_aside(folder, reporter, control, preflight_only=preflight_only):
            reporter.note("Stepped aside for another run.")
    except Interrupted as interrupted:
        phase: Phase = interrupted.phase  # type: ignore[assignment]
        reporter.enter(phase, interrupted.message)
    except StropError as error:
        return _fail(reporter, str(error))
    except Exception as error:
        # Anything else is a bug or a library's: the log keeps the traceback, people get a sentence.
        traceback.print_exc()
        if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
            return _fail(reporter, "Out of memory. Lower max_length, or take a smaller model.")
        return _fail(reporter, f"{type(error).__name__}: {error}")
    return 0


def _stepped_aside(
    folder: RunFolder, reporter: Reporter, control: Control, *, preflight_only: bool
) -> bool:
    """Work in our turn; whether the job left the device to another run before it was done."""
    with device_in_turn(folder, reporter, control):
        stay_offline(folder)
        # peft asks transformers by a name that is going away; the log is for what matters.
        warnings.filterwarnings("ignore", ".*is_gradient_checkpointing", FutureWarning)
        from engine.worker.jobs import run_job
        from engine.worker.scoring import free_memory

        try:
            run_job(folder, reporter, control, preflight_only=preflight_only)
        except SteppedAside:
            pass
        else:
            return False
        # Outside the handler, whose traceback holds on to the model.
        free_memory()
        return True


def use_one_card() -> None:
    """One run, one card: the Trainer would else spread each batch over all that it sees."""
    if "LOCAL_RANK" not in os.environ:
        seen = os.environ.get("CUDA_VISIBLE_DEVICES", "0")
        os.environ["CUDA_VISIBLE_DEVICES"] = seen.partition(",")[0]


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
