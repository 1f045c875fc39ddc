"""Handing a text to the operator's own editor, and taking it back; nothing is ever lost."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

from textual.app import App

from engine.errors import InputError


def editor_command() -> list[str]:
    """VISUAL, EDITOR, or vi."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    return shlex.split(named)


def edit_outside(app: App[Any], path: Path) -> None:
    """Give the terminal to the editor until it is done with a file.

    Raises InputError when the editor is not there or ends with an error; the file stays.
    """
    command = [*editor_command(), str(path)]
    try:
        with app.suspend():
            status = subprocess.call(command)
    except OSError as error:
        raise InputError(
            f"{command[0]}: {error.strerror}.",
            f"Set EDITOR to an editor that is there. Your text is kept in {path}.",
        ) from error
    if status:
        raise InputError(
            f"{command[0]} ended with status {status}.", f"Your text is kept in {path}."
        )
