"""The verb `suite`: what a scope can name; test sets and lm-eval tasks taken over as suites."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.evaluation.benchmarks import KINDS
from engine.steps import harness, lm_eval, suites
from engine.workspace import Workspace
from tui.output import Output
from tui.verbs.grammar import Verb, Verbs, verb

SHOWN = 20
NAME_THEM = "Name them under `suites` in the scope before it is frozen."


def add(verbs: Verbs) -> None:
    """Declare the verb."""
    suite = verb(verbs, "suite", run_suite, "list suites, or take public test sets over as suites")
    actions = suite.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="suites that a scope can name")
    importing = actions.add_parser("import", help="a public test set as a suite")
    importing.add_argument("file", type=Path)
    importing.add_argument("--kind", choices=KINDS, required=True, help="what the file is")
    importing.add_argument("--name", help="name of the suite; the file's own when left out")
    importing.add_argument("--licence", default="not stated", help="under which the cases are")
    taking = actions.add_parser("lm-eval", help="tasks of lm-evaluation-harness as suites")
    taking.add_argument("tasks", nargs="+", metavar="TASK")
    taking.add_argument("--metric", default="", help="which counts; the task's first when left out")
    taking.add_argument("--filter", default="", help="which counts; the first when left out")
    taking.add_argument("--fewshot", type=int, metavar="N", help="worked examples before each")
    taking.add_argument("--chat", action="store_true", help="ask in the model's chat template")
    taking.add_argument("--limit", type=int, metavar="N", help="the first N documents")
    running = actions.add_parser("run", help="let lm_eval answer its suites with base and tuned")
    running.add_argument("session")
    running.add_argument("run", nargs="?", type=int)
    running.add_argument("--batch", type=int, default=lm_eval.BATCH, metavar="N")
    for one in (taking, running):
        one.add_argument("--program", default=lm_eval.PROGRAM, help="path of lm_eval")
        one.add_argument("--include", type=Path, metavar="DIR", help="folder of your own tasks")
    for one in (listing, importing, taking, running):
        one.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON object"
        )


def run_suite(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """List, import, make suites of tasks, or answer those."""
    return _ACTIONS[arguments.action](arguments, workspace, out)


def _import(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    name = arguments.name or arguments.file.stem.lower().replace(" ", "-")
    done = suites.import_suite(workspace, arguments.file, arguments.kind, name, arguments.licence)
    out.line(f"rows {done.rows} = cases {done.cases} + refused {len(done.refused)}")
    for refused in done.refused[:SHOWN]:
        out.line(f"  line {refused.line} {refused.reason}")
    if len(done.refused) > SHOWN:
        out.line(f"  and {len(done.refused) - SHOWN} more; --json shows all")
    for suite, file in zip(done.suites, done.files, strict=True):
        out.line(f"suite {suite}: {file}")
    out.line(NAME_THEM)
    out.result(done)
    return 0


def _take_tasks(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    how = lm_eval.How(arguments.program, arguments.include)
    done = harness.take_tasks(
        workspace,
        arguments.tasks,
        how,
        metric=arguments.metric,
        kept_filter=arguments.filter,
        fewshot=arguments.fewshot,
        chat=arguments.chat,
        limit=arguments.limit,
    )
    for suite, cases, file in zip(done.suites, done.cases, done.files, strict=True):
        out.line(f"suite {suite}: {cases} cases, {file}")
    out.line(NAME_THEM)
    out.line("After training, `strop suite run SESSION` lets lm_eval answer them with both arms.")
    out.result(done)
    return 0


def _run(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    how = lm_eval.How(arguments.program, arguments.include, arguments.batch)
    done = harness.run_suites(workspace, arguments.session, arguments.run, how, out.line)
    for one in done:
        left = f", {len(one.left)} left" if one.left else ""
        out.line(f"{one.suite} {one.arm}: {one.taken} taken, {one.known} there already{left}")
        for reason in one.left[:SHOWN]:
            out.line(f"  {reason}")
    out.result({"answered": done})
    return 0


def _list(_: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    names = suites.available(workspace)
    for suite in suites.named_suites(workspace, names):
        out.line(f"{suite.name:<24} {suite.gate:<13} {len(suite.cases):>5} cases  {suite.title}")
    out.result({"suites": names})
    return 0


_ACTIONS: dict[str, Verb] = {
    "list": _list,
    "import": _import,
    "lm-eval": _take_tasks,
    "run": _run,
}
