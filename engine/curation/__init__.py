"""Checks, duplicates, typed facts, the split and the queue: which examples are good enough."""
