"""A run as it goes on: figures, curve, progress, one sentence, a pinned answer, events or log."""

from __future__ import annotations

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content

from engine.steps.follow import Sight
from screens.symbols import symbols_of
from screens.text import Mark, safe
from screens.train_parts.curves import TITLES, Curves, Name
from screens.train_parts.layout import Heading
from screens.train_parts.samples import Place, Sample, at_place, before_place, by_question
from screens.train_parts.words import (
    KeyOf,
    Tone,
    event_line,
    progress_words,
    sentences,
    short_exponent,
    since_phase_began,
    size,
)
from screens.widgets.bar import draw_bar
from screens.widgets.chart import ChartPane
from screens.widgets.lines import Lines
from screens.widgets.prose import Prose
from screens.widgets.worddiff import word_diff

BAR_CELLS = 20
SIDE_CELLS = 10
MOST_EVENTS = 60
TONES: dict[Tone, str] = {
    "plain": "",
    "good": "$text-success",
    "warning": "bold $text-warning",
    "error": "bold $text-error",
}
SIGNED = frozenset({"warning", "error"})
LEGEND = [("crosses", "over the base"), ("dots", "KL to the base")]
"""Of the chart that has two measures."""


class Seen(msgspec.Struct, frozen=True):
    """One look at a run with its curves drawn up."""

    sight: Sight
    curves: Curves
    now: float
    """Unix time of the look."""


class Watching(msgspec.Struct, frozen=True):
    """What of the run the operator wants to see."""

    chart: Name = "loss"
    place: Place = Place()
    log: bool | None = None
    """None: the log shows itself when a run ended badly."""

    def wants_log(self, sight: Sight) -> bool:
        """Whether the log stands where answers and events would."""
        return sight.phase in ("died", "failed") if self.log is None else self.log


