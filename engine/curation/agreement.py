"""How far reviewers agree with each other, and with themselves: shares and Cohen's kappa."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec


class Opinions(msgspec.Struct, frozen=True):
    """Two opinions about one example, given without knowledge of each other."""

    first_who: str
    second_who: str
    first_accepts: bool
    second_accepts: bool


class Agreement(msgspec.Struct, frozen=True):
    """Two people (or one person twice) over the examples that both judged."""

    people: tuple[str, str]
    """In alphabetical order; the same name twice where somebody is compared with themselves."""
    n: int
    agreed: int
    kappa: float | None
    """Cohen's kappa, -1 to 1; None where it is not defined: both always said the same word."""

    @property
    def share(self) -> float:
        """Share of the examples about which they agree."""
        return self.agreed / self.n


def agreements(opinions: Iterable[Opinions]) -> list[Agreement]:
    """One entry for each pair of people, those with most examples first."""
    pairs: dict[tuple[str, str], list[tuple[bool, bool]]] = {}
    for o in opinions:
        said = ((o.first_who, o.first_accepts), (o.second_who, o.second_accepts))
        (one, one_says), (other, other_says) = sorted(said) if o.first_who != o.second_who else said
        pairs.setdefault((one, other), []).append((one_says, other_says))
    found = [_agreement(people, said) for people, said in pairs.items()]
    return sorted(found, key=lambda a: (-a.n, a.people))


def cohens_kappa(pairs: Sequence[tuple[bool, bool]]) -> float | None:
    """Agreement beyond chance, chance being what the shares of either rater would give.

    None without pairs, and where chance alone makes agreement certain. Source: Cohen (1960),
    Educational and Psychological Measurement 20:37.
    """
    n = len(pairs)
    if not n:
        return None
    observed = sum(one == other for one, other in pairs) / n
    ones, others = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(ones[value] * others[value] for value in (True, False)) / n**2
    return None if chance == 1 else (observed - chance) / (1 - chance)


def _agreement(people: tuple[str, str], said: Sequence[tuple[bool, bool]]) -> Agreement:
    agreed = sum(one == other for one, other in said)
    return Agreement(people, len(said), agreed, cohens_kappa(said))
