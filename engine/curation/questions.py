"""Whether two questions of nearly the same words ask the same.

Slips of the key, fillers and common synonyms change nothing. A word that the rules tell cases apart
by, a negation, or one thing named in the place of another do.
"""

from __future__ import annotations

from engine.curation.text import stem, stems, words_of
from engine.scope import Scope

_TURNS = stems(
    "not no never without with only except don't can't isn't won't aren't doesn't didn't haven't"
    " hasn't cannot before after inside outside online abroad international domestic first second"
    " last new used worn unworn opened unopened men women kids child children adult monday tuesday"
    " wednesday thursday friday saturday sunday weekend weekday"
)
"""Words that turn a question into another one, whatever the scope is about."""
_GENERIC = stems(
    "a an the this that these those it its i me my we us our you your they them their he she his"
    " her who whom whose what which when where why how is are am was were be been being do does did"
    " done have has had can could may might will would shall should must of in on at to for from by"
    " about into over under as than and or but if so then there here also too very much many more"
    " most some any all both each every please pls plz kindly thanks thank thx hi hello hey dear"
    " sir madam team support good morning afternoon evening ok okay just really actually maybe"
    " perhaps still now today right quick quickly urgent asap question ask asking wonder wondering"
    " tell know let say explain need want like help get got give take make possible able sorry"
    " bother exactly roughly usually normally generally currently again already ever even well um"
    " uh im ive id whats hows cant dont"
)
"""Words that name nothing."""
_SYNONYMS = tuple(
    stems(group)
    for group in (
        "long many days weeks hours time period duration quickly soon fast",
        "cost costs price charge charged fee pay paid amount expensive much",
        "return returns send sending bring give back take",
        "refund refunded refunds reimbursement reimbursed money moneyback repay repaid",
        "shipping shipped ship delivery deliver delivered postage dispatch sent",
        "parcel package packet box shipment",
        "buy bought purchase purchased order ordered get",
        "shoe shoes pair pairs footwear item items",
        "exchange exchanged swap swapped change changed replace replaced switch trade",
        "shop store branch outlet",
        "website site page webshop",
        "arrive arrives arrived come comes reach get receive received",
        "customer client buyer",
        "phone call ring telephone",
        "email mail e-mail write",
        "begin start starts open opens",
        "end ends close closes shut finish",
        "allow allowed permit permitted can may possible",
        "receipt invoice bill proof",
        "warranty guarantee guaranteed cover covered",
        "repair repaired fix fixed mend mended",
        "broken faulty defective damaged",
        "voucher coupon code",
        "account profile login",
        "cancel cancelled stop void",
        "get obtain claim have",
        "offer offered provide have sell",
        "big large",
        "own have",
    )
)
_SHORTEST = 4
"""Letters of a word that may be a slip away from what was meant."""


def ask_the_same(left: str, right: str, telling: frozenset[str]) -> bool:
    """Whether what differs between two questions of nearly the same words means nothing.

    telling: stems by which the rules tell one case from another, see `telling_words`.
    """
    ours, theirs = _by_stem(left), _by_stem(right)
    telling = telling | _TURNS
    only_ours = {s: w for s, w in ours.items() if s not in theirs}
    only_theirs = {s: w for s, w in theirs.items() if s not in ours}
    equal = [
        (a, b)
        for a, word in only_ours.items()
        for b, other in only_theirs.items()
        if not (a in telling and b in telling) and (_is_slip(word, other) or _are_synonyms(a, b))
    ]
    left_over = only_ours.keys() - {a for a, _ in equal}
    right_over = only_theirs.keys() - {b for _, b in equal}
    if (left_over | right_over) & telling:
        return False
    return not (left_over - _GENERIC and right_over - _GENERIC)


def telling_words(scope: Scope) -> frozenset[str]:
    """Stems by which the rules tell one case from another: entities and conditions."""
    words = stems(" ".join(f"{rule.entity} {rule.condition}" for rule in scope.rules))
    return words - _GENERIC | words & _TURNS


def _by_stem(text: str) -> dict[str, str]:
    return {stem(word): word for word in words_of(text)}


def _are_synonyms(a: str, b: str) -> bool:
    return any(a in group and b in group for group in _SYNONYMS)


def _is_slip(a: str, b: str) -> bool:
    from rapidfuzz.distance import OSA

    if any(letter.isdigit() for letter in a + b) or max(len(a), len(b)) < _SHORTEST:
        return False
    return OSA.distance(a, b, score_cutoff=1) <= 1
