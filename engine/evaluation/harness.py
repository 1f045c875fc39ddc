"""Tasks of lm-evaluation-harness as suites: it asks, it scores, strop pairs and judges.

`lm_eval --log_samples` writes `samples_TASK_TIME.jsonl`, a line for each document and filter, with
what each metric gave. A suite is made of such lines without a model having answered them; later
the lines of each arm become its answers. `results_TIME.json` holds averages and versions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from engine.errors import InputError
from engine.evaluation.samples import Sample
from engine.records import Answer, Assertion, Case, Message, OwnOutcome, Suite

MOST_SHOWN = 6


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an assertion `harness` holds as JSON: which task, and which of its figures counts."""

    task: str
    metric: str
    filter: str = "none"
    fewshot: int | None = None
    """Worked examples before each question; None is what the task says itself."""
    chat: bool = False
    """Whether questions stand in the model's chat template."""


class Line(Sample, frozen=True, kw_only=True):
    """A line of a samples file as a task gives it; the figures stand beside these fields."""

    target: Any = ""
    metrics: list[str] = []
    arguments: Any = None
    doc_hash: str = ""


class Read(msgspec.Struct, frozen=True):
    """One document and filter: the line, and what each metric gave."""

    line: Line
    figures: dict[str, Any]


class Results(msgspec.Struct, frozen=True):
    """results_TIME.json, as far as it is read."""

    results: dict[str, dict[str, Any]]
    versions: dict[str, Any] = {}
    lm_eval_version: str = "unknown"


def read_samples(raw: bytes, where: str) -> list[Read]:
    """The lines of a samples file; InputError with `file, line N` for one that is none."""
    found: list[Read] = []
    for number, text in enumerate(raw.splitlines(), 1):
        if not text.strip():
            continue
        try:
            line = msgspec.json.decode(text, type=Line)
            whole = msgspec.json.decode(text)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise InputError(
                f"{where}, line {number}: {error}.", "Give what lm_eval --log_samples wrote."
            ) from error
        found.append(Read(line, {name: whole.get(name) for name in line.metrics}))
    return found


def make_suite(
    name: str, asked: Asked, lines: Sequence[Read], version: str, metric: str = ""
) -> Suite:
    """The documents of a task as cases of the capability gate.

    asked: its metric and filter are filled in from the lines where they are empty.
    Raises InputError when the task has no such metric or filter.
    """
    asked = _settled(asked, lines)
    assertion = Assertion("harness", value=msgspec.json.encode(asked).decode())
    chosen = [read for read in lines if read.line.filter == asked.filter]
    offered = [len(r.line.resps) for r in chosen if len(r.line.resps) > 1]
    return Suite(
        name=name,
        gate="capability",
        version=version,
        cases=tuple(_case(read.line, assertion) for read in chosen),
        title=f"{asked.task} of lm-evaluation-harness, {asked.metric}",
        chance=round(sum(1 / n for n in offered) / len(chosen), 4) if offered else 0.0,
        licence="not stated",
    )


def _settled(asked: Asked, lines: Sequence[Read]) -> Asked:
    if not lines:
        raise InputError(f"Task {asked.task} has no documents.", "Name another task.")
    filters = list(dict.fromkeys(read.line.filter for read in lines))
    metrics = list(dict.fromkeys(name for read in lines for name in read.figures))
    for what, wanted, known in (
        ("metric", asked.metric, metrics),
        ("filter", asked.filter, filters),
    ):
        if wanted and wanted not in known:
            raise InputError(
                f"Task {asked.task} has no {what} {wanted}.", f"It has: {', '.join(known)}."
            )
    if not metrics:
        raise InputError(f"Task {asked.task} scores no document.", "Name another task.")
    return msgspec.structs.replace(
        asked, metric=asked.metric or metrics[0], filter=asked.filter or filters[0]
    )


def _case(line: Line, assertion: Assertion) -> Case:
    return Case(
        id=str(line.doc_id),
        messages=(Message("user", _prompt(line)),),
        reference=_target(line),
        assertions=(assertion,),
        tags=(_document(line),),
    )


def _document(line: Line) -> str:
    return f"document {line.doc_hash}"


