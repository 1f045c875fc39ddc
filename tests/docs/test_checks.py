"""docs/checks.md lists every setting of every check, with its default."""

from __future__ import annotations

import re

from engine.check_settings import Checks, CheckSettings
from engine.scope import from_toml
from tests.docs.reading import ROOT, blocks

PAGE = ROOT / "docs" / "checks.md"
TEXT = PAGE.read_text(encoding="utf-8")


def shown(value: object) -> str:
    return "" if value in ("", ()) else str(value).lower()


def test_every_setting_is_listed_with_its_default() -> None:
    listed = {
        (check, setting, default)
        for check, setting, default in re.findall(
            r"^\| `(\w+)` \| `(\w+)` \|(?: (\S+))? \|", TEXT, re.M
        )
    }
    wanted = {
        (check, setting, shown(getattr(settings, setting)))
        for check in Checks().__struct_fields__
        for settings in (Checks().named(check),)
        for setting in settings.__struct_fields__
        if setting not in CheckSettings.__struct_fields__
    }
    assert listed == wanted


def test_the_example_is_a_part_of_a_scope() -> None:
    (example,) = [b.text for b in blocks(PAGE) if b.language == "toml"]
    checks = from_toml(f'name = "x"\n{example}').checks
    assert checks.near_duplicate.near == 0.85
    assert not checks.same_opening.on
    assert checks.truncated.severity == "review"
