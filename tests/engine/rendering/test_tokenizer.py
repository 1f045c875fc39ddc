"""The tokenizer without torch renders and tokenises as transformers does, template by template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.errors import ModelError
from engine.models import EMBEDDED
from engine.records import Message
from engine.rendering.rows import conversation_row, with_system
from engine.rendering.tokenizer import load_tokenizer
from tests.engine.worker.conftest import TEMPLATE, build_tokenizer

TALKS = (
    (Message("user", "may you return shoes"), Message("assistant", "within days")),
    (
        Message("system", "our terms"),
        Message("user", 'd\u00e9j\u00e0 vu "x" <b>&'),
        Message("assistant", " spaces \n kept\t"),
        Message("user", "and\n\nworn"),
        Message("assistant", "\U0001f97e <|im_end|> said"),
    ),
)
TEMPLATES = {
    "chatml": TEMPLATE,
    "generation": (
        "{%- for m in messages -%}{%- if loop.index0 > 90 -%}{%- break -%}{%- endif -%}"
        "<|im_start|>{{ m.role }}:{% if m['role'] == 'assistant' %}"
        "{% generation %}{{ m['content'] }}<|im_end|>{% endgeneration %}{% else %}"
        "{{ m['content'] | trim }}<|im_end|>{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant:{% endif %}"
    ),
    "tools and dates": (
        "{{ bos_token }}{% set ns = namespace(n=0) %}{% for m in messages %}"
        "{% set ns.n = ns.n + 1 %}{{ ns.n }}{{ m | tojson }}{{ dict(a=1) | tojson(indent=2) }}"
        "{{ eos_token }}\n    {% if loop.last %}\n{% endif %}{% endfor %}"
        "{% if strftime_now('%Y') | length == 4 and not tools %}ok{% endif %}"
    ),
}


def saved(folder: Path, template: str) -> Any:
    tokenizer = build_tokenizer()
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    return tokenizer


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("talk", TALKS)
def test_text_and_tokens_are_those_of_transformers(
    name: str, talk: tuple[Message, ...], tmp_path: Path
) -> None:
    theirs = saved(tmp_path, TEMPLATES[name])
    ours = load_tokenizer(str(tmp_path))
    plain = [{"role": m.role, "content": m.content} for m in talk]
    for prompt in (False, True):
        text = theirs.apply_chat_template(plain, tokenize=False, add_generation_prompt=prompt)
        assert ours.apply_chat_template(plain, add_generation_prompt=prompt) == text
        wanted = theirs(text, add_special_tokens=False)["input_ids"]
        assert ours(text, add_special_tokens=False)["input_ids"] == wanted
    assert (ours.eos_token, ours.eos_token_id) == (theirs.eos_token, theirs.eos_token_id)
    assert ours.bos_token_id == theirs.bos_token_id


@pytest.mark.model
def test_rows_of_the_embedded_model_have_the_tokens_and_the_mask_of_the_worker(
    models: Path,
) -> None:
    from transformers import AutoTokenizer

    folder = str(models / EMBEDDED.name)
    theirs, ours = AutoTokenizer.from_pretrained(folder), load_tokenizer(folder)
    for talk in TALKS:
        turns = with_system(talk, "Answer by our terms.")
        assert conversation_row(ours, turns) == conversation_row(theirs, turns)


def test_the_end_token_is_the_one_that_the_template_writes(tmp_path: Path) -> None:
    tokenizer = build_tokenizer()
    end = tokenizer.eos_token_id
    tokenizer.eos_token = tokenizer.bos_token
    tokenizer.chat_template = TEMPLATE.replace("<|im_start|>", "#")
    tokenizer.save_pretrained(tmp_path)
    (tmp_path / "generation_config.json").write_text(json.dumps({"eos_token_id": [0, end]}))
    assert load_tokenizer(str(tmp_path)).eos_token_id == end


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("no tokenizer", "tokenizer.json"),
        ("no template", "no chat template"),
        ("bad template", "cannot be read"),
        ("bad json", "tokenizer_config.json cannot be read"),
    ],
)
def test_what_a_folder_lacks_is_said(damage: str, said: str, tmp_path: Path) -> None:
    saved(tmp_path, "{% if %}" if damage == "bad template" else TEMPLATE)
    if damage == "no tokenizer":
        (tmp_path / "tokenizer.json").write_text("{}")
    if damage == "no template":
        (tmp_path / "chat_template.jinja").unlink()
    if damage == "bad json":
        (tmp_path / "tokenizer_config.json").write_text("{")
    with pytest.raises(ModelError, match=said):
        load_tokenizer(str(tmp_path))


def test_a_model_that_is_not_here_is_said() -> None:
    with pytest.raises(ModelError, match="owner/name is not on this machine"):
        load_tokenizer("owner/name")
