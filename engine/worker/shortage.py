"""When memory or the disk runs short: what is left, and which of a library's errors mean it."""

from __future__ import annotations

import errno
import importlib.util
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

DISK_MARGIN = 20_000_000
"""Bytes left for what a run writes beside its checkpoints."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FULL_IN_WORDS = (
    *("No space left", "Disk quota", "File too large"),
    # What torch says when a checkpoint's file is cut short.
    *("inline_container", "PytorchStreamWriter"),
)
NO_MEMORY_IN_WORDS = ("can't allocate memory", "Cannot allocate memory", "std::bad_alloc")


def room_is_short(folder: Path, checkpoint_bytes: int) -> str:
    """Why to pause while the next checkpoint still fits on the disk; empty when there is room."""
    free = shutil.disk_usage(folder).free
    if free > 3 * checkpoint_bytes + DISK_MARGIN:
        return ""
    return f"Paused: {free / 1e6:.0f} MB are free on the disk. Make room and resume."


def is_full_disk(error: BaseException) -> bool:
    """Whether an error means that the disk, or what we may use of it, is full."""
    if isinstance(error, OSError):
        return error.errno in FULL
    return any(words in str(error) for words in FULL_IN_WORDS)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory ran out: a card's, the machine's or what we may use."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, RuntimeError) and any(w in str(error) for w in NO_MEMORY_IN_WORDS)


@contextmanager
def one_kind_of_out_of_memory() -> Iterator[None]:
    """Make of whatever says that memory ran out what torch says of a card: OutOfMemoryError."""
    try:
        yield
    except Exception as error:
        if isinstance(error, torch.OutOfMemoryError) or not is_out_of_memory(error):
            raise
        # Its traceback holds on to what did not fit.
        raise torch.OutOfMemoryError(str(error)) from None


def memory_used() -> int:
    """Bytes: the peak on CUDA since the start, the peak resident size elsewhere."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def gpu_load() -> float | None:
    """Percent of the last moments in which the card computed; None without one, or unasked for."""
    if not torch.cuda.is_available() or importlib.util.find_spec("pynvml") is None:
        return None
    try:
        return float(torch.cuda.utilization())
    except Exception:
        # NVIDIA's library has errors of its own, and no figure for the eye is worth a run.
        return None
