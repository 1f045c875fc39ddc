"""What is decided before everything else: rows that findings bring to the front."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

from engine.records import Finding


def urgent(findings: Sequence[Finding]) -> list[int]:
    """Ids in the order in which they are best decided, each once; all others come in their turn.

    Blockers; conflicting rows side by side; near-duplicate clusters.
    """
    groups: Iterable[int] = (
        *_named(findings, "", "block"),
        *_named(findings, "conflict", "decide"),
        *_named(findings, "near_duplicate", "mark"),
    )
    return list(dict.fromkeys(groups))


def _named(findings: Sequence[Finding], check: str, severity: str) -> list[int]:
    """Rows of the findings of one check (or any) and severity, group by group.

    Findings that share a row are brought together, so that three answers to one question
    follow each other.
    """
    chosen = [f for f in findings if f.severity == severity and check in ("", f.check)]
    touching: dict[int, list[Finding]] = defaultdict(list)
    for finding in chosen:
        for i in finding.examples:
            touching[i].append(finding)
    ordered: dict[int, None] = {}
    for finding in chosen:
        front = deque(finding.examples)
        while front:
            i = front.popleft()
            if i not in ordered:
                ordered[i] = None
                front.extend(o for f in touching[i] for o in f.examples if o not in ordered)
    return list(ordered)
