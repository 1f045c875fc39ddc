"""Answers that come in a file: strop's own lines, and the samples of lm-evaluation-harness.

`lm_eval --log_samples` writes `samples_TASK_TIME.jsonl`: an object a line with `doc_id`, `doc`,
`resps` and more. `resps` holds a list of texts for generated answers, and [log-likelihood,
is greedy] for each choice otherwise.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from engine.records import Answer, Case, Suite

FileKind = Literal["answers", "samples"]


class AnswerLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a file of answers."""

    case: str
    text: str = ""
    suite: str = ""
    """May be left out where only one suite of the run has a case of this id."""
    choice: int = -1
    """For choice cases: the index of the answer; its text does as well."""
    nll: float | None = None
    """For text cases: negative log-likelihood in nats, summed over `nll_tokens`."""
    nll_tokens: int = 0
    finished: bool = True
    """False when a length limit cut the answer."""


class Sample(msgspec.Struct, frozen=True):
    """One line of a samples file; fields that strop does not read are ignored."""

    doc_id: int
    doc: dict[str, Any]
    resps: list[Any]
    filter: str = ""
    """A task with several filters repeats its lines, once for each."""


def detect(first_line: bytes) -> FileKind:
    """Which of the two a file holds, by its first line."""
    try:
        found = msgspec.json.decode(first_line)
    except msgspec.DecodeError:
        return "answers"
    return "samples" if isinstance(found, dict) and "resps" in found else "answers"


def read_line(line: AnswerLine, suite: str, case: Case, arm: str) -> Answer | str:
    """The answer that a line gives to its case, or why it is none."""
    answer = Answer(suite, case.id, arm, text=line.text, finished=line.finished)
    if case.choices:
        return _as_choice(answer, line, case)
    if case.text:
        if line.nll is None or line.nll_tokens < 1:
            return "has no nll and nll_tokens, which a text is scored by"
        return msgspec.structs.replace(answer, nll=line.nll, nll_tokens=line.nll_tokens)
    return answer


def _as_choice(answer: Answer, line: AnswerLine, case: Case) -> Answer | str:
    said = line.text.strip()
    chosen = line.choice if line.choice >= 0 or said not in case.choices else -1
    index = case.choices.index(said) if chosen < 0 and said in case.choices else chosen
    if not 0 <= index < len(case.choices):
        return f"chooses none of the {len(case.choices)} choices"
    return msgspec.structs.replace(answer, text=case.choices[index], choice=index)


def find_case(sample: Sample, suite: Suite) -> Case | str:
    """The case that a sample answers: by an id of its own, or by number; or why there is none.

    What was asked must be what the case asks, so that no answer lands on another question.
    """
    by_id = {case.id: case for case in suite.cases}
    named = (str(sample.doc.get(name, "")) for name in ("id", "key", "case"))
    names = [*named, f"{suite.name}-{sample.doc_id}"]
    found = next((by_id[name] for name in names if name in by_id), None)
    if found is None:
        return f"document {sample.doc_id} is no case of suite {suite.name}"
    asked = " ".join(found.prompt.split())
    said = [" ".join(value.split()) for value in sample.doc.values() if isinstance(value, str)]
    if not any(text and (text in asked or asked in text) for text in said):
        return f"document {sample.doc_id} asks something else than case {found.id}"
    return found


def read_sample(sample: Sample, suite: str, case: Case, arm: str) -> Answer | str:
    """The answer in a sample, or why it is none."""
    first = sample.resps[0] if sample.resps else None
    if case.choices:
        return _likeliest(sample, suite, case, arm)
    text = first[0] if isinstance(first, list) and first else first
    if not isinstance(text, str):
        return "holds no generated text"
    return Answer(suite, case.id, arm, text=text)


def _likeliest(sample: Sample, suite: str, case: Case, arm: str) -> Answer | str:
    try:
        scores = [_log_likelihood(response) for response in sample.resps]
    except (TypeError, ValueError, IndexError):
        return "holds no log-likelihoods of its choices"
    if len(scores) != len(case.choices):
        return f"scores {len(scores)} choices, the case has {len(case.choices)}"
    best = max(range(len(scores)), key=scores.__getitem__)
    return Answer(suite, case.id, arm, text=case.choices[best], choice=best)


def _log_likelihood(response: Any) -> float:
    """`[[-2.6, false]]` or `["-2.6", "False"]`: the first number in it."""
    while isinstance(response, list):
        response = response[0]
    return float(response)
