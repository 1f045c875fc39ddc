"""What stands beside the flips of a comparison: its noise floor, and the loss on right answers."""

from __future__ import annotations

import math
from collections.abc import Iterable

from engine.evaluation.evidence import NoiseFloor
from engine.evaluation.statistics import PairedMean, paired_mean
from engine.records import Answer
from engine.steps.compare import Compared, Comparison


def reference_change(rows: Iterable[Compared]) -> PairedMean | None:
    """Change of the loss on reference answers, nats a token, second arm less first.

    Over the domain cases that have a reference, case by case; None with fewer than two of them.
    The bounds are one-sided 95 % ones: together a 90 % interval.
    """
    changes = [
        after - before
        for row in rows
        if row.gate == "domain"
        and (before := _loss(row.base)) is not None
        and (after := _loss(row.tuned)) is not None
    ]
    return paired_mean(changes) if len(changes) > 1 else None


def _loss(answer: Answer | None) -> float | None:
    if answer is None or answer.nll is None or not answer.nll_tokens:
        return None
    return answer.nll / answer.nll_tokens if math.isfinite(answer.nll) else None


def in_words(found: Comparison) -> tuple[str, ...]:
    """A sentence each for what is known."""
    change = reference_change(found.rows)
    return (*_noise_words(found.noise, found.first), *_change_words(change))


def _noise_words(noise: NoiseFloor | None, arm: str) -> tuple[str, ...]:
    if noise is None or not noise.cases:
        return (f"Noise floor not measured: {arm} answered no case twice.",)
    return (
        f"Noise floor: {noise.flips} of {noise.cases} answers changed when {arm} answered again in"
        " other batches.",
    )


def _change_words(change: PairedMean | None) -> tuple[str, ...]:
    if change is None:
        return ()
    return (
        f"Loss on the reference answers: {change.mean:+.2f} nats a token"
        f" [{change.lower:+.2f}, {change.upper:+.2f}] (90 %), {change.n} domain cases.",
    )
