"""The published JSON Schema of the JSON report: `python -m engine.delivery.schema` prints it."""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from engine.delivery.contents import FORMAT, Contents


def report_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of what `as_json` writes."""
    schema = msgspec.json.schema(Contents)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{FORMAT}",
        "title": "A report of strop",
        **schema,
    }


def main() -> None:
    """Print it, formatted."""
    text = msgspec.json.format(msgspec.json.encode(report_schema()), indent=2)
    sys.stdout.write(text.decode() + "\n")


if __name__ == "__main__":
    main()
