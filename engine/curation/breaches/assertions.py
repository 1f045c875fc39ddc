"""Answers that fail the assertions of the rule that governs their question."""

from __future__ import annotations

from engine.curation.breaches.breach import Breach
from engine.curation.ruled import Ruled, Rules
from engine.curation.telling import GOVERNS, Governing, Told
from engine.evaluation.checking import CHECKS
from engine.facts import same_fact
from engine.records import Assertion

_PASSED_ON = ("hand_off", "refusal")


def by_assertion(told: Told, rules: Rules) -> Breach | None:
    """The first assertion that fails.

    Rules of tone and format without keywords hold for every answer. What an answer must say is
    asked only by the rule that governs most, and only where no rule explains the answer.
    """
    for place in rules.for_all:
        ruled = rules.ruled[place]
        breach = _failed(told, ruled, ruled.barred) or _failed(told, ruled, ruled.wanted)
        if breach is not None:
            return breach
    rivals = _rivals(told)
    if not any(_explains(told, g) for g in rivals):
        return _by_governing(told, rivals) or _by_intent(told, rules)
    return _failed(told, rivals[0].ruled, rivals[0].ruled.barred)


def _by_governing(told: Told, rivals: list[Governing]) -> Breach | None:
    if not rivals:
        return None
    top = rivals[0]
    if (breach := _failed(told, top.ruled, top.ruled.barred)) is not None:
        return breach
    if top.place not in told.named_last and not _speaks_of(told, top):
        return None
    return _failed(told, top.ruled, top.ruled.wanted)


def _by_intent(told: Told, rules: Rules) -> Breach | None:
    """An intent with nothing but hand-offs and refusals: an answer must follow one of them."""
    intent = told.row.example.intent
    own = [r for r in rules.ruled if intent and r.rule.intent == intent]
    if not own or any(r.rule.kind not in _PASSED_ON or not r.wanted for r in own):
        return None
    if any(_failed(told, r, r.wanted) is None for r in own):
        return None
    names = " or ".join(r.rule.id for r in own)
    return Breach(own[0].rule.id, f"asked about {intent}, follows none of rule {names}")


def _rivals(told: Told) -> list[Governing]:
    """The rules that govern the answer as a whole, the strongest first."""
    best: dict[int, Governing] = {}
    for placed in told.sentences:
        for g in placed.rivals:
            if g.place not in best or best[g.place].strength < g.strength:
                best[g.place] = g
    return sorted(best.values(), key=lambda g: (-g.strength, g.place))


def _speaks_of(told: Told, g: Governing) -> bool:
    """Whether an answer names what the rule is about and speaks in its words."""
    entity = g.ruled.guided.entity
    return any(
        p.sentence.covered.get(g.place, 0.0) >= GOVERNS and entity <= p.sentence.words
        for p in told.sentences
    )


def _explains(told: Told, g: Governing) -> bool:
    """Whether an answer is what a rule wants said: it states its fact, or meets its assertions."""
    if told.covered(g.place) < GOVERNS and g.place not in told.named:
        return False
    claims = [c for p in told.sentences for c in p.sentence.claims]
    if any(same_fact(c, f) for c in claims for f in g.ruled.facts):
        return True
    wanted = g.ruled.wanted
    return bool(wanted) and all(CHECKS[a.kind](a, told.answer, "")[0] for a in wanted)


def _failed(told: Told, ruled: Ruled, assertions: tuple[Assertion, ...]) -> Breach | None:
    for assertion in assertions:
        passed, reason = CHECKS[assertion.kind](assertion, told.answer, "")
        if not passed:
            rule = ruled.rule
            # A pattern tells a person nothing.
            reason = "does not say what it must" if assertion.kind == "regex" else reason
            return Breach(rule.id, f"{reason}, rule {rule.id}: {rule.title}")
    return None
