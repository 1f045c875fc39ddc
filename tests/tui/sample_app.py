"""The app with sample screens as a program of its own, for tests that need a real terminal."""

from __future__ import annotations

import sys
from pathlib import Path

from tui.terminal import prepare


def main(home: Path) -> int:
    """Run until somebody leaves; the names on screen are hostile."""
    facts = prepare()
    from engine.workspace import Workspace
    from tests.screens.harness import EVERYTHING, SampleSessions, sample_road, sample_step
    from tui.app import StropApp

    app = StropApp(
        lambda: Workspace(home, "tester"),
        facts=facts,
        road=sample_road,
        farewell=lambda _: f"run 3 continues, 42 % {EVERYTHING}",
        make_sessions=SampleSessions,
        make_step=sample_step,
        traces=home / "traces",
    )
    return app.run_in_terminal()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
