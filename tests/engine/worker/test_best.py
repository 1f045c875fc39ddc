"""The best adapter's folder is whole at every moment that a kill can leave behind."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.worker import best
from engine.worker.best import Best


class _Model:
    """Writes one file where a real model writes its adapter."""

    def __init__(self, words: str) -> None:
        self.words = words

    def save_pretrained(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "weights").write_text(self.words)


def test_a_better_adapter_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    adapter = tmp_path / "adapter"
    for step, words in ((1, "one"), (2, "two")):
        best.keep(_Model(words), adapter, Best(step, 0.5))
    assert (adapter / "weights").read_text() == "two"
    assert msgspec.json.decode((adapter / "best.json").read_bytes(), type=Best) == Best(2, 0.5)
    assert [f.name for f in tmp_path.iterdir()] == ["adapter"]


@pytest.mark.parametrize("renames", [0, 1])
def test_a_kill_at_any_rename_loses_no_adapter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    adapter = tmp_path / "adapter"
    best.keep(_Model("one"), adapter, Best(1, 0.5))
    left, real = [renames], Path.replace

    def killed(self: Path, target: Path) -> Path:
        if self.is_dir():
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            best.keep(_Model("two"), adapter, Best(2, 0.4))
    best.recover(adapter)
    assert (adapter / "weights").read_text() == "one"
