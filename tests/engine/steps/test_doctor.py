"""What the doctor says of a machine, and which processes it can carry."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import InputError, RunError
from engine.recipe import Recipe
from engine.runs import device
from engine.runs.device import Card, Device
from engine.steps import doctor, machine
from engine.steps.doctor import Finding
from engine.workspace import Workspace

Examine = Callable[[Device], dict[str, Finding]]
BARE = Device(cuda="", cards=(), four_bit="not installed")
BOX = Device(cuda="12.8", cards=(Card("H200", 150_000_000_000, True),) * 2, four_bit="")


@pytest.fixture
def examine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Examine:
    """The findings by name, for what torch is said to have found."""
    monkeypatch.setattr("importlib.metadata.version", lambda name: f"{name} 1.0")
    monkeypatch.delenv("STROP_MODELS", raising=False)

    def look(found: Device) -> dict[str, Finding]:
        monkeypatch.setattr(device, "ask", lambda: found)
        (tmp_path / "home").mkdir(exist_ok=True)
        return {f.name: f for f in doctor.examine(Workspace(tmp_path / "home"))}

    return look


def test_a_machine_without_a_card_lacks_nothing_that_is_needed(examine: Examine) -> None:
    found = examine(BARE)
    levels = {name: found[name].level for name in ("cuda", "bf16", "bitsandbytes", "processes")}
    assert levels == {"cuda": "none", "bf16": "none", "bitsandbytes": "none", "processes": "ok"}
    assert found["model"].level == "warn"
    assert found["model"].hint == "`strop model fetch smollm2-135m-instruct` gets it."


def test_cards_are_named_with_their_memory_and_what_they_can_do(examine: Examine) -> None:
    found = examine(BOX)
    assert found["cuda"].text == "CUDA 12.8: H200 150 GB, H200 150 GB"
    assert found["bf16"].text == "yes"
    assert found["bitsandbytes"].level == "ok"


def test_a_torch_without_cuda_beside_a_card_is_a_warning(
    examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "visible_cards", lambda: 1)
    assert examine(BARE)["cuda"].level == "warn"


def test_a_broken_bitsandbytes_is_told_with_its_reason(examine: Examine) -> None:
    found = examine(Device("12.8", BOX.cards, "does not load: no libcusparse"))
    assert found["bitsandbytes"].text == "does not load: no libcusparse"
    assert "pip install 'strop[gpu]'" in found["bitsandbytes"].hint


def test_a_torch_that_cannot_be_used_does_not_keep_the_rest_from_being_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Device:
        raise RunError("torch cannot be used: no libgomp", "Install strop again.")

    monkeypatch.setattr(device, "ask", broken)
    first, *others = doctor.examine(Workspace(tmp_path))
    assert (first.name, first.level, first.text) == (
        "torch",
        "warn",
        "torch cannot be used: no libgomp",
    )
    assert [f.name for f in others] == ["vllm", "processes", "log-out", "disk", "model"]


@pytest.mark.parametrize(
    ("seen", "count"),
    [(None, 3), ("", 0), ("0", 1), ("0,2", 2), ("1,-1,2", 1), ("GPU-8f3,MIG-77a", 2)],
)
def test_cards_are_counted_as_cuda_counts_them(
    tmp_path: Path, seen: str | None, count: int
) -> None:
    for name in ("nvidia0", "nvidia1", "nvidia2", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    environment = {} if seen is None else {"CUDA_VISIBLE_DEVICES": seen}
    assert machine.visible_cards(environment, tmp_path) == count


def test_as_many_processes_as_rows_a_step_and_cards_are_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = Recipe(batch_size=4)
    monkeypatch.setattr(machine, "visible_cards", lambda: 2)
    machine.check_processes(2, recipe)
    machine.check_processes(4, recipe, here=False)
    for processes, words in ((0, "cannot train"), (5, "4 rows a step"), (3, "2 visible cards")):
        with pytest.raises(InputError, match=words):
            machine.check_processes(processes, recipe)
    assert machine.idle_cards(1).startswith("2 cards are visible, this run uses 1")
    assert machine.idle_cards(2) == ""


def test_vllm_is_found_where_its_python_is_named(
    examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STROP_VLLM", raising=False)
    assert examine(BARE)["vllm"].level == "none"
    assert "STROP_VLLM=ENV/bin/python" in examine(BARE)["vllm"].hint
    monkeypatch.setenv("STROP_VLLM", sys.executable)
    assert examine(BARE)["vllm"].level == "warn"
    assert examine(BARE)["vllm"].text == f"STROP_VLLM is {sys.executable}: none there"
