"""Rows whose question stands in the held-out set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from engine.curation.text import normalise, whole_text
from engine.records import Case, Example, Finding, NumberedExample
from engine.scope import Scope

if TYPE_CHECKING:
    from engine.curation.index import Records
    from engine.curation.minhash import Signatures


class HeldOut:
    """The held-out cases as rows are held against them: signed once, for any number of rows."""

    def __init__(self, cases: Sequence[Case], scope: Scope) -> None:
        from engine.curation import minhash

        self.settings = scope.checks.leak
        self.names = [case.id for case in cases]
        self.places: dict[str, list[int]] = defaultdict(list)
        self.grams: dict[tuple[str, ...], set[int]] = defaultdict(set)
        for place, text in enumerate(normalise(case.prompt) for case in cases):
            if text:
                self.places[text].append(place)
            words = text.split()
            if len(words) >= self.settings.gram_words:
                for gram in self.runs(words):
                    self.grams[gram].add(place)
        self.texts = list(self.places)
        self.signatures = minhash.sign(self.texts, self.settings.similar)

    def runs(self, words: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """All so many words in a row as make a leak."""
        length = self.settings.gram
        return (tuple(words[i : i + length]) for i in range(len(words) - length + 1))


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """See `find`."""
    return find(rows, HeldOut(cases, scope))


def find(
    rows: Sequence[NumberedExample], held_out: HeldOut, signed: Records | None = None
) -> list[Finding]:
    """Blocks questions equal or near to a held-out one (J >= 0.8); similar ones are reviewed.

    A 13-gram in common counts only for held-out items of 20 words and more. signed: the records of
    the rows, which spares signing them again.
    """
    if not held_out.names:
        return []
    best = _alike(rows, held_out, signed)
    found = [_finding(rows[at], held_out, case, j) for (at, case), j in sorted(best.items())]
    return found + list(_long_matches(rows, held_out, set(best)))


def _alike(
    rows: Sequence[NumberedExample], held_out: HeldOut, signed: Records | None
) -> dict[tuple[int, int], float]:
    """The highest Jaccard of each row and case (by place) that reach the floor."""
    from engine.curation import minhash
    from engine.curation.shingles import jaccards, unpacked

    floor = held_out.settings.similar
    turns = [(at, text) for at, r in enumerate(rows) for text in _asked(r.example, held_out)]
    texts = [text for _, text in turns]
    signatures = _signatures(rows, turns, floor, signed)
    first, second = unpacked(minhash.propose_across(signatures, held_out.signatures, floor))
    best: dict[tuple[int, int], float] = {}
    exact = jaccards([*texts, *held_out.texts], first, second + len(texts))
    for turn, text, j in zip(first.tolist(), second.tolist(), exact.tolist(), strict=True):
        if j >= floor:
            for case in held_out.places[held_out.texts[text]]:
                key = turns[turn][0], case
                best[key] = max(best.get(key, 0.0), j)
    return best


def _signatures(
    rows: Sequence[NumberedExample],
    turns: Sequence[tuple[int, str]],
    floor: float,
    signed: Records | None,
) -> Signatures:
    """Where a row's only turn is what was signed of it, that is taken."""
    import numpy as np

    from engine.curation import minhash

    signatures = np.empty((len(turns), minhash.width(floor)), np.uint16)
    others = list(range(len(turns)))
    if signed is not None and signed["asked_signs"].shape[1] == signatures.shape[1]:
        single = [_is_single(rows[at].example) for at, _ in turns]
        known = [i for i in others if single[i]]
        signatures[known] = signed["asked_signs"][[turns[i][0] for i in known]]
        others = [i for i in others if not single[i]]
    signatures[others] = minhash.sign([turns[i][1] for i in others], floor)
    return signatures


def _is_single(example: Example) -> bool:
    return sum(m.role == "user" for m in example.messages) == 1


def _asked(example: Example, held_out: HeldOut) -> list[str]:
    users = [text for m in example.messages if m.role == "user" if (text := normalise(m.content))]
    if _is_single(example):
        return users
    return [turn for turn in users if len(turn.split()) >= held_out.settings.turn_words]


def _finding(row: NumberedExample, held_out: HeldOut, case: int, jaccard: float) -> Finding:
    settings, name = held_out.settings, held_out.names[case]
    if jaccard >= settings.near:
        how = "asks exactly what" if jaccard == 1.0 else f"asks nearly (J {jaccard:.2f}) what"
        detail = f"{how} held-out case {name} asks"
        return Finding("leak", settings.severity, (row.id,), detail, where="prompt", case=name)
    detail = f"similar (J {jaccard:.2f}) to held-out case {name}"
    return Finding("leak", "review", (row.id,), detail, where="prompt", case=name)


def _long_matches(
    rows: Sequence[NumberedExample], held_out: HeldOut, known: set[tuple[int, int]]
) -> Iterator[Finding]:
    for at, row in enumerate(rows) if held_out.grams else ():
        runs = held_out.runs(normalise(whole_text(row.example)).split())
        shared = {case for run in runs for case in held_out.grams.get(run, ())}
        for case in sorted(c for c in shared if (at, c) not in known):
            name, length = held_out.names[case], held_out.settings.gram
            detail = f"{length} words in a row from held-out case {name}"
            severity = held_out.settings.severity
            yield Finding("leak", severity, (row.id,), detail, case=name)
