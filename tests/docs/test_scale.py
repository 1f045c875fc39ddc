"""docs/scale.md: its commands name what is there, and launchers still know their options."""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys

import pytest

from engine.runs.launch import TORCHRUN
from engine.worker.place import SHARDING
from tests.docs.reading import ROOT, blocks
from tui.cli import build_parser

PAGE = ROOT / "docs" / "scale.md"
COMMANDS = [
    shlex.split(line)
    for block in blocks(PAGE)
    for line in block.text.replace("\\\n", " ").splitlines()
    if re.match(r"(srun )?(torchrun|accelerate|strop) ", line)
]


def _options(command: list[str]) -> set[str]:
    """Those before the module: the rest is the worker's."""
    own = command[: command.index("-m")]
    return {word for word in own if word.startswith("--")}


@pytest.mark.parametrize("command", [c for c in COMMANDS if c[0] == "strop"], ids=" ".join)
def test_a_strop_command_is_understood(command: list[str]) -> None:
    parsed = build_parser().parse_args(command[1:])
    assert isinstance(parsed, argparse.Namespace)


@pytest.mark.parametrize(
    ("launcher", "module"),
    [("torchrun", "torch.distributed.run"), ("accelerate", "accelerate.commands.launch")],
)
def test_a_launcher_still_knows_the_options_it_is_given(launcher: str, module: str) -> None:
    used = [c for c in COMMANDS if launcher in c[:2]]
    assert used
    told = subprocess.run(
        [sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=True
    ).stdout
    wanted = set().union(*(_options(c) for c in used))
    if launcher == "torchrun":
        wanted |= {word for word in TORCHRUN if word.startswith("--")}
    assert {option for option in wanted if option not in told} == set()


def test_what_cuts_a_model_is_said_not_to_be_supported() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(what.split()[0].lower() in text.lower() for what in SHARDING.values())