def _prompt(line: Line) -> str:
    """What the model is given, the worked examples included."""
    arguments = line.arguments
    first = next(iter(arguments.values()), None) if isinstance(arguments, dict) else arguments
    while isinstance(first, (dict, list)) and first:
        first = next(iter(first.values())) if isinstance(first, dict) else first[0]
    return first if isinstance(first, str) and first.strip() else str(line.doc)


def _target(line: Line) -> str:
    """The right answer in words: of choices, the words of the right one."""
    offered = _offered(line)
    said = str(line.target).strip()
    return offered[int(said)] if said.isdigit() and int(said) < len(offered) else said


def _offered(line: Line) -> list[str]:
    """The continuations that a choice task scores; empty for generated answers."""
    if not isinstance(line.arguments, dict) or len(line.resps) < 2:
        return []
    given = [a.get("arg_1") for a in line.arguments.values() if isinstance(a, dict)]
    return [str(words).strip() for words in given] if len(given) == len(line.resps) else []


def asked_of(suite: Suite) -> Asked | None:
    """What lm-evaluation-harness is to be asked for a suite; None for a suite that strop asks."""
    for case in suite.cases:
        for assertion in case.assertions:
            if assertion.kind == "harness":
                return msgspec.json.decode(str(assertion.value), type=Asked)
    return None


def harness_problem(value: object) -> str | None:
    """What is wrong with the value of an assertion `harness`, as the end of a sentence."""
    try:
        msgspec.json.decode(str(value), type=Asked)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        return f"needs JSON with task and metric as its value: {error}"
    return None


def read_answers(suite: Suite, lines: Iterable[Read], arm: str) -> Iterator[Answer | str]:
    """What an arm answered to each case of a suite, or why a line gives no answer.

    Lines of other filters, and documents that the suite has not, are passed over.
    """
    asked = asked_of(suite)
    cases = {case.id: case for case in suite.cases}
    for read in lines:
        case = cases.get(str(read.line.doc_id))
        if asked is not None and case is not None and read.line.filter == asked.filter:
            yield read_answer(suite.name, case, read, arm)


def read_answer(suite: str, case: Case, read: Read, arm: str) -> Answer | str:
    """The answer to a case with the outcome that its metric gave, or why it is none."""
    assertion = next(a for a in case.assertions if a.kind == "harness")
    metric = msgspec.json.decode(str(assertion.value), type=Asked).metric
    if _document(read.line) not in case.tags:
        return f"document {read.line.doc_id} is another than the one that was frozen"
    figure = read.figures.get(metric)
    if not isinstance(figure, (bool, int, float)) or not math.isfinite(figure):
        return f"document {read.line.doc_id} has no {metric}"
    if figure not in (0, 1):
        return f"{metric} gives {figure:.3g}: a gate needs a metric that is 0 or 1 for each case"
    reason = "" if figure else f"{metric} of lm-evaluation-harness is 0"
    outcome = OwnOutcome(bool(figure), reason)
    return Answer(suite, case.id, arm, text=_said(read.line), own={str(assertion.value): outcome})


def _said(line: Line) -> str:
    """The generated words; of a choice task the likeliest choice."""
    offered = _offered(line)
    if offered:
        scores = [_first_number(response) for response in line.resps]
        return offered[max(range(len(scores)), key=scores.__getitem__)]
    first = line.resps[0] if line.resps else ""
    while isinstance(first, list) and first:
        first = first[0]
    return str(first)


def _first_number(response: Any) -> float:
    while isinstance(response, list) and response:
        response = response[0]
    try:
        return float(response)
    except (TypeError, ValueError):
        return -math.inf


def results_in(raw: bytes) -> Results | None:
    """A file of averages (results_TIME.json), or None where it is something else."""
    try:
        return msgspec.json.decode(raw, type=Results)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def averages(found: Results) -> str:
    """`shop_sums exact_match,strict 0.75`, the first few of a file of averages."""
    named = [
        f"{task} {name} {figure:.3g}"
        for task, figures in found.results.items()
        for name, figure in figures.items()
        if isinstance(figure, float) and "_stderr" not in name
    ]
    more = f" and {len(named) - MOST_SHOWN} more" if len(named) > MOST_SHOWN else ""
    return ", ".join(named[:MOST_SHOWN]) + more
