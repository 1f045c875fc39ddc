"""The `json` assertion: the answer is valid JSON and, when asked, of a given shape.

The shape is a JSON Schema of which `type`, `properties`, `required`, `items` and `enum` are
read; a schema with any other keyword is refused rather than half obeyed.
"""

from __future__ import annotations

import json
import re
from typing import Any

from engine.records import Assertion

_FENCE = re.compile(r"```(?:json)?\s*\n?(.*?)\n?\s*```\Z", re.DOTALL | re.IGNORECASE)
_KEYWORDS = {"type", "properties", "required", "items", "enum", "title", "description"}
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def check_json(assertion: Assertion, answer: str, _reference: str) -> tuple[bool, str]:
    """Whether the whole answer, a code fence around it aside, is JSON of the wanted shape."""
    body = answer.strip()
    fenced = _FENCE.match(body)
    try:
        value = json.loads(fenced[1] if fenced else body)
    except (ValueError, RecursionError):
        return False, "is not valid JSON"
    if not assertion.value:
        return True, "is valid JSON"
    trouble = _find_mismatch(value, json.loads(str(assertion.value)), "the answer")
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
    return _schema_problem(schema)


def _schema_problem(schema: Any) -> str | None:
    if not isinstance(schema, dict):
        return "holds a schema that is no object"
    if unknown := set(schema) - _KEYWORDS:
        return f"holds a schema with {sorted(unknown)[0]!r}, which strop does not read"
    if schema.get("type", "object") not in _TYPES:
        return f"holds a schema of the unknown type {schema['type']!r}"
    parts = [
        *schema.get("properties", {}).values(),
        *([schema["items"]] if "items" in schema else []),
    ]
    return next((p for p in map(_schema_problem, parts) if p), None)


def _find_mismatch(value: Any, schema: dict[str, Any], where: str) -> str | None:
    wanted = schema.get("type")
    if wanted and not _is_type(value, wanted):
        return f"{where} is no {wanted}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{where} is none of {schema['enum']}"
    if isinstance(value, dict):
        return _find_member_mismatch(value, schema, where)
    if isinstance(value, list) and "items" in schema:
        found = (_find_mismatch(v, schema["items"], f"{where}[{i}]") for i, v in enumerate(value))
        return next((f for f in found if f), None)
    return None


def _find_member_mismatch(value: dict[str, Any], schema: dict[str, Any], where: str) -> str | None:
    for name in schema.get("required", []):
        if name not in value:
            return f"{where} lacks {name!r}"
    members = schema.get("properties", {})
    found = (_find_mismatch(value[n], s, f"{n!r}") for n, s in members.items() if n in value)
    return next((f for f in found if f), None)


def _is_type(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted == "boolean"
    return isinstance(value, _TYPES[wanted])