class LivePane(Vertical):
    """The live view; every part repaints the lines that changed and no others."""

    DEFAULT_CSS = """
    LivePane {
        padding: 0 1;
        & > #figures, & > #progress { height: 1; }
        & > #top { height: 4fr; min-height: 7; }
        & #chart { width: 1fr; height: 100%; }
        & #side { width: 28; height: 100%; padding-left: 2; }
        & > #said { height: auto; max-height: 4; }
        & > #answer { height: 2fr; min-height: 2; }
        & > #events { height: 2fr; min-height: 2; }
        & > #log-text { height: 4fr; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._seen: Seen | None = None
        self._watching = Watching()
        self._key: KeyOf = lambda _: ""
        self._plotted: object = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Lines("", id="figures")
        with Horizontal(id="top"):
            yield ChartPane(id="chart")
            yield Lines(id="side")
        yield Lines("", id="progress")
        yield Prose(id="said", can_focus=False)
        yield Heading(id="question")
        yield Prose(id="answer")
        yield Heading("events", id="events-title")
        yield Lines(id="events")
        yield Heading("worker.log", id="log-title")
        yield Prose(id="log-text")

    def present(self, seen: Seen, watching: Watching, key: KeyOf) -> None:
        """Show a run as it was seen."""
        self._seen, self._watching, self._key = seen, watching, key
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Once the parts have their new sizes, fill them."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        seen = self._seen
        if seen is None or not self.size.width:
            return
        with self.app.batch_update():
            self._draw_top(seen)
            self._draw_said(seen)
            self._draw_words(seen)

    def _draw_top(self, seen: Seen) -> None:
        curves, name = seen.curves, self._watching.chart
        self.query_one("#figures", Lines).show(safe(figures(seen)))
        self.query_one("#top").display = not curves.is_empty
        self.query_one("#figures").display = not curves.is_empty
        if self._plotted is not curves.charts[name]:
            self._plotted = curves.charts[name]
            self.query_one("#chart", ChartPane).plot(curves.charts[name])
        pairs = side(seen, name)
        self.query_one("#side", Lines).show(
            *(
                Content.assemble(safe(f"{a:<{SIDE_CELLS}}", style="$text-muted"), b)
                for a, b in pairs
            )
        )

    def _draw_said(self, seen: Seen) -> None:
        sight, sign = seen.sight, symbols_of(self)
        state = sight.snapshot.state
        counted = state.total and not sight.starting
        bar = draw_bar(state.step / state.total, BAR_CELLS, sign) if counted else ""
        waited = since_phase_began(sight, seen.now) if sight.snapshot.alive and not bar else ""
        words = "   ".join(part for part in (bar, progress_words(sight), waited) if part)
        self.query_one("#progress", Lines).show(safe(words, Mark(0, len(bar), "$primary")))
        self.query_one("#progress").display = bool(words)
        said = [
            safe(f"{sign.blocked} {text}" if tone in SIGNED else text, style=TONES[tone])
            for tone, text in sentences(sight, self._key)
        ]
        self.query_one("#said", Prose).show(Content("\n").join(said))

    def _draw_words(self, seen: Seen) -> None:
        log = self._watching.wants_log(seen.sight)
        for name in ("question", "answer", "events-title", "events"):
            self.query_one(f"#{name}").display = not log
        for name in ("log-title", "log-text"):
            self.query_one(f"#{name}").display = log
        if log:
            self._draw_log(seen)
        else:
            self._draw_sample(seen)
            self._draw_events(seen)

    def _draw_log(self, seen: Seen) -> None:
        pane = self.query_one("#log-text", Prose)
        text = safe("\n".join(seen.sight.log) or "The log is empty.")
        if text.plain != pane.plain:
            pane.show(text)
            pane.scroll_end(animate=False, force=True)

    def _draw_sample(self, seen: Seen) -> None:
        samples = by_question(seen.sight.snapshot.events)
        found = at_place(samples, self._watching.place)
        pinned = seen.sight.job.pinned if seen.sight.phase == "training" else ()
        title, pane = self.query_one("#question", Heading), self.query_one("#answer", Prose)
        for part in (title, pane):
            part.display = bool(found or pinned)
        if found is None:
            title.describe(pinned[0] if pinned else "")
            pane.show(safe("Its first answer comes with the first look.", style="$text-muted"))
            return
        question, sample, number, looks = found
        at = f"at step {sample.step}" if sample.step else "the base model"
        turn = f", look {number} of {looks}" if self._watching.place.back else ""
        earlier = before_place(samples, self._watching.place)
        if earlier is not None and earlier.answer == sample.answer:
            turn += f", as at {earlier.step}" if earlier.step else ", as the base"
        keys = " ".join(map(self._key, ("train.next_prompt", "train.earlier", "train.later")))
        title.describe(question, f"{at}{turn} ({keys})")
        pane.show(draw_answer(sample, earlier))

    def _draw_events(self, seen: Seen) -> None:
        told = [event for event in seen.sight.snapshot.events if event.kind != "sample"]
        newest = list(reversed(told))[:MOST_EVENTS]
        self.query_one("#events", Lines).show(*(safe(event_line(event)) for event in newest))


def draw_answer(sample: Sample, earlier: Sample | None) -> Content:
    """The answer with what went and what came since the look before, in {} and []."""
    if not sample.answer:
        return safe("(an empty answer)", style="$text-muted")
    if earlier is None or not earlier.answer or earlier.answer == sample.answer:
        return safe(sample.answer)
    return word_diff(earlier.answer, sample.answer)


def figures(seen: Seen) -> str:
    """`train 0.41 (smoothed 0.52)   validation 0.63   best 0.63 at 80   base 2.31`."""
    curves, last = seen.curves, seen.sight.snapshot.last
    parts = []
    if last is not None and last.loss is not None and curves.smoothed is not None:
        parts.append(f"train {last.loss:.2f} (smoothed {curves.smoothed:.2f})")
    if curves.best is not None and curves.validation is not None:
        parts.append(f"validation {curves.validation:.2f}")
        parts.append(f"best {curves.best[1]:.2f} at {curves.best[0]}")
    if curves.base is not None:
        parts.append(f"base {curves.base:.2f}")
    return "   ".join(parts)


def side(seen: Seen, name: Name) -> list[tuple[str, str]]:
    """Labels and figures of the right column; what was not measured is left out."""
    sight, rise = seen.sight, seen.curves.general_rise
    last = sight.snapshot.last
    rows = [("chart", TITLES[name])]
    if name == "general":
        rows += LEGEND
    if last is not None:
        rows += [
            ("tokens/s", "" if last.tokens_s is None else f"{last.tokens_s:,.0f}"),
            ("rate", "" if last.rate is None else short_exponent(last.rate)),
            ("gradient", "" if last.grad_norm is None else f"{last.grad_norm:.2f}"),
            ("memory", size(last.memory) if last.memory else ""),
            ("gpu", "" if last.gpu_load is None else f"{last.gpu_load:.0f} %"),
        ]
    apart = seen.curves.divergence
    rows += [
        ("general", "" if rise is None else f"{rise:+.2f} (max {seen.curves.limit:.2f})"),
        ("KL", "" if apart is None else f"{apart:.3f}"),
        ("device", sight.snapshot.state.device),
    ]
    return [(label, figure) for label, figure in rows if figure]
