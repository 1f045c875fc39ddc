"""What an operator is offered to vary, and values to begin with."""

from __future__ import annotations

from collections.abc import Callable

from engine.recipe import Recipe
from engine.steps.queue import Series
from screens.base import Choice


def _thirds(value: float) -> str:
    return ",".join(f"{value * factor:.1g}" for factor in (1 / 3, 1, 3))


OFFERED: dict[str, Callable[[Recipe], str]] = {
    "learning_rate": lambda recipe: _thirds(recipe.learning_rate),
    "epochs": lambda recipe: f"{recipe.epochs / 2:g},{recipe.epochs:g},{recipe.epochs * 2:g}",
    "rank": lambda _: "8,16,32",
    "guard_share": lambda _: "0,0.25,0.5",
    "kl_share": lambda _: "0,0.25,0.5",
    "method": lambda _: "lora,rslora,dora",
    "seed": lambda recipe: f"{recipe.seed},{recipe.seed + 1},{recipe.seed + 2}",
}
OTHER = "another setting"


def choices() -> list[str]:
    """Settings worth varying, and all others."""
    return [*OFFERED, OTHER]


def first_wish(choice: Choice, recipe: Recipe) -> str:
    """`learning_rate=0.0003,0.001,0.003`, to be changed at will."""
    offered = OFFERED.get(choice.value)
    return "" if offered is None else f"{choice.value}={offered(recipe)}"


def what_comes(series: Series) -> str:
    """What is about to be started, in numbers."""
    return (
        f"{len(series.recipes)} runs, alike in everything but {series.setting}:"
        f" {', '.join(series.values)}. Each does its preflight, trains and answers when the one"
        " before has ended; they go on without strop. A run that its preflight blocks is passed"
        " over."
    )
