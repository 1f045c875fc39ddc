"""Tables of scores, and of what people decide about held-out cases. They never change again."""

from __future__ import annotations

SCORES = (
    # A run whose scores are read, how far, and what besides the text decides them.
    """CREATE TABLE scorings (
  run INTEGER PRIMARY KEY REFERENCES runs(id),
  session INTEGER NOT NULL REFERENCES sessions(id),
  model TEXT NOT NULL,
  conditions TEXT NOT NULL,
  place INTEGER NOT NULL DEFAULT 0
)""",
    """CREATE TABLE scores (
  example INTEGER PRIMARY KEY REFERENCES examples(id),
  run INTEGER NOT NULL REFERENCES scorings(run),
  fingerprint TEXT NOT NULL,
  loss REAL,
  tokens INTEGER,
  answer TEXT,
  answer_tokens INTEGER,
  finished INTEGER
)""",
    # What a person made of a held-out case: '', confirmed, later or dropped.
    "ALTER TABLE cases ADD COLUMN status TEXT NOT NULL DEFAULT ''",
    # The case as it came, once it has been changed.
    "ALTER TABLE cases ADD COLUMN original TEXT",
    "ALTER TABLE cases ADD COLUMN confirmed TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE cases ADD COLUMN put_off INTEGER NOT NULL DEFAULT 0",
    """CREATE TABLE case_decisions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event INTEGER NOT NULL,
  session INTEGER NOT NULL REFERENCES sessions(id),
  held_out INTEGER REFERENCES cases(id) ON DELETE CASCADE,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  before TEXT NOT NULL DEFAULT '{}',
  after TEXT NOT NULL DEFAULT '{}',
  target INTEGER,
  undone INTEGER NOT NULL DEFAULT 0
)""",
    "CREATE INDEX case_decisions_undo ON case_decisions (session, who, undone, id)",
    "CREATE INDEX case_decisions_case ON case_decisions (held_out, id)",
)
