"""The verb `plan`: how many cases a verdict needs, and what those there are can show."""

from __future__ import annotations

import argparse

import msgspec

from engine.errors import InputError
from engine.workspace import Workspace
from tui.output import Output
from tui.verbs.grammar import Verbs, share, verb


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    plan = verb(verbs, "plan", run_plan, "how many cases a verdict needs")
    plan.add_argument("session", nargs="?", help="plan for the cases and criteria of a session")
    plan.add_argument("--base-error", type=share, help="share of errors before")
    plan.add_argument("--tuned-error", type=share, help="share of errors after")
    plan.add_argument("--reduction", type=share, default=0.25, help="relative fall that is asked")
    plan.add_argument("--margin", type=share, default=0.05, help="loss that is still acceptable")
    plan.add_argument("--discordant", type=share, default=0.10, help="share of cases that flip")
    plan.add_argument("--cases", type=int, metavar="N", help="say what N cases can show")


def run_plan(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """The plan of a session, or that of the figures given, at 80 % power."""
    if arguments.session is not None:
        _of_session(arguments.session, workspace, out)
    elif arguments.base_error is None or arguments.tuned_error is None:
        raise InputError(
            "plan needs a session, or --base-error and --tuned-error.",
            "For instance: strop plan --base-error 30% --tuned-error 15%",
        )
    else:
        _of_figures(arguments, out)
    return 0


def _of_session(slug: str, workspace: Workspace, out: Output) -> None:
    from engine.steps.plan import plan_cases

    plan = plan_cases(workspace, slug)
    for sentence in plan.words:
        out.line(sentence)
    out.result({"words": plan.words, "plan": plan})


class CasesShow(msgspec.Struct, frozen=True):
    """What so many cases can show."""

    cases: int
    chance_to_show: float
    """Of passing the domain gate when errors fall as was said."""
    tuned_error_shown: float | None
    """The highest error rate after training that is shown with 80 % power."""
    regressions_allowed: int
    """That still pass the margin with no fix; -1 when not even none would."""
    chance_to_clear: float
    """Of passing the margin when nothing really changed."""


def _of_figures(arguments: argparse.Namespace, out: Output) -> None:
    from engine.evaluation.statistics import cases_needed, cases_needed_for_margin

    base, tuned = arguments.base_error, arguments.tuned_error
    domain = cases_needed(base, tuned, reduction=arguments.reduction)
    margin = cases_needed_for_margin(arguments.discordant, arguments.margin)
    fall = f"errors falling from {base:.0%} to {tuned:.0%}"
    if domain is not None:
        out.line(f"{domain} cases show {fall} (80 % power).")
    elif base - tuned <= base * arguments.reduction:
        out.line(
            f"No number of cases shows {fall}: they fall by {1 - tuned / base:.0%}, and the gate"
            f" asks for {arguments.reduction:.0%}."
        )
    else:
        out.line(f"More than 20,000 cases would be needed to show {fall}.")
    needed = "More than 20,000" if margin is None else margin
    out.line(
        f"{needed} cases clear a margin of {arguments.margin:.0%} when"
        f" {arguments.discordant:.0%} of them flip either way."
    )
    found = {"domain_cases": domain, "margin_cases": margin}
    if arguments.cases is None:
        out.result(found)
        return
    shown = _show_cases(arguments)
    _print_cases(shown, arguments, out)
    out.result({**found, "with_cases": shown})


def _show_cases(arguments: argparse.Namespace) -> CasesShow:
    from engine.evaluation.statistics import chance_to_show, power_to_clear, smallest_fall
    from engine.steps.plan import regressions_allowed

    number, base, margin = arguments.cases, arguments.base_error, arguments.margin
    if number < 1:
        raise InputError(f"{number} cases show nothing.", "Give a number above 0.")
    asked = arguments.reduction
    return CasesShow(
        cases=number,
        chance_to_show=chance_to_show(number, base, arguments.tuned_error, reduction=asked),
        tuned_error_shown=smallest_fall(number, base, asked),
        regressions_allowed=regressions_allowed(number, margin),
        chance_to_clear=power_to_clear(number, arguments.discordant, margin),
    )


def _print_cases(shown: CasesShow, arguments: argparse.Namespace, out: Output) -> None:
    from engine.evaluation.statistics import cases_to_allow

    base, margin = arguments.base_error, arguments.margin
    reached = shown.tuned_error_shown
    least = "no fall" if reached is None else f"a fall to {reached:.0%} or less"
    out.line(
        f"{shown.cases} cases show {least} from {base:.0%} (80 % power); a fall to"
        f" {arguments.tuned_error:.0%} passes with a chance of {shown.chance_to_show:.0%}."
    )
    if shown.regressions_allowed < 0:
        out.line(
            f"{shown.cases} cases can never pass a margin of {margin:.0%} without fixes:"
            f" {cases_to_allow(0, margin)} can."
        )
        return
    number = shown.regressions_allowed
    broken = "no regression" if not number else f"{number} regression{'s' if number > 1 else ''}"
    out.line(
        f"{shown.cases} cases pass a margin of {margin:.0%} with {broken} and no fix; when nothing"
        f" really changed they pass with a chance of {shown.chance_to_clear:.0%}."
    )
