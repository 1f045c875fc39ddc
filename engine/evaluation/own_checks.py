"""Checks that a user writes in Python: run only when asked for, in a process of their own.

Nothing here runs by itself. A person names the file (`strop judge SESSION --python FILE`), it is
copied into the run folder, and each answer is handed to a function of it in another process with a
time limit. That process is no sandbox: it may do what the user may do.

    def polite(answer: str, prompt: str, reference: str) -> bool | str:
        '''True or "" holds; False, or a reason in words, does not.'''
"""

from __future__ import annotations

import ast
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from engine.errors import InputError
from engine.records import Answer, Case, OwnOutcome

LIMIT_S = 10.0
"""Seconds for the answers of one batch: a check looks at words, it computes nothing."""
BATCH = 50
MOST_REASON = 300
"""Characters of a reason that are kept."""

_RUNNER = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("own_checks", sys.argv[1])
module = importlib.util.module_from_spec(spec)
out, sys.stdout = sys.stdout, sys.stderr
spec.loader.exec_module(module)
for line in sys.stdin:
    asked = json.loads(line)
    try:
        found = getattr(module, asked["function"])(
            answer=asked["answer"], prompt=asked["prompt"], reference=asked["reference"])
        if isinstance(found, str):
            passed, reason = not found, found
        else:
            passed, reason = bool(found), "" if found else "does not hold"
        said = {"passed": passed, "reason": str(reason)}
    except Exception as error:
        reason = "the check raised %s: %s" % (type(error).__name__, error)
        said = {"passed": False, "reason": reason}
    out.write(json.dumps(said) + "\\n")
    out.flush()
"""


class OwnCheck(msgspec.Struct, frozen=True):
    """A file of checks as it stands in a run folder."""

    path: Path
    sha256: str

    @property
    def name(self) -> str:
        """The file's name, as assertions say it: `checks.py:polite`."""
        return self.path.name


class Question(msgspec.Struct, frozen=True):
    """One answer that one function is asked about."""

    function: str
    answer: str
    prompt: str
    reference: str


def read_checks(path: Path) -> OwnCheck:
    """A file of checks with its hash; raises InputError when it cannot be read or parsed."""
    try:
        raw = path.read_bytes()
        ast.parse(raw)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}.", "Name a file of Python.") from error
    except (SyntaxError, ValueError) as error:
        raise InputError(f"{path} is no Python: {error}.", "Correct it.") from error
    return OwnCheck(path, hashlib.sha256(raw).hexdigest())


def functions_of(checks: OwnCheck) -> frozenset[str]:
    """Names of the functions that a file defines; nothing of it is run."""
    parsed = ast.parse(checks.path.read_bytes())
    return frozenset(node.name for node in parsed.body if isinstance(node, ast.FunctionDef))


def split_value(value: object) -> tuple[str, str]:
    """`checks.py:polite` as file and function; empty where it is neither."""
    file, _, function = str(value or "").partition(":")
    return (file, function) if file.endswith(".py") and function.isidentifier() else ("", "")


def question_for(function: str, case: Case, answer: Answer) -> Question:
    """What a function is asked about an answer."""
    return Question(function, answer.text, case.prompt, case.reference)


def key_of(sha256: str, question: Question) -> str:
    """Under what an outcome is kept: another file or another answer is another question."""
    asked = msgspec.json.encode([sha256, question])
    return hashlib.sha256(asked).hexdigest()


def run(checks: OwnCheck, questions: Sequence[Question]) -> list[OwnOutcome]:
    """Ask a file's functions; an answer on which one hangs or dies has not held."""
    found: list[OwnOutcome] = []
    while len(found) < len(questions):
        batch = questions[len(found) : len(found) + BATCH]
        said, trouble = _run_batch(checks, batch)
        found += said if len(said) == len(batch) else [*said, OwnOutcome(False, trouble)]
    return found


def _run_batch(checks: OwnCheck, questions: Sequence[Question]) -> tuple[list[OwnOutcome], str]:
    """The outcomes that came, in order, and why there are no more."""
    asked = b"".join(msgspec.json.encode(question) + b"\n" for question in questions)
    trouble = "the check ended without an answer"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-I", "-c", _RUNNER, str(checks.path.resolve())]
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={"PATH": os.defpath},
        ) as process:
            try:
                written, _ = process.communicate(asked, timeout=LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                written, _ = process.communicate()
                trouble = f"the check took longer than {LIMIT_S:g} s"
    return list(_outcomes(written))[: len(questions)], trouble


def _outcomes(written: bytes) -> Iterator[OwnOutcome]:
    """Whole lines up to the first that is none of ours."""
    for line in written.split(b"\n")[:-1]:
        try:
            one = msgspec.json.decode(line, type=OwnOutcome)
        except (msgspec.DecodeError, msgspec.ValidationError):
            return
        yield OwnOutcome(one.passed, one.reason[:MOST_REASON])
