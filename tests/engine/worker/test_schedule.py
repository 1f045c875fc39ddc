"""The order of training."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.recipe import Recipe
from engine.worker.schedule import make_schedule


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=150), st.integers(1, 9), st.integers(1, 4)
)
def test_every_row_comes_once_an_epoch_and_only_the_last_batch_is_short(
    lengths: list[int], size: int, epochs: int
) -> None:
    schedule = make_schedule(lengths, Recipe(batch_size=size, epochs=float(epochs)))
    seen = Counter(i for batch in schedule for i in batch)
    assert seen == dict.fromkeys(range(len(lengths)), epochs)
    assert all(len(batch) == size for batch in schedule[:-1])


def test_the_same_seed_draws_the_same_order_and_another_seed_another() -> None:
    lengths = list(range(1, 41))
    assert make_schedule(lengths, Recipe()) == make_schedule(lengths, Recipe())
    assert make_schedule(lengths, Recipe()) != make_schedule(lengths, Recipe(seed=8))


def test_batches_hold_rows_of_like_length() -> None:
    lengths = [10, 400] * 32
    schedule = make_schedule(lengths, Recipe(batch_size=8, epochs=1.0))
    padding = sum(
        max(lengths[i] for i in b) * len(b) - sum(lengths[i] for i in b) for b in schedule
    )
    assert padding <= 390 * 8
