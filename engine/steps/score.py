"""Scoring in the background: what the base model finds hard, and what it would answer by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice

import msgspec

from engine import models
from engine.curation import queue
from engine.errors import InputError, StateError
from engine.recipe import Recipe
from engine.runs import launch, scoring
from engine.runs.folder import Job, RunFolder, write_atomically, write_lines
from engine.runs.scoring import Place, ScoreRow
from engine.runs.versions import versions
from engine.scope import scope_hash
from engine.steps import caching, status
from engine.steps.status import RunLine
from engine.store import examples, findings, runs, scores, sessions
from engine.store.connection import now
from engine.store.examples import StoredExample
from engine.store.scores import Counts, Reading, Score
from engine.store.sessions import Session
from engine.workspace import Workspace

SCORING = "scoring-1"
"""Version of how losses and answers are computed; a new one makes old scores unusable."""
CHUNK = 2_000
"""Lines taken over in one transaction: decisions wait for no more than that."""


class Wish(msgspec.Struct, frozen=True):
    """What is to be scored, beyond the losses that are missing."""

    answers: int = 0
    """How many examples the base model answers, first in the queue first."""
    limit: int | None = None
    """Measure no more losses than this, but those of examples that are answered."""
    examples: tuple[int, ...] = ()
    """Ids that are answered whatever their place."""
    model: str | None = None
    """Instead of the one the session was trained on last."""


class Started(msgspec.Struct, frozen=True):
    """A score run that has been started."""

    run: int
    folder: str
    losses: int
    """Examples that are measured."""
    answers: int
    """Examples that are answered at most."""


def start(workspace: Workspace, slug: str, wish: Wish | None = None) -> Started:
    """Score in the background what has no score yet under the conditions of today.

    Raises StateError when the session is being scored already or nothing is left to score,
    ModelError when the model is not there, NotFoundError when an example is not.
    """
    wish = wish or Wish()
    folder = prepare(workspace, slug, wish)
    launch.launch(folder)
    losses = sum(not row.is_measured for row in scoring.rows(folder))
    answers = wish.answers + len(wish.examples)
    return Started(folder.job().run, str(folder.path), losses, answers)


def prepare(workspace: Workspace, slug: str, wish: Wish) -> RunFolder:
    """Make the folder of a score run; starts nothing. Raises as `start` does."""
    if wish.answers < 0 or (wish.limit or 0) < 0:
        raise InputError("A number of examples cannot be negative.", "Give 0 or more.")
    take_over(workspace, slug)
    before = newest(workspace, slug)
    if before is not None and before.alive:
        raise StateError(f"Run {before.run} is scoring this session.", "Watch it, or pause it.")
    session = sessions.get(workspace.store, slug)
    recipe = _recipe(workspace, session, wish.model)
    model = models.resolve(workspace.models, recipe.model)
    conditions = _conditions(recipe, model, session)
    scores.refuse_strangers(workspace.store, session.id, wish.examples)
    rows = _Rows(workspace, session, conditions, wish)
    if not rows.is_work:
        raise StateError(
            "Every example that is not rejected has its score.",
            "Import more, or ask for more answers.",
        )
    digest = scope_hash(session.scope)
    run = runs.add(workspace.store, session.id, "score", workspace.who, recipe, digest)
    scores.register(workspace.store, run.id, session.id, model, conditions)
    folder = RunFolder(runs.folder_of(run, workspace.runs))
    write_lines(scoring.rows_file(folder), rows)
    job = Job(
        run=run.id,
        kind="score",
        session=slug,
        model=model,
        recipe=recipe,
        system_prompt=session.scope.system_prompt,
        arms=("base",),
        answers=wish.answers,
        hashes={"scope": digest, "examples": caching.file_hash(scoring.rows_file(folder))},
        versions=versions(),
        created=now(),
    )
    write_atomically(folder.job_file, msgspec.json.format(msgspec.json.encode(job)))
    return folder


def take_over(workspace: Workspace, slug: str) -> int:
    """Bring into the store what score runs have found since the last time; answers how many lines.

    Reads only what is new. Several processes may do it at once: each line is taken over once.
    """
    session = sessions.get(workspace.store, slug)
    return sum(_take(workspace, r) for r in scores.readings(workspace.store, session.id))


def _take(workspace: Workspace, begun: Reading) -> int:
    """The rest of one run's lines, some at a time."""
    folder = RunFolder(runs.folder_of(runs.get(workspace.store, begun.run), workspace.runs))
    taken, place = 0, begun.place
    while True:
        found, further = scoring.read_from(folder, place, CHUNK)
        if not found:
            return taken
        if not scores.add(workspace.store, Reading(begun.run, place), found, further):
            return taken
        taken, place = taken + len(found), further


