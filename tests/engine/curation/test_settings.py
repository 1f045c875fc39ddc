"""Each check obeys its settings in the scope: off, severity, thresholds."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from engine.check_settings import (
    Balance,
    Checks,
    LengthOutlier,
    OffScope,
    PersonalData,
    Refusals,
    Repetition,
    SameOpening,
    Schema,
    Secret,
    StaleDate,
)
from engine.curation.checks import (
    balance,
    length_outlier,
    off_scope,
    personal_data,
    repetition,
    same_opening,
    schema,
    secret,
    stale_date,
)
from engine.curation.redact import public_words, redact_example
from engine.curation.run import CHECKS, run_checks
from engine.scope import Scope
from tests.engine.curation.rows import SCOPE, row

MANY = [row(n, f"question {n}", f"Of course we can, in {n} ways.") for n in range(30)]


def with_checks(checks: Checks, scope: Scope = SCOPE) -> Scope:
    return msgspec.structs.replace(scope, checks=checks)


def test_every_check_has_settings_and_every_setting_a_check() -> None:
    assert set(Checks().__struct_fields__) == set(CHECKS)


def test_a_check_that_is_off_finds_nothing() -> None:
    rows = [row(1, "mail ann@mail.example", "I cannot help with that.")]
    quiet = Checks(personal_data=PersonalData(on=False), refusals=Refusals(on=False))
    names = {f.check for f in run_checks(rows, [], SCOPE)}
    left = {f.check for f in run_checks(rows, [], with_checks(quiet))}
    assert names - left == {"personal_data", "refusals"}


@pytest.mark.parametrize(
    ("name", "checks", "asked", "answered"),
    [
        ("schema", Checks(schema=Schema(severity="review")), "hi", " "),
        ("secret", Checks(secret=Secret(severity="block")), "hi", "The password is hunter22."),
        ("off_scope", Checks(off_scope=OffScope(severity="warn")), "any jobs?", "None."),
        (
            "refusals",
            Checks(refusals=Refusals(severity="review")),
            "hi",
            "I cannot help with that.",
        ),
        ("repetition", Checks(repetition=Repetition(severity="mark")), "hi", "Go on. " * 4),
        (
            "personal_data",
            Checks(personal_data=PersonalData(severity="block")),
            "hi",
            "Write to ann@mail.example.",
        ),
    ],
)
def test_findings_have_the_severity_that_the_scope_gives(
    name: str, checks: Checks, asked: str, answered: str
) -> None:
    rows = [row(1, asked, answered)]
    (usual,) = run_checks(rows, [], SCOPE, [name])
    (changed,) = run_checks(rows, [], with_checks(checks), [name])
    assert changed.severity == checks.named(name).severity != usual.severity


def test_balance_counts_to_the_number_given() -> None:
    rows = [row(n, "q", "a", "returns") for n in range(3)]
    wanting = with_checks(Checks(balance=Balance(fewest=3)))
    assert len(balance.check(rows, [], SCOPE)) == 3
    assert not any("'returns'" in f.detail for f in balance.check(rows, [], wanting))


def test_openings_count_by_share_words_and_rows() -> None:
    def found(settings: SameOpening) -> int:
        return len(same_opening.check(MANY, [], with_checks(Checks(same_opening=settings))))

    assert found(SameOpening()) == 1
    assert found(SameOpening(share=1.0)) == 0
    assert found(SameOpening(words=7)) == 0
    assert found(SameOpening(fewest=31)) == 0


def test_length_outliers_depend_on_z_and_rows() -> None:
    rows = [*MANY, row(99, "q", "word " * 20)]

    def found(settings: LengthOutlier) -> int:
        return len(length_outlier.check(rows, [], with_checks(Checks(length_outlier=settings))))

    assert found(LengthOutlier()) == 1
    assert found(LengthOutlier(z=50.0)) == 0
    assert found(LengthOutlier(fewest=99)) == 0


def test_repetition_counts_to_the_number_given() -> None:
    twice = [row(1, "q", "We will call you. We will call you.")]
    strict = with_checks(Checks(repetition=Repetition(times=2)))
    assert repetition.check(twice, [], SCOPE) == []
    assert len(repetition.check(twice, [], strict)) == 1


def test_a_year_within_reach_is_not_stale() -> None:
    rows = [row(1, "q", "In 2024 returns are free.")]
    lenient = with_checks(Checks(stale_date=StaleDate(years=2)))
    assert len(stale_date.check(rows, [], SCOPE, today=date(2026, 5, 1))) == 1
    assert stale_date.check(rows, [], lenient, today=date(2026, 5, 1)) == []


def test_what_the_scope_allows_is_neither_personal_nor_secret_nor_redacted() -> None:
    rows = [row(1, "hi", "Write to help@shop.example; api key sk-test-abcdefghij0123456789.")]
    allowed = with_checks(
        Checks(
            personal_data=PersonalData(allow=("help@shop.example",)),
            secret=Secret(allow=("sk-test-abcdefghij0123456789",)),
        )
    )
    assert len(personal_data.check(rows, [], SCOPE)) == len(secret.check(rows, [], SCOPE)) == 1
    assert personal_data.check(rows, [], allowed) == secret.check(rows, [], allowed) == []
    assert redact_example(rows[0].example, public_words(allowed))[1] == 0


def test_kinds_left_out_are_not_looked_for() -> None:
    rows = [row(1, "my name is Ann Lee", "Thanks.")]
    nameless = with_checks(Checks(personal_data=PersonalData(leave_out=("name",))))
    assert len(personal_data.check(rows, [], SCOPE)) == 1
    assert personal_data.check(rows, [], nameless) == []


def test_a_catch_all_topic_leaves_out_nothing_by_its_words() -> None:
    scope = msgspec.structs.replace(SCOPE, out_of_scope=("anything not about shoes and delivery",))
    assert off_scope.check([row(1, "how long is delivery?", "Soon.")], [], scope) == []


def test_hidden_characters_and_broken_turns_share_one_severity() -> None:
    rows = [row(1, "hi", ""), row(2, "a<U+001B>b", "c")]
    mild = with_checks(Checks(schema=Schema(severity="warn")))
    assert {f.severity for f in schema.check(rows, [], mild)} == {"warn"}
