"""Rules hand their assertions down; own checks run when asked, and again when they change."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.errors import InputError, ScopeError
from engine.records import Assertion, Case, Message, Suite
from engine.steps import compare, own_checks, train, verdict
from engine.steps.suites import inherit
from engine.store import sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import small_scope
from tests.screens.answered import said, with_suites

ASKED = (Message("user", "May I return them?"),)


def suite(*assertions: Assertion) -> Suite:
    return Suite("own", "capability", "1", (Case("o1", ASKED, assertions=assertions),))


def checks(tmp_path: Path, body: str) -> Path:
    path = tmp_path / "checks.py"
    path.write_text(f"def short(answer, prompt, reference):\n    return {body}\n")
    return path


@pytest.fixture
def run(workspace: Workspace, curated: str) -> int:
    """A run with one case that a check of the user's own decides."""
    own = suite(Assertion("python", value="checks.py:short"))
    number = with_suites(workspace, curated, {own: {"o1": said("No.", "No, never.")}}).job().run
    compare.take_over(workspace, number)
    return number


def flip_of(workspace: Workspace, run: int) -> str:
    return next(r.flip for r in compare.compare(workspace, run).rows if r.suite == "own")


def test_a_case_with_own_checks_is_not_judged_until_they_were_run(
    workspace: Workspace, curated: str, run: int, tmp_path: Path
) -> None:
    assert flip_of(workspace, run) == "unanswered"
    assert verdict.reach(workspace, curated).verdict.gates[1].n == 0
    done = own_checks.run_checks(workspace, run, checks(tmp_path, "len(answer) < 5 or 'too long'"))
    assert (done.asked, done.ran, done.failed) == (2, 2, 1)
    assert flip_of(workspace, run) == "broken"
    row = next(r for r in compare.compare(workspace, run).rows if r.suite == "own")
    assert row.tuned_judged is not None
    assert row.tuned_judged.reason == "too long"
    assert verdict.reach(workspace, curated).verdict.gates[1].n == 1


def test_outcomes_are_kept_and_a_changed_file_is_asked_anew(
    workspace: Workspace, run: int, tmp_path: Path
) -> None:
    path = checks(tmp_path, "len(answer) < 5")
    own_checks.run_checks(workspace, run, path)
    assert own_checks.run_checks(workspace, run, path).ran == 0
    changed = own_checks.run_checks(workspace, run, checks(tmp_path, "len(answer) < 50"))
    assert (changed.ran, changed.failed) == (2, 0)
    assert flip_of(workspace, run) == "both_right"


def test_a_file_changed_in_the_run_folder_has_no_outcomes_of_the_old_one(
    workspace: Workspace, run: int, tmp_path: Path
) -> None:
    own_checks.run_checks(workspace, run, checks(tmp_path, "True"))
    frozen = train.folder_of(workspace, run).data / "own" / "checks.py"
    frozen.write_text(frozen.read_text().replace("True", "False"))
    assert flip_of(workspace, run) == "unanswered"


def test_a_file_that_no_case_names_or_that_lacks_the_function_is_not_run(
    workspace: Workspace, run: int, tmp_path: Path
) -> None:
    trace = tmp_path / "ran"
    other = tmp_path / "other.py"
    other.write_text(f"open({str(trace)!r}, 'w')")
    with pytest.raises(InputError, match=r"names other\.py"):
        own_checks.run_checks(workspace, run, other)
    lacking = tmp_path / "checks.py"
    lacking.write_text(f"open({str(trace)!r}, 'w')")
    with pytest.raises(InputError, match="no function short"):
        own_checks.run_checks(workspace, run, lacking)
    assert not trace.exists()


def test_a_case_inherits_the_assertions_of_the_rules_it_names() -> None:
    scope = small_scope()
    case = Case("c1", ASKED, assertions=(Assertion("max_words", 20),), rules=("R01",))
    kinds = [(a.kind, a.rule) for a in inherit(case, scope).assertions]
    assert kinds == [("max_words", ""), ("number", "R01")]
    assert inherit(inherit(case, scope), scope) == inherit(case, scope)
    with pytest.raises(ScopeError, match="R99, which is not in the scope"):
        inherit(msgspec.structs.replace(case, rules=("R99",)), scope)


def test_what_a_case_inherits_is_frozen_into_the_run(workspace: Workspace, curated: str) -> None:
    suites = workspace.home / "suites"
    suites.mkdir()
    header = '{"name": "ruled", "gate": "compliance", "version": "1"}'
    case = '{"id": "r1", "messages": [{"role": "user", "content": "How long?"}], "rules": ["R01"]}'
    (suites / "ruled.jsonl").write_text(f"{header}\n{case}\n")
    session = sessions.get(workspace.store, curated)
    scope = msgspec.structs.replace(session.scope, suites=("ruled",))
    sessions.save_scope(workspace.store, session.id, scope)
    folder = train.prepare(workspace, curated, train.plan(workspace, curated).recipe)
    (frozen,) = folder.suite("ruled").cases
    assert frozen.assertions == session.scope.rules[0].assertions
