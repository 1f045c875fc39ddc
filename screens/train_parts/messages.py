"""What threads tell the training screen. Past tense, frozen contents."""

from __future__ import annotations

from textual.message import Message

from engine.errors import StropError
from engine.steps.follow import Arrival, Follower, Proposal
from engine.steps.runs import Pair
from screens.train_parts.live import Seen
from screens.train_parts.plan import Draft
from screens.train_parts.runs import Listed


class Arrived(Message):
    """It is known which run to show, if there is any."""

    def __init__(self, found: tuple[Arrival, Follower | None]) -> None:
        super().__init__()
        self.arrival, self.follower = found


class Planned(Message):
    """A plan has been worked out."""

    def __init__(self, found: tuple[Draft, Proposal]) -> None:
        super().__init__()
        self.draft, self.proposal = found


class RunChosen(Message):
    """A run was made, or picked from the list: it is the one to look at."""

    def __init__(self, follower: Follower) -> None:
        super().__init__()
        self.follower = follower


class RunSeen(Message):
    """A look at the run: what was seen, or what kept it from being seen."""

    def __init__(self, found: tuple[Follower, Seen | StropError]) -> None:
        super().__init__()
        self.follower, self.seen = found


class WorkerTold(Message):
    """The worker has been started, or told something."""

    def __init__(self, _: object = None) -> None:
        super().__init__()


class RunsListed(Message):
    """Every run of the session."""

    def __init__(self, listed: Listed) -> None:
        super().__init__()
        self.listed = listed


class PairRead(Message):
    """Two runs are to be held together."""

    def __init__(self, pair: Pair) -> None:
        super().__init__()
        self.pair = pair


class QueueMoved(Message):
    """Runs were put into the line, or taken out of it; with a sentence, if there is one to say."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said
