"""Greedy answers in batches: what all prompts begin with is run once and never copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from engine.worker.head import causal_parts
from engine.worker.model import Loaded
from engine.worker.packed import How, Memory, attending, packs, run_segments
from engine.worker.tree import Segment, common_length

KEPT_SHARE = 0.75
"""Answers that have ended leave the batch once so few are left of it: leaving costs a copy."""

Prompts = Sequence[Sequence[int]]
Made = tuple[str, int, bool]
"""An answer's text, its tokens, and whether the end token came."""
Generator = Callable[[Prompts, int, Callable[[], None]], list[Made]]
"""Prompts of token ids, new tokens at most, and what to call while it works, to greedy answers."""


@torch.no_grad()
def generate(
    model: Any,
    loaded: Loaded,
    prompts: Prompts,
    max_new_tokens: int,
    between_tokens: Callable[[], None] | None = None,
) -> list[Made]:
    """Greedy answers to prompts of token ids.

    between_tokens: called after each token of the batch; what it raises ends the generation.
    """
    make = _with_shared_beginning if packs(model) else _by_library
    made = make(model, loaded, prompts, max_new_tokens, between_tokens or (lambda: None))
    ends = set(model.generation_config.eos_token_id)
    return [made_of(row, ends, loaded) for row in made]


def made_of(row: list[int], ends: set[int], loaded: Loaded) -> Made:
    """The answer that new tokens make, up to the first end token."""
    length = next((i for i, token in enumerate(row) if token in ends), None)
    tokens = row if length is None else row[:length]
    text = loaded.tokenizer.decode(tokens, skip_special_tokens=True).strip()
    return text, len(tokens), length is not None


