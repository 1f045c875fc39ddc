"""What every way of breaking a rule reports."""

from __future__ import annotations

import msgspec


class Breach(msgspec.Struct, frozen=True):
    """One broken rule."""

    rule: str
    detail: str
    """One sentence for people: `says 30 days, rule R07 says 45 days`."""
    spans: tuple[tuple[int, int], ...] = ()
    """Character ranges in the answer."""
