"""Step 2, Curate: one card after another, and a key decides."""

from __future__ import annotations

from textual.app import ComposeResult

from engine.steps import cards as steps
from engine.steps import curate
from engine.store.sieve import Sieve
from screens.curate_parts.actions import ACTIONS, CONFLICT, ON_A_CARD
from screens.curate_parts.balance import draw_balance
from screens.curate_parts.cards import Cards
from screens.curate_parts.draw import Shown
from screens.curate_parts.filtering import FilteredScreen
from screens.curate_parts.messages import DeckDealt, Explained
from screens.curate_parts.notices import (
    all_decided,
    being_checked,
    explain,
    nothing_matches,
    nothing_yet,
)
from screens.curate_parts.pane import CardPane
from screens.curate_parts.permits import why_no_decision, why_no_split
from screens.curate_parts.words import counted, place_of, reason_lines
from screens.held_out import HeldOutScreen
from screens.symbols import symbols_of
from screens.text import safe, visible_line
from screens.widgets.editor import Editor
from screens.widgets.footer import Footer
from screens.widgets.lines import Lines
from screens.widgets.reading import ReadDialog


class CurateScreen(FilteredScreen):
    """What is seen of the cards, and how one moves among them."""

    STEP = "curate"
    CSS_PATH = "curate.tcss"
    ACTIONS = ACTIONS
    AUTO_FOCUS = ""

    def __init__(self, session: str, *, words: str = "") -> None:
        """words: the filter to begin with, in place of that of the last time."""
        super().__init__(session, words=words)
        self._arrived = False

    def compose_body(self) -> ComposeResult:
        """Balance, filter, card; reasons and editor when they are asked for."""
        yield Lines("", id="balance")
        yield Lines("", id="sieve")
        yield CardPane(id="card")
        yield Lines(*reason_lines(), id="reasons")
        yield Editor(id="editor")

    def on_mount(self) -> None:
        """Only the card at first."""
        for name in ("#sieve", "#reasons", "#editor"):
            self.query_one(name).display = False

    def on_shown(self) -> None:
        """Read the cards; coming back from a dialog changes nothing."""
        if not self._arrived:
            self._arrived = True
            self.deal()

    # Reading

    def on_deck_dealt(self, message: DeckDealt) -> None:
        """Take over what stands around the cards; then read the cards themselves."""
        if self.is_stale(message):
            return
        deck, earlier = message.deck, self.cards
        self.cards = Cards(deck)
        if earlier is None:
            self._arrive(deck)
        else:
            self.cards.sieve = earlier.sieve
        self.read_cards()
        if earlier is None and self.cards.counts.total and not (deck.is_checked or self.checking):
            self.do_check()

    def _arrive(self, deck: steps.Deck) -> None:
        """The first reading: name, last reason, and the filter of the last time."""
        self.set_session(deck.session.name)
        self.last_reason = deck.last_reason
        self.come_back(deck.session.place)
        self.index_words()

    def on_resize(self) -> None:
        """The balance is drawn for a width."""
        if self.cards is not None:
            self._show_figures(self.cards)

    # Showing

    def show_card(self) -> None:
        """The card, or what to do when there is none; figures, footer, place."""
        cards, pane = self.dealt, self.query_one(CardPane)
        card = cards.card
        if self._is_first_look:
            pane.tell(being_checked(cards.counts.total))
        elif card is not None:
            pane.present(self._shown(cards, card))
        elif self.words:
            pane.tell(nothing_matches(self.words))
        elif cards.counts.total:
            pane.tell(all_decided(cards))
        else:
            pane.tell(nothing_yet(self.empty("No examples yet.", "curate.import_file")))
        self._show_figures(cards)
        self.refresh_actions()
        if not self._is_first_look:
            self.keep_place()

    @property
    def _is_first_look(self) -> bool:
        """Whether the checks run for the first time: nothing is decided before they are through."""
        return self.checking and not self.dealt.deck.is_checked

    def _shown(self, cards: Cards, card: steps.Card) -> Shown:
        stored = card.stored
        rival = None if card.is_repeat else cards.rival(stored)
        return Shown(
            stored,
            card.findings,
            rival,
            tuple(cards.found(rival.id)) if rival else (),
            card.related,
            cards.deck.session.scope.rules,
            card.score,
        )

    def _show_figures(self, cards: Cards) -> None:
        accepted = cards.counts.statuses["accepted"]
        figures = [f"{cards.counts.decided}/{cards.counts.total}"]
        if self.pace.per_hour is not None:
            figures.append(f"{self.pace.per_hour}/h")
        if cards.counts.decided:
            figures.append(f"accepted {accepted / cards.counts.decided:.0%}".replace("%", " %"))
        if self.checking:
            figures.append("checking")
        self.set_figures("   ".join(figures))
        intents = cards.deck.session.scope.intents
        balance = [(i.name, cards.counts.accepted[i.name], i.target) for i in intents]
        cells = self.size.width
        self.query_one("#balance", Lines).show(*draw_balance(balance, cells, symbols_of(self)))
        text = f" filter: {visible_line(self.words)}   {place_of(cards)}   esc takes it off"
        bar = self.query_one("#sieve", Lines)
        bar.display = bool(self.words)
        bar.show(safe(text, style="$accent"))

    # What can be done

    def applies(self, action_id: str) -> bool:
        """The choice between two answers only where there are two; esc only under a filter."""
        if action_id == "curate.show_all":
            return bool(self.words)
        if action_id not in {action.id for action in CONFLICT}:
            return True
        current = self.cards.current if self.cards is not None else None
        return current is not None and self.dealt.rival(current) is not None

    def refresh_actions(self) -> None:
        """Without a card, the keys that need one leave their place to others."""
        super().refresh_actions()
        if self.cards is not None and self.cards.current is None:
            rest = [a for a in self.actions if not a.hidden and a.id not in ON_A_CARD]
            on = [self._footer_key(a) for a in rest if not a.contextual and self.key_of(a)]
            self.query_one(Footer).set_keys(on)

    def why_not(self, action_id: str) -> str | None:
        """What keeps an action from being done now."""
        if not action_id.startswith("curate."):
            return None
        if self.cards is None:
            return "The examples are being read."
        if action_id == "curate.check" and self.checking:
            return "The checks are running."
        if action_id == "curate.check" and not self.cards.counts.total:
            return "There are no examples to check yet."
        if action_id == "curate.split":
            return why_no_split(self.cards)
        if action_id in ON_A_CARD:
            if self._is_first_look:
                return "The checks are running; the cards come right after."
            return why_no_decision(action_id, self.cards)
        return None

    # Moving

    def do_next(self) -> None:
        """One further; behind the last one the end, when everything is decided."""
        cards = self.dealt
        if cards.at < len(cards.order) - 1:
            self._move(cards.at + 1)
        elif not cards.is_end("forward"):
            self.fetch("forward", "next")
        elif cards.sieve == Sieve() and cards.is_idle:
            self.look_again()

    def do_previous(self) -> None:
        """One back."""
        if self.dealt.at or self.dealt.is_end("backward"):
            self._move(self.dealt.at - 1)
        else:
            self.fetch("backward", "previous")

    def do_first(self) -> None:
        """The first."""
        if self.dealt.is_end("backward"):
            self._move(0)
        else:
            self.start_reading(then="first")

    def do_last(self) -> None:
        """The last."""
        if self.dealt.is_end("forward"):
            self._move(len(self.dealt.order) - 1)
        else:
            self.start_reading("backward", then="last")

    def _move(self, index: int) -> None:
        if self.dealt.order:
            self.dealt.move_to(index)
            self.show_card()
            self.fetch_ahead()

    def do_scroll_down(self) -> None:
        """Half a pane."""
        pane = self.query_one(CardPane)
        pane.scroll_lines(max(pane.size.height // 2, 1))

    def do_scroll_up(self) -> None:
        """Half a pane back."""
        pane = self.query_one(CardPane)
        pane.scroll_lines(-max(pane.size.height // 2, 1))

    # Looking closer

    def do_held_out(self) -> None:
        """To the held-out cases, once everything is written."""
        self.after_writing(lambda: self.app.push_screen(HeldOutScreen(self.session)))

    def do_why(self) -> None:
        """Everything about the card."""
        example, workspace = self.example.id, self.workspace
        self.write(lambda: Explained(curate.dossier(workspace, example)))

    def on_explained(self, message: Explained) -> None:
        """Show it."""
        dossier = message.dossier
        title = f"#{dossier.stored.id}, {counted(len(dossier.findings), 'finding')}"
        self.app.push_screen(ReadDialog(title, explain(dossier, self.dealt.deck.session.scope)))