def _by_library(
    model: Any, loaded: Loaded, prompts: Prompts, limit: int, between_tokens: Callable[[], None]
) -> list[list[int]]:
    """transformers' own loop over prompts padded on the left, for models that cannot share."""
    longest = max(len(p) for p in prompts)
    ids = torch.full((len(prompts), longest), loaded.pad, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for index, prompt in enumerate(prompts):
        ids[index, longest - len(prompt) :] = torch.tensor(prompt)
        mask[index, longest - len(prompt) :] = 1

    def never(ids: Tensor, _scores: Any, **_: Any) -> Tensor:
        between_tokens()
        return torch.zeros(len(ids), dtype=torch.bool, device=ids.device)

    made = model.generate(
        input_ids=ids.to(loaded.device),
        attention_mask=mask.to(loaded.device),
        max_new_tokens=limit,
        do_sample=False,
        pad_token_id=loaded.pad,
        # It stops nothing: it is there to be called at each token.
        stopping_criteria=[never],
    )
    rows: list[list[int]] = made[:, longest:].tolist()
    return rows


def _with_shared_beginning(
    model: Any, loaded: Loaded, prompts: Prompts, limit: int, between_tokens: Callable[[], None]
) -> list[list[int]]:
    decoder, head = causal_parts(model)
    ends = set(model.generation_config.eos_token_id)
    batch, states = _begin(decoder, [tuple(p) for p in prompts], limit)
    made: list[list[int]] = [[] for _ in prompts]
    rows = list(range(len(prompts)))
    """The answers that are still in the batch, some of them ended."""
    for step in range(limit):
        tokens = head(states).argmax(-1)
        for row, token in zip(rows, tokens.tolist(), strict=True):
            made[row].append(token)
        going = [n for n, row in enumerate(rows) if not ends.intersection(made[row])]
        between_tokens()
        if not going or step == limit - 1:
            break
        if len(going) <= KEPT_SHARE * len(rows):
            batch.keep(going)
            tokens, rows = tokens[going], [rows[n] for n in going]
        states = batch.advance(decoder, tokens)
    return made


def _begin(decoder: Any, prompts: list[tuple[int, ...]], limit: int) -> tuple[_Batch, Tensor]:
    """Run the prompts, their common beginning once; answers the last state of each."""
    common = min(common_length(prompts), min(len(p) for p in prompts) - 1)
    memory, path = Memory(), ((0,) if common else ())
    if common:
        run_segments(decoder, [Segment(prompts[0][:common], 0)], memory, remember=True)
    own = [Segment(p[common:], common, path) for p in prompts]
    states = run_segments(decoder, own, memory, remember=True)
    lasts = torch.tensor([len(s.ids) for s in own]).cumsum(0) - 1
    return _Batch(memory, own, limit), states[lasts.to(states.device)]


class _Batch:
    """Keys and values of answers that grow by a token at a time, beside those they share."""

    def __init__(self, memory: Memory, own: list[Segment], limit: int) -> None:
        lengths = [len(s.ids) for s in own]
        self._common = own[0].start
        self._shared = {n: kept[0] for n, kept in memory.items()} if self._common else {}
        self._longest = max(lengths)
        room = self._longest + limit
        self._own = {}
        for layer, kept in memory.items():
            keys, values = zip(*kept[-len(own) :], strict=True)
            self._own[layer] = (_padded(keys, room), _padded(values, room))
        device = next(iter(self._own.values()))[0].device
        self._lengths = torch.tensor(lengths, device=device)

    def keep(self, rows: list[int]) -> None:
        """Let go of all rows but these."""
        self._own = {n: (keys[rows], values[rows]) for n, (keys, values) in self._own.items()}
        self._lengths = self._lengths[rows]

    def advance(self, decoder: Any, tokens: Tensor) -> Tensor:
        """States (rows, width) after one more token a row."""
        with attending(decoder, self):
            states = decoder(
                input_ids=tokens[:, None],
                position_ids=(self._common + self._lengths)[:, None],
                use_cache=False,
            ).last_hidden_state
        self._lengths += 1
        self._longest += 1
        return states[:, 0]

    def attend(self, module: Any, query: Tensor, key: Tensor, value: Tensor, how: How) -> Tensor:
        """Attention of one query a row over what all share and the row's own."""
        count, heads, _, size = query.shape
        keys, values = self._own[module.layer_idx]
        places = torch.arange(count, device=query.device)
        keys[places, :, self._lengths], values[places, :, self._lengths] = (
            key[:, :, 0],
            value[:, :, 0],
        )
        keys, values = keys[:, :, : self._longest + 1], values[:, :, : self._longest + 1]
        shared = self._shared.get(module.layer_idx)
        asked = query.reshape(count, keys.shape[1], -1, size) * how.scaling
        scores = asked @ keys.transpose(2, 3)
        if shared:
            scores = torch.cat([_together(asked, shared[0].transpose(2, 3)), scores], dim=-1)
        if how.softcap is not None:
            scores = torch.tanh(scores / how.softcap) * how.softcap
        scores = scores.masked_fill(self._hidden(how.window), float("-inf"))
        weights = scores.softmax(-1, torch.float32).to(values.dtype)
        made = weights[..., self._common :] @ values
        if shared:
            made = made + _together(weights[..., : self._common], shared[1])
        return made.reshape(count, heads, 1, -1)

    def _hidden(self, window: int | None) -> Tensor:
        """What each row does not see, (rows, 1, 1, common and own): unused places, and too far."""
        places = torch.arange(self._common + self._longest + 1, device=self._lengths.device)
        asking = (self._common + self._lengths)[:, None, None, None]
        hidden = places > asking
        return hidden if window is None else hidden | (places <= asking - window)


def _padded(parts: Sequence[Tensor], room: int) -> Tensor:
    """(1, heads, n, size) each, as one (rows, heads, room, size)."""
    _, heads, _, size = parts[0].shape
    made = parts[0].new_zeros(len(parts), heads, room, size)
    for row, part in zip(made, parts, strict=True):
        row[:, : part.shape[2]] = part[0]
    return made


def _together(asked: Tensor, shared: Tensor) -> Tensor:
    """Products of all rows (rows, heads, groups, n) with one (1, heads, n, m), a head at a time."""
    rows, heads, groups, _ = asked.shape
    flat = asked.transpose(0, 1).reshape(heads, rows * groups, -1)
    return (flat @ shared[0]).reshape(heads, rows, groups, -1).transpose(0, 1)
