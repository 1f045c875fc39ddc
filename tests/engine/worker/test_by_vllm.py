"""vLLM behind the interface of answers: what is refused, what is asserted, what ends with it.

What vLLM itself answers is tested where STROP_VLLM names the Python of its environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch

from engine import recipe as recipes
from engine.errors import InputError, ModelError, RunError
from engine.recipe import Recipe
from engine.runs import launch, vllm
from engine.worker.by_vllm import ByVllm, _logs, check_engine
from engine.worker.control import Interrupted
from engine.worker.generating import generate
from engine.worker.model import Loaded, add_adapter, load
from engine.worker.rows import prompt_ids
from tests.engine.worker.conftest import Forks, Prepare, build_tokenizer, suites
from tests.engine.worker.waiting import ended

# peft asks transformers by an old name.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")

PARTNER = """#!{python}
import json, sys, time
for number, line in enumerate(sys.stdin):
    said = json.loads({script!r})
    if number >= len(said):
        time.sleep(60)
    elif said[number] is None:
        sys.exit(3)
    print(json.dumps(said[number]), flush=True)
"""
"""Speaks the line protocol from a script: what a vLLM that goes wrong would say."""

Side = Callable[..., ByVllm]


@pytest.fixture
def side(loaded: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the side of this process, with a partner that says what is written for it."""
    import json

    made: list[ByVllm] = []

    def make(*said: Any, adapter: Path | None = None, model: Any = None) -> ByVllm:
        partner = tmp_path / "python"
        partner.write_text(PARTNER.format(python=sys.executable, script=json.dumps(said)))
        partner.chmod(0o755)
        monkeypatch.setenv(vllm.VARIABLE, str(partner))
        told: list[str] = []
        one = ByVllm(model or loaded.model, loaded, "tiny", adapter, 64, told.append)
        made.append(one)
        return one

    yield make
    for one in made:
        one.close()


def _nothing() -> None:
    pass


@pytest.mark.parametrize("other", ["method=dora", "quantization=nf4"])
def test_settings_that_vllm_cannot_answer_with_are_refused_when_they_are_set(other: str) -> None:
    recipe = recipes.with_setting(Recipe(), "engine=vllm")
    with pytest.raises(InputError, match=r"vllm .* set .* back"):
        recipes.with_setting(recipe, other)


def test_without_vllm_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(vllm.VARIABLE, raising=False)
    check_engine(Recipe())
    with pytest.raises(ModelError, match="not installed") as refused:
        check_engine(Recipe(engine="vllm"))
    assert "STROP_VLLM=ENV/bin/python" in refused.value.hint


@pytest.mark.skipif(vllm.find_python() is not None, reason="it is refused where it is not there")
def test_a_run_is_blocked_before_anything_is_loaded(prepare: Prepare, forked: Forks) -> None:
    folder = prepare(engine="vllm")
    launch.launch(folder)
    state = ended(folder)
    assert state.phase == "blocked"
    assert state.message.startswith("engine: engine=vllm, and vLLM is not installed here.")
    preflight = folder.preflight()
    assert preflight is not None
    assert [(line.check, line.level) for line in preflight.lines] == [("engine", "BLOCK")]


