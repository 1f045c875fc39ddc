"""What the base model makes of the examples: its loss on each, and its own answer to some.

A score belongs to the text that was scored. Whoever reads one gets it only while the example still
says that text, so nothing has to be deleted when somebody edits, undoes or decides again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from weakref import WeakSet

import msgspec
from sqlite_utils import Database

from engine.errors import NotFoundError
from engine.records import Example, Scored
from engine.store.connection import Row, Store
from engine.store.examples import fingerprint

AT_ONCE = 500
"""Ids in one question to SQLite."""
_CURRENT = (
    "s.fingerprint = CASE WHEN e.original IS NULL THEN e.fingerprint"
    " ELSE example_fingerprint(e.body) END"
)
"""Only what was edited has to be read: a fingerprint is stored for what came with an import."""
_TAUGHT: WeakSet[Database] = WeakSet()
"""Connections that know the function: SQLite takes it only while nothing is being read."""


class Score(msgspec.Struct, frozen=True):
    """What a base model made of an example as it stands."""

    example: int
    run: int
    model: str
    """Folder or hub id."""
    conditions: str
    """Hash over what decides a score besides the text: model, precision, system prompt, length."""
    loss: float | None
    """Mean over the trained tokens, nats; None when none would be trained or it is not measured."""
    tokens: int | None
    """Trained tokens; None when the loss is not measured."""
    answer: str | None
    """What the base model answers by itself; None when it was not asked."""
    finished: bool
    """False when the length limit cut the answer."""


class Counts(msgspec.Struct, frozen=True):
    """How far the scores of a session are."""

    total: int
    """Examples that are scored: all but the rejected and those that became held-out cases."""
    measured: int
    """Those whose loss is known, or that are known to train nothing."""
    answered: int


class Reading(msgspec.Struct, frozen=True):
    """How far the scores of a run have been taken over."""

    run: int
    place: int
    """Bytes of its scores.jsonl."""


def join(store: Store, examples: str = "e", scores: str = "s") -> str:
    """SQL that brings the scores that still hold to a query over examples: `LEFT JOIN scores ...`.

    With it `s.loss` is the loss in nats per trained token, or NULL. Good for this thread's
    connection, which learns to tell the fingerprint of an edited example.
    """
    if store.db not in _TAUGHT:
        store.db.conn.create_function("example_fingerprint", 1, _fingerprint, deterministic=True)
        _TAUGHT.add(store.db)
    current = _CURRENT.replace("e.", f"{examples}.").replace("s.", f"{scores}.", 1)
    return f"LEFT JOIN scores AS {scores} ON {scores}.example = {examples}.id AND {current}"


def of(store: Store, example: int) -> Score | None:
    """What is known of one example as it stands; None when nothing is."""
    return of_some(store, [example]).get(example)


def of_some(store: Store, examples: Sequence[int]) -> dict[int, Score]:
    """What is known of some examples, by id; those without a score have no entry."""
    found: dict[int, Score] = {}
    for start in range(0, len(examples), AT_ONCE):
        part = examples[start : start + AT_ONCE]
        marks = ", ".join("?" * len(part))
        rows = store.rows(
            f"SELECT s.*, scorings.model, scorings.conditions FROM examples AS e {join(store)}"
            f" JOIN scorings ON scorings.run = s.run WHERE e.id IN ({marks})",
            part,
        )
        found |= {row["example"]: _score(row) for row in rows}
    return found


def losses(store: Store, session: int) -> dict[int, float]:
    """Loss of every example of a session that has one for its present text, nats a token."""
    rows = store.db.execute(
        f"SELECT e.id, s.loss FROM examples AS e {join(store)}"
        " WHERE e.session = ? AND s.loss IS NOT NULL",
        [session],
    )
    return dict(rows.fetchall())


def candidates(store: Store, session: int) -> tuple[list[int], list[int]]:
    """Ids of the examples that are scored: those that wait, in the order of the queue; those that
    were accepted. The rejected and the sealed are not."""
    rows = store.db.execute(
        "SELECT id, status = 'accepted' FROM examples"
        " WHERE session = ? AND status != 'rejected' AND part != 'held_out'"
        " ORDER BY put_off, rank, id",
        [session],
    ).fetchall()
    return [i for i, accepted in rows if not accepted], [i for i, accepted in rows if accepted]


def refuse_strangers(store: Store, session: int, wanted: Iterable[int]) -> None:
    """Raise NotFoundError for an example that is not one of this session's open ones."""
    for example in wanted:
        sql = "SELECT 1 FROM examples WHERE id = ? AND session = ? AND part != 'held_out'"
        if store.row(sql, [example, session]) is None:
            raise NotFoundError(
                f"There is no example #{example} here.", "Held-out ones are sealed."
            )


