"""What stands below the gates: what would settle them, warnings, noise, looks, the signature."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from engine.delivery.contents import Reached
from screens.text import lines, safe, visible_line, wrap
from screens.train_parts.layout import hanging
from screens.verdict_parts import words

SETTLE = "Would settle it: "
FAILED = "Failed: "
LEAST = 2
"""Lines for what would settle it, however little room there is."""


def draw_rest(reached: Reached, cells: int, room: int, keys: tuple[str, str, str]) -> Content:
    """All of it in at most `room` lines where that can be.

    keys: those of evidence, of signing, and of the cases that wait for a person.
    """
    below = [
        *_waiting(reached, keys[2]),
        *_prompted(reached, cells),
        *_warnings(reached, cells),
        *_facts(reached, cells),
        *_signature(reached, keys[1]),
    ]
    above = [*_failed(reached, cells), *_settle(reached, cells)]
    most = max(room - len(below), LEAST)
    if len(above) > most:
        rest = len(above) - most + 1
        more = "1 line more" if rest == 1 else f"{rest} lines more"
        said = f"{' ' * len(SETTLE)}{more}: {keys[0]} on a gate says all"
        above = [*above[: most - 1], safe(said, style="$text-muted")]
    return lines([*above, *below])


def _failed(reached: Reached, cells: int) -> Iterator[Content]:
    for gate in reached.verdict.gates:
        if gate.outcome == "fail" and not gate.satisfied:
            head = safe(FAILED, style="bold $text-error")
            yield from hanging(head, len(FAILED), visible_line(gate.sentence), cells)


def _waiting(reached: Reached, key: str) -> Iterator[Content]:
    if reached.waiting:
        cases = (
            "1 compliance case waits"
            if reached.waiting == 1
            else (f"{reached.waiting} compliance cases wait")
        )
        yield safe(f"! {cases} for a person: {key} shows them.", style="$text-warning")


def _prompted(reached: Reached, cells: int) -> Iterator[Content]:
    found = reached.prompted
    if found is not None and found.outcome == "pass":
        said = (
            f"With the rules in the prompt, errors go from {visible_line(found.brief)} without"
            " training: perhaps none is needed."
        )
        yield from hanging(safe("! ", style="$text-warning"), 2, said, cells, "$text-warning")


def _settle(reached: Reached, cells: int) -> Iterator[Content]:
    first = True
    for said in words.settle_words(reached.verdict):
        head = safe(SETTLE if first else "", style="bold")
        yield from hanging(head, len(SETTLE), said, cells)
        first = False


def _warnings(reached: Reached, cells: int) -> Iterator[Content]:
    for warning in reached.warnings:
        front = safe("! ", style="$text-warning")
        yield from hanging(front, 2, visible_line(warning), cells, "$text-warning")


def _facts(reached: Reached, cells: int) -> Iterator[Content]:
    """How often sealed cases were opened, the noise floor, amendments."""
    times = {0: "not opened", 1: "opened 1 time"}.get(
        reached.looks, f"opened {reached.looks} times"
    )
    said = [f"Sealed set {times}.", *(f"{_capital(note)}." for note in reached.verdict.notes)]
    yield from (safe(line, style="$text-muted") for line in wrap(" ".join(said), cells))


def _signature(reached: Reached, key: str) -> Iterator[Content]:
    if not reached.signed:
        yield safe(f"Not signed yet: {key} signs.", style="$text-muted")
        return
    last = reached.signed[-1]
    moved = "" if last.verdict == reached.verdict.verdict else ", another verdict than now"
    yield safe(f"Signed {words.signed_words(last)}{moved}.", style="bold")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
