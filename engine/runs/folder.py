"""The files of a run folder, and how they are read and written.

Every struct here is one JSON object in one of the folder's files. The folder is
self-contained: copied to another machine it can be watched, resumed or reproduced there.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal, TypeVar

import msgspec

from engine.errors import RunError
from engine.recipe import Recipe
from engine.records import Answer, Example, Suite

Kind = Literal["train", "answer", "score"]
Phase = Literal[
    "prepared",
    "waiting",
    "loading",
    "preflight",
    "ready",
    "baseline",
    "training",
    "answering",
    "scoring",
    "done",
    "paused",
    "stopped",
    "blocked",
    "failed",
]
ENDED: frozenset[str] = frozenset({"done", "paused", "stopped", "blocked", "failed", "ready"})
Command = Literal["pause", "stop", "checkpoint"]
LOCK_TRIES = 5
FORMAT = 1
"""Of the run folder; raised when an earlier strop could no longer go on with one."""


class Job(msgspec.Struct, frozen=True):
    """job.json: the frozen input of a run."""

    run: int
    kind: Kind
    session: str
    """Slug of the session."""
    model: str
    """Folder or hub id of the base model."""
    recipe: Recipe
    system_prompt: str = ""
    policy_prompt: str = ""
    """System turn of the `prompted` arm: the system prompt with every business rule in it."""
    arms: tuple[str, ...] = ("base", "tuned")
    """Which arms to answer with; a train job answers `base` before and `tuned` after training."""
    suites: tuple[str, ...] = ()
    """Names of the suites in data/suite-NAME.json."""
    adapter: str = ""
    """For answer jobs: folder of the adapter, relative to the run folder."""
    adapters: dict[str, str] = {}
    """For answer jobs: arms that answer with an adapter of their own, and its folder."""
    pinned: tuple[str, ...] = ()
    """User prompts whose answers are sampled while training goes on."""
    answers: int = 0
    """For score jobs: how many examples are answered, first in the queue first."""
    hashes: dict[str, str] = {}
    """SHA-256 of scope, training data, cases and suites at the moment of the freeze."""
    versions: dict[str, str] = {}
    created: str = ""
    """UTC, ISO 8601."""
    format: int = FORMAT
    """Of the run folder. A reader knows its own and all before it."""
    processes: int = 1
    """How many train side by side, a card each; a resume may say another number."""
    series: int = 0
    """Number of the first run of the queue that this one is in; 0 for a run by itself."""
    varies: str = ""
    """The one setting in which the runs of its queue differ."""


class State(msgspec.Struct, frozen=True):
    """state.json: replaced atomically, at most once a second and at each change of phase."""

    phase: Phase
    step: int = 0
    """Steps (training), cases (baseline, answering) or examples (scoring) done in this phase."""
    total: int = 0
    epoch: float = 0.0
    eta_s: float | None = None
    basis: str = ""
    """What the estimate rests on: `3.1 s a step, last 50`."""
    message: str = ""
    """One sentence for people: why it ended, what it waits for."""
    heartbeat: float = 0.0
    """Unix time of this record."""
    device: str = ""
    pid: int = 0
    """For people only; liveness is the lock."""


class Metric(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of metrics.jsonl. `step` counts optimizer steps; the last line of a step wins."""

    step: int
    time: float
    loss: float | None = None
    """Mean loss per trained token of this step, nats."""
    rate: float | None = None
    grad_norm: float | None = None
    tokens_s: float | None = None
    memory: int | None = None
    """Bytes: device memory on CUDA, resident memory elsewhere."""
    gpu_load: float | None = None
    epoch: float | None = None
    validation_loss: float | None = None
    """Mean loss per trained token on the validation rows; at step 0 it is the base model's."""
    general_loss: float | None = None
    """Mean loss per token on a few general texts; at step 0 it is the base model's."""
    divergence: float | None = None
    """Mean KL(base, tuned) per token of the general rows that held this step to the base, nats."""


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of events.jsonl: a sentence for people, fields for programs."""

    time: float
    kind: Literal["phase", "note", "warning", "error", "sample", "checkpoint", "best"]
    text: str
    step: int = 0
    fields: dict[str, str | int | float | bool | None] = {}


class PreflightLine(msgspec.Struct, frozen=True):
    """One checked item: it is fine, deserves a look, or stops the run."""

    check: str
    level: Literal["ok", "warn", "BLOCK"]
    text: str
    hint: str = ""


class Token(msgspec.Struct, frozen=True):
    """One token of a rendered row."""

    text: str
    trained: bool


class Preflight(msgspec.Struct, frozen=True):
    """preflight.json: what the operator sees before a run is allowed to start."""

    lines: tuple[PreflightLine, ...]
    rows: tuple[tuple[Token, ...], ...] = ()
    """A few real rows, token by token, the longest among them."""
    step_s: float = 0.0
    """Seconds of one real optimizer step of the longest batch."""
    answer_s: float = 0.0
    """Seconds of one real generation, per answer."""
    eta_s: float = 0.0
    memory: int = 0
    """Peak bytes in that step."""
    disk: int = 0
    """Bytes the run will write."""
    micro_batch: int = 0
    """Rows per forward pass that fit into memory; 0 when the recipe's number was not tried."""

    @property
    def blocked(self) -> bool:
        """Whether any line stops the run."""
        return any(line.level == "BLOCK" for line in self.lines)


class Outcome(msgspec.Struct, frozen=True):
    """outcome.json: what a training run took in the end, to hold the estimate against."""

    seconds: float
    """Of base answers, training and tuned answers, over all lives of the worker."""
    memory: int
    """Peak bytes, measured as in the preflight."""
    disk: int
    """Bytes of checkpoints and adapter."""


T = TypeVar("T")


