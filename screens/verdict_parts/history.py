"""The verdicts of a session as a text to read: every run, what changed since the last SHIP."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from textual.content import Content

from engine.evaluation.verdict import Verdict
from engine.steps.days import short_day
from engine.steps.history import History, RunVerdict, SinceShipped, SuiteChange
from engine.store.verdicts import Signed
from screens.text import lines, safe, visible_line
from screens.verdict_parts import words

NOTHING_SIGNED = "No verdict of this session has been signed yet."
NOTHING_SHIPPED = "Nothing else of this session was signed as SHIP: there is nothing to go back to."
LETTERS = {"pass": "P", "fail": "F", "inconclusive": "o"}
NAMED = 8
"""Cases that are named; the report has all."""


def history_text(found: History) -> Content:
    """Runs, changes, signatures."""
    return lines([*_runs(found), "", *_since(found.since), "", *_signatures(found.signed)])


def _runs(found: History) -> Iterator[Content | str]:
    yield safe("Runs, the last first, judged by today's scorer:", style="bold")
    for one in reversed(found.runs):
        yield from _run(one)
    yield safe(
        f"  gates in order: {', '.join(words.PLAIN.values())}; P passed, F failed, o open",
        style="$text-muted",
    )


def _run(one: RunVerdict) -> Iterator[Content]:
    if one.verdict is None:
        yield safe(f"  run {one.run}  {visible_line(one.trouble)}", style="$text-muted")
        return
    gates = "".join(LETTERS[o] for o in one.outcomes.values())
    front = f"  run {one.run:<3} {short_day(one.created):<7}"
    title = f"{words.TITLES[one.verdict]:<12}"
    yield Content.assemble(
        safe(front),
        safe(title, style=words.STYLES[one.verdict]),
        safe(f"{gates}  {visible_line(one.finding)}"),
    )
    if one.other_scorer:
        said = "          signed by another scorer: the figures of then are not these"
        yield safe(said, style="$text-warning")


def _since(since: SinceShipped | None) -> Iterator[Content | str]:
    if since is None:
        yield safe(NOTHING_SHIPPED, style="$text-muted")
        return
    day = short_day(since.at)
    yield safe(f"Run {since.run} since run {since.shipped}, shipped {day}:", style="bold")
    for change in since.suites:
        yield from _suite(change)
    if since.not_compared:
        yield safe(
            f"  {since.not_compared} cases are not the same in both, and not compared.",
            style="$text-muted",
        )


def _suite(change: SuiteChange) -> Iterator[Content]:
    counts = f"{len(change.improved)} improved, {len(change.regressed)} regressed"
    yield safe(f"  {visible_line(change.suite)}: {counts} of {change.cases}, {_p(change.p)}")
    for name, cases, style in (
        ("worse", change.regressed, "$text-error"),
        ("better", change.improved, "$text-success"),
    ):
        if cases:
            more = f" and {len(cases) - NAMED} more" if len(cases) > NAMED else ""
            yield safe(f"    {name}: {visible_line(' '.join(cases[:NAMED]))}{more}", style=style)


def _p(p: float) -> str:
    return words.p_words(p) if p < 0.9995 else "p 1"


def _signatures(signed: tuple[Signed, ...]) -> Iterator[Content | str]:
    if not signed:
        yield safe(NOTHING_SIGNED)
        return
    yield safe("Signatures, the last first:", style="bold")
    for one in reversed(signed):
        style = words.STYLES.get(one.verdict, "bold")
        arm = "" if one.arm == "tuned" else f" ({visible_line(one.arm)})"
        yield safe(f"  run {one.run}{arm}  {words.signed_words(one)}", style=style)
        yield from (safe(f"      {line}", style="$text-muted") for line in _as_signed(one))


def _as_signed(signed: Signed) -> Iterator[str]:
    try:
        yield words.counted(msgspec.json.decode(signed.body, type=Verdict))
    except (msgspec.DecodeError, msgspec.ValidationError):
        yield "the gates of then cannot be read by this version"
    if signed.note:
        yield visible_line(signed.note)
