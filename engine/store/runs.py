"""Runs as the store lists them, their imported answers, and the cache of base answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from engine.errors import NotFoundError
from engine.recipe import Recipe
from engine.records import Answer
from engine.store.connection import Row, Store, now


class Run(msgspec.Struct, frozen=True):
    """A run folder that the store knows of."""

    id: int
    session: int
    kind: str
    folder: str
    """Name of the folder inside the runs directory, or an absolute path."""
    parent: int | None
    """The training run whose adapter an answer run uses."""
    created: str
    who: str
    recipe: Recipe
    scope_hash: str


def add(
    store: Store,
    session: int,
    kind: str,
    who: str,
    recipe: Recipe,
    scope_hash: str,
    parent: int | None = None,
) -> Run:
    """Register a run and give it its number and folder name (`0003-train`)."""
    with store.transaction() as db:
        number = store.insert(
            "runs",
            {
                "session": session,
                "kind": kind,
                "parent": parent,
                "created": now(),
                "who": who,
                "recipe": msgspec.json.encode(recipe).decode(),
                "scope_hash": scope_hash,
            },
        )
        db.execute("UPDATE runs SET folder = ? WHERE id = ?", [f"{number:04d}-{kind}", number])
    return get(store, number)


def get(store: Store, run: int) -> Run:
    """A run by its number; raises NotFoundError."""
    row = store.row("SELECT * FROM runs WHERE id = ?", [run])
    if row is None:
        raise NotFoundError(f"There is no run {run}.", "`strop status` lists the runs.")
    return _run(row)


def every(store: Store, session: int | None = None) -> list[Run]:
    """All runs, or those of one session, oldest first."""
    where, params = ("", []) if session is None else (" WHERE session = ?", [session])
    return [_run(r) for r in store.rows(f"SELECT * FROM runs{where} ORDER BY id", params)]


def add_answers(store: Store, run: int, answers: Iterable[Answer]) -> None:
    """Import answers of a run folder; those already there stay as they are."""
    with store.transaction() as db:
        db.conn.executemany(
            "INSERT OR IGNORE INTO answers (run, suite, case_name, arm, repeat, body)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                (run, a.suite, a.case, a.arm, a.repeat, msgspec.json.encode(a).decode())
                for a in answers
            ],
        )


def answers(store: Store, run: int) -> list[Answer]:
    """Every imported answer of a run."""
    rows = store.rows("SELECT body FROM answers WHERE run = ?", [run])
    return [msgspec.json.decode(r["body"], type=Answer) for r in rows]


def stamp(store: Store, run: int) -> tuple[int, int]:
    """Figures that differ as soon as a run has more answers, or own checks more outcomes."""
    (row,) = store.rows(
        "SELECT count(*) AS n, (SELECT count(*) FROM own_checks) AS own FROM answers WHERE run = ?",
        [run],
    )
    return row["n"], row["own"]


def remember_answers(store: Store, keyed: Iterable[tuple[str, Answer]]) -> None:
    """Keep base answers under keys made of model, prompt and generation settings."""
    with store.transaction() as db:
        db.conn.executemany(
            "INSERT OR REPLACE INTO answer_cache (key, body) VALUES (?, ?)",
            [(key, msgspec.json.encode(a).decode()) for key, a in keyed],
        )


def remembered_answers(store: Store, keys: Sequence[str]) -> dict[str, Answer]:
    """Those of the keys that are in the cache."""
    found: dict[str, Answer] = {}
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        marks = ",".join("?" * len(part))
        for row in store.rows(f"SELECT key, body FROM answer_cache WHERE key IN ({marks})", part):
            found[row["key"]] = msgspec.json.decode(row["body"], type=Answer)
    return found


def folder_of(run: Run, runs_dir: Path) -> Path:
    """Where the run's folder is."""
    return runs_dir / run.folder


def _run(row: Row) -> Run:
    return msgspec.convert({**row, "recipe": msgspec.json.decode(row["recipe"], type=Recipe)}, Run)
