"""Typed facts in plain English: numbers with units, durations, money, percentages, dates, yes/no.

Ground level: regular expressions and the standard library only, so that curation, evaluation
and the scope editor read a text the same way. Nothing here opens a file.
"""

from engine.facts.dates import is_date_word
from engine.facts.finding import (
    Fact,
    comparable_units,
    find_facts,
    parse_fact,
    same_fact,
    written_amount,
)
from engine.facts.polarity import yes_or_no
from engine.facts.units import FactKind, canonical_unit

__all__ = [
    "Fact",
    "FactKind",
    "canonical_unit",
    "comparable_units",
    "find_facts",
    "is_date_word",
    "parse_fact",
    "same_fact",
    "written_amount",
    "yes_or_no",
]
