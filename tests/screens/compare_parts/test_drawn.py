from __future__ import annotations

import pytest

from engine.evaluation.assertions import judge
from engine.records import Answer, Assertion, AssertionKind, Case, Message
from engine.steps.compare import Compared
from screens.compare_parts.case import Shown, draw_case
from screens.compare_parts.draw import draw_suites, draw_waiting, shorten
from screens.compare_parts.words import shown_answer, wanted_words
from screens.symbols import ASCII, UNICODE
from tests.screens.harness import EVERYTHING, is_harmless

DAYS = Assertion("number", 45.0, unit="days", rule="R01", critical=True)


def row_of(base: str | None, tuned: str | None, case: Case | None = None) -> Compared:
    case = case or Case(
        "c1", (Message("user", "How long?"),), "Within 45 days.", "returns", assertions=(DAYS,)
    )
    left, right = _answer(case, "base", base), _answer(case, "tuned", tuned)
    return Compared(
        suite="domain",
        gate="domain",
        case=case,
        base=left,
        tuned=right,
        base_judged=judge(case, left) if left else None,
        tuned_judged=judge(case, right) if right else None,
        flip="fixed",
    )


def _answer(case: Case, arm: str, text: str | None) -> Answer | None:
    return None if text is None else Answer("domain", case.id, arm, text)


def drawn(row: Compared, cells: int, *, as_diff: bool = False) -> str:
    shown = Shown(row, ("base", "tuned"), as_diff=as_diff)
    return draw_case(shown, cells, UNICODE).plain


def test_narrow_panes_put_the_answers_under_one_another() -> None:
    row = row_of("Within 30 days.", "Within 45 days.")
    answers = next(line for line in drawn(row, 45).split("\n") if "Within 30" in line)
    assert answers.split("│")[1].strip() == "Within 45 days."
    narrow = drawn(row, 40)
    assert "│" not in narrow
    assert narrow.index("Within 30") < narrow.index("─ tuned ✓") < narrow.index("Within 45")


@pytest.mark.parametrize("cells", [20, 31, 44, 60, 110])
def test_no_line_is_wider_than_its_pane_and_nothing_hostile_gets_through(cells: int) -> None:
    odd = Assertion("contains", EVERYTHING, rule=EVERYTHING)
    case = Case(EVERYTHING, (Message("user", EVERYTHING),), EVERYTHING, "x", assertions=(odd,))
    for as_diff in (False, True):
        text = drawn(row_of(EVERYTHING, "長い答え " * 30, case), cells, as_diff=as_diff)
        assert is_harmless(text)
    plain = drawn(row_of("word " * 40, "other " * 30), cells)
    assert max(map(len, plain.split("\n"))) <= cells


def test_what_is_missing_about_an_answer_is_said() -> None:
    case = Case("c", choices=("Paris", "Rome"), correct=0)
    assert shown_answer(case, None) == "(not answered yet)"
    assert shown_answer(case, Answer("s", "c", "base", choice=1)) == "Rome"
    assert shown_answer(case, Answer("s", "c", "base", choice=7)) == "(empty)"
    cut = Answer("s", "c", "base", "It goes on", finished=False)
    assert shown_answer(Case("c"), cut) == "It goes on (cut at the length limit)"
    assert "(not answered yet)" in drawn(row_of("Within 45 days.", None), 60, as_diff=True)


def test_an_incoherent_answer_says_so_though_every_check_held() -> None:
    text = drawn(row_of("45 days " * 20, "Within 45 days."), 60)
    assert "✓✓  R01 says 45 days, critical" in text
    assert "base is looping" in text


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (DAYS, "says 45 days, critical"),
        (Assertion("yes_no", False), "says no"),
        (Assertion("none_of", values=("a", "b")), "says none of: a, b"),
        (Assertion("max_words", 20), "has at most 20 words"),
        (Assertion("contains", "{value} {0}"), 'says "{value} {0}"'),
        (Assertion("refusal"), "refuses"),
    ],
)
def test_assertions_are_said_in_plain_words(wanted: Assertion, said: str) -> None:
    assert wanted_words(wanted) == said


def test_every_kind_of_assertion_has_words() -> None:
    from typing import get_args

    for kind in get_args(AssertionKind):
        assert wanted_words(Assertion(kind, "x", ("y",)))


def test_the_chosen_suite_stays_in_view_whatever_the_width() -> None:
    names = [f"suite-number-{n}" for n in range(12)]
    assert draw_suites(names, "", 60).plain.startswith("[all suites]")
    late = draw_suites(names, names[9], 60).plain
    assert late.startswith("… ")
    assert late.index("[suite-number-9]") + len("[suite-number-9]") <= 60


def test_long_names_lose_their_middle_and_keep_what_tells_them_apart() -> None:
    assert shorten("choice-common-sense-40", 17, "…") == "choice-commo…e-40"
    assert shorten("must-1", 17, "…") == "must-1"
    assert shorten("[/x]\x1b", 17, "…") == "[/x]<U+001B>"


def test_how_it_flipped_is_said_however_long_the_name() -> None:
    case = Case("c" * 90, (Message("user", "How long?"),), assertions=(DAYS,))
    first = drawn(row_of("no", "45 days", case), 50).split("\n")[0]
    assert first.endswith("fixed")
    assert "…" in first


def test_one_case_is_not_called_cases() -> None:
    assert "1 compliance case waits" in draw_waiting(1, 3, "c").plain
    assert "The compliance case that flipped has been" in draw_waiting(0, 1, "c").plain


def test_ascii_terminals_get_ascii_lines() -> None:
    shown = Shown(row_of("Within 30 days.", "Within 45 days."), ("base", "tuned"))
    text = draw_case(shown, 60, ASCII).plain.replace("·", "")
    assert text.isascii()
