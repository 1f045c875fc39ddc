"""What torch finds on this machine, as a JSON object: `strop doctor` asks in a process apart."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec

import msgspec

from engine.runs.device import Card, Device


def look() -> Device:
    """Ask torch for its cards, and bitsandbytes whether it can be used."""
    import torch

    return Device(
        cuda=torch.version.cuda or "",
        cards=tuple(_card(n) for n in range(torch.cuda.device_count())),
        four_bit=_why_no_four_bit(),
    )


def _card(number: int) -> Card:
    import torch

    found = torch.cuda.get_device_properties(number)
    with torch.cuda.device(number):
        return Card(found.name, int(found.total_memory), torch.cuda.is_bf16_supported())


def _why_no_four_bit() -> str:
    """Why bitsandbytes cannot be used; empty when it can."""
    if find_spec("bitsandbytes") is None:
        return "not installed"
    try:
        import_module("bitsandbytes")
    except Exception as error:
        # Its import looks for CUDA libraries, and fails in as many ways as there are of those.
        return f"does not load: {error}"
    return ""


if __name__ == "__main__":
    sys.stdout.write(msgspec.json.encode(look()).decode())
