"""The forms of the fields of a scope."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from engine.errors import ScopeError
from engine.scope import Intent, Scope
from engine.steps import scope_text as texts
from screens.scope_parts import looks, number_forms
from screens.scope_parts.form import Edit, Form, own, plain, required
from screens.widgets.form import FormField, Values


def for_field(name: str, scope: Scope, suites: Sequence[str]) -> Form:
    """The form of one field; `suites` are the names that can be chosen from."""
    return {
        "task": _task,
        "intents": _intents,
        "out": _out,
        "hand_off": _hand_off,
        "criteria": number_forms.criteria,
        "suites": lambda s: _suites(s, suites),
        "people": _people,
        "cadence": number_forms.cadence,
    }[name](scope)


def _task(scope: Scope) -> Form:
    return plain(
        "Task",
        FormField(
            "task",
            "Task",
            "What the tuned model should do, in a sentence or two: for whom, about what, how long.",
            scope.task,
            4,
            required("describe the task"),
            look=looks.task,
        ),
        FormField(
            "system_prompt",
            "System prompt",
            "The short system turn before every row and every domain case. The rules are not in"
            " it: learning them is what the training is for.",
            scope.system_prompt,
            3,
            look=looks.words,
        ),
        FormField(
            "tone",
            "Tone",
            "How answers should sound. For people who curate.",
            scope.tone,
            3,
            look=looks.words,
        ),
    )


def _intents(scope: Scope) -> Form:
    return plain(
        "In scope",
        FormField(
            "intents",
            "Intents",
            "One a line: a name, the accepted examples you want, and after a colon the words that"
            " point at it.  returns 80: return, send back",
            texts.write_intents(scope.intents),
            12,
            texts.read_intents,
            look=looks.intents,
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
            look=looks.target,
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
    return plain("Out of scope", _lines("out_of_scope", "Out", text, scope.out_of_scope))


def _hand_off(scope: Scope) -> Form:
    text = "One a line: what a person must decide, and who. injuries go to the safety team"
    return plain("Hand off", _lines("hand_off", "Hand off", text, scope.hand_off))


def _lines(name: str, label: str, text: str, values: Sequence[str]) -> FormField:
    return FormField(
        name, label, text, texts.write_lines(values), 8, texts.read_lines, look=looks.many("topic")
    )


def _suites(scope: Scope, known: Sequence[str]) -> Form:
    def read(text: str) -> tuple[str, ...]:
        names = texts.read_lines(text)
        strange = [name for name in names if name not in known]
        if strange:
            raise ScopeError(f"there is no suite {strange[0]!r}", f"There are: {', '.join(known)}.")
        return names

    text = f"One a line. There are: {', '.join(known)}. Yours go into suites/ in strop's home."
    field = FormField("suites", "Suites", text, texts.write_lines(scope.suites), 8, read)
    return plain("Suites", field)


def _people(scope: Scope) -> Form:
    text = "One a line: a name, a colon, the part they have. Who owns the rules, curates, signs."
    value = texts.write_people(scope.people)
    field = FormField("people", "People", text, value, 6, texts.read_people, look=looks.people)
    return plain("People", field)
