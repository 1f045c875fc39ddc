"""How an answer can break a rule, a way a file: each gives the first breach it finds, or None."""

from engine.curation.breaches.amounts import by_amount
from engine.curation.breaches.assertions import by_assertion
from engine.curation.breaches.breach import Breach
from engine.curation.breaches.denials import by_denial, by_yes_no
from engine.curation.breaches.promised import by_promise

__all__ = ["Breach", "by_amount", "by_assertion", "by_denial", "by_promise", "by_yes_no"]
