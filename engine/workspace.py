"""The opened store, the runs directory and the models: what a screen or a command is handed."""

from __future__ import annotations

import getpass
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from engine.store.connection import Store


def default_home() -> Path:
    """STROP_HOME, or the place that the platform gives to application data."""
    named = os.environ.get("STROP_HOME")
    return Path(named) if named else Path(platformdirs.user_data_dir("strop"))


class Workspace:
    """Where everything of one operator (or one shared box) is kept."""

    def __init__(self, home: Path | None = None, who: str | None = None) -> None:
        self.home = (home or default_home()).expanduser().resolve()
        self.who = who or operator_name()
        self.runs = self.home / "runs"

    @cached_property
    def store(self) -> Store:
        """The store, opened and migrated on first use, with what an import left to bring over.

        Raises StoreError.
        """
        from engine.store.connection import Store
        from engine.store.staging import finish_interrupted

        self.runs.mkdir(parents=True, exist_ok=True)
        store = Store(self.home / "strop.db")
        finish_interrupted(store)
        return store

    def acting_as(self, who: str) -> Workspace:
        """The same workspace with decisions under another name; itself when no name is given."""
        if not who or who == self.who:
            return self
        other = Workspace(self.home, who)
        other.__dict__["store"] = self.store
        return other

    @property
    def models(self) -> Path:
        """The models directory; STROP_MODELS lets several homes share one."""
        from engine.models import models_folder

        return models_folder(self.home)


def operator_name() -> str:
    """Who decides here: STROP_USER, or the login name."""
    try:
        return os.environ.get("STROP_USER") or getpass.getuser()
    except (KeyError, OSError):
        return "operator"
