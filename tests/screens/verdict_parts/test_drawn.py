from __future__ import annotations

import pytest

from engine.evaluation.gates import QUESTIONS, GateResult
from engine.evaluation.verdict import Verdict
from engine.steps.history import History, RunVerdict, SinceShipped, SuiteChange
from engine.store.verdicts import Signed
from screens.symbols import ASCII, UNICODE, Symbols
from screens.verdict_parts.board import CUT, WHOLE, draw_gate
from screens.verdict_parts.history import NOTHING_SHIPPED, NOTHING_SIGNED, history_text
from screens.verdict_parts.words import counted, finding, interval_words, outcome, settle_words
from tests.screens.harness import EVERYTHING, is_harmless

CAPABILITY = GateResult(
    "capability",
    QUESTIONS["capability"],
    "inconclusive",
    n=188,
    b=6,
    c=2,
    estimate=-0.0213,
    interval=(-0.051, 0.004),
    limit=-0.05,
    settle="general-tasks: about 15 more cases",
    sentence="Passes 50 % of 188 cases, base 52.1 %.",
    brief="passes 50 %, base 52.1 %",
)
DOMAIN = GateResult(
    "domain", QUESTIONS["domain"], "pass", 123, p=0.0213, brief="61.8 % to 7.3 %", limit=0.0
)
WORDY = GateResult(
    "cadence", "", "pass", sentence="It passed, " + "and passed, " * 5 + "and passed."
)
WAIVED = GateResult("forgetting", "", "fail", waived_by="ines", waived_for="why", settle="x")


@pytest.mark.parametrize("cells", [80, 100, 120, 160])
@pytest.mark.parametrize("used", [UNICODE, ASCII])
def test_a_gate_fits_its_line_with_finding_picture_and_limit(cells: int, used: Symbols) -> None:
    found, picture = (line.plain for line in draw_gate(CAPABILITY, cells, used, is_at=True))
    assert max(len(found), len(picture)) <= cells
    assert found.startswith(f" {used.cursor} General capability kept?")
    assert "OPEN   passes 50 %, base 52.1 %" in found
    assert "[-5.1, +0.4]" in picture
    assert picture.rstrip().endswith("limit -5")
    assert used.point in picture
    assert used.ellipsis not in picture


def test_the_sentence_stands_below_where_there_is_room() -> None:
    lines = list(draw_gate(CAPABILITY, 80, UNICODE, is_at=False, most=CUT))
    assert lines[-1].plain.strip() == "Passes 50 % of 188 cases, base 52.1 %."
    whole = [line.plain.strip() for line in draw_gate(WORDY, 80, UNICODE, is_at=False, most=WHOLE)]
    assert whole[1:] == ["It passed, " + "and passed, " * 4 + "and passed,", "and passed."]
    (_, cut) = draw_gate(WORDY, 80, UNICODE, is_at=False, most=CUT)
    assert cut.plain.endswith("…")
    assert len(list(draw_gate(DOMAIN, 80, UNICODE, is_at=False))) == 1


def test_hostile_findings_are_cut_and_harmless() -> None:
    odd = GateResult("cadence", "", "fail", sentence=EVERYTHING, brief=EVERYTHING * 3)
    for line in draw_gate(odd, 80, UNICODE, is_at=False, most=WHOLE):
        assert is_harmless(line.plain)
        assert line.cell_length <= 80


def test_figures_are_said_as_people_read_them() -> None:
    assert finding(DOMAIN) == "61.8 % to 7.3 %   p .021"
    assert interval_words(CAPABILITY) == "[-5.1, +0.4] limit -5"
    assert interval_words(CAPABILITY, in_full=True) == "[-5.1, +0.4] points, limit -5"
    assert interval_words(DOMAIN) == ""


def test_a_waived_gate_is_neither_failed_nor_open() -> None:
    verdict = Verdict("hold", (DOMAIN, CAPABILITY, WAIVED))
    assert outcome(WAIVED) == "WAIVED"
    assert counted(verdict) == "1 passed, 1 open, 1 waived"
    assert list(settle_words(verdict)) == ["general capability: general-tasks: about 15 more cases"]


def test_history_survives_a_signature_of_another_version() -> None:
    empty = history_text(History((), (), None)).plain
    assert NOTHING_SIGNED in empty
    assert NOTHING_SHIPPED in empty
    odd = Signed(1, 3, "2026-11-03T12:04:00+00:00", "ines", "lead", EVERYTHING, "hold", "{}")
    text = history_text(History((), (odd,), None)).plain
    assert "run 3  HOLD by ines, lead, " in text
    assert "cannot be read by this version" in text
    assert is_harmless(text)


def test_history_names_what_changed_since_the_last_shipped_adapter() -> None:
    run = RunVerdict(
        3, "2026-11-03T12:04:00+00:00", "hold", {"domain": "pass"}, "9 % to 4 %", (), True
    )
    change = SuiteChange(EVERYTHING, 30, ("c1", "c2"), tuple(f"c{n}" for n in range(3, 20)), 0.003)
    since = SinceShipped(3, 2, "2026-11-01T12:04:00+00:00", (change,), 4)
    text = history_text(History((run,), (), since)).plain
    assert "HOLD        P  9 % to 4 %" in text
    assert "signed by another scorer" in text
    assert "Run 3 since run 2, shipped 1 Nov:" in text
    assert "2 improved, 17 regressed of 30, p .003" in text
    assert "worse: c3 c4 c5 c6 c7 c8 c9 c10 and 9 more" in text
    assert "4 cases are not the same in both" in text
    assert is_harmless(text)
