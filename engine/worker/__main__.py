"""Entry point: locks before anything heavy, waits its turn, works, says how it ended."""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from engine.errors import RunError, StropError
from engine.runs.folder import ENDED, Event, Phase, RunFolder, held_lock
from engine.worker.control import Control, Interrupted
from engine.worker.place import Place, find_place, use_one_card
from engine.worker.reporting import Reporter, Silent
from engine.worker.waiting import SteppedAside, device_in_turn

FULL_DISK = "Paused: the disk is full. Make room and resume; it goes on from what is written."
OUT_OF_MEMORY = "Out of memory. Lower max_length, or take a smaller model."


def main() -> int:
    """`python -m engine.worker RUN_DIR [--preflight-only] [--now]`; 0 also when paused or stopped.

    torchrun and accelerate start several of them: the first writes, all compute.
    """
    parser = argparse.ArgumentParser(prog="engine.worker")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--preflight-only", action="store_true")
    parser.add_argument("--now", action="store_true", help="do not stand in line for the device")
    arguments = parser.parse_args()
    folder = RunFolder(arguments.folder.resolve())
    # Before the lock: whoever sees the lock may send a signal at once.
    control = Control(folder)
    try:
        place = find_place()
        use_one_card(place)
        with _locked_by_first(folder, place):
            return Life(folder, control, place, arguments.preflight_only, arguments.now).work()
    except StropError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def _locked_by_first(folder: RunFolder, place: Place) -> AbstractContextManager[None]:
    return held_lock(folder.lock_file) if place.is_first else nullcontext()


@dataclass(frozen=True, slots=True)
class Life:
    """One life of a worker: of the one that holds its folder's lock, or one that works for it."""

    folder: RunFolder
    control: Control
    place: Place
    preflight_only: bool
    now: bool

    def work(self) -> int:
        """All of it; answers the exit status."""
        reporter = Reporter(self.folder) if self.place.is_first else Silent(self.folder)
        try:
            while self._stepped_aside(reporter):
                reporter.note("Stepped aside for another run.")
        except Interrupted as interrupted:
            phase: Phase = interrupted.phase  # type: ignore[assignment]
            reporter.enter(phase, interrupted.message)
        except StropError as error:
            return self._fail(reporter, str(error))
        except Exception as error:
            return self._end(reporter, error)
        return 0

    def _end(self, reporter: Reporter, error: Exception) -> int:
        """What was not foreseen is a bug or a library's, unless memory or the disk ran short."""
        from engine.worker import checkpoints
        from engine.worker.shortage import is_full_disk, is_out_of_memory

        # The log keeps the traceback, people get a sentence.
        with suppress(OSError):
            traceback.print_exc()
        if is_full_disk(error) and self.place.is_first:
            # What was being written when there was no more room is worth nothing, and takes some.
            checkpoints.discard_torn(self.folder.checkpoints)
            reporter.last_word("paused", FULL_DISK)
            return 0
        if is_out_of_memory(error):
            return self._fail(reporter, OUT_OF_MEMORY)
        return self._fail(reporter, f"{type(error).__name__}: {error}")

    def _stepped_aside(self, reporter: Reporter) -> bool:
        """Work in our turn; whether the job left the device to another run before it was done."""
        with self._turn(reporter):
            stay_offline(self.folder)
            # peft asks transformers by a name that is going away; the log is for what matters.
            warnings.filterwarnings("ignore", ".*is_gradient_checkpointing", FutureWarning)
            from engine.worker import processes
            from engine.worker.jobs import run_job
            from engine.worker.scoring import free_memory

            if not processes.meet(self.place):
                return False
            try:
                run_job(self.folder, reporter, self.control, preflight_only=self.preflight_only)
            except SteppedAside:
                pass
            else:
                return False
            # Outside the handler, whose traceback holds on to the model.
            free_memory()
            return True

    @contextmanager
    def _turn(self, reporter: Reporter) -> Iterator[None]:
        """Only the first process stands in line; when it leaves there, the others are told to."""
        if self.now or not self.place.is_first:
            yield
            return
        is_ours = False
        try:
            with device_in_turn(self.folder, reporter, self.control):
                is_ours = True
                yield
        finally:
            if not is_ours and self.place.count > 1:
                from engine.worker import processes

                processes.meet(self.place, goes_on=False)

    def _fail(self, reporter: Reporter, message: str) -> int:
        sentence = message.strip().splitlines()[0][:500]
        if self.place.count > 1:
            from engine.worker import processes

            processes.leave_word(sentence)
        _tell_failed(reporter, sentence)
        if not self.place.is_first:
            self._speak_for_first(sentence)
        return 1

    def _speak_for_first(self, sentence: str) -> None:
        """Where the process that writes was killed, its lock is free and nobody has said why."""
        with suppress(RunError), held_lock(self.folder.lock_file):
            if self.folder.state().phase not in ENDED:
                _tell_failed(Reporter(self.folder), sentence)


def _tell_failed(reporter: Reporter, sentence: str) -> None:
    # Where nothing can be written, the log may still take it.
    with suppress(OSError):
        print(sentence, file=sys.stderr)
    with suppress(OSError):
        reporter.event(Event(time.time(), "error", sentence))
    reporter.last_word("failed", sentence)


def stay_offline(folder: RunFolder) -> None:
    """A model in a local folder needs no hub; the hub's library reads this when it is imported."""
    if Path(folder.job().model).is_dir():
        os.environ["HF_HUB_OFFLINE"] = "1"


if __name__ == "__main__":
    sys.exit(main())
