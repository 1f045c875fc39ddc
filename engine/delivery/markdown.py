"""The report as Markdown, for people who read text."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from engine.delivery import glossary, words
from engine.delivery.contents import CaseLine, Contents
from engine.evaluation.gates import GateResult
from engine.visible import printable

SHOWN_FIXES = 5
SHOWN_IDS = 12
SHOWN_ERRORS = 10
NOBODY = (
    "None yet: nobody has signed this verdict, ruled on a case, waived a check or changed the goal."
)


def as_markdown(contents: Contents) -> str:
    """The report as a person reads it."""
    return "\n".join(_lines(contents)) + "\n"


def _lines(contents: Contents) -> Iterator[str]:
    verdict = contents.verdict.verdict
    yield f"# {_plain(contents.session.name)}: {words.TITLES[verdict]}"
    yield ""
    yield from _opening(contents)
    yield from _gates(contents)
    yield from _limits(contents)
    yield from _people(contents)
    yield from _violations(contents)
    yield from _changes(contents)
    yield from _errors(contents)
    yield from _intents(contents)
    yield from _data(contents)
    yield from _reproduction(contents)
    yield from _terms()


def _opening(contents: Contents) -> Iterator[str]:
    verdict = contents.verdict
    yield f"{_plain(words.opening(contents))} {_plain(words.MEANINGS[verdict.verdict])}"
    yield f"{words.tally(contents)}"
    yield ""
    yield f"**The task:** {_plain(contents.session.scope.task)}"
    yield ""
    made = words.moment(contents.run.created)
    yield f"- Run {contents.run.id}, made {made} by {_plain(contents.run.who)}."
    yield f"- {_plain(words.seal(contents))}"
    yield f"- {words.amended(contents)}"
    for line in (words.arms(contents), words.prompted(contents)):
        if line:
            yield f"- {_plain(line)}"
    for note in verdict.notes:
        yield f"- {_plain(note[:1].upper() + note[1:])}."
    for warning in contents.warnings:
        yield f"- **Warning:** {_plain(warning)}"
    yield ""


def _gates(contents: Contents) -> Iterator[str]:
    yield "## The questions"
    yield ""
    yield "| question | outcome | finding |"
    yield "|---|---|---|"
    for gate in contents.verdict.gates:
        yield f"| {gate.question} | {words.outcome(gate)} | {_plain(gate.sentence)} |"
    yield ""
    yield "Words are explained at the end, under Terms."
    yield ""
    for gate in contents.verdict.gates:
        yield f"### {gate.question}"
        yield ""
        yield f"{glossary.ABOUT[gate.gate]} {words.agreed(contents, gate.gate)}".rstrip()
        yield ""
        yield f"Method: {glossary.METHODS[gate.gate]}"
        yield ""
        yield from _gate_notes(contents, gate)
        yield ""


def _gate_notes(contents: Contents, gate: GateResult) -> Iterator[str]:
    figures = [words.counts(gate), words.interval(gate), words.p_value(gate)]
    yield f"- **{words.outcome(gate)}.** {_plain(gate.sentence)}"
    if any(figures):
        yield f"- {_plain('; '.join(filter(None, figures)))}"
    if gate.gate == "cadence":
        yield from (f"- {_plain(line)}" for line in words.cadence(contents))
    for note in gate.notes:
        yield f"- {_plain(note)}"
    if gate.settle:
        yield f"- Would settle it, if new cases come out as these did: {_plain(gate.settle)}"
    if gate.waived_by:
        yield f"- Waived by {_plain(gate.waived_by)}: {_plain(gate.waived_for)}"
    for part in gate.parts:
        yield f"- {_plain(part.suite)}: {words.outcome(part)}, {_plain(part.sentence)}"
    if gate.gate != "coherence":
        yield from (f"- {_plain(words.passed(r))}" for r in contents.rows_of(gate) if r.n)
    yield from _case_names(contents, gate)


def _case_names(contents: Contents, gate: GateResult) -> Iterator[str]:
    """The cases behind the figures, by id."""
    for rows in contents.rows_of(gate):
        lists = {"regressions": rows.broken, "fixes": rows.fixed, "violations": rows.violated}
        if gate.gate == "coherence":
            lists = {"no sense": rows.incoherent}
        for name, ids in lists.items():
            if ids:
                yield f"- {_plain(rows.suite)}, {name}: {_plain(_named(ids))}"


def _named(ids: tuple[str, ...]) -> str:
    more = f" and {len(ids) - SHOWN_IDS} more" if len(ids) > SHOWN_IDS else ""
    return " ".join(ids[:SHOWN_IDS]) + more


def _limits(contents: Contents) -> Iterator[str]:
    yield "## What this report cannot tell"
    yield ""
    yield from (f"- {_plain(line)}" for line in words.limits(contents))
    yield ""


def _people(contents: Contents) -> Iterator[str]:
    yield "## Signatures, rulings, waivers, amendments"
    yield ""
    said = [*_signed(contents), *_ruled(contents), *_waived(contents), *_amended(contents)]
    said += [f"- {_plain(words.blind(one))}" for one in contents.blind]
    yield from said or [NOBODY]
    yield ""
    for look in contents.opened:
        opened = f"{_plain(look.who)} opened the sealed set {words.moment(look.at)}"
        yield f"- {opened}: {_plain(look.what)}"
    yield ""


def _signed(contents: Contents) -> Iterator[str]:
    for s in contents.signed:
        title = words.TITLES.get(s.verdict, s.verdict)
        signed = f"- Signed {title} on {words.moment(s.at)} by {_plain(s.who)}, {_plain(s.role)}."
        yield f"{signed} {_plain(s.note)}"


def _ruled(contents: Contents) -> Iterator[str]:
    for r in contents.rulings:
        case = f"{_plain(r.suite)} {_plain(r.case_name)}"
        yield f"- {_plain(r.who)} on {case}: {_plain(r.ruling)}. {_plain(r.note)}"


def _waived(contents: Contents) -> Iterator[str]:
    for w in contents.waivers:
        yield f"- {_plain(w.who)} waived {w.gate} until {w.expires}: {_plain(w.reason)}"


def _amended(contents: Contents) -> Iterator[str]:
    for a in contents.amendments:
        who = f"{_plain(a.who)} ({_plain(a.changed)})"
        yield f"- Amended {words.moment(a.at)} by {who}: {_plain(a.reason)}"


def _violations(contents: Contents) -> Iterator[str]:
    broke = {r.suite: set(r.violated) for r in contents.rows if r.gate == "compliance"}
    lines = [c for c in contents.cases if c.case in broke.get(c.suite, ())]
    if lines:
        yield f"## Answers that broke a rule: {len(lines)}"
        yield ""
        for line in lines:
            yield from _case(line)
        yield ""


def _errors(contents: Contents) -> Iterator[str]:
    """What tuned still gets wrong in its own task, a case of each fact first."""
    wrong = [c for c in contents.cases if c.gate == "domain" and c.flip == "both_wrong"]
    if not wrong:
        return
    yield f"## Errors of the task that remain, wrong with both models: {len(wrong)}"
    yield ""
    of_each = list({c.cluster or c.case: c for c in reversed(wrong)}.values())[::-1]
    shown = [*of_each, *(c for c in wrong if c not in of_each)][:SHOWN_ERRORS]
    for line in shown:
        yield from _case(line)
    if len(wrong) > len(shown):
        yield f"- and {len(wrong) - len(shown)} more; the HTML and JSON reports have all."
    yield ""


def _changes(contents: Contents) -> Iterator[str]:
    broken = [c for c in contents.cases if c.flip == "broken"]
    fixed = [c for c in contents.cases if c.flip == "fixed"]
    yield f"## What changed: {len(broken)} regressions, {len(fixed)} fixes"
    yield ""
    for line in [*broken, *fixed[:SHOWN_FIXES]]:
        yield from _case(line)
    if len(fixed) > SHOWN_FIXES:
        yield f"- and {len(fixed) - SHOWN_FIXES} more fixes; the HTML and JSON reports have all."
    yield ""


def _case(line: CaseLine) -> Iterator[str]:
    case = f"{_plain(line.suite)} {_plain(line.case)}"
    yield f"- **{words.FLIPS[line.flip]}** {case}: {_plain(line.prompt)}"
    yield f"    - base: {_plain(line.base)}"
    yield f"    - tuned: {_plain(line.tuned)}"
    if line.reason or line.base_reason:
        arm = "tuned" if line.reason else "base"
        yield f"    - why {arm} fails: {_plain(line.reason or line.base_reason)}"


def _intents(contents: Contents) -> Iterator[str]:
    if contents.slices:
        yield "## Domain cases by intent"
        yield ""
        yield "For finding out only: no check looks at these."
        yield ""
        yield "| intent | cases | regressions | fixes | errors left |"
        yield "|---|---|---|---|---|"
        for one in contents.slices:
            left = words.errors_left(contents, one.intent)
            yield f"| {_plain(one.intent or '(none)')} | {one.n} | {one.b} | {one.c} | {left} |"
        yield ""


def _data(contents: Contents) -> Iterator[str]:
    counted = contents.examples
    yield "## Suites"
    yield ""
    yield from (f"- {_plain(words.suite_line(suite))}" for suite in contents.suites)
    yield ""
    yield "## Data"
    yield ""
    yield f"{glossary.ABOUT_DATA}"
    yield ""
    yield f"- {words.learned_from(contents)}"
    for source in counted.sources:
        c = source.counts
        figures = (c.rows, c.accepted, c.quarantined, c.skipped, c.duplicates_of_earlier)
        yield f"- {_plain(words.source_line(source.name, source.held_out, figures))}"
    status = ", ".join(f"{n} {name}" for name, n in counted.by_status.items())
    reasons = words.rejections(counted.reasons)
    yield f"- Examples now: {_plain(status)}. Rejected for: {_plain(reasons)}."
    yield ""


def _reproduction(contents: Contents) -> Iterator[str]:
    yield "## How to reproduce it"
    yield ""
    yield f"The run folder `{_plain(contents.run.folder)}` holds rows, suites, recipe and seed. In"
    yield "the folder of runs, with the versions below installed:"
    yield ""
    yield "```sh"
    yield from (" ".join(printable(command).split()) for command in contents.commands)
    yield "```"
    yield ""
    yield "The first two compute these figures again from the answers that were kept. The last two"
    yield "train again from the frozen rows and answer every case anew, into the folder `again`."
    yield ""
    yield "Settings of the run, versions, and fingerprints (SHA-256) of what was judged and frozen:"
    yield ""
    for name, value in msgspec.to_builtins(contents.run.recipe).items():
        yield f"- {name}: {_plain(str(value))}"
    yield from (f"- {_plain(seed)}" for seed in words.seeds(contents))
    yield f"- verdict: scorer {contents.verdict.scorer}, report by strop {_plain(contents.strop)}"
    for name, version in contents.job.versions.items():
        yield f"- {name} {version}"
    for name, digest in words.fingerprints(contents):
        yield f"- SHA-256 of {_plain(name)}: `{digest}`"
    yield ""


def _terms() -> Iterator[str]:
    yield "## Terms"
    yield ""
    yield from (f"- **{term}**: {meaning}" for term, meaning in glossary.GLOSSARY)


def _plain(text: str) -> str:
    """Words from outside on one line: nothing in them becomes Markdown, HTML or a control."""
    line = " ".join(printable(text).split())
    for sign in "\\`*_<>[]#|!":
        line = line.replace(sign, f"\\{sign}")
    return line
