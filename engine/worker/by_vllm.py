"""Answers by vLLM, in a process of its own, behind the interface of generating.py.

The process is a program in the environment that vLLM is installed in. Before its first answer it
reads a prompt, and what it holds likely is held against the model in this process: another
precision, another template or an adapter that is not applied cannot pass unseen.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from engine.errors import ModelError, RunError
from engine.recipe import Recipe
from engine.runs import vllm
from engine.worker import processes
from engine.worker.generating import Made, Prompts, made_of
from engine.worker.head import causal_parts
from engine.worker.model import Loaded

PROGRAM = Path(__file__).with_name("vllm_program")
READ_TOKENS = 128
"""Of the first prompt, to hold both sides against each other."""
ROOM = {torch.float32: 0.01, torch.bfloat16: 0.15}
"""Nats a token that the two sides may be apart, on average: rounding of other kernels."""
LOOK_S = 0.2
FREE_SHARE = 0.9
"""Of the memory that the card has free."""


def check_engine(recipe: Recipe) -> None:
    """Raise ModelError when the recipe wants an engine that is not here, or not for this run."""
    if recipe.engine != "vllm":
        return
    if vllm.find_python() is None:
        raise ModelError("engine=vllm, and vLLM is not installed here.", vllm.MISSING)
    if processes.count() > 1:
        raise ModelError(
            "engine=vllm answers for one process.", "Train with one, or set engine=transformers."
        )


class ByVllm:
    """vLLM for one arm: started at the first prompts, gone when it is closed."""

    def __init__(
        self,
        model: Any,
        loaded: Loaded,
        name: str,
        adapter: Path | None,
        longest: int,
        tell: Callable[[str], None],
    ) -> None:
        """name: folder or hub id of the base. longest: tokens of the longest prompt with answer.

        tell: takes a sentence on what was found when it started.
        """
        self._model, self._loaded = model, loaded
        self._name, self._adapter, self._longest = name, adapter, longest
        self._tell = tell
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(
        self, prompts: Prompts, limit: int, between_tokens: Callable[[], None]
    ) -> list[Made]:
        """Greedy answers, as generating.generate gives them.

        Raises RunError when vLLM fails or does not answer with this run's model.
        """
        if self._process is None:
            self._start(prompts[0], between_tokens)
        ends = sorted(set(self._model.generation_config.eos_token_id))
        asked = {"prompts": [list(p) for p in prompts], "limit": limit, "ends": ends}
        rows = self._ask(asked, between_tokens)["answers"]
        return [made_of(row, set(ends), self._loaded) for row in rows]

    def close(self) -> None:
        """End it and free what it held."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None

    def _start(self, prompt: Sequence[int], between_tokens: Callable[[], None]) -> None:
        python = vllm.find_python()
        if python is None:
            raise RunError("vLLM is not installed here any more.", vllm.MISSING)
        self._process = subprocess.Popen(
            [python, str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )
        how = {
            "model": self._name,
            "dtype": str(self._loaded.dtype).removeprefix("torch."),
            "longest": self._longest,
            "adapter": str(self._adapter) if self._adapter else "",
            "room": _room(self._loaded.device),
        }
        version = self._ask(how, between_tokens)["vllm"]
        near = self._check(prompt, between_tokens)
        self._tell(f"vLLM {version} answers, {near:.3f} nats a token from transformers.")

    def _check(self, prompt: Sequence[int], between_tokens: Callable[[], None]) -> float:
        """Assert that vLLM answers with this very model and adapter; how near it is, nats."""
        ids = list(prompt[:READ_TOKENS])
        (theirs,) = self._ask({"prompts": [ids], "reads": True}, between_tokens)["logs"]
        apart = _apart(theirs, _logs(self._model, ids))
        room = ROOM.get(self._loaded.dtype, ROOM[torch.bfloat16])
        if not apart <= room:
            arm = "the adapter" if self._adapter else "the base model"
            raise RunError(
                f"vLLM does not answer with {arm}: its log-probabilities are {apart:.2f} nats from"
                " those of transformers.",
                "Answer with transformers: make the run again with engine=transformers.",
            )
        if self._adapter:
            asked = {"prompts": [ids], "reads": True, "bare": True}
            (bare,) = self._ask(asked, between_tokens)["logs"]
            if bare == theirs:
                raise RunError(
                    "vLLM answers with the adapter as without it.",
                    "Answer with transformers: make the run again with engine=transformers.",
                )
        return apart

    def _ask(self, asked: dict[str, Any], between_tokens: Callable[[], None]) -> dict[str, Any]:
        """One line to it, one from it; `between_tokens` is called while it works."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            process.stdin.flush()
            line = _read_line(process.stdout, between_tokens)
        except BrokenPipeError:
            line = b""
        if not line:
            status = process.wait()
            raise RunError(f"vLLM ended with {status}.", "The run's log has its last words.")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RunError(f"vLLM: {answer['error'][:400]}", "The run's log has more.")
        return answer


def _read_line(pipe: Any, between_tokens: Callable[[], None]) -> bytes:
    """A whole line, or nothing when the other side has ended."""
    found = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while not found.endswith(b"\n"):
            between_tokens()
            if not selector.select(LOOK_S):
                continue
            piece = os.read(pipe.fileno(), 1 << 16)
            if not piece:
                return b""
            found += piece
    return bytes(found)


@torch.no_grad()
def _logs(model: Any, ids: list[int]) -> list[float]:
    """Log-probability of each token after those before it, from the second on."""
    decoder, head = causal_parts(model)
    given = torch.tensor([ids], device=next(model.parameters()).device)
    states = decoder(input_ids=given, use_cache=False).last_hidden_state[0, :-1]
    logs = head(states).float().log_softmax(-1)
    found: list[float] = logs.gather(1, given[0, 1:, None])[:, 0].tolist()
    return found


def _apart(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return sum(abs(a - b) for a, b in zip(ours, theirs, strict=True)) / max(len(ours), 1)


def _room(device: torch.device) -> dict[str, Any]:
    """Memory that vLLM may take beside the model that is held here."""
    if device.type != "cuda":
        return {"enforce_eager": True}
    free, total = torch.cuda.mem_get_info()
    return {"gpu_memory_utilization": round(FREE_SHARE * free / total, 3)}


def _environment() -> dict[str, str]:
    """Without what makes this Python find its own packages; nothing is told to anybody."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    return {**kept, "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
