"""What is said of a run: one plain sentence for each phase, line 1, figures as people read them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from engine.runs.folder import Event
from engine.steps.follow import Sight
from engine.steps.status import minutes, reckoned
from screens.text import visible_line

Tone = Literal["plain", "good", "warning", "error"]
KeyOf = Callable[[str], str]
"""The key of an action by its id, after the operator's keymap."""

RESUMABLE = frozenset({"paused", "stopped", "failed", "died", "prepared"})
SIGNS = {"warning": "! ", "error": "! "}
_ASKED = {
    "pause": "Asked to pause: it writes a checkpoint after this step and leaves.",
    "stop": "Asked to stop: it ends after this step, the best adapter is kept.",
    "checkpoint": "Asked for a checkpoint: it comes after this step.",
}
_WORKING = {
    "starting": "The worker is starting: it loads its libraries.",
    "preflight": "Preflight: every row through the real template, one real step, real answers."
    " Nothing is trained yet.",
    "baseline": "Before training, the base model answers every case: what it can already do is"
    " what the run is held against.",
    "answering": "Every case is answered now; these answers go to the comparison.",
}


def header_text(sight: Sight) -> str:
    """`run 3 ● step 84/200` for line 1; empty when nothing goes on."""
    if not sight.snapshot.alive:
        return ""
    state = sight.snapshot.state
    counted = f" {state.step}/{state.total}" if state.total and not sight.starting else ""
    word = "step" if sight.phase == "training" else sight.phase
    return f"run {sight.run} ● {word}{counted}"


def sentences(sight: Sight, key: KeyOf) -> list[tuple[Tone, str]]:
    """What there is to say now, the most important first."""
    if sight.asked is not None:
        return [("warning", _ASKED[sight.asked])]
    phase = sight.phase
    if phase == "training":
        return [_health(sight)]
    if sight.snapshot.alive:
        return [("plain", _working(sight))]
    said = [_ending(sight, key)]
    if sight.phase == "done" and sight.reckoning is not None and sight.reckoning.took_s:
        said.append(("plain", reckoned(sight.reckoning)))
    if phase in ("done", "paused", "stopped") and sight.health.condition != "early":
        said.append(_health(sight))
    return said


def _health(sight: Sight) -> tuple[Tone, str]:
    condition = sight.health.condition
    tone: Tone = "warning"
    if condition in ("early", "learning"):
        tone = "plain" if condition == "early" else "good"
    elif condition == "diverging":
        tone = "error"
    return tone, sight.health.sentence


def _working(sight: Sight) -> str:
    state = sight.snapshot.state
    if sight.starting:
        return _WORKING["starting"]
    if state.phase == "loading":
        return f"Loads the model {short_model(state.message or sight.job.model)}."
    if state.phase == "waiting":
        return f"In line: it {state.message or 'waits for another run'}. One device, one run."
    return _WORKING.get(state.phase, state.message or f"{state.phase.title()}.")


def _ending(sight: Sight, key: KeyOf) -> tuple[Tone, str]:
    """How it ended, and the key that goes on."""
    state, resume = sight.snapshot.state, key("train.resume")
    done, total = sight.steps
    at = f"step {done} of {total}" if total else f"step {done}"
    if sight.job.kind != "train":
        at = f"{state.step} of {state.total}" if state.total else "its beginning"
    if sight.phase == "died":
        return "error", (
            f"The worker died in {state.phase}{f' at {at}' if done else ''}: killed, out of memory"
            f" or power lost. {resume} resumes {_resumes_at(sight)}."
        )
    if sight.phase == "failed":
        return "error", f"Failed: {state.message} {resume} resumes {_resumes_at(sight)}."
    if sight.phase == "paused":
        return "warning", f"{state.message or 'Paused.'} It stands at {at}: {resume} resumes."
    if sight.phase == "stopped":
        answers = f", {key('train.answers')} answers with the adapter" if done else ""
        return "warning", (
            f"{state.message or 'Stopped.'} {resume} trains on after all{answers},"
            f" {key('train.new_run')} new run."
        )
    if sight.phase == "done" and sight.job.kind == "score":
        return (
            "good",
            f"Done: {state.message or 'the scores are in.'} Step 2 orders its queue by them.",
        )
    if sight.phase == "done":
        return "good", (
            f"Done: the answers are in. {key('go.compare')} compares,"
            f" {key('train.new_run')} plans a new run."
        )
    if sight.phase == "prepared":
        return "plain", f"Prepared, but never started. {resume} starts its preflight."
    return "plain", state.message or f"{state.phase.title()}."


def _resumes_at(sight: Sight) -> str:
    steps = [event.step for event in sight.snapshot.events if event.kind == "checkpoint"]
    if steps:
        return f"from the checkpoint of step {steps[-1]}"
    if sight.job.kind == "answer" or sight.snapshot.state.phase == "baseline":
        return "where it was; answers so far are kept"
    return "from its beginning"


def progress_words(sight: Sight) -> str:
    """`42 %   6 min left (3.1 s a step, last 50)`."""
    state = sight.snapshot.state
    if sight.starting:
        return ""
    parts = []
    if state.total:
        parts.append(f"{state.step / state.total:4.0%}".replace("%", " %"))
        if state.phase != "training":
            parts.append(f"{state.step}/{state.total} cases")
    if state.eta_s is not None and sight.snapshot.alive:
        basis = f" ({state.basis})" if state.basis else ""
        parts.append(f"{minutes(state.eta_s)} left{basis}")
    return "   ".join(parts)


def since_phase_began(sight: Sight, now: float) -> str:
    """`preflight for 14 s`, from the event that the phase began with."""
    began = [event.time for event in sight.snapshot.events if event.kind == "phase"]
    if not began or sight.starting:
        return ""
    return f"{sight.phase} for {minutes(max(now - began[-1], 0))}"


def event_line(event: Event) -> str:
    """`12:04 best adapter so far, step 80`, warnings with their sign."""
    clock = time.strftime("%H:%M", time.localtime(event.time))
    text = event.text
    if event.kind == "phase" and text.startswith("loading: "):
        text = f"loading: {short_model(text.removeprefix('loading: '))}"
    return f"{clock}  {SIGNS.get(event.kind, '')}{visible_line(text)}"


def short_model(name: str) -> str:
    """The last part of a model's folder; a hub id stays whole."""
    return name.rstrip("/").rpartition("/")[2] if name.startswith(("/", "~", ".")) else name


def size(count: float) -> str:
    """Bytes as people say them: `5.1 GB`, `240 MB`."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def short_exponent(value: float) -> str:
    """`1.6e-4`."""
    return f"{value:.1e}".replace("e-0", "e-").replace("e+00", "")
