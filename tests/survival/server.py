"""A real sshd on loopback, with keys, a port and a configuration of its own, and logins to it."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pexpect
import psutil
import pytest

from tests.survival.lives import wait_until

SSHD = "/usr/sbin/sshd"
PRIVILEGES = Path("/run/sshd")
"""sshd that root starts wants it; the system makes it at boot."""
CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/login.pub
PidFile none
PasswordAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
LogLevel ERROR
"""


@dataclass(frozen=True)
class Server:
    """Where it listens, and how to get in."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    def login(self, words: Sequence[str]) -> list[str]:
        """The client's words for a login in which a command runs."""
        options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR")
        where = ["-F", "none", "-p", str(self.port), "-i", str(self.folder / "login")]
        for option in (*options, "BatchMode=yes", "IdentitiesOnly=yes"):
            where += ["-o", option]
        return ["ssh", *where, f"{getpass.getuser()}@127.0.0.1", shlex.join(words)]

    def open_terminal(self, words: Sequence[str]) -> Any:
        """A terminal on the server in which a command runs, as a person would have it."""
        client, *rest = self.login(words)
        return pexpect.spawn(client, ["-tt", *rest], dimensions=(24, 80), timeout=120)

    def sessions(self) -> list[psutil.Process]:
        """The server's processes for those who are logged in, but not what they run."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        return [process for process in below if process.name().startswith("sshd")]

    def running(self, word: str) -> psutil.Process:
        """The command with a word in it that somebody runs who is logged in."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        return next(p for p in below if word in p.cmdline() and p.name().startswith("python"))


@contextmanager
def listening(folder: Path) -> Iterator[Server]:
    """A server for the length of the block; skips the test where there can be none."""
    if not (Path(SSHD).exists() and shutil.which("ssh") and shutil.which("ssh-keygen")):
        pytest.skip("There is no OpenSSH here.")
    folder.mkdir()
    for name in ("host", "login"):
        making = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(making, check=True)
    if os.getuid() == 0:
        PRIVILEGES.mkdir(exist_ok=True)
    port = _free_port()
    config = folder / "config"
    config.write_text(CONFIG.format(port=port, folder=folder))
    with subprocess.Popen([SSHD, "-D", "-f", str(config), "-E", str(folder / "log")]) as process:
        server = Server(folder, port, process)
        try:
            wait_until(lambda: _answers(port) or process.poll() is not None, "sshd")
            tried = subprocess.run(server.login(["true"]), check=False, capture_output=True)
            if tried.returncode != 0:
                pytest.skip(f"sshd lets nobody in here: {tried.stderr.decode().strip()}")
            yield server
        finally:
            process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
