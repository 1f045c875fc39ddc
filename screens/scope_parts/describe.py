"""The scope in words: its fields, one rule with what touches it, the plan, the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.content import Content

from engine.records import Assertion
from engine.scope import Cadence, Criteria, Intent, Person, Rule, Scope
from engine.steps import scope as scope_step
from engine.steps.advice import Advice
from engine.steps.days import short_day
from engine.steps.scope import Seen
from screens.scope_parts.check_forms import checks_words
from screens.text import lines, safe, visible_line
from screens.widgets.fields import Field

NOTHING = "-"
HELP = {
    "task": "What the tuned model should do, in a sentence or two, and how it should sound."
    " The system prompt is the short turn that stands before every row and every domain case.",
    "intents": "What customers ask for that the model should handle, each with the number of"
    " accepted examples you want. Curation shows how far each one is; keywords point at it.",
    "out": "What it must not answer. Rows about these are found and shown in curation.",
    "hand_off": "What a person must decide. The model passes these on.",
    "criteria": "Success in numbers, agreed on before training, so that nobody moves the goal"
    " afterwards. The defaults are those of the verdict's gates; p shows what they cost in cases.",
    "suites": "Cases besides your own held-out ones that the verdict asks for: compliance,"
    " its harmless twins, general tasks and general texts.",
    "cadence": "When to train again, who does it, on what data, and which adapter to go back to."
    " Without it the verdict cannot be SHIP.",
    "advice": "Should you train at all? What scope and examples say against it. enter or a shows"
    " why, and what to do instead.",
    "people": "Who has a part in this: who owns the rules, who curates, who signs. The report"
    " shows them.",
    "checks": "What is looked for in the examples, and how much it weighs. enter changes one.",
    "plan": "Whether the cases there are can show what the criteria ask for. enter or p shows the"
    " tables.",
}
NO_RULE = (
    "Rules are what your business says: one fact or one behaviour each. Answers are judged"
    " by their assertions, and examples that contradict them are found."
)


def header(seen: Seen) -> str:
    """`not frozen`, or `frozen 3 Nov, 1 amendment`."""
    if seen.session.frozen_at is None:
        return "not frozen"
    number = len(seen.amendments)
    changes = f", {number} amendment{'' if number == 1 else 's'}" if number else ""
    return f"frozen {short_day(seen.session.frozen_at)}{changes}"


def fields(scope: Scope, plan: str, advice: str) -> tuple[Field, ...]:
    """The top of the screen, in the order in which a scope is written."""
    return (
        Field("task", "Task", scope.task or "not described yet", 9),
        Field("intents", "In", _intents(scope.intents), 7),
        Field("out", "Out", "; ".join(scope.out_of_scope) or NOTHING, 4),
        Field("hand_off", "Hand off", "; ".join(scope.hand_off) or NOTHING, 3),
        Field("criteria", "Success", criteria_words(scope.criteria), 8),
        Field("suites", "Suites", ", ".join(scope.suites) or NOTHING, 2),
        Field("people", "People", _people(scope.people)),
        Field("cadence", "Cadence", cadence_words(scope.cadence), 5),
        Field("checks", "Checks", checks_words(scope.checks)),
        Field("plan", "Plan", plan, 6),
        Field("advice", "Train?", advice, 1),
    )


def _people(people: Sequence[Person]) -> str:
    """`Ines, lead; Tom, owner of the rules`."""
    return "; ".join(", ".join(filter(None, (p.name, p.role))) for p in people) or NOTHING


def _intents(intents: Sequence[Intent]) -> str:
    """`returns 80   exchange 40`: no line breaks inside one."""
    shown = (f"{visible_line(i.name)} {i.target}" for i in intents)
    return "   ".join(shown) or "none yet"


def criteria_words(criteria: Criteria) -> str:
    """All seven numbers in a sentence."""
    return (
        f"errors down {_percent(criteria.min_error_reduction)};"
        f" capability within {_points(criteria.capability_margin)} points;"
        f" compliance within {_points(criteria.compliance_margin)},"
        f" at most {_percent(criteria.violation_ceiling)} violations;"
        f" harmless answers within {_points(criteria.over_refusal_margin)};"
        f" loss on general text within {criteria.forgetting_limit:.2f};"
        f" incoherent within {_points(criteria.incoherence_margin)}"
    )


def cadence_words(cadence: Cadence) -> str:
    """`every 90 days, or share of errors > 0.08 over 50 tickets; Ines; back to base`."""
    parts = [f"every {cadence.interval_days} days"] if cadence.interval_days else []
    parts += [f"or {t.metric} > {t.above:g} over {t.window}" for t in cadence.triggers]
    words = ", ".join(parts)
    rest = [
        words,
        cadence.owner and f"by {cadence.owner}",
        cadence.data_source and f"on {cadence.data_source}",
        cadence.rollback and f"back to {cadence.rollback}",
    ]
    return "; ".join(part for part in rest if part) or "not agreed yet"


def _percent(share: float) -> str:
    return f"{share * 100:g} %"


def _points(share: float) -> str:
    return f"{share * 100:g}"


def rule_row(rule: Rule) -> tuple[str, str, str, str]:
    """Id (with a `!` where the verdict cannot see the rule), title, fact, weight."""
    mark = " " if rule.assertions else "!"
    facts = ", ".join(rule.facts) or rule.kind.replace("_", " ")
    return f"{mark} {rule.id}", rule.title or rule.text, facts, "crit" if rule.critical else ""


def count_words(scope: Scope) -> str:
    """`Rules 26, 8 critical, 1 without assertion`."""
    if not scope.rules:
        return "Rules    none yet"
    critical = sum(rule.critical for rule in scope.rules)
    unseen = sum(not rule.assertions for rule in scope.rules)
    without = f", {unseen} without assertion" if unseen else ""
    return f"Rules    {len(scope.rules)}, {critical} critical{without}"


def rule_text(rule: Rule, held_out: int, accepted: Mapping[str, int] | None) -> Content:
    """One rule in full; accepted is None while the examples are being counted."""
    weight = ", critical" if rule.critical else ""
    head = safe(f"{rule.id}  {rule.kind.replace('_', ' ')}{weight}", style="bold")
    rows: list[Content | str] = [head, rule.text or rule.title]
    about = [
        f"{name} {value}"
        for name, value in (
            ("intent", rule.intent),
            ("entity", rule.entity),
            ("condition", rule.condition),
        )
        if value
    ]
    if about:
        rows.append(", ".join(about))
    if rule.facts:
        rows.append(f"facts: {', '.join(rule.facts)}")
    rows += [f"assert {assertion_words(a)}" for a in rule.assertions]
    if not rule.assertions:
        rows.append(safe("! no assertion: the verdict will not see it", style="$text-warning"))
    counted = "counting" if accepted is None else str(accepted.get(rule.id, 0))
    rows.append(f"{counted} accepted examples, {held_out} held-out cases")
    if rule.keywords:
        rows.append(safe(f"keywords: {', '.join(rule.keywords)}", style="$text-muted"))
    return lines(rows)


def assertion_words(assertion: Assertion) -> str:
    """`number 45 days, critical`."""
    if assertion.kind == "yes_no":
        said = "yes" if assertion.value else "no"
    elif assertion.values:
        said = " | ".join(assertion.values)
    else:
        said = _value_words(assertion.value)
    words = f"{assertion.kind.replace('_', ' ')} {said} {_unit(assertion)}".strip()
    return f"{words}, critical" if assertion.critical else words


def _unit(assertion: Assertion) -> str:
    """`days` for 45 of the unit `day`."""
    unit = assertion.unit
    many = isinstance(assertion.value, float | int) and assertion.value > 1
    return f"{unit}s" if many and unit and unit.isascii() and not unit.endswith("s") else unit


def _value_words(value: str | float | bool | None) -> str:
    """A number without needless zeros; texts as they are."""
    return f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)


def field_text(name: str, scope: Scope, plan: str, advice: str) -> Content:
    """One field in full, with what it is for."""
    field = next(field for field in fields(scope, plan, advice) if field.name == name)
    rows: list[Content | str] = [safe(field.label, style="bold")]
    rows += [*_whole(name, scope, field.value), "", safe(HELP[name], style="$text-muted")]
    return lines(rows)


def _whole(name: str, scope: Scope, value: str) -> list[str]:
    """All of a field, a line for each part."""
    if name == "task":
        rows = [value, f"System prompt: {scope.system_prompt or NOTHING}"]
        return [*rows, f"Tone: {scope.tone or NOTHING}"]
    if name == "intents":
        return [f"{i.name} {i.target}" for i in scope.intents] or [value]
    if name in ("out", "hand_off", "suites"):
        listed = {"out": scope.out_of_scope, "hand_off": scope.hand_off, "suites": scope.suites}
        return list(listed[name]) or [NOTHING]
    return [part[:1].upper() + part[1:] for part in value.split("; ")]


def advice_text(advice: Sequence[Advice]) -> Content:
    """Each reason to think twice: what, why, and what to do instead."""
    if not advice:
        return safe("Nothing in the scope and in the examples speaks against training.")
    rows: list[Content | str] = []
    for item in advice:
        weight = "$text-error" if item.weight == "stop" else "$text-warning"
        sign = "!" if item.weight == "stop" else "~"
        rows += [
            safe(f"{sign} {item.what}", style=f"bold {weight}"),
            f"  {item.why}",
            f"  Instead: {item.instead}",
            "",
        ]
    rows.append(safe("! something else is the remedy   ~ mean it", style="$text-muted"))
    return lines(rows)


def history_text(seen: Seen) -> Content:
    """The freeze and every amendment, oldest first."""
    session = seen.session
    if session.frozen_at is None:
        return safe("Not frozen yet. Until then edits are free and leave no trace here.")
    rows: list[Content | str] = [
        f"{session.frozen_at[:16].replace('T', ' ')}  frozen by {session.frozen_by},"
        f" hash {(session.frozen_hash or '')[:12]}"
    ]
    rows += [
        safe(f"{one.name}: {one.cases} cases, hash {one.digest[:12]}", style="$text-muted")
        for one in seen.frozen
        if one.at <= session.frozen_at
    ]
    for change in seen.amendments:
        rows += [
            "",
            f"{change.at[:16].replace('T', ' ')}  {change.who}: {change.reason}",
            safe(
                f"changed {change.changed}; hash {change.before_hash[:12]}"
                f" to {change.after_hash[:12]}",
                style="$text-muted",
            ),
        ]
    if not seen.amendments:
        rows += ["", "No amendment since. A later edit asks for a reason and stands here for ever."]
    return lines(rows)


def note_text(seen: Seen, changed: Sequence[str] = ()) -> tuple[str, bool]:
    """What to do about the scope next, on one line, and whether something is missing."""
    scope = seen.session.scope
    if changed:
        return f"! {changed[0]}  F says why", True
    missing = scope_step.blockers(scope)
    if missing:
        key = "e describes it" if not scope.task.strip() else "n adds one"
        key += ", w guides you"
        return f"{missing[0]}  {key}", True
    unseen = next((rule for rule in scope.rules if not rule.assertions), None)
    found = scope_step.notes(scope)
    if found:
        return f"! {found[0]}  {'e or w adds one' if unseen else 'w completes it'}", True
    if seen.session.frozen_at is None:
        return "Nothing is missing.  F freezes the scope, so that training can begin", False
    return "Frozen: an edit asks for a reason and stands in the report.  h shows them", False


def deletion(rule: Rule, held_out: int, accepted: Mapping[str, int] | None) -> str:
    """What goes with a rule, in numbers."""
    touching = "" if accepted is None else f"{accepted.get(rule.id, 0)} accepted examples and "
    return (
        f"{rule.title or rule.text}\n\n"
        f"{len(rule.assertions)} assertions go with it. {touching}{held_out} held-out cases touch"
        " it: the examples stay, and the cases keep the assertions they have."
    )


def freezing(seen: Seen) -> str:
    """What a freeze means, in numbers."""
    scope = seen.session.scope
    critical = sum(rule.critical for rule in scope.rules)
    notes = scope_step.notes(scope)
    warned = "".join(f"\n! {note}" for note in notes[:3])
    more = f"\n! and {len(notes) - 3} more" if len(notes) > 3 else ""
    return (
        f"{len(scope.rules)} rules, {critical} of them critical; {len(scope.intents)} intents;"
        f" {seen.cases} held-out cases so far.{warned}{more}\n\n"
        "Frozen means: rules, criteria, cadence, suites are hashed as they stand before training."
        " Later edits are still possible, each with a reason, and each shows in the report."
    )
