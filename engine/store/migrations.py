"""The numbered migrations, forward only; a store with data is backed up first."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from engine.store.choice_tables import CHOICES
from engine.store.freeze_tables import FREEZES
from engine.store.judging_tables import JUDGEMENTS
from engine.store.score_tables import SCORES
from engine.store.signature_tables import SIGNATURES

migrations = Migrations("strop")


def migrate(db: Database, path: Path) -> None:
    """Bring the store to the newest schema; answers at once when it is there already."""
    if not migrations.pending(db):
        return
    if migrations.applied(db):
        back_up(db, path)
    migrations.apply(db)


def back_up(db: Database, path: Path) -> None:
    """Copy the whole store beside itself: `strop.db.before-NAME` of the migration that comes."""
    name = migrations.pending(db)[0].name
    copy = sqlite3.connect(path.with_name(f"{path.name}.before-{name}"))
    with copy:
        db.conn.backup(copy)
    copy.close()


@migrations(name="0001_first_road")
def _first_road(db: Database) -> None:
    for statement in _FIRST_ROAD.split(";\n"):
        if statement.strip():
            db.execute(statement)


_FIRST_ROAD = """
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created TEXT NOT NULL,
  touched TEXT NOT NULL,
  step INTEGER NOT NULL DEFAULT 1,
  place TEXT NOT NULL DEFAULT '{}',
  scope TEXT NOT NULL,
  frozen_at TEXT,
  frozen_by TEXT,
  frozen_hash TEXT,
  sealed_at TEXT,
  sealed_hash TEXT
);
CREATE TABLE amendments (
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES sessions(id),
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  reason TEXT NOT NULL,
  changed TEXT NOT NULL,
  before_hash TEXT NOT NULL,
  after_hash TEXT NOT NULL
);
CREATE TABLE sources (
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES sessions(id),
  name TEXT NOT NULL,
  format TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  at TEXT NOT NULL,
  held_out INTEGER NOT NULL DEFAULT 0,
  rows INTEGER NOT NULL DEFAULT 0,
  accepted INTEGER NOT NULL DEFAULT 0,
  quarantined INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0,
  duplicates INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES sources(id),
  line INTEGER NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  hint TEXT NOT NULL,
  raw TEXT NOT NULL
);
CREATE TABLE examples (
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES sessions(id),
  source INTEGER NOT NULL REFERENCES sources(id),
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  occurrence INTEGER NOT NULL,
  body TEXT NOT NULL,
  original TEXT,
  intent TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT 'undecided',
  flagged INTEGER NOT NULL DEFAULT 0,
  part TEXT NOT NULL DEFAULT '',
  UNIQUE (session, file, fingerprint, occurrence)
);
CREATE INDEX examples_status ON examples (session, status);
CREATE TABLE decisions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event INTEGER NOT NULL,
  session INTEGER NOT NULL REFERENCES sessions(id),
  example INTEGER REFERENCES examples(id),
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  before TEXT NOT NULL DEFAULT '{}',
  after TEXT NOT NULL DEFAULT '{}',
  target INTEGER,
  undone INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX decisions_undo ON decisions (session, who, undone, id);
