"""What a run took, by what its folder says, and the estimate of its preflight held against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from engine.runs.folder import Event, Metric, Outcome, Preflight, RunFolder

WORKING = frozenset({"baseline", "training", "answering"})
"""The phases that an estimate is of."""


class Reckoning(msgspec.Struct, frozen=True):
    """Time, memory and disk of a run: estimated before it, and as it came; 0 where unknown."""

    estimated_s: float
    took_s: float
    estimated_memory: int
    memory: int
    estimated_disk: int
    disk: int


def measure(folder: RunFolder, memory: int, now: float) -> Outcome:
    """What a training run has taken: seconds at work, peak memory, bytes it wrote.

    memory: the peak of this life of the worker, bytes; now: Unix time.
    """
    metrics = folder.metrics()
    spans = working_spans(folder.events(), [m.time for m in metrics], now)
    return Outcome(
        seconds=sum(end - start for _, start, end in spans),
        memory=max([memory, *(m.memory or 0 for m in metrics)]),
        disk=sum(map(_bytes_in, (folder.checkpoints, folder.adapter))),
    )


def reckon(preflight: Preflight | None, outcome: Outcome | None) -> Reckoning | None:
    """Both side by side; None before a preflight has estimated anything."""
    if preflight is None or not preflight.eta_s:
        return None
    taken = outcome or Outcome(0.0, 0, 0)
    return Reckoning(
        estimated_s=preflight.eta_s,
        took_s=taken.seconds,
        estimated_memory=preflight.memory,
        memory=taken.memory,
        estimated_disk=preflight.disk,
        disk=taken.disk,
    )


def working_spans(
    events: Sequence[Event], moments: Sequence[float], now: float | None = None
) -> Iterator[tuple[str, float, float]]:
    """Phase, beginning and end of each stretch of work, Unix time.

    moments: when else something was written, such as metrics. A worker that was killed is taken to
    have worked until it last wrote anything. now: when a worker is at it still.
    """
    phases = [e for e in events if e.kind == "phase"]
    written = sorted([*moments, *(e.time for e in events)])
    for event, after in pairwise([*phases, None]):
        if event is None or _name(event) not in WORKING:
            continue
        if after is not None and _name(after) not in ("loading", "waiting"):
            yield _name(event), event.time, after.time
            continue
        limit = float("inf") if after is None else after.time
        last = max((t for t in written if event.time <= t < limit), default=event.time)
        yield _name(event), event.time, last if after is not None or now is None else now


def training_seconds(
    events: Sequence[Event], metrics: Sequence[Metric], now: float | None = None
) -> float:
    """Seconds in the training phase, over all lives of the worker."""
    spans = working_spans(events, [m.time for m in metrics], now)
    return sum(end - start for phase, start, end in spans if phase == "training")


def _name(event: Event) -> str:
    return event.text.partition(":")[0]


def _bytes_in(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
