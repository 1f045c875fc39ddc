"""What a filter over examples is, and how the store finds what passes it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.store import words
from engine.store.connection import Store

RARE = 4_000
"""A condition that holds for no more examples than this is worth starting from."""
MARKS = frozenset({"flagged", "edited"})
"""What `status:` takes besides statuses; each has an index of the few that bear it."""


class Sieve(msgspec.Struct, frozen=True):
    """A filter; empty, it lets everything through. All words must hold.

    Of one name given twice, one value is enough: `status:accepted status:later`.
    """

    words: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()
    wanted: tuple[tuple[str, str], ...] = ()
    """Name and value, in lower case."""
    either: tuple[tuple[str, ...], ...] = ()
    """Groups of words: where there are any, all words of one group at least must hold."""

    def values(self, name: str) -> list[str]:
        """What is wanted of one name."""
        return [value for wanted, value in self.wanted if wanted == name]


class Found(msgspec.Struct, frozen=True):
    """SQL that answers the examples passing a sieve, but for order and limit."""

    table: str
    """What follows FROM; the examples are `e`."""
    condition: str
    parameters: tuple[object, ...]
    """Those of `table` first, then those of `condition`."""


class _Part(msgspec.Struct, frozen=True):
    """A condition in two ways: as a list of ids to start from, and as a question about one row."""

    listed: str
    asked: str
    parameters: tuple[object, ...]
    is_rare: bool


def find(store: Store, session: int, sieve: Sieve, *, whole: bool = False) -> Found:
    """How to find what passes; sealed examples never do.

    Starts from the rare where something is rare, and walks the queue in its order otherwise, so
    that the first page comes at once either way. whole: all of them are wanted, not the first few.
    """
    parts = [
        *_words(store, sieve),
        *_checks(store, session, sieve),
        *_decided(store, session, sieve),
    ]
    start = next((part for part in parts if part.is_rare), None)
    rest = [part for part in parts if part is not start]
    plain, values = _columns(store, session, sieve)
    first: tuple[object, ...]
    if start is None:
        table, first = f"examples AS e{_walk(sieve)}", ()
    else:
        # CROSS JOIN keeps SQLite from walking the whole queue to find the few.
        table = f"({start.listed}) AS hit CROSS JOIN examples AS e ON e.id = hit.id"
        first = start.parameters
    asked = [f"e.id IN ({p.listed})" if whole and p.listed else p.asked for p in rest]
    condition = " AND ".join(["e.session = ?", "e.part != 'held_out'", *plain, *asked])
    return Found(
        table,
        condition,
        (*first, session, *values, *(value for part in rest for value in part.parameters)),
    )


def _walk(sieve: Sieve) -> str:
    """The index to walk along, in the order of the queue; none where few examples are meant."""
    statuses = sieve.values("status")
    if sieve.ids:
        return ""
    if sieve.values("tag"):
        return " INDEXED BY examples_tagged"
    if len(statuses) == 1 and statuses[0] in MARKS:
        return f" INDEXED BY examples_{statuses[0]}"
    if len(sieve.values("intent")) == 1:
        return " INDEXED BY examples_intent"
    if len(statuses) == 1 and statuses != ["waiting"]:
        return " INDEXED BY examples_queue"
    return " INDEXED BY examples_order"


def _words(store: Store, sieve: Sieve) -> list[_Part]:
    found = (words.match(store, sieve.words), words.match_either(store, sieve.either))
    return [_matching(store, wanted) for wanted in found if wanted is not None]


def _matching(store: Store, wanted: words.Match) -> _Part:
    listed = "SELECT rowid AS id FROM examples_words WHERE examples_words MATCH ?"
    asked = "EXISTS (SELECT 1 FROM examples_words WHERE examples_words MATCH ? AND rowid = e.id)"
    return _Part(
        listed,
        asked if wanted.is_exact else f"e.id IN ({listed})",
        (wanted.expression,),
        words.hits(store, wanted.expression, RARE) <= RARE,
    )


def _checks(store: Store, session: int, sieve: Sieve) -> list[_Part]:
    wanted = sieve.values("check")
    if not wanted:
        return []
    about = "FROM finding_examples AS fe JOIN findings AS f ON f.id = fe.finding"
    named = [value for value in wanted if value not in ("any", "none")]
    marks = ", ".join("?" * len(named))
    if "none" in wanted or "any" in wanted:
        sure = f"EXISTS (SELECT 1 {about} WHERE fe.example = e.id)"
        asked = {"any": sure, "none": f"NOT {sure}"}
        either = [asked[value] for value in wanted if value in asked]
        either += [_has_finding(about, marks)] if named else []
        return [_Part("", f"({' OR '.join(either)})", tuple(named), is_rare=False)]
    count = store.value(
        "SELECT count(*) FROM (SELECT 1 FROM findings"
        f" WHERE session = ? AND check_name IN ({marks}) LIMIT ?)",
        [session, *named, RARE + 1],
    )
    listed = f"SELECT DISTINCT fe.example AS id {about} WHERE f.check_name IN ({marks})"
    return [_Part(listed, _has_finding(about, marks), tuple(named), int(count) <= RARE)]


def _has_finding(about: str, marks: str) -> str:
    return f"EXISTS (SELECT 1 {about} WHERE fe.example = e.id AND f.check_name IN ({marks}))"


def _decided(store: Store, session: int, sieve: Sieve) -> list[_Part]:
    """By whom it was decided, and for what reason."""
    parts = []
    for name in ("who", "reason"):
        wanted: Sequence[object] = sieve.values(name)
        if not wanted:
            continue
        if name == "who":
            wanted = _people(store, session, sieve.values(name))
        marks = ", ".join("?" * len(wanted))
        standing = f"d.undone = 0 AND d.kind IN ('accept', 'reject') AND d.{name} IN ({marks})"
        listed = f"SELECT d.example AS id FROM decisions AS d WHERE {standing}"
        sql = f"SELECT count(*) FROM ({listed} AND d.session = {session} LIMIT ?)"
        count = int(store.value(sql, [*wanted, RARE + 1]))
        asked = f"EXISTS (SELECT 1 FROM decisions AS d WHERE d.example = e.id AND {standing})"
        distinct = listed.replace("SELECT", "SELECT DISTINCT", 1)
        parts.append(_Part(distinct, asked, tuple(wanted), count <= RARE))
    return parts


def _columns(store: Store, session: int, sieve: Sieve) -> tuple[list[str], list[object]]:
    """What the row itself tells."""
    conditions: list[str] = []
    values: list[object] = []

    def one_of(column: str, wanted: Sequence[object]) -> None:
        conditions.append(f"{column} IN ({', '.join('?' * len(wanted))})")
        values.extend(wanted)

    if sieve.ids:
        one_of("e.id", sieve.ids)
    if sieve.values("intent"):
        one_of("e.intent", _intents(store, session, sieve.values("intent")))
    if sieve.values("file"):
        one_of("e.file", _files(store, session, sieve.values("file")))
    if sieve.values("status"):
        conditions.append(_status(sieve.values("status")))
    if tags := sieve.values("tag"):
        conditions.append(f"e.tags != '' AND ({' OR '.join(['instr(e.tags, ?) > 0'] * len(tags))})")
        values.extend(f" {tag} " for tag in tags)
    return conditions, values


def _status(wanted: Sequence[str]) -> str:
    """`waiting` is undecided or later; an example may be edited or flagged as well."""
    known = {
        "waiting": "e.status IN ('undecided', 'later')",
        "edited": "e.original IS NOT NULL",
        "flagged": "e.flagged = 1",
    }
    plain = [value for value in wanted if value not in known]
    either = [known[value] for value in wanted if value in known]
    if plain:
        either.append("e.status IN (" + ", ".join(f"'{value}'" for value in plain) + ")")
    return f"({' OR '.join(either)})"


def _intents(store: Store, session: int, wanted: Sequence[str]) -> list[object]:
    """Names of intents as they are stored, for words as they are typed: `order-status`, `none`."""
    rows = store.rows(
        # One look into the index for each name, not one for each example.
        "WITH RECURSIVE names(name) AS ("
        " SELECT min(intent) FROM examples WHERE session = :session"
        " UNION ALL SELECT (SELECT min(intent) FROM examples WHERE session = :session"
        " AND intent > name) FROM names WHERE name IS NOT NULL)"
        " SELECT name FROM names WHERE name IS NOT NULL",
        {"session": session},
    )
    return [r["name"] for r in rows if one_word(r["name"]) in wanted] or [None]


def _files(store: Store, session: int, wanted: Sequence[str]) -> list[object]:
    rows = store.rows("SELECT DISTINCT name FROM sources WHERE session = ?", [session])
    names = [r["name"] for r in rows]
    return [n for n in names if any(value in n.lower() for value in wanted)] or [None]


def _people(store: Store, session: int, wanted: Sequence[str]) -> list[object]:
    """Names that hold what was typed: `tom` and `tom-ok` are both Tom Okafor."""
    rows = store.rows("SELECT DISTINCT who FROM decisions WHERE session = ?", [session])
    names = [row["who"] for row in rows]
    return [n for n in names if any(value in one_word(n) for value in wanted)] or [None]


def one_word(name: str) -> str:
    """An intent or a name as it is typed in a filter."""
    return "-".join(name.lower().split()) or "none"
