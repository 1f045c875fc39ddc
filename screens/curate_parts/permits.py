"""Why something cannot be done with a card, in one sentence for people."""

from __future__ import annotations

from collections.abc import Iterable

from screens.curate_parts.cards import Cards
from screens.curate_parts.words import counted

FEWEST_TO_SPLIT = 10
ON_A_REPEAT = ("curate.accept", "curate.reject", "curate.later", "curate.why")
REPEAT = (
    "This one was decided before and comes again to compare: a accepts, x rejects, space skips."
)


def why_no_decision(action_id: str, cards: Cards) -> str | None:
    """What keeps an action on the card from being done."""
    current = cards.current
    if current is None:
        return "No card is shown: everything is decided, or filtered away."
    if cards.card is not None and cards.card.is_repeat:
        return None if action_id in ON_A_REPEAT else REPEAT
    if action_id in ("curate.accept_cluster", "curate.reject_cluster"):
        cluster = cards.cluster(current)
        if len(cluster) < 2:
            return "No other example is nearly the same as this one."
        return _why_blocked(cluster, cards) if action_id.endswith("accept_cluster") else None
    if action_id in ("curate.accept", "curate.left"):
        return _why_blocked([current.id], cards)
    rival = cards.rival(current)
    if rival is not None and action_id == "curate.right":
        return _why_blocked([rival.id], cards)
    if rival is not None and action_id == "curate.both":
        return _why_blocked([current.id, rival.id], cards)
    return None


def why_no_split(cards: Cards) -> str | None:
    """What keeps the accepted examples from being divided."""
    accepted = cards.counts.statuses["accepted"]
    if accepted < FEWEST_TO_SPLIT:
        said = counted(accepted, "example") if accepted else "No example"
        verb = "are" if accepted > 1 else "is"
        return f"{said} {verb} accepted: a split needs at least {FEWEST_TO_SPLIT}."
    return None


def _why_blocked(ids: Iterable[int], cards: Cards) -> str | None:
    for i in ids:
        blocked = cards.blocked_by(i)
        if blocked is not None:
            remedy = "Edit it, or reject it." if blocked.where == "answer" else "Reject it."
            return f"#{i} cannot be accepted as it is: {blocked.detail}. {remedy}"
    return None
