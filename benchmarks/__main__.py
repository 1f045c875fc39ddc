"""`python -m benchmarks`: every benchmark, one after the other."""

from __future__ import annotations

from benchmarks import (
    answering,
    checks,
    conflicts,
    first_frame,
    intake,
    leaks,
    near_duplicates,
    training,
)

for benchmark in (
    first_frame,
    intake,
    near_duplicates,
    leaks,
    conflicts,
    checks,
    training,
    answering,
):
    benchmark.main()
