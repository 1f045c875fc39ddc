import random

from hypothesis import given
from hypothesis import strategies as st

from engine.curation.split import split
from engine.records import NumberedExample
from tests.engine.curation.rows import row

INTENTS = ("returns", "refunds", "fit")


@st.composite
def sets(draw: st.DrawFn) -> tuple[list[NumberedExample], list[tuple[int, ...]]]:
    count = draw(st.integers(2, 60))
    rows = [
        row(
            i,
            f"q{i}",
            "a",
            intent=draw(st.sampled_from(INTENTS)),
            talk=draw(st.sampled_from(["", "", "", "c1", "c2"])),
        )
        for i in range(1, count + 1)
    ]
    ids = st.integers(1, count)
    groups = draw(
        st.lists(st.lists(ids, min_size=2, max_size=4, unique=True).map(tuple), max_size=5)
    )
    return rows, groups


@given(sets(), st.integers(0, 9))
def test_nothing_is_lost_or_doubled_and_no_group_parts(
    given_set: tuple[list[NumberedExample], list[tuple[int, ...]]], seed: int
) -> None:
    rows, groups = given_set
    made = split(rows, groups, validation=0.1, held_out=0.2, seed=seed)
    everything = [*made.train, *made.validation, *made.held_out]
    assert sorted(everything) == [r.id for r in rows]
    part = {i: n for n, ids in enumerate((made.train, made.validation, made.held_out)) for i in ids}
    for group in groups:
        assert len({part[i] for i in group}) == 1
    for talk in ("c1", "c2"):
        assert len({part[r.id] for r in rows if r.example.conversation == talk}) <= 1


@given(sets(), st.integers(0, 9), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_groups_does_not_matter(
    given_set: tuple[list[NumberedExample], list[tuple[int, ...]]],
    seed: int,
    chance: random.Random,
) -> None:
    rows, groups = given_set
    made = split(rows, groups, validation=0.1, held_out=0.2, seed=seed)
    mixed, regrouped = list(rows), [tuple(reversed(g)) for g in groups]
    chance.shuffle(mixed)
    chance.shuffle(regrouped)
    assert split(mixed, regrouped, validation=0.1, held_out=0.2, seed=seed) == made


@given(st.integers(0, 50), st.sampled_from([0.1, 0.2, 0.3]))
def test_parts_are_as_large_as_asked_and_balanced_over_intents(seed: int, share: float) -> None:
    rows = [row(i, f"q{i}", "a", intent=INTENTS[i % 3]) for i in range(300)]
    made = split(rows, [], validation=0.1, held_out=share, seed=seed)
    assert abs(len(made.held_out) - 300 * share) <= 3
    assert abs(len(made.validation) - 30) <= 3
    for n, intent in enumerate(INTENTS):
        held = sum(1 for i in made.held_out if i % 3 == n)
        assert abs(held - 100 * share) <= 2, intent


def test_seeds_differ_and_a_share_of_nothing_gives_nothing() -> None:
    rows = [row(i, f"q{i}", "a") for i in range(100)]
    first = split(rows, [], validation=0.1, held_out=0.2, seed=1)
    assert first != split(rows, [], validation=0.1, held_out=0.2, seed=2)
    assert split(rows, [], validation=0.1, held_out=0.0, seed=1).held_out == ()
    assert split([], [], validation=0.1, held_out=0.2, seed=1).train == ()
