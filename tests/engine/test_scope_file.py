"""A scope as TOML: it comes back unchanged, in one order; what is wrong is named by its line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.check_settings import Checks, Leak, Secret, StaleDate, Template
from engine.errors import ScopeError
from engine.records import Assertion
from engine.scope import (
    Cadence,
    Criteria,
    Intent,
    Person,
    Rule,
    Scope,
    Trigger,
    find_problems,
    from_toml,
    scope_hash,
    to_toml,
)
from engine.steps.scope_text import ASSERTION_KINDS, CHANGES, RULE_KINDS
from engine.steps.sessions import read_scope
from tests.engine.steps.conftest import small_scope

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        '"""',
        "'''",
        "a\nb",
        "a\r\nb",
        "\r",
        "[[rules]]",
        'id = "R9"',
        "\x00\x1b",
        "\\",
        "#",
        "\u2028",
    ]
)
LISTS = st.lists(TEXTS, max_size=3).map(tuple)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SHARES = st.floats(0, 1, exclude_min=True, exclude_max=True)
ASSERTIONS = st.builds(
    Assertion,
    st.sampled_from(ASSERTION_KINDS),
    st.none() | TEXTS | st.booleans() | NUMBERS,
    LISTS,
    TEXTS,
    TEXTS,
    st.booleans(),
)
RULES = st.builds(
    Rule,
    TEXTS,
    TEXTS,
    TEXTS,
    st.sampled_from(RULE_KINDS),
    entity=TEXTS,
    condition=TEXTS,
    facts=LISTS,
    keywords=LISTS,
    assertions=st.lists(ASSERTIONS, max_size=2).map(tuple),
    critical=st.booleans(),
    changes=st.sampled_from(CHANGES),
)
CHECKS = st.builds(
    Checks,
    template=st.builds(Template, model=TEXTS, max_length=st.integers(1, 9999)),
    secret=st.builds(Secret, allow=LISTS),
    leak=st.builds(Leak, near=st.floats(0.7, 1), severity=st.sampled_from(["review", "warn"])),
    stale_date=st.builds(StaleDate, on=st.booleans()),
)
SCOPES = st.builds(
    Scope,
    TEXTS,
    TEXTS,
    TEXTS,
    TEXTS,
    st.lists(st.builds(Intent, TEXTS, st.integers(0, 99), LISTS), max_size=2).map(tuple),
    LISTS,
    LISTS,
    st.lists(RULES, max_size=3).map(tuple),
    st.builds(Criteria, SHARES, SHARES, SHARES, SHARES, SHARES, SHARES, SHARES),
    LISTS,
    st.lists(st.builds(Person, TEXTS, TEXTS), max_size=2).map(tuple),
    st.builds(
        Cadence,
        TEXTS,
        st.integers(0, 999),
        st.lists(st.builds(Trigger, TEXTS, NUMBERS, TEXTS), max_size=2).map(tuple),
        TEXTS,
        TEXTS,
    ),
    CHECKS,
).filter(lambda scope: not find_problems(scope))


@settings(max_examples=80, deadline=None)
@given(SCOPES)
def test_any_scope_comes_back_unchanged(scope: Scope) -> None:
    back = from_toml(to_toml(scope))
    assert back == scope
    assert scope_hash(back) == scope_hash(scope)


@settings(max_examples=50, deadline=None)
@given(SCOPES)
def test_what_was_read_is_written_as_it_stood(scope: Scope) -> None:
    text = to_toml(scope)
    assert to_toml(from_toml(text)) == text


def test_the_order_is_that_of_the_fields_and_the_head_says_what_it_is() -> None:
    text = to_toml(small_scope())
    assert text.startswith("# What exactly should change")
    tables = re.findall(r"^\[+([\w.]+)\]+$", text, re.M)
    assert tables == ["intents", "rules", "criteria", "cadence"]
    assert text.index("name =") < text.index("task =") < text.index("[[intents]]")


def test_one_changed_fact_is_one_changed_line() -> None:
    scope = small_scope()
    other = replace(scope, rules=(replace(scope.rules[0], facts=("60 days",)),))
    before, after = to_toml(scope).splitlines(), to_toml(other).splitlines()
    assert len(before) == len(after)
    assert [b for a, b in zip(before, after, strict=True) if a != b] == ['    "60 days",']


