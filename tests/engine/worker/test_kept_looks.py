from __future__ import annotations

from pathlib import Path

from engine.runs.folder import Metric, RunFolder
from engine.runs.looks import MOST, look_folder, steps_kept
from engine.runs.standing import stand
from engine.worker import kept_looks
from engine.worker.best import Best


class _Model:
    """Writes one file where a real model writes its adapter."""

    def save_pretrained(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / "weights").write_text("x")


def looked(folder: RunFolder, losses: list[float], limit: float = 0.0) -> None:
    """A look every ten steps; general loss rises by a tenth at each."""
    metrics = [Metric(0, 0.0, validation_loss=3.0, general_loss=2.0)]
    for number, loss in enumerate(losses, 1):
        metrics.append(
            Metric(10 * number, 0.0, validation_loss=loss, general_loss=2.0 + number / 10)
        )
        look = Best(10 * number, loss)
        kept_looks.keep(_Model(), folder, look, stand(metrics, limit), balance=False)


def test_the_best_few_looks_are_kept_and_a_worse_one_goes_for_a_better(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    looked(folder, [2.0, 1.9, 1.8, 1.7, 1.6, 1.5, 1.95])
    assert steps_kept(folder) == (20, 30, 40, 50, 60)
    assert len(steps_kept(folder)) == MOST
    assert sorted(f.name for f in folder.looks.iterdir())[0] == "step-00020"


def test_a_look_that_forgot_more_than_the_limit_goes_first(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    looked(folder, [2.0, 1.9, 1.8, 1.7, 1.6, 1.5], limit=0.45)
    assert steps_kept(folder) == (10, 20, 30, 40, 50)


def test_a_step_without_its_mark_is_not_there(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    looked(folder, [2.0, 1.9])
    (look_folder(folder, 10) / "best.json").unlink()
    assert steps_kept(folder) == (20,)
    assert steps_kept(RunFolder(tmp_path / "none")) == ()
