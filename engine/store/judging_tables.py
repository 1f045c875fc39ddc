"""The tables of migration 0005: answers from elsewhere, blind choices, outcomes of own checks."""

from __future__ import annotations

JUDGEMENTS = (
    # What people said so far was about the adapter of the run.
    "ALTER TABLE judgements ADD COLUMN arm TEXT NOT NULL DEFAULT 'tuned'",
    "ALTER TABLE waivers ADD COLUMN arm TEXT NOT NULL DEFAULT 'tuned'",
    "ALTER TABLE verdicts ADD COLUMN arm TEXT NOT NULL DEFAULT 'tuned'",
    """CREATE TABLE answer_files (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs(id),
  arm TEXT NOT NULL,
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  rows INTEGER NOT NULL,
  taken INTEGER NOT NULL
)""",
    "CREATE INDEX answer_files_run ON answer_files (run)",
    """CREATE TABLE blind_choices (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs(id),
  first TEXT NOT NULL,
  second TEXT NOT NULL,
  suite TEXT NOT NULL,
  case_name TEXT NOT NULL,
  left_arm TEXT NOT NULL,
  choice TEXT NOT NULL,
  seconds REAL NOT NULL,
  at TEXT NOT NULL,
  who TEXT NOT NULL
)""",
    "CREATE INDEX blind_choices_run ON blind_choices (run)",
    """CREATE TABLE own_checks (
  key TEXT PRIMARY KEY,
  passed INTEGER NOT NULL,
  reason TEXT NOT NULL,
  at TEXT NOT NULL
) WITHOUT ROWID""",
)
