"""Workers forked from a server that has torch loaded: real processes without seconds of imports."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing import forkserver
from typing import Any

import pytest

from engine.runs.folder import RunFolder

PRELOADED = [
    "engine.worker.jobs",
    "transformers.models.llama.modeling_llama",
    "transformers.generation.utils",
    "peft.tuners.lora",
]


def start_server() -> None:
    """Load the libraries once, with one thread, so that forking is sound, and without a hub."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*PRELOADED, __name__])
    with pytest.MonkeyPatch.context() as patch:
        for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "HF_HUB_OFFLINE"):
            patch.setenv(name, "1")
        patch.setenv("TOKENIZERS_PARALLELISM", "false")
        forkserver.ensure_running()


class Forked:
    """A forked worker, asked as `subprocess.Popen` is."""

    def __init__(
        self, folder: RunFolder, options: list[str], before: Callable[[], None] | None = None
    ) -> None:
        context: Any = multiprocessing.get_context("forkserver")
        self._process = context.Process(target=_work, args=(str(folder.path), options, before))
        self._process.start()
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """The exit status, once there is one."""
        status: int | None = self._process.exitcode
        return status

    def end(self) -> None:
        """Kill what a failed test left running."""
        self._process.kill()
        self._process.join()


def _work(folder: str, options: list[str], before: Callable[[], None] | None) -> None:
    os.setsid()
    log = os.open(RunFolder(folder).log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)  # type: ignore[arg-type]
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.argv = ["engine.worker", folder, *options]
    if before:
        before()
    from engine.worker.__main__ import main

    sys.exit(main())
