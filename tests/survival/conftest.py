"""Run folders of a tiny model, and workers that are forked: each is a process of its own."""

from __future__ import annotations

import shutil

import pytest

from engine.runs.folder import RunFolder
from tests.engine.worker.conftest import Forks, Prepare, fork_server, forked, prepare, tiny_model
from tests.survival.lives import live

__all__ = ["Forks", "Prepare", "fork_server", "forked", "prepare", "tiny_model"]

SETTINGS = {"rows": 10, "epochs": 4.0, "evaluate_every": 3, "patience": 0}
"""Ten steps, looks and checkpoints at 3, 6, 9 and 10; with dropout, so that chance counts."""


@pytest.fixture(scope="session")
def undisturbed() -> list[RunFolder]:
    """The one run that nothing happened to, once it has been."""
    return []


@pytest.fixture
def whole(
    undisturbed: list[RunFolder],
    prepare: Prepare,
    forked: Forks,
    tmp_path_factory: pytest.TempPathFactory,
) -> RunFolder:
    """A run of these settings that nothing happened to; not to be written to."""
    if not undisturbed:
        folder = prepare("0001-train", **SETTINGS)
        assert live(folder).phase == "done"
        copied = tmp_path_factory.mktemp("undisturbed") / folder.name
        shutil.copytree(folder.path, copied)
        undisturbed.append(RunFolder(copied))
    return undisturbed[0]
