"""The training settings: one frozen struct, presets, and the reason for every derived number."""

from __future__ import annotations

from typing import Literal

import msgspec

Method = Literal["lora", "rslora", "dora"]
Preset = Literal["quick", "standard", "thorough"]


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that decides what a training run does, apart from its data."""

    preset: Preset = "standard"
    model: str = "smollm2-135m-instruct"
    """Name of a fetched model, a local folder, or a hub id."""
    method: Method = "lora"
    rank: int = 16
    alpha: int = 32
    dropout: float = 0.0
    targets: str = "all-linear"
    """`all-linear` or module names joined by commas."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """auto: bf16 on CUDA cards that have it, fp32 elsewhere."""
    learning_rate: float = 1e-3
    schedule: Literal["linear", "cosine", "constant"] = "cosine"
    warmup_share: float = 0.05
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    epochs: float = 4.0
    batch_size: int = 8
    """Rows per optimizer step."""
    micro_batch: int = 8
    """Rows per forward pass; batch_size is a multiple of it."""
    max_length: int = 1024
    """Tokens per row, prompt and answer together."""
    evaluate_every: int = 10
    """Steps between looks at the validation rows, checkpoints and pinned prompts."""
    patience: int = 4
    """Looks without improvement before the run stops early; 0 never stops early."""
    guard_share: float = 0.0
    """General rows mixed in against forgetting, as a share of the domain rows."""
    seed: int = 7