GOOD = """\
name = "Shop"
task = '''
[[rules]]
kind = "wish"
'''

[[intents]]
name = "returns"

[[rules]]
id = "R1"
title = "one"
text = "one"

[[rules]]
id = "R2"
title = "two"
text = "two"
kind = "fact"
[[rules.assertions]]
kind = "number"
value = 45
[[rules.assertions]]
kind = "contains"
value = "days"

[criteria]
capability_margin = 0.05

[[cadence.triggers]]
metric = "errors"
above = 0.08
window = "a week"
"""


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ('kind = "fact"', 'kind = "wish"', 'kind = "wish"', r"'wish'.*rules\[1\]\.kind"),
        ('kind = "contains"', 'kind = "holds"', 'kind = "holds"', r"'holds'.*assertions\[1\]"),
        ("value = 45", "value = [45]", "value = [45]", r"assertions\[0\]\.value"),
        ('id = "R2"', 'id = "R1"', "[[rules]]", "rule 'R1' is listed twice"),
        ('title = "two"\n', "", "[[rules]]", "missing required field `title`"),
        ('kind = "fact"', 'intent = "fit"', 'intent = "fit"', "rule R2 names intent 'fit'"),
        ("margin = 0.05", "margin = 5", "capability_margin = 5", "is 5, not above 0 and below 1"),
        ("margin = 0.05", "margins = 5", "capability_margins = 5", "unknown field"),
        ("above = 0.08", "above = inf", "above = inf", "trigger 'errors' has no finite limit"),
        ('name = "Shop"', "name = 3", "name = 3", "Expected `str`"),
        ('name = "Shop"', 'name = " "', 'name = " "', "name is empty"),
        ('"returns"\n', '"returns"\ntarget = -1\n', "target = -1", "intent 'returns' wants -1"),
        ("[criteria]", "[checks.template]\nmax_length = 0\n[criteria]", "max_length = 0", ">= 1"),
        ("[criteria]", "[checks.leak]\nnear = 0.5\n[criteria]", "[checks.leak]", "similar is 0.7"),
        ("[[cadence", "[cadence]\ninterval_days = -3\n[[cadence", "interval_days = -3", "below 0"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, at: str, says: str) -> None:
    assert from_toml(GOOD).rules[1].id == "R2"
    assert GOOD.count(old) == 1
    text = GOOD.replace(old, new)
    line = len(text.splitlines()) - text.splitlines()[::-1].index(at)
    with pytest.raises(ScopeError, match=rf"^shop\.toml, line {line}: .*{says}"):
        from_toml(text, "shop.toml")


def test_what_is_wrong_in_a_file_that_strop_wrote_is_named_with_its_line() -> None:
    text = to_toml(small_scope()).replace("above = 3,", 'above = "three",')
    line = next(n for n, row in enumerate(text.splitlines(), 1) if '"three"' in row)
    with pytest.raises(ScopeError, match=rf"^scope, line {line}: Expected `float`"):
        from_toml(text)


def test_a_text_that_is_no_toml_is_named_with_its_line() -> None:
    with pytest.raises(ScopeError, match=r"shop\.toml: Expected .* \(at line 1, column 6\)"):
        from_toml("name Shop", "shop.toml")


def test_an_assertion_that_cannot_be_checked_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    text = GOOD.replace("value = 45", 'value = "many"')
    path.write_text(text, encoding="utf-8")
    line = text.splitlines().index("[[rules.assertions]]") + 1
    with pytest.raises(ScopeError, match=rf"toml, line {line}: The assertion number \(rule R2\)"):
        read_scope(path)


@pytest.mark.parametrize("value", [0.0, -0.1, 1.0, float("nan"), float("inf")])
def test_a_margin_that_is_no_share_is_a_problem(value: float) -> None:
    bad: Any = replace(Criteria(), compliance_margin=value)
    (problem,) = find_problems(replace(small_scope(), criteria=bad))
    assert problem.startswith("criteria.compliance_margin is")


def test_no_reduction_and_no_slack_of_coherence_can_be_asked_for() -> None:
    none = replace(Criteria(), min_error_reduction=0.0, incoherence_margin=0.0)
    assert find_problems(replace(small_scope(), criteria=none)) == []
