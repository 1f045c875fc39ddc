"""The sparse loss over model families, rows and micro-batches: a property, not an example."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from engine.errors import ModelError
from engine.recipe import Recipe
from engine.worker.loss import batch_losses, collate
from engine.worker.model import Loaded, add_adapter, load
from engine.worker.rows import Row
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
FAMILIES = ["Llama", "Qwen2", "Gemma", "Gemma2", "Granite", "Cohere"]


def _config(family: str, **more: Any) -> Any:
    import transformers

    own: dict[str, dict[str, Any]] = {
        "Gemma": {"head_dim": 8},
        "Gemma2": {"head_dim": 8, "final_logit_softcapping": 2.0},
        "Granite": {"logits_scaling": 8.0},
        "Cohere": {"logit_scale": 0.25},
    }
    ends = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    config = getattr(transformers, f"{family}Config")
    return config(**{**SMALL, **ends, **own.get(family, {}), **more})


@cache
def _adapted(family: str) -> Any:
    """A random model of the family whose adapter is not zero, so that every gradient flows."""
    import transformers

    torch.manual_seed(3)
    causal = getattr(transformers, f"{family}ForCausalLM")(_config(family)).eval()
    device = torch.device("cpu")
    model = add_adapter(Loaded(causal, None, device, torch.float32), Recipe(rank=4))
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = torch.randn_like(parameter) * 0.2
    return model.eval()


def _gradients(model: Any) -> torch.Tensor:
    found = torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])
    model.zero_grad(set_to_none=True)
    return found


def _close(ours: torch.Tensor, wanted: torch.Tensor) -> bool:
    return bool(torch.allclose(ours, wanted, rtol=1e-4, atol=1e-4 * float(wanted.abs().max())))


rows = st.lists(
    st.lists(st.tuples(st.integers(2, VOCABULARY - 1), st.booleans()), min_size=2, max_size=24),
    min_size=1,
    max_size=4,
).map(
    # The last token of each row is trained, as the end token of an answer is.
    lambda drawn: [
        Row(tuple(i for i, _ in row), (*(t for _, t in row[:-1]), True)) for row in drawn
    ]
)


@pytest.mark.parametrize("family", FAMILIES)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=rows)
def test_loss_and_gradients_equal_the_plain_computation_in_every_family(
    family: str, drawn: list[Row]
) -> None:
    model = _adapted(family)
    batch = collate(drawn, 1)
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    plain = cross_entropy(logits[:, :-1].flatten(0, 1), batch["labels"][:, 1:].flatten())
    plain.backward()
    wanted = _gradients(model)
    ours = batch_losses(model, batch).mean()
    ours.backward()
    assert ours.item() == pytest.approx(plain.item(), rel=1e-4)
    assert _close(_gradients(model), wanted)


@settings(max_examples=10, deadline=None)
@given(drawn=rows.filter(lambda drawn: len(drawn) == 4))
def test_micro_batches_of_one_two_and_four_add_up_to_the_same_gradient(drawn: list[Row]) -> None:
    model = _adapted("Llama")
    count = sum(row.targets for row in drawn)
    found = []
    for size in (4, 2, 1):
        for start in range(0, 4, size):
            batch = collate(drawn[start : start + size], 1)
            (batch_losses(model, batch).sum() / count).backward()
        found.append(_gradients(model))
    assert _close(found[1], found[0])
    assert _close(found[2], found[0])


def test_a_model_that_changes_its_logits_in_an_unknown_way_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import LlamaForCausalLM

    tokenizer = build_tokenizer()
    LlamaForCausalLM(_config("Llama", vocab_size=len(tokenizer))).save_pretrained(tmp_path)
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
    model = LlamaForCausalLM(_config("Llama", vocab_size=len(tokenizer)))
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
