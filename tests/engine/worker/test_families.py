"""What loading makes of other models: end tokens as written, unknown heads refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.errors import ModelError
from engine.recipe import Recipe
from engine.worker.model import load
from tests.engine.worker.conftest import build_tokenizer

# peft asks transformers by an old name.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")

VOCABULARY = 64
SMALL = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
}


def _config(**more: Any) -> Any:
    from transformers import LlamaConfig

    return LlamaConfig(**{**SMALL, "bos_token_id": 0, "eos_token_id": 1, **more})


def test_a_model_that_changes_its_logits_in_an_unknown_way_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import LlamaForCausalLM

    tokenizer = build_tokenizer()
    LlamaForCausalLM(_config(vocab_size=len(tokenizer))).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    assert load(str(tmp_path), Recipe()).pad == tokenizer.pad_token_id
    plain = LlamaForCausalLM.forward

    def shifted(self: Any, *given: Any, **named: Any) -> Any:
        made = plain(self, *given, **named)
        made.logits = made.logits * 1.5
        return made

    monkeypatch.setattr(LlamaForCausalLM, "forward", shifted)
    with pytest.raises(ModelError, match="changes its logits"):
        load(str(tmp_path), Recipe())


def test_the_end_token_is_the_one_that_the_template_writes(tmp_path: Path) -> None:
    from transformers import GenerationConfig, LlamaForCausalLM

    tokenizer = build_tokenizer()
    turn_end = tokenizer.eos_token_id
    tokenizer.eos_token = tokenizer.bos_token
    model = LlamaForCausalLM(_config(vocab_size=len(tokenizer)))
    model.generation_config = GenerationConfig(
        eos_token_id=[tokenizer.bos_token_id, turn_end], repetition_penalty=1.3
    )
    tokenizer.chat_template = tokenizer.chat_template.replace("<|im_start|>", "#")
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    loaded = load(str(tmp_path), Recipe())
    assert loaded.tokenizer.eos_token_id == turn_end
    assert turn_end in loaded.model.generation_config.eos_token_id
    assert loaded.model.generation_config.repetition_penalty in (None, 1.0)
