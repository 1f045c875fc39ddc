"""Blind judging, from step 4: two answers to one question, which arm gave which is hidden."""

from __future__ import annotations

import time
from functools import partial

import msgspec
from textual.app import ComposeResult
from textual.message import Message

from engine.evaluation.evidence import Arms
from engine.steps import blind
from engine.steps.blind import Sitting
from engine.store.blind import BlindChoice, Choice
from screens.actions import COMMON, Action
from screens.base import StepScreen
from screens.compare_parts.blind import NOTHING, draw_pair, draw_progress, draw_reveal
from screens.symbols import symbols_of
from screens.text import safe
from screens.widgets.lines import Lines
from screens.widgets.prose import Prose

ACTIONS = (
    Action("blind.left", ("1",), "left", "The left answer is better.", 2),
    Action("blind.right", ("2",), "right", "The right answer is better.", 3),
    Action("blind.same", ("=",), "equal", "Both are as good.", 4),
    Action("blind.neither", ("0",), "both bad", "Neither may go out.", 5),
    Action("blind.undo", ("u",), "back one", "Go back to the pair before and choose again.", 6),
    Action("blind.more", ("space", "J"), "more", "Scroll down, at the end back up.", 40),
    Action("blind.back", ("escape",), "leave", "Back to step 4; the sitting can go on later.", 7),
)


class SatDown(Message):
    """The pairs of whoever sits here were read."""

    def __init__(self, sitting: Sitting) -> None:
        super().__init__()
        self.sitting = sitting


class ChoiceKept(Message):
    """A choice is in the store."""

    def __init__(self, choice: BlindChoice) -> None:
        super().__init__()
        self.choice = choice


class BlindScreen(StepScreen):
    """One sitting: a pair, a key, the next pair; who is who at the end."""

    STEP = "compare"
    CSS_PATH = "blind.tcss"
    ACTIONS = ACTIONS
    # Digits are choices here, not steps.
    SHARED = COMMON
    AUTO_FOCUS = ""

    def __init__(self, session: str, *, run: int | None, arms: Arms, suite: str = "") -> None:
        super().__init__(session)
        self.run, self.arms, self.suite = run, arms, suite
        self.sitting: Sitting | None = None
        self.at = 0
        self._shown_at = 0.0

    def compose_body(self) -> ComposeResult:
        """Progress, and the pair or what came out."""
        yield Lines(" Mixing the answers ...", id="progress")
        yield Prose(id="pair", can_focus=False)

    def on_shown(self) -> None:
        """Read the pairs once."""
        if self.sitting is None:
            read = partial(
                blind.sit_down,
                self.workspace,
                self.session,
                self.run,
                self.arms,
                suite=self.suite,
            )
            self.load(read, SatDown, group="sitting")

    def on_sat_down(self, message: SatDown) -> None:
        """Go on where the last sitting ended."""
        self.sitting, self.at = message.sitting, message.sitting.next
        self.set_session(message.sitting.session.name)
        self.set_figures(f"run {message.sitting.run}: blind")
        self._show()

    def why_not(self, action_id: str) -> str | None:
        """Choices need a pair; going back needs one before it."""
        verb = action_id.partition(".")[2] if action_id.startswith("blind.") else ""
        if verb in ("left", "right", "same", "neither"):
            return None if self._pair() else "There is no pair left to choose."
        if verb == "undo":
            return None if self.sitting and self.at else "There is no pair before this one."
        return None

    def _pair(self) -> blind.BlindPair | None:
        seen = self.sitting
        return seen.pairs[self.at] if seen and self.at < len(seen.pairs) else None

    def do_left(self) -> None:
        """The left one."""
        self._choose("left")

    def do_right(self) -> None:
        """The right one."""
        self._choose("right")

    def do_same(self) -> None:
        """As good."""
        self._choose("same")

    def do_neither(self) -> None:
        """As bad."""
        self._choose("neither")

    def _choose(self, choice: Choice) -> None:
        pair, seen = self._pair(), self.sitting
        if pair is None or seen is None:
            return
        seconds = time.monotonic() - self._shown_at
        # Each choice in a thread of its own: none may make another one void.
        self.load(partial(blind.choose, self.workspace, seen, pair, choice, seconds), ChoiceKept)
        self.at += 1
        self._show()

    def on_choice_kept(self, message: ChoiceKept) -> None:
        """Count it."""
        made = message.choice
        if self.sitting is not None:
            choices = {**self.sitting.choices, (made.suite, made.case_name): made}
            self.sitting = msgspec.structs.replace(self.sitting, choices=choices)
            self._show_progress()
            if self._pair() is None:
                self._show()

    def do_undo(self) -> None:
        """The pair before, to choose again."""
        self.at -= 1
        self._show()

    def do_more(self) -> None:
        """A page further; at the end back to the top."""
        pane = self.query_one("#pair", Prose)
        at_end = pane.scroll_offset.y >= pane.max_scroll_y
        page = max(pane.size.height - 1, 1)
        pane.scroll_to(y=0 if at_end else pane.scroll_offset.y + page, animate=False, force=True)

    def do_back(self) -> None:
        """Step 4, of the same run."""
        from screens.compare import CompareScreen

        self.app.switch_screen(CompareScreen(self.session, run=self.run, arms=self.arms))

    def on_resize(self) -> None:
        """More room for the same things."""
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        seen, pair, pane = self.sitting, self._pair(), self.query_one("#pair", Prose)
        if seen is None:
            return
        cells = max(pane.scrollable_content_region.width, 20)
        self._show_progress()
        if pair is not None:
            pane.show(draw_pair(pair, cells, symbols_of(self)))
            self._shown_at = time.monotonic()
        elif seen.pairs and not all(map(seen.is_done, seen.pairs)):
            # Nothing is revealed before the last choice is kept.
            pane.show(safe("Keeping your last choice ..."))
        elif seen.pairs:
            made = [seen.choices[p.suite, p.case.id] for p in seen.pairs if seen.is_done(p)]
            found = blind.tally(self.workspace.who, seen.arms, made)
            pane.show(draw_reveal(found, cells, symbols_of(self)))
        else:
            pane.show(safe(NOTHING))
        pane.scroll_to(y=0, animate=False, force=True)
        self.refresh_actions()

    def _show_progress(self) -> None:
        seen = self.sitting
        if seen is not None:
            line = draw_progress(seen, self.at, self.size.width, symbols_of(self))
            self.query_one("#progress", Lines).show(line)
