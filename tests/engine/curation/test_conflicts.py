"""Conflicts on rows drawn anew in each run, and what makes two questions one."""

from random import SystemRandom

import pytest

from benchmarks.conflicts import ALARMS, RECALL, tally
from engine.curation.questions import ask_the_same, telling_words
from engine.curation.run import run_checks
from engine.records import Finding
from tests.engine.curation.rows import SCOPE, row

FEW_DAYS = "How long may I keep the {} before I return them?"


def conflicts(*pairs: tuple[str, str]) -> list[Finding]:
    rows = [row(number, *pair) for number, pair in enumerate(pairs)]
    return run_checks(rows, [], SCOPE, ["conflict"])


def test_fresh_conflicts_are_found_and_clean_rows_left_alone() -> None:
    seed = SystemRandom().randrange(2**32)
    planted, met, clean, alarmed = tally(1000, seed)
    assert planted > 300, seed
    assert met >= RECALL * planted, seed
    assert alarmed <= ALARMS * clean, seed


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("How long does the refund take?", "hi, how long does the refund take pls"),
        ("How long does the refund take?", "How long does the reimbursement take?"),
        ("Can I exchange unworn shoes?", "Can I exchange unwron shoes?"),
        ("What is the price of a repair?", "What does a repair cost?"),
    ],
)
def test_slips_fillers_and_synonyms_ask_the_same(left: str, right: str) -> None:
    assert ask_the_same(left, right, telling_words(SCOPE))
    assert ask_the_same(right, left, telling_words(SCOPE))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Can I exchange unworn shoes?", "Can I exchange worn shoes?"),
        ("What if I have the receipt?", "What if I don't have the receipt?"),
        ("Is the Alder boot waterproof?", "Is the Birch boot waterproof?"),
        ("Do you ship before Monday?", "Do you ship after Monday?"),
    ],
)
def test_negations_conditions_and_other_things_ask_something_else(left: str, right: str) -> None:
    assert not ask_the_same(left, right, telling_words(SCOPE))
    assert not ask_the_same(right, left, telling_words(SCOPE))


def test_every_row_of_either_side_stands_in_a_pair() -> None:
    question = FEW_DAYS.format("sandals")
    answers = ["45 days.", "It is 45 days.", "Thirty days.", "You have 30 days."]
    found = conflicts(*((question, answer) for answer in answers))
    assert {i for f in found for i in f.examples} == {0, 1, 2, 3}
    assert all({answers[i] for i in f.examples} & set(answers[:2]) for f in found)
    assert found[0].detail == "says 45 days, the other Thirty days (#2)"


def test_equal_words_with_another_sign_conflict_and_are_no_duplicates() -> None:
    rows = [row(1, "What is the fee?", "It is $5."), row(2, "what is the fee", "It is \u20ac5.")]
    found = run_checks(rows, [], SCOPE, ["conflict", "exact_duplicate", "near_duplicate"])
    assert [(f.check, f.examples) for f in found] == [("conflict", (1, 2))]
