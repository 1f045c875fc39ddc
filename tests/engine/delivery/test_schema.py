from __future__ import annotations

import json
from typing import Any

import pytest

from engine.delivery.schema import main, report_schema
from tests.docs.reading import ROOT

PUBLISHED = ROOT / "docs" / "report.schema.json"


def test_the_published_schema_is_that_of_the_code() -> None:
    found: dict[str, Any] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    assert found == json.loads(json.dumps(report_schema())), "`make docs` writes it anew"


def test_printing_it_writes_the_published_file(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    assert capsys.readouterr().out == PUBLISHED.read_text(encoding="utf-8")