def newest(workspace: Workspace, slug: str) -> RunLine | None:
    """The session's last score run: whether it waits, works, or how it ended."""
    session = sessions.get(workspace.store, slug)
    lines = status.run_lines(workspace, session.id)
    return next((line for line in reversed(lines) if line.kind == "score"), None)


def progress(workspace: Workspace, slug: str) -> Counts:
    """How many examples of a session have which score, under the conditions of today."""
    session = sessions.get(workspace.store, slug)
    recipe = _recipe(workspace, session, None)
    model = models.resolve(workspace.models, recipe.model)
    return scores.count(workspace.store, session.id, _conditions(recipe, model, session))


def _recipe(workspace: Workspace, session: Session, model: str | None) -> Recipe:
    """As the session was trained or scored the last time, or as it would be."""
    made = [r for r in runs.every(workspace.store, session.id) if r.kind in ("train", "score")]
    recipe = made[-1].recipe if made else Recipe()
    return recipe if model is None else msgspec.structs.replace(recipe, model=model)


def _conditions(recipe: Recipe, model: str, session: Session) -> str:
    """Hash over what decides a score besides the text; the template is a file of the model."""
    decides = [
        SCORING,
        caching.model_identity(model),
        caching.weights_as(recipe),
        recipe.max_length,
        session.scope.system_prompt,
    ]
    return hashlib.sha256(msgspec.json.encode(decides)).hexdigest()


class _Rows:
    """The examples of a score run, read chunk by chunk: those without a loss, and those that may be
    the first in the queue once all losses are known.
    """

    def __init__(self, workspace: Workspace, session: Session, conditions: str, wish: Wish) -> None:
        self._store, self._conditions, self._wish = workspace.store, conditions, wish
        found = findings.every(workspace.store, session.id)
        self._urgent = frozenset(queue.urgent(found))
        queued, accepted = scores.candidates(workspace.store, session.id)
        self._waiting = frozenset(queued)
        self._ids = list(dict.fromkeys([*queued, *accepted, *wish.examples]))
        self._wanted = dict.fromkeys([*queued[: wish.answers], *wish.examples])
        counts = scores.count(workspace.store, session.id, conditions)
        self._is_measured = counts.measured == counts.total

    @property
    def is_work(self) -> bool:
        """Whether there is anything to measure or to answer."""
        if not self._is_measured and self._wish.limit != 0:
            return True
        return not all(row.is_answered for row in self._read(list(self._wanted)))

    def __iter__(self) -> Iterator[ScoreRow]:
        room = self._wish.limit
        for row in self._read(self._ids):
            if not row.is_measured and room != 0:
                room = None if room is None else room - 1
                yield row
            elif row.id in self._wanted:
                yield row

    def _read(self, ids: list[int]) -> Iterator[ScoreRow]:
        rest = iter(ids)
        while part := list(islice(rest, scores.AT_ONCE)):
            known = scores.of_some(self._store, part)
            stored = examples.some(self._store, part)
            yield from (self._row(stored[i], known.get(i)) for i in part)

    def _row(self, stored: StoredExample, known: Score | None) -> ScoreRow:
        score = known if known and known.conditions == self._conditions else None
        place: Place = "urgent" if stored.id in self._urgent else "turn"
        return ScoreRow(
            id=stored.id,
            fingerprint=examples.fingerprint(stored.example),
            example=stored.example,
            place=place if stored.id in self._waiting else "none",
            is_asked=stored.id in self._wish.examples,
            is_answered=score is not None and score.answer is not None,
            is_measured=score is not None and score.tokens is not None,
            loss=score.loss if score else None,
        )
