"""Checkpoints of a run side by side: what each made of the validation rows, which to take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp

import msgspec

from engine.evaluation.assertions import can_be_judged, judge
from engine.evaluation.statistics import Interval, paired_mean, wilson_interval
from engine.records import Answer, Suite
from engine.runs.standing import Standing
from engine.store.choices import ChosenStep

PREFIX = "step-"


class Candidate(msgspec.Struct, frozen=True):
    """What one checkpoint made of the validation rows."""

    step: int
    judged: int
    """Rows with something to pass or fail."""
    right: int
    right_interval: Interval | None
    """95 % Wilson interval of the share that is right."""
    loss: float | None
    """Mean nats a token of the answers as people gave them, over rows; None without any."""
    over_best: Interval | None
    """90 % interval of its loss less that of the kept adapter, row by row; None for that one."""
    rise: float | None
    """Nats that the loss on general texts rose above the base model's."""
    excess: float
    """Of that, how much is past the run's limit."""
    is_kept: bool
    """Whether training kept it as the best."""
    is_chosen: bool
    """Whether verdicts are about it."""


class Candidates(msgspec.Struct, frozen=True):
    """The checkpoints of a run side by side."""

    run: int
    rows: int
    candidates: tuple[Candidate, ...]
    advice: str
    choice: ChosenStep | None
    looked: bool
    """Whether somebody has seen answers to sealed cases: a choice from now on is named so."""


def table(
    suite: Suite,
    answers: Sequence[Answer],
    standing: Standing,
    kept: int | None,
    chosen: int | None,
) -> Iterator[Candidate]:
    """A line for each checkpoint that has answered, by step; kept and chosen are steps."""
    by_step: dict[int, dict[str, Answer]] = {}
    for answer in answers:
        if answer.arm.startswith(PREFIX) and not answer.repeat:
            step = int(answer.arm.removeprefix(PREFIX))
            by_step.setdefault(step, {})[answer.case] = answer
    reference = by_step.get(kept or 0, {})
    cases = {case.id: case for case in suite.cases}
    looks = {look.step: look for look in standing.looks}
    for step in sorted(by_step):
        given, look = by_step[step], looks.get(step)
        judged = [judge(cases[i], a) for i, a in given.items() if can_be_judged(cases[i])]
        right = sum(one.passed for one in judged)
        losses = [a.nll / a.nll_tokens for a in given.values() if a.nll is not None]
        yield Candidate(
            step=step,
            judged=len(judged),
            right=right,
            right_interval=wilson_interval(right, len(judged)) if judged else None,
            loss=sum(losses) / len(losses) if losses else None,
            over_best=None if step == kept else _over(given, reference),
            rise=look.rise if look else None,
            excess=standing.excess(look) if look else 0.0,
            is_kept=step == kept,
            is_chosen=step == chosen,
        )


def _over(given: dict[str, Answer], reference: dict[str, Answer]) -> Interval | None:
    changes = [
        answer.nll / answer.nll_tokens - other.nll / other.nll_tokens
        for case, answer in given.items()
        if (other := reference.get(case)) is not None
        and answer.nll is not None
        and other.nll is not None
    ]
    if len(changes) < 2:
        return None
    found = paired_mean(changes)
    return found.lower, found.upper


def advise(found: Sequence[Candidate]) -> str:
    """Which to take, in a sentence: another than the kept one needs to be better past chance."""
    if not found:
        return "No answer yet: the run that measures them is still at it."
    kept = next((one for one in found if one.is_kept), None)
    if kept is None:
        return "The adapter that training kept is not among these: no step is recommended."
    better = [
        one
        for one in found
        if not one.excess and one.over_best is not None and one.over_best[1] < 0
    ]
    more_right = [one for one in better if one.right >= kept.right]
    if not more_right:
        return (
            f"Nothing here is better than step {kept.step}, which training kept, by more than"
            " chance explains: keep it."
        )
    best = max(more_right, key=lambda one: (one.right, -(one.loss or 0.0)))
    gain = exp(-(best.over_best or (0.0, 0.0))[1])
    return (
        f"Step {best.step} has {best.right} of {best.judged} right, step {kept.step} {kept.right};"
        f" its answers are likelier, each token by a factor of {gain:.2f} at least."
    )
