"""Versions of everything that decides what a run computes, without importing any of it."""

from __future__ import annotations

from importlib import metadata

from engine.runs import vllm

NAMES = ("strop", "torch", "transformers", "peft", "accelerate", "tokenizers", "numpy")


def versions(engine: str = "transformers") -> dict[str, str]:
    """By name, that of the engine that answers among them; `not installed` where there is none."""
    found = {name: _version(name) for name in NAMES}
    return {**found, "vllm": vllm.version()} if engine == "vllm" else found


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