class RunFolder:
    """A run's folder and the paths in it. Reading never blocks a writer."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.job_file = self.path / "job.json"
        self.state_file = self.path / "state.json"
        self.preflight_file = self.path / "preflight.json"
        self.outcome_file = self.path / "outcome.json"
        self.metrics_file = self.path / "metrics.jsonl"
        self.events_file = self.path / "events.jsonl"
        self.answers_file = self.path / "answers.jsonl"
        self.log_file = self.path / "worker.log"
        self.lock_file = self.path / "lock"
        self.control = self.path / "control"
        self.data = self.path / "data"
        self.checkpoints = self.path / "checkpoints"
        self.adapter = self.path / "adapter"
        self.looks = self.path / "looks"

    @property
    def name(self) -> str:
        """`0003-train`."""
        return self.path.name

    def job(self) -> Job:
        """The frozen input; raises RunError when it is missing, torn or of a newer strop."""
        job = self._read(self.job_file, Job)
        if job.format > FORMAT:
            raise RunError(
                f"{self.path} is a run folder of format {job.format}; this strop knows {FORMAT}.",
                "Update strop, or go on with the one that made it.",
            )
        return job

    def state(self) -> State:
        """The latest state; a folder that was never launched is `prepared`."""
        if not self.state_file.exists():
            return State(phase="prepared")
        return self._read(self.state_file, State)

    def preflight(self) -> Preflight | None:
        """The preflight, once there is one."""
        return self._read(self.preflight_file, Preflight) if self.preflight_file.exists() else None

    def outcome(self) -> Outcome | None:
        """What the run took, once it is through."""
        return self._read(self.outcome_file, Outcome) if self.outcome_file.exists() else None

    def suite(self, name: str) -> Suite:
        """A suite as it was frozen into this run."""
        return self._read(self.data / f"suite-{name}.json", Suite)

    def examples(self, part: Literal["train", "validation", "guard"]) -> list[Example]:
        """The rows of one part, in file order; empty when the part is not there."""
        return list(read_lines(self.data / f"{part}.jsonl", Example))

    def answers(self) -> list[Answer]:
        """Every whole answer so far; a case answered twice keeps its first answer."""
        first: dict[tuple[str, str, str, int], Answer] = {}
        for answer in read_lines(self.answers_file, Answer):
            first.setdefault((answer.suite, answer.case, answer.arm, answer.repeat), answer)
        return list(first.values())

    def known_answers(self) -> list[Answer]:
        """Answers of earlier runs that this one need not compute again."""
        return list(read_lines(self.data / "known.jsonl", Answer))

    def metrics(self) -> list[Metric]:
        """Every whole metric line, in file order."""
        return list(read_lines(self.metrics_file, Metric))

    def events(self) -> list[Event]:
        """Every whole event, in file order."""
        return list(read_lines(self.events_file, Event))

    def log_tail(self, lines: int = 20) -> list[str]:
        """The last lines of the worker's output (at most the last 64 KiB are read)."""
        if not self.log_file.exists():
            return []
        with self.log_file.open("rb") as handle:
            handle.seek(0, os.SEEK_END)
            handle.seek(max(0, handle.tell() - 65536))
            return handle.read().decode("utf-8", "replace").splitlines()[-lines:]

    def is_alive(self) -> bool:
        """Whether a worker holds the lock: the only truth about liveness."""
        if not self.lock_file.exists():
            return False
        with self.lock_file.open("rb") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            fcntl.flock(handle, fcntl.LOCK_UN)
            return False

    def has_died(self) -> bool:
        """True when a worker ended without saying so: killed, out of memory, power loss."""
        phase = self.state().phase
        return phase not in ENDED and phase != "prepared" and not self.is_alive()

    def command(self, name: Command) -> None:
        """Drop a command for the worker, which looks once a step."""
        self.control.mkdir(exist_ok=True)
        (self.control / name).touch()

    def _read(self, path: Path, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(path.read_bytes(), type=kind)
        except (OSError, msgspec.DecodeError) as error:
            raise RunError(
                f"{path}: {error}", "The folder is damaged or from another version of strop."
            ) from error


def read_lines(path: Path, kind: type[T]) -> Iterator[T]:
    """Decode a JSON-lines file; a torn last line means "not yet" and is left out."""
    if not path.exists():
        return
    decoder = msgspec.json.Decoder(kind)
    with path.open("rb") as handle:
        for line in handle:
            if line.endswith(b"\n") and line.strip():
                yield decoder.decode(line)


def write_lines(path: Path, rows: Iterable[msgspec.Struct]) -> int:
    """Write a whole JSON-lines file aside and rename it; answers the number of rows."""
    encoder = msgspec.json.Encoder()
    count = 0
    aside = path.with_suffix(path.suffix + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with aside.open("wb") as handle:
        for row in rows:
            handle.write(encoder.encode(row) + b"\n")
            count += 1
        handle.flush()
        os.fsync(handle.fileno())
    aside.replace(path)
    return count


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file in one step, so that no reader ever sees half of it."""
    aside = path.with_suffix(path.suffix + ".part")
    with aside.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    aside.replace(path)


def overwrite(path: Path, content: bytes) -> None:
    """Replace a small file's content where it stands, which takes no room on a full disk."""
    with path.open("r+b") as handle:
        handle.write(content)
        handle.truncate()


@contextmanager
def held_lock(path: Path) -> Iterator[None]:
    """Hold an exclusive flock for the length of the block; raises RunError when another has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as handle:
        if not _locked(handle):
            raise RunError(f"{path.parent.name} is already running.", "Watch it instead.")
        yield


def _locked(handle: IO[bytes]) -> bool:
    """Take the lock; a few tries, since `is_alive` holds a shared one for an instant."""
    for _ in range(LOCK_TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            return True
    return False
