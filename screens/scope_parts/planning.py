"""How many cases the verdict needs, as a line for the scope and as a page of tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content

from engine.steps.plan import DISCORDANT, CasePlan, Fall
from screens.text import fit, lines, safe

WAITING = "counting ..."


def plan_line(plan: CasePlan) -> str:
    """The sentences that matter most."""
    return " ".join(plan.words)


def plan_text(plan: CasePlan) -> Content:
    """What the cases mean in plain words, and the two tables behind it."""
    rows: list[Content | str] = [f"- {sentence}" for sentence in plan.words]
    rows += ["", _title("Cases to show a fall of domain errors (80 % power)")]
    rows += _table(
        ("errors before", "to half of it", f"what {plan.cases} cases show"),
        (16, 16, 32),
        [(f"{f.before * 100:g} %", _enough(f.halved, plan.cases), _reached(f)) for f in plan.falls],
    )
    rows += [
        f"  The gate asks for errors down by {plan.reduction * 100:g} %: a true fall just so large"
        " passes about every other time, however many cases there are."
    ]
    rows += ["", _title("Cases to show no loss beyond the margin (chance with those there are)")]
    shares = [f"{share * 100:g} % flip" for share in DISCORDANT]
    rows += _table(
        ("suite", "cases", "margin", *shares),
        (18, 7, 8, 13, 13, 13),
        [
            (
                m.suite,
                str(m.cases),
                f"{m.margin * 100:g}",
                *(_likely(*pair) for pair in zip(m.needed, m.chances, strict=True)),
            )
            for m in plan.margins
        ],
    )
    return lines(rows)


def _title(text: str) -> Content:
    return safe(text, style="bold")


def _reached(fall: Fall) -> str:
    return "nothing" if fall.reached is None else f"a fall to {fall.reached * 100:g} % or less"


def _enough(needed: int | None, there: int) -> str:
    """`120 yes` where the cases there are suffice, `240 no` where not."""
    if needed is None:
        return "out of reach"
    return f"{needed:,} {'yes' if needed <= there else 'no'}"


def _likely(needed: int | None, chance: float) -> str:
    """`380 (46 %)`: the cases for a chance of 80 %, and the chance with those there are."""
    shown = "out of reach" if needed is None else f"{needed:,}"
    return f"{shown} ({chance:.0%})".replace("%", " %")


def _table(
    titles: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str]]
) -> list[Content | str]:
    def row(cells: Sequence[str]) -> str:
        return "  " + "".join(fit(c, w) for c, w in zip(cells, widths, strict=True)).rstrip()

    body: list[Content | str] = [row(cells) for cells in rows]
    return [safe(row(titles), style="$text-muted"), *(body or ["  none"])]
