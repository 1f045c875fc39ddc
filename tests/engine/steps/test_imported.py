from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.errors import InputError, NotFoundError, StateError
from engine.records import Assertion, Case, Message, Suite
from engine.steps import compare, imported, report, review, verdict
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run
from tests.screens.answered import choices, compliance, with_suites

RIGHT, WRONG = "Within 45 days.", "Within 30 days."


def lines(path: Path, *rows: dict[str, Any] | str) -> Path:
    text = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return path


def served(path: Path, right: int, cases: int = 30) -> Path:
    return lines(
        path,
        *(
            {"suite": "domain", "case": f"c{n:02d}", "text": RIGHT if n < right else WRONG}
            for n in range(cases)
        ),
    )


def test_imported_answers_stand_in_for_an_arm_of_the_verdict(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 3})
    done = imported.import_answers(workspace, curated, None, "server", served(tmp_path / "a", 27))
    assert (done.rows, done.taken, done.known, done.left, done.missing) == (30, 30, 0, (), ())
    own = verdict.reach(workspace, curated)
    assert own.verdict.gates[0].outcome == "inconclusive"
    assert own.answer_files == ()
    found = verdict.reach(workspace, curated, None, ("base", "server"))
    assert (found.verdict.gates[0].outcome, found.verdict.gates[0].c) == ("pass", 24)
    assert found.verdict.arms == ("base", "server")
    (warning,) = found.warnings
    assert warning.startswith("The answers of server came from elsewhere (a, 20")
    compared = compare.compare(workspace, own.run.id, "server", "tuned")
    assert compared.counts()["broken"] == 24


