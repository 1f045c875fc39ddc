"""Which errors mean that memory or the disk is short, as libraries really raise them."""

from __future__ import annotations

import errno
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from engine.worker.shortage import (
    gpu_load,
    is_full_disk,
    is_out_of_memory,
    memory_used,
    one_kind_of_out_of_memory,
)

WEIGHTS = {"w": torch.zeros(1 << 18)}
MORE_THAN_THERE_IS = 1 << 46


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may be larger than 64 KiB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("small_files")
@pytest.mark.parametrize(
    "write",
    [
        lambda path: save_file(WEIGHTS, path),
        lambda path: torch.save(WEIGHTS, path),
        lambda path: path.write_bytes(bytes(1 << 18)),
    ],
    ids=["safetensors", "torch", "python"],
)
def test_a_file_that_may_not_grow_is_a_full_disk(
    write: Callable[[Path], None], tmp_path: Path
) -> None:
    with pytest.raises(Exception, match=r".") as raised:
        write(tmp_path / "file")
    assert is_full_disk(raised.value), raised.value
    assert not is_out_of_memory(raised.value)


@pytest.mark.parametrize(
    "take",
    [lambda: torch.empty(MORE_THAN_THERE_IS), lambda: bytearray(MORE_THAN_THERE_IS)],
    ids=["torch", "python"],
)
def test_memory_that_is_refused_is_one_kind_of_error(take: Callable[[], object]) -> None:
    with pytest.raises(torch.OutOfMemoryError) as raised, one_kind_of_out_of_memory():
        take()
    assert is_out_of_memory(raised.value)
    assert not is_full_disk(raised.value)


@pytest.mark.parametrize("error", [ValueError("no"), OSError(errno.EACCES, "no"), RuntimeError()])
def test_any_other_error_is_neither_and_stays_itself(error: Exception) -> None:
    assert not is_full_disk(error)
    assert not is_out_of_memory(error)
    with pytest.raises(type(error)) as raised, one_kind_of_out_of_memory():
        raise error
    assert raised.value is error


def test_figures_are_those_of_the_machine() -> None:
    assert memory_used() > 1 << 20
    load = gpu_load()
    assert load is None if not torch.cuda.is_available() else load is None or 0 <= load <= 100
