"""Versions of everything that decides what a run computes, without importing any of it."""

from __future__ import annotations

from importlib import metadata

NAMES = ("strop", "torch", "transformers", "peft", "accelerate", "tokenizers", "numpy")


def versions() -> dict[str, str]:
    """By name; `not installed` where there is none."""
    return {name: _version(name) for name in NAMES}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
