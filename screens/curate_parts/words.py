"""What the curation screen says: names of checks, statuses, counts and advice."""

from __future__ import annotations

from engine.records import Finding
from engine.steps.split import Foreseen
from engine.store.decisions import REASONS, Reason
from engine.store.examples import Status
from engine.store.queue import COUNTED
from screens.curate_parts.cards import Cards

CHECKS = {
    "schema": "form",
    "conflict": "another answer to the same question",
    "contradiction": "against a rule",
    "leak": "in the held-out set",
    "secret": "secret",
    "personal_data": "personal data",
    "off_scope": "off scope",
    "exact_duplicate": "duplicate",
    "near_duplicate": "nearly a duplicate",
    "refusals": "refusal",
    "balance": "balance",
    "same_opening": "same opening",
    "repetition": "repetition",
    "length_outlier": "length",
    "stale_date": "old date",
    "mojibake": "wrong encoding",
}
"""The checks as people call them."""

REASON_COLUMN = 28

SEVERITIES = ("block", "decide", "review", "warn", "mark")
"""The gravest first."""

SAID: dict[Status, str] = {
    "undecided": "",
    "accepted": "accepted",
    "rejected": "rejected",
    "later": "put off",
}

FILTER_HINT = (
    "Words of the text, #77, status:accepted rejected later edited flagged waiting,"
    " intent:fit, rule:R07, check:leak (or any, none), reason:tone, who:mara, tag:gold,"
    " file:chats. They combine. Empty shows what waits."
)


def by_gravity(findings: list[Finding]) -> list[Finding]:
    """The gravest first, each check's in its own order."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


def detail_for(finding: Finding, example_id: int) -> str:
    """What was found, as it reads on the card of one of its rows.

    A conflict is told from its first row: `says 24 months, the other 9 months (#419)`.
    """
    first = finding.examples[:1]
    if finding.check != "conflict" or first == (example_id,):
        return finding.detail
    told = finding.detail.replace(f" (#{example_id})", "").replace("the other", "this one")
    return f"#{first[0]} {told}"


def check_name(check: str) -> str:
    """A check as people call it."""
    return CHECKS.get(check, check.replace("_", " "))


def reason_name(reason: Reason) -> str:
    """A reason as people call it."""
    return dict(REASONS)[reason]


def counted(number: int, one: str, many: str = "") -> str:
    """`1 example`, `3 examples`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def place_of(cards: Cards) -> str:
    """`3 of 41`, as far as it is known."""
    if cards.matches is None:
        return "looking"
    is_many = cards.matches > COUNTED
    many = f"more than {COUNTED:,}" if is_many else f"{cards.matches:,}"
    at = min(cards.place, cards.matches) if cards.place is not None else None
    return f"{at:,} of {many}" if at is not None else f"of {many}"


def ask_split(foreseen: Foreseen) -> str:
    """What a split will do, in numbers."""
    made, sealed = foreseen.made, foreseen.sealed_at
    parts = [
        f"{counted(made.train, 'example')} to train on, {made.validation} to watch training with"
        f" (validation), {counted(made.cases, 'held-out case')} to judge by."
    ]
    if sealed:
        parts.append("The held-out cases were sealed before and stay as they are.")
    else:
        parts.append(
            "The held-out cases are sealed now: training never sees them, none can be added or"
            " changed, and whoever opens one is counted in the report."
        )
        if made.held_out_examples:
            parts.append(f"{counted(made.held_out_examples, 'accepted example')} become cases.")
        if foreseen.unbacked:
            verb = "rests" if foreseen.unbacked == 1 else "rest"
            parts.append(
                f"{counted(foreseen.unbacked, 'case')} {verb} on proposals that nobody has"
                " confirmed: n, then h, shows them while they can still be changed."
            )
    if foreseen.undecided:
        verb = "waits" if foreseen.undecided == 1 else "wait"
        parts.append(
            f"{counted(foreseen.undecided, 'example')} still {verb} for a decision and"
            f" {'stays' if foreseen.undecided == 1 else 'stay'} out; you can split again."
        )
    return "\n\n".join(parts)


def reason_lines() -> list[str]:
    """The nine reasons in three lines."""
    cells = [f"{n} {said}" for n, (_, said) in enumerate(REASONS, 1)]
    rows = ("".join(f"{c:<{REASON_COLUMN}}" for c in cells[row::3]) for row in range(3))
    return [f"   {row}".rstrip() for row in rows]
