"""A step's loss and gradients equal those of every row in full, over families, rows and passes."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from engine.recipe import Recipe
from engine.worker.holding import ask_base
from engine.worker.loss import score_rows
from engine.worker.model import Loaded, add_adapter
from engine.worker.packed import packs
from engine.worker.recompute import recompute
from engine.worker.rows import Row
from engine.worker.step import accumulate as accumulate_parts
from engine.worker.step import answering, holding
from engine.worker.tree import grow

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
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 1,
}
OWN: dict[str, dict[str, Any]] = {
    "Llama": {},
    "Qwen2": {"use_sliding_window": True, "sliding_window": 9, "max_window_layers": 1},
    "Qwen3": {"head_dim": 8},
    "Mistral": {"sliding_window": 7, "head_dim": 8},
    "Gemma": {"head_dim": 8},
    "Gemma2": {
        "head_dim": 8,
        "sliding_window": 11,
        "attn_logit_softcapping": 5.0,
        "final_logit_softcapping": 2.0,
    },
    "Granite": {"logits_scaling": 8.0},
    "Cohere": {"logit_scale": 0.25},
    "Gemma3": {"head_dim": 8, "sliding_window": 10, "layer_types": None},
}
STATEFUL: dict[str, dict[str, Any]] = {
    "Mamba": {"hidden_size": 32, "state_size": 8},
    "Lfm2": {"layer_types": ["conv", "full_attention"], "block_multiple_of": 8},
}


@cache
def adapted(family: str) -> Any:
    """A random model of the family whose adapter is not zero, so that every gradient flows."""
    import transformers

    torch.manual_seed(3)
    name = f"{family}Text" if family == "Gemma3" else family
    own = {k: v for k, v in {**SMALL, **OWN.get(family, STATEFUL.get(family, {}))}.items() if v}
    config = getattr(transformers, f"{name}Config")(**own)
    causal = getattr(transformers, f"{family}ForCausalLM")(config).eval()
    recipe = Recipe(rank=4, targets="in_proj,x_proj" if family == "Mamba" else "all-linear")
    model = add_adapter(Loaded(causal, None, torch.device("cpu"), torch.float32), recipe)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = torch.randn_like(parameter) * 0.2
    return model


def gradients(model: Any) -> dict[str, torch.Tensor]:
    """What has gathered, by the name of the weight; none is left."""
    found = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
    model.zero_grad(set_to_none=True)
    return found


def accumulate(model: Any, rows: list[Row], pad: int, micro_batch: int) -> torch.Tensor:
    """A step of rows that are all trained on."""
    (mean,) = accumulate_parts(model, [answering(model, rows)], pad, micro_batch)
    return mean


def in_full(model: Any, rows: list[Row]) -> torch.Tensor:
    """The mean loss by the model's own forward, each row alone and whole."""
    losses = []
    for row in rows:
        logits = model(input_ids=torch.tensor([row.ids])).logits[0]
        counts = [p for p in range(1, len(row)) if row.trained[p]]
        wanted = torch.tensor([row.ids[p] for p in counts])
        losses.append(cross_entropy(logits[[p - 1 for p in counts]], wanted, reduction="none"))
    return torch.cat(losses).mean()


token = st.integers(2, VOCABULARY - 1)
beginning = st.lists(token, max_size=30)
ending = st.lists(st.tuples(token, st.booleans()), min_size=2, max_size=24)


@st.composite
def steps(draw: Any) -> list[Row]:
    """Rows that share whole beginnings, parts of them, or nothing, with spans trained anywhere."""
    stem = draw(beginning)
    begins = [[], stem, stem + draw(beginning), draw(beginning)]
    rows = []
    for _ in range(draw(st.integers(1, 5))):
        start, own = draw(st.sampled_from(begins)), draw(ending)
        ids = (*start, *(i for i, _ in own))
        # The last token of each row is trained, as the end token of an answer is.
        trained = (*(False for _ in start), *(t for _, t in own[:-1]), True)
        rows.append(Row(ids, trained))
    return rows


