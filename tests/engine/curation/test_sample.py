"""The planted faults of the sample session: what the checks are for."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import msgspec
import pytest

import sample_data
from engine.curation.intents import propose_intent
from engine.curation.run import run_checks
from engine.intake import Accepted, Quarantined, read
from engine.records import Case, NumberedExample
from engine.scope import from_toml

SAMPLE = Path(sample_data.__file__).parent / "awesomeshoes"
Place = tuple[str, int]


class Planted(msgspec.Struct):
    file: str
    line: int
    check: str
    note: str = ""


@pytest.fixture(scope="module")
def found() -> tuple[dict[Place, set[str]], set[Place]]:
    """Names of the checks that found something, by row, and the rows that were quarantined."""
    scope = from_toml((SAMPLE / "scope.toml").read_text())
    rows: list[NumberedExample] = []
    places: list[Place] = []
    quarantined: set[Place] = set()
    for path in sorted((SAMPLE / "raw").iterdir()):
        for outcome in read(path):
            if isinstance(outcome, Quarantined):
                quarantined.add((path.name, outcome.line))
            elif isinstance(outcome, Accepted):
                intent = outcome.example.intent or propose_intent(outcome.example, scope)
                example = msgspec.structs.replace(outcome.example, intent=intent)
                rows.append(NumberedExample(len(rows), example))
                places.append((path.name, outcome.line))
    lines = (SAMPLE / "held_out.jsonl").read_bytes().splitlines()
    cases = [msgspec.json.decode(line, type=Case) for line in lines]
    names: dict[Place, set[str]] = defaultdict(set)
    for finding in run_checks(rows, cases, scope):
        for i in finding.examples:
            names[places[i]].add(finding.check)
    return names, quarantined


def planted() -> list[Planted]:
    lines = (SAMPLE / "planted.jsonl").read_text().splitlines()
    return [msgspec.convert(json.loads(line), Planted) for line in lines]


def test_what_cannot_be_read_is_quarantined_and_nothing_else(
    found: tuple[dict[Place, set[str]], set[Place]],
) -> None:
    expected = {(p.file, p.line) for p in planted() if p.note.startswith("quarantined")}
    assert found[1] == expected


def test_the_checks_find_what_was_planted(
    found: tuple[dict[Place, set[str]], set[Place]],
) -> None:
    sought, met = Counter[str](), Counter[str]()
    for fault in planted():
        if (fault.file, fault.line) not in found[1]:
            names = found[0][fault.file, fault.line]
            sought[fault.check] += 1
            met[fault.check] += fault.check in names
            # Normal form takes a difference of punctuation for none.
            met["near_duplicate"] += fault.check == "near_duplicate" and (
                "exact_duplicate" in names and "near_duplicate" not in names
            )
    for check in (
        *("schema", "exact_duplicate", "near_duplicate", "conflict", "leak", "secret"),
        *("personal_data", "mojibake", "repetition", "length_outlier", "stale_date"),
    ):
        assert met[check] == sought[check] > 0, check
    assert met["off_scope"] >= 0.9 * sought["off_scope"]
    assert met["contradiction"] == sought["contradiction"] > 0
