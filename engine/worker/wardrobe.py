"""One base model, several adapters: which arm wears which, asserted each time one is put on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.errors import ModelError, RunError
from engine.worker.adapted import fuse
from engine.worker.model import Loaded, check_adapter_applies, load_adapter

UNTRAINED = ("base", "prompted")
"""Arms that answer without any adapter."""


class Wardrobe:
    """The adapters of a job's arms, put on one after another."""

    def __init__(self, loaded: Loaded, base: Tensor, adapters: Mapping[str, str]) -> None:
        """base: `probe_logits` of the bare model; adapters: arm to folder, relative."""
        self.model: Any = loaded.model
        self._loaded = loaded
        self._base = base
        self._adapters = adapters
        self._is_dressed = False

    def wear(self, arm: str, folder: Path) -> str:
        """Answer with the adapter of an arm from here on; what was checked about it, in words.

        Raises RunError for an arm without an adapter, ModelError when it is damaged, changes
        nothing, or when the model without it is not the base any more.
        """
        place = self.folder(arm, folder)
        if self._is_dressed:
            self._change(arm, place)
        else:
            self.model, self._is_dressed = load_adapter(self._loaded, place), True
        return check_adapter_applies(self.model, self._loaded, self._base)

    def folder(self, arm: str, folder: Path) -> Path:
        """Where the adapter of an arm is; raises RunError for an arm without one."""
        place = self._adapters.get(arm)
        if place is None:
            raise RunError(f"There is no adapter for {arm} to answer with.", "Train first.")
        return folder / place

    def _change(self, arm: str, place: Path) -> None:
        """Take off what is worn: what another adapter leaves behind must not be in the answers."""
        worn = self.model.active_adapter
        name = f"of-{arm}"
        try:
            self.model.load_adapter(str(place), name)
        except (OSError, ValueError) as error:
            raise ModelError(f"{place}: {error}", "The adapter is damaged or missing.") from error
        self.model.set_adapter(name)
        self.model.delete_adapter(worn)
        fuse(self.model)
        self.model.eval()
