"""What the app imports before its first frame, asked of a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("torch", "transformers", "datasets", "peft", "sqlite_utils", "numpy", "pandas", "scipy")
PROGRAM = """
import asyncio, sys
from tui.terminal import prepare
assert "textual" not in sys.modules, "textual reads its settings when it is imported"
facts = prepare(environ={"TERM": "xterm"}, is_terminal=True)
from tui.app import StropApp
async def paint():
    app = StropApp(lambda: None, facts=facts)
    async with app.run_test(size=(80, 24)):
        print("painted" if "strop" in app.screen._compositor.render_strips()[0].text else "blank")
asyncio.run(paint())
print(*sorted(name for name in %r if name in sys.modules))
"""


def test_the_first_frame_needs_none_of_the_heavy_libraries() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM % (HEAVY,)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["painted", ""]


def test_textual_is_told_how_to_behave_before_it_is_imported() -> None:
    program = """
from tui.terminal import prepare
prepare(is_terminal=True)
from textual import constants
print(constants.TEXTUAL_ANIMATIONS, constants.MAX_FPS, constants.SMOOTH_SCROLL,
      constants.DISABLE_KITTY_KEY, constants.COLOR_SYSTEM)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"TERM": "xterm-256color", "SSH_TTY": "/dev/pts/1", "LANG": "C.UTF-8"},
    )
    assert done.stdout.split() == ["none", "15", "False", "True", "256"]
