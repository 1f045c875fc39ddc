"""Where in a TOML text a value stands: tomllib does not keep it, and errors name the line."""

from __future__ import annotations

import re

Place = tuple[str | int, ...]
"""Keys and indices from the root, as in `("rules", 3, "kind")`."""

_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.\-\"' ]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([\w\-]+|\"[^\"]*\"|'[^']*')\s*=")
_QUOTES = re.compile(r'"""|\'\'\'')


def line_of(text: str, path: Place) -> int | None:
    """The line, from 1, of the value at a path or of the nearest table around it."""
    places = _places(text)
    for length in range(len(path), 0, -1):
        if path[:length] in places:
            return places[path[:length]]
    return None


def read_path(message: str) -> Place:
    """The path that a validation error of msgspec names: ``... - at `$.rules[0].kind` ``."""
    at = re.search(r"- at `\$\.?([^`]*)`", message)
    unknown = re.search(r"unknown field `([^`]*)`", message)
    words = re.findall(r"\w+", at[1]) if at else []
    path: Place = tuple(int(word) if word.isdigit() else word for word in words)
    return (*path, unknown[1]) if unknown else path


def _places(text: str) -> dict[Place, int]:
    """The line of every table, and of every key and inline table that begins one."""
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    array: Place = ()
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        if inside:
            inside = _after(line, inside)
            continue
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _table(header[2], header[1] == "[[", counts)
            found.setdefault(table, number)
            array = ()
        elif array and line.lstrip().startswith("{"):
            counts[array] = counts.get(array, -1) + 1
            found.setdefault((*array, counts[array]), number)
        elif key:
            array = (*table, key[1].strip("\"'"))
            found.setdefault(array, number)
        inside = _after(line, "")
    return found


def _table(name: str, is_list: bool, counts: dict[Place, int]) -> Place:
    """The path of a table header; a name that is a list means its last entry."""
    path: Place = ()
    parts = [part.strip(" \"'") for part in name.split(".")]
    for part in parts[:-1]:
        path = (*path, part)
        if path in counts:
            path = (*path, counts[path])
    path = (*path, parts[-1])
    if is_list:
        counts[path] = counts.get(path, -1) + 1
        path = (*path, counts[path])
    return path


def _after(line: str, inside: str) -> str:
    """The triple quotes that are still open at the end of a line."""
    for found in _QUOTES.findall(line):
        if not inside:
            inside = found
        elif inside == found:
            inside = ""
    return inside
