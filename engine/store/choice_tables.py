"""The table of checkpoints that people chose. Append only: the last choice of a run counts."""

from __future__ import annotations

CHOICES = (
    """CREATE TABLE checkpoint_choices (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs(id),
  step INTEGER NOT NULL,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  rows INTEGER NOT NULL,
  looked INTEGER NOT NULL
)""",
    "CREATE INDEX checkpoint_choices_run ON checkpoint_choices (run, id)",
)
