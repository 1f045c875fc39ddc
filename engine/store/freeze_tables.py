"""The table of what was frozen. It never changes again."""

from __future__ import annotations

FREEZES = (
    # Append only: a suite that was amended has two rows.
    """CREATE TABLE freezes (
  id INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES sessions(id),
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  cases INTEGER NOT NULL
)""",
    "CREATE INDEX freezes_session ON freezes (session, id)",
)
