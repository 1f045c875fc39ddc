"""What all tests share: where the embedded model is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.models import EMBEDDED, list_models

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder that holds the embedded model; `make model` fetches it."""
    home = Path(os.environ.get("STROP_HOME", ROOT / ".strop"))
    folder = Path(os.environ.get("STROP_MODELS", home / "models"))
    if EMBEDDED.name not in list_models(folder):
        pytest.fail(f"{EMBEDDED.name} is not in {folder}: `make model` fetches it.")
    return folder
