"""Verbs of runs: train, answer, score, status, watch, pause, resume, stop."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import get_args

import msgspec

from engine.errors import InputError, StateError
from engine.recipe import Preset
from engine.runs import launch
from engine.runs.feed import RunFeed, Snapshot
from engine.runs.folder import ENDED, RunFolder
from engine.runs.reckoning import reckon
from engine.steps import compare, curate, earlier, machine, queue, score, status, train
from engine.steps.differences import warning
from engine.steps.imported import OWN_ARMS
from engine.workspace import Workspace
from tui.output import Output
from tui.verbs.answers import import_answers
from tui.verbs.grammar import Verbs, verb

LOOK_EVERY_S = 1.0


def add(verbs: Verbs) -> None:
    """Declare the verbs."""
    training = verb(verbs, "train", run_train, "train an adapter in the background")
    training.add_argument("session")
    training.add_argument("--preset", choices=get_args(Preset), default="standard")
    training.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    training.add_argument(
        "--vary", metavar="KEY=A,B,C", help="a run for each value, one after another"
    )
    training.add_argument("--model", metavar="M", help="a fetched name, a folder or a hub id")
    training.add_argument("--cases", type=int, metavar="N", help="at most N cases of each suite")
    training.add_argument(
        "--processes", type=int, default=1, metavar="N", help="train on N cards of this machine"
    )
    training.add_argument(
        "--prepare", action="store_true", help="make the run folder, start nothing"
    )
    training.add_argument("--watch", action="store_true", help="follow it until it ends")
    answering = verb(verbs, "answer", run_answer, "answer every case with one more arm")
    answering.add_argument("session")
    answering.add_argument("run", nargs="?", type=int)
    arms = "base, prompted, tuned, run-2 by its adapter; or with --from"
    answering.add_argument("--arm", required=True, help=arms)
    answering.add_argument("--from", dest="source", type=Path, metavar="FILE", help="import them")
    answering.add_argument("--suite", default="", help="that the samples of lm-eval answer")
    answering.add_argument("--watch", action="store_true")
    scoring = verb(verbs, "score", run_score, "measure what the base model finds hard, while idle")
    scoring.add_argument("session")
    scoring.add_argument(
        "--answers", type=int, default=0, metavar="N", help="answer the first N of the queue"
    )
    scoring.add_argument("--limit", type=int, metavar="N", help="measure at most N examples")
    scoring.add_argument(
        "--example", type=int, action="append", default=[], metavar="ID", help="answer this one"
    )
    scoring.add_argument("--model", metavar="M", help="a fetched name, a folder or a hub id")
    scoring.add_argument("--watch", action="store_true")
    verb(verbs, "status", run_status, "list the runs").add_argument("run", nargs="?", type=int)
    watching = verb(verbs, "watch", run_watch, "follow a run in plain lines")
    watching.add_argument("run", nargs="?", type=int)
    watching.add_argument("--plain", action="store_true", help="plain lines, for any terminal")
    for name, summary in (
        ("pause", "checkpoint, free the device and exit; resume continues"),
        ("resume", "continue a run that was paused, stopped or killed"),
        ("stop", "end training for good and keep the best adapter"),
    ):
        command = verb(verbs, name, _RUN_COMMANDS[name], summary)
        command.add_argument("run", nargs="?", type=int)
        if name == "resume":
            command.add_argument("--processes", type=int, metavar="N", help="on so many cards")


def run_train(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Prepare a run from the session's accepted examples and start it."""
    planned = train.plan(
        workspace,
        arguments.session,
        preset=arguments.preset,
        settings=arguments.set,
        model=arguments.model,
    )
    machine.check_processes(arguments.processes, planned.recipe, here=not arguments.prepare)
    for name, reason in planned.reasons.items():
        out.line(f"  {name} = {getattr(planned.recipe, name)}: {reason}")
    if arguments.vary is not None:
        return _train_series(planned, arguments, workspace, out)
    _say_differences(planned, out)
    folder = train.prepare(
        workspace,
        arguments.session,
        planned.recipe,
        cases=arguments.cases,
        processes=arguments.processes,
    )
    if arguments.prepare:
        number = folder.job().run
        out.line(f"Run {number} is prepared: python -m engine.worker {folder.path}")
        out.result({"run": number, "folder": str(folder.path)})
        return 0
    idle = machine.idle_cards(arguments.processes)
    if idle:
        out.line(idle)
    return _start(folder, arguments.watch, workspace, out)


