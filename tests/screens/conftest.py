"""The small real session of the steps' tests, for the screens."""

from __future__ import annotations

from tests.engine.steps.conftest import curated, workspace

__all__ = ["curated", "workspace"]
