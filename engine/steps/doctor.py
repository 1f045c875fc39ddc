"""What this machine and installation can do, a line each, and what to do about what is missing."""

from __future__ import annotations

import os
import shutil
from importlib import metadata
from typing import Literal

import msgspec

from engine import models
from engine.errors import RunError
from engine.models import EMBEDDED
from engine.recipe import Recipe
from engine.runs import device, vllm
from engine.runs.device import Device
from engine.steps.machine import visible_cards
from engine.workspace import Workspace

LITTLE_DISK = 5_000_000_000
"""Bytes: a few runs of a large model, or one merged small one."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    name: str
    level: Literal["ok", "warn", "none"]
    """none: it is not there, and nothing needs it."""
    text: str
    hint: str = ""


def examine(workspace: Workspace) -> list[Finding]:
    """Look at all that training and answering rest on; takes seconds, since torch is asked."""
    try:
        cards = _cards(device.ask())
    except RunError as error:
        cards = [Finding("torch", "warn", error.message, error.hint)]
    return [*cards, _vllm(), _processes(), _logout(), _disk(workspace), _model(workspace)]


def _cards(found: Device) -> list[Finding]:
    if not found.cards:
        why = "torch was built without CUDA" if not found.cuda else f"CUDA {found.cuda}, no card"
        hint = "Install the torch that CUDA needs." if visible_cards() and not found.cuda else ""
        level: Literal["warn", "none"] = "warn" if hint else "none"
        return [
            Finding("cuda", level, f"{why}: training is done on the CPU", hint),
            Finding("bf16", "none", "fp32 on the CPU"),
            Finding("bitsandbytes", "none", "quantization=nf4 needs a CUDA card"),
        ]
    listed = ", ".join(f"{c.name} {c.memory / 1e9:.0f} GB" for c in found.cards)
    half = all(card.bf16 for card in found.cards)
    return [
        Finding("cuda", "ok", f"CUDA {found.cuda}: {listed}"),
        Finding("bf16", "ok" if half else "none", "yes" if half else "not on these cards: fp32"),
        _four_bit(found.four_bit),
    ]


def _four_bit(problem: str) -> Finding:
    if problem:
        hint = "For quantization=nf4: pip install 'strop[gpu]'"
        return Finding("bitsandbytes", "none", problem, hint)
    return Finding("bitsandbytes", "ok", f"{metadata.version('bitsandbytes')}: quantization=nf4")


def _vllm() -> Finding:
    python, version = vllm.find_python(), vllm.version()
    if version != "not installed":
        return Finding("vllm", "ok", f"{version} of {python}: engine=vllm")
    named = os.environ.get(vllm.VARIABLE)
    if named:
        return Finding("vllm", "warn", f"{vllm.VARIABLE} is {named}: none there", vllm.MISSING)
    return Finding("vllm", "none", "not installed: transformers answers", vllm.MISSING)


def _processes() -> Finding:
    cards = visible_cards()
    if cards > 1:
        return Finding("processes", "ok", f"1, or up to --processes {cards}: a card each")
    return Finding("processes", "ok", f"1 ({os.cpu_count()} cores, {cards or 'no'} card)")


def _logout() -> Finding:
    if device.is_killed_at_logout():
        return Finding("log-out", "warn", "logging out kills a run", device.LINGER)
    return Finding("log-out", "ok", "runs go on when you log out")


def _disk(workspace: Workspace) -> Finding:
    free = shutil.disk_usage(workspace.home).free
    text = f"{free / 1e9:.0f} GB free in {workspace.home}"
    if free < LITTLE_DISK:
        return Finding("disk", "warn", text, "Make room, or move STROP_HOME.")
    return Finding("disk", "ok", text)


def _model(workspace: Workspace) -> Finding:
    there = models.list_models(workspace.models)
    if Recipe().model in there:
        return Finding("model", "ok", ", ".join(there))
    text = f"{EMBEDDED.name} is not fetched"
    return Finding("model", "warn", text, f"`strop model fetch {EMBEDDED.name}` gets it.")
