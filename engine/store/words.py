"""Full-text search over what was said in the examples (FTS5). The index follows behind imports."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from engine.store.connection import Store
from engine.store.migrations import spoken

CHUNK = 5_000
"""Rows indexed in one transaction: decisions wait for no more than that."""
COMMON = 20_000
"""Words in more examples than this are looked up while walking the queue, not before."""


def catch_up(store: Store, is_cancelled: Callable[[], bool] = lambda: False) -> int:
    """Index what was imported since the last time; answers how many examples that were."""
    done = 0
    while not is_cancelled():
        added = _index_chunk(store)
        if not added:
            break
        done += added
    return done


def missing(store: Store) -> int:
    """Ids not looked at yet; 0 when the index is complete."""
    return int(store.value("SELECT coalesce(max(id), 0) FROM examples")) - _reached(store)


def match(words: Sequence[str]) -> str:
    """The FTS5 expression: every word, each as the beginning of a word of the text.

    `e-mail` means `e` right before a word that begins with `mail`. Empty when no word holds a
    letter or a digit.
    """
    phrases = [re.findall(r"\w+", word.replace("_", " ")) for word in words]
    return " AND ".join(" + ".join(f'"{part}"' for part in phrase) + "*" for phrase in phrases if phrase)


def hits(store: Store, expression: str, limit: int = COMMON) -> int:
    """How many examples of all sessions match, counted up to one above `limit`."""
    sql = (
        "SELECT count(*) FROM (SELECT rowid FROM examples_words WHERE examples_words MATCH ? LIMIT ?)"
    )
    return int(store.value(sql, [expression, limit + 1]))


def _index_chunk(store: Store) -> int:
    with store.transaction() as db:
        cursor = db.execute(
            f"INSERT INTO examples_words (rowid, text) SELECT id, {spoken('body')}"
            " FROM examples WHERE id > ? ORDER BY id LIMIT ?",
            [_reached(store), CHUNK],
        )
        return int(cursor.rowcount)


def _reached(store: Store) -> int:
    return int(store.value("SELECT coalesce(max(id), 0) FROM examples_words_docsize"))
