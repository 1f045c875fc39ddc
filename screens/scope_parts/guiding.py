"""Walking through the guide: one page after the other, each saved when it is left."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual.content import Content
from textual.message import Message

from engine.errors import StropError
from engine.steps import scope as scope_step
from screens.scope_parts import check_forms, describe, forms, guide, rule_forms
from screens.scope_parts.form import Edit, Form, only, with_examples
from screens.scope_parts.list_pages import ChoicePage, EndPage, ListPage
from screens.scope_parts.pages import FormPage, Page, Top, Turn
from screens.scope_parts.planning import WAITING, plan_line
from screens.scope_parts.reading import ScopeReading
from screens.text import lines, safe
from screens.widgets.checklist import Item
from screens.widgets.table import Column

if TYPE_CHECKING:
    from engine.check_settings import Checks
    from engine.scope import Rule, Scope
    from engine.steps.scope import Seen
    from screens.scope_parts.guide import Material

GUIDED = "guide"
"""Name of the place that tells that the guide was here."""


class Guided(ScopeReading):
    """A scope that can be written step by step."""

    class MaterialRead(Message):
        """The sample and the suites are there to show."""

        def __init__(self, material: Material) -> None:
            super().__init__()
            self.material = material

    class Stepped(Message):
        """A page was saved, or could not be."""

        def __init__(self, turn: Turn, result: Seen | StropError) -> None:
            super().__init__()
            self.turn = turn
            self.result = result

    def __init__(self, session: str) -> None:
        super().__init__(session)
        self._material: Material | None = None
        self._place = ""
        self._is_saving = False

    def do_guide(self) -> None:
        """From the first gap on."""
        read = partial(guide.read_material, self.workspace)
        self.load(read, self.MaterialRead, group="guide")

    def begin(self) -> None:
        """A scope with nothing in it opens the guide, once."""
        if self.seen is not None and GUIDED not in self.seen.session.place:
            self.do_guide()

    def on_guided_material_read(self, message: MaterialRead) -> None:
        """Open the first page, unless something else came up meanwhile."""
        self._material = message.material
        if self.seen is not None and self.is_active:
            self._open(guide.first_gap(self._scope))

    @property
    def _scope(self) -> Scope:
        assert self.seen is not None, "the guide opens when the scope was read"
        return self.seen.session.scope

    # Turning pages

    def _turned(self, turn: Turn) -> None:
        if self._is_saving:
            return
        if turn.edit is None:
            self._go_on(turn)
            return
        self._is_saving = True
        revise = partial(scope_step.revise, self.workspace, self.session, turn.edit)

        def save() -> Seen | StropError:
            try:
                revise()
                return scope_step.see(self.workspace, self.session)
            except StropError as error:
                return error

        self.load(save, partial(self.Stepped, turn), group="save")

    def on_guided_stepped(self, message: Stepped) -> None:
        """Show what was saved, and turn the page; an error leaves it open."""
        self._is_saving = False
        if isinstance(message.result, StropError):
            raise message.result
        known = {rule.id for rule in self._scope.rules}
        self.take_saved(message.result)
        new = [rule.id for rule in self._scope.rules if rule.id not in known]
        if self._place == "rule:" and new:
            self._place = f"rule:{new[0]}"
        self._go_on(message.turn)

    def _go_on(self, turn: Turn) -> None:
        to = ""
        if turn.move == "open":
            opens = {"rules": "rule", "checks": "check", "proof": "text"}
            to = f"{opens[self._place.partition(':')[0]]}:{turn.target}"
        elif turn.move == "new":
            to = "rule:"
        elif turn.move == "next":
            to = guide.after(self._place)
        elif turn.move == "back":
            to = guide.before(self._place)
        if to:
            self._open(to)
        else:
            self._close()

    def _open(self, place: str) -> None:
        before, self._place = self._place, place
        page = self._page(place, before.partition(":")[2])
        if isinstance(self.app.screen, Page):
            self.app.switch_screen(page)
        else:
            self.app.push_screen(page)
        self.remember({GUIDED: guide.step_of(place).name})

    def _close(self) -> None:
        if isinstance(self.app.screen, Page):
            self.app.screen.dismiss(None)

    # Pages

    def _page(self, place: str, came_from: str) -> Page:
        kind, _, name = place.partition(":")
        makers: dict[str, Callable[[], Page]] = {
            "rules": lambda: self._rules(came_from),
            "rule": lambda: self._rule(name),
            "proof": lambda: self._proof(name),
            "text": lambda: self._rule_text(name),
            "suites": self._suites,
            "checks": lambda: self._checks(came_from),
            "check": lambda: self._fields(check_forms.for_check(name, self._scope), place),
            "end": self._end,
        }
        return makers[kind]() if kind in makers else self._fields(self._form(kind), place)

    def _form(self, step: str) -> Form:
        scope = self._scope
        if step == "out":
            two = [forms.for_field(name, scope, ()) for name in ("out", "hand_off")]
            short = tuple(replace(f, lines=4) for form in two for f in form.fields)
            return replace(two[0], fields=short)
        if step in ("task", "tone"):
            names = ("task",) if step == "task" else ("tone", "system_prompt")
            return only(forms.for_field("task", scope, ()), *names)
        form = forms.for_field(step, scope, ())
        return replace(form, fields=tuple(replace(f, lines=min(f.lines, 6)) for f in form.fields))

    def _top(self, place: str, example: str = "", title: str = "", why: str = "") -> Top:
        step = guide.step_of(place)
        head = f"Guide {guide.NAMES.index(step.name) + 1} of {len(guide.STEPS)}"
        return Top(f"{head}: {title or step.title}", why or step.why, example)

    def _fields(self, form: Form, place: str, title: str = "", why: str = "") -> FormPage:
        assert self._material is not None, "pages open when the material was read"
        shown = with_examples(form, guide.examples(self._material.sample))
        top = self._top(place, title=title, why=why)
        return FormPage(top, shown, partial(form.check, self._scope), self._turned)

    def _rules(self, cursor: str) -> ListPage:
        rows = [(rule.id, describe.rule_row(rule)) for rule in self._scope.rules]
        example = guide.example_rules(self._sample)
        columns = (Column(width=8), Column(), Column(width=16), Column(width=4))
        top = self._top("rules", example)
        return ListPage(top, rows, self._turned, columns, noun="rule", cursor=cursor)

    @property
    def _sample(self) -> Scope:
        assert self._material is not None, "pages open when the material was read"
        return self._material.sample

    def _known(self, rule_id: str) -> Rule:
        rule = self._scope.rule(rule_id)
        if rule is None:
            raise StropError(f"Rule {rule_id} was deleted elsewhere.", "n makes a new one.")
        return rule

    def _rule(self, rule_id: str) -> FormPage:
        form = rule_forms.guided(self._known(rule_id) if rule_id else None, self._scope)
        why = "Write it as a sentence that is true. The next page takes facts and checks from it."
        return self._fields(form, "rules", f"Rule {rule_id}" if rule_id else "A new rule", why)

    def _rule_text(self, rule_id: str) -> FormPage:
        form = only(rule_forms.for_rule(self._known(rule_id), self._scope), "facts", "assertions")
        why = "Facts are compared with every example; assertions judge the answers to your cases."
        return self._fields(form, "rules", f"What {rule_id} is checked by", why)

    def _proof(self, rule_id: str) -> ChoicePage:
        from engine.steps.proposing import propose

        rule = self._known(rule_id)
        found = propose(rule)
        items = [
            *(
                Item(f"f{n}", f"fact: {text}", text in rule.facts or not rule.facts)
                for n, text in enumerate(found.facts)
            ),
            *(
                Item(
                    f"a{n}",
                    f"an answer must hold: {describe.assertion_words(a)}",
                    a in rule.assertions or not rule.assertions,
                )
                for n, a in enumerate(found.assertions)
            ),
        ]

        def edit(chosen: tuple[str, ...]) -> Edit:
            facts = tuple(t for n, t in enumerate(found.facts) if f"f{n}" in chosen)
            held = tuple(a for n, a in enumerate(found.assertions) if f"a{n}" in chosen)
            return lambda scope: scope_step.with_rule(
                scope, replace(rule, facts=facts, assertions=held)
            )

        why = f"{rule.text}\nTaken from these words. space drops what is wrong, e writes your own."
        top = self._top(
            "rules",
            guide.example_rules(self._sample, rule.kind),
            f"What {rule_id} is checked by",
            why,
        )
        none = "Nothing in its words can be checked by itself: e writes an assertion."
        return ChoicePage(top, items, edit, self._turned, none=none, target=rule_id)

    def _suites(self) -> ChoicePage:
        assert self._material is not None, "pages open when the material was read"
        scope = self._scope
        items = [
            Item(
                suite.name,
                f"{suite.name}, {suite.cases} cases for the gate {suite.gate.replace('_', ' ')}",
                suite.name in scope.suites,
            )
            for suite in self._material.suites
        ]

        def edit(chosen: tuple[str, ...]) -> Edit:
            def change(scope: Scope) -> Scope:
                kept = tuple(name for name in scope.suites if name in chosen)
                new = tuple(name for name in chosen if name not in kept)
                return replace(scope, suites=(*kept, *new))

            return change

        top = self._top("suites", ", ".join(self._sample.suites))
        return ChoicePage(top, items, edit, self._turned, none="There is no suite.")

    def _checks(self, cursor: str) -> ListPage:
        return checks_page(self._scope.checks, self._turned, self._top("checks"), cursor)

    def _end(self) -> EndPage:
        scope = self._scope
        missing = [*scope_step.blockers(scope), *scope_step.notes(scope)]
        rows: list[Content | str] = [
            safe(f"! {sentence}", style="$text-warning") for sentence in missing
        ]
        if not missing:
            rows.append("Nothing is missing.")
        plan = plan_line(self.plan) if self.plan else WAITING
        rows += ["", safe("Cases", style="bold"), plan, "", safe("Train at all?", style="bold")]
        rows.append(describe.advice_text(self.advice))
        return EndPage(self._top("end"), lines(rows), self._turned)


def checks_page(
    checks: Checks, turn: Callable[[Turn], None], top: Top | None = None, cursor: str = ""
) -> ListPage:
    """Every data check, with what was changed; outside the guide without a top of its own."""
    rows = [(name, check_forms.check_row(checks, name)) for name in check_forms.NAMES]
    head = top or Top("Data checks", "What is looked for in the examples, and how it counts.")
    columns = (Column(width=17), Column(width=8), Column())
    return ListPage(head, rows, turn, columns, cursor=cursor, is_step=top is not None)
