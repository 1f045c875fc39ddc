"""The held-out cases: judged fairly, taught by the clean rows, and never among them."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

from engine.evaluation.suites import load_suite
from engine.records import Case
from sample_data import FOLDER
from tests.sample_data.awesomeshoes import HOME, NEAR, cases, failed, learned, likeness, the_scope


def test_there_are_120_held_out_cases_in_40_clusters() -> None:
    assert len(cases()) >= 120
    sizes = Counter(case.cluster for case in cases())
    assert len(sizes) == 40
    assert min(sizes.values()) >= 3
    assert len({case.id for case in cases()}) == len(cases())
    assert {case.intent for case in cases()} <= {i.name for i in the_scope().intents}


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_a_reference_passes_its_own_assertions(case: Case) -> None:
    assert failed(case, case.reference) == []


def test_every_held_out_fact_is_taught_by_at_least_eight_accepted_rows() -> None:
    answers = Counter(answer for _, answer in learned().values())
    for case in {case.assertions: case for case in cases()}.values():
        taught = sum(n for answer, n in answers.items() if not failed(case, answer))
        assert taught >= 8, case.id


def test_the_answer_of_another_rule_does_not_pass() -> None:
    # Declining to promise a date promises no compensation either, and the other way round.
    declined = {"compensation", "promise-date"}
    for one, other in product(cases(), repeat=2):
        same = one.assertions[0].rule == other.assertions[0].rule
        if not same and not {one.cluster, other.cluster} <= declined:
            assert failed(one, other.reference), (one.id, other.reference)


@pytest.mark.parametrize(
    ("case_id", "answer"),
    [
        ("window-length-1", "You can return unworn shoes within 45 days."),
        ("window-length-1", "You have forty-five days from delivery."),
        ("refund-wait-1", "It takes up to seven business days."),
        ("label-valid-1", "It works for three weeks."),
        ("fee-amount-1", "It costs 6.95 dollars."),
        ("giftcard-cash-1", "Gift cards can't be refunded."),
        ("trail-true-1", "No, it is not true to size: it runs half a size small."),
        ("alpine-size-1", "It comes up large, so order half a size smaller."),
        ("sprout-room-1", "There should be 12 millimetres of room."),
        ("box-missing-1", "We deduct $4.00."),
        ("promise-date-1", "We can't guarantee delivery by Thursday."),
    ],
)
def test_a_right_answer_in_other_words_passes(case_id: str, answer: str) -> None:
    assert failed(_case(case_id), answer) == []


@pytest.mark.parametrize(
    ("case_id", "answer"),
    [
        ("window-length-1", "You can return unworn shoes within 30 days of delivery."),
        ("window-over-1", "Yes, unworn shoes can be returned within 45 days of delivery."),
        ("refund-wait-1", "Refunds take 7 days."),
        ("exchange-length-1", "You have 45 days to exchange them."),
        ("fee-free-1", "Yes, returns are free."),
        ("giftcard-cash-1", "Yes, we refund gift cards."),
        ("trail-size-1", "Choose half a size smaller in the Trail Runner."),
        ("trail-true-1", "Yes, the Trail Runner is true to size."),
        ("alpine-true-3", "Yes, take half a size bigger."),
        ("express-cost-1", "Express shipping costs $5.50."),
        ("promise-date-1", "Yes, it will be there on Thursday."),
        ("card-chat-1", "Yes, please send me the number."),
        ("card-chat-1", "I entered 4111 1111 1111 1111 at checkout."),
    ],
)
def test_a_plainly_wrong_answer_fails(case_id: str, answer: str) -> None:
    assert failed(_case(case_id), answer)


def test_no_held_out_or_suite_question_is_near_an_accepted_one() -> None:
    suites = [load_suite(FOLDER / "suites" / f"{name}.jsonl") for name in the_scope().suites]
    asked = {c.prompt for s in suites for c in s.cases if s.gate != "forgetting"}
    asked |= {case.prompt for case in cases()}
    prompts = [prompt for prompt, _ in learned().values()]
    assert [p for p in product(asked, prompts) if likeness(*p) >= NEAR] == []


def test_there_are_three_pinned_prompts_apart_from_training_and_held_out() -> None:
    pinned = (HOME / "pinned.txt").read_text(encoding="utf-8").splitlines()
    others = [p for p, _ in learned().values()] + [case.prompt for case in cases()]
    assert len(pinned) == 3
    assert [p for p in product(pinned, others) if likeness(*p) >= NEAR] == []


def _case(case_id: str) -> Case:
    return next(case for case in cases() if case.id == case_id)
