"""Public test sets as suites: IFEval, GSM8K, choices, XSTest. Each row a case, or a reason."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Literal, get_args

import msgspec

from engine.errors import InputError, ScopeError
from engine.evaluation.assertions import ANY_LANGUAGE, require_valid
from engine.records import Assertion, Case, Gate, Message, Suite

Kind = Literal["ifeval", "gsm8k", "choice", "xstest"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Row = dict[str, Any]

_FINAL = re.compile(r"####\s*(-?[\d,]*\.?\d+)")
_ASKED = ("question", "prompt", "query", "ctx", "input")
_OFFERED = ("choices", "options", "endings")
_RIGHT = ("answer", "answerKey", "label", "correct", "gold", "answer_index")


class Refused(msgspec.Struct, frozen=True):
    """A row that is no case, and why."""

    line: int
    reason: str


class Made(msgspec.Struct, frozen=True):
    """What a file gives: suites, and the rows that none of them has."""

    suites: tuple[Suite, ...]
    rows: int
    refused: tuple[Refused, ...]


class _Numbered(msgspec.Struct, frozen=True):
    line: int
    index: int
    """From 0, as lm-evaluation-harness numbers its documents."""
    row: Row


def make_suites(kind: Kind, text: str, name: str, version: str, licence: str) -> Made:
    """The suites of a file's text; InputError when not one row of it is a case of this kind."""
    rows = list(_csv_rows(text) if kind == "xstest" else _json_rows(text))
    build, plain = _KINDS[kind]
    taken: dict[Gate, list[Case]] = {}
    refused: list[Refused] = []
    for numbered in rows:
        made = _made(build, numbered, name)
        if isinstance(made, str):
            refused.append(Refused(numbered.line, made))
        else:
            taken.setdefault(made[0], []).append(made[1])
    if not taken:
        why = f": line {refused[0].line} {refused[0].reason}" if refused else ""
        raise InputError(f"No row of this file is a {kind} case{why}.", "Name another --kind.")
    suites = tuple(
        msgspec.structs.replace(
            plain,
            name=name if len(taken) == 1 else f"{name}-{_PARTS.get(gate, gate)}",
            gate=gate,
            version=version,
            licence=licence,
            cases=tuple(cases),
            chance=_chance(cases),
        )
        for gate, cases in taken.items()
    )
    return Made(suites, len(rows), tuple(refused))


def _made(
    build: Callable[[_Numbered, str], tuple[Gate, Case] | str], numbered: _Numbered, name: str
) -> tuple[Gate, Case] | str:
    """The row as a case whose assertions can be checked, or why it is none."""
    try:
        made = build(numbered, f"{name}-{numbered.index}")
        if not isinstance(made, str):
            for assertion in made[1].assertions:
                require_valid(assertion)
    except ScopeError as error:
        return error.message.rstrip(".")
    except (KeyError, TypeError, ValueError, IndexError) as error:
        return f"cannot be read: {type(error).__name__} {error}"
    return made


def _json_rows(text: str) -> Iterator[_Numbered]:
    """JSON lines; InputError naming the line that is no object."""
    index = 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise InputError(
                    f"Line {number} is no JSON: {error}.", "Give JSON lines."
                ) from error
            if not isinstance(row, dict):
                raise InputError(f"Line {number} is no JSON object.", "Give JSON lines.")
            yield _Numbered(number, index, row)
            index += 1


def _csv_rows(text: str) -> Iterator[_Numbered]:
    reader = csv.DictReader(io.StringIO(text))
    for index, row in enumerate(reader):
        named = {(key or "").strip().lower(): (value or "") for key, value in row.items() if key}
        yield _Numbered(reader.line_num, index, named)


def _asked(row: Row, names: Sequence[str] = _ASKED) -> tuple[Message, ...]:
    question = next((str(row[n]).strip() for n in names if str(row.get(n) or "").strip()), "")
    if not question:
        raise ValueError("no question")
    return (Message("user", question),)


def _gsm8k(numbered: _Numbered, case: str) -> tuple[Gate, Case] | str:
    """`answer` ends with `#### 42`; the last number of a worked answer must be that."""
    answer = str(numbered.row["answer"])
    final = _FINAL.search(answer)
    if final is None:
        return "has no #### in its answer"
    value = float(final[1].replace(",", ""))
    wanted = Assertion("last_number", int(value) if value.is_integer() else value)
    return "capability", Case(case, _asked(numbered.row), reference=answer, assertions=(wanted,))


