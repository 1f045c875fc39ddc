"""Which adapters of a run's looks are in its folder: looks/step-00080, the best few of them."""

from __future__ import annotations

from pathlib import Path

from engine.runs.folder import RunFolder

MOST = 5
"""Adapters kept beside the best one: they are small, and more of them are more chances by luck."""


def look_folder(folder: RunFolder, step: int) -> Path:
    """Where the adapter of a step is kept."""
    return folder.looks / f"step-{step:05d}"


def steps_kept(folder: RunFolder) -> tuple[int, ...]:
    """The steps whose adapters are there and whole, in their order."""
    found = folder.looks.glob("step-*/best.json") if folder.looks.exists() else ()
    names = (file.parent.name.removeprefix("step-") for file in found)
    return tuple(sorted(int(name) for name in names if name.isdigit()))
