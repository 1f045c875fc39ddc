"""Blind judging: answers of two arms side by side, which is which hidden until the end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from statistics import median

import msgspec

from engine.delivery.contents import BlindTally
from engine.evaluation.evidence import BASE_AND_TUNED, Arms
from engine.evaluation.statistics import mcnemar_mid_p
from engine.records import Case
from engine.steps import compare, review, train
from engine.steps.compare import Compared
from engine.store import blind, runs, sessions
from engine.store.blind import BlindChoice, Choice
from engine.store.sessions import Session
from engine.workspace import Workspace

PAIRS = 50
"""Pairs of a sitting: 32 of 50 for one arm are significant."""


class BlindPair(msgspec.Struct, frozen=True):
    """One case with both answers, in an order that a seed decides."""

    suite: str
    case: Case
    left_arm: str
    left: str
    right: str


class Sitting(msgspec.Struct, frozen=True):
    """The pairs of one person, and what they have chosen so far."""

    session: Session
    run: int
    arms: Arms
    pairs: tuple[BlindPair, ...]
    choices: dict[tuple[str, str], BlindChoice]
    """The last choice of each case, by suite and id."""

    @property
    def next(self) -> int:
        """Index of the first pair without a choice; as many as there are when all have one."""
        open_pairs = (i for i, p in enumerate(self.pairs) if not self.is_done(p))
        return next(open_pairs, len(self.pairs))

    def is_done(self, pair: BlindPair) -> bool:
        """Whether the person has chosen."""
        return (pair.suite, pair.case.id) in self.choices


def sit_down(
    workspace: Workspace,
    slug: str,
    run_id: int | None = None,
    arms: Arms = BASE_AND_TUNED,
    *,
    suite: str = "",
    limit: int = PAIRS,
) -> Sitting:
    """The pairs of whoever sits here, always the same ones in the same order: it can be resumed.

    suite: only its cases; the domain ones when empty. Cases whose answers are equal are left out.
    """
    run = train.chosen(workspace, slug, run_id)
    run = runs.get(workspace.store, run.parent) if run.parent else run
    session = sessions.get(workspace.store, slug)
    found = compare.compare(workspace, run.id, *arms)
    review.count_look(workspace, session, found)
    seed = f"{run.id}\n{arms[0]}\n{arms[1]}\n{workspace.who}"
    rows = [r for r in found.rows if _is_asked(r, suite)]
    ordered = sorted(rows, key=lambda r: _drawn(seed, "order", r))[:limit]
    chosen = _last(_own(workspace, run.id, arms, workspace.who))
    pairs = tuple(_pair(seed, row, arms) for row in ordered)
    return Sitting(session, run.id, arms, pairs, chosen)


def _is_asked(row: Compared, suite: str) -> bool:
    wanted = row.suite == suite if suite else row.gate == "domain"
    both = row.base is not None and row.tuned is not None
    return wanted and both and row.differs and not row.case.choices


def _drawn(seed: str, what: str, row: Compared) -> bytes:
    """As good as random, and the same at every sitting."""
    return hashlib.sha256(f"{seed}\n{what}\n{row.suite}\n{row.case.id}".encode()).digest()


def _pair(seed: str, row: Compared, arms: Arms) -> BlindPair:
    assert row.base is not None, "asked only with both answers"
    assert row.tuned is not None, "asked only with both answers"
    swapped = bool(_drawn(seed, "side", row)[0] & 1)
    left, right = (row.tuned, row.base) if swapped else (row.base, row.tuned)
    return BlindPair(row.suite, row.case, arms[int(swapped)], left.text, right.text)


def choose(
    workspace: Workspace, sitting: Sitting, pair: BlindPair, choice: Choice, seconds: float
) -> BlindChoice:
    """Keep a choice; a later one for the same case counts instead."""
    made = BlindChoice(
        first=sitting.arms[0],
        second=sitting.arms[1],
        suite=pair.suite,
        case_name=pair.case.id,
        left_arm=pair.left_arm,
        choice=choice,
        seconds=round(seconds, 2),
        at="",
        who=workspace.who,
    )
    blind.add(workspace.store, sitting.run, made)
    return made


def tally(who: str, arms: Arms, choices: Iterable[BlindChoice]) -> BlindTally:
    """What a person's choices come to: the sign test (mid-p), ties dropped."""
    made = list(choices)
    first, second = (sum(c.preferred == arm for c in made) for arm in arms)
    return BlindTally(
        who=who,
        arms=arms,
        pairs=len(made),
        first=first,
        second=second,
        same=sum(c.choice == "same" for c in made),
        neither=sum(c.choice == "neither" for c in made),
        p=mcnemar_mid_p(first, second),
        seconds=median(c.seconds for c in made) if made else 0.0,
    )


def tallies(workspace: Workspace, run_id: int, arms: Arms = BASE_AND_TUNED) -> list[BlindTally]:
    """A tally for each person who chose between these arms of a run."""
    every = blind.every(workspace.store, run_id)
    people = dict.fromkeys(c.who for c in every if (c.first, c.second) == arms)
    return [tally(who, arms, _last(_own(workspace, run_id, arms, who)).values()) for who in people]


def _own(workspace: Workspace, run_id: int, arms: Arms, who: str) -> list[BlindChoice]:
    every = blind.every(workspace.store, run_id)
    return [c for c in every if c.who == who and (c.first, c.second) == arms]


def _last(choices: Sequence[BlindChoice]) -> dict[tuple[str, str], BlindChoice]:
    return {(c.suite, c.case_name): c for c in choices}