def count(store: Store, session: int, conditions: str) -> Counts:
    """How many of the candidates have what, under these conditions."""
    row = store.row(
        "SELECT count(*) AS total, count(iif(c.run, s.tokens, NULL)) AS measured,"
        f" count(iif(c.run, s.answer, NULL)) AS answered FROM examples AS e {join(store)}"
        " LEFT JOIN scorings AS c ON c.run = s.run AND c.conditions = ?"
        " WHERE e.session = ? AND e.status != 'rejected' AND e.part != 'held_out'",
        [conditions, session],
    )
    return msgspec.convert(row, Counts)


def register(store: Store, run: int, session: int, model: str, conditions: str) -> None:
    """Note under which conditions a run scores."""
    with store.transaction() as db:
        db.execute(
            "INSERT INTO scorings (run, session, model, conditions) VALUES (?, ?, ?, ?)",
            [run, session, model, conditions],
        )


def readings(store: Store, session: int) -> list[Reading]:
    """The score runs of a session, oldest first, and how far each was read."""
    rows = store.rows("SELECT run, place FROM scorings WHERE session = ? ORDER BY run", [session])
    return msgspec.convert(rows, list[Reading])


def add(store: Store, before: Reading, found: Iterable[Scored], place: int) -> bool:
    """Take over lines of a run, and note how far it is read.

    before: as it was when the lines were read. Answers False, and takes over nothing, when another
    process has read on since. A newer run replaces an older one; what the older one found stays
    where it holds for the same text under the same conditions.
    """
    with store.transaction() as db:
        sql = "UPDATE scorings SET place = ? WHERE run = ? AND place = ?"
        if not db.execute(sql, [place, before.run, before.place]).rowcount:
            return False
        for scored in found:
            sql = _ADD_LOSS if scored.answer is None else _ADD_ANSWER
            db.execute(sql, {"run": before.run, **msgspec.structs.asdict(scored)})
    return True


_SAME = """scores.fingerprint = excluded.fingerprint AND EXISTS (
  SELECT 1 FROM scorings AS old JOIN scorings AS new ON new.conditions = old.conditions
  WHERE old.run = scores.run AND new.run = excluded.run)"""
_ADD_LOSS = f"""
INSERT INTO scores (example, run, fingerprint, loss, tokens)
VALUES (:example, :run, :fingerprint, :loss, :tokens)
ON CONFLICT (example) DO UPDATE SET
  run = excluded.run, fingerprint = excluded.fingerprint,
  loss = excluded.loss, tokens = excluded.tokens,
  answer = iif({_SAME}, answer, NULL), answer_tokens = iif({_SAME}, answer_tokens, NULL),
  finished = iif({_SAME}, finished, NULL)
"""
_ADD_ANSWER = f"""
INSERT INTO scores (example, run, fingerprint, answer, answer_tokens, finished)
VALUES (:example, :run, :fingerprint, :answer, :answer_tokens, :finished)
ON CONFLICT (example) DO UPDATE SET
  run = excluded.run, fingerprint = excluded.fingerprint,
  answer = excluded.answer, answer_tokens = excluded.answer_tokens, finished = excluded.finished,
  loss = iif({_SAME}, loss, NULL), tokens = iif({_SAME}, tokens, NULL)
"""


def _fingerprint(body: str) -> str:
    return fingerprint(msgspec.json.decode(body, type=Example))


def _score(row: Row) -> Score:
    names = Score.__struct_fields__
    return Score(**{name: row[name] for name in names} | {"finished": row["finished"] != 0})
