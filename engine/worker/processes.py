"""Several processes that train as one: what all agree on, and sums between them.

Each holds the whole base model and works on its share of every step; only sums of the adapter's
gradients and small decisions travel, by gloo, which needs no card and sees at once who is gone.
Every process has to make the same calls in the same order. A process alone pays nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed

from engine.errors import RunError
from engine.worker.control import Control, Interrupted
from engine.worker.place import Place, forget_launcher

T = TypeVar("T")
TURN = timedelta(days=30)
"""How long the others wait for the first, which stands in line for the device."""
SILENCE = timedelta(hours=1)
"""How long a process may keep the others waiting. One that is killed is missed at once; this is
for a machine that is cut off from the network."""
_STORE: list[Any] = []
"""Where the processes found each other; a last word can be left there."""


def meet(place: Place, *, goes_on: bool = True) -> bool:
    """Join the other processes; False when the first calls it off, which it does by `goes_on`."""
    if place.count == 1:
        forget_launcher()
        return goes_on
    store, _, _ = next(distributed.rendezvous("env://", timeout=TURN))
    forget_launcher()
    if place.is_first:
        store.set("turn", "ours" if goes_on else "over")
    elif store.get("turn") != b"ours":
        return False
    if goes_on:
        distributed.init_process_group(
            "gloo", store=store, rank=place.number, world_size=place.count, timeout=SILENCE
        )
        _STORE[:] = [store]
        # The Trainer wonders at a group that it does not use itself.
        logging.getLogger("transformers.training_args").setLevel(logging.ERROR)
    return goes_on


def count() -> int:
    """How many processes work on this run."""
    return int(distributed.get_world_size()) if distributed.is_initialized() else 1


def number() -> int:
    """Which of them this is, from 0 on."""
    return int(distributed.get_rank()) if distributed.is_initialized() else 0


def is_first() -> bool:
    """Whether this is the one that writes the run folder."""
    return number() == 0


def share(rows: Sequence[T]) -> list[T]:
    """This process's part of what all work on; of rows sorted by length each gets a like load."""
    return list(rows[number() :: count()])


def first(make: Callable[[], T]) -> T:
    """What the first process makes, for all; the others wait until it is made."""
    if count() == 1:
        return make()
    return gather(lambda: make() if is_first() else None)[0]  # type: ignore[return-value]


def gather(make: Callable[[], T]) -> list[T]:
    """What each process makes, by number, for all.

    When one is asked to leave or runs out of memory, all of them raise what it raised.
    """
    if count() == 1:
        return [make()]
    mine: T | None = None
    left: tuple[str, str] | None = None
    is_short = False
    try:
        mine = make()
    except Interrupted as interrupted:
        left = (interrupted.phase, interrupted.message)
    except torch.OutOfMemoryError:
        is_short = True
    found: list[Any] = [None] * count()
    _talk(lambda: distributed.all_gather_object(found, (mine, left, is_short)))
    if any(short for _, _, short in found):
        raise torch.OutOfMemoryError("A process of this run is out of memory.")
    leaving = next((asked for _, asked, _ in found if asked), None)
    if leaving:
        raise Interrupted(*leaving)
    return [made for made, _, _ in found]


def look_together(control: Control) -> None:
    """Raise Interrupted in all processes when one of them is asked to leave."""
    gather(control.look)


def add_gradients(parameters: Iterable[Any]) -> None:
    """Put the sum over all processes into each parameter's gradient; no gradient counts as 0."""
    if count() == 1:
        return
    trained = list(parameters)
    pieces = [p.grad if p.grad is not None else torch.zeros_like(p) for p in trained]
    flat = torch.cat([piece.detach().reshape(-1).float().cpu() for piece in pieces])
    _talk(lambda: distributed.all_reduce(flat))
    summed = flat.split([p.numel() for p in trained])
    for parameter, whole in zip(trained, summed, strict=True):
        parameter.grad = whole.view_as(parameter).to(parameter)


def check_alike(tensors: Iterable[Tensor]) -> None:
    """Assert that all processes hold the same weights; raises RunError."""
    if count() == 1:
        return
    mine = [float(t.detach().double().abs().sum()) for t in tensors]
    if any(other != mine for other in gather(lambda: mine)):
        raise RunError(
            "The processes of this run no longer hold the same adapter.",
            "Are their cards and versions the same? `strop resume` starts from a checkpoint.",
        )


def leave_word(sentence: str) -> None:
    """Tell the others why this process ends before its time."""
    for store in _STORE:
        with suppress(RuntimeError):
            store.set("word", f"Process {number()} of {count()}: {sentence}")


def _talk(exchange: Callable[[], Any]) -> None:
    """Exchange something with the others; raises RunError when one of them is gone."""
    try:
        exchange()
    except RuntimeError as error:
        raise RunError(_why_lost(), "`strop resume` goes on from the newest checkpoint.") from error


def _why_lost() -> str:
    for store in _STORE:
        with suppress(RuntimeError):
            if store.check(["word"]):
                return str(store.get("word").decode())
    return f"One of the {count()} processes of this run was lost."
