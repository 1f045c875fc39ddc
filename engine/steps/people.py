"""Who decided how much in a session, and how far the deciders agree."""

from __future__ import annotations

import msgspec

from engine.curation.agreement import Agreement, Opinions, agreements
from engine.store import opinions, sessions
from engine.workspace import Workspace


class Reviewer(msgspec.Struct, frozen=True):
    """What one person decided, as it stands."""

    who: str
    accepted: int
    rejected: int


class People(msgspec.Struct, frozen=True):
    """Everybody who decides in a session."""

    reviewers: tuple[Reviewer, ...]
    """Most decisions first."""
    agreements: tuple[Agreement, ...]
    """Pairs of people over the examples that came to both; one person twice is self-agreement."""


def people(workspace: Workspace, slug: str) -> People:
    """Read it from the decisions; raises NotFoundError for an unknown session."""
    session = sessions.get(workspace.store, slug)
    pairs = opinions.pairs(workspace.store, session.id)
    return People(
        tuple(Reviewer(*line) for line in opinions.by_person(workspace.store, session.id)),
        tuple(agreements(Opinions(*pair) for pair in pairs)),
    )


def in_words(agreement: Agreement) -> str:
    """`mara and tom agree on 46 of 50, kappa 0.81`."""
    one, other = agreement.people
    who = f"{one} agrees with their earlier self" if one == other else f"{one} and {other} agree"
    kappa = "" if agreement.kappa is None else f", kappa {agreement.kappa:.2f}"
    return f"{who} on {agreement.agreed} of {agreement.n}{kappa}"
