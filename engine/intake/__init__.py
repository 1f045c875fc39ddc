"""Readers for each format, column mapping and quarantine: files in, examples out."""

from engine.intake.outcomes import (
    FORMATS,
    Accepted,
    Format,
    Mapping,
    Outcome,
    Preview,
    Quarantined,
    Skipped,
    parse_mapping,
)
from engine.intake.reader import detect, outcomes, plan, preview, read
from engine.visible import find_marks, make_visible, reveal

__all__ = [
    "FORMATS",
    "Accepted",
    "Format",
    "Mapping",
    "Outcome",
    "Preview",
    "Quarantined",
    "Skipped",
    "detect",
    "find_marks",
    "make_visible",
    "outcomes",
    "parse_mapping",
    "plan",
    "preview",
    "read",
    "reveal",
]
