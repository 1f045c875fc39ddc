"""Whether an answer is talk at all: not empty, not a loop, not in another language or garbage."""

from __future__ import annotations

import re
import unicodedata

LOOP_GRAM = 10
LOOP_SHARE = 0.5
"""Share of character 10-grams that were seen before in the same answer."""
_SHORTEST_LOOP = 20
_FOREIGN_SHARE = 0.3
_GARBAGE_SHARE = 0.1
_WORD = re.compile(r"[^\W\d_]+")

# The commonest words that hardly occur in one of the other languages.
_COMMON = {
    name: frozenset(words.split())
    for name, words in {
        "English": "the and is of to you are it in that for we your this with not be can have or"
        " if i my do what how does which when",
        "Spanish": "el los las que y una por con para está puede su del es usted",
        "French": "le les et est une vous pour dans des nous pas votre avec qui ce",
        "German": "der die das und ist nicht sie ein eine mit für wir auf können den",
        "Italian": "il gli che è di per una non sono con della puoi può nel",
        "Portuguese": "os as que e uma para com não você é do da em seu pode",
        "Dutch": "het een en niet van voor met je wij zijn dat kunt op ook",
    }.items()
}


def repeat_share(text: str) -> float:
    """Share of the character 10-grams of a text that repeat an earlier one, 0 to 1."""
    folded = " ".join(text.split())
    total = len(folded) - LOOP_GRAM + 1
    if len(folded) < _SHORTEST_LOOP:
        return 0.0
    return 1 - len({folded[i : i + LOOP_GRAM] for i in range(total)}) / total


def find_incoherence(text: str, prompt: str = "") -> str | None:
    """What makes an answer incoherent, in words, or None.

    The language is compared with that of the prompt; where the prompt itself is in another
    script or language than English, or too short to tell, only the script can give it away.
    """
    if not any(c.isalnum() for c in text):
        return "empty"
    if repeat_share(text) > LOOP_SHARE:
        return "looping"
    if _garbage_share(text) > _GARBAGE_SHARE:
        return "garbage"
    if _foreign_share(text) > _FOREIGN_SHARE >= _foreign_share(prompt):
        return "in another script"
    language = read_language(text)
    if language not in (None, "English") and read_language(prompt) == "English":
        return f"in {language}"
    return None


def is_incoherent(text: str, prompt: str = "") -> bool:
    """Whether an answer is empty, looping, garbage, or in another language than its prompt."""
    return find_incoherence(text, prompt) is not None


def read_language(text: str) -> str | None:
    """The language whose commonest words a text uses; None when fewer than three tell."""
    words = [w.lower() for w in _WORD.findall(text)]
    hits = {name: sum(w in common for w in words) for name, common in _COMMON.items()}
    best = max(hits, key=lambda name: hits[name])
    others = max(count for name, count in hits.items() if name != best)
    return best if hits[best] >= 3 and hits[best] > 1.5 * others else None


_OF_A_SCRIPT = {
    "BENGALI": "Bengali",
    "GREEK": "Greek",
    "GUJARATI": "Gujarati",
    "GURMUKHI": "Punjabi",
    "HANGUL": "Korean",
    "HEBREW": "Hebrew",
    "HIRAGANA": "Japanese",
    "KANNADA": "Kannada",
    "MALAYALAM": "Malayalam",
    "TAMIL": "Tamil",
    "TELUGU": "Telugu",
    "THAI": "Thai",
}
"""Scripts that, as good as, one language is written in."""
LANGUAGES = {
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "de": "German",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "bn": "Bengali",
    "el": "Greek",
    "gu": "Gujarati",
    "pa": "Punjabi",
    "ko": "Korean",
    "he": "Hebrew",
    "ja": "Japanese",
    "kn": "Kannada",
    "ml": "Malayalam",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
}
"""Languages that can be told, by their codes (ISO 639-1)."""


def read_script(text: str) -> str | None:
    """The language of the script that most letters are in; None for shared scripts."""
    letters = [unicodedata.name(c, "").partition(" ")[0] for c in text if c.isalpha()]
    for script, language in _OF_A_SCRIPT.items():
        # Japanese is mostly written in characters that Chinese has, too.
        least = 0.1 if script == "HIRAGANA" else 0.5
        if letters and letters.count(script) / len(letters) > least:
            return language
    return None


def _foreign_share(text: str) -> float:
    letters = [c for c in text if c.isalpha()]
    if len(letters) < 6:
        return 0.0
    return sum(not unicodedata.name(c, "").startswith("LATIN") for c in letters) / len(letters)


def _garbage_share(text: str) -> float:
    visible = [c for c in text if not c.isspace()]
    odd = sum(c == "\ufffd" or unicodedata.category(c) in ("Cc", "Co", "Cn", "Cs") for c in visible)
    return odd / len(visible) if visible else 0.0
