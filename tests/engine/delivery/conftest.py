from tests.engine.steps.conftest import curated, workspace

__all__ = ["curated", "workspace"]
