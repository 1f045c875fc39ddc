"""The forms of the scope: what is asked for each field, and the edit that the answers make."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from engine.errors import ScopeError
from engine.scope import Intent, Scope, find_problems
from engine.steps import scope_text as texts
from engine.steps.days import short_day
from screens.widgets.form import FormField, Values

Edit = Callable[[Scope], Scope]
REASON = "reason"

_CRITERIA = (
    (
        "min_error_reduction",
        "Errors down %",
        "Fall of domain errors that counts as meaningful. 25 (the default): from 20 % to 15 %.",
    ),
    (
        "capability_margin",
        "Capability",
        "Points of general ability that may be lost at most. Default 5; 10 for a quick look.",
    ),
    (
        "compliance_margin",
        "Compliance",
        "Points of compliance that may be lost at most. Default 3. Smaller needs more cases.",
    ),
    (
        "violation_ceiling",
        "Violations %",
        "The tuned model may break at most this share of compliance cases, with 95 % confidence."
        " Default 5.",
    ),
    (
        "over_refusal_margin",
        "Harmless",
        "Points of harmless questions that may be refused more than before. Default 5.",
    ),
    (
        "incoherence_margin",
        "Incoherent",
        "Points of empty or looping answers that may come on top. Default 2.",
    ),
)


class Form(msgspec.Struct, frozen=True):
    """What a dialog asks, and what its answers do to a scope."""

    title: str
    fields: tuple[FormField, ...]
    edit: Callable[[Values], Edit]

    def check(self, scope: Scope, values: Values) -> None:
        """Raise ScopeError when the scope would contradict itself."""
        problems = find_problems(self.edit(values)(scope))
        if problems:
            raise ScopeError(f"{problems[0]}.")


def with_reason(form: Form, frozen_at: str) -> Form:
    """The form of a frozen scope: it asks for the reason of the amendment, too."""
    asked = FormField(
        REASON,
        "Reason",
        f"The scope is frozen since {short_day(frozen_at)}: this is an amendment. Say why; it"
        " stands in the report for ever.",
        read=required("say why"),
    )
    return replace(form, fields=(*form.fields, asked))


def required(what: str) -> Callable[[str], str]:
    """Reads a line that must not be empty."""

    def read(text: str) -> str:
        if not text.strip():
            raise ScopeError(what)
        return " ".join(text.split())

    return read


def for_field(name: str, scope: Scope, suites: Sequence[str]) -> Form:
    """The form of one field; `suites` are the names that can be chosen from."""
    return {
        "task": _task,
        "intents": _intents,
        "out": _out,
        "hand_off": _hand_off,
        "criteria": _criteria,
        "suites": lambda s: _suites(s, suites),
        "cadence": _cadence,
    }[name](scope)


def _plain(title: str, *fields: FormField) -> Form:
    """A form whose fields are fields of the scope."""
    return Form(title, fields, lambda values: lambda scope: replace(scope, **own(values)))


def own(values: Values) -> Values:
    """What was typed, without the reason, which is no part of the scope."""
    return {name: value for name, value in values.items() if name != REASON}


def _task(scope: Scope) -> Form:
    return _plain(
        "Task",
        FormField(
            "task",
            "Task",
            "What the tuned model should do, in a sentence or two: for whom, about what, how long.",
            scope.task,
            4,
            required("describe the task"),
        ),
        FormField(
            "system_prompt",
            "System prompt",
            "The short system turn before every row and every domain case. The rules are not in"
            " it: learning them is what the training is for.",
            scope.system_prompt,
            3,
        ),
        FormField(
            "tone", "Tone", "How answers should sound. For people who curate.", scope.tone, 3
        ),
    )


def _intents(scope: Scope) -> Form:
    return _plain(
        "In scope",
        FormField(
            "intents",
            "Intents",
            "One a line: a name, the accepted examples you want, and after a colon the words that"
            " point at it.  returns 80: return, send back",
            texts.write_intents(scope.intents),
            14,
            texts.read_intents,
        ),
    )


def new_intent() -> Form:
    """One more intent."""
    fields = (
        FormField("name", "Name", "One word, or two: returns.", read=required("give a name")),
        FormField(
            "target",
            "Target",
            "Accepted examples you want for it. 40 to 80 is usual; under 8 is too few to learn.",
            read=texts.read_days,
        ),
        FormField(
            "keywords",
            "Keywords",
            "Words in a question that point at it, with commas between them.",
            lines=3,
            read=texts.read_list,
        ),
    )

    def edit(values: Values) -> Edit:
        return lambda scope: replace(scope, intents=(*scope.intents, Intent(**own(values))))

    return Form("New intent", fields, edit)


def _out(scope: Scope) -> Form:
    text = "One a line: what it must not answer. legal advice; competitors and their prices"
    return _plain("Out of scope", _lines("out_of_scope", "Out", text, scope.out_of_scope))


def _hand_off(scope: Scope) -> Form:
    text = "One a line: what a person must decide, and who. injuries go to the safety team"
    return _plain("Hand off", _lines("hand_off", "Hand off", text, scope.hand_off))


def _lines(name: str, label: str, text: str, values: Sequence[str]) -> FormField:
    return FormField(name, label, text, texts.write_lines(values), 10, texts.read_lines)


def _suites(scope: Scope, known: Sequence[str]) -> Form:
    def read(text: str) -> tuple[str, ...]:
        names = texts.read_lines(text)
        strange = [name for name in names if name not in known]
        if strange:
            raise ScopeError(f"there is no suite {strange[0]!r}", f"There are: {', '.join(known)}.")
        return names

    text = f"One a line. There are: {', '.join(known)}. Yours go into suites/ in strop's home."
    field = FormField("suites", "Suites", text, texts.write_lines(scope.suites), 8, read)
    return _plain("Suites", field)


def _criteria(scope: Scope) -> Form:
    shares = [
        FormField(
            name,
            label,
            text,
            texts.write_percent(getattr(scope.criteria, name)),
            read=texts.read_percent if name == "incoherence_margin" else _read_margin,
            is_short=True,
        )
        for name, label, text in _CRITERIA
    ]
    loss = FormField(
        "forgetting_limit",
        "General loss",
        "How much the loss on general texts may rise at most, in nats per token. Default 0.1.",
        f"{scope.criteria.forgetting_limit:.10g}",
        read=_read_loss,
        is_short=True,
    )

    def edit(values: Values) -> Edit:
        return lambda scope: replace(scope, criteria=replace(scope.criteria, **own(values)))

    return Form("Success", (*shares, loss), edit)


def _read_margin(text: str) -> float:
    share = texts.read_percent(text)
    if not share:
        raise ScopeError("no number of cases can show a margin of 0")
    return share


def _read_loss(text: str) -> float:
    number = texts.read_number(text)
    if number <= 0:
        raise ScopeError("the limit must be above 0")
    return number


def _cadence(scope: Scope) -> Form:
    cadence = scope.cadence
    fields = (
        FormField("owner", "Owner", "Who sees to it that it happens.", cadence.owner),
        FormField(
            "interval_days",
            "Days",
            "Train again after so many days at the latest. 90 is usual.",
            str(cadence.interval_days or ""),
            read=texts.read_days,
            is_short=True,
        ),
        FormField(
            "triggers",
            "Triggers",
            "Two at least, one a line: what is measured > a limit over what."
            "  audited answers with an error > 8 % over 50 tickets a week",
            texts.write_triggers(cadence.triggers),
            5,
            texts.read_triggers,
        ),
        FormField(
            "data_source", "Data source", "Where new examples come from.", cadence.data_source
        ),
        FormField(
            "rollback", "Roll back to", "What to go back to: base, or a run.", cadence.rollback
        ),
    )

    def edit(values: Values) -> Edit:
        return lambda scope: replace(scope, cadence=replace(scope.cadence, **own(values)))

    return Form("Retraining cadence", fields, edit)
