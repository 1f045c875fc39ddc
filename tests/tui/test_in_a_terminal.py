"""The app on a real pseudo-terminal: what it writes, how it ends, how little it sends."""

from __future__ import annotations

import os
import re
import signal
import termios
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.terminal import ESC, ESCAPES, FORBIDDEN, REDRAW, Terminal


def sample_app(home: Path, environ: Mapping[str, str] = MappingProxyType({})) -> Terminal:
    return Terminal(["tests.tui.sample_app", home], environ)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    opened = sample_app(tmp_path)
    yield opened
    opened.child.close(force=True)


def test_no_control_byte_of_the_data_reaches_the_terminal(terminal: Terminal) -> None:
    terminal.read_until("Session 19")
    for keys, words in (("s", "[/x]"), ("f", "Use another."), ("\x1b", "? help")):
        terminal.child.send(keys)
        terminal.read_until(words)
        terminal.read_until_quiet()
    terminal.child.send("\r")
    terminal.read_until("session-0")
    terminal.child.send("q")
    assert terminal.read_to_the_end() == 0
    for word in FORBIDDEN:
        assert word not in terminal.written
    assert b"\x1b" not in ESCAPES.sub(b"", terminal.written)
    assert "run 3 continues, 42 % [/x] [@click=app.quit]x[/]" in terminal.written.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_app_with_the_terminal_restored(
    terminal: Terminal, number: signal.Signals
) -> None:
    terminal.read_until("Session 19")
    os.kill(terminal.child.pid, number)
    assert terminal.read_to_the_end() == 128 + number
    assert terminal.written.rfind(b"\x1b[?1049l") > terminal.written.rfind(b"\x1b[?1049h")
    assert terminal.written.rfind(b"\x1b[?25h") > terminal.written.rfind(b"\x1b[?25l")
    assert b"Traceback" not in terminal.written


def test_the_modes_of_the_terminal_are_as_before(terminal: Terminal) -> None:
    terminal.read_until("Session 19")
    assert termios.tcgetattr(terminal.child.child_fd)[3] != terminal.modes[3]
    os.kill(terminal.child.pid, signal.SIGTERM)
    terminal.read_to_the_end()
    assert termios.tcgetattr(terminal.child.child_fd)[:4] == terminal.modes[:4]


def test_a_lost_terminal_ends_the_app(terminal: Terminal) -> None:
    terminal.read_until("Session 19")
    terminal.child.close(force=False)
    assert not terminal.child.isalive()


def test_nothing_is_sent_while_nothing_happens(terminal: Terminal) -> None:
    terminal.read_until("Session 19")
    terminal.read_until_quiet()
    assert terminal.read_until_quiet(seconds=3) == 0


def test_moving_the_cursor_costs_two_lines(terminal: Terminal) -> None:
    terminal.read_until("Session 19")
    terminal.read_until_quiet()
    terminal.child.send("j")
    assert 0 < terminal.read_until_quiet() < 1000


def test_a_question_in_the_footer_costs_little_more_than_its_line(terminal: Terminal) -> None:
    terminal.read_until("Session 19")
    terminal.read_until_quiet()
    terminal.child.send("x")
    terminal.read_until("wrong fact")
    assert terminal.read_until_quiet() < 1000


def test_what_is_shown_is_what_a_whole_frame_would_show(terminal: Terminal) -> None:
    terminal.read_until("Session 19")
    terminal.read_until_quiet()
    for key in ("j", "?", ESC, "x", "1", "\r", "j", "?", "j", ESC, "G", ESC, ":", "a"):
        terminal.child.send(key)
        terminal.read_until_quiet(0.4)
        shown = list(terminal.screen.display)
        terminal.screen.reset()
        terminal.child.send(REDRAW)
        terminal.read_until_quiet(0.4)
        assert terminal.screen.display == shown, key


def test_a_dialog_costs_little_more_than_its_box(terminal: Terminal) -> None:
    terminal.read_until("Session 19")
    terminal.read_until_quiet()
    terminal.child.send("D")
    assert 0 < terminal.read_until_quiet() < 4000
    terminal.child.send("n")
    assert 0 < terminal.read_until_quiet() < 4000


def test_the_mouse_is_left_alone(terminal: Terminal) -> None:
    terminal.read_until("Session 19")
    for mode in (b"?1000h", b"?1003h", b"?1006h"):
        assert mode not in terminal.written


@pytest.mark.parametrize(
    ("environ", "allowed"),
    [
        ({"NO_COLOR": "1"}, {"39", "49"}),
        ({"TERM": "xterm-16color"}, {str(n) for n in (*range(30, 50), *range(90, 108))}),
    ],
)
def test_no_more_colours_are_sent_than_there_are(
    tmp_path: Path, environ: dict[str, str], allowed: set[str]
) -> None:
    terminal = sample_app(tmp_path, environ)
    terminal.read_until("Session 19")
    terminal.child.send("\r")
    terminal.read_until("session-0")
    terminal.child.close(force=True)
    styles = {"0", "1", "2", "4", "7", ""}
    for sequence in re.findall(rb"\x1b\[([0-9;]*)m", terminal.written):
        assert set(sequence.decode().split(";")) <= allowed | styles