def assert_equal_to_rows_in_full(model: Any, rows: list[Row], micro_batch: int) -> None:
    plain = in_full(model, rows)
    plain.backward()
    wanted = gradients(model)
    ours = accumulate(model, rows, 1, micro_batch)
    found = gradients(model)
    assert ours.item() == pytest.approx(plain.item(), rel=1e-4)
    assert found.keys() == wanted.keys()
    most = max(float(g.norm()) for g in wanted.values())
    for name, gradient in wanted.items():
        error = float((found[name] - gradient).norm())
        # Where a gradient all but cancels, both sides are rounding: 1e-5 of the largest then.
        assert error <= max(1e-4 * float(gradient.norm()), 1e-5 * most), name


@pytest.mark.parametrize("family", OWN)
@settings(max_examples=8, deadline=None)
@given(rows=steps(), micro_batch=st.integers(1, 4))
def test_a_step_equals_its_rows_in_full_in_every_family(
    family: str, rows: list[Row], micro_batch: int
) -> None:
    model = adapted(family)
    assert packs(model)
    assert_equal_to_rows_in_full(model, rows, micro_batch)


@pytest.mark.parametrize("family", [*OWN, "Lfm2"])
@settings(max_examples=3, deadline=None)
@given(rows=steps(), micro_batch=st.integers(1, 4))
def test_layers_that_are_run_again_give_the_very_same_gradients(
    family: str, rows: list[Row], micro_batch: int
) -> None:
    model = adapted(family)
    model.train()
    kept = float(accumulate(model, rows, 1, micro_batch))
    wanted = gradients(model)
    try:
        assert recompute(model)
        assert float(accumulate(model, rows, 1, micro_batch)) == kept
        found = gradients(model)
    finally:
        model.get_base_model().activation_checkpointing_disable()
        model.eval()
    assert found.keys() == wanted.keys()
    for name, gradient in wanted.items():
        assert found[name].equal(gradient), name


@pytest.mark.parametrize("family", STATEFUL)
@settings(max_examples=4, deadline=None)
@given(rows=steps(), micro_batch=st.integers(1, 4))
def test_layers_that_carry_a_state_take_the_plain_way_to_the_same_gradients(
    family: str, rows: list[Row], micro_batch: int
) -> None:
    model = adapted(family)
    assert not packs(model)
    assert_equal_to_rows_in_full(model, rows, micro_batch)


def test_a_model_whose_attention_is_not_the_interface_s_takes_the_plain_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from engine.worker import packed

    model = adapted("Llama")
    base = model.get_base_model()
    own = base.get_decoder().config._attn_implementation

    monkeypatch.delattr(base, "_strop_packs", raising=False)
    monkeypatch.setattr(packed, "_attend", _wrong_attention)
    assert not packs(model)
    assert base.get_decoder().config._attn_implementation == own
    monkeypatch.undo()
    del base._strop_packs
    assert packs(model)


def _wrong_attention(module: Any, query: Any, key: Any, value: Any, *_: Any, **__: Any) -> Any:
    return torch.zeros_like(query).transpose(1, 2), None


@settings(max_examples=15, deadline=None)
@given(rows=steps())
def test_scores_are_those_of_each_row_alone(rows: list[Row]) -> None:
    model = adapted("Llama")
    for row, (total, counted) in zip(rows, score_rows(model, rows, 1), strict=True):
        with torch.no_grad():
            assert total == pytest.approx(counted * float(in_full(model, [row])), rel=1e-4)
        assert counted == row.targets


