"""Presets, their reasons, and single settings by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.recipe import Preset, Recipe, changed, derive, with_setting

PRESETS: tuple[Preset, ...] = ("quick", "standard", "thorough")


@given(st.sampled_from(PRESETS), st.integers(1, 100_000))
def test_every_preset_fits_every_amount_of_data(preset: Preset, rows: int) -> None:
    recipe, reasons = derive(preset, rows=rows)
    assert recipe.preset == preset
    assert recipe.batch_size % recipe.micro_batch == 0
    assert 0 < recipe.epochs <= 10
    assert recipe.evaluate_every >= 1
    assert all(hasattr(recipe, name) and reason for name, reason in reasons.items())


@pytest.mark.parametrize("preset", PRESETS)
def test_every_number_that_differs_from_the_default_has_a_reason(preset: Preset) -> None:
    recipe, reasons = derive(preset, rows=17)
    unexplained = set(changed(Recipe(), recipe)) - set(reasons) - {"micro_batch"}
    assert unexplained == set()


def test_few_rows_are_passed_over_more_often_than_many() -> None:
    few, _ = derive("standard", rows=20)
    many, _ = derive("standard", rows=2000)
    assert few.epochs > many.epochs


def test_thorough_takes_more_steps_than_standard_and_standard_more_than_quick() -> None:
    quick, standard, thorough = (derive(p, rows=300)[0] for p in PRESETS)
    assert quick.epochs < standard.epochs < thorough.epochs


@pytest.mark.parametrize(
    ("setting", "field", "value"),
    [
        ("learning_rate=5e-4", "learning_rate", 5e-4),
        (" epochs = 2 ", "epochs", 2.0),
        ("method=dora", "method", "dora"),
        ("targets=q_proj,v_proj", "targets", "q_proj,v_proj"),
        ("seed=11", "seed", 11),
    ],
)
def test_a_setting_changes_its_field_and_nothing_else(
    setting: str, field: str, value: object
) -> None:
    recipe = with_setting(Recipe(), setting)
    assert getattr(recipe, field) == value
    assert changed(Recipe(), recipe) == [field]


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("learning_rate", "'learning_rate' is not a setting"),
        ("learnig_rate=1", "learnig_rate"),
        ("rank=many", "rank=many"),
        ("rank=0", "above 0"),
        ("method=magic", "method=magic"),
        ("micro_batch=3", "multiple of micro_batch"),
        ("dropout=1", "below 1"),
        ("learning_rate=nan", "learning_rate=nan"),
        ("epochs=inf", "epochs=inf"),
        ("warmup_share=2", "share of 1"),
        ("weight_decay=-1", "not negative"),
        ("max_grad_norm=nan", "not negative"),
        ("guard_share=inf", "a number"),
    ],
)
def test_a_setting_that_cannot_be_names_itself_and_a_remedy(setting: str, named: str) -> None:
    with pytest.raises(InputError) as caught:
        with_setting(Recipe(), setting)
    assert named in caught.value.message
    assert caught.value.hint


def test_the_name_of_the_preset_is_no_difference() -> None:
    assert changed(Recipe(preset="quick"), Recipe(preset="thorough")) == []
