"""Step 2, the held-out cases: what each must say is proposed, and a key confirms it.

Pushed on top of the screen of examples; `h` or esc goes back to it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.app import ComposeResult

from engine.steps import held_out
from engine.steps import held_out_deciding as deciding
from engine.steps.held_out import Sight
from screens.base import StepScreen
from screens.curate_parts.writer import WritingFailed
from screens.held_out_parts.actions import ACTIONS, CHANGING, EXAMPLES, ON_A_CASE
from screens.held_out_parts.messages import CaseSeen, CasesRead
from screens.held_out_parts.pane import CasePane
from screens.held_out_parts.shelf import Shelf
from screens.held_out_parts.words import all_looked_at, in_full, reason_lines, summary
from screens.held_out_parts.writing import WritingScreen
from screens.text import beside, safe
from screens.widgets.editor import Editor
from screens.widgets.lines import Lines
from screens.widgets.rail import Step
from screens.widgets.reading import ReadDialog


class HeldOutScreen(WritingScreen):
    """One case after another. Keys wait until the store has answered the one before."""

    STEP = "curate"
    CSS_PATH = "held_out.tcss"
    ACTIONS = ACTIONS
    AUTO_FOCUS = ""

    def __init__(self, session: str) -> None:
        super().__init__(session)
        self._arrived = False

    def compose_body(self) -> ComposeResult:
        """How far it is, the case, reasons and editor when they are asked for."""
        yield Lines("", id="summary")
        yield CasePane(id="case")
        yield Lines(*reason_lines(), id="reasons")
        yield Editor(id="editor")

    def on_mount(self) -> None:
        """Only the case at first."""
        for name in ("#reasons", "#editor"):
            self.query_one(name).display = False

    def on_shown(self) -> None:
        """Read the cases; coming back from a dialog changes nothing."""
        if not self._arrived:
            self._arrived = True
            self._read()

    # Reading and showing

    def _read(self) -> None:
        workspace, slug = self.workspace, self.session

        def read() -> CasesRead:
            found = held_out.overview(workspace, slug)
            first = held_out.look(workspace, slug, found.lines[0].id) if found.lines else None
            return CasesRead(found, first)

        self.hold_keys()
        self.writer.submit(read)

    async def on_cases_read(self, message: CasesRead) -> None:
        """Show the first that waits."""
        self.shelf = Shelf(message.read)
        self.set_session(self.shelf.session.name)
        self._show(message.first)
        await self.release_keys()

    def _show(self, sight: Sight | None) -> None:
        shelf, pane = self._shelf, self.query_one(CasePane)
        self.card = sight.card if sight else None
        if sight is None:
            pane.tell("No held-out case yet. The import takes files of them, the split makes some.")
        elif sight.card is not None:
            pane.present(sight.card)
        else:
            pane.present_sealed(sight.line, shelf.session.sealed_at or "")
        self._show_summary()
        place = f"{shelf.at + 1} of {len(shelf.lines)}   " if shelf.lines else ""
        self.set_figures(f"{place}confirmed {shelf.count('confirmed')}")
        self.refresh_actions()

    def _show_summary(self) -> None:
        """How far it is, and at the right end the way back."""
        left = safe(f" {summary(self._shelf)}", style="$text-muted")
        back = safe(f"{self.key_of(EXAMPLES)} {EXAMPLES.label} ", style="$text-muted")
        self.query_one("#summary", Lines).show(beside(left, back, self.size.width))

    def on_resize(self) -> None:
        """The summary is drawn for a width."""
        if self.shelf is not None:
            self._show_summary()

    async def on_case_seen(self, message: CaseSeen) -> None:
        """Show a case, after whatever was decided before it."""
        shelf = self._shelf
        if message.changed is not None:
            shelf.put(message.changed)
        shelf.put(message.sight.line)
        shelf.show(message.sight.line.id)
        self._show(message.sight)
        if message.changed is not None and not shelf.waiting:
            self.say(all_looked_at(shelf))
        await self.release_keys()

    def on_writing_failed(self, message: WritingFailed) -> None:
        """Say it, and show what the store holds."""
        self.drop_keys()
        self.shell.show_error(message.error)
        if self.shelf is not None and self.shelf.current is not None:
            self._look_at(self.shelf.current.id)

    # What can be done

    def applies(self, action_id: str) -> bool:
        """A sealed case can be opened, an open one has numbers; the way back is always there."""
        if action_id == "held.open":
            sealed = self.shelf is not None and self.shelf.is_sealed
            return sealed and self.card is None and bool(self._shelf.lines)
        if action_id == "held.toggle":
            return self.shelf is not None and not self.shelf.is_sealed
        return True

    def why_not(self, action_id: str) -> str | None:
        """What keeps an action from being done now."""
        if not action_id.startswith("held.") or action_id == "held.examples":
            return None
        if self.shelf is None:
            return "The cases are being read."
        if action_id in CHANGING and self.shelf.is_sealed:
            day = (self.shelf.session.sealed_at or "")[:10]
            return f"Sealed on {day}: the cases stay as they are."
        if action_id in ON_A_CASE and self.card is None:
            return "The case is sealed: o opens it." if self.shelf.lines else "There is no case."
        return self._why_not_here(action_id)

    def _why_not_here(self, action_id: str) -> str | None:
        if action_id == "held.confirm" and self.card is not None:
            return deciding.why_not_confirmed(self.card)
        if action_id == "held.edit" and self.card is not None:
            case = self.card.stored.case
            return "This case has no reference." if case.choices or case.text else None
        return None

    # Moving

    def do_next(self) -> None:
        """One further."""
        self._move(self._shelf.at + 1)

    def do_previous(self) -> None:
        """One back."""
        self._move(self._shelf.at - 1)

    def do_first(self) -> None:
        """The first."""
        self._move(0)

    def do_last(self) -> None:
        """The last."""
        self._move(len(self._shelf.lines) - 1)

    def _move(self, index: int) -> None:
        shelf = self._shelf
        before = shelf.at
        shelf.move_to(index)
        if shelf.at != before and shelf.current is not None:
            self._look_at(shelf.current.id)

    def _look_at(self, case: int, read: Callable[..., Sight] = held_out.look) -> None:
        workspace, slug = self.workspace, self.session
        self.hold_keys()
        self.writer.submit(lambda: CaseSeen(read(workspace, slug, case)))

    def do_scroll_down(self) -> None:
        """Half a pane."""
        pane = self.query_one(CasePane)
        pane.scroll_lines(max(pane.size.height // 2, 1))

    def do_scroll_up(self) -> None:
        """Half a pane back."""
        pane = self.query_one(CasePane)
        pane.scroll_lines(-max(pane.size.height // 2, 1))

    def do_why(self) -> None:
        """Everything about the case."""
        self.app.push_screen(ReadDialog(self._card.stored.case.id, in_full(self._card)))

    def do_open(self) -> None:
        """Ask first: it cannot be taken back."""
        line = self._shelf.current
        assert line is not None, "there is a case where this applies"
        text = (
            f"{line.name} is sealed. The report says how often sealed cases were opened, and by"
            " whom. Each case counts once a person."
        )
        self.confirm("Open a sealed case?", text, "open it", partial(self._open, line.id))

    def _open(self, case: int) -> None:
        self._look_at(case, held_out.open_sealed)

    # Leaving

    def do_examples(self) -> None:
        """Back to the screen that this one was opened from."""
        self.do_back()

    def do_back(self) -> None:
        """As above."""
        self.app.pop_screen()

    def go(self, step: Step) -> None:
        """To another step, by way of the screen below, which is this step's own."""
        below = self.app.screen_stack[-2]
        if isinstance(below, StepScreen):
            self.app.pop_screen()
            below.go(step)
        else:
            super().go(step)