def _train_series(
    planned: train.Plan, arguments: argparse.Namespace, workspace: Workspace, out: Output
) -> int:
    """A run for each value of one setting; they stand in line and need nobody."""
    series = queue.vary(planned.recipe, arguments.vary)
    slug, cases, processes = arguments.session, arguments.cases, arguments.processes
    folders = queue.prepare(workspace, slug, series, cases=cases, processes=processes)
    numbers = [folder.job().run for folder in folders]
    for number, value in zip(numbers, series.values, strict=True):
        out.line(f"Run {number}: {series.setting} = {value}")
    if not arguments.prepare:
        queue.start(folders)
        out.line(f"They go one after another in the background: `strop queue {slug}`.")
    out.result({"runs": numbers, "setting": series.setting, "values": series.values})
    if arguments.watch and not arguments.prepare:
        return max(follow(RunFeed(folder), workspace, out) for folder in folders)
    return 0


def _say_differences(planned: train.Plan, out: Output) -> None:
    """What is not as in the newest run that trained, and what that does to a comparison."""
    if planned.before is not None and planned.differences:
        words = ", ".join(one.in_words for one in planned.differences)
        out.line(f"Differs from run {planned.before.id}: {words}.")
    if said := warning(len(planned.differences)):
        out.line(said)


def run_answer(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Prepare an answer run for one arm and start it."""
    if arguments.source is not None:
        return import_answers(arguments, workspace, out)
    run = train.chosen(workspace, arguments.session, arguments.run)
    if earlier.is_earlier(arguments.arm):
        folder = earlier.prepare(workspace, arguments.session, run, arguments.arm)
        return _start(folder, arguments.watch, workspace, out)
    if arguments.arm not in OWN_ARMS:
        own = ", ".join(OWN_ARMS)
        hint = f"The worker answers {own}, run-2 by run 2's adapter; --from FILE imports others."
        raise InputError(f"{arguments.arm!r} is no arm of the worker.", hint)
    folder = train.answer(workspace, arguments.session, run, arguments.arm)
    return _start(folder, arguments.watch, workspace, out)


def run_score(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Score what has no score yet, whenever nothing else needs the device."""
    wish = score.Wish(
        answers=arguments.answers,
        limit=arguments.limit,
        examples=tuple(arguments.example),
        model=arguments.model,
    )
    started = score.start(workspace, arguments.session, wish)
    out.line(
        f"Run {started.run} measures {started.losses} examples and answers at most"
        f" {started.answers}, in the background: {started.folder}"
    )
    out.result(msgspec.to_builtins(started))
    feed = RunFeed(train.folder_of(workspace, started.run))
    return follow(feed, workspace, out) if arguments.watch else 0


def _start(folder: RunFolder, watch: bool, workspace: Workspace, out: Output) -> int:
    train.start(folder)
    number = folder.job().run
    out.line(f"Run {number} goes on in the background: {folder.path}")
    out.result({"run": number, "folder": str(folder.path)})
    return follow(RunFeed(folder), workspace, out) if watch else 0


def run_status(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """List every run, or one."""
    lines = status.run_lines(workspace)
    if arguments.run is not None:
        lines = [line for line in lines if line.run == arguments.run]
        if not lines:
            raise InputError(f"There is no run {arguments.run}.", "`strop status` lists them.")
    for line in lines:
        figure = f"{line.step}/{line.total}" if line.total else ""
        left = f"{status.minutes(line.eta_s)} left" if line.eta_s and line.alive else ""
        out.line(
            f"run {line.run:<4} {line.kind:<7} {line.phase:<10} {figure:<9} {left:<12}"
            f" {line.session}  {line.message}"
        )
    if not lines:
        out.line("No run yet.")
    out.result({"runs": lines})
    return 0


def run_watch(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Follow a run until it ends; leaving (ctrl+c) changes nothing about it."""
    return follow(RunFeed(_folder(arguments, workspace)), workspace, out)


def follow(feed: RunFeed, workspace: Workspace, out: Output) -> int:
    """Print what a run says until it ends; its exit status."""
    seen, last = 0, ""
    while True:
        snapshot = feed.poll()
        for event in snapshot.events[seen:]:
            out.line(f"{_clock(event.time)}  {event.text}")
        seen = len(snapshot.events)
        line = status.plain_line(snapshot)
        if line != last and (snapshot.state.total or not snapshot.alive):
            out.line(f"{_clock(time.time())}  {line}")
        last = line
        if not snapshot.alive:
            return _ended(feed, snapshot, workspace, out)
        time.sleep(LOOK_EVERY_S)


def _ended(feed: RunFeed, snapshot: Snapshot, workspace: Workspace, out: Output) -> int:
    """The last word on a run: its results are taken over, or the end of its log is shown."""
    job = feed.folder.job()
    if job.kind == "score":
        # Whatever the end: each line stands by itself.
        taken = score.take_over(workspace, job.session)
        curate.rank(workspace, job.session)
        out.line(f"{taken} losses and answers taken over.")
    if snapshot.state.phase == "done":
        if job.kind != "score":
            compare.take_over(workspace, job.run)
        if found := reckon(feed.folder.preflight(), feed.folder.outcome()):
            out.line(status.reckoned(found))
        return 0
    if snapshot.state.message:
        out.line(snapshot.state.message)
    if snapshot.died:
        out.line("The worker ended without a word. The end of its log:")
        for line in feed.folder.log_tail(10):
            out.line(f"  {line}")
        out.line(f"`strop resume {job.run}` goes on where it was.")
    return 0 if snapshot.state.phase in ("paused", "stopped") else 1


def _clock(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(moment))


def run_pause(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Ask the worker to checkpoint and exit."""
    folder = _folder(arguments, workspace)
    launch.pause(folder)
    return _told(folder, "pauses after this step", out)


def run_stop(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Ask the worker to end training."""
    folder = _folder(arguments, workspace)
    launch.stop(folder)
    return _told(folder, "stops after this step; its best adapter is kept", out)


def run_resume(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Start the worker again on its folder."""
    folder = _folder(arguments, workspace)
    if folder.state().phase in ENDED - {"paused", "stopped", "failed", "ready"}:
        message = f"{folder.name} is {folder.state().phase}."
        raise StateError(message, "There is nothing to resume.")
    if arguments.processes is not None:
        machine.check_processes(arguments.processes, folder.job().recipe)
    launch.launch(folder, processes=arguments.processes)
    return _told(folder, "goes on", out)


def _told(folder: RunFolder, what: str, out: Output) -> int:
    number = folder.job().run
    out.line(f"Run {number} {what}.")
    out.result({"run": number, "state": msgspec.to_builtins(folder.state())})
    return 0


def _folder(arguments: argparse.Namespace, workspace: Workspace) -> RunFolder:
    """The run that was named, else the one that works, else the newest."""
    if arguments.run is not None:
        return train.folder_of(workspace, arguments.run)
    lines = status.run_lines(workspace)
    if not lines:
        raise InputError("No run yet.", "`strop train SESSION` starts one.")
    alive = [line for line in lines if line.alive]
    return train.folder_of(workspace, (alive or lines)[-1].run)


_RUN_COMMANDS = {"pause": run_pause, "resume": run_resume, "stop": run_stop}
