"""The one tree of errors that strop raises on purpose.

    StropError
    ├── InputError      what the operator gave cannot be used (exit 2)
    │   ├── ScopeError      a scope file or an edit of it
    │   ├── IntakeError     a file of examples that cannot be read
    │   │   └── ColumnError     nobody has said yet which of its columns is what
    │   └── NotFoundError        a session, run, model or suite that is not there
    ├── StateError      the request is fine, the moment is not: frozen, sealed, running
    ├── StoreError      the database cannot be opened, migrated or written
    ├── RunError        a run folder, a worker or a device
    └── ModelError      a model that cannot be fetched, checked or loaded

Each carries a title, a message and a hint. The app shows it in a dialog, the command line
in one line. Any other exception is a bug and keeps its traceback in a file.
"""

from __future__ import annotations


class StropError(Exception):
    """Base of all expected errors.

    title: two or three words; message: what and where; hint: what to do next.
    """

    title = "Something went wrong"
    exit_code = 2

    def __init__(self, message: str, hint: str = "", *, title: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if title is not None:
            self.title = title

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(StropError):
    """What the operator gave cannot be used."""

    title = "Cannot use this"


class ScopeError(InputError):
    """A scope file, or an edit of a scope, is not valid."""

    title = "Scope not valid"


class IntakeError(InputError):
    """A file of examples cannot be read at all; single bad rows are quarantined instead."""

    title = "Cannot import"


class ColumnError(IntakeError):
    """The file can be read, but which column plays which part has to be said."""


class NotFoundError(InputError):
    """A session, run, model or suite that was named is not there."""

    title = "Not found"


class StateError(StropError):
    """The request is fine, the moment is not: frozen, sealed, already running."""

    title = "Not now"


class StoreError(StropError):
    """The database cannot be opened, migrated or written."""

    title = "Store trouble"


class RunError(StropError):
    """A run folder, a worker or a device is not in the state that was needed."""

    title = "Run trouble"


class ModelError(StropError):
    """A model cannot be fetched, verified or loaded."""

    title = "Model trouble"
