"""What is asked before a signature and before a waiver."""

from __future__ import annotations

from datetime import date, timedelta

from engine.delivery.contents import Reached
from engine.errors import InputError
from engine.evaluation.gates import GateResult
from engine.steps import verdict
from screens.text import visible_line
from screens.verdict_parts import words
from screens.widgets.form import FormDialog, FormField, Values

WAIVER_DAYS = 30


def sign_form(reached: Reached, who: str) -> FormDialog:
    """Role and note; the role is that of the last signature, or of the scope's people."""
    name = words.TITLES[reached.verdict.verdict]
    return FormDialog(
        f"Sign {name} for run {reached.run.id} as {who}",
        (
            FormField(
                "role",
                "Your role",
                "What you answer for, for instance: model adaptation lead.",
                suggested=_role(reached, who),
                read=_read_role,
            ),
            FormField(
                "note", "Note", "Why you sign it as it is; it stands in the report.", lines=2
            ),
        ),
        _require_role,
    )


def _role(reached: Reached, who: str) -> str:
    own = [signed.role for signed in reached.signed if signed.who == who]
    people = [p.role for p in reached.session.scope.people if p.name.casefold() == who.casefold()]
    return next(iter([*reversed(own), *people]), "")


def _read_role(text: str) -> str:
    if not text.strip():
        raise InputError("A signature needs a role.", "For instance: model adaptation lead.")
    return text.strip()


def _require_role(values: Values) -> None:
    _read_role(str(values.get("role", "")))


def what_is_signed(reached: Reached, who: str, role: str) -> str:
    """The confirmation of a signature, in numbers."""
    lines = [
        f"{words.TITLES[reached.verdict.verdict]} for run {reached.run.id} of"
        f" {visible_line(reached.session.name)}.",
        f"Gates: {words.counted(reached.verdict)}.",
    ]
    open_gates = [words.PLAIN[g.gate] for g in reached.verdict.gates if not g.satisfied]
    if open_gates:
        lines.append(f"Not settled: {', '.join(open_gates)}.")
    lines += [f"! {visible_line(warning)}" for warning in reached.warnings]
    lines += ["", f"Signed by {visible_line(who)}, {visible_line(role)}. It is kept for ever;"]
    lines[-1] += " you can sign again when something has changed."
    return "\n".join(lines)


def waive_form(gate: GateResult) -> FormDialog:
    """Reason, and the last day on which the waiver holds."""
    until = (date.today() + timedelta(days=WAIVER_DAYS)).isoformat()
    return FormDialog(
        f"Waive: {words.PLAIN[gate.gate]}",
        (
            FormField(
                "reason",
                "Reason",
                "Why the run may go out although this gate did not pass."
                " It stands in the report for ever, with your name.",
                lines=3,
            ),
            FormField(
                "until",
                "Until",
                "The last day on which the waiver holds, YYYY-MM-DD.",
                suggested=until,
                is_short=True,
            ),
        ),
        lambda values: verdict.require_waiver(
            str(values.get("reason", "")), str(values.get("until", ""))
        ),
    )
