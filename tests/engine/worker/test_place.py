"""A process finds its place as launchers tell it, its card, and refuses what strop cannot do."""

from __future__ import annotations

import os

import pytest

from engine.errors import RunError
from engine.worker.place import Place, find_place, forget_launcher, use_one_card

TORCHRUN = {"RANK": "5", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "MASTER_ADDR": "node0"}


def test_alone_it_is_the_first_of_one() -> None:
    assert find_place({}) == Place(0, 1, 0)
    assert find_place({}).is_first


def test_torchrun_tells_the_place_over_all_machines_and_on_this_one() -> None:
    assert find_place(TORCHRUN) == Place(number=5, count=8, local=1)
    assert not find_place(TORCHRUN).is_first


@pytest.mark.parametrize(
    ("name", "what"), [("ACCELERATE_USE_FSDP", "FSDP"), ("ACCELERATE_USE_DEEPSPEED", "DeepSpeed")]
)
def test_a_launcher_that_cuts_the_model_is_refused(name: str, what: str) -> None:
    with pytest.raises(RunError, match=f"{what} cuts a model into pieces"):
        find_place({**TORCHRUN, name: "true"})
    assert find_place({**TORCHRUN, name: "false"}).number == 5


def test_a_launcher_that_started_one_process_for_several_is_found_out() -> None:
    with pytest.raises(RunError, match="started one process, not several") as refused:
        find_place({"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"})
    assert "--multi_gpu" in refused.value.hint


@pytest.mark.parametrize(
    ("seen", "local", "own"),
    [(None, 0, "0"), (None, 3, "3"), ("4,6", 1, "6"), ("4,6", 0, "4"), ("", 1, "")],
)
def test_each_process_sees_one_card_of_those_it_is_shown(
    monkeypatch: pytest.MonkeyPatch, seen: str | None, local: int, own: str
) -> None:
    monkeypatch.delenv("ACCELERATE_USE_CPU", raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", seen or "")
    if seen is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    use_one_card(Place(local, 8, local))
    assert os.environ["CUDA_VISIBLE_DEVICES"] == own
    monkeypatch.setenv("ACCELERATE_USE_CPU", "true")
    use_one_card(Place(local, 8, local))
    assert os.environ["CUDA_VISIBLE_DEVICES"] == ""


def test_libraries_are_not_told_of_a_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*TORCHRUN, "ACCELERATE_MIXED_PRECISION", "TORCHELASTIC_RUN_ID"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("RANKED", "stays")
    forget_launcher()
    assert os.environ["RANKED"] == "stays"
    assert not {*TORCHRUN, "ACCELERATE_MIXED_PRECISION", "TORCHELASTIC_RUN_ID"} & set(os.environ)
