"""Layers that are run again on the way back, in place of keeping what they made.

A pass then holds the input of each layer and the inside of one: a fraction of the memory, for
about half as much time again. The numbers are the same.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from engine.worker.packed import current, rerunning


def recompute(model: Any) -> bool:
    """Have a model's layers run again on the way back; False if they do so already, or cannot."""
    causal = _causal(model)
    if is_recomputing(model) or not causal.supports_gradient_checkpointing:
        return False
    decoder = causal.get_decoder()

    def contexts() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        return nullcontext(), rerunning(decoder, current())

    causal.activation_checkpointing_enable({"use_reentrant": False, "context_fn": contexts})
    # That asks for gradients of the embedded words, too, which nobody needs this way.
    causal.disable_input_require_grads()
    return True


def is_recomputing(model: Any) -> bool:
    """Whether a model's layers run again on the way back."""
    return bool(_causal(model).is_activation_checkpointing)


def _causal(model: Any) -> Any:
    return model.get_base_model() if hasattr(model, "get_base_model") else model
