"""What can be known of every row without reading it again: an array element a row, signed once.

The checks that compare rows with each other, and the split, work on these arrays; they read the few
rows that matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.curation import minhash
from engine.curation.duplicates import join
from engine.curation.memo import Memo, hash_of, mixed
from engine.curation.shingles import jaccards, unpacked
from engine.curation.text import customer_side, fingerprint, normalise, whole_text
from engine.facts import find_facts, yes_or_no
from engine.records import Example, NumberedExample
from engine.scope import Scope

View: TypeAlias = Literal["asked", "whole"]
Records: TypeAlias = npt.NDArray[Any]
"""One element a row, of the type that `layout` gives."""
Fetch: TypeAlias = Callable[[Sequence[int]], Sequence[NumberedExample]]
"""Rows by id, in the order asked for."""
TEXTS: dict[View, Callable[[Example], str]] = {"asked": customer_side, "whole": whole_text}
HASHES = ("exact", "asked", "whole", "stance", "amounts", "raw", "intent")
_AT_ONCE = 50_000
"""Pairs whose texts are held at a time."""


class Pairs:
    """Pairs of positions in the records, the first below the second, ascending.

    Of rows whose text is the same only the first takes part. jaccard: exact, of character 5-grams
    (0-1); ratio: edit ratio (0-100).
    """

    def __init__(
        self,
        first: npt.NDArray[np.int64],
        second: npt.NDArray[np.int64],
        jaccard: npt.NDArray[np.float64],
        ratio: npt.NDArray[np.float64],
    ) -> None:
        self.first, self.second, self.jaccard, self.ratio = first, second, jaccard, ratio

    def where(self, kept: npt.NDArray[np.bool_]) -> Pairs:
        """Some of them."""
        return Pairs(self.first[kept], self.second[kept], self.jaccard[kept], self.ratio[kept])


class Index:
    """The records of some rows in order of their ids, and the pairs of rows that are alike.

    memo: what earlier runs have compared; what this one compares is added to it.
    """

    def __init__(self, records: Records, fetch: Fetch, scope: Scope, memo: Memo | None = None):
        self.records = records[np.argsort(records["id"], kind="stable")]
        self.scope = scope
        self.memo = memo or Memo()
        self._fetch = fetch
        self._found: dict[View, Pairs] = {}

    @classmethod
    def of(cls, rows: Sequence[NumberedExample], scope: Scope) -> Index:
        """Of rows that are all at hand."""
        by_id = {row.id: row for row in rows}
        return cls(sign_rows(rows, scope), lambda ids: [by_id[i] for i in ids], scope)

    def __len__(self) -> int:
        return len(self.records)

    def ids(self, positions: npt.NDArray[np.int64]) -> tuple[int, ...]:
        """Ids of the rows at some positions."""
        return tuple(self.records["id"][positions].tolist())

    def rows(self, positions: npt.NDArray[np.int64]) -> dict[int, NumberedExample]:
        """The rows at some positions, by position; without those that were edited meanwhile."""
        wanted = np.unique(positions)
        fetched = self._fetch(self.records["id"][wanted].tolist())
        signed = zip(wanted.tolist(), self.records["raw"][wanted].tolist(), fetched, strict=True)
        return {at: row for at, raw, row in signed if raw_hash(row.example) == raw}

    def pairs(self, view: View) -> Pairs:
        """Rows that ask alike, or that are alike as a whole, as far as the scope's floor."""
        if view not in self._found:
            self._found[view] = self._find(view, floors(self.scope)[view])
        return self._found[view]

    def sentences(
        self,
        name: str,
        first: npt.NDArray[np.int64],
        second: npt.NDArray[np.int64],
        say: Callable[[NumberedExample, NumberedExample], str],
    ) -> list[str]:
        """What `say` says about pairs of positions; earlier runs are remembered by name."""
        raw = self.records["raw"]

        def say_some(places: list[int]) -> list[str | None]:
            said: list[str | None] = []
            for at in range(0, len(places), _AT_ONCE):
                some = places[at : at + _AT_ONCE]
                rows = self.rows(np.concatenate((first[some], second[some])))
                pairs = zip(first[some].tolist(), second[some].tolist(), strict=True)
                said += [
                    say(rows[a], rows[b]) if a in rows and b in rows else None for a, b in pairs
                ]
            return said

        return self.memo.sentences(name, mixed(raw[first], raw[second]).tolist(), say_some)

    def firsts(self, field: str) -> npt.NDArray[np.int64]:
        """For each row the position of the first row that is equal in one field; what has no
        hash is equal to none."""
        hashes = self.records[field]
        _, first, which = np.unique(hashes, return_index=True, return_inverse=True)
        return np.where(hashes == 0, np.arange(len(hashes)), first[which])

    def _find(self, view: View, floor: float) -> Pairs:
        hashes = self.records[view]
        firsts = self.firsts(view)
        nodes = np.flatnonzero((firsts == np.arange(len(firsts))) & (hashes != 0))
        proposed = minhash.propose(self.records[f"{view}_signs"][nodes], floor)
        first, second = (nodes[side] for side in unpacked(proposed))
        ours, theirs = hashes[first], hashes[second]
        keys = mixed(np.minimum(ours, theirs), np.maximum(ours, theirs))
        compared = self.memo.compared(view, keys)
        unknown = np.flatnonzero(np.isnan(compared.jaccard))
        # Pairs of one cluster together, so that few texts are read twice.
        roots = join(len(self), first[unknown], second[unknown])
        unknown = unknown[np.argsort(roots[first[unknown]], kind="stable")]
        for at in range(0, len(unknown), _AT_ONCE):
            some = unknown[at : at + _AT_ONCE]
            compared.jaccard[some], compared.ratio[some] = self._compare(
                view, first[some], second[some]
            )
        self.memo.keep(view, compared)
        pairs = Pairs(first, second, compared.jaccard, compared.ratio)
        return pairs.where(compared.jaccard >= floor)

    def _compare(
        self, view: View, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        from rapidfuzz import fuzz, process

        wanted, places = np.unique(np.concatenate((first, second)), return_inverse=True)
        rows = self.rows(wanted)
        said = [TEXTS[view](rows[at].example) if at in rows else "" for at in wanted.tolist()]
        texts = [normalise(text) for text in said]
        ours, theirs = np.split(places, 2)
        jaccard = jaccards(texts, ours, theirs)
        known = np.array([bool(text) for text in texts])
        jaccard[~(known[ours] & known[theirs])] = np.nan
        left, right = [texts[i] for i in ours], [texts[i] for i in theirs]
        return jaccard, process.cpdist(left, right, scorer=fuzz.ratio)


def floors(scope: Scope) -> dict[View, float]:
    """Lowest Jaccard that any check or the split asks for."""
    near, conflict = scope.checks.near_duplicate, scope.checks.conflict
    return {"asked": min(conflict.similar, near.near), "whole": near.similar}


def layout(scope: Scope) -> np.dtype[Any]:
    """The fields of a record. A hash of 0 stands for nothing there."""
    signed = [(f"{v}_signs", "<u2", (minhash.width(f),)) for v, f in floors(scope).items()]
    hashes = [(name, "<u8") for name in HASHES]
    return np.dtype([("id", "<i8"), *hashes, *signed])


def sign_rows(rows: Sequence[NumberedExample], scope: Scope) -> Records:
    """Records of rows, in their order.

    exact: who said what, in normal form, and the stance; asked, whole: a view in normal form;
    stance: the typed facts and the yes or no of the answer; amounts: the facts of the question;
    raw: what was said, as it stands.
    """
    records = np.zeros(len(rows), layout(scope))
    records["id"] = [row.id for row in rows]
    records["raw"] = [raw_hash(row.example) for row in rows]
    records["intent"] = [hash_of(row.example.intent) for row in rows]
    records["stance"] = [stance(row.example.answer) for row in rows]
    records["amounts"] = [amounts(customer_side(row.example)) for row in rows]
    exact = np.array([fingerprint(row.example) for row in rows], np.uint64)
    records["exact"] = mixed(exact, records["stance"])
    for view, floor in floors(scope).items():
        texts = [normalise(TEXTS[view](row.example)) for row in rows]
        records[view] = [hash_of(text) for text in texts]
        records[f"{view}_signs"] = minhash.sign(texts, floor)
    told = records["whole"] != 0
    records["whole"][told] = mixed(records["whole"][told], records["stance"][told])
    return records


def raw_hash(example: Example) -> int:
    """Hash of every turn as it stands."""
    return hash_of("\x00".join(f"{m.role}\x01{m.content}" for m in example.messages))


def stance(answer: str) -> int:
    """Hash of what an answer commits itself to, facts with a unit and yes or no; 0 for nothing.

    Answers of one stance do not disagree, and no answer disagrees with one that has none.
    """
    facts = sorted((f.kind, f.unit, f.amount) for f in find_facts(answer) if f.unit)
    yes = yes_or_no(answer)
    return hash_of(f"{facts} {yes}") if facts or yes is not None else 0


def amounts(question: str) -> int:
    """Hash of the facts of a question: those of another one ask something else."""
    facts = {(f.kind, f.unit, f.amount) for f in find_facts(question)}
    return hash_of(f"{sorted(facts)}") if facts else 0
