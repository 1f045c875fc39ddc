"""The report in its forms; the ending of the file names which."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from engine.delivery.contents import Contents
from engine.delivery.html import as_html
from engine.delivery.junit import as_junit
from engine.delivery.markdown import as_markdown
from engine.errors import InputError
from engine.runs.folder import write_atomically
from engine.visible import escape_hidden


def as_json(contents: Contents) -> str:
    """The contents as one JSON object; docs/report.schema.json describes it."""
    text = msgspec.json.format(msgspec.json.encode(contents), indent=2).decode()
    return escape_hidden(text) + "\n"


FORMS: dict[str, Callable[[Contents], str]] = {
    ".md": as_markdown,
    ".html": as_html,
    ".json": as_json,
    ".xml": as_junit,
}


def require_form(path: Path) -> Callable[[Contents], str]:
    """The form that a file's ending names; raises InputError for others."""
    form = FORMS.get(path.suffix.lower())
    if form is None:
        raise InputError(
            f"{path}: no report of this kind.", "Name a .md, .html, .json or .xml file."
        )
    return form


def write(contents: Contents, path: Path) -> None:
    """Write the report whole or not at all."""
    form = require_form(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, form(contents).encode())
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}.", "Name a file that can be written."
        ) from error
