from __future__ import annotations

import msgspec
import pytest

from engine.evaluation.assertions import judge
from engine.evaluation.statistics import PairedTable, newcombe_interval
from engine.records import Answer, Assertion, Case, Message
from engine.steps.compare import Compared
from engine.steps.slices import by_intent, by_rule
from tests.engine.steps.conftest import small_scope

DAYS = Assertion("number", 45, unit="days", rule="R01", critical=True)
BOX = Assertion("contains", "box", rule="R02")


def row(number: int, base: str | None, tuned: str | None, intent: str = "returns") -> Compared:
    """A case that asserts both rules, judged for two answers."""
    case = Case(f"c{number}", (Message("user", "How long?"),), assertions=(DAYS, BOX))
    case = msgspec.structs.replace(case, intent=intent)
    first, second = (
        None if text is None else Answer("domain", case.id, "", text) for text in (base, tuned)
    )
    judged = [None if answer is None else judge(case, answer) for answer in (first, second)]
    return Compared("domain", "domain", case, first, second, judged[0], judged[1], "both_right")


ROWS = [
    *(row(n, "Within 30 days, any box.", "Within 45 days, no carton.") for n in range(6)),
    row(6, "Within 45 days, any box.", "Within 45 days, any box.", "care"),
    row(7, "Within 45 days, any box.", "box box box box box box box box box box box box"),
    row(8, "Within 45 days, any box.", None),
]


def test_a_rule_is_held_or_broken_whatever_other_rules_say() -> None:
    found = {part.name: part for part in by_rule(ROWS, small_scope())}
    days, box = found["R01"], found["R02"]
    assert (days.n, days.base_right, days.tuned_right, days.fixed, days.broken) == (8, 2, 7, 6, 1)
    assert (box.n, box.base_right, box.tuned_right, box.fixed, box.broken) == (8, 8, 1, 0, 7)
    assert days.interval == newcombe_interval(PairedTable(1, 1, 6, 0))
    assert days.change == pytest.approx(5 / 8)
    assert days.is_critical
    assert days.p is None


def test_an_incoherent_answer_holds_no_rule() -> None:
    (box,) = (part for part in by_rule(ROWS[7:8], small_scope()) if part.name == "R02")
    assert (box.base_right, box.tuned_right) == (1, 0)


def test_a_critical_rule_that_is_broken_comes_before_a_worse_one_and_unasked_ones_last() -> None:
    scope = small_scope()
    unasked = msgspec.structs.replace(scope.rules[0], id="R09", title="gift cards")
    scope = msgspec.structs.replace(scope, rules=(unasked, *scope.rules))
    parts = by_rule(ROWS, scope)
    assert [part.name for part in parts] == ["R01", "R02", "R09"]
    assert [part.name for part in by_rule(ROWS[:6], scope)] == ["R02", "R01", "R09"]
    assert (parts[2].n, parts[2].interval, parts[1].title) == (0, None, "not in the scope")


def test_intents_count_whole_cases_and_only_those_that_both_arms_answered() -> None:
    returns, care = by_intent(ROWS)
    assert (returns.name, returns.n, returns.base_right, returns.tuned_right) == (
        "returns",
        7,
        1,
        0,
    )
    assert (care.name, care.n, care.broken, care.fixed) == ("care", 1, 0, 0)


def test_only_parts_of_twenty_cases_have_a_p_and_it_is_adjusted_for_how_many_there_are() -> None:
    fixed = [row(n, "30 days, box.", "45 days, box.", "a") for n in range(20)]
    also = [row(n, "30 days, box.", "45 days, box.", "b") for n in range(20, 40)]
    few = [row(n, "30 days, box.", "45 days, box.", "c") for n in range(40, 59)]
    alone = by_intent([*fixed, *few])
    both = by_intent([*fixed, *also, *few])
    assert [part.p is None for part in both] == [False, False, True]
    assert both[0].p == pytest.approx(2 * (alone[0].p or 0))
