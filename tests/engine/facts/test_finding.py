"""Typed facts are found with their exact span, amount and canonical unit."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ScopeError
from engine.facts import canonical_unit, find_facts, parse_fact, same_fact

SINGLE = [
    ("45 days", "duration", 45, "day"),
    ("forty-five days", "duration", 45, "day"),
    ("forty-five (45) days", "duration", 45, "day"),
    ("45-day", "duration", 45, "day"),
    ("45 full days", "duration", 45, "day"),
    ("six weeks", "duration", 42, "day"),
    ("a fortnight", "duration", 14, "day"),
    ("two and a half weeks", "duration", 17.5, "day"),
    ("5 business days", "duration", 5, "working day"),
    ("half an hour", "duration", 0.5, "hour"),
    ("12 months", "duration", 12, "month"),
    ("$6.95", "money", 6.95, "dollar"),
    ("6.95 dollars", "money", 6.95, "dollar"),
    ("six dollars and ninety-five cents", "money", 6.95, "dollar"),
    ("USD 1,250.50", "money", 1250.5, "dollar"),
    ("95 cents", "money", 0.95, "dollar"),
    ("6,95 €", "money", 6.95, "euro"),
    ("£20", "money", 20, "pound"),
    ("$5k", "money", 5000, "dollar"),
    ("25 %", "percent", 25, "percent"),
    ("twenty five percent", "percent", 25, "percent"),
    ("half a size", "number", 0.5, "size"),
    ("a half size", "number", 0.5, "size"),
    ("1½ sizes", "number", 1.5, "size"),
    ("1 1/2 sizes", "number", 1.5, "size"),
    ("one and a half sizes", "number", 1.5, "size"),
    ("a full size", "number", 1, "size"),
    ("size 9.5", "number", 9.5, "shoe size"),
    ("EU 42", "number", 42, "shoe size"),
    ("two hundred and six miles", "number", 206, "mile"),
    ("one thousand two hundred points", "number", 1200, "point"),
    ("a dozen items", "number", 12, "item"),
    ("5:30 pm", "number", 17.5, "o'clock"),
    ("-12", "number", -12, ""),
    ("2026-11-03", "date", 739923, "date"),
    ("3 November 2026", "date", 739923, "date"),
    ("November 3rd, 2026", "date", 739923, "date"),
    ("3 Nov", "date", 1103, "day of year"),
]


@pytest.mark.parametrize(("written", "kind", "amount", "unit"), SINGLE)
def test_a_fact_is_read_with_its_kind_amount_and_unit(
    written: str, kind: str, amount: float, unit: str
) -> None:
    (fact,) = find_facts(written)
    assert (fact.kind, fact.amount, fact.unit) == (kind, amount, unit)
    assert (fact.text, fact.start, fact.end) == (written, 0, len(written))


@pytest.mark.parametrize(("written", "kind", "amount", "unit"), SINGLE)
def test_a_fact_inside_a_sentence_keeps_an_exact_span(
    written: str, kind: str, amount: float, unit: str
) -> None:
    sentence = f"İn short: {written}, no exceptions."
    (fact,) = find_facts(sentence)
    assert sentence[fact.start : fact.end] == written == fact.text
    assert (fact.kind, fact.amount, fact.unit) == (kind, amount, unit)


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("Refunds take 3-5 working days.", [3, 5]),
        ("Refunds take three to five working days.", [3, 5]),
        ("between 3 and 5 working days", [3, 5]),
        ("3 \N{EN DASH} 5 working days", [3, 5]),
    ],
)
def test_both_ends_of_a_range_carry_the_unit(text: str, amounts: list[float]) -> None:
    facts = find_facts(text)
    assert [f.amount for f in facts] == amounts
    assert {f.unit for f in facts} == {"working day"}


@pytest.mark.parametrize(
    "text",
    [
        "I think one of them fits",
        "call us twice a week",
        "anyone in the tense office",
        "you may march on",
        "model AS-X and route B",
        "Have a good day!",
        "day by day",
    ],
)
def test_ordinary_words_are_not_facts(text: str) -> None:
    assert [f for f in find_facts(text) if f.unit] == []


@pytest.mark.parametrize("text", ["choose the 2E width", "on the 15th", "order AS-10423", "24/7"])
def test_labels_that_begin_with_a_figure_are_not_amounts(text: str) -> None:
    assert [f.text for f in find_facts(text) if f.text != "24"] == []


def test_a_rate_keeps_its_number_only() -> None:
    assert [f.text for f in find_facts("open 7 days a week")] == ["7 days"]


def test_letters_that_grow_when_lowered_do_not_shift_spans() -> None:
    text = "İİİ 45 days"
    (fact,) = find_facts(text)
    assert text[fact.start : fact.end] == "45 days"


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("six weeks", "42 days", True),
        ("a fortnight", "14 days", True),
        ("one year", "12 months", True),
        ("24 hours", "a day", True),
        ("$6.95", "6.95 dollars", True),
        ("$1", "100 cents", True),
        ("5 working days", "5 business days", True),
        ("3 November 2026", "2026-11-03", True),
        ("half a size", "0.5 sizes", True),
        ("5 working days", "5 days", False),
        ("a working week", "7 days", False),
        ("30 days", "1 month", False),
        ("$5", "5 euros", False),
        ("$5", "5 %", False),
        ("size 1", "1 size", False),
        ("45 days", "46 days", False),
        ("yes", "no", False),
        ("yes", "Yes, of course", True),
    ],
)
def test_facts_are_compared_by_what_they_say(left: str, right: str, same: bool) -> None:
    assert same_fact(parse_fact(left), parse_fact(right)) is same


def test_text_without_a_fact_is_a_scope_error() -> None:
    with pytest.raises(ScopeError, match="no fact in 'soon'"):
        parse_fact("soon")


@pytest.mark.parametrize(
    ("spelling", "unit"),
    [
        ("Days", "day"),
        ("business  days", "working day"),
        ("%", "percent"),
        ("bananas", "banana"),
        ("inches", "inch"),
    ],
)
def test_units_have_one_singular(spelling: str, unit: str) -> None:
    assert canonical_unit(spelling) == unit


@given(st.integers(1, 9999), st.sampled_from(["days", "dollars", "percent", "sizes", "points"]))
def test_any_whole_amount_comes_back(amount: int, unit: str) -> None:
    plain, grouped = find_facts(f"{amount} {unit}"), find_facts(f"{amount:,} {unit}")
    assert plain[0].amount == grouped[0].amount == amount
    assert same_fact(plain[0], grouped[0])


@given(st.text(alphabet="0123456789 a-one,.$%/½ftyhundredwkszx\n", max_size=80))
def test_spans_never_overlap_and_always_quote_the_text(text: str) -> None:
    facts = find_facts(text)
    assert all(text[f.start : f.end] == f.text for f in facts)
    assert all(a.end <= b.start for a, b in itertools.pairwise(facts))


@pytest.mark.parametrize(
    "piece",
    ["1", "one ", "1,111", "a ", "size ", "half a ", "3 to ", "1 1/2 ", "twenty ", "five"],
)
def test_no_text_makes_the_search_explode(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    started = time.process_time()
    find_facts(text)
    assert time.process_time() - started < 2.0
