"""Step 5, Verdict: four questions, their gates with the evidence, and a name under the decision."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from engine.delivery.contents import Reached
from engine.evaluation.evidence import BASE_AND_TUNED, GateName
from engine.steps import history, report, verdict
from screens.base import Choice
from screens.symbols import symbols_of
from screens.verdict_parts import forms, words
from screens.verdict_parts.actions import ACTIONS
from screens.verdict_parts.board import GateBoard
from screens.verdict_parts.evidence import evidence_text
from screens.verdict_parts.history import history_text
from screens.verdict_parts.messages import (
    GateWaived,
    HistoryRead,
    ReportWritten,
    VerdictSigned,
)
from screens.verdict_parts.reading import GatesScreen
from screens.widgets.dialog import digit
from screens.widgets.form import Values
from screens.widgets.reading import ReadDialog


class VerdictScreen(GatesScreen):
    """The decision about a run, the newest one of the session unless one is named."""

    CSS_PATH = "verdict.tcss"
    ACTIONS = ACTIONS

    # What can be done

    def why_not(self, action_id: str) -> str | None:
        """Most of it needs a verdict; a gate that passed needs no waiver."""
        verb = action_id.partition(".")[2] if action_id.startswith("verdict.") else ""
        if verb in ("", "history"):
            return None
        if verb == "runs":
            several = self.reading is not None and len(self.reading.runs) > 1
            return None if several else "This session has no other run."
        reached = self.reached
        if reached is None:
            return "There is no verdict yet: step 3 trains a run and answers every case."
        gate = self.query_one(GateBoard).gate
        if verb == "waive" and gate is not None and gate.outcome == "pass":
            return "This gate passed: there is nothing to waive."
        if verb == "waive" and gate is not None and not gate.waivable:
            return f"This gate cannot be waived: {verdict.UNWAIVABLE}"
        if verb == "sign" and not any(gate.n for gate in reached.verdict.gates):
            return "Nothing was compared yet: let the run answer the cases first."
        if verb == "cases" and not reached.waiting:
            return "No compliance case waits for a person."
        return None

    def on_gate_board_highlighted(self) -> None:
        """Another gate may be waived, or may not."""
        self.refresh_actions()

    def on_gate_board_chosen(self) -> None:
        """enter looks closer."""
        self.do_evidence()

    # Looking closer

    def do_evidence(self) -> None:
        """Everything about the selected gate."""
        gate, reached = self.query_one(GateBoard).gate, self.reached
        if gate is not None and reached is not None:
            text = evidence_text(reached, gate, symbols_of(self))
            self.app.push_screen(ReadDialog(gate.question, text))

    def do_history(self) -> None:
        """The verdicts of all runs of the session, and what changed since the last SHIP."""
        read = partial(history.read, self.workspace, self.session, self.run)
        self.load(read, HistoryRead, group="history")

    def on_history_read(self, message: HistoryRead) -> None:
        """Show them."""
        self.app.push_screen(ReadDialog("Verdicts", history_text(message.history)))

    def do_cases(self) -> None:
        """The cases that wait for a person, on step 4."""
        from screens.compare import CompareScreen

        screen = CompareScreen(self.session, run=self.run, arms=self.arms, for_a_person=True)
        self.app.switch_screen(screen)

    def do_compare(self) -> None:
        """Step 4, of the run that is looked at."""
        if self.run is None and self.arms == BASE_AND_TUNED:
            super().do_compare()
            return
        from screens.compare import CompareScreen

        self.app.switch_screen(CompareScreen(self.session, run=self.run, arms=self.arms))

    def do_runs(self) -> None:
        """Choose another run of the session."""
        if self.reading is not None:
            newest = list(reversed(self.reading.runs))
            offered = [Choice(digit(n), f"run {run}", str(run)) for n, run in enumerate(newest, 1)]
            self.choose("Which run?", offered, lambda chosen: self._look_at(int(chosen.value)))

    def _look_at(self, run: int) -> None:
        self.run, self.arms = run, BASE_AND_TUNED
        self.read()

    # Deciding

    def do_sign(self) -> None:
        """Ask for role and note, say what is signed, sign."""
        reached = self.reached
        if reached is not None:
            form = forms.sign_form(reached, self.workspace.who)
            self.app.push_screen(form, partial(self._confirm_signature, reached))

    def _confirm_signature(self, reached: Reached, values: Values | None) -> None:
        if values is None:
            return
        role, note = str(values["role"]), str(values.get("note", ""))
        name = words.TITLES[reached.verdict.verdict]
        text = forms.what_is_signed(reached, self.workspace.who, role)
        sign = partial(
            verdict.sign,
            self.workspace,
            self.session,
            reached.run.id,
            role,
            note,
            arms=self.arms,
            seen=reached.verdict,
        )
        self.confirm(f"Sign {name}?", text, f"sign {name}", lambda: self.load(sign, VerdictSigned))

    def on_verdict_signed(self, message: VerdictSigned) -> None:
        """Say it, show it."""
        self.say(f"Signed {words.signed_words(message.signed)}.")
        self._changed()

    def do_waive(self) -> None:
        """Ask for reason and last day, say what that means, waive."""
        gate = self.query_one(GateBoard).gate
        if gate is not None and self.reached is not None:
            run = self.reached.run.id
            self.app.push_screen(
                forms.waive_form(gate), partial(self._confirm_waiver, run, gate.gate)
            )

    def _confirm_waiver(self, run: int, gate: GateName, values: Values | None) -> None:
        if values is None:
            return
        reason, until = str(values.get("reason", "")), str(values.get("until", ""))

        def waive() -> GateName:
            verdict.waive(self.workspace, run, gate, reason, until, arm=self.arms[1])
            return gate

        self.confirm(
            f"Waive {words.PLAIN[gate]}?",
            f"Until {until} this gate stands in nobody's way: {reason}\n\nWaived by"
            f" {self.workspace.who}. It stands in the report for ever.",
            "waive it",
            lambda: self.load(waive, GateWaived),
        )

    def on_gate_waived(self, message: GateWaived) -> None:
        """Say it, ask the gates again."""
        self.say(f"Waived: {words.PLAIN[message.gate]}.")
        self._changed()

    def _changed(self) -> None:
        self.read()
        self.refresh_road()

    # The report

    def do_report(self) -> None:
        """Ask for the file, write it."""
        if self.reached is not None:
            run = self.reached.run.id
            self.ask_text(
                "Write the report to",
                partial(self._report, run),
                value=f"{self.session}-run-{run}.html",
                hint=".html or .md for people, .json for programs, .xml for CI. In "
                f"{Path.cwd()}, unless you name a folder.",
            )

    def _report(self, run: int, name: str) -> None:
        path = Path(name.strip()).expanduser()

        def write() -> Path:
            report.write(self.workspace, self.session, run, path, self.arms)
            return path.resolve()

        if path.is_file():
            self.confirm(
                "Write over it?",
                f"{path} is there already, {path.stat().st_size} bytes.",
                "write over it",
                lambda: self.load(write, ReportWritten),
            )
        else:
            self.load(write, ReportWritten)

    def on_report_written(self, message: ReportWritten) -> None:
        """Say where."""
        self.say(f"Wrote {message.path}")
