"""`python -m benchmarks`: every benchmark, one after the other."""

from __future__ import annotations

from benchmarks import first_frame

for benchmark in (first_frame,):
    benchmark.main()
