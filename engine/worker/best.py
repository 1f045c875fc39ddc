"""The folder of the best adapter: replaced whole, found again after a kill, never half of it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
from safetensors.torch import load_file, save_file

from engine.runs.folder import write_atomically
from engine.worker.checkpoints import flush
from engine.worker.pissa import balanced


class Best(msgspec.Struct, frozen=True):
    """adapter/best.json: which step the adapter is of."""

    step: int
    validation_loss: float | None
    """None when there were no validation rows to measure it on."""


def keep(model: Any, adapter: Path, best: Best, *, balance: bool = False) -> None:
    """Write a model's adapter aside, down to the disk, then put it into the folder's place.

    balance: by factors that 16 bits can hold, for an adapter whose halves cancel.
    """
    recover(adapter)
    aside, old = _aside(adapter), _old(adapter)
    shutil.rmtree(aside, ignore_errors=True)
    model.save_pretrained(aside)
    if balance:
        file = aside / "adapter_model.safetensors"
        save_file(balanced(load_file(file)), file, {"format": "pt"})
    write_atomically(aside / "best.json", msgspec.json.encode(best))
    for file in aside.iterdir():
        flush(file)
    if adapter.exists():
        adapter.replace(old)
    aside.replace(adapter)
    # Before a checkpoint that counts on it is sealed.
    flush(adapter.parent)
    shutil.rmtree(old, ignore_errors=True)


def recover(adapter: Path) -> None:
    """Put back what a kill between the two renames of `keep` left beside its place."""
    old = _old(adapter)
    if adapter.exists():
        shutil.rmtree(old, ignore_errors=True)
    elif old.exists():
        old.replace(adapter)


def _aside(adapter: Path) -> Path:
    return adapter.with_name(f"{adapter.name}.part")


def _old(adapter: Path) -> Path:
    return adapter.with_name(f"{adapter.name}.old")
