"""A tiny random Llama with a real tokenizer and chat template, and run folders around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from engine.recipe import Recipe
from engine.records import Case, Example, Message, Suite
from engine.runs import launch
from engine.runs.folder import Job, RunFolder, write_atomically, write_lines
from engine.worker.model import Loaded
from tests.engine.worker.forked import Forked, start_server

TEMPLATE = (
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}"
    "{{ '<|im_start|>system\nBe kind<|im_end|>\n' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
WORDS = "you may return worn shoes within days if the box is kept and our team checks fit size"

Prepare = Callable[..., RunFolder]


def build_tokenizer() -> Any:
    """A byte-level BPE of a few merges with the ChatML markers, like SmolLM2's in small."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=["<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator([WORDS], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
        chat_template=TEMPLATE,
    )


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a two-layer Llama of random weights that trains in milliseconds."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    tokenizer = build_tokenizer()
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=True,
    )
    folder = tmp_path_factory.mktemp("models") / "tiny"
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def loaded(tiny_model: Path) -> Loaded:
    from engine.worker.model import load

    return load(str(tiny_model), Recipe())


def example(number: int) -> Example:
    words = WORDS.split()
    question = " ".join(words[number % 5 : number % 5 + 3 + number % 4])
    answer = " ".join(words[number % 7 : number % 7 + 2 + number % 6])
    return Example((Message("user", question), Message("assistant", answer)))


def general(number: int) -> Example:
    """A row that nothing in the suites resembles."""
    figures = " ".join(str(number * n % 97) for n in range(3, 7))
    return Example((Message("user", f"count {number}"), Message("assistant", figures)))


def case(number: int) -> Case:
    return Case(id=f"c{number}", messages=example(number).messages[:1], reference="worn shoes")


def suites(cases: int) -> tuple[Suite, ...]:
    return (
        Suite(
            "domain",
            "domain",
            "1",
            tuple(case(n) for n in range(cases)),
            system_prompt=True,
            max_new_tokens=6,
        ),
        Suite(
            "facts",
            "capability",
            "1",
            (Case(id="q", messages=case(1).messages, choices=("yes", "never"), correct=0),),
        ),
        Suite("prose", "forgetting", "1", (Case(id="t", text=WORDS),)),
    )


@pytest.fixture
def prepare(tmp_path: Path, tiny_model: Path) -> Prepare:
    """Makes a run folder for the tiny model, ready to launch."""

    def made(name: str = "0001-train", cases: int = 3, rows: int = 12, **recipe: Any) -> RunFolder:
        folder = RunFolder(tmp_path / "runs" / name)
        folder.data.mkdir(parents=True)
        write_lines(folder.data / "train.jsonl", [example(n) for n in range(rows)])
        write_lines(folder.data / "validation.jsonl", [example(n) for n in range(20, 24)])
        write_lines(folder.data / "guard.jsonl", [general(n) for n in range(30)])
        chosen = suites(cases)
        for suite in chosen:
            write_atomically(folder.data / f"suite-{suite.name}.json", msgspec.json.encode(suite))
        settings = {"batch_size": 4, "micro_batch": 2, "rank": 4, "dropout": 0.1, **recipe}
        job = Job(
            run=int(name[:4]),
            kind="train",
            session="s",
            model=str(tiny_model),
            recipe=Recipe(**settings),
            system_prompt="Be brief",
            suites=tuple(s.name for s in chosen),
            pinned=("may you return",),
        )
        write_atomically(folder.job_file, msgspec.json.encode(job))
        return folder

    return made


@pytest.fixture(scope="session")
def fork_server() -> None:
    start_server()


class Forks:
    """What `launch` starts in a test; `before` is called first in each new worker."""

    def __init__(self) -> None:
        self.before: Callable[[], None] | None = None
        self.started: list[Forked] = []

    def spawn(self, folder: RunFolder, options: list[str]) -> Forked:
        self.started.append(Forked(folder, options, self.before))
        return self.started[-1]


@pytest.fixture
def forked(fork_server: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forks]:
    """`launch` forks workers from a server instead of starting Python anew."""
    forks = Forks()
    monkeypatch.setattr(launch, "_spawn", forks.spawn)
    monkeypatch.setattr(launch, "_STARTED", [])
    yield forks
    for process in forks.started:
        process.end()