def test_a_python_without_vllm_is_told_by_its_own_reason(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(vllm.VARIABLE, sys.executable)
    side = ByVllm(loaded.model, loaded, "tiny", None, 64, lambda _: None)
    try:
        with pytest.raises(RunError, match="No module named 'vllm'"):
            side([[1, 2, 3]], 4, _nothing)
    finally:
        side.close()
    assert vllm.version() == "not installed"


def test_log_probabilities_are_those_of_the_models_own_forward(loaded: Loaded) -> None:
    ids = [5, 9, 2, 40, 17]
    with torch.no_grad():
        logits = loaded.model(input_ids=torch.tensor([ids])).logits[0].log_softmax(-1)
    wanted = [float(logits[place, token]) for place, token in enumerate(ids[1:])]
    assert _logs(loaded.model, ids) == pytest.approx(wanted, rel=1e-4)


def test_another_model_on_the_other_side_is_refused_with_how_far_it_is(
    loaded: Loaded, side: Side
) -> None:
    ids = [5, 9, 2, 40]
    near = _logs(loaded.model, ids)
    far = [log - 0.5 for log in near]
    answers = {"answers": [[7, 8]]}
    version = {"vllm": "1.0"}
    good = side(version, {"logs": [near]}, answers)
    assert good([ids], 4, _nothing)[0][1:] == (2, False)
    with pytest.raises(RunError, match=r"does not answer with the base model: .* 0\.50 nats"):
        side(version, {"logs": [far]}, answers)([ids], 4, _nothing)
    with pytest.raises(RunError, match="does not answer"):
        side(version, {"logs": [[float("nan")] * 3]}, answers)([ids], 4, _nothing)


def test_an_adapter_that_is_not_applied_is_caught(
    loaded: Loaded, side: Side, tmp_path: Path
) -> None:
    model = add_adapter(loaded, Recipe(rank=4))
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            parameter.data = torch.randn_like(parameter)
    ids = [5, 9, 2, 40]
    tuned = _logs(model, ids)
    with model.disable_adapter():
        base = _logs(model, ids)
    version, answers = {"vllm": "1.0"}, {"answers": [[7]]}
    good = side(
        version, {"logs": [tuned]}, {"logs": [base]}, answers, adapter=tmp_path, model=model
    )
    assert len(good([ids], 4, _nothing)) == 1
    with pytest.raises(RunError, match="does not answer with the adapter"):
        side(version, {"logs": [base]}, answers, adapter=tmp_path, model=model)([ids], 4, _nothing)
    with pytest.raises(RunError, match="with the adapter as without it"):
        side(version, {"logs": [tuned]}, {"logs": [tuned]}, adapter=tmp_path, model=model)(
            [ids], 4, _nothing
        )


def test_a_side_that_dies_is_told_and_one_that_is_silent_can_be_left(
    loaded: Loaded, side: Side
) -> None:
    with pytest.raises(RunError, match="vLLM ended with 3"):
        side({"vllm": "1.0"}, None)([[5, 9, 2]], 4, _nothing)
    calls = []

    def leave() -> None:
        calls.append(1)
        if len(calls) > 5:
            raise Interrupted("paused", "Paused by the operator.")

    silent = side({"vllm": "1.0"})
    with pytest.raises(Interrupted):
        silent([[5, 9, 2]], 4, leave)
    assert silent._process is not None
    pid = silent._process.pid
    silent.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.fixture
def roomy(tmp_path: Path) -> Loaded:
    """A random Llama whose heads are as wide as vLLM's kernels want them, from a folder."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(1)
    tokenizer, folder = build_tokenizer(), tmp_path / "roomy"
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        initializer_range=0.3,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return load(str(folder), Recipe())


@pytest.mark.skipif(vllm.VARIABLE not in os.environ, reason=f"{vllm.VARIABLE} names no vLLM")
def test_vllm_answers_as_transformers_does_with_and_without_an_adapter(
    roomy: Loaded, tmp_path: Path
) -> None:
    model = add_adapter(roomy, Recipe(rank=4))
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            parameter.data = torch.randn_like(parameter) * 0.3
    model.eval().save_pretrained(tmp_path / "adapter")
    prompts = [prompt_ids(roomy.tokenizer, case.messages) for case in suites(9)[0].cases]
    longest, found = max(map(len, prompts)) + 12, []
    for adapter in (None, tmp_path / "adapter"):
        told: list[str] = []
        side = ByVllm(model, roomy, str(tmp_path / "roomy"), adapter, longest, told.append)
        with nullcontext() if adapter else model.disable_adapter():
            try:
                found.append(side(prompts, 12, _nothing))
            finally:
                side.close()
            assert found[-1] == generate(model, roomy, prompts, 12)
        assert told[0].startswith("vLLM ")
    assert found[0] != found[1]