@settings(max_examples=100, deadline=None)
@given(rows=steps())
def test_a_tree_holds_each_row_once_and_no_loss_in_what_is_shared(rows: list[Row]) -> None:
    tree = grow(rows)
    assert [leaf.row for leaf in tree.leaves] == list(range(len(rows)))
    for leaf, row in zip(tree.leaves, rows, strict=True):
        shared = tuple(t for n in leaf.segment.path for t in tree.shared[n].ids)
        assert leaf.segment.start == len(shared)
        assert not any(row.trained[1 : leaf.segment.start + 1])
        whole = shared + leaf.segment.ids
        assert row.ids[: len(whole)] == whole
        predicted = [leaf.segment.start + p + 1 for p in leaf.predicting]
        assert predicted == [p for p in range(1, len(row)) if row.trained[p]]
        assert leaf.targets == tuple(row.ids[p] for p in predicted)
    assert tree.tokens <= sum(len(row) for row in rows)


def test_a_system_prompt_and_a_question_in_common_are_run_once() -> None:
    policy, question = tuple(range(2, 42)), tuple(range(20, 40))
    answers = [(50, 51, 1), (52, 53, 54, 1), (55, 1)]
    trained = [(False,) * 60 + (True,) * len(a) for a in answers]
    rows = [Row(policy + question + a, t) for a, t in zip(answers, trained, strict=True)]
    rows.append(Row((*policy, 60, 61, 1), (False,) * 41 + (True,) * 2))
    tree = grow(rows)
    assert [(s.start, len(s.ids)) for s in tree.shared] == [(0, 40), (40, 19)]
    # The last token of the question predicts the first of each answer: it is run for each.
    assert [leaf.segment.ids[0] for leaf in tree.leaves[:3]] == [question[-1]] * 3
    assert tree.tokens == 40 + 19 + 3 + 4 + 2 + 2
    assert [leaf.segment.path for leaf in tree.leaves] == [(0, 1), (0, 1), (0, 1), (0,)]


def test_rows_without_a_trained_token_cost_nothing_and_change_nothing() -> None:
    model = adapted("Llama")
    idle = Row((5, 6, 7), (True, False, False))
    assert float(accumulate(model, [idle], 1, 4)) == 0.0
    assert gradients(model) == {}
    row = Row((5, 6, 7, 8), (False, False, True, True))
    alone = accumulate(model, [row], 1, 4)
    wanted = gradients(model)
    assert float(accumulate(model, [idle, row], 1, 4)) == float(alone)
    assert all(g.equal(wanted[n]) for n, g in gradients(model).items())


@pytest.mark.parametrize("family", ["Llama", "Gemma2", "Lfm2"])
@settings(max_examples=8, deadline=None)
@given(rows=steps(), general=steps(), micro_batch=st.integers(1, 4))
def test_rows_that_hold_to_the_base_ride_along_with_the_gradients_of_passes_of_their_own(
    family: str, rows: list[Row], general: list[Row], micro_batch: int
) -> None:
    model = adapted(family)
    parts = [answering(model, rows), holding(model, general, ask_base(model, general, 1), 0.5)]
    apart = [accumulate_parts(model, [part], 1, micro_batch)[0] for part in parts]
    wanted = gradients(model)
    together = accumulate_parts(model, parts, 1, micro_batch)
    found = gradients(model)
    for mean, own in zip(together, apart, strict=True):
        assert float(mean) == pytest.approx(float(own), rel=1e-4, abs=1e-6)
    most = max(float(g.norm()) for g in wanted.values())
    for name, gradient in wanted.items():
        error = float((found[name] - gradient).norm())
        assert error <= max(1e-4 * float(gradient.norm()), 1e-5 * most), name


def test_a_process_without_rows_of_a_kind_adds_nothing_for_it() -> None:
    model = adapted("Llama")
    row = Row((5, 6, 7, 8), (False, False, True, True))
    base = ask_base(model, [row], 1)
    held = holding(model, [row], base, 1.0, among=4)
    loss, apart = accumulate_parts(model, [answering(model, [], among=6), held], 1, 4)
    assert float(loss) == 0.0
    assert float(apart) > 0.0
    assert gradients(model)
