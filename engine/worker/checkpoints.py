"""Checkpoints are whole only when their checksums hold; the newest whole one is resumed."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from engine.errors import RunError
from engine.runs.folder import Metric, read_lines, write_atomically

SUMS = "SHA256SUMS"
CURVE = "metrics.jsonl"
"""The curve up to the checkpoint, so that both are of one moment whatever a power loss leaves."""
KEPT = 2
AGAIN = "Remove this checkpoint and resume: the one before it is taken."


def seal(checkpoint: Path, curve: Path | None = None) -> None:
    """Put the curve beside a finished checkpoint and write its checksums, last of all.

    Down to the disk, in this order: a seal that stands after a power loss seals what stands.
    """
    if curve is not None:
        shutil.copyfile(curve, checkpoint / CURVE)
    sealed = [f for f in _files(checkpoint) if f.name != SUMS]
    for path in (*sealed, checkpoint, checkpoint.parent):
        flush(path)
    lines = [f"{_sha256(f)}  {f.relative_to(checkpoint)}" for f in sealed]
    write_atomically(checkpoint / SUMS, ("\n".join(lines) + "\n").encode())
    flush(checkpoint)


def is_whole(checkpoint: Path) -> bool:
    """Whether the files that were sealed, and no others, are there with the content they had."""
    try:
        sums = (checkpoint / SUMS).read_text()
        sealed = {name: digest for digest, _, name in map(_parted, sums.splitlines())}
        found = {str(f.relative_to(checkpoint)) for f in _files(checkpoint) if f.name != SUMS}
        return (
            sums.endswith("\n")
            and found == sealed.keys()
            and all(_sha256(checkpoint / name) == digest for name, digest in sealed.items())
        )
    except (OSError, UnicodeDecodeError):
        return False


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition("  ")


def curve_of(checkpoint: Path) -> list[Metric] | None:
    """The curve up to a checkpoint; None where an earlier strop has kept none in it."""
    file = checkpoint / CURVE
    return list(read_lines(file, Metric)) if file.exists() else None


def step_of(checkpoint: Path) -> int:
    """`checkpoint-80` is of step 80."""
    return int(checkpoint.name.rpartition("-")[2])


def every(folder: Path) -> list[Path]:
    """All checkpoint folders, oldest first, whole or not."""
    return sorted(folder.glob("checkpoint-*"), key=step_of)


def newest_whole(folder: Path, before: int | None = None) -> Path | None:
    """The checkpoint to resume from; `before`: only one of an earlier step than that."""
    found = (c for c in reversed(every(folder)) if before is None or step_of(c) < before)
    return next((c for c in found if is_whole(c)), None)


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


def discard_torn(folder: Path) -> None:
    """Remove what was not written to its end, and takes room for nothing."""
    for checkpoint in every(folder):
        if not is_whole(checkpoint):
            shutil.rmtree(checkpoint, ignore_errors=True)


def bytes_of(model: Any) -> int:
    """Bytes of a checkpoint: the trained weights and their two moments, in fp32."""
    return 3 * 4 * sum(int(p.numel()) for p in model.parameters() if p.requires_grad)


def check_loaded(checkpoint: Path, model: Any, optimizer: Any, step: int) -> str:
    """Assert that a resume has what the checkpoint held, and say what; raises RunError.

    Weights and moments bit for bit, the same groups, the step it counts from.
    """
    from peft import get_peft_model_state_dict
    from safetensors.torch import load_file

    saved = load_file(checkpoint / "adapter_model.safetensors")
    now = {k: v.cpu() for k, v in get_peft_model_state_dict(model).items()}
    if now.keys() != saved.keys() or any(not now[k].equal(v) for k, v in saved.items()):
        raise RunError(f"{checkpoint.name}: the weights were not loaded as saved.", AGAIN)
    trained = sum(p.requires_grad for p in model.parameters())
    if not _moments_are(checkpoint, optimizer, trained, step):
        raise RunError(f"{checkpoint.name}: the optimizer was not loaded as saved.", AGAIN)
    if step != step_of(checkpoint):
        raise RunError(f"{checkpoint.name}: training would go on from step {step}.", AGAIN)
    groups = len(optimizer.param_groups)
    return f"{trained} trained tensors, their moments in {groups} groups"


def _moments_are(checkpoint: Path, optimizer: Any, trained: int, step: int) -> bool:
    """Whether the optimizer holds the groups and moments of a checkpoint, one each, at a step."""
    import torch

    saved = torch.load(checkpoint / "optimizer.pt", map_location="cpu", weights_only=True)
    now = optimizer.state_dict()
    if [g["params"] for g in now["param_groups"]] != [g["params"] for g in saved["param_groups"]]:
        return False
    if len(now["state"]) != trained or now["state"].keys() != saved["state"].keys():
        return False
    return all(
        int(moments["step"]) == step
        and all(moments[name].cpu().equal(kept) for name, kept in saved["state"][n].items())
        for n, moments in now["state"].items()
    )


def flush(path: Path) -> None:
    """Down to the disk: a file's content, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.rglob("*") if f.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
