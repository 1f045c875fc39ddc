"""Loading the base model and its tokenizer, and putting an adapter on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from engine.errors import ModelError
from engine.recipe import Recipe
from engine.worker.adapted import fuse
from engine.worker.head import causal_parts
from engine.worker.pissa import begin_principal
from engine.worker.quantized import check_possible, how_to_load

PROBE = "The quick brown fox answers a customer."


@dataclass(frozen=True, slots=True)
class Loaded:
    """A base model on its device, with its tokenizer."""

    model: Any
    tokenizer: Any
    device: torch.device
    dtype: torch.dtype

    @property
    def pad(self) -> int:
        """Token id that fills up batches; never attended to, never trained."""
        pad = self.tokenizer.pad_token_id
        return int(pad if pad is not None else self.tokenizer.eos_token_id)

    def in_words(self) -> str:
        """`cpu fp32`, `cuda bf16`."""
        return f"{self.device.type} {'bf16' if self.dtype == torch.bfloat16 else 'fp32'}"


def load(name: str, recipe: Recipe) -> Loaded:
    """Load a base model from a local folder or the hub; safetensors only, never remote code.

    Raises ModelError with the loader's own reason.
    """
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    dtype = pick_dtype(recipe.precision, device)
    check_possible(recipe)
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
        model = AutoModelForCausalLM.from_pretrained(
            name,
            dtype=dtype,
            use_safetensors=True,
            trust_remote_code=False,
            **how_to_load(recipe, dtype),
        )
    except (OSError, ValueError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"{name}: {reason}", "Check the model's folder or name.") from error
    if not tokenizer.chat_template:
        raise ModelError(f"{name} has no chat template.", "Use an instruction-tuned model.")
    model.config.use_cache = True
    _close_turns_as_the_template_does(tokenizer, model.generation_config)
    _decode_plainly(model, tokenizer)
    if recipe.quantization == "none":
        model = model.to(device)
    loaded = Loaded(model.eval(), tokenizer, device, dtype)
    _check_head(loaded)
    return loaded


def _end_tokens(configured: Any) -> list[int]:
    """`eos_token_id` of a generation config, which is a number, a list or nothing."""
    listed = configured if isinstance(configured, list) else [configured]
    return [int(token) for token in listed if token is not None]


def _close_turns_as_the_template_does(tokenizer: Any, generation: Any) -> None:
    """Gemma's turns end with another token than its tokenizer's: then that one is the end token."""
    turns = [{"role": "user", "content": "ask"}, {"role": "assistant", "content": "reply"}]
    tail = str(tokenizer.apply_chat_template(turns, tokenize=False)).rpartition("reply")[2]
    written = tokenizer(tail, add_special_tokens=False)["input_ids"]
    if tokenizer.eos_token_id in written:
        return
    ends = set(_end_tokens(generation.eos_token_id))
    closing = next((token for token in written if token in ends), None)
    if closing is not None:
        tokenizer.eos_token = tokenizer.convert_ids_to_tokens(closing)


def _decode_plainly(model: Any, tokenizer: Any) -> None:
    """Greedy and nothing else: a repetition penalty from the model's folder would count padding."""
    from transformers import GenerationConfig

    ends = {*_end_tokens(model.generation_config.eos_token_id), tokenizer.eos_token_id}
    model.generation_config = GenerationConfig(
        eos_token_id=sorted(e for e in ends if e is not None), do_sample=False
    )


@torch.no_grad()
def _check_head(loaded: Loaded) -> None:
    """Assert that decoder and head in two parts give the logits of the whole model."""
    ids = loaded.tokenizer(PROBE, return_tensors="pt")["input_ids"].to(loaded.device)
    decoder, head = causal_parts(loaded.model)
    ours = head(decoder(input_ids=ids).last_hidden_state).float()
    theirs = loaded.model(input_ids=ids).logits.float()
    if not torch.allclose(ours, theirs, rtol=1e-3, atol=1e-3 * float(theirs.abs().max())):
        raise ModelError(
            f"{type(loaded.model).__name__} changes its logits in a way strop does not know.",
            "Its loss would be wrong. Use another model family.",
        )


def pick_dtype(precision: str, device: torch.device) -> torch.dtype:
    """bf16 where it was asked for, or where the card has it; fp32 elsewhere."""
    if precision == "bf16":
        return torch.bfloat16
    if precision == "auto" and device.type == "cuda" and torch.cuda.is_bf16_supported():
        return torch.bfloat16
    return torch.float32


def add_adapter(loaded: Loaded, recipe: Recipe) -> Any:
    """The base model with a fresh trainable adapter, its weights drawn from the recipe's seed."""
    from peft import LoraConfig, get_peft_model
    from transformers import set_seed

    set_seed(recipe.seed)
    targets = recipe.targets
    halves = 2 if recipe.method == "pissa" else 1
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=halves * recipe.rank,
        lora_alpha=halves * recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules=targets if targets == "all-linear" else targets.split(","),
        use_rslora=recipe.method == "rslora",
        use_dora=recipe.method == "dora",
    )
    model = get_peft_model(loaded.model, config)
    for parameter in model.parameters():
        if parameter.requires_grad:
            # Adapters are kept in full precision: small, and the optimizer needs the bits.
            parameter.data = parameter.data.float()
    if recipe.method == "pissa":
        begin_principal(model, recipe.rank)
    fuse(model)
    return model


def load_adapter(loaded: Loaded, folder: Path) -> Any:
    """The base model with the adapter of a folder, not trainable; raises ModelError."""
    from peft import PeftModel

    try:
        model = PeftModel.from_pretrained(loaded.model, str(folder))
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder}: {error}", "The adapter is damaged or missing.") from error
    fuse(model)
    return model.eval()


def set_adapter_weights(model: Any, folder: Path) -> None:
    """Put the weights of an adapter folder into the adapter that the model has already."""
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    weights = load_file(folder / "adapter_model.safetensors")
    result = set_peft_model_state_dict(model, weights)
    if result.unexpected_keys:
        raise ModelError(f"{folder}: unknown weights {result.unexpected_keys[:2]}.", "")
    model.eval()


@torch.no_grad()
def probe_logits(model: Any, loaded: Loaded) -> torch.Tensor:
    """Logits of a fixed prompt, float32 on the CPU: tells whether an adapter is on or off."""
    ids = loaded.tokenizer(PROBE, return_tensors="pt")
    logits = model(input_ids=ids["input_ids"].to(loaded.device)).logits
    return logits.float().cpu()


def check_adapter_applies(model: Any, loaded: Loaded, base: torch.Tensor) -> str:
    """Assert that adapter off equals base and adapter on does not; answers it in words.

    base: `probe_logits` of the model before it got an adapter. Raises ModelError.
    """
    on = probe_logits(model, loaded)
    with model.disable_adapter():
        off = probe_logits(model, loaded)
    if not torch.allclose(off, base, atol=1e-4, rtol=1e-4):
        raise ModelError("With the adapter off the model does not answer as the base does.", "")
    change = float((on - base).abs().max())
    if not math.isfinite(change):
        raise ModelError("The adapter's weights are not numbers.", "Lower the learning rate.")
    if change == 0.0:
        raise ModelError(
            "The adapter changes nothing: it is not applied, or was never trained.",
            "Train it, or check that it belongs to this base model.",
        )
    return f"adapter off equals base, adapter on moves logits by up to {change:.2f}"
