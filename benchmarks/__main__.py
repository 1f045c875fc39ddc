"""`python -m benchmarks`: every benchmark, one after the other."""

from __future__ import annotations

from benchmarks import (
    answering,
    checks,
    conflicts,
    curation,
    first_frame,
    guards,
    intake,
    leaks,
    near_duplicates,
    training,
)

for benchmark in (
    first_frame,
    curation,
    intake,
    near_duplicates,
    leaks,
    conflicts,
    checks,
    training,
    answering,
    guards,
):
    benchmark.main()
