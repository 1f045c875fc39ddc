"""The `json` assertion: the answer is valid JSON and, when asked, of a given shape.

The shape is a JSON Schema (2020-12) of the keywords below; a schema with any other keyword is
refused rather than half obeyed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from engine.errors import ScopeError
from engine.evaluation.patterns import compile_pattern
from engine.records import Assertion

Schema = dict[str, Any]

_FENCE = re.compile(r"```(?:json)?\s*\n?(.*?)\n?\s*```\Z", re.DOTALL | re.IGNORECASE)
_SAID_ONLY = {"title", "description", "default", "examples", "$schema", "$id", "$defs"}
_HERE = "#/$defs/"
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
_BOUNDS: dict[str, tuple[tuple[type, ...], Callable[[Any, Any], bool], str]] = {
    "minimum": ((int, float), lambda v, b: v >= b, "is less than {}"),
    "maximum": ((int, float), lambda v, b: v <= b, "is more than {}"),
    "exclusiveMinimum": ((int, float), lambda v, b: v > b, "is not more than {}"),
    "exclusiveMaximum": ((int, float), lambda v, b: v < b, "is not less than {}"),
    "minLength": ((str,), lambda v, b: len(v) >= b, "is shorter than {} characters"),
    "maxLength": ((str,), lambda v, b: len(v) <= b, "is longer than {} characters"),
    "minItems": ((list,), lambda v, b: len(v) >= b, "has fewer than {} items"),
    "maxItems": ((list,), lambda v, b: len(v) <= b, "has more than {} items"),
}
_KEYWORDS = {
    *_SAID_ONLY,
    *_BOUNDS,
    *("type", "enum", "const", "anyOf", "$ref", "pattern"),
    *("properties", "required", "additionalProperties", "items", "prefixItems"),
}


def check_json(assertion: Assertion, answer: str, _reference: str) -> tuple[bool, str]:
    """Whether the whole answer, a code fence around it aside, is JSON of the wanted shape."""
    body = answer.strip()
    fenced = _FENCE.match(body)
    try:
        value = json.loads(fenced[1] if fenced else body)
        if not assertion.value:
            return True, "is valid JSON"
        schema = json.loads(str(assertion.value))
        trouble = _Shape(schema).mismatch(value, schema, "the answer")
    except (ValueError, RecursionError):
        return False, "is not valid JSON"
    return trouble is None, trouble or "is JSON of the wanted shape"


def schema_problem(value: object) -> str | None:
    """Why a schema cannot be used, as the end of a sentence, or None."""
    if value is None or value == "":
        return None
    try:
        schema = json.loads(value) if isinstance(value, str) else None
    except ValueError:
        schema = None
    if not isinstance(schema, dict):
        return "needs a JSON schema (or nothing) as its value"
    defined = set(schema.get("$defs", {}))
    parts = [schema, *schema.get("$defs", {}).values()]
    return next((p for part in parts if (p := _schema_problem(part, defined))), None)


def _schema_problem(schema: Any, defined: set[str]) -> str | None:
    if isinstance(schema, bool):
        return None
    if not isinstance(schema, dict):
        return "holds a schema that is no object"
    if unknown := set(schema) - _KEYWORDS:
        return f"holds a schema with {sorted(unknown)[0]!r}, which strop does not read"
    for name in _types(schema):
        if name not in _TYPES:
            return f"holds a schema of the unknown type {name!r}"
    target = schema.get("$ref", "")
    if target and target.removeprefix(_HERE) not in defined:
        return f"holds a schema that refers to {target!r}, which is not in its $defs"
    if "pattern" in schema:
        try:
            compile_pattern(schema["pattern"])
        except ScopeError as error:
            return f"holds a pattern that cannot be used: {error.message.rstrip('.')}"
    return next((p for s in _parts(schema) if (p := _schema_problem(s, defined))), None)


def _parts(schema: Schema) -> Iterator[Any]:
    """The schemas inside a schema, its definitions aside."""
    yield from schema.get("properties", {}).values()
    yield from schema.get("anyOf", [])
    yield from schema.get("prefixItems", [])
    for name in ("items", "additionalProperties"):
        if name in schema:
            yield schema[name]


def _types(schema: Schema) -> list[str]:
    named = schema.get("type", [])
    return named if isinstance(named, list) else [named]


class _Shape:
    """A schema with its definitions; finds the first thing in a value that does not fit."""

    def __init__(self, schema: Schema) -> None:
        self._defs: dict[str, Schema] = schema.get("$defs", {})

    def mismatch(self, value: Any, schema: Schema | bool, where: str) -> str | None:
        """What does not fit, in words; None when everything does."""
        if isinstance(schema, bool):
            return None if schema else f"{where} must not be there"
        checks = (self._kind, self._bounds, self._choice, self._members, self._elements)
        return next((found for check in checks if (found := check(value, schema, where))), None)

    def _kind(self, value: Any, schema: Schema, where: str) -> str | None:
        wanted = _types(schema)
        if wanted and not any(_is_type(value, name) for name in wanted):
            return f"{where} is no {' or '.join(wanted)}"
        if "enum" in schema and value not in schema["enum"]:
            return f"{where} is none of {schema['enum']}"
        if "const" in schema and value != schema["const"]:
            return f"{where} is not {schema['const']!r}"
        return None

    def _bounds(self, value: Any, schema: Schema, where: str) -> str | None:
        for name, (kinds, holds, words) in _BOUNDS.items():
            applies = name in schema and isinstance(value, kinds) and not isinstance(value, bool)
            if applies and not holds(value, schema[name]):
                return f"{where} {words.format(schema[name])}"
        # As written, not compile_pattern's: a schema tells upper case from lower case.
        pattern = schema.get("pattern", "") if isinstance(value, str) else ""
        return None if re.search(pattern, str(value)) else f"{where} does not match {pattern}"

    def _choice(self, value: Any, schema: Schema, where: str) -> str | None:
        if "$ref" in schema:
            target = self._defs[schema["$ref"].removeprefix(_HERE)]
            if found := self.mismatch(value, target, where):
                return found
        offered = schema.get("anyOf", [])
        troubles = [self.mismatch(value, one, where) for one in offered]
        return troubles[-1] if troubles and all(troubles) else None

    def _members(self, value: Any, schema: Schema, where: str) -> str | None:
        if not isinstance(value, dict):
            return None
        for name in schema.get("required", []):
            if name not in value:
                return f"{where} lacks {name!r}"
        named, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        pairs = ((member, named.get(name, others), repr(name)) for name, member in value.items())
        return next((found for pair in pairs if (found := self.mismatch(*pair))), None)

    def _elements(self, value: Any, schema: Schema, where: str) -> str | None:
        if not isinstance(value, list):
            return None
        first, others = schema.get("prefixItems", []), schema.get("items", True)
        pairs = (
            (element, first[i] if i < len(first) else others, f"{where}[{i}]")
            for i, element in enumerate(value)
        )
        return next((found for pair in pairs if (found := self.mismatch(*pair))), None)


def _is_type(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted == "boolean"
    if wanted == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[wanted])
