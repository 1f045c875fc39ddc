from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import InputError
from engine.evaluation import own_checks
from engine.evaluation.own_checks import Question, key_of, read_checks, run, split_value

CHECKS = """
import os, sys, time
print("noise on standard output")

def polite(answer, prompt, reference):
    return "" if "please" in answer.lower() else "says no please"

def same(answer, prompt, reference):
    return answer == reference

def raises(answer, prompt, reference):
    raise KeyError("gone")

def hangs(answer, prompt, reference):
    while answer == "hang":
        time.sleep(0.05)
    return True

def dies(answer, prompt, reference):
    if answer == "die":
        os._exit(3)
    return True

def sees(answer, prompt, reference):
    return " ".join([prompt, os.environ.get("HOME", "no home"), os.path.basename(sys.argv[0])])
"""


@pytest.fixture
def checks(tmp_path: Path) -> own_checks.OwnCheck:
    path = tmp_path / "checks.py"
    path.write_text(CHECKS)
    return read_checks(path)


def ask(function: str, *answers: str) -> list[Question]:
    return [Question(function, answer, "May I?", "Yes.") for answer in answers]


def test_a_function_says_whether_it_holds_and_why_not(checks: own_checks.OwnCheck) -> None:
    found = run(checks, [*ask("polite", "Please do.", "Do."), *ask("same", "Yes.", "No.")])
    assert [(o.passed, o.reason) for o in found] == [
        (True, ""),
        (False, "says no please"),
        (True, ""),
        (False, "does not hold"),
    ]


def test_a_check_that_raises_has_not_held_and_says_what_it_raised(
    checks: own_checks.OwnCheck,
) -> None:
    (found,) = run(checks, ask("raises", "x"))
    assert (found.passed, found.reason) == (False, "the check raised KeyError: 'gone'")


def test_an_answer_on_which_a_check_hangs_costs_no_other_its_outcome(
    checks: own_checks.OwnCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_checks, "LIMIT_S", 1.0)
    found = run(checks, ask("hangs", "a", "hang", "b"))
    assert [o.passed for o in found] == [True, False, True]
    assert found[1].reason == "the check took longer than 1 s"


def test_a_check_that_ends_its_process_ends_not_ours(checks: own_checks.OwnCheck) -> None:
    found = run(checks, ask("dies", "a", "die", "b"))
    assert [o.passed for o in found] == [True, False, True]
    assert found[1].reason == "the check ended without an answer"


def test_a_check_is_handed_the_prompt_and_none_of_our_environment(
    checks: own_checks.OwnCheck,
) -> None:
    (found,) = run(checks, ask("sees", "x"))
    assert found.reason == "May I? no home -c"


def test_another_file_or_answer_is_another_question(checks: own_checks.OwnCheck) -> None:
    first, second = ask("polite", "a", "b")
    keys = {key_of("1", first), key_of("2", first), key_of("1", second)}
    assert len(keys) == 3


@pytest.mark.parametrize("text", ["def broken(:", "\0"])
def test_what_is_no_python_is_refused_unrun(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.py"
    path.write_text(text)
    with pytest.raises(InputError, match="no Python"):
        read_checks(path)
    with pytest.raises(InputError):
        read_checks(tmp_path / "none.py")


@pytest.mark.parametrize("value", ["checks.py", "checks:polite", "checks.py:not a name", "", 3])
def test_a_value_names_a_file_and_a_function(value: object) -> None:
    assert split_value("checks.py:polite") == ("checks.py", "polite")
    assert split_value(value) == ("", "")
