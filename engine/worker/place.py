"""Which process of a run this is, as a launcher tells it by the environment. Imports no torch."""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

from engine.errors import RunError

LAUNCHED = ("ACCELERATE_", "FSDP_", "TORCHELASTIC_", "PMI_", "OMPI_", "MV2_")
"""Beginnings of what launchers leave in the environment for libraries, not for us."""
PLACE = frozenset(
    {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"}
)
SHARDING = {
    "ACCELERATE_USE_FSDP": "FSDP",
    "ACCELERATE_USE_DEEPSPEED": "DeepSpeed",
    "ACCELERATE_USE_MEGATRON_LM": "Megatron-LM",
    "ACCELERATE_USE_TP": "Tensor parallelism",
}


class Place(msgspec.Struct, frozen=True):
    """One of several processes that train side by side; a process alone is 0 of 1."""

    number: int = 0
    """From 0 on, over all machines. Process 0 writes the run folder."""
    count: int = 1
    local: int = 0
    """From 0 on, on this machine."""

    @property
    def is_first(self) -> bool:
        """Whether this is the process that writes."""
        return self.number == 0


def find_place(environment: Mapping[str, str] = os.environ) -> Place:
    """Our place among the processes that a launcher has started; alone where none did.

    Raises RunError when the launcher wants the model cut into pieces.
    """
    for name, what in SHARDING.items():
        if environment.get(name, "").lower() in ("1", "true", "yes"):
            raise RunError(
                f"{what} cuts a model into pieces; strop needs it whole in each process.",
                "Start without it. Does the model not fit on a card: quantization=nf4.",
            )
    if "MASTER_ADDR" in environment and "RANK" not in environment:
        raise RunError(
            "The launcher names a meeting place but no rank: it started one process, not several.",
            "On CPUs, too, `accelerate launch --multi_gpu` starts them; or use torchrun.",
        )
    return Place(
        number=int(environment.get("RANK", 0)),
        count=int(environment.get("WORLD_SIZE", 1)),
        local=int(environment.get("LOCAL_RANK", 0)),
    )


def use_one_card(place: Place) -> None:
    """One process, one card: the Trainer would else spread each batch over all that it sees."""
    if os.environ.get("ACCELERATE_USE_CPU", "").lower() in ("1", "true", "yes"):
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
        return
    seen = os.environ.get("CUDA_VISIBLE_DEVICES")
    cards = [str(place.local)] if seen is None else seen.split(",")
    os.environ["CUDA_VISIBLE_DEVICES"] = cards[place.local % len(cards)]


def forget_launcher() -> None:
    """Each process loads and loops for itself: libraries are not to make a group of their own."""
    for name in list(os.environ):
        if name in PLACE or name.startswith(LAUNCHED):
            del os.environ[name]
