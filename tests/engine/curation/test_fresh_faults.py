"""Faults drawn at test time, in businesses drawn at test time: found, and clean rows left alone."""

from __future__ import annotations

from collections import Counter
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.checks import Tally, clean_of_sample, fresh_tally
from benchmarks.domains import NAMES, Clean, draw_domain
from engine.curation.checks import contradiction
from engine.records import Example, Message, NumberedExample
from engine.scope import Scope

RECALL, ALARMS = 0.98, 0.02
seeds = st.integers(0, 2**32)


@pytest.fixture(scope="module")
def sample() -> tuple[Scope, list[Clean]]:
    return clean_of_sample()


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=5, deadline=None)
@given(seed=seeds)
def test_fresh_faults_in_other_businesses_are_found_and_their_clean_rows_left_alone(
    name: str, seed: int
) -> None:
    draw, tally = Random(seed), Tally()
    domain = draw_domain(name, draw)
    fresh_tally(domain.scope, domain.rows, draw, tally)
    assert tally.alarms <= ALARMS * tally.clean
    assert tally.found.total() >= RECALL * tally.sought.total(), tally.sought - tally.found
    assert set(tally.sought) >= {"other number", "other unit", "denied", "promised", "dropped"}


def test_fresh_faults_in_the_sample_are_found_and_its_clean_rows_left_alone(
    sample: tuple[Scope, list[Clean]],
) -> None:
    seed, tally = Random().randrange(1 << 32), Tally()
    fresh_tally(*sample, Random(seed), tally)
    missed = tally.sought - tally.found
    assert tally.alarms <= ALARMS * tally.clean
    assert tally.found.total() >= RECALL * tally.sought.total(), (seed, missed)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=5, deadline=None)
@given(seed=seeds)
def test_two_right_answers_in_one_are_still_right(name: str, seed: int) -> None:
    draw = Random(seed)
    domain = draw_domain(name, draw)
    pairs = [draw.sample(domain.rows, 2) for _ in range(100)]
    rows = [
        NumberedExample(i, _joined(first.example, second.example))
        for i, (first, second) in enumerate(pairs)
        if first.rule.id != second.rule.id
    ]
    alarms = contradiction.check(rows, [], domain.scope)
    rules = Counter(f.rule for f in alarms)
    assert len(alarms) <= ALARMS * len(rows), rules


def _joined(first: Example, second: Example) -> Example:
    answer = Message("assistant", f"{first.answer} {second.answer}")
    return msgspec.structs.replace(first, messages=(*first.messages[:-1], answer))
