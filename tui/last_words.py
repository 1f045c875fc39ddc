"""Errors as one line; the traceback of a bug goes to a file."""

from __future__ import annotations

import traceback
from datetime import datetime
from pathlib import Path

from engine.errors import StropError
from screens.text import visible


def explain(error: Exception, traces: Path) -> str:
    """One line for an error. A bug leaves its traceback, without values, in a file of `traces`."""
    if isinstance(error, StropError):
        return visible(f"{error.title}: {error}")
    return visible(f"{type(error).__name__}: {error}. Traceback in {_write(error, traces)}")


def _write(error: Exception, traces: Path) -> Path:
    traces.mkdir(parents=True, exist_ok=True)
    path = traces / f"{datetime.now():%Y%m%d-%H%M%S-%f}.txt"
    path.write_text("".join(traceback.format_exception(error)), encoding="utf-8", errors="replace")
    return path
