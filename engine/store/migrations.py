"""The numbered migrations, forward only; a store with data is backed up first."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

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
