"""Gathering what the advice rests on: the examples of a session and its prompted arm, if any."""

from __future__ import annotations

from collections.abc import Sequence

from engine.evaluation import evidence as evidences
from engine.evaluation.evidence import Evidence, count_pairs
from engine.evaluation.gates import judge_domain
from engine.evaluation.statistics import PairedTable, mcnemar_mid_p
from engine.records import Answer, Suite
from engine.scope import Criteria
from engine.steps import compare, train
from engine.steps.advice import Advice, PromptedResult, advise
from engine.store import examples, runs, sessions
from engine.store.sessions import Session
from engine.workspace import Workspace

ALPHA = 0.05


def advise_session(workspace: Workspace, slug: str) -> tuple[Advice, ...]:
    """The advice for a session as it stands; raises NotFoundError."""
    session = sessions.get(workspace.store, slug)
    counts = examples.counts(workspace.store, session.id)
    kept = sum(number for status, number in counts.items() if status != "rejected")
    return advise(session.scope, kept, _find_prompted(workspace, session))


def _find_prompted(workspace: Workspace, session: Session) -> PromptedResult | None:
    """What the prompted arm did in the newest training run that has one."""
    own = [run for run in runs.every(workspace.store, session.id) if run.parent is None]
    for run in reversed(own):
        if not train.folder_of(workspace, run.id).job_file.exists():
            continue
        answers = compare.answers_of(workspace, run.id)
        if any(answer.arm == "prompted" for answer in answers):
            suites = [s for s in compare.suites_of(workspace, run.id) if s.gate == "domain"]
            return read_prompted(run.id, suites, answers, session.scope.criteria)
    return None


def read_prompted(
    run: int, suites: Sequence[Suite], answers: Sequence[Answer], criteria: Criteria
) -> PromptedResult | None:
    """Judge prompted against base, and tuned against prompted; None without a judged case."""
    against_base = tuple(evidences.gather(s, answers, "base", "prompted") for s in suites)
    table = count_pairs(pair for s in against_base for pair in s.pairs)
    if not table.n:
        return None
    tuned = [evidences.gather(s, answers, "prompted", "tuned") for s in suites]
    more = count_pairs(pair for s in tuned for pair in s.pairs)
    better = more.fixes > more.regressions
    return PromptedResult(
        run=run,
        cases=table.n,
        base_errors=(table.fixes + table.both_fail) / table.n,
        prompted_errors=_errors(table),
        passes=judge_domain(Evidence(against_base, criteria)).outcome == "pass",
        tuned_errors=_errors(more) if more.n else None,
        tuned_is_better=better and mcnemar_mid_p(more.regressions, more.fixes) < ALPHA,
    )


def _errors(table: PairedTable) -> float:
    """Of the second arm."""
    return (table.regressions + table.both_fail) / table.n
