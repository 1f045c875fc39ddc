"""What helps to decide: the base model that reads the examples beforehand, and other reviewers."""

from __future__ import annotations

from functools import partial

from textual.content import Content
from textual.message import Message

from engine.errors import InputError
from engine.steps import curate
from engine.steps import people as people_steps
from engine.steps import score as score_steps
from screens.curate_parts.gathering import GatheringScreen
from screens.curate_parts.notices import HEAD
from screens.curate_parts.words import counted
from screens.text import lines, safe, visible_line
from screens.widgets.reading import ReadDialog

ANSWERS = 100
TAKE_OVER_S = 10.0
SCORE_HINT = (
    "The base model reads every example in the background: what it finds hardest comes first within"
    " its intent. It also answers the first so many itself, which you see on their cards. Training"
    " goes before; you decide on meanwhile. 0 for no answers."
)


class ScoringBegun(Message):
    """A score run was started."""

    def __init__(self, started: score_steps.Started) -> None:
        super().__init__()
        self.started = started


class ScoresTaken(Message):
    """What a score run found was taken over; `is_over` when the run has ended."""

    def __init__(self, lines_: int, *, is_over: bool) -> None:
        super().__init__()
        self.lines = lines_
        self.is_over = is_over


class PeopleRead(Message):
    """It was read who decided what."""

    def __init__(self, people: people_steps.People) -> None:
        super().__init__()
        self.people = people


class HelpedScreen(GatheringScreen):
    """The base model is asked by `m`, other reviewers are seen by `p`."""

    # The base model

    def on_mount(self) -> None:
        """A score run may be going on, started here or elsewhere."""
        self.every(TAKE_OVER_S, self._take_over)

    def do_score(self) -> None:
        """Ask how many answers."""
        self.ask_text(
            "How many shall it answer itself?", self._score, value=str(ANSWERS), hint=SCORE_HINT
        )

    def _score(self, answers: str) -> None:
        if not answers.strip().isdecimal():
            raise InputError(f"{answers!r} is no number.", "Give 0 or more.")
        wish = score_steps.Wish(answers=int(answers))
        start = partial(score_steps.start, self.workspace, self.session, wish)
        self.load(start, ScoringBegun, group="score")

    def on_scoring_begun(self, message: ScoringBegun) -> None:
        """Say it; the header shows how far it is."""
        losses = counted(message.started.losses, "example")
        self.say(f"Run {message.started.run} reads {losses}. Decide on meanwhile.")

    def _take_over(self) -> None:
        workspace, slug = self.workspace, self.session

        def take() -> ScoresTaken:
            taken = score_steps.take_over(workspace, slug)
            newest = score_steps.newest(workspace, slug) if taken else None
            is_over = newest is not None and not newest.alive
            if is_over:
                curate.rank(workspace, slug)
            return ScoresTaken(taken, is_over=is_over)

        self.load(take, _same, group="scores")

    def on_scores_taken(self, message: ScoresTaken) -> None:
        """When all is read the cards come in their new order."""
        if message.lines and message.is_over:
            self.say("The base model has read the examples: the hardest come first.")
            self.deal()

    # Reviewers

    def do_people(self) -> None:
        """Read who decided what."""
        self.load(
            partial(people_steps.people, self.workspace, self.session), PeopleRead, group="people"
        )

    def on_people_read(self, message: PeopleRead) -> None:
        """Show it."""
        self.app.push_screen(ReadDialog("Who decided", told(message.people)))


def told(people: people_steps.People) -> Content:
    """Decisions by person, agreement by pair, and what it means."""
    if not people.reviewers:
        return safe("Nobody has decided anything yet.")
    decided = [
        f"{visible_line(r.who)}: {r.accepted:,} accepted, {r.rejected:,} rejected"
        for r in people.reviewers
    ]
    agreed = [visible_line(people_steps.in_words(a)) + "." for a in people.agreements]
    none = "Nothing yet: now and then a card that was decided before comes again, unmarked."
    meaning = (
        "Kappa is agreement beyond chance: 1 is full, 0 is chance. Below 0.6 the rules are read"
        " differently: settle the rule before you go on."
    )
    head = safe("How far they agree", style=HEAD)
    return lines([*decided, "", head, *(agreed or [none]), "", safe(meaning, style="$text-muted")])


def _same(message: ScoresTaken) -> Message:
    return message
