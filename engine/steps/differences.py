"""What two training runs differ in: settings, rows, split, scope, base model, libraries."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from engine import models
from engine import recipe as recipes
from engine.errors import RunError, StropError
from engine.recipe import Recipe
from engine.records import Example
from engine.rendering.tokenizer import template_hash
from engine.runs.folder import Job, RunFolder
from engine.runs.versions import versions
from engine.scope import scope_hash
from engine.steps import rows
from engine.store import runs
from engine.store.runs import Run
from engine.store.sessions import Session
from engine.workspace import Workspace

_NAMES = {"guard": "general rows", "scope": "scope", "template": "chat template"}


class Difference(msgspec.Struct, frozen=True):
    """One thing in which two runs differ; before and after are empty where words say nothing."""

    name: str
    before: str = ""
    after: str = ""

    @property
    def in_words(self) -> str:
        """`learning_rate 0.001 to 0.0003`, or `scope changed`."""
        if not self.before and not self.after:
            return f"{self.name} changed"
        return f"{self.name} {self.before} to {self.after}"


class Basis(msgspec.Struct, frozen=True):
    """Everything that decides what a run learns."""

    recipe: Recipe
    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    hashes: Mapping[str, str]
    versions: Mapping[str, str]


def last_trained(workspace: Workspace, session_id: int) -> Run | None:
    """The newest run of a session that has done a step; one that was only looked at is none."""
    found = reversed(runs.every(workspace.store, session_id))
    return next((r for r in found if r.kind == "train" and _has_trained(workspace, r)), None)


def _has_trained(workspace: Workspace, run: Run) -> bool:
    folder = RunFolder(runs.folder_of(run, workspace.runs))
    try:
        folder.job()
        return folder.state().phase == "done" or _has_steps(folder)
    except RunError:
        return False


def _has_steps(folder: RunFolder) -> bool:
    return any(metric.step > 0 for metric in folder.metrics())


def basis_of(folder: RunFolder) -> Basis:
    """What a run was made from; raises RunError when its folder is damaged."""
    job: Job = folder.job()
    return Basis(
        recipe=job.recipe,
        train=tuple(folder.examples("train")),
        validation=tuple(folder.examples("validation")),
        hashes=job.hashes,
        versions=job.versions,
    )


def basis_of_next(workspace: Workspace, session: Session, recipe: Recipe) -> Basis:
    """What a run with this recipe would be made from now."""
    parts = rows.accepted(workspace, session.id)
    hashes = {"scope": scope_hash(session.scope), "guard": rows.rows_hash(rows.guard_rows())}
    try:
        hashes["template"] = template_hash(models.resolve(workspace.models, recipe.model))
    except StropError:
        # A model that is not here is the preflight's to say.
        hashes["template"] = ""
    known = versions(recipe.engine)
    return Basis(recipe, tuple(parts["train"]), tuple(parts["validation"]), hashes, known)


def compare(before: Basis, after: Basis) -> tuple[Difference, ...]:
    """Everything that differs, settings first."""
    settings = tuple(
        Difference(name, str(getattr(before.recipe, name)), str(getattr(after.recipe, name)))
        for name in recipes.changed(before.recipe, after.recipe)
    )
    return (*settings, *_of_rows(before, after), *_of_hashes(before, after))


def _of_rows(before: Basis, after: Basis) -> list[Difference]:
    """Rows that came, went or were edited; or the same rows, parted in another way."""
    then, now = _by_row(before), _by_row(after)
    if then == now:
        return []
    if sorted(then) == sorted(now):
        moved = sum(then[row] != part for row, part in now.items())
        if moved:
            return [Difference("split", f"{len(before.train)}", f"{len(after.train)}")]
        return []
    came, went = len(now.keys() - then.keys()), len(then.keys() - now.keys())
    gone = f"{went} gone" if went else ""
    new = f"{came} new" if came else ""
    counts = f"{len(after.train)} ({', '.join(word for word in (new, gone) if word)})"
    return [Difference("training rows", str(len(before.train)), counts)]


def _by_row(basis: Basis) -> dict[bytes, str]:
    encoder = msgspec.json.Encoder()
    parts = {"train": basis.train, "validation": basis.validation}
    return {encoder.encode(row): part for part, found in parts.items() for row in found}


def _of_hashes(before: Basis, after: Basis) -> list[Difference]:
    """What only its hash tells; another model brings another template, which is one thing."""
    same_model = before.recipe.model == after.recipe.model
    found = []
    for key, name in _NAMES.items():
        then, now = before.hashes.get(key), after.hashes.get(key)
        if then and now and then != now and (key != "template" or same_model):
            found.append(Difference(name))
    return [*found, *_of_libraries(before.versions, after.versions)]


def _of_libraries(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    known = before.keys() & after.keys()
    return [
        Difference(name, before[name], after[name])
        for name in sorted(known)
        if before[name] != after[name]
    ]


def warning(count: int) -> str:
    """What more than one difference means for a comparison; empty for less."""
    if count < 2:
        return ""
    return f"{count} things differ: the comparison will not tell which mattered."
