"""Runs the checks over a session, however large: what was checked before is not checked again.

A row is looked at when it is new or has changed; all rows when a check, its settings, or what it
reads of the scope has. Rows come from the store in batches; what compares rows works on arrays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import overload

import msgspec
import numpy as np
import numpy.typing as npt

from engine.curation.checks import leak
from engine.curation.index import Index, Records, layout, sign_rows
from engine.curation.memo import Memo, code_version
from engine.curation.run import ABOUT_ONE, BETWEEN, CHECKS, run_checks
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope
from engine.store import examples, findings, signatures
from engine.store.connection import Store
from engine.store.signatures import SignedRow

_OF_NO_MATTER = ("name", "task", "checks", "criteria", "suites", "people", "cadence")
"""Parts of the scope that no check reads."""
_BY_SETTINGS = (
    *("schema", "secret", "repetition", "mojibake", "stale_date", "leak", "same_opening"),
    *("exact_duplicate", "near_duplicate", "length_outlier"),
)
"""Checks that read nothing of the scope but their own settings."""
_PAGES = ("asked", "whole", "disagreement", "conflicts")
"""What the memo keeps; see `engine.curation.memo`."""
_LINKS = "links"
RIVALS = 200
"""Rows that ask alike, compared with one that was edited, at the most."""


def check(
    store: Store, session: int, scope: Scope, cases: Sequence[Case], only: Sequence[str] = ()
) -> None:
    """Bring the findings of a session up to date: they become those of a run over everything.

    only: names of the checks that run, and do so over every row; all when empty.
    """
    run = _Run(store, session, scope, cases, only)
    is_same = run.sign()
    run.check_rows()
    run.check_together(is_same)


def rivals(store: Store, session: int, example: int) -> list[NumberedExample]:
    """Rows that asked alike when the checks ran last, not more than RIVALS."""
    body = signatures.page(store, session, _LINKS)
    links = np.frombuffer(body or b"", np.int64).reshape(-1, 2)
    wanted = np.array([example])
    for _ in range(2):  # From a copy to the first of its text, and on to all that are like that.
        touched = links[np.isin(links, wanted).any(axis=1)]
        wanted = np.union1d(wanted, touched)
    ids = [i for i in wanted.tolist() if i != example][:RIVALS]
    stored = examples.some(store, ids)
    return examples.numbered(stored[i] for i in ids if stored[i].part != "held_out")


class _Run:
    """One run of the checks over one session."""

    def __init__(
        self, store: Store, session: int, scope: Scope, cases: Sequence[Case], only: Sequence[str]
    ) -> None:
        self.store, self.session, self.scope, self.cases = store, session, scope, cases
        self.is_whole = not only
        self.keys = _keys(scope, cases)
        self.known = signatures.states(store, session)
        running = [n for n in CHECKS if n in scope.checks.running() and (not only or n in only)]
        self.about_one = [name for name in ABOUT_ONE if name in running]
        self.together = [name for name in running if name not in ABOUT_ONE]
        self.stale = {name for name, key in self.keys.items() if self.known.get(name) != key}
        self.stale |= set(only)
        for name in set(findings.checks(store, session)) - set(scope.checks.running()):
            findings.update(store, session, name, [])
        self._keep("rows", "")

    def sign(self) -> bool:
        """Sign what is new; answers whether the rows are those of the last run, word for word."""
        store, session = self.store, self.session
        if "signatures" in self.stale:
            signatures.forget(store, session)
            self._keep("signatures", self.keys["signatures"])
        signed = signatures.sign(
            store, session, lambda rows: [r.tobytes() for r in sign_rows(rows, self.scope)]
        )
        return not signed and self.known.get("rows") == str(signatures.count(store, session))

    def check_rows(self) -> None:
        """The checks that judge a row alone: all on new rows, those that are stale on all rows."""
        stale = [name for name in self.about_one if name in self.stale]
        held_out = leak.HeldOut(self.cases, self.scope)
        of_all: dict[str, set[Finding]] = {name: set() for name in stale}
        for batch in signatures.batches(self.store, self.session, unchecked=not stale):
            new = [signed for signed in batch if not signed.is_checked]
            old = [signed for signed in batch if signed.is_checked] if stale else []
            for signed, names in ((new, self.about_one), (old, stale)):
                if signed and names:
                    found = self._judge(signed, names, held_out)
                    for finding in (f for f in found if not f.examples):
                        of_all.setdefault(finding.check, set()).add(finding)
                    self._settle(signed, names, [f for f in found if f.examples])
        for name, found_of_all in of_all.items():
            findings.update(self.store, self.session, name, found_of_all, whole=True)
        findings.forget_sealed(self.store, self.session, self.about_one)
        for name in stale:
            self._keep(name, self.keys[name])

    def check_together(self, is_same: bool) -> None:
        """The checks that hold rows against each other or count them all."""
        names = [name for name in self.together if not is_same or name in self.stale]
        between = [name for name in names if name in BETWEEN]
        if between:
            self._check_between(between)
        rows = _StoredRows(self.store, self.session)
        for name in (name for name in names if name not in BETWEEN):
            found = run_checks(rows, self.cases, self.scope, [name])
            findings.update(self.store, self.session, name, found)
        for name in names:
            self._keep(name, self.keys[name])
        if self.is_whole or is_same:
            self._keep("rows", str(len(rows)))

    def _check_between(self, names: Sequence[str]) -> None:
        store, session = self.store, self.session
        pages = {n: signatures.page(store, session, n) for n in _PAGES if n not in self.stale}
        memo = Memo({name: page for name, page in pages.items() if page is not None})
        records = _load(store, session, self.scope)
        index = Index(records, lambda ids: signatures.rows(store, ids), self.scope, memo)
        for name in names:
            findings.update(store, session, name, BETWEEN[name](index))
        for name, page in memo.changed().items():
            signatures.keep(store, session, name, self.keys[name], page)
        if "conflict" in names:
            signatures.keep(store, session, _LINKS, "", _links(index).tobytes())

    def _judge(
        self, signed: Sequence[SignedRow], names: Sequence[str], held_out: leak.HeldOut
    ) -> list[Finding]:
        rows = [s.row for s in signed]
        found = run_checks(rows, self.cases, self.scope, [n for n in names if n != "leak"])
        if "leak" in names and self.cases:
            records = np.frombuffer(b"".join(s.body for s in signed), layout(self.scope))
            found += leak.find(rows, held_out, records)
        return found

    def _settle(
        self, signed: Sequence[SignedRow], names: Sequence[str], found: Sequence[Finding]
    ) -> None:
        """Write what was found, but not about rows that were edited meanwhile."""
        with self.store.transaction():
            kept = signatures.unchanged(self.store, [s.row.id for s in signed])
            about = [f for f in found if kept.issuperset(f.examples)]
            findings.settle(self.store, self.session, kept, names, about)
            if self.is_whole:
                signatures.mark_checked(self.store, kept)

    def _keep(self, name: str, key: str) -> None:
        signatures.keep(self.store, self.session, name, key)


class _StoredRows(Sequence[NumberedExample]):
    """All rows that are checked, read from the store as they are asked for."""

    def __init__(self, store: Store, session: int) -> None:
        self._store, self._session = store, session
        self._count = signatures.count(store, session)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[NumberedExample]:
        for batch in signatures.batches(self._store, self._session):
            yield from (signed.row for signed in batch)

    @overload
    def __getitem__(self, place: int) -> NumberedExample: ...
    @overload
    def __getitem__(self, place: slice) -> list[NumberedExample]: ...
    def __getitem__(self, place: int | slice) -> NumberedExample | list[NumberedExample]:
        if isinstance(place, slice):
            return list(islice(self, *place.indices(len(self))))
        return next(islice(self, range(len(self))[place], None))


def _load(store: Store, session: int, scope: Scope) -> Records:
    """All records; rows that are signed meanwhile wait for the next run."""
    records = np.empty(signatures.count(store, session), layout(scope))
    at = 0
    for body in signatures.bodies(store, session):
        some = np.frombuffer(body, records.dtype)[: len(records) - at]
        records[at : at + len(some)] = some
        at += len(some)
    return records[:at]


def _links(index: Index) -> npt.NDArray[np.int64]:
    """Ids (n, 2) of rows that ask alike; a copy is linked with the first of its text."""
    pairs, firsts = index.pairs("asked"), index.firsts("asked")
    copies = np.flatnonzero(firsts != np.arange(len(firsts)))
    first = np.concatenate((pairs.first, firsts[copies]))
    second = np.concatenate((pairs.second, copies))
    return index.records["id"][np.stack((first, second), axis=1)]


def _keys(scope: Scope, cases: Sequence[Case]) -> dict[str, str]:
    """By check, and by what is kept for them: a hash over all that decides what is found, but for
    the rows."""
    every = [code_version(), date.today().year]
    read = {
        name: getattr(scope, name) for name in scope.__struct_fields__ if name not in _OF_NO_MATTER
    }
    keys = {"signatures": _key(every, layout(scope).descr), "asked": _key(every)}
    keys |= {"whole": keys["asked"], "disagreement": keys["asked"]}
    for name in CHECKS:
        decides: list[object] = [*every, scope.checks.named(name)]
        if name not in _BY_SETTINGS:
            decides.append(read)
        if name == "leak":
            decides.append([(case.id, case.prompt) for case in cases])
        keys[name] = _key(decides)
    return keys | {"conflicts": keys["conflict"]}


def _key(*decides: object) -> str:
    return hashlib.blake2b(msgspec.json.encode(decides, order="sorted"), digest_size=16).hexdigest()
