"""Run folders of a tiny model, and workers that are forked: each is a process of its own."""

from __future__ import annotations

from tests.engine.worker.conftest import Forks, Prepare, fork_server, forked, prepare, tiny_model

__all__ = ["Forks", "Prepare", "fork_server", "forked", "prepare", "tiny_model"]
