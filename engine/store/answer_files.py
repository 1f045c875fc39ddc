"""Files of answers that came from elsewhere: which file stands in for which arm of which run."""

from __future__ import annotations

import msgspec

from engine.store.connection import Store, now


class AnswerFile(msgspec.Struct, frozen=True):
    """One import of answers."""

    arm: str
    file: str
    """Name of the file, without its folder."""
    sha256: str
    at: str
    who: str
    rows: int
    taken: int
    """Rows that became the answer to a case."""


def add(store: Store, run: int, imported: AnswerFile) -> None:
    """Append an import; its moment is given here."""
    with store.transaction():
        store.insert("answer_files", {"run": run, **msgspec.structs.asdict(imported), "at": now()})


def every(store: Store, run: int) -> list[AnswerFile]:
    """The imports into a run, oldest first."""
    rows = store.rows(
        "SELECT arm, file, sha256, at, who, rows, taken FROM answer_files WHERE run = ?"
        " ORDER BY id",
        [run],
    )
    return msgspec.convert(rows, list[AnswerFile])
