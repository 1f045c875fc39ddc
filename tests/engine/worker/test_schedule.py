"""The order of training."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.recipe import Recipe
from engine.worker.schedule import held_a_step, held_steps, make_schedule


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


@given(st.floats(0.01, 2.0), st.integers(1, 16), st.integers(1, 40), st.integers(1, 60))
def test_a_share_of_rows_holds_on_average_whatever_it_comes_to_in_a_step(
    share: float, size: int, rows: int, steps: int
) -> None:
    recipe = Recipe(kl_share=share, batch_size=size, micro_batch=1)
    schedule = held_steps(rows, steps, recipe)
    counts = [len(step) for step in schedule]
    assert len(counts) == steps
    assert counts[0] == max(counts) >= 1
    assert max(counts) - min(counts) <= 1
    assert 0 <= sum(counts) - held_a_step(recipe) * steps < 1.00001
    # Every row once before one comes again.
    seen = Counter(n for step in schedule for n in step)
    assert max(seen.values()) - min(seen.get(n, 0) for n in range(rows)) <= 1


def test_half_a_row_a_step_is_a_row_every_other_step() -> None:
    recipe = Recipe(kl_share=0.0625, batch_size=8)
    assert [len(step) for step in held_steps(9, 5, recipe)] == [1, 0, 1, 0, 1]
