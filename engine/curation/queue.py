"""The order in which examples are best decided. It sorts and never drops."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Mapping, Sequence

from engine.records import Finding, NumberedExample


def order(
    rows: Sequence[NumberedExample],
    findings: Sequence[Finding],
    decided: Collection[int],
    later: Sequence[int],
    loss: Mapping[int, float],
) -> list[int]:
    """Ids of all undecided rows, each once.

    Blockers; conflicting rows side by side; near-duplicate clusters; the rest in turn over the
    intents, highest base-model loss (nats per token) first; those put off, in the order given.
    """
    done, put_off = set(decided), set(later)
    known = {row.id for row in rows} - done
    waiting = known - put_off
    wanted = [
        *_named(findings, "", "block"),
        *_named(findings, "conflict", "decide"),
        *_named(findings, "near_duplicate", "mark"),
        *_in_turn(rows, loss),
    ]
    first = [i for i in dict.fromkeys(wanted) if i in waiting]
    return first + [i for i in dict.fromkeys(later) if i in known]


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


def _in_turn(rows: Sequence[NumberedExample], loss: Mapping[int, float]) -> list[int]:
    lanes: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        lanes[row.example.intent].append(row.id)
    queues = [deque(sorted(ids, key=lambda i: (-loss.get(i, 0.0), i))) for ids in lanes.values()]
    ordered: list[int] = []
    while queues:
        ordered += [queue.popleft() for queue in queues]
        queues = [queue for queue in queues if queue]
    return ordered
