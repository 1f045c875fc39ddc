"""The data checks of a scope: one line a check, and the form of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import msgspec
from msgspec.structs import replace

from engine.check_settings import DEFAULTS, Checks, CheckSettings
from engine.errors import ScopeError
from engine.records import Severity
from engine.scope import Scope
from engine.steps import scope_text as texts
from screens.scope_parts.form import Edit, Form, own
from screens.widgets.form import FormField, Values

NAMES = Checks.__struct_fields__
SEVERITIES: tuple[str, ...] = get_args(Severity)


def check_row(checks: Checks, name: str) -> tuple[str, str, str]:
    """Name, how its findings count, and what differs from the defaults."""
    settings = checks.named(name)
    return (
        name.replace("_", " "),
        settings.severity if settings.on else "off",
        changed(checks, name),
    )


def changed(checks: Checks, name: str) -> str:
    """`near 0.85 (default 0.8)`; empty when all stands as it comes."""
    settings, default = checks.named(name), DEFAULTS.named(name)
    parts = [
        f"{field} {_written(now)} (default {_written(was) or 'none'})"
        for field in settings.__struct_fields__
        if (now := getattr(settings, field)) != (was := getattr(default, field))
    ]
    return ", ".join(parts)


def checks_words(checks: Checks) -> str:
    """All that was changed, on one line."""
    found = [name for name in NAMES if checks.named(name) != DEFAULTS.named(name)]
    words = "; ".join(f"{name}: {changed(checks, name)}" for name in found)
    return words or f"{len(NAMES)} checks, all at their defaults"


def for_check(name: str, scope: Scope) -> Form:
    """The form of one check: every setting it has, with its default."""
    settings, default = scope.checks.named(name), DEFAULTS.named(name)
    types = {f.name: f.type for f in msgspec.structs.fields(type(settings))}
    fields = tuple(
        FormField(
            field,
            field.replace("_", " ").capitalize(),
            f"{_about(type(settings))} Default: {_written(getattr(default, field)) or 'nothing'}."
            f"{_allowed(field)}",
            _written(getattr(settings, field)),
            read=_reader(field, getattr(default, field), types[field]),
            is_short=not isinstance(getattr(default, field), tuple),
        )
        for field in settings.__struct_fields__
    )

    def edit(values: Values) -> Edit:
        def change(scope: Scope) -> Scope:
            mine = replace(scope.checks.named(name), **own(values))
            return replace(scope, checks=replace(scope.checks, **{name: mine}).settled())

        return change

    return Form(f"Check: {name.replace('_', ' ')}", fields, edit)


def _about(settings: type[CheckSettings]) -> str:
    return (settings.__doc__ or "").partition("\n")[0]


def _allowed(field: str) -> str:
    return f" One of {', '.join(SEVERITIES)}." if field == "severity" else ""


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return texts.write_list(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _reader(field: str, default: Any, kind: Any) -> Callable[[str], Any]:
    """Reads a setting of the type that its default has, in the range that its type allows."""

    def read(text: str) -> Any:
        value: Any = text.strip()
        if isinstance(default, bool):
            value = texts.read_yes_no(text)
        elif isinstance(default, int):
            value = texts.read_days(text)
        elif isinstance(default, float):
            value = texts.read_number(text)
        elif isinstance(default, tuple):
            value = texts.read_list(text)
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            raise ScopeError(f"{field}: {error}".lower()) from error

    return read
