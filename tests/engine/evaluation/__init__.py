"""Tests of assertions, suites, statistics and the verdict."""
