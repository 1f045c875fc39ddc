"""The adapters of the best looks, so that people can choose among them on validation rows."""

from __future__ import annotations

import shutil
from typing import Any

from engine.runs.folder import RunFolder
from engine.runs.looks import MOST, look_folder, steps_kept
from engine.runs.standing import Standing
from engine.worker import best
from engine.worker.best import Best


def keep(model: Any, folder: RunFolder, look: Best, standing: Standing, balance: bool) -> None:
    """Keep the adapter of a look among the `MOST` best of the run; another one goes for it.

    standing: of all looks, this one among them. balance: as for the best adapter.
    """
    ranked = sorted(standing.looks, key=lambda o: (standing.excess(o), o.validation))
    wanted = {o.step for o in ranked[:MOST]}
    for step in steps_kept(folder):
        if step not in wanted:
            shutil.rmtree(look_folder(folder, step), ignore_errors=True)
    if look.step in wanted:
        best.keep(model, look_folder(folder, look.step), look, balance=balance)
