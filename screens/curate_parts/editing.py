"""Changing an answer: in place, in the operator's own editor, or by redacting it."""

from __future__ import annotations

import msgspec

from engine.steps import rework
from screens.curate_parts.deciding import DecidingScreen
from screens.curate_parts.messages import ExampleReviewed
from screens.curate_parts.words import counted
from screens.outside import edit_outside
from screens.text import safe, visible
from screens.widgets.editor import Editor
from screens.widgets.footer import Footer

EDITING = " ctrl+o save   esc leave   The original is kept; the checks look again."


class EditingScreen(DecidingScreen):
    """The editor opens below the card and takes the keys until it is closed."""

    _edited = 0
    """Id of the example in the editor."""

    def do_edit(self) -> None:
        """Open the editor."""
        self._edited = self.example.id
        editor = self.query_one(Editor)
        editor.start(self.example.example.answer)
        editor.display = True
        editor.focus()
        self.query_one(Footer).set_question(safe(EDITING))

    def on_editor_saved(self, message: Editor.Saved) -> None:
        """Keep the new wording; an empty one is none."""
        if not message.text.strip():
            self.say("An answer cannot be empty. esc leaves it; x rejects.", warn=True)
            return
        self._close_editor()
        self._changed(self._edited, message.text)

    def on_editor_cancelled(self, message: Editor.Cancelled) -> None:
        """Leave it as it is."""
        self._close_editor()

    def _close_editor(self) -> None:
        self.query_one(Editor).display = False
        self.set_focus(None)
        self.query_one(Footer).set_question(None)

    def do_edit_outside(self) -> None:
        """Hand the answer to VISUAL, EDITOR or vi; the program waits meanwhile."""
        example = self.example
        path = self.workspace.home / "edit" / f"{self.session}-{example.id}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(example.example.answer + "\n", encoding="utf-8")
        edit_outside(self.app, path)
        answer = path.read_text(encoding="utf-8", errors="replace").rstrip("\n")
        path.unlink()
        if answer.strip():
            self._changed(example.id, visible(answer))
        else:
            self.say("An answer cannot be empty: it stays as it was.", warn=True)

    def _changed(self, example_id: int, answer: str) -> None:
        if answer == self.dealt.row(example_id).example.answer:
            self.say("Nothing was changed.")
        else:
            self.put_answer(example_id, answer)

    def put_answer(self, example_id: int, answer: str) -> None:
        """Replace an answer; what the checks say of the new one follows."""
        stored = self.dealt.row(example_id)
        *before, last = stored.example.messages
        turn = msgspec.structs.replace(last, content=answer)
        body = msgspec.structs.replace(stored.example, messages=(*before, turn))
        original = stored.original or stored.example
        self._changes += 1
        self.dealt.replace(msgspec.structs.replace(stored, example=body, original=original))
        workspace, slug = self.workspace, self.session
        self.write(lambda: ExampleReviewed(rework.edit(workspace, slug, example_id, answer)))
        self.show_card()

    def do_redact(self) -> None:
        """Replace personal data; keys wait until it is known what was replaced."""
        self.hold_keys()
        workspace, slug, example = self.workspace, self.session, self.example.id
        self.write(lambda: ExampleReviewed(rework.redact(workspace, slug, example), redacted=True))

    async def on_example_reviewed(self, message: ExampleReviewed) -> None:
        """What an edit made of the findings; decisions made since stand as they are."""
        reviewed = message.reviewed
        cards = reviewed.cards
        if message.redacted:
            places = reviewed.places
            said = f"{counted(places, 'place')} redacted." if places else "No personal data found."
            self.say(said)
            self._changes += 1
        else:
            cards = tuple(
                msgspec.structs.replace(card, stored=self.dealt.row(card.stored.id))
                for card in cards
            )
        self.dealt.review(cards)
        self.show_card()
        if message.redacted:
            await self.release_keys()
