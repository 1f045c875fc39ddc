"""Verbs of the decision: compare, judge, verdict, sign, waive, report, stats."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from engine.delivery.words import prompted_words
from engine.errors import InputError
from engine.evaluation.evidence import BASE_AND_TUNED, FLIPS
from engine.steps import closeness, compare, report, review, verdict
from engine.workspace import Workspace
from tui.output import Output
from tui.verbs.answers import run_own_checks
from tui.verbs.choose import add_choosing
from tui.verbs.grammar import Verbs, share, two_arms, verb
from tui.verbs.history import show_history
from tui.verbs.parts import show_parts

SIGNS = {"pass": "PASS", "fail": "FAIL", "inconclusive": "OPEN"}
TITLES = {"ship": "SHIP", "hold": "HOLD", "do-not-ship": "DO NOT SHIP"}


def add(verbs: Verbs) -> None:
    """Declare the verbs."""
    comparing = _of_run(verb(verbs, "compare", run_compare, "what a run fixed and broke"))
    comparing.add_argument("--suite", help="only this suite")
    parts = comparing.add_mutually_exclusive_group()
    parts.add_argument("--rules", action="store_true", help="by rule, the worst first")
    parts.add_argument("--intents", action="store_true", help="by intent")
    comparing.add_argument("--flip", choices=FLIPS, help="only these cases, in full")
    judging = _of_run(verb(verbs, "judge", run_judge, "take over a person's rulings"))
    judging.add_argument("--from", dest="source", type=Path, metavar="FILE", help="rulings")
    judging.add_argument(
        "--python", type=Path, metavar="FILE.py", help="run your own checks: your code, no sandbox"
    )
    judged = _of_run(
        verb(verbs, "verdict", run_verdict, "the gates; exit 0 ship, 1 do not ship, 3 hold")
    )
    judged.add_argument(
        "--history", action="store_true", help="all runs, and what changed since the last SHIP"
    )
    signing = _of_run(verb(verbs, "sign", run_sign, "put your name under the verdict"))
    signing.add_argument("--role", required=True)
    signing.add_argument("--note", default="")
    waiving = _of_run(verb(verbs, "waive", run_waive, "let a gate pass, with reason and end"))
    waiving.add_argument("--gate", required=True)
    waiving.add_argument("--reason", required=True)
    waiving.add_argument("--until", required=True, metavar="YYYY-MM-DD")
    reporting = _of_run(verb(verbs, "report", run_report, "write the report"))
    forms = "FILE.{md,html,json,xml}"
    reporting.add_argument("-o", "--output", type=Path, required=True, metavar=forms)
    _add_statistics(verbs)
    add_choosing(verbs)


def _of_run(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("session")
    parser.add_argument("run", nargs="?", type=int)
    parser.add_argument(
        "--arms",
        type=two_arms,
        default=BASE_AND_TUNED,
        metavar="FIRST,SECOND",
        help="other arms than base,tuned; the second is judged",
    )
    return parser


def _add_statistics(verbs: Verbs) -> None:
    stats = verb(verbs, "stats", run_stats, "the statistics as a calculator")
    stats.add_argument("test", choices=("paired",))
    stats.add_argument("--n", type=int, required=True, help="cases")
    stats.add_argument("--regressions", type=int, required=True)
    stats.add_argument("--fixes", type=int, required=True)
    stats.add_argument("--margin", type=share, default=0.05)


def run_compare(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Counts of flips by suite; with --flip the cases themselves."""
    reached = verdict.reach(workspace, arguments.session, arguments.run, arguments.arms)
    found = compare.compare(workspace, reached.run.id, *reached.verdict.arms)
    rows = [r for r in found.rows if arguments.suite in (None, r.suite)]
    if arguments.rules or arguments.intents:
        return show_parts(arguments, reached, rows, out)
    for suite in dict.fromkeys(r.suite for r in rows):
        counts = ", ".join(f"{n} {flip}" for flip, n in found.counts(suite).items() if n)
        out.line(f"{suite}: {counts}")
    for said in closeness.in_words(found):
        out.line(said)
    shown = [r for r in rows if r.flip == arguments.flip]
    if any(row.gate == "domain" for row in shown):
        review.count_look(workspace, reached.session, found)
    for row in shown:
        _print_case(row, found, out)
    out.result(
        {
            "run": found.run,
            "counts": found.counts(arguments.suite),
            "cases": shown,
            "noise": found.noise,
            "reference_change": closeness.reference_change(found.rows),
        }
    )
    return 0


def _print_case(row: compare.Compared, found: compare.Comparison, out: Output) -> None:
    out.line(f"\n{row.suite} {row.case.id} ({row.flip}): {row.case.prompt}")
    out.line(f"  {found.first + ':':<6} {row.base.text if row.base else ''}")
    out.line(f"  {found.second + ':':<6} {row.tuned.text if row.tuned else ''}")
    if row.tuned_judged and row.tuned_judged.reason:
        out.line(f"  {row.tuned_judged.reason}")


