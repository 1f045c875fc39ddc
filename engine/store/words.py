"""Full-text search over what was said in the examples (FTS5). The index follows behind imports."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

import msgspec

from engine.store.connection import Store
from engine.store.migrations import spoken

CHUNK = 5_000
"""Rows indexed in one transaction: decisions wait for no more than that."""
MOST_TERMS = 20
"""A beginning of more words than this is left to the index, which then reads all their rows."""
LAST_CHARACTER = "\U0010ffff"


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


class Match(msgspec.Struct, frozen=True):
    """A search as FTS5 takes it."""

    expression: str
    is_exact: bool
    """Whether it names whole terms only: then one row can be asked about without reading all."""


def match(store: Store, words: Sequence[str]) -> Match | None:
    """Every word, each as the beginning of a word of the text.

    `e-mail` means `e` right before a word that begins with `mail`. None when no word holds a
    letter or a digit.
    """
    phrases = [re.findall(r"\w+", word.replace("_", " ")) for word in words]
    parts = [_part(store, phrase) for phrase in phrases if phrase]
    if not parts:
        return None
    expression = " AND ".join(part.expression for part in parts)
    return Match(expression, all(part.is_exact for part in parts))


def match_either(store: Store, groups: Sequence[Sequence[str]]) -> Match | None:
    """All words of one group at least, each as `match` takes it; None without any group."""
    parts = [part for part in (match(store, group) for group in groups) if part is not None]
    if not parts:
        return None
    expression = " OR ".join(f"({part.expression})" for part in parts)
    return Match(expression, all(part.is_exact for part in parts))


def _part(store: Store, phrase: Sequence[str]) -> Match:
    if len(phrase) == 1:
        terms = _terms(store, phrase[0])
        if len(terms) <= MOST_TERMS:
            either = " OR ".join(f'"{term}"' for term in terms or phrase)
            return Match(f"({either})", is_exact=True)
    return Match(" + ".join(f'"{part}"' for part in phrase) + "*", is_exact=False)


def _terms(store: Store, beginning: str) -> list[str]:
    """What the texts hold that begins so, as the index spells it; no more than is of use."""
    return _terms_as_of(store, _without_marks(beginning), _moment(store))


def _moment(store: Store) -> tuple[int, int, int]:
    """What differs after any change of the store, by this connection or another one."""
    connection = store.db.conn
    version = int(store.value("PRAGMA data_version"))
    return id(connection), connection.total_changes, version


@lru_cache(maxsize=64)
def _terms_as_of(store: Store, plain: str, moment: tuple[int, int, int]) -> list[str]:
    rows = store.rows(
        "SELECT term FROM examples_terms WHERE term >= ? AND term < ? LIMIT ?",
        [plain, plain + LAST_CHARACTER, MOST_TERMS + 1],
    )
    return [row["term"] for row in rows]


def _without_marks(word: str) -> str:
    """As the tokenizer of the index folds it: lower case, no diacritics."""
    parts = unicodedata.normalize("NFKD", word.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))


def hits(store: Store, expression: str, limit: int) -> int:
    """How many examples of all sessions match, counted up to one above `limit`."""
    few = "SELECT rowid FROM examples_words WHERE examples_words MATCH ? LIMIT ?"
    sql = f"SELECT count(*) FROM ({few})"
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
