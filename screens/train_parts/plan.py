"""The plan of a run: what blocks it, every derived number with its reason, what differs."""

from __future__ import annotations

import re
from typing import get_args

import msgspec
from textual.content import Content

from engine.recipe import Preset, Recipe
from engine.steps.differences import warning
from engine.steps.follow import Proposal
from screens.symbols import symbols_of
from screens.text import safe, visible_line
from screens.train_parts.layout import cell, hanging
from screens.train_parts.words import short_model
from screens.widgets.prose import Prose

PRESETS: tuple[Preset, ...] = get_args(Preset)
NAME_CELLS, VALUE_CELLS = 17, 10


class Draft(msgspec.Struct, frozen=True):
    """What the operator has chosen for the next run."""

    preset: Preset = "standard"
    settings: tuple[str, ...] = ()
    cases: int | None = None
    """At most so many cases of each suite; None answers them all."""

    def turned(self, by: int) -> Draft:
        """The same draft with another preset."""
        at = PRESETS.index(self.preset) + by
        return msgspec.structs.replace(self, preset=PRESETS[at % len(PRESETS)])

    def with_setting(self, setting: str) -> Draft:
        """With one more setting; an earlier one of the same name goes."""
        name = setting.partition("=")[0].strip()
        kept = tuple(s for s in self.settings if s.partition("=")[0].strip() != name)
        return msgspec.structs.replace(self, settings=(*kept, setting.strip()))

    def without_last(self) -> Draft:
        """With the setting made last taken back."""
        return msgspec.structs.replace(self, settings=self.settings[:-1])


def draw_plan(draft: Draft, proposal: Proposal, cells: int, blocked_sign: str) -> list[Content]:
    """The whole page in lines of at most `cells` cells."""
    return [
        _presets(draft.preset),
        *_blocked(proposal.blockers, cells, blocked_sign),
        _what(draft, proposal),
        *_differences(proposal, cells, blocked_sign),
        Content(),
        *_numbers(proposal, cells),
        *_others(proposal, cells),
    ]


def _presets(chosen: Preset) -> Content:
    parts = [
        Content.styled(f"[{name}]" if name == chosen else f" {name} ", style)
        for name in PRESETS
        for style in ["bold $primary" if name == chosen else "$text-muted"]
    ]
    return Content.assemble(cell("Preset", NAME_CELLS - 1), Content(" ").join(parts))


def _blocked(blockers: tuple[str, ...], cells: int, sign: str) -> list[Content]:
    """What keeps it from training comes before everything else."""
    if not blockers:
        return []
    lines = [
        line
        for blocker in blockers
        for line in hanging(safe(sign, style="$text-error"), 2, blocker, cells, "bold")
    ]
    hint = safe("Keys 1 and 2 go to these steps. The plan below is what would be run.")
    return [Content(), *lines, hint.stylize("$text-muted"), Content()]


def _what(draft: Draft, proposal: Proposal) -> Content:
    recipe = proposal.plan.recipe
    cases = f"{draft.cases} cases a suite: a quick look" if draft.cases else "all cases"
    return safe(
        f"{proposal.plan.rows} training rows   {short_model(visible_line(recipe.model))}   {cases}"
    )


def _numbers(proposal: Proposal, cells: int) -> list[Content]:
    """One number a line: name, value, reason."""
    lines: list[Content] = []
    for name, reason in proposal.plan.reasons.items():
        value = str(getattr(proposal.plan.recipe, name))
        own = reason == "set by the operator"
        style = "bold $accent" if own else "bold"
        first = Content.assemble(cell(name, NAME_CELLS), cell(value, VALUE_CELLS, style))
        because = "set by you" if own else re.sub(rf"^{re.escape(value)}( for \w+)?: ", "", reason)
        lines += hanging(first, NAME_CELLS + VALUE_CELLS, because, cells, "$text-muted")
    return lines


def _differences(proposal: Proposal, cells: int, sign: str) -> list[Content]:
    before, found = proposal.before, proposal.plan.differences
    if before is None:
        first = "No run has trained yet." if proposal.has_runs else "This is the first run."
        return [safe(f"{first} There is nothing to differ from.")]
    if not found:
        text = f"Everything is as in run {before.id}, the last that trained."
        return hanging(Content(), 0, text, cells)
    words = ", ".join(one.in_words for one in found)
    lines = hanging(Content(), 0, f"Differs from run {before.id}: {words}", cells)
    if said := warning(len(found)):
        lines += hanging(safe(sign, style="$text-warning"), 2, said, cells, "$text-warning")
    return lines


def _others(proposal: Proposal, cells: int) -> list[Content]:
    """What nobody derived: worth knowing before setting it."""
    skipped = {"preset", "model", *proposal.plan.reasons}
    recipe = proposal.plan.recipe
    names = [name for name in Recipe.__struct_fields__ if name not in skipped]
    words = "   ".join(f"{name}={getattr(recipe, name)}" for name in names)
    return [Content(), *hanging(Content(), 0, f"As always: {words}", cells, "$text-muted")]


class PlanPane(Prose):
    """The page of the plan."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown: tuple[Draft, Proposal] | None = None

    def present(self, draft: Draft, proposal: Proposal) -> None:
        """Show this plan."""
        self._shown = draft, proposal
        self._draw()

    def on_resize(self) -> None:
        """Lay it out for the new width."""
        self._draw()

    def _draw(self) -> None:
        # One cell less than the pane: a scroll bar may come.
        cells = self.size.width - 1
        if self._shown is None or cells < 1:
            return
        draft, proposal = self._shown
        sign = symbols_of(self).blocked
        self.show(Content("\n").join(draw_plan(draft, proposal, cells, sign)), keep_place=True)
