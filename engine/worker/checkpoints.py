"""Checkpoints are whole only when their checksums hold; the newest whole one is resumed."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

from engine.errors import RunError
from engine.runs.folder import write_atomically

SUMS = "SHA256SUMS"
KEPT = 2
AGAIN = "Remove this checkpoint and resume: the one before it is taken."


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


def bytes_of(model: Any) -> int:
    """Bytes of a checkpoint: the trained weights and their two moments, in fp32."""
    return 3 * 4 * sum(int(p.numel()) for p in model.parameters() if p.requires_grad)


def check_loaded(checkpoint: Path, model: Any, optimizer: Any, step: int) -> None:
    """Assert that a resume has what the checkpoint held; raises RunError.

    Weights bit for bit, a moment for every trained tensor and no other, the step it counts from.
    """
    from peft import get_peft_model_state_dict
    from safetensors.torch import load_file

    saved = load_file(checkpoint / "adapter_model.safetensors")
    now = {k: v.cpu() for k, v in get_peft_model_state_dict(model).items()}
    if now.keys() != saved.keys() or any(not now[k].equal(v) for k, v in saved.items()):
        raise RunError(f"{checkpoint.name}: the weights were not loaded as saved.", AGAIN)
    trained = sum(p.requires_grad for p in model.parameters())
    moments = [s["step"] for s in optimizer.state.values()]
    if len(moments) != trained or any(int(s) != step for s in moments):
        raise RunError(f"{checkpoint.name}: the optimizer was not loaded as saved.", AGAIN)
    if step != step_of(checkpoint):
        raise RunError(f"{checkpoint.name}: training would go on from step {step}.", AGAIN)


def _files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.rglob("*") if f.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
