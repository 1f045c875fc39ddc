"""Seconds from the start of the process to the first painted frame, on a real pty at 80x24.

Ours is `strop` on an existing store; the peer is an empty Textual app with one label. They take
turns, and the medians are compared. The goal: at most twice the peer's time (ratio 0.5).
"""

from __future__ import annotations

import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import time
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

from benchmarks.figures import report

ROUNDS = 9
LIMIT_S = 30.0
PEER = """
from textual.app import App
from textual.widgets import Label
class Empty(App):
    def compose(self):
        yield Label("painted")
Empty().run(mouse=False)
"""


def time_to_paint(command: list[str], word: bytes, home: str) -> float:
    """Seconds until `word` comes out of a program that runs on a pty of its own."""
    started = time.perf_counter()
    pid, master = pty.fork()
    if pid == 0:
        environment = {**os.environ, "TERM": "xterm-256color", "STROP_HOME": home}
        os.execve(command[0], command, environment)
    ioctl(master, TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen = b""
    while word not in seen:
        ready, _, _ = select.select([master], [], [], LIMIT_S)
        if not ready:
            raise TimeoutError(f"{command} painted no {word!r} within {LIMIT_S} s")
        seen += os.read(master, 65536)
    taken = time.perf_counter() - started
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(master)
    return taken


def main() -> None:
    """Take turns, print the figures."""
    root = str(Path(__file__).resolve().parents[1])
    os.environ["PYTHONPATH"] = root
    ours_command = [sys.executable, "-m", "tui.cli"]
    peer_command = [sys.executable, "-c", PEER]
    with tempfile.TemporaryDirectory() as home:
        ours, peer = [], []
        for _ in range(ROUNDS + 1):
            ours.append(time_to_paint(ours_command, b"strop", home))
            peer.append(time_to_paint(peer_command, b"painted", home))
    # The first round fills the disk's caches and is not counted.
    report("first_frame", statistics.median(ours[1:]), statistics.median(peer[1:]), 0.5, "s")


if __name__ == "__main__":
    main()