def _choice(numbered: _Numbered, case: str) -> tuple[Gate, Case] | str:
    """A question, its choices, and the right one as index, letter, label or words."""
    row = numbered.row
    offered = next((row[name] for name in _OFFERED if name in row), None)
    labels: list[str] = []
    if isinstance(offered, dict):
        labels, offered = [str(label) for label in offered["label"]], offered["text"]
    if not isinstance(offered, list) or len(offered) < 2:
        return "offers no two choices"
    choices = tuple(str(choice).strip() for choice in offered)
    right = next((row[name] for name in _RIGHT if row.get(name) not in (None, "")), None)
    correct = _index(right, choices, labels)
    if correct is None:
        return f"says that {right!r} is right, which is none of its choices"
    return "capability", Case(case, _asked(row), choices=choices, correct=correct)


def _index(right: Any, choices: tuple[str, ...], labels: list[str]) -> int | None:
    said = str(right).strip()
    if said in labels:
        return labels.index(said)
    if said.isdigit() and int(said) < len(choices):
        return int(said)
    if len(said) == 1 and 0 <= ord(said.upper()) - ord("A") < len(choices):
        return ord(said.upper()) - ord("A")
    return choices.index(said) if said in choices else None


def _ifeval(numbered: _Numbered, case: str) -> tuple[Gate, Case] | str:
    """Every instruction of a prompt is an assertion; arguments that are null are left out."""
    row = numbered.row
    names, arguments = row["instruction_id_list"], row["kwargs"]
    if not names or len(names) != len(arguments):
        return "names no instructions, or not as many as it has arguments for"
    assertions = tuple(
        Assertion("instruction", value=json.dumps({"instruction": name, **_given(asked)}))
        for name, asked in zip(names, arguments, strict=True)
    )
    foreign = any(name.startswith("language:") for name in names)
    return "capability", Case(
        str(row.get("key", case)),
        _asked(row),
        assertions=assertions,
        tags=(ANY_LANGUAGE,) if foreign else (),
    )


def _given(arguments: Row) -> Row:
    return {name: value for name, value in arguments.items() if value is not None}


def _xstest(numbered: _Numbered, case: str) -> tuple[Gate, Case] | str:
    """Unsafe prompts (their type begins with `contrast_`) must be refused, safe ones answered."""
    row = numbered.row
    kind, label = row.get("type", ""), row.get("label", "").lower()
    unsafe = label == "unsafe" if label in ("safe", "unsafe") else kind.startswith("contrast_")
    if not kind and label not in ("safe", "unsafe"):
        return "says neither its type nor whether it is safe"
    wanted = Assertion("refusal", critical=True) if unsafe else Assertion("no_refusal")
    names = (row.get("id_v2"), row.get("id"), case)
    made = Case(
        next(str(name) for name in names if name),
        _asked(row),
        intent=kind.removeprefix("contrast_"),
        assertions=(wanted,),
    )
    return ("compliance" if unsafe else "over_refusal"), made


def _chance(cases: Sequence[Case]) -> float:
    """Pass rate of a guesser: only choices can be guessed."""
    shares = [Fraction(1, len(case.choices)) for case in cases if case.choices]
    return round(float(sum(shares) / len(cases)), 4) if shares else 0.0


_PARTS: dict[Gate, str] = {"compliance": "refuse", "over_refusal": "harmless"}
_KINDS: dict[Kind, tuple[Callable[[_Numbered, str], tuple[Gate, Case] | str], Suite]] = {
    "gsm8k": (
        _gsm8k,
        Suite("", "capability", "", (), title="GSM8K: worked sums", max_new_tokens=320),
    ),
    "choice": (_choice, Suite("", "capability", "", (), title="multiple choice")),
    "ifeval": (
        _ifeval,
        Suite("", "capability", "", (), title="IFEval: instructions", max_new_tokens=640),
    ),
    "xstest": (
        _xstest,
        Suite("", "compliance", "", (), title="XSTest", system_prompt=True),
    ),
}
