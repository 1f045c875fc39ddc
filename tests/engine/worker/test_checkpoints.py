"""A checkpoint is whole exactly when its checksums hold."""

from __future__ import annotations

from pathlib import Path

from engine.worker import checkpoints


def _made(folder: Path, step: int) -> Path:
    checkpoint = folder / f"checkpoint-{step}"
    checkpoint.mkdir(parents=True)
    (checkpoint / "weights").write_bytes(b"weights of %d" % step)
    (checkpoint / "optimizer").write_bytes(b"moments of %d" % step)
    return checkpoint


def test_an_unsealed_checkpoint_is_never_resumed(tmp_path: Path) -> None:
    checkpoints.seal(_made(tmp_path, 9))
    _made(tmp_path, 10)
    assert checkpoints.newest_whole(tmp_path) == tmp_path / "checkpoint-9"


def test_a_changed_or_missing_file_breaks_the_seal(tmp_path: Path) -> None:
    for step in (1, 2, 3):
        checkpoints.seal(_made(tmp_path, step))
    (tmp_path / "checkpoint-3" / "weights").write_bytes(b"weights of 4")
    (tmp_path / "checkpoint-2" / "optimizer").unlink()
    assert checkpoints.newest_whole(tmp_path) == tmp_path / "checkpoint-1"


def test_the_last_two_whole_checkpoints_are_kept_counted_as_numbers(tmp_path: Path) -> None:
    for step in (80, 90, 100):
        checkpoints.seal(_made(tmp_path, step))
    checkpoints.prune(tmp_path)
    assert [checkpoints.step_of(c) for c in checkpoints.every(tmp_path)] == [90, 100]
