"""The training settings: one frozen struct, presets, and the reason for every derived number."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from engine.errors import InputError

Method = Literal["lora", "rslora", "dora", "pissa"]
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
    quantization: Literal["none", "nf4"] = "none"
    """nf4: the base in 4 bits (QLoRA), on a CUDA card with bitsandbytes."""
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
    general_limit: float = 0.10
    """Nats that the loss on general texts may be above the base model's at a look that is to be the
    best; 0 lets it rise."""
    guard_share: float = 0.0
    """General rows mixed in against forgetting, as a share of the domain rows."""
    kl_share: float = 0.0
    """General rows a step on which the model is held to its base, as a share of batch_size."""
    kl_weight: float = 1.0
    """How much their divergence from the base counts beside the loss."""
    engine: Literal["transformers", "vllm"] = "transformers"
    """What generates the answers of all arms; vllm from an environment of its own."""
    seed: int = 7


class _Outline(msgspec.Struct, frozen=True):
    """What a preset fixes; the rest follows from the data."""

    passes: float
    rank: int
    least_steps: int


_OUTLINES: dict[Preset, _Outline] = {
    "quick": _Outline(passes=2.0, rank=16, least_steps=20),
    "standard": _Outline(passes=3.0, rank=16, least_steps=60),
    "thorough": _Outline(passes=5.0, rank=32, least_steps=120),
}
MOST_EPOCHS = 10.0
LOOKS = 8
KL_SHARE = 0.125
"""Of a batch, general rows that hold to the base: a row for every eight. On the sample (40 rows, 25
steps) general texts rose 0.06 nats without it and none with it, for 1.22 times the time of a step.
Half as many let general answers slip; a quarter of general rows mixed in cost 1.47 times."""


def derive(
    preset: Preset, *, rows: int, general_limit: float = 0.10
) -> tuple[Recipe, dict[str, str]]:
    """Settings for so many training rows, and the reason for each number that was derived.

    general_limit: nats that the session's criteria allow the loss on general texts to rise.
    """
    outline = _OUTLINES[preset]
    size = 8 if rows >= 32 else 4
    batches = max(rows / size, 1.0)
    epochs = min(max(outline.passes, round(outline.least_steps / batches, 1)), MOST_EPOCHS)
    steps = round(batches * epochs)
    recipe = Recipe(
        preset=preset,
        rank=outline.rank,
        alpha=2 * outline.rank,
        epochs=epochs,
        batch_size=size,
        micro_batch=size,
        evaluate_every=max(steps // LOOKS, 1),
        general_limit=general_limit,
        kl_share=KL_SHARE,
    )
    reasons = {
        "rank": f"{outline.rank} for {preset}: room for wording and facts, small enough to keep",
        "alpha": "twice the rank, the usual scale",
        "learning_rate": "1e-3: an adapter learns facts at it; training all weights would not",
        "epochs": _why_epochs(epochs, outline, rows),
        "batch_size": f"{size}: enough steps for {rows} rows, steady enough a gradient",
        "evaluate_every": f"every {recipe.evaluate_every} of about {steps} steps: {LOOKS} looks",
        **_why_guarded(recipe),
    }
    return recipe, reasons


def _why_guarded(recipe: Recipe) -> dict[str, str]:
    return {
        "guard_share": f"{recipe.guard_share:g}: a quarter of general rows mixed in takes 1.5 times"
        " the computation, holding to the base 1.2 times",
        "kl_share": f"{recipe.kl_share:g} of a batch: general rows that hold to the base, so that"
        " it forgets little",
        "kl_weight": f"{recipe.kl_weight:g}: a nat of divergence counts as a nat of loss",
        "general_limit": f"{recipe.general_limit:g} nats, as the criteria say: what forgot more is"
        " not kept",
    }


def _why_epochs(epochs: float, outline: _Outline, rows: int) -> str:
    if epochs == outline.passes:
        return f"{epochs:g} passes over {rows} rows"
    if epochs == MOST_EPOCHS:
        return f"{epochs:g} passes at most: more would learn {rows} rows by heart"
    return f"{epochs:g} passes, so that {rows} rows make about {outline.least_steps} steps"


def with_setting(recipe: Recipe, setting: str) -> Recipe:
    """The recipe with one `key=value` changed; raises InputError naming key, value and remedy."""
    key, equals, value = (part.strip() for part in setting.partition("="))
    fields = Recipe.__struct_fields__
    if not equals or key not in fields:
        raise InputError(
            f"{setting!r} is not a setting.", f"Write key=value; keys: {', '.join(fields)}."
        )
    plain = {**msgspec.to_builtins(recipe), key: value}
    try:
        changed = msgspec.convert(plain, Recipe, strict=False)
    except msgspec.ValidationError as error:
        raise InputError(
            f"{key}={value}: {error}.", f"It is {getattr(recipe, key)} now."
        ) from error
    problem = _problem(changed)
    if problem:
        raise InputError(f"{key}={value}: {problem}.", f"It is {getattr(recipe, key)} now.")
    return changed


def _problem(recipe: Recipe) -> str:
    """What makes a recipe impossible, in words; empty when nothing does."""
    positive = ("rank", "alpha", "learning_rate", "epochs", "batch_size", "micro_batch")
    for name in (*positive, "max_length", "evaluate_every"):
        if not 0 < getattr(recipe, name) < math.inf:
            return f"{name} must be a number above 0"
    if recipe.batch_size % recipe.micro_batch:
        return "batch_size must be a multiple of micro_batch"
    shares = ("guard_share", "kl_share", "kl_weight")
    for name in (*shares, "patience", "general_limit", "weight_decay", "max_grad_norm"):
        if not 0 <= getattr(recipe, name) < math.inf:
            return f"{name} must be a number and not negative"
    if not (0 <= recipe.dropout < 1 and 0 <= recipe.warmup_share <= 1):
        return "dropout is a share below 1, warmup_share a share of 1"
    return _problem_of_pissa(recipe) or _problem_of_vllm(recipe)


def _problem_of_pissa(recipe: Recipe) -> str:
    if recipe.method != "pissa":
        return ""
    if recipe.quantization != "none":
        return "pissa takes weights apart that quantization has rounded; set one of them back"
    if recipe.weight_decay:
        return (
            "pissa begins with the weights that weight_decay would wear off; set one of them back"
        )
    return ""


def _problem_of_vllm(recipe: Recipe) -> str:
    if recipe.engine != "vllm":
        return ""
    if recipe.method == "dora":
        return "vllm cannot answer with a dora adapter; set one of them back"
    if recipe.quantization != "none":
        return "vllm would hold the base in other 4 bits; set engine or quantization back"
    return ""


def changed(before: Recipe, after: Recipe) -> list[str]:
    """Names of the settings in which two recipes differ; the preset's name is none."""
    names = (n for n in Recipe.__struct_fields__ if n != "preset")
    return [n for n in names if getattr(before, n) != getattr(after, n)]
