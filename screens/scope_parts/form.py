"""What a form of the scope is: what is asked, and the edit that the answers make."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from msgspec.structs import replace

from engine.errors import ScopeError
from engine.scope import Scope, find_problems
from engine.steps.days import short_day
from screens.widgets.form import FormField, Values

Edit = Callable[[Scope], Scope]
REASON = "reason"


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


def with_examples(form: Form, examples: Mapping[str, str]) -> Form:
    """The form with what somebody else wrote into its fields."""
    shown = tuple(replace(f, example=examples.get(f.name, "")) for f in form.fields)
    return replace(form, fields=shown)


def only(form: Form, *names: str) -> Form:
    """The form with some of its fields, in this order."""
    by_name = {field.name: field for field in form.fields}
    return replace(form, fields=tuple(by_name[name] for name in names))


def plain(title: str, *fields: FormField) -> Form:
    """A form whose fields are fields of the scope."""
    return Form(title, fields, lambda values: lambda scope: replace(scope, **own(values)))


def own(values: Values) -> Values:
    """What was typed, without the reason, which is no part of the scope."""
    return {name: value for name, value in values.items() if name != REASON}
