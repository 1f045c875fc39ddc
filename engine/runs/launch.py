"""Starting, pausing and stopping workers. A worker outlives whoever started it."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import time
from pathlib import Path

from engine.errors import RunError, StateError
from engine.runs.folder import RunFolder

PROJECT_ROOT = Path(__file__).resolve().parents[2]
_STARTED: list[subprocess.Popen[bytes]] = []
"""Workers that this process started. Python warns of a child that is forgotten while it runs,
and one that has ended stays a zombie until it is asked."""
START_LIMIT_S = 120
TORCHRUN = (
    # A run is resumed by the operator, who has read why it ended.
    *("--max-restarts", "0"),
    # Without SIGHUP, which means nothing to a worker.
    *("--signals-to-handle", "SIGTERM,SIGINT"),
    # Time to finish a step and write a checkpoint.
    *("--shutdown-timeout", "600"),
)
LARGE_PAGES = "glibc.malloc.hugetlb=1"
"""On a CPU a tenth of a step went into faults on small pages; where there are no large, nothing."""


@atexit.register
def _let_go() -> None:
    """A worker outlives us on purpose: Python is not to warn of it on the way out."""
    for process in _STARTED:
        if process.poll() is None:
            process.returncode = 0


def launch(folder: RunFolder, *, preflight_only: bool = False, processes: int | None = None) -> int:
    """Start a worker on a run folder, detached from this terminal; answers its pid.

    processes: how many train side by side, those of the job where nothing is said; more than one
    are started by torchrun, whose pid it is then. Returns once the worker holds the folder's
    lock, so that a caller that looks next sees it alive. Raises StateError when one is running
    already, RunError when it dies at once.
    """
    if folder.is_alive():
        raise StateError(f"{folder.name} is already running.", "Watch it instead.")
    wanted = folder.job().processes if processes is None else processes
    _make_ready(folder)
    before = _told(folder)
    options = ["--preflight-only"] if preflight_only else []
    process = _spawn_several(folder, options, wanted) if wanted > 1 else _spawn(folder, options)
    _STARTED[:] = [p for p in (*_STARTED, process) if p.poll() is None]
    _wait_for_lock(folder, process, before)
    return process.pid


def _make_ready(folder: RunFolder) -> None:
    """Take away what was asked of the last worker; raises RunError when nothing can be written."""
    try:
        folder.lock_file.touch()
        for name in ("pause", "stop", "checkpoint"):
            (folder.control / name).unlink(missing_ok=True)
    except OSError as error:
        raise RunError(
            f"{folder.path} cannot be written: {error.strerror}.",
            "Make it writable; what is in it is kept.",
        ) from error


def pause(folder: RunFolder) -> None:
    """Ask the worker to checkpoint, free the device and exit; `launch` resumes it."""
    _command_living(folder, "pause")


def stop(folder: RunFolder) -> None:
    """Ask the worker to end training for good: checkpoint, keep the best adapter, exit."""
    _command_living(folder, "stop")


def checkpoint(folder: RunFolder) -> None:
    """Ask the worker to write a checkpoint at the next step."""
    _command_living(folder, "checkpoint")


def _spawn(folder: RunFolder, options: list[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "engine.worker", str(folder.path), *options]
    return _detached(folder, command, worker_environment())


def _spawn_several(
    folder: RunFolder, options: list[str], processes: int
) -> subprocess.Popen[bytes]:
    """torchrun and its processes; cores are shared among them unless it is said otherwise."""
    threads = str(max((os.cpu_count() or 1) // processes, 1))
    environment = {"OMP_NUM_THREADS": threads, **worker_environment()}
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", *TORCHRUN]
    worker = ["-m", "engine.worker", str(folder.path), *options]
    command = [*torchrun, "--nproc-per-node", str(processes), *worker]
    return _detached(folder, command, environment)


def _detached(
    folder: RunFolder, command: list[str], environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    with folder.log_file.open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=folder.path,
            env=environment,
        )


def _command_living(folder: RunFolder, name: str) -> None:
    if not folder.is_alive():
        raise StateError(f"{folder.name} is not running.", "There is nothing to tell it.")
    folder.command(name)  # type: ignore[arg-type]


def _told(folder: RunFolder) -> int:
    """When the run last said how it is, nanoseconds; 0 before it ever did."""
    try:
        return folder.state_file.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _wait_for_lock(
    folder: RunFolder,
    process: subprocess.Popen[bytes],
    before: int,
    limit_s: float = START_LIMIT_S,
) -> None:
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if folder.is_alive():
            return
        if process.poll() is not None:
            if _told(folder) != before:
                # It had the lock, and was through before anybody looked: its state says the rest.
                return
            tail = "\n".join(folder.log_tail(3))
            raise RunError(f"{folder.name}: the worker ended at once. {tail}", "See worker.log.")
        time.sleep(0.02)
    raise RunError(
        f"{folder.name}: the worker did not start within {limit_s:g} s.", "See worker.log."
    )


def worker_environment() -> dict[str, str]:
    """The operator's environment, with this strop importable and nothing fetched by surprise."""
    inherited = os.environ.get("PYTHONPATH")
    paths = [str(PROJECT_ROOT), *([inherited] if inherited else [])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
        "GLIBC_TUNABLES": os.environ.get("GLIBC_TUNABLES", LARGE_PAGES),
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
