"""The body of the scope screen: fields above, rules at the left, what is selected at the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from engine.scope import Rule
from engine.steps import scope as scope_step
from engine.steps.scope import Seen
from screens.scope_parts import describe
from screens.text import safe
from screens.widgets.fields import FieldList
from screens.widgets.lines import Lines
from screens.widgets.prose import Prose
from screens.widgets.table import Column, Table

SHARE = 0.5
"""Of the height, for the fields at most."""


class ScopeView(Vertical):
    """Shows a scope and knows what is selected in it."""

    class Moved(Message):
        """Another field or rule is selected."""

    class Chosen(Message):
        """enter was pressed on it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Seen | None = None
        self.plan = ""
        self.advice = ""
        self.changed: tuple[str, ...] = ()
        self.accepted: Mapping[str, int] | None = None
        self._on_rules = False

    def compose(self) -> ComposeResult:
        """Fields, rules, detail, note."""
        yield FieldList(id="fields")
        with Horizontal(id="panes"):
            with Vertical(id="left"):
                yield Lines("", id="count")
                yield Table(id="rules")
            yield Prose(id="detail")
        yield Lines("", id="note")

    @property
    def field(self) -> str:
        """Name of the field that is selected; empty while the rules are."""
        return "" if self._on_rules else self.query_one(FieldList).selected

    @property
    def rule(self) -> Rule | None:
        """The rule that is selected; None while the fields are."""
        if self.seen is None or not self._on_rules:
            return None
        rules = self.seen.session.scope.rules
        return rules[self.query_one(Table).cursor] if rules else None

    def show(self, seen: Seen) -> None:
        """Show a scope; the cursor stays where it is."""
        self.seen = seen
        rules = seen.session.scope.rules
        widest = max((len(rule.id) for rule in rules), default=0)
        table = self.query_one(Table)
        table.columns = (Column(width=min(widest, 8) + 2), Column(), Column(), Column(width=4))
        table.set_rows(len(rules), lambda index: describe.rule_row(rules[index]))
        self.query_one("#count", Lines).show(
            safe(f"   {describe.count_words(seen.session.scope)}", style="$text-muted")
        )
        self._show_note()
        self._show_fields()

    def show_changed(self, changed: Sequence[str]) -> None:
        """Say which suites are not what was frozen."""
        self.changed = tuple(changed)
        self._show_note()

    def _show_note(self) -> None:
        if self.seen is not None:
            note, is_gap = describe.note_text(self.seen, self.changed)
            style = "$text-warning" if is_gap else "$text-muted"
            self.query_one("#note", Lines).show(safe(f" {note}", style=style))

    def show_plan(self, words: str, advice: str) -> None:
        """Say what the cases can show, and whether to train at all."""
        self.plan, self.advice = words, advice
        self._show_fields()

    def show_accepted(self, counts: Mapping[str, int]) -> None:
        """Say how many examples touch each rule."""
        self.accepted = counts
        self._show_detail()

    def go_to_field(self, name: str) -> None:
        """Select a field."""
        self._on_rules = False
        self.query_one(FieldList).move_to(name)
        self.query_one(FieldList).focus()

    def go_to_rule(self, rule_id: str) -> None:
        """Select a rule, or the first."""
        self._on_rules = True
        if self.seen is not None:
            ids = [rule.id for rule in self.seen.session.scope.rules]
            self.query_one(Table).move_to(ids.index(rule_id) if rule_id in ids else 0)
        self.query_one(Table).focus()

    def go_to_gap(self) -> None:
        """Select what is missing still, if anything is."""
        if self.seen is None or not scope_step.blockers(self.seen.session.scope):
            return
        scope = self.seen.session.scope
        if not scope.task.strip():
            self.go_to_field("task")
        elif not scope.intents:
            self.go_to_field("intents")
        else:
            self.go_to_rule("")

    def on_resize(self) -> None:
        """More lines, more words."""
        self._show_fields()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """What has focus is what is shown in full; the pane that shows it changes nothing."""
        if event.widget.id in ("fields", "rules"):
            self._on_rules = event.widget.id == "rules"
            self._moved()

    def on_field_list_highlighted(self) -> None:
        """Another field."""
        self._moved()

    def on_table_highlighted(self) -> None:
        """Another rule."""
        self._moved()

    def on_field_list_chosen(self) -> None:
        """enter."""
        self.post_message(self.Chosen())

    def on_table_chosen(self) -> None:
        """enter."""
        self.post_message(self.Chosen())

    def _moved(self) -> None:
        self._show_detail()
        self.post_message(self.Moved())

    def _show_fields(self) -> None:
        if self.seen is not None and self.size.height:
            shown = describe.fields(self.seen.session.scope, self.plan, self.advice)
            self.query_one(FieldList).set_fields(shown, int(self.size.height * SHARE) + 1)
        self._show_detail()

    def _show_detail(self) -> None:
        if self.seen is None:
            return
        detail, rule = self.query_one("#detail", Prose), self.rule
        if rule is not None:
            held_out = self.seen.cases_by_rule.get(rule.id, 0)
            detail.show(describe.rule_text(rule, held_out, self.accepted))
        elif self._on_rules:
            detail.show(f"{describe.NO_RULE}\n\nn adds the first one.")
        elif self.field:
            scope = self.seen.session.scope
            detail.show(describe.field_text(self.field, scope, self.plan, self.advice))
