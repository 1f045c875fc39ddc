"""Figures that the README claims: `python -m benchmarks.NAME`, ours and the peer in one run."""
