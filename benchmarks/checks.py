"""Faults found and false alarms raised: on the sample's planted faults and on fresh ones.

`python -m benchmarks.checks [--rounds N] [--seed N]`. Recall is the share of faults that the check
of their name finds; false alarms are the share of clean rows of which it finds something.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random

import msgspec

from benchmarks.domains import NAMES, Clean, draw_domain
from benchmarks.perturbations import faults_of
from engine.curation.checks import contradiction
from engine.curation.intents import propose_intent
from engine.curation.relevance import best_rule, guide
from engine.intake import reader
from engine.intake.outcomes import Accepted
from engine.records import Case, Example, Message, NumberedExample
from engine.scope import Scope, from_toml
from sample_data import FOLDER

HOME = FOLDER / "awesomeshoes"
_ALIASES = {"refusal": "refusals"}
RECALL, ALARMS = 0.98, 0.02
FORBIDDEN = {
    "R27": ("your parcel will arrive on Friday", "the refund is there on the 15th"),
    "R28": ("you will get a $20 voucher", "we will send you compensation"),
    "R29": ("we match the price of the other shop",),
}
"""What the sample's rules forbid to promise, in a customer's words."""
_FOLLOWED = 0.4
"""Share of an answer that a rule covers, from which it counts as the answer's rule."""


class Planted(msgspec.Struct, frozen=True):
    """A line of planted.jsonl."""

    file: str
    line: int
    check: str
    note: str = ""


class Tally(msgspec.Struct):
    """Faults by kind, and clean rows."""

    sought: Counter[str] = msgspec.field(default_factory=Counter)
    found: Counter[str] = msgspec.field(default_factory=Counter)
    clean: int = 0
    alarms: int = 0


Place = tuple[str, int]


def read_sample() -> tuple[Scope, dict[Place, Example], dict[Place, Planted]]:
    """The sample's scope, its rows with their intents, and what was planted among them."""
    scope = from_toml((HOME / "scope.toml").read_text(encoding="utf-8"))
    rows: dict[Place, Example] = {}
    for path in sorted((HOME / "raw").iterdir()):
        for outcome in reader.read(path):
            if isinstance(outcome, Accepted):
                example = outcome.example
                intent = example.intent or propose_intent(example, scope)
                rows[path.name, outcome.line] = msgspec.structs.replace(example, intent=intent)
    lines = (HOME / "planted.jsonl").read_bytes().splitlines()
    planted = [msgspec.json.decode(line, type=Planted) for line in lines]
    return scope, rows, {(p.file, p.line): p for p in planted if (p.file, p.line) in rows}


def held_out() -> list[Case]:
    """The sample's held-out cases."""
    lines = (HOME / "held_out.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Case) for line in lines]


def planted_tally() -> dict[str, Tally]:
    """By check: what it finds of the faults planted in the sample, and of the clean rows."""
    from engine.curation.run import CHECKS, run_checks

    scope, rows, planted = read_sample()
    places = list(rows)
    numbered = [NumberedExample(i, rows[place]) for i, place in enumerate(places)]
    names: dict[Place, set[str]] = {place: set() for place in places}
    for finding in run_checks(numbered, held_out(), scope):
        for i in finding.examples:
            names[places[i]].add(finding.check)
    tallies: dict[str, Tally] = {}
    for place, fault in planted.items():
        check = _ALIASES.get(fault.check, fault.check)
        # `person` and `markup` are for people to see.
        if check not in CHECKS:
            continue
        tally = tallies.setdefault(check, Tally())
        met = check in names[place] or (
            # Normal form takes a difference of punctuation for none.
            check == "near_duplicate" and "exact_duplicate" in names[place]
        )
        tally.sought[check] += 1
        tally.found[check] += met
    partners = {"exact_duplicate", "near_duplicate", "conflict"}
    clean = [place for place in places if place not in planted]
    for check, tally in tallies.items():
        tally.clean = len(clean)
        # The row that a planted one repeats is rightly named with it.
        tally.alarms = 0 if check in partners else sum(check in names[p] for p in clean)
    return tallies


def clean_of_sample() -> tuple[Scope, list[Clean]]:
    """Rows of the sample without a planted fault, with the rule that each follows."""
    scope, rows, planted = read_sample()
    made = guide(scope)
    clean: list[Clean] = []
    for place, example in rows.items():
        rule, covered = best_rule(made, example.answer)
        if place not in planted and rule is not None and covered >= _FOLLOWED:
            clean.append(Clean(example, rule, FORBIDDEN.get(rule.id, ())))
    return scope, clean


def fresh_tally(scope: Scope, rows: Sequence[Clean], draw: Random, tally: Tally) -> None:
    """Count what the check for contradictions says of clean rows and of fresh faults in them."""
    tally.clean += len(rows)
    tally.alarms += len(_contradicting(scope, [row.example for row in rows]))
    faulty: list[tuple[str, Example]] = []
    for row in rows:
        for kind, answer in faults_of(row, scope.rules, draw):
            turns = (*row.example.messages[:-1], Message("assistant", answer))
            faulty.append((kind, msgspec.structs.replace(row.example, messages=turns)))
    hit = _contradicting(scope, [example for _, example in faulty])
    for place, (kind, _) in enumerate(faulty):
        tally.sought[kind] += 1
        tally.found[kind] += place in hit


def _contradicting(scope: Scope, examples: Iterable[Example]) -> set[int]:
    rows = [NumberedExample(i, example) for i, example in enumerate(examples)]
    return {i for f in contradiction.check(rows, [], scope) for i in f.examples}


def fresh_tallies(rounds: int, seed: int) -> dict[str, Tally]:
    """By domain: fresh faults of every kind, amounts drawn anew each round."""
    draw = Random(seed)
    tallies = {name: Tally() for name in (*NAMES, "sample")}
    sample = clean_of_sample()
    for _ in range(rounds):
        for name in NAMES:
            domain = draw_domain(name, draw)
            fresh_tally(domain.scope, domain.rows, draw, tallies[name])
        fresh_tally(*sample, draw, tallies["sample"])
    return tallies


def _report(case: str, tally: Tally) -> None:
    for kind in sorted(tally.sought):
        print(f"{case:<28}{kind:<24}{tally.found[kind]:>6} of {tally.sought[kind]}")
    sought, found = tally.sought.total(), tally.found.total()
    print(f"{case:<28}{'false alarms':<24}{tally.alarms:>6} of {tally.clean}")
    _line(f"{case}: recall", found / sought, RECALL, found / sought / RECALL)
    share = tally.alarms / max(tally.clean, 1)
    _line(f"{case}: false alarms", share, ALARMS, ALARMS / max(share, 1 / max(tally.clean, 1)))


def _line(case: str, ours: float, goal: float, ratio: float) -> None:
    """The peer of a check is its goal: a ratio above 1 is better."""
    figures = {
        "benchmark": f"checks: {case}",
        "ours": round(ours, 4),
        "peer": goal,
        "ratio": round(ratio, 3),
        "goal": 1.0,
        "unit": "share",
    }
    print(json.dumps(figures), flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table and a JSON line a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, help="fresh faults of a known draw")
    given = parser.parse_args([] if arguments is None else arguments)
    seed = given.seed if given.seed is not None else Random().randrange(1 << 32)
    print(f"seed {seed}")
    for check, tally in sorted(planted_tally().items()):
        _report(f"planted {check}", tally)
    for name, tally in fresh_tallies(given.rounds, seed).items():
        _report(f"fresh {name}", tally)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