class FiledRuling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a file of rulings."""

    suite: str
    case: str
    ruling: str
    note: str = ""


def run_judge(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Take over rulings from JSON lines, all or (after an error) none; or run own checks."""
    if arguments.python is not None:
        return run_own_checks(arguments, workspace, out)
    if arguments.source is None:
        raise InputError("judge needs --from FILE or --python FILE.py.", "See strop judge --help.")
    reached = verdict.reach(workspace, arguments.session, arguments.run, arguments.arms)
    known = {(r.suite, r.case.id) for r in compare.compare(workspace, reached.run.id).rows}
    filed = [_ruling(arguments.source, n, raw) for n, raw in _lines(arguments.source)]
    with workspace.store.transaction():
        for ruling in filed:
            if (ruling.suite, ruling.case) not in known:
                message = f"{arguments.source}: there is no case {ruling.suite} {ruling.case}."
                raise InputError(message, "`strop compare SESSION --flip broken` lists cases.")
            verdict.rule(
                workspace,
                reached.run.id,
                ruling.suite,
                ruling.case,
                ruling.ruling,
                ruling.note,
                arm=reached.verdict.arms[1],
            )
    out.line(f"{len(filed)} rulings taken over.")
    out.result({"rulings": len(filed)})
    return 0


def _lines(path: Path) -> list[tuple[int, bytes]]:
    try:
        raw = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}.", "Give a file of JSON lines.") from error
    return [(n, line) for n, line in enumerate(raw, 1) if line.strip()]


def _ruling(path: Path, number: int, raw: bytes) -> FiledRuling:
    try:
        return msgspec.json.decode(raw, type=FiledRuling)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        hint = "Each line is an object with suite, case, ruling and, if you like, note."
        raise InputError(f"{path}, line {number}: {error}.", hint) from error


def run_verdict(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """The gates, each with its finding, and the exit code for scripts."""
    if arguments.history:
        return show_history(arguments, workspace, out)
    reached = verdict.reach(workspace, arguments.session, arguments.run, arguments.arms)
    found = reached.verdict
    arms = "" if found.arms == BASE_AND_TUNED else f", {found.arms[1]} against {found.arms[0]}"
    out.line(f"run {reached.run.id}{arms}: {TITLES[found.verdict]}")
    for gate in found.gates:
        waived = f" (waived by {gate.waived_by})" if gate.waived_by else ""
        out.line(f"{SIGNS[gate.outcome]}  {gate.gate:<13} {gate.sentence}{waived}")
        for note in gate.notes:
            out.line(f"      {note}")
        if gate.settle:
            out.line(f"      would settle it: {gate.settle}")
    for note in (*found.notes, *reached.warnings):
        out.line(note)
    for change in reached.amendments:
        out.line(f"amended {change.at[:10]} by {change.who}: {change.changed}: {change.reason}")
    if reached.prompted is not None and reached.prompted.n:
        out.line(f"prompted: {prompted_words(reached.prompted)}")
    out.result(
        {
            "verdict": found.verdict,
            "gates": found.gates,
            "warnings": reached.warnings,
            "amendments": reached.amendments,
            "prompted": reached.prompted,
        }
    )
    return found.exit_code


def run_sign(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Sign the verdict as it is now."""
    signed = verdict.sign(
        workspace,
        arguments.session,
        arguments.run,
        arguments.role,
        arguments.note,
        arms=arguments.arms,
    )
    out.line(f"{TITLES[signed.verdict]}, signed by {signed.who}, {signed.role}, {signed.at}.")
    out.result({"verdict": signed.verdict, "who": signed.who, "role": signed.role})
    return 0


def run_waive(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Waive one gate."""
    reached = verdict.reach(workspace, arguments.session, arguments.run, arguments.arms)
    verdict.waive(
        workspace,
        reached.run.id,
        arguments.gate,
        arguments.reason,
        arguments.until,
        arm=reached.verdict.arms[1],
    )
    out.line(f"{arguments.gate} waived until {arguments.until}; the report says so for ever.")
    out.result({"gate": arguments.gate, "until": arguments.until})
    return 0


def run_report(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Write the report."""
    report.write(workspace, arguments.session, arguments.run, arguments.output, arguments.arms)
    out.line(f"Wrote {arguments.output}")
    out.result({"file": str(arguments.output)})
    return 0


def run_stats(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Paired statistics of given counts."""
    from engine.evaluation.statistics import paired_summary

    found = paired_summary(arguments.n, arguments.regressions, arguments.fixes, arguments.margin)
    for name, value in msgspec.to_builtins(found).items():
        out.line(f"{name:<13} {value}")
    out.result(found)
    return 0
