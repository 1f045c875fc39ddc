"""Step 5: the four questions with their gates, the signature, waivers and the report."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.message import Message

from screens.base import Action, StepScreen
from screens.symbols import symbols_of
from screens.text import safe
from screens.widgets.lines import Lines
from screens.widgets.prose import Prose

if TYPE_CHECKING:
    from engine.steps.verdict import Reached

WAIVER_DAYS = 30

ACTIONS = (
    Action("verdict.sign", ("s",), "sign", "Put your name under the verdict.", priority=2),
    Action("verdict.waive", ("w",), "waive", "Let the selected gate pass: reason, end.", 20),
    Action("verdict.report", ("o",), "report", "Write the report, .md or .json.", priority=3),
    Action("verdict.evidence", ("e",), "evidence", "Everything about the selected gate.", 4),
    Action("verdict.history", ("h",), "history", "The signed verdicts of this session.", 30),
    Action("verdict.cases", ("c",), "cases", "The cases that wait for a person.", 25),
    Action("verdict.down", ("j", "down"), "next gate", "Select the next gate.", hidden=True),
    Action("verdict.up", ("k", "up"), "previous gate", "Select the gate before.", hidden=True),
)


class VerdictScreen(StepScreen):
    """The decision about the session's newest run."""

    STEP = "verdict"
    CSS_PATH = "verdict.tcss"
    ACTIONS = ACTIONS

    class VerdictReached(Message):
        """The gates were asked."""

        def __init__(self, reached: Reached) -> None:
            super().__init__()
            self.reached = reached

    class Done(Message):
        """Something was written: a signature, a waiver, a report."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class HistoryRead(Message):
        """The signed verdicts were read."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, session: str) -> None:
        super().__init__(session)
        self.reached: Reached | None = None
        self.selected = 0
        self._aside = ""

    def compose_body(self) -> ComposeResult:
        """The word, the gates, the selected one in words; evidence takes their place."""
        yield Lines("", id="word")
        yield Lines(" Asking the gates ...", id="gates")
        yield Prose(id="detail", can_focus=False)
        yield Prose(id="evidence")

    def on_mount(self) -> None:
        """The evidence is shown on demand."""
        super().on_mount()
        self.query_one("#evidence").display = False

    def on_shown(self) -> None:
        """Rulings and answers may be new."""
        self.load(self._reach, self.VerdictReached, group="verdict")

    def _reach(self) -> Reached:
        from engine.steps import sessions, verdict

        reached = verdict.reach(self.workspace, self.session)
        sessions.remember_place(self.workspace, self.session, 5)
        return reached

    def on_verdict_screen_verdict_reached(self, message: VerdictReached) -> None:
        """Show it."""
        self.reached = message.reached
        session = message.reached.session
        self.set_session(session.name)
        amended = len(message.reached.amendments)
        frozen = (session.frozen_at or "never")[:10]
        amendments = "1 amendment" if amended == 1 else f"{amended} amendments"
        self.set_figures(f"run {message.reached.run.id}   frozen {frozen}, {amendments}")
        self._draw()
        self.refresh_actions()

    def on_resize(self) -> None:
        """The pictures fill the width."""
        self._draw()

    def _draw(self) -> None:
        if self.reached is None:
            return
        from screens.verdict_parts.draw import draw_detail, draw_gates, draw_word

        verdict, cells = self.reached.verdict, self.size.width
        self.query_one("#word", Lines).show(draw_word(verdict, cells))
        rows = draw_gates(verdict.gates, self.selected, cells, symbols_of(self))
        self.query_one("#gates", Lines).show(*rows)
        self.query_one("#detail", Prose).show(safe(draw_detail(self.reached, self.selected)))

    def why_not(self, action_id: str) -> str | None:
        """Most of it needs a verdict; a gate that passed needs no waiver."""
        if not action_id.startswith("verdict."):
            return super().why_not(action_id)
        if self.reached is None:
            return "The gates have not been asked yet."
        gate = self.reached.verdict.gates[self.selected]
        if action_id == "verdict.waive" and gate.outcome == "pass":
            return "This gate passed: there is nothing to waive."
        return None

    # Moving

    def do_down(self) -> None:
        """The next gate."""
        self._select(self.selected + 1)

    def do_up(self) -> None:
        """The gate before."""
        self._select(self.selected - 1)

    def _select(self, index: int) -> None:
        if self.reached is not None:
            self.selected = min(max(index, 0), len(self.reached.verdict.gates) - 1)
            self._draw()
            self.refresh_actions()

    # Looking closer

    def do_evidence(self) -> None:
        """Everything about the selected gate, or back to the gates."""
        if self.reached is not None:
            from screens.verdict_parts.draw import draw_evidence

            self._turn("evidence", draw_evidence(self.reached, self.selected))

    def do_history(self) -> None:
        """The signed verdicts of all runs of the session."""
        self.load(self._history, self.HistoryRead, group="history")

    def _history(self) -> str:
        from engine.steps import verdict
        from screens.verdict_parts.draw import TITLES

        lines = [
            f"{s.at[:16]}  run {s.run}  {TITLES[s.verdict]}  {s.who}, {s.role}  {s.note}"
            for s in verdict.history(self.workspace, self.session)
        ]
        return "\n".join(lines) or "No verdict of this session has been signed yet."

    def on_verdict_screen_history_read(self, message: HistoryRead) -> None:
        """Show it in the place of the gates."""
        self._turn("history", message.text)

    def _turn(self, name: str, text: str) -> None:
        """Show a text in the place of the gates; asked for again, show the gates again."""
        self._aside = "" if self._aside == name else name
        for part in ("#word", "#gates", "#detail"):
            self.query_one(part).display = not self._aside
        pane = self.query_one("#evidence", Prose)
        pane.display = bool(self._aside)
        pane.show(safe(text))
        if self._aside:
            pane.focus()

    def do_back(self) -> None:
        """From a closer look back to the gates, from there to the sessions."""
        if self._aside:
            self._turn(self._aside, "")
        else:
            super().do_back()

    def do_cases(self) -> None:
        """The cases that wait for a person are judged on step 4."""
        self.go("compare")

    # Deciding

    def do_sign(self) -> None:
        """Ask role and note, say what is signed, sign."""
        self.ask_text(
            f"Sign as {self.workspace.who}: your role",
            self._sign_with_role,
            hint="For instance: model adaptation lead",
        )

    def _sign_with_role(self, role: str) -> None:
        from screens.verdict_parts.draw import TITLES

        assert self.reached is not None, "the action is off until the gates were asked"
        gates = self.reached.verdict.gates
        passed = sum(g.satisfied for g in gates)
        word = TITLES[self.reached.verdict.verdict]
        text = (
            f"{word} for run {self.reached.run.id}: {passed} of {len(gates)} gates passed or"
            f" waived. Signed as {self.workspace.who}, {role}. It cannot be taken back."
        )
        self.confirm("Sign the verdict", text, "sign", partial(self._sign, role))

    def _sign(self, role: str) -> None:
        self.load(partial(self._write_signature, role), self.Done, group="write")

    def _write_signature(self, role: str) -> str:
        from engine.steps import verdict

        signed = verdict.sign(self.workspace, self.session, None, role)
        return f"Signed by {signed.who}, {signed.role}."

    def do_waive(self) -> None:
        """Ask why, then until when."""
        self.ask_text("Why may this gate be waived?", self._waive_until)

    def _waive_until(self, reason: str) -> None:
        until = (date.today() + timedelta(days=WAIVER_DAYS)).isoformat()
        self.ask_text(
            "Until when (YYYY-MM-DD)?",
            partial(self._waive, reason),
            value=until,
            hint="The waiver stands in the report for ever.",
        )

    def _waive(self, reason: str, until: str) -> None:
        self.load(partial(self._write_waiver, reason, until), self.Done, group="write")

    def _write_waiver(self, reason: str, until: str) -> str:
        from engine.steps import verdict

        assert self.reached is not None, "the action is off until the gates were asked"
        gate = self.reached.verdict.gates[self.selected].gate
        verdict.waive(self.workspace, self.reached.run.id, gate, reason, until)
        return f"{gate} is waived until {until}."

    def do_report(self) -> None:
        """Ask for the file, write it."""
        assert self.reached is not None, "the action is off until the gates were asked"
        name = f"{self.session}-run-{self.reached.run.id}.md"
        self.ask_text("Write the report to", self._report, value=name, hint="A .md or a .json file")

    def _report(self, path: str) -> None:
        self.load(partial(self._write_report, path), self.Done, group="write")

    def _write_report(self, path: str) -> str:
        from engine.steps import verdict

        target = Path(path).expanduser()
        verdict.write_report(self.workspace, self.session, None, target)
        return f"Wrote {target.resolve()}"

    def on_verdict_screen_done(self, message: Done) -> None:
        """Say it, and ask the gates again."""
        self.say(message.text)
        self.on_shown()
        self.refresh_road()
