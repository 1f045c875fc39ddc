"""An intent for a row that comes without one, proposed from the scope's keywords."""

from __future__ import annotations

from collections.abc import Callable

from engine.curation.relevance import best_intent, guide
from engine.curation.text import customer_side
from engine.records import Example
from engine.scope import Scope


def propose_intent(example: Example, scope: Scope) -> str:
    """Name of the intent that fits best, or an empty string when no keyword occurs."""
    return intent_proposer(scope)(example)


def intent_proposer(scope: Scope) -> Callable[[Example], str]:
    """`propose_intent` for many examples: the scope is made ready once."""
    made = guide(scope)
    if not made.intents:
        return lambda example: ""
    return lambda example: best_intent(made, customer_side(example), example.answer)
