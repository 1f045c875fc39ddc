"""The settings of the checks as a part of the scope: read, written, refused, hashed."""

from __future__ import annotations

import msgspec
import pytest

from engine.check_settings import Checks, Leak, NearDuplicate, SameOpening, find_setting_problems
from engine.errors import ScopeError
from engine.scope import Scope, from_toml, scope_hash, to_toml


def test_a_scope_without_settings_has_every_default_and_writes_none_of_them() -> None:
    scope = from_toml('name = "x"\n')
    assert scope.checks == Checks()
    assert "checks" not in to_toml(scope)


def test_only_what_differs_from_the_defaults_is_written_and_all_of_it_comes_back() -> None:
    scope = Scope("x", checks=Checks(leak=Leak(near=0.9), same_opening=SameOpening(on=False)))
    text = to_toml(scope)
    assert "[checks.leak]\nnear = 0.9\n" in text
    assert "[checks.same_opening]\non = false\n" in text
    assert "schema" not in text
    assert from_toml(text) == scope


def test_a_default_that_is_spelled_out_changes_no_hash() -> None:
    plain, spelled = from_toml('name = "x"\n'), 'name = "x"\n[checks.leak]\nnear = 0.8\n'
    assert scope_hash(from_toml(spelled)) == scope_hash(plain)
    assert scope_hash(from_toml(spelled.replace("0.8", "0.85"))) != scope_hash(plain)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[checks.leak]\nnear = 1.2\n", "checks.leak.near"),
        ("[checks.leak]\nnaer = 0.9\n", "naer"),
        ("[checks.lead]\non = false\n", "lead"),
        ('[checks.schema]\nseverity = "fatal"\n', "severity"),
        ("[checks.near_duplicate]\nnear = 0.6\n", "similar is 0.7, more than near, 0.6"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(written: str, said: str) -> None:
    with pytest.raises(ScopeError, match=said):
        from_toml(f'name = "x"\n{written}')


def test_settings_made_in_code_are_held_to_the_same_ranges() -> None:
    (problem,) = find_setting_problems(Checks(near_duplicate=NearDuplicate(ratio=101.0)))
    assert problem.startswith("checks.near_duplicate")
    assert "100" in problem


def test_a_check_that_is_off_is_not_among_those_that_run() -> None:
    checks = Checks(leak=Leak(on=False))
    assert set(Checks().running()) - set(checks.running()) == {"leak"}
    assert all(isinstance(checks.named(n), msgspec.Struct) for n in checks.running())
