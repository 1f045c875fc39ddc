"""Checkpoints are whole only when their checksums hold; the newest whole one is resumed."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from engine.runs.folder import write_atomically

SUMS = "SHA256SUMS"
KEPT = 2


def seal(checkpoint: Path) -> None:
    """Write the checksums of a finished checkpoint, last of all and in one step."""
    lines = [
        f"{_sha256(f)}  {f.relative_to(checkpoint)}" for f in _files(checkpoint) if f.name != SUMS
    ]
    write_atomically(checkpoint / SUMS, ("\n".join(lines) + "\n").encode())


def is_whole(checkpoint: Path) -> bool:
    """Whether every file that was sealed is there with the content it had."""
    sums = checkpoint / SUMS
    if not sums.is_file():
        return False
    try:
        for line in sums.read_text().splitlines():
            digest, _, name = line.partition("  ")
            if _sha256(checkpoint / name) != digest:
                return False
    except OSError:
        return False
    return True


def step_of(checkpoint: Path) -> int:
    """`checkpoint-80` is of step 80."""
    return int(checkpoint.name.rpartition("-")[2])


def every(folder: Path) -> list[Path]:
    """All checkpoint folders, oldest first, whole or not."""
    return sorted(folder.glob("checkpoint-*"), key=step_of)


def newest_whole(folder: Path) -> Path | None:
    """The checkpoint to resume from."""
    return next((c for c in reversed(every(folder)) if is_whole(c)), None)


def prune(folder: Path) -> None:
    """Keep the newest whole checkpoints; what is older than them goes."""
    whole = [c for c in every(folder) if is_whole(c)]
    for old in whole[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def discard_after(folder: Path, step: int) -> None:
    """Remove checkpoints past a step: torn ones, which a resume would write again."""
    for checkpoint in every(folder):
        if step_of(checkpoint) > step:
            shutil.rmtree(checkpoint, ignore_errors=True)


def _files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.rglob("*") if f.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
