"""A worker started as the program starts it: a Python of its own, nothing forked."""

from __future__ import annotations

import os
import time

from engine.runs import launch
from tests.engine.worker.conftest import Prepare

LIMIT_S = 240.0


def test_a_launched_worker_has_a_session_of_its_own_and_ends_with_an_empty_log(
    prepare: Prepare,
) -> None:
    folder = prepare()
    pid = launch.launch(folder, preflight_only=True)
    assert os.getsid(pid) == pid != os.getsid(0)
    deadline = time.monotonic() + LIMIT_S
    while folder.is_alive():
        assert time.monotonic() < deadline, folder.log_tail(5)
        time.sleep(0.01)
    assert folder.state().phase == "ready"
    assert folder.log_file.read_text() == ""
