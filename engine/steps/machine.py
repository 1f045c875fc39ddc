"""What this machine has for training: cards, and how many processes may work side by side."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from engine.errors import InputError
from engine.recipe import Recipe


def visible_cards(environment: Mapping[str, str] = os.environ, devices: Path = Path("/dev")) -> int:
    """How many CUDA cards a worker would see; nothing is loaded to find out."""
    there = sum(f.name.removeprefix("nvidia").isdigit() for f in devices.glob("nvidia[0-9]*"))
    listed = environment.get("CUDA_VISIBLE_DEVICES")
    if listed is None or not there:
        return there
    # A list ends at -1, as CUDA reads it.
    names = [name.strip() for name in listed.split(",")]
    return names.index("-1") if "-1" in names else sum(map(bool, names))


def check_processes(processes: int, recipe: Recipe, *, here: bool = True) -> None:
    """Raise InputError when so many processes cannot share a step, or (`here`) the cards."""
    if processes < 1:
        raise InputError(f"{processes} processes cannot train.", "Say 1 or more.")
    if processes > recipe.batch_size:
        raise InputError(
            f"{processes} processes for {recipe.batch_size} rows a step: some would be idle.",
            f"Say {recipe.batch_size} or fewer, or raise batch_size.",
        )
    cards = visible_cards() if here else 0
    if cards and processes > cards:
        raise InputError(
            f"{processes} processes for {cards} visible cards: two would share one.",
            f"Say {cards} or fewer; CUDA_VISIBLE_DEVICES decides which are seen.",
        )


def idle_cards(processes: int) -> str:
    """A sentence where more cards are there than a run uses; else empty."""
    cards = visible_cards()
    if cards <= processes:
        return ""
    return f"{cards} cards are visible, this run uses {processes}: --processes {cards} uses all."
