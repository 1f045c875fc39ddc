"""What a worker would find on this machine; torch is asked in a process apart, never here."""

from __future__ import annotations

import configparser
import getpass
import subprocess
import sys
from pathlib import Path

import msgspec

from engine.errors import RunError
from engine.runs.launch import worker_environment

LIMIT_S = 120
LINGER = "`loginctl enable-linger`, or start strop under `systemd-run --user --scope`."


class Card(msgspec.Struct, frozen=True):
    """One CUDA card."""

    name: str
    memory: int
    """Bytes."""
    bf16: bool


class Device(msgspec.Struct, frozen=True):
    """What torch and its relatives find."""

    cuda: str
    """Version that torch was built for; empty without."""
    cards: tuple[Card, ...]
    four_bit: str
    """Why bitsandbytes cannot be used; empty when it can."""


def ask() -> Device:
    """Start Python, import torch and look; takes seconds. Raises RunError with what went wrong."""
    command = [sys.executable, "-m", "engine.worker.device"]
    try:
        done = subprocess.run(
            command, capture_output=True, check=True, timeout=LIMIT_S, env=worker_environment()
        )
        return msgspec.json.decode(done.stdout, type=Device)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().splitlines() or ["no output"]
        raise RunError(f"torch cannot be used: {said[-1]}", "Install strop again.") from error
    except (subprocess.TimeoutExpired, msgspec.DecodeError) as error:
        raise RunError(f"torch does not answer: {error}", "Try again.") from error


def is_killed_at_logout(
    config: Path = Path("/etc/systemd/logind.conf"),
    lingering: Path = Path("/var/lib/systemd/linger"),
) -> bool:
    """Whether logind kills what a user leaves running, and this user is not said to linger."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        parser.read(config)
        kills = parser.getboolean("Login", "KillUserProcesses", fallback=False)
    except (configparser.Error, ValueError):
        return False
    return kills and not (lingering / getpass.getuser()).exists()
