"""The forms of a business rule: a new one, and a change of one."""

from __future__ import annotations

from msgspec.structs import replace

from engine.curation.propose import propose_assertions
from engine.errors import ScopeError, StateError
from engine.scope import Rule, Scope
from engine.steps import scope as scope_step
from engine.steps import scope_text as texts
from screens.scope_parts import looks
from screens.scope_parts.form import Edit, Form, only, own, required
from screens.widgets.form import FormField, Values

ASSERTION_HELP = (
    'One a line, in TOML: kind = "number", value = 45, unit = "days", critical = true. Kinds: '
    + ", ".join(texts.ASSERTION_KINDS)
    + "."
)


def for_rule(rule: Rule, scope: Scope) -> Form:
    """The form of one rule."""

    def edit(values: Values) -> Edit:
        def change(scope: Scope) -> Scope:
            stored = scope.rule(rule.id)
            if stored is None:
                raise StateError(f"Rule {rule.id} was deleted elsewhere.", "n makes a new one.")
            return scope_step.with_rule(scope, replace(stored, **own(values)))

        return change

    return Form(f"Rule {rule.id}", _rule_fields(rule, scope, _proposal(rule)), edit)


def new_rule(scope: Scope) -> Form:
    """One more rule, with the next free id."""
    blank = Rule(scope_step.next_rule_id(scope), "", "")
    named = FormField(
        "id",
        "Id",
        "How cases and reports name it.",
        blank.id,
        read=required("give an id"),
        is_short=True,
        look=looks.rule_id(scope.rules),
    )
    asked = _rule_fields(blank, scope, "")

    def edit(values: Values) -> Edit:
        rule = replace(blank, **own(values))
        bound = tuple(replace(a, rule=rule.id) for a in rule.assertions)
        made = replace(rule, assertions=bound)
        return lambda scope: replace(scope, rules=(*scope.rules, made))

    return Form("New rule", (*asked[:-1], named, asked[-1]), edit)


GUIDED = (
    "text", "title", "kind", "intent", "entity", "condition", "keywords", "changes", "critical"
)  # fmt: skip


def guided(rule: Rule | None, scope: Scope) -> Form:
    """The form of the guide: the words of a rule; what is checked comes on a page of its own."""
    if rule is not None:
        return only(for_rule(rule, scope), *GUIDED)
    form = new_rule(scope)

    def edit(values: Values) -> Edit:
        if not values.get("text"):
            raise ScopeError("write the rule as a sentence first.")
        words = str(values["text"]).rstrip(".").split()
        title = " ".join(words[:4]) + (" ..." if len(words) > 4 else "")
        return form.edit({"title": title, **values})

    return replace(only(form, *GUIDED), edit=edit)


def _proposal(rule: Rule) -> str:
    """Assertions for a rule that has none, from the facts in its text."""
    if rule.assertions:
        return ""
    proposed = propose_assertions(rule.text, [rule])
    own = [replace(a, rule=rule.id) for a in proposed if a.kind != "yes_no"]
    return texts.write_assertions(own, rule.id)


def _rule_fields(rule: Rule, scope: Scope, proposal: str) -> tuple[FormField, ...]:
    intents = ", ".join(intent.name for intent in scope.intents) or "none yet"
    hint = "Proposed from its text: correct it, or empty it. " if proposal else ""
    return (
        FormField(
            "title", "Title", "Two or three words.", rule.title, read=required("give a title")
        ),
        FormField(
            "text",
            "Text",
            "The rule as a sentence that is true: Unworn shoes can be returned within 45 days.",
            rule.text,
            2,
            required("write the rule"),
            look=looks.rule_text,
        ),
        FormField(
            "kind",
            "Kind",
            f"One of {', '.join(texts.RULE_KINDS)}.",
            rule.kind,
            read=texts.read_rule_kind,
            is_short=True,
        ),
        FormField("intent", "Intent", f"Which it belongs to, or nothing: {intents}.", rule.intent),
        FormField("entity", "Entity", "What it is about: shoes, sale items.", rule.entity),
        FormField("condition", "Condition", "When it applies: unworn, by express.", rule.condition),
        FormField(
            "facts",
            "Facts",
            "Numbers with their units, with commas between them: 45 days, 6.95 dollars. Examples"
            " that say otherwise are found.",
            texts.write_list(rule.facts),
            read=texts.read_list,
            look=looks.facts,
        ),
        FormField(
            "changes",
            "Changes",
            "How often its facts change: rarely, yearly, monthly or weekly. What changes faster"
            " than you train belongs into a prompt.",
            rule.changes,
            read=texts.read_changes,
            is_short=True,
            look=looks.changes,
        ),
        FormField(
            "keywords",
            "Keywords",
            "Words of a question that this rule answers, with commas between them.",
            texts.write_list(rule.keywords),
            2,
            texts.read_list,
        ),
        FormField(
            "critical",
            "Critical",
            "yes or no. One broken critical assertion fails the case and counts as a violation.",
            "yes" if rule.critical else "no",
            read=texts.read_yes_no,
            is_short=True,
        ),
        FormField(
            "assertions",
            "Assertions",
            hint + ASSERTION_HELP,
            texts.write_assertions(rule.assertions, rule.id),
            4,
            lambda text: texts.read_assertions(text, rule.id),
            proposal,
            look=looks.assertions,
        ),
    )