CREATE INDEX decisions_example ON decisions (example, id);
CREATE INDEX decisions_event ON decisions (event);
CREATE TABLE findings (
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES sessions(id),
  check_name TEXT NOT NULL,
  severity TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE TABLE finding_examples (
  finding INTEGER NOT NULL REFERENCES findings(id) ON DELETE CASCADE,
  example INTEGER NOT NULL REFERENCES examples(id)
);
CREATE INDEX finding_examples_example ON finding_examples (example);
CREATE INDEX finding_examples_finding ON finding_examples (finding);
CREATE TABLE cases (
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES sessions(id),
  name TEXT NOT NULL,
  origin TEXT NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (session, name)
);
CREATE TABLE looks (
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES sessions(id),
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL
);
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  session INTEGER NOT NULL REFERENCES sessions(id),
  kind TEXT NOT NULL,
  folder TEXT NOT NULL DEFAULT '',
  parent INTEGER REFERENCES runs(id),
  created TEXT NOT NULL,
  who TEXT NOT NULL,
  recipe TEXT NOT NULL,
  scope_hash TEXT NOT NULL
);
CREATE TABLE answers (
  run INTEGER NOT NULL REFERENCES runs(id),
  suite TEXT NOT NULL,
  case_name TEXT NOT NULL,
  arm TEXT NOT NULL,
  repeat INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (run, arm, suite, case_name, repeat)
) WITHOUT ROWID;
CREATE TABLE answer_cache (
  key TEXT PRIMARY KEY,
  body TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE judgements (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs(id),
  suite TEXT NOT NULL,
  case_name TEXT NOT NULL,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  ruling TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT ''
);
CREATE TABLE waivers (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs(id),
  gate TEXT NOT NULL,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  reason TEXT NOT NULL,
  expires TEXT NOT NULL
);
CREATE TABLE verdicts (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs(id),
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  role TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  verdict TEXT NOT NULL,
  body TEXT NOT NULL
)
"""


@migrations(name="0002_pages")
def _pages(db: Database) -> None:
    for statement in _PAGES:
        db.execute(statement)


def spoken(body: str) -> str:
    """SQL: what was said in an example, without the system turn, one turn a line."""
    return (
        "(SELECT coalesce(group_concat(json_extract(turn.value, '$.content'), char(10)), '')"
        f" FROM json_each({body}, '$.messages') AS turn"
        " WHERE json_extract(turn.value, '$.role') != 'system')"
    )


_PAGES = (
    # Behind everything that has been given a place in the queue.
    "ALTER TABLE examples ADD COLUMN rank INTEGER NOT NULL DEFAULT 9007199254740991",
    # Number of the event that put an example off; 0 for all that are not put off.
    "ALTER TABLE examples ADD COLUMN put_off INTEGER NOT NULL DEFAULT 0",
    # ` one two `: words with a blank on either side, so that LIKE finds whole ones.
    "ALTER TABLE examples ADD COLUMN tags TEXT NOT NULL DEFAULT ''",
    "UPDATE examples SET put_off = id WHERE status = 'later'",
    "UPDATE examples SET tags = (SELECT ' ' || group_concat(replace(lower(tag.value), ' ', '-'),"
    " ' ') || ' ' FROM json_each(body, '$.tags') AS tag)"
    " WHERE json_array_length(body, '$.tags') > 0",
    "DROP INDEX examples_status",
    "CREATE INDEX examples_queue ON examples (session, status, put_off, rank)",
    "CREATE INDEX examples_order ON examples (session, put_off, rank, status, intent)",
    "CREATE INDEX examples_intent ON examples (session, intent, put_off, rank, status)",
    "CREATE INDEX examples_tagged ON examples (session) WHERE tags != ''",
    "CREATE INDEX examples_flagged ON examples (session) WHERE flagged = 1",
    "CREATE INDEX examples_edited ON examples (session) WHERE original IS NOT NULL",
    "CREATE INDEX examples_sealed ON examples (session) WHERE part = 'held_out'",
    "CREATE INDEX examples_unsplit ON examples (session) WHERE status = 'accepted' AND part = ''",
    "CREATE INDEX findings_check ON findings (session, check_name)",
    "CREATE INDEX decisions_repeats ON decisions (session, kind, id)"
    " WHERE kind IN ('repeat_accept', 'repeat_reject')",
    """CREATE TABLE claims (
  example INTEGER PRIMARY KEY REFERENCES examples(id),
  session INTEGER NOT NULL REFERENCES sessions(id),
  holder TEXT NOT NULL,
  at INTEGER NOT NULL
)""",
    # Holds the words only: the text itself is in `examples`, which brings the two together by id.
    "CREATE VIRTUAL TABLE examples_words USING"
    " fts5(text, content='', tokenize='unicode61 remove_diacritics 2')",
    "CREATE VIRTUAL TABLE examples_terms USING fts5vocab(examples_words, row)",
    f"""CREATE TRIGGER examples_words_changed AFTER UPDATE OF body ON examples
WHEN old.body != new.body AND EXISTS (SELECT 1 FROM examples_words_docsize WHERE id = old.id)
BEGIN
  INSERT INTO examples_words (examples_words, rowid, text)
  VALUES ('delete', old.id, {spoken("old.body")});
  INSERT INTO examples_words (rowid, text) VALUES (new.id, {spoken("new.body")});
END""",
)


@migrations(name="0004_scores")
def _scores(db: Database) -> None:
    for statement in SCORES:
        db.execute(statement)


@migrations(name="0005_judgements")
def _judgements(db: Database) -> None:
    for statement in JUDGEMENTS:
        db.execute(statement)


@migrations(name="0003_signatures")
def _signatures(db: Database) -> None:
    for statement in SIGNATURES:
        db.execute(statement)


@migrations(name="0007_freezes")
def _freezes(db: Database) -> None:
    for statement in FREEZES:
        db.execute(statement)


@migrations(name="0009_choices")
def _choices(db: Database) -> None:
    for statement in CHOICES:
        db.execute(statement)
