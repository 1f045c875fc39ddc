from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.content import Content

from engine.records import Example, Finding, Message
from engine.scope import Rule
from engine.store.examples import Status, StoredExample
from engine.store.scores import Score
from screens.curate_parts.balance import draw_balance
from screens.curate_parts.draw import (
    BASE_LINES,
    Shown,
    bracketed,
    draw_base,
    draw_findings,
    draw_rule,
    draw_talk,
    fit_card,
)
from screens.curate_parts.pace import STREAK, Pace
from screens.curate_parts.words import detail_for
from screens.symbols import ASCII
from tests.screens.harness import EVERYTHING, is_harmless


def row(
    number: int,
    *turns: tuple[str, str],
    before: str = "",
    status: Status = "undecided",
) -> StoredExample:
    said = tuple(Message("user" if who == "user" else "assistant", text) for who, text in turns)
    example = Example(said, "fit")
    old = Example((*said[:-1], Message("assistant", before)), "fit") if before else None
    return StoredExample(number, "chats.txt", 218, example, old, status, False, "")


def plain(drawn: list[Content]) -> list[str]:
    return [line.plain.rstrip() for line in drawn]


ASKED = row(1, ("user", "Worn shoes?"), ("assistant", "Within 30 days, yes."))


def test_a_balance_that_fits_one_line_has_bars_and_ticks() -> None:
    (line,) = draw_balance([("returns", 71, 80), ("refund", 41, 40), ("other", 3, 0)], 80)
    assert line.plain.startswith(" returns ████████▉· 71/80  refund ██████████ 41/40 ✓  other 3")
    assert line.cell_length <= 80


@pytest.mark.parametrize("cells", [60, 80, 120])
@pytest.mark.parametrize("count", [1, 7, 12])
def test_a_balance_keeps_to_its_width_and_names_every_intent(cells: int, count: int) -> None:
    drawn = draw_balance([(f"{n}-intent", n, 36) for n in range(count)], cells, ASCII)
    assert len(drawn) <= 2
    assert all(line.cell_length <= cells for line in drawn) or count > 8
    text = " ".join(line.plain for line in drawn)
    assert all(f"{n}-" in text or f"{n}…" in text for n in range(count))


def test_a_scope_without_intents_has_no_balance() -> None:
    assert draw_balance([], 80) == []


@pytest.mark.parametrize("right", ["chats.txt:218 · fit", "a/very/long/name" * 9, EVERYTHING])
def test_a_rule_is_exactly_as_wide_as_asked(right: str) -> None:
    rule = draw_rule("customer", right, 80, strong="accepted")
    assert rule.cell_length == 80
    assert rule.plain.startswith(" ─ customer ─ accepted ─")
    assert is_harmless(rule.plain)


def test_the_answer_follows_the_question_with_its_place_of_origin() -> None:
    drawn, anchor = draw_talk(Shown(ASKED), 60)
    assert anchor == 0
    assert plain(drawn)[0].endswith("#1 · chats.txt:218 · fit")
    assert plain(drawn)[1] == "   Worn shoes?"
    assert plain(drawn)[2].endswith("4 words")
    assert plain(drawn)[3] == "   Within 30 days, yes."


def test_what_a_finding_points_at_stands_in_brackets() -> None:
    finding = Finding("contradiction", "decide", (1,), "d", spans=((7, 14),), where="answer")
    drawn, _ = draw_talk(Shown(ASKED, (finding,)), 60)
    assert plain(drawn)[3] == "   Within [30 days], yes."
    other = Finding("contradiction", "decide", (2,), "d", spans=((7, 14),), where="answer")
    drawn, _ = draw_talk(Shown(ASKED, (other,)), 60)
    assert plain(drawn)[3] == "   Within 30 days, yes."


def test_brackets_join_ranges_that_overlap_and_leave_white_space_out() -> None:
    assert bracketed("abcdef", ((1, 3), (2, 5))).plain == "a[bc][de]f"
    assert bracketed("in 30 days.", ((2, 10),)).plain == "in [30 days]."
    assert bracketed("abc", ((5, 9), (-0, 0))).plain == "abc"


def test_an_edited_answer_shows_both_wordings_and_no_old_marks() -> None:
    stored = row(1, ("user", "q"), ("assistant", "In 45 days."), before="In 30 days.")
    finding = Finding("contradiction", "decide", (1,), "d", spans=((0, 2),), where="answer")
    drawn, _ = draw_talk(Shown(stored, (finding,)), 60)
    assert plain(drawn)[2].startswith(" ─ answer, edited: {was} [is] ─")
    assert plain(drawn)[3] == "   In {30}[45] days."


def test_findings_come_gravest_first_with_rule_and_other_row() -> None:
    other = row(2, ("user", "q"), ("assistant", "No."), status="accepted")
    shown = Shown(
        ASKED,
        (
            Finding("near_duplicate", "mark", (1, 2), "2 rows are nearly the same (J 0.92)"),
            Finding("contradiction", "decide", (1,), "says 30 days, rule R7 says 45", rule="R7"),
        ),
        related=(other,),
        rules=(Rule("R7", "window", "Within 45 days."),),
    )
    assert plain(draw_findings(shown, 70))[2:] == [
        " ! against a rule: says 30 days, rule R7 says 45",
        "     R7 window: Within 45 days.",
        " ~ nearly a duplicate: 2 rows are nearly the same (J 0.92)",
        "     #2 (accepted): No.",
        "     A accepts, X rejects all 2 at once",
    ]


