"""A base model in 4 bits (QLoRA), where a CUDA card and bitsandbytes are there."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import torch

from engine.errors import ModelError
from engine.recipe import Recipe


def check_possible(recipe: Recipe) -> None:
    """Raise ModelError when the recipe wants a base that this machine cannot hold."""
    if recipe.quantization == "none":
        return
    wanted = f"quantization={recipe.quantization}"
    if not torch.cuda.is_available():
        raise ModelError(f"{wanted} needs a CUDA card, and none is visible.", "Set it to none.")
    if find_spec("bitsandbytes") is None:
        raise ModelError(f"{wanted} needs bitsandbytes.", "pip install 'strop[gpu]'")


def how_to_load(recipe: Recipe, dtype: torch.dtype) -> dict[str, Any]:
    """What from_pretrained is told beside the rest: weights in NF4, products in `dtype`."""
    if recipe.quantization == "none":
        return {}
    from transformers import BitsAndBytesConfig

    config = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )
    # Weights are quantized on the card, one after the other: the whole model is never on it.
    return {"quantization_config": config, "device_map": {"": 0}}
