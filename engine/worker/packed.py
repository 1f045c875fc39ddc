"""Segments of a tree run end to end through a decoder, each seeing its own path and nothing else.

A pass has no padding and no cache: an attention function of ours, in place of the model's own,
joins the keys and values of a segment's path to its own ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn.functional import dropout as drop
from torch.nn.functional import scaled_dot_product_attention

from engine.worker.tree import Segment

NAME = "strop_tree"
MOST_PROBED = 512
"""Tokens: a longer window than this is not walked to its end when a model is tried."""

Memory = dict[int, list[tuple[Tensor, Tensor]]]
"""By layer: keys and values, each (1, heads, tokens, size), of the shared segments in order."""


class Running(Protocol):
    """What answers the attention of one forward pass."""

    def attend(self, module: Any, query: Tensor, key: Tensor, value: Tensor, how: How) -> Tensor:
        """Attention of queries (rows, heads, tokens, size), in that shape."""


@dataclass(frozen=True, slots=True)
class How:
    """What a layer wants of its attention beside queries, keys and values."""

    scaling: float
    dropout: float
    softcap: float | None
    window: int | None
    """How many tokens it sees, the asking one among them; None sees all."""


_RUNNING: list[Running] = []


def run_segments(
    decoder: Any, segments: Sequence[Segment], memory: Memory, *, remember: bool = False
) -> Tensor:
    """Last hidden states (tokens, width) of segments, in their order.

    memory: keys and values of the shared segments; `remember` adds those of this pass to it.
    """
    device = decoder.get_input_embeddings().weight.device
    ids = [token for s in segments for token in s.ids]
    positions = [p for s in segments for p in range(s.start, s.end)]
    with attending(decoder, _Pass(segments, memory, remember)):
        states = decoder(
            input_ids=torch.tensor([ids], device=device),
            position_ids=torch.tensor([positions], device=device),
            use_cache=False,
        ).last_hidden_state
    return states[0]


@contextmanager
def attending(decoder: Any, running: Running) -> Iterator[None]:
    """The decoder with attention by `running` in place of its own."""
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, _attend)
    own = decoder.config._attn_implementation
    decoder.config._attn_implementation = NAME
    _RUNNING.append(running)
    try:
        yield
    finally:
        _RUNNING.pop()
        decoder.config._attn_implementation = own


@contextmanager
def rerunning(decoder: Any, running: Running | None) -> Iterator[None]:
    """A layer run again on the way back, when the pass that it belongs to is over."""
    if running is None:
        yield
    else:
        with attending(decoder, running):
            yield


def current() -> Running | None:
    """What answers the attention of the forward pass that is going on, if it is one of ours."""
    return _RUNNING[-1] if _RUNNING else None


def _attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Any = None,
    dropout: float = 0.0,
    scaling: float | None = None,
    softcap: float | None = None,
    sliding_window: int | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """Attention as transformers calls it: (rows, heads, tokens, size) to (rows, tokens, ...)."""
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    how = How(scale, dropout, softcap, sliding_window)
    return _RUNNING[-1].attend(module, query, key, value, how).transpose(1, 2), None


@dataclass(slots=True)
class _Pass:
    """Segments end to end in one row: each sees its path and itself."""

    segments: Sequence[Segment]
    memory: Memory
    remembers: bool
    masks: dict[tuple[int, int | None, int], Tensor] = field(default_factory=dict)
    known: dict[int, int] = field(default_factory=dict)
    """How many segments the memory of a layer held when this pass came to it first."""

    def attend(self, module: Any, query: Tensor, key: Tensor, value: Tensor, how: How) -> Tensor:
        """Attention segment by segment, over the keys of its path and its own."""
        lengths = [len(s.ids) for s in self.segments]
        kept = self.memory.setdefault(module.layer_idx, [])
        before_us = self.known.setdefault(module.layer_idx, len(kept))
        made = []
        parts = zip(*(t.split(lengths, dim=2) for t in (query, key, value)), strict=True)
        for number, (asked, own_key, own_value) in enumerate(parts):
            # A layer that is run again on the way back finds its own already there.
            if self.remembers and len(kept) == before_us + number:
                kept.append((own_key, own_value))
            before = [kept[n] for n in self.segments[number].path]
            keys = torch.cat([*(k for k, _ in before), own_key], dim=2) if before else own_key
            values = torch.cat([*(v for _, v in before), own_value], dim=2) if before else own_value
            if before or how.window is not None or how.softcap is not None:
                mask = self._mask(number, how.window, query.shape[1] // key.shape[1], query)
                made.append(_attention(asked, keys, values, mask, how))
            else:
                made.append(_causal(asked, keys, values, how))
        return torch.cat(made, dim=2)

    def _mask(self, number: int, window: int | None, groups: int, like: Tensor) -> Tensor:
        """0 where a token of a segment sees one of its path or its own, else minus infinity."""
        known = self.masks.get((number, window, groups))
        if known is None:
            segment = self.segments[number]
            asking = torch.arange(segment.start, segment.end, device=like.device)[:, None]
            asked = torch.arange(segment.end, device=like.device)
            hidden = asked > asking
            if window is not None:
                hidden |= asked <= asking - window
            known = torch.zeros(hidden.shape, dtype=like.dtype, device=like.device)
            known = known.masked_fill(hidden, float("-inf")).repeat(groups, 1)
            self.masks[number, window, groups] = known
        return known


def _causal(asked: Tensor, keys: Tensor, values: Tensor, how: How) -> Tensor:
    """Attention of a segment that begins its row: half of the work of a mask."""
    grouped = asked.shape[1] != keys.shape[1]
    return scaled_dot_product_attention(
        asked,
        keys,
        values,
        dropout_p=how.dropout,
        is_causal=True,
        scale=how.scaling,
        enable_gqa=grouped,
    )


def _attention(asked: Tensor, keys: Tensor, values: Tensor, mask: Tensor, how: How) -> Tensor:
    """Attention of (1, heads, n, size) over fewer key heads, without a copy of keys a head."""
    _, heads, count, size = asked.shape
    # Heads that share keys are queries one below the other.
    folded = asked.reshape(1, keys.shape[1], heads // keys.shape[1] * count, size)
    if how.softcap is None:
        seen = scaled_dot_product_attention(
            folded, keys, values, mask, how.dropout, scale=how.scaling
        )
    else:
        scores = torch.tanh(folded @ keys.transpose(2, 3) * how.scaling / how.softcap)
        weights = (scores * how.softcap + mask).softmax(-1, torch.float32).to(values.dtype)
        seen = drop(weights, how.dropout) @ values
    return seen.reshape(1, heads, count, values.shape[-1])


def packs(model: Any) -> bool:
    """Whether a model gives the same states for a tree as for its rows in full, tried once.

    False where layers carry a state from token to token, where attention does not go through
    transformers' interface, or where something else sees the order of the tokens in a pass.
    """
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    if not hasattr(causal, "_strop_packs"):
        causal._strop_packs = _knows_all_layers(causal) and _gives_the_same(causal.get_decoder())
    return bool(causal._strop_packs)


def _knows_all_layers(causal: Any) -> bool:
    config = causal.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or ())
    return (
        bool(getattr(causal, "_supports_attention_backend", False))
        and kinds <= {"full_attention", "sliding_attention"}
        and getattr(config, "attention_chunk_size", None) is None
    )


@torch.no_grad()
def _gives_the_same(decoder: Any) -> bool:
    """Three rows of which two share a beginning, longer than a small window, packed and plain."""
    config = decoder.config
    window = min(getattr(config, "sliding_window", None) or 0, MOST_PROBED)
    common, vocabulary = window + 24, config.vocab_size
    rows = [
        tuple((7 * i + 13) % vocabulary for i in range(common)),
        *(tuple((11 * i + 5 * n) % vocabulary for i in range(12 + n)) for n in range(3)),
    ]
    tree = [Segment(rows[0], 0), Segment(rows[3], 0)]
    leaves = [Segment(rows[1], common, (0,)), Segment(rows[2], common, (0,))]
    training, memory = decoder.training, Memory()
    decoder.eval()
    try:
        packed = run_segments(decoder, tree, memory, remember=True)
        packed = torch.cat([packed[common:], run_segments(decoder, leaves, memory)])
    except Exception:
        # A model's own code: whatever it raises, it says no more than "not this way".
        return False
    finally:
        decoder.train(training)
    full = [rows[3], rows[0] + rows[1], rows[0] + rows[2]]
    tails = [len(rows[3]), len(rows[1]), len(rows[2])]
    plain = torch.cat([_plain(decoder, r)[-n:] for r, n in zip(full, tails, strict=True)])
    room = 1e-3 if plain.dtype == torch.float32 else 0.1
    return bool(((packed - plain).norm() <= room * plain.norm()).item())


def _plain(decoder: Any, ids: tuple[int, ...]) -> Tensor:
    device = decoder.get_input_embeddings().weight.device
    given = torch.tensor([ids], device=device)
    return decoder(input_ids=given, use_cache=False).last_hidden_state[0]
