"""The end of step 2: the accepted examples are divided, and the held-out set is sealed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.curation import duplicates
from engine.curation import split as splitting
from engine.errors import StateError
from engine.records import Case
from engine.steps import held_out as held_out_cases
from engine.steps.intake import case_of
from engine.store import cases, examples, sessions
from engine.store.examples import StoredExample
from engine.store.sessions import Session
from engine.workspace import Workspace

SPLIT_ORIGIN = "split"


class SplitMade(msgspec.Struct, frozen=True):
    """How many examples and cases each part holds."""

    train: int
    validation: int
    held_out_examples: int
    cases: int
    seed: int


class _Division(msgspec.Struct, frozen=True):
    """A split that has not been written yet."""

    session: Session
    accepted: dict[int, StoredExample]
    train: tuple[int, ...]
    validation: tuple[int, ...]
    held_out: tuple[int, ...]
    """Ids that become held-out cases now."""
    kept: tuple[int, ...]
    """Ids that became held-out cases in an earlier split; the seal is on them."""


class Foreseen(msgspec.Struct, frozen=True):
    """What a split would do, for the operator to confirm in numbers."""

    made: SplitMade
    sealed_at: str | None
    """When the held-out set was sealed, if it was; then it stays as it is."""
    undecided: int
    """Examples that no decision has been made about; they stay out."""
    unbacked: int
    """Held-out cases whose assertions nobody has confirmed; see `held_out.HeldOut.unbacked`."""


def foresee(
    workspace: Workspace, slug: str, *, held_out: float | None = None, seed: int = 7
) -> Foreseen:
    """What `split` would do with the same arguments. Raises as it does; writes nothing."""
    division = _divide(workspace, slug, held_out, seed)
    session = division.session
    counts = examples.counts(workspace.store, session.id)
    present = cases.count(workspace.store, session.id)
    if session.sealed_at is None:
        present += len(division.held_out)
        _assert_any(present)
    made = _made(division, present, seed)
    return Foreseen(
        made=made,
        sealed_at=session.sealed_at,
        undecided=counts["undecided"] + counts["later"],
        unbacked=held_out_cases.overview(workspace, slug).unbacked,
    )


def split(
    workspace: Workspace, slug: str, *, held_out: float | None = None, seed: int = 7
) -> SplitMade:
    """Divide the accepted examples and seal the held-out set.

    held_out: share of the accepted examples that become held-out cases; when None, a fifth
    if no case was imported, else none. A sealed set stays as it is: splitting again only
    divides the rest anew. Conversations and near-duplicate clusters stay whole.
    """
    division = _divide(workspace, slug, held_out, seed)
    session = division.session
    with workspace.store.transaction():
        examples.set_parts(
            workspace.store,
            session.id,
            {
                "train": division.train,
                "validation": division.validation,
                "held_out": [*division.held_out, *division.kept],
            },
        )
        if session.sealed_at is None:
            _seal(workspace, session, division.accepted, division.held_out)
    return _made(division, cases.count(workspace.store, session.id), seed)


def _divide(workspace: Workspace, slug: str, held_out: float | None, seed: int) -> _Division:
    from engine.curation.index import Index

    session = sessions.get(workspace.store, slug)
    accepted = examples.every(workspace.store, session.id, "accepted")
    if len(accepted) < 10:
        raise StateError(
            f"Only {len(accepted)} examples are accepted.", "Accept at least 10 before a split."
        )
    kept = tuple(s.id for s in accepted if s.part == "held_out") if session.sealed_at else ()
    numbered = examples.numbered(s for s in accepted if s.id not in set(kept))
    share = 0.0 if session.sealed_at else _held_out_share(workspace, session, held_out)
    clusters = duplicates.clusters(Index.of(numbered, session.scope))
    made = splitting.split(numbered, clusters, validation=0.1, held_out=share, seed=seed)
    if not (made.train and made.validation):
        raise StateError(
            "The accepted examples are too much alike to be divided: near-duplicates and"
            " conversations stay together.",
            "Accept more, and more varied ones.",
        )
    by_id = {s.id: s for s in accepted}
    return _Division(session, by_id, made.train, made.validation, made.held_out, kept)


def _made(division: _Division, present: int, seed: int) -> SplitMade:
    reserved = len(division.held_out) + len(division.kept)
    return SplitMade(len(division.train), len(division.validation), reserved, present, seed)


def _held_out_share(workspace: Workspace, session: Session, asked: float | None) -> float:
    if asked is not None:
        return asked
    return 0.0 if cases.count(workspace.store, session.id) else 0.2


def _seal(
    workspace: Workspace,
    session: Session,
    accepted: dict[int, StoredExample],
    held_out: Sequence[int],
) -> None:
    """Turn the held-out examples into cases and seal the set; StateError when it is empty."""
    made: list[Case] = [
        case_of(f"#{i}", accepted[i].example, session.scope) for i in sorted(held_out)
    ]
    cases.remove_origin(workspace.store, session.id, SPLIT_ORIGIN)
    cases.add(workspace.store, session.id, SPLIT_ORIGIN, made)
    sealed = cases.every(workspace.store, session.id)
    _assert_any(len(sealed))
    sessions.seal(workspace.store, session.id, cases.digest(sealed))


def _assert_any(count: int) -> None:
    if not count:
        raise StateError(
            "There is no held-out case.", "Import some as held-out, or split off a share."
        )
