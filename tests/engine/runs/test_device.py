"""What a worker would find: torch asked in a process apart, and what logind does at log-out."""

from __future__ import annotations

import getpass
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import RunError
from engine.runs import device


def test_torch_is_asked_in_a_process_of_its_own() -> None:
    code = "import sys; from engine.runs import device; print(device.ask(), 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Device(cuda=")
    assert done.stdout.rstrip().endswith("False")


def test_a_torch_that_cannot_be_imported_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('libcudart.so.12: cannot open')\n")
    monkeypatch.setattr(
        device, "worker_environment", lambda: {"PYTHONPATH": f"{tmp_path}:{Path.cwd()}"}
    )
    with pytest.raises(RunError, match=r"torch cannot be used: ImportError: libcudart\.so\.12"):
        device.ask()


@pytest.mark.parametrize(
    ("said", "lingers", "killed"),
    [
        ("[Login]\nKillUserProcesses=yes\n", False, True),
        ("[Login]\nKillUserProcesses=yes\n", True, False),
        ("[Login]\nKillUserProcesses=no\n", False, False),
        ("[Login]\n#KillUserProcesses=yes\n", False, False),
        ("KillUserProcesses=yes\n", False, False),
        ("[Login]\nKillUserProcesses=perhaps\n", False, False),
    ],
)
def test_a_run_is_killed_at_logout_where_logind_says_so_and_the_user_does_not_linger(
    tmp_path: Path, said: str, lingers: bool, killed: bool
) -> None:
    config = tmp_path / "logind.conf"
    config.write_text(said)
    if lingers:
        (tmp_path / getpass.getuser()).touch()
    assert device.is_killed_at_logout(config, tmp_path) is killed


def test_without_logind_nothing_is_killed(tmp_path: Path) -> None:
    assert not device.is_killed_at_logout(tmp_path / "logind.conf", tmp_path)
