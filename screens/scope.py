"""Step 1: what exactly should change, and how will we know? Edited, planned, frozen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import StropError
from engine.scope import to_toml
from engine.steps import scope as scope_step
from engine.steps import sessions
from engine.steps.freezing import amend_suites
from screens.base import Choice
from screens.outside import edit_outside
from screens.scope_parts import check_forms, describe, forms, rule_forms
from screens.scope_parts.actions import ACTIONS, SHARED
from screens.scope_parts.form import REASON, with_reason
from screens.scope_parts.guiding import Guided, checks_page
from screens.scope_parts.planning import WAITING, plan_text
from screens.widgets.form import FormDialog
from screens.widgets.reading import ReadDialog

if TYPE_CHECKING:
    from engine.scope import Scope
    from engine.steps.scope import Seen
    from engine.store.sessions import Session
    from screens.scope_parts.form import Edit, Form
    from screens.scope_parts.pages import Turn
    from screens.widgets.form import Values

REASON_HINT = "The scope is frozen: this is an amendment, and stands in the report for ever."


class ScopeScreen(Guided):
    """The agreement of a session."""

    CSS_PATH = "scope.tcss"
    ACTIONS = ACTIONS
    SHARED = SHARED

    def why_not(self, action_id: str) -> str | None:
        """Nothing before the scope was read; no freeze of a scope that has gaps."""
        if not action_id.startswith("scope.") or action_id == "scope.pane":
            return None
        if self.seen is None:
            return "The scope is still being read."
        if action_id == "scope.delete_rule" and self.view.rule is None:
            return "Go to a rule first (tab): d deletes the rule at the cursor."
        if action_id == "scope.edit" and not self.view.field and self.view.rule is None:
            return "There is no rule yet: n adds one."
        if action_id == "scope.guide" and self.seen.session.frozen_at is not None:
            return "The scope is frozen: e changes one field, with a reason."
        changed = self.plan.changed if self.plan else ()
        return _why_not_freeze(self.seen.session, changed) if action_id == "scope.freeze" else None

    def applies(self, action_id: str) -> bool:
        """n adds an intent while the intents are selected, a rule elsewhere."""
        on_intents = self.seen is not None and self.view.field == "intents"
        return on_intents == (action_id == "scope.new_intent")

    @property
    def _session(self) -> Session:
        assert self.seen is not None, "no action acts before the scope was read"
        return self.seen.session

    def do_pane(self) -> None:
        """The next pane."""
        self.focus_next()

    # Forms

    def on_scope_view_chosen(self) -> None:
        """enter."""
        self.do_edit()

    def do_edit(self) -> None:
        """The form of what is selected."""
        scope, rule = self._session.scope, self.view.rule
        if rule is not None:
            self._ask(rule_forms.for_rule(rule, scope))
        elif self.view.field == "checks":
            self._show_checks()
        elif self.view.field == "plan":
            self.do_plan()
        elif self.view.field == "advice":
            self.do_advice()
        else:
            from engine.steps.suites import available

            self._ask(forms.for_field(self.view.field, scope, available(self.workspace)))

    def do_new_rule(self) -> None:
        """A form with nothing in it."""
        self._ask(rule_forms.new_rule(self._session.scope))

    def do_new_intent(self) -> None:
        """A form with nothing in it."""
        self._ask(forms.new_intent())

    def _show_checks(self) -> None:
        """Every check with what was changed; enter opens one."""
        chosen = ""

        def turned(turn: Turn) -> None:
            nonlocal chosen
            chosen = turn.target
            self.app.screen.dismiss(None)

        def closed(_: None) -> None:
            if chosen:
                self._ask(check_forms.for_check(chosen, self._session.scope))

        self.app.push_screen(checks_page(self._session.scope.checks, turned), closed)

    def _ask(self, form: Form) -> None:
        session = self._session
        if session.frozen_at is not None:
            form = with_reason(form, session.frozen_at)
        dialog = FormDialog(form.title, form.fields, partial(form.check, session.scope))
        self.app.push_screen(dialog, partial(self._answered, form))

    def _answered(self, form: Form, values: Values | None) -> None:
        if values and set(values) != {REASON}:
            self._save(form.edit(values), str(values.get(REASON, "")))

    # Saving

    def _save(self, edit: Edit, reason: str = "") -> None:
        self._change(partial(scope_step.revise, self.workspace, self.session, edit, reason=reason))

    def _change(self, change: Callable[[], object]) -> None:
        """Change the store in a thread, and read what it says then."""
        before = self._session.scope

        def changed() -> Seen:
            change()
            return scope_step.see(self.workspace, self.session)

        self.load(changed, partial(self.Saved, before), group="save")

    def _with_reason(self, then: Callable[[str], None], hint: str = REASON_HINT) -> None:
        """Ask for the reason of an amendment; a scope that is not frozen needs none."""
        if self._session.frozen_at is None:
            then("")
        else:
            self.ask_text("Why this change?", then, hint=hint)

    def do_delete_rule(self) -> None:
        """Delete the selected rule, asked in numbers."""
        rule, seen = self.view.rule, self.seen
        if rule is None or seen is None:
            return
        text = describe.deletion(rule, seen.cases_by_rule.get(rule.id, 0), self.view.accepted)
        delete = partial(self._save, lambda scope: scope_step.without_rule(scope, rule.id))
        self.confirm(
            f"Delete rule {rule.id}?", text, f"delete {rule.id}", lambda: self._with_reason(delete)
        )

    def do_freeze(self) -> None:
        """Freeze, asked in numbers."""
        if self._session.frozen_at is not None:
            amend = partial(amend_suites, self.workspace, self.session)
            self.ask_text(
                "Why did the suites change?",
                lambda reason: self._change(partial(amend, reason)),
                hint="Freezes them anew: an amendment, which stands in the report for ever.",
            )
            return
        freeze = partial(scope_step.freeze, self.workspace, self.session)
        if self.seen is not None:
            text = describe.freezing(self.seen)
            self.confirm("Freeze the scope?", text, "freeze", lambda: self._change(freeze))

    # The whole scope as text

    def do_edit_all(self) -> None:
        """TOML in $EDITOR; a text that was kept aside can be taken up again."""
        kept = max(self._kept.glob("*.toml"), default=None)
        if kept is None:
            self._edit_text(self._new_text())
        else:
            offered = (
                Choice("1", "the text that was kept", "kept"),
                Choice("2", "the scope as it is"),
            )
            self.ask_key("Edit", offered, partial(self._edit_chosen, kept))

    def _edit_chosen(self, kept: Path, chosen: Choice) -> None:
        if chosen.value == "kept":
            self._edit_text(kept)
        else:
            kept.rename(kept.with_suffix(".old"))
            self._edit_text(self._new_text())

    @property
    def _kept(self) -> Path:
        """Where texts are that are being edited, or could not be read back or saved."""
        return self.workspace.home / "kept" / self.session

    def _new_text(self) -> Path:
        self._kept.mkdir(parents=True, exist_ok=True)
        path = self._kept / f"{datetime.now():%Y%m%d-%H%M%S-%f}.toml"
        path.write_text(to_toml(self._session.scope), encoding="utf-8")
        return path

    def _edit_text(self, path: Path) -> None:
        before = self._session.scope
        edit_outside(self.app, path)
        try:
            after = sessions.read_scope(path)
        except StropError as error:
            error.hint = f"Your text is kept in {path}. E takes it up again."
            raise
        if after == before:
            path.unlink()
            self.say("Nothing was changed.")
            return
        hint = f"{REASON_HINT} esc keeps your text in {path}; E takes it up again."
        self._with_reason(partial(self._save_text, path, before, after), hint)

    def _save_text(self, path: Path, before: Scope, after: Scope, reason: str) -> None:
        def replace() -> None:
            try:
                scope_step.replace_whole(self.workspace, self.session, before, after, reason=reason)
            except StropError as error:
                error.hint = f"{error.hint} Your text is kept in {path}.".strip()
                raise
            path.unlink(missing_ok=True)

        self._change(replace)

    # Reading

    def do_plan(self) -> None:
        """How many cases the verdict needs."""
        text = plan_text(self.plan) if self.plan else WAITING
        self.app.push_screen(ReadDialog("Cases the verdict needs", text, topic="plan"))

    def do_advice(self) -> None:
        """Whether to train at all."""
        text = describe.advice_text(self.advice) if self.plan else WAITING
        self.app.push_screen(ReadDialog("Should you train at all?", text, topic="advice"))

    def do_history(self) -> None:
        """The freeze and the amendments."""
        if self.seen is not None:
            self.app.push_screen(ReadDialog("History", describe.history_text(self.seen)))


def _why_not_freeze(session: Session, changed: Sequence[str]) -> str | None:
    if session.frozen_at is not None and changed:
        return None
    if session.frozen_at is not None:
        return "The scope is frozen already; edits are amendments (h shows them)."
    missing = scope_step.blockers(session.scope)
    return missing[0] if missing else None
