"""Which model's chat template the rows of a session are held against."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine import models
from engine.errors import ModelError
from engine.recipe import Recipe
from engine.scope import Scope
from engine.store import runs
from engine.store.sessions import Session
from engine.workspace import Workspace


def scope_with_model(workspace: Workspace, session: Session) -> Scope:
    """The session's scope, `checks.template.model` settled to the folder of a model.

    The scope's own choice, else the model that trained last, else the one that trains by default.
    A model that is not on this machine keeps its name: the check says so.
    """
    checks = session.scope.checks
    name = checks.template.model or _last_model(workspace, session.id) or Recipe().model
    template = msgspec.structs.replace(checks.template, model=_folder(workspace, name))
    settled = msgspec.structs.replace(checks, template=template)
    return msgspec.structs.replace(session.scope, checks=settled)


def _last_model(workspace: Workspace, session_id: int) -> str:
    trained = [r for r in runs.every(workspace.store, session_id) if r.kind == "train"]
    return trained[-1].recipe.model if trained and trained[-1].recipe else ""


def _folder(workspace: Workspace, name: str) -> str:
    try:
        found = models.resolve(workspace.models, name)
    except ModelError:
        return name
    return found if Path(found).is_dir() else _downloaded(found)


def _downloaded(hub_id: str) -> str:
    """The folder of a hub model that was loaded here before; nothing is fetched."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(hub_id, "tokenizer.json")
    return str(Path(found).parent) if isinstance(found, str) else hub_id
