"""The forms that ask for numbers: success, and the retraining cadence."""

from __future__ import annotations

from msgspec.structs import replace

from engine.errors import ScopeError
from engine.scope import Scope
from engine.steps import scope_text as texts
from screens.scope_parts import looks
from screens.scope_parts.form import Edit, Form, own
from screens.widgets.form import FormField, Values

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


_LOOKS = {
    "min_error_reduction": looks.reduction,
    "capability_margin": looks.capability,
    "compliance_margin": looks.capability,
    "over_refusal_margin": looks.capability,
    "violation_ceiling": looks.ceiling,
}


def criteria(scope: Scope) -> Form:
    """Success, in seven numbers."""
    shares = [
        FormField(
            name,
            label,
            text,
            texts.write_percent(getattr(scope.criteria, name)),
            read=texts.read_percent if name == "incoherence_margin" else _read_margin,
            is_short=True,
            look=_LOOKS.get(name),
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


def cadence(scope: Scope) -> Form:
    """When to train again."""
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
            look=looks.interval,
        ),
        FormField(
            "triggers",
            "Triggers",
            "Two at least, one a line: what is measured > a limit over what."
            "  audited answers with an error > 8 % over 50 tickets a week",
            texts.write_triggers(cadence.triggers),
            5,
            texts.read_triggers,
            look=looks.triggers,
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
