"""General rows kept apart from the suites: what a run is measured by must not be trained on."""

from __future__ import annotations

from collections.abc import Sequence

from engine.curation.duplicates import cross_pairs
from engine.curation.text import normalise
from engine.records import Case, Example, Suite

TOO_NEAR = 0.5
"""Jaccard similarity of character 5-grams, of a prompt, an answer or both together."""


def apart_from(suites: Sequence[Suite], rows: Sequence[Example]) -> list[Example]:
    """The rows none of whose texts is nearly one of a suite's, in their order."""
    asked = [normalise(text) for suite in suites for case in suite.cases for text in _texts(case)]
    told = [(n, text) for n, row in enumerate(rows) for text in _told(row)]
    pairs = cross_pairs([normalise(text) for _, text in told], asked, TOO_NEAR)
    near = {told[pair.first][0] for pair in pairs}
    return [row for n, row in enumerate(rows) if n not in near]


def _told(row: Example) -> tuple[str, str, str]:
    return row.prompt, row.answer, f"{row.prompt}\n{row.answer}"


def _texts(case: Case) -> list[str]:
    """Each turn, the text, all together, and the question with the answer that is wanted."""
    turns = [m.content for m in case.messages]
    wanted = f"{case.prompt}\n{case.reference}" if turns and case.reference else ""
    found = [*turns, case.text, "\n".join(turns), wanted]
    return [text for text in found if text.strip()]
