"""A real pseudo-terminal with a program on it, for tests of what is written and shown."""

from __future__ import annotations

import os
import re
import sys
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pexpect
import pyte

ESCAPES = re.compile(
    rb"\x1b(?:\[[0-9;?>=<]*[\x20-\x2f]*[@-~]|[()][AB0]|[=>78c])"  # what a terminal program sends
)
FORBIDDEN = tuple(
    word.encode() for word in ("\x9b", "\u202e", "\u200b", "\x07", "\x1b]", "\x1b[2J\x1b[31m")
)
REDRAW = "\x0c"
ESC = "\x1b"


class Terminal:
    """A pseudo-terminal with a Python module on it, and a screen that shows what it wrote."""

    def __init__(
        self, words: Sequence[str | Path], environ: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.screen = pyte.Screen(80, 24)
        self.stream = pyte.ByteStream(self.screen)
        self.written = b""
        self.child: Any = pexpect.spawn(
            sys.executable,
            ["-m", *map(str, words)],
            dimensions=(24, 80),
            env={**kept, "TERM": "xterm-256color", "LANG": "C.UTF-8", **environ},
            timeout=30,
        )
        self.modes = termios.tcgetattr(self.child.child_fd)

    def read_until(self, words: str) -> None:
        """Read what the app writes until the words are on the screen."""
        while words not in "\n".join(self.screen.display):
            self._take(self.child.read_nonblocking(65536, timeout=30))

    def read_until_quiet(self, seconds: float = 0.6) -> int:
        """Read until nothing has come for a while; answers the number of bytes."""
        before = len(self.written)
        while True:
            try:
                self._take(self.child.read_nonblocking(65536, timeout=seconds))
            except pexpect.TIMEOUT:
                return len(self.written) - before

    def read_to_the_end(self) -> int:
        """Read until the app has ended; answers its exit status."""
        while True:
            try:
                self._take(self.child.read_nonblocking(65536, timeout=30))
            except pexpect.EOF:
                break
        self.child.wait()
        return int(self.child.exitstatus if self.child.exitstatus is not None else -1)

    def _take(self, data: bytes) -> None:
        self.written += data
        self.stream.feed(data)
