"""Rows that hold a password, a key or a token."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.check_settings import Secret
from engine.curation.places import in_words, listed, places
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

_PATTERNS = {
    "private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:.*?-----END [A-Z ]*PRIVATE KEY-----)?",
    "cloud key": r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,20}\b|\bAIza[\w-]{30,}",
    "access token": r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{15,}|hf_\w{20,}"
    r"|xox[abprs]-[\w-]{10,}|eyJ[\w-]{8,}\.[\w-]{8,}\.?[\w-]*|ya29\.[\w-]{20,}|npm_\w{30,})",
    "API key": r"\b(?:sk|pk|rk)[-_](?:live|test|proj|ant)?[-_]?[A-Za-z0-9_-]{16,}"
    r"|\bapi[ _-]?key\b\W{0,3}(?:is\W{0,3})?(?=\S*\d)[\w-]{12,}",
    "bearer token": r"\b[Bb]earer +[\w.~+/-]{16,}=*",
    "password": r"\b(?:password|passwd|pwd|passcode|pin(?: code| number)?)"
    r"(?: is| was|'s)? ?[:=]? ?[\"']?((?=\S*\d)(?=\S*[^\W_])\S{4,})",
    "login in an address": r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,15}://[^\s:/@]{1,80}:[^\s:/@]{1,80}@\S+",
    "card code": r"\b(?:cvv|cvc|cvv2|security code)\b\W{0,3}(?:is\W{0,3})?\d{3,4}\b",
}
_COMPILED = {
    kind: re.compile(
        pattern,
        re.S
        if kind == "private key"
        else re.I
        if kind in ("password", "card code", "API key")
        else 0,
    )
    for kind, pattern in _PATTERNS.items()
}


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Asks for a look at each turn with something that opens a door."""
    settings = scope.checks.secret
    found: list[Finding] = []
    for row in rows:
        for where, text in places(row.example):
            hits = [h for h in find_secrets(text) if not _allowed(text[slice(*h[1])], settings)]
            if hits:
                detail = (
                    f"{listed(list(dict.fromkeys(kind for kind, _ in hits)))} {in_words(where)}"
                )
                spans = tuple(span for _, span in hits) if where else ()
                found.append(
                    Finding(
                        "secret", settings.severity, (row.id,), detail, spans=spans, where=where
                    )
                )
    return found


def _allowed(hit: str, settings: Secret) -> bool:
    return any(text in hit for text in settings.allow)


def find_secrets(text: str) -> list[tuple[str, tuple[int, int]]]:
    """Kind and character range of each secret in a text, in order."""
    hits = [
        (kind, found.span())
        for kind, pattern in _COMPILED.items()
        for found in pattern.finditer(text)
    ]
    return sorted(hits, key=lambda hit: hit[1])
