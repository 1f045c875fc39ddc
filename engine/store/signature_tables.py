"""Tables of what the checks know of each row and of what they have compared."""

from __future__ import annotations

SIGNATURES = (
    """CREATE TABLE signatures (
  example INTEGER PRIMARY KEY REFERENCES examples(id) ON DELETE CASCADE,
  session INTEGER NOT NULL REFERENCES sessions(id),
  checked INTEGER NOT NULL DEFAULT 0,
  body BLOB NOT NULL
)""",
    "CREATE INDEX signatures_session ON signatures (session, example)",
    "CREATE INDEX signatures_unchecked ON signatures (session, example) WHERE checked = 0",
    # A row without a signature is one that the next run of the checks has to look at.
    """CREATE TRIGGER signatures_outdated AFTER UPDATE OF body, intent, part ON examples
WHEN old.body != new.body OR old.intent != new.intent
  OR (old.part = 'held_out') != (new.part = 'held_out')
BEGIN
  DELETE FROM signatures WHERE example = new.id;
END""",
    """CREATE TABLE check_states (
  session INTEGER NOT NULL REFERENCES sessions(id),
  name TEXT NOT NULL,
  key TEXT NOT NULL DEFAULT '',
  body BLOB,
  PRIMARY KEY (session, name)
)""",
)
