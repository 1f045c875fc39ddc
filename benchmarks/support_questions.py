"""Questions as customers of a shoe shop type them, drawn by seed, many of them edits of another."""

from __future__ import annotations

import random

_OPENINGS = (
    *("", "", "", "", "Hi, ", "Hello there, ", "Hey! ", "Good morning, ", "Quick question: "),
    *("I was wondering, ", "Sorry to bother you, ", "Hi team, ", "Dear support, ", "Um, "),
    *("One more thing: ", "My wife asked me to write: ", "As I said on the phone, "),
)
_WHO = (
    *("I", "I", "I", "my son", "my daughter", "a friend of mine", "my mother", "we", "my boss"),
    *("my running partner", "our club", "the neighbour"),
)
_DID = (
    *("ordered", "bought", "was sent", "received", "picked up", "returned", "exchanged", "wore"),
    *("tried on", "gave away", "was charged twice for", "cancelled", "paid for", "lost"),
    *("found a fault on", "got the wrong box of", "was promised", "reserved", "unpacked"),
)
_COLOURS = (
    *("black", "dark blue", "white", "olive", "burgundy", "sand", "grey", "tan", "bright red"),
    *("cream", "forest green", "silver", "two-tone", "chestnut"),
)
_SHOES = (
    *("hiking boots", "running shoes", "sandals", "ballet flats", "leather loafers", "slippers"),
    *("football boots", "ankle boots", "winter boots", "canvas sneakers", "clogs", "wedges"),
    *("oxfords", "work shoes with a steel cap", "kids' trainers", "dancing shoes", "espadrilles"),
    *("climbing shoes", "wide fit trainers", "rain boots", "bridal heels", "court shoes"),
)
_WHERE = (
    *("online", "in your Leeds shop", "at the outlet", "through the app", "at the airport store"),
    *("on your website", "from the catalogue", "with a gift card", "in the spring sale"),
    *("by phone", "at the new place on Mill Road", "with a student discount"),
)
_WHEN = (
    *("yesterday", "last Friday", "two weeks ago", "in March", "on my birthday", "this morning"),
    *("about a month ago", "before the holidays", "on the 14th", "the other day", "in summer"),
    *("a good while back", "three days ago", "on Black Friday"),
)
_ASKED = (
    *("can they still be sent back", "how long does the refund take", "who pays the postage"),
    *("is there a repair service", "do they run small", "can I swap them for a half size up"),
    *("why has nothing arrived yet", "where do I find the return label", "is the box needed"),
    *("would the soles be replaced for free", "do you match the price elsewhere"),
    *("can the address still be changed", "will they be in stock again", "is there a guarantee"),
    *("how do I clean them without ruining the colour", "what does express delivery cost"),
    *("can I collect them in person", "do I get the loyalty points", "how can I reach a person"),
    *("may I pay the rest in instalments", "is the insole removable", "who do I complain to"),
    *("what happens if they squeak", "are they safe for people allergic to nickel"),
    *("can the invoice carry my company's name", "does the voucher work on reduced pairs"),
)
_DETAILS = (
    *(
        "",
        "",
        "",
        " They pinch at the toes.",
        " The left one has a scratch.",
        " I kept the receipt.",
    ),
    *(" Nobody answered my last mail.", " I only wore them indoors.", " It is rather urgent."),
    *(" The tracking page shows nothing.", " The heel came off after an hour.", " Cheers!"),
    *(" I live in Norway, if that matters.", " My card was charged already.", " Thank you kindly."),
    *(" The colour looks different from the photo.", " They were a present.", " Please be quick."),
)
_FILLERS = ("please", "really", "actually", "just", "maybe", "kindly", "now", "then", "still", "so")
_SWAPS = {
    "how": "in what way", "sent": "shipped", "find": "get", "cost": "come to", "my": "our",
    "replaced": "renewed", "small": "tight", "bought": "purchased", "arrived": "come",
    "long": "many days", "received": "got", "nothing": "not a thing", "free": "nothing",
    "shop": "store", "website": "site", "refund": "reimbursement", "change": "alter",
    "can": "could", "pays": "covers",
}  # fmt: skip


def draw(count: int, seed: int, edited: float = 0.4) -> list[str]:
    """`count` questions, of which the share `edited` paraphrase an earlier one by a few edits."""
    rng = random.Random(seed)
    texts: list[str] = []
    for _ in range(count):
        if texts and rng.random() < edited:
            texts.append(paraphrase(rng.choice(texts), rng, rng.randint(1, 4)))
        else:
            texts.append(question(rng))
    return texts


def question(rng: random.Random) -> str:
    """One question that nobody asked before, most likely."""
    shoes = f"{rng.choice(_COLOURS)} {rng.choice(_SHOES)}"
    story = f"{rng.choice(_WHO)} {rng.choice(_DID)} {shoes} {rng.choice(_WHERE)}"
    parts = (
        f"{story} {rng.choice(_WHEN)}, {rng.choice(_ASKED)}?",
        f"{rng.choice(_ASKED)}? {story} {rng.choice(_WHEN)}.",
        f"{rng.choice(_ASKED)} if {story}?",
        f"order {rng.randint(10**7, 10**8)} for {shoes}: {rng.choice(_ASKED)}?",
        f"{rng.choice(_ASKED)}, and {rng.choice(_ASKED)}? {story}.",
    )
    said = rng.choice(_OPENINGS) + rng.choice(parts)
    return said[0].upper() + said[1:] + rng.choice(_DETAILS)


def paraphrase(text: str, rng: random.Random, edits: int) -> str:
    """The same question after some edits: a word more, less or other, a slip, case, punctuation."""
    words = text.split()
    for _ in range(edits):
        at = rng.randrange(len(words))
        kind = rng.randrange(6)
        if kind == 0:
            words.insert(at, rng.choice(_FILLERS))
        elif kind == 1 and len(words) > 5:
            del words[at]
        elif kind == 2:
            known = [i for i, word in enumerate(words) if word.lower() in _SWAPS]
            at = rng.choice(known) if known else at
            words[at] = _SWAPS.get(words[at].lower(), words[at])
        elif kind == 3:
            words[at] = slip(words[at], rng)
        elif kind == 4:
            words = [word.lower() for word in words]
        else:
            words[-1] = words[-1].rstrip("?.!") + rng.choice(("", "??", " thanks", "...", "!"))
    return " ".join(words)


def slip(word: str, rng: random.Random) -> str:
    """Two neighbouring letters change places, or one is lost."""
    if len(word) < 4:
        return word
    at = rng.randrange(1, len(word) - 2)
    if rng.random() < 0.5:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :]