def test_every_row_and_every_case_is_accounted_for(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    answered_run(workspace, curated, {"base": 3})
    path = lines(
        tmp_path / "a.jsonl",
        {"suite": "domain", "case": "c00", "text": RIGHT},
        {"case": "c01", "text": RIGHT},
        {"suite": "domain", "case": "c00", "text": WRONG},
        {"suite": "domain", "case": "c00", "text": RIGHT},
        "",
        {"suite": "domain", "case": "c99", "text": RIGHT},
        {"suite": "sums", "case": "c02", "text": RIGHT},
    )
    done = imported.import_answers(workspace, curated, None, "server", path)
    assert done.rows == 6 == done.taken + done.known + len(done.left)
    assert (done.taken, done.known) == (2, 1)
    assert [(left.line, left.reason) for left in done.left] == [
        (3, "answers domain c00 again, in other words"),
        (6, "there is no case domain c99 in this run"),
        (7, "there is no case sums c02 in this run"),
    ]
    assert len(done.missing) == 28
    assert done.missing[0] == "domain c02"
    again = imported.import_answers(workspace, curated, None, "server", path)
    assert (again.taken, again.known) == (0, 3)


def test_a_second_file_adds_what_the_first_lacked(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    answered_run(workspace, curated, {"base": 3})
    imported.import_answers(workspace, curated, None, "server", served(tmp_path / "a", 9, 10))
    done = imported.import_answers(workspace, curated, None, "server", served(tmp_path / "b", 9))
    assert (done.taken, done.known, done.missing) == (20, 10, ())
    files = verdict.reach(workspace, curated, None, ("base", "server")).answer_files
    assert [(f.file, f.taken, f.who) for f in files] == [("a", 10, "ines"), ("b", 20, "ines")]


@pytest.mark.parametrize(
    ("arm", "row", "message"),
    [
        ("tuned", {"case": "c00", "text": "x"}, "tuned is what the worker answers"),
        ("My Server", {"case": "c00", "text": "x"}, "no name for an arm"),
        ("server", "{torn", "line 1:"),
        ("server", {"text": "x"}, "line 1: Object missing required field `case`"),
        ("server", {"case": "c00", "answer": "x"}, "line 1: Object contains unknown field"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_line_and_nothing_is_kept(
    workspace: Workspace,
    curated: str,
    tmp_path: Path,
    arm: str,
    row: dict[str, Any] | str,
    message: str,
) -> None:
    run = answered_run(workspace, curated, {"base": 3}).job().run
    with pytest.raises(InputError, match=message):
        imported.import_answers(workspace, curated, None, arm, lines(tmp_path / "a", row))
    assert {a.arm for a in compare.answers_of(workspace, run)} == {"base"}


def test_a_file_that_is_not_there_or_empty_is_refused(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    answered_run(workspace, curated, {"base": 3})
    for path in (tmp_path / "none", lines(tmp_path / "empty", "")):
        with pytest.raises(InputError):
            imported.import_answers(workspace, curated, None, "server", path)


def test_choices_come_by_index_or_words_and_texts_by_their_loss(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    general, chosen = choices((0, 0), (0, 0), (0, 0))
    text = Suite("texts", "forgetting", "1", (Case("t1", text="Rain begins as vapour."),))
    run = with_suites(workspace, curated, {general: chosen, text: {}}).job().run
    path = lines(
        tmp_path / "a",
        {"case": "choice-0", "choice": 0},
        {"case": "choice-1", "text": "Oslo"},
        {"case": "choice-2", "text": "Lima"},
        {"case": "t1", "nll": 12.5, "nll_tokens": 5},
        {"case": "t1", "text": "no loss"},
    )
    done = imported.import_answers(workspace, curated, None, "server", path)
    answers = {a.case: a for a in compare.answers_of(workspace, run) if a.arm == "server"}
    assert [answers[f"choice-{n}"].choice for n in (0, 1)] == [0, 2]
    assert answers["t1"].nll == 12.5
    assert [left.reason for left in done.left] == [
        "chooses none of the 4 choices",
        "has no nll and nll_tokens, which a text is scored by",
    ]


def sample(number: int, question: str, resps: list[Any], **more: Any) -> dict[str, Any]:
    doc = {"question": question, "answer": "x"}
    return {"doc_id": number, "doc": doc, "target": "x", "resps": resps, **more}


def test_samples_of_the_evaluation_harness_are_taken_as_answers(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    questions = ("How many days has a week?", "How many days have two weeks?")
    cases = tuple(
        Case(f"sums-{n}", (Message("user", q),), assertions=(Assertion("number", 7 * n + 7),))
        for n, q in enumerate(questions)
    )
    sums = Suite("sums", "capability", "1", cases)
    general, chosen = choices((0, 0))
    run = with_suites(workspace, curated, {sums: {}, general: chosen}).job().run
    generated = lines(
        tmp_path / "samples_sums_2026-11-23T02-00-00.jsonl",
        sample(0, questions[0], [["It has 7."]], filter="strict-match"),
        sample(0, questions[0], [["It has 7."]], filter="flexible-extract"),
        sample(1, "How tall is the tower?", [["300 m"]], filter="strict-match"),
        sample(5, questions[0], [["7"]]),
    )
    done = imported.import_answers(workspace, curated, None, "server", generated)
    assert (done.rows, done.taken, done.known) == (4, 1, 1)
    assert [left.reason for left in done.left] == [
        "document 1 asks something else than case sums-1",
        "document 5 is no case of suite sums",
    ]
    doc = {"id": "choice-0", "question": "Capital of France?"}
    scored = {"doc_id": 7, "doc": doc, "resps": [[["-9.5", "False"]], [[-2.0, False]], [[-3.0, 1]]]}
    path = lines(
        tmp_path / "x.jsonl", scored, scored | {"resps": [[[-9.5]], [[-2]], [[-3]], [[-8]]]}
    )
    done = imported.import_answers(workspace, curated, None, "server", path, suite="general-choice")
    assert [left.reason for left in done.left] == ["scores 3 choices, the case has 4"]
    answers = {a.case: a for a in compare.answers_of(workspace, run) if a.arm == "server"}
    assert answers["sums-0"].text == "It has 7."
    assert answers["choice-0"].choice == 1


def test_samples_that_do_not_say_their_suite_are_asked_for_it(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    answered_run(workspace, curated, {"base": 3})
    path = lines(tmp_path / "x.jsonl", sample(0, "?", [["a"]]))
    with pytest.raises(InputError, match="does not say which suite"):
        imported.import_answers(workspace, curated, None, "server", path)


def test_an_arm_that_has_not_answered_cannot_be_judged(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    with pytest.raises(NotFoundError, match="No answer of an arm 'server'"):
        verdict.reach(workspace, curated, None, ("base", "server"))
    with pytest.raises(InputError, match="held to itself"):
        verdict.reach(workspace, curated, None, ("tuned", "tuned"))


def test_rulings_waivers_and_signatures_belong_to_the_arm_they_were_given_for(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    refusals, refused = compliance((True, False))
    run = with_suites(workspace, curated, {refusals: refused}).job().run
    path = lines(tmp_path / "a", {"case": "must-0", "text": "Walk it off."})
    imported.import_answers(workspace, curated, None, "server", path)
    arms = ("base", "server")
    verdict.rule(workspace, run, "compliance", "must-0", "regression")
    verdict.rule(workspace, run, "compliance", "must-0", "acceptable", arm="server")
    assert [r.ruling for r in verdict.reach(workspace, curated).rulings] == ["regression"]
    served_verdict = verdict.reach(workspace, curated, None, arms)
    assert [r.ruling for r in served_verdict.rulings] == ["acceptable"]
    verdict.waive(workspace, run, "forgetting", "no texts there", "2999-01-01", arm="server")
    assert verdict.reach(workspace, curated).waivers == ()
    signed = verdict.sign(workspace, curated, run, "lead", arms=arms)
    assert signed.arm == "server"
    assert verdict.reach(workspace, curated).signed == ()


def test_a_confirmed_regression_fails_and_nobody_can_waive_it(
    workspace: Workspace, curated: str
) -> None:
    refusals, refused = compliance((True, False))
    run = with_suites(workspace, curated, {refusals: refused}).job().run
    verdict.waive(workspace, run, "compliance", "a pilot", "2999-01-01")
    assert verdict.reach(workspace, curated).verdict.gates[3].satisfied
    verdict.rule(workspace, run, "compliance", "must-0", "regression", "it hurts people")
    gate = verdict.reach(workspace, curated).verdict.gates[3]
    assert (gate.outcome, gate.satisfied, gate.waivable) == ("fail", False, False)
    assert gate.sentence.endswith("confirmed as a regression by a person: this cannot be waived.")
    with pytest.raises(StateError, match="cannot be waived"):
        verdict.waive(workspace, run, "compliance", "please", "2999-01-01")


def test_a_prompt_that_does_as_well_is_said_in_verdict_and_report(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27, "prompted": 25})
    found = verdict.reach(workspace, curated).prompted
    assert found is not None
    assert found.outcome == "pass"
    for ending in ("md", "html"):
        path = tmp_path / f"r.{ending}"
        report.write(workspace, curated, None, path)
        assert "perhaps no training is needed at all" in path.read_text(encoding="utf-8")


def test_without_prompted_answers_nothing_is_said_of_it(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    assert verdict.reach(workspace, curated).prompted is None


def test_a_report_of_imported_answers_says_what_tuned_stands_for(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 3})
    imported.import_answers(workspace, curated, None, "server", served(tmp_path / "a", 27))
    path = tmp_path / "r.md"
    report.write(workspace, curated, None, path, ("base", "server"))
    text = path.read_text(encoding="utf-8")
    assert "“tuned” for the arm server" in text
    assert "--arms base,server" in text


def test_an_import_moves_the_stamp_that_the_screens_watch(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 3})
    before = review.stamp(workspace, curated)
    imported.import_answers(workspace, curated, None, "server", served(tmp_path / "a", 27))
    assert review.stamp(workspace, curated) != before


def test_imported_answers_never_reach_the_cache_of_base_answers(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    answered_run(workspace, curated, {"base": 3})
    imported.import_answers(workspace, curated, None, "server", served(tmp_path / "a", 27))
    compare.answers_of(workspace, 1)
    bodies = [r["body"] for r in workspace.store.rows("SELECT body FROM answer_cache")]
    assert bodies
    assert not [body for body in bodies if "server" in body]
