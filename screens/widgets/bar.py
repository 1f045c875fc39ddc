"""Progress bars in eighths of a cell."""

from __future__ import annotations

import math

from screens.symbols import UNICODE, Symbols


def draw_bar(share: float, cells: int, symbols: Symbols = UNICODE, *, rest: str = "") -> str:
    """A bar of exactly `cells` cells for a share of 0 to 1; more is full, less is empty.

    rest: what fills the remainder; the symbols' own dots when empty, a space to leave it blank.
    """
    steps = len(symbols.eighths) - 1
    share = 0.0 if math.isnan(share) else min(max(share, 0.0), 1.0)
    filled = int(share * cells * steps + 1e-9)
    whole, part = divmod(filled, steps)
    bar = symbols.eighths[-1] * whole + (symbols.eighths[part] if part else "")
    return bar + (rest or symbols.rest) * (cells - len(bar))
