"""`python -m benchmarks`: every benchmark, one after the other."""

from __future__ import annotations

from benchmarks import checks, first_frame, leaks, near_duplicates

for benchmark in (first_frame, near_duplicates, leaks, checks):
    benchmark.main()