def test_a_conflict_reads_right_from_either_side() -> None:
    finding = Finding("conflict", "decide", (1, 2), "says 24 months, the other 9 months (#2)")
    assert detail_for(finding, 1) == "says 24 months, the other 9 months (#2)"
    assert detail_for(finding, 2) == "#1 says 24 months, this one 9 months"


@pytest.mark.parametrize("height", range(4, 40))
@pytest.mark.parametrize("scroll", [-99, 0, 5, 99])
def test_a_card_never_takes_more_lines_than_there_are(height: int, scroll: int) -> None:
    talk = [Content(f"talk {n}") for n in range(20)]
    found = [Content(f"found {n}") for n in range(8)]
    lines, _ = fit_card(talk, 6, found, height, scroll)
    assert len(lines) <= height
    if height >= 28:
        assert lines == [*talk, *found]


def test_a_long_card_begins_at_the_question_and_counts_what_is_out_of_sight() -> None:
    talk = [Content(f"talk {n}") for n in range(20)]
    found = [Content("found")]
    lines, scroll = fit_card(talk, 6, found, 11, 0)
    assert scroll == 0
    assert plain(lines) == [
        "   (7 lines above: K scrolls up)",
        *(f"talk {n}" for n in range(7, 15)),
        "   (5 lines below: J scrolls down)",
        "found",
    ]
    lines, scroll = fit_card(talk, 6, found, 11, 99)
    assert scroll == 4
    assert plain(lines)[-2:] == ["talk 19", "found"]


def test_nothing_hostile_reaches_the_screen() -> None:
    stored = row(1, ("user", EVERYTHING), ("assistant", EVERYTHING), before="x")
    rival = row(2, ("user", EVERYTHING + "?"), ("assistant", EVERYTHING))
    finding = Finding("conflict", "decide", (1, 2), EVERYTHING)
    for shown in (Shown(stored, (finding,)), Shown(stored, (finding,), rival, related=(rival,))):
        drawn = [*draw_talk(shown, 60)[0], *draw_findings(shown, 60)]
        assert all(is_harmless(line.plain) and "\n" not in line.plain for line in drawn)
        assert all(line.cell_length <= 60 for line in drawn)


def test_the_pace_leaves_pauses_out() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    for _ in range(10):
        now[0] += 10
        pace.note(1)
    assert pace.per_hour == 360
    now[0] += 3600
    pace.note(-1)
    assert pace.per_hour == round(3600 * 9 / 220)
    pace.note(-9)
    assert pace.per_hour is None


def test_the_base_models_answer_is_told_as_a_difference_and_never_takes_the_card() -> None:
    long = "You can return them within 14 days if the box is undamaged. " * 12
    score = Score(1, 1, "m", "c", 2.914, 9, long, True)
    shown = Shown(ASKED, score=score)
    drawn = plain(draw_findings(shown, 80))
    assert any(line.endswith("loss 2.91") and "base model" in line for line in drawn)
    assert len(drawn) == 3 + BASE_LINES
    short = Shown(ASKED, score=replace(score, answer="Within 14 days, yes."))
    assert "   Within {14}[30] days, yes." in plain(draw_findings(short, 80))
    measured = plain(draw_base(Shown(ASKED, score=replace(score, answer=None)), 80))
    assert [line.split()[-2:] for line in measured] == [["loss", "2.91"]]
    assert draw_base(Shown(ASKED), 80) == []


def test_the_answer_that_was_not_preferred_stands_below_the_one_that_was() -> None:
    stored = replace(ASKED, example=replace(ASKED.example, rejected=f"Never. {EVERYTHING}"))
    drawn, _ = draw_talk(Shown(stored), 80)
    text = "\n".join(plain(drawn))
    assert text.index("Within 30 days") < text.index("preferred to") < text.index("Never.")
    assert is_harmless(text)


def test_acceptances_faster_than_anybody_reads_are_told_once_a_run() -> None:
    now = iter(range(10_000))
    pace = Pace(lambda: next(now) * 0.2)
    warned = [bool(pace.note(1, accepted=True, words=20)) for _ in range(2 * STREAK)]
    assert [n for n, warning in enumerate(warned, 1) if warning] == [STREAK, 2 * STREAK]
    assert (
        "30 accepted in a row, 0.2 s each"
        in [*(pace.note(1, accepted=True, words=20) for _ in range(STREAK))][-1]
    )


def test_whoever_reads_or_rejects_now_and_then_is_not_warned() -> None:
    slow = iter(range(10_000))
    reading = Pace(lambda: next(slow) * 2.0)
    assert not any(reading.note(1, accepted=True, words=20) for _ in range(2 * STREAK))
    fast = iter(range(10_000))
    choosing = Pace(lambda: next(fast) * 0.2)
    assert not any(choosing.note(1, n % 20 > 0, 20) for n in range(4 * STREAK))
