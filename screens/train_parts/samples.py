"""Answers to the pinned questions, look by look."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from engine.runs.folder import Event


class Sample(msgspec.Struct, frozen=True):
    """What the model answered to a pinned question at one look."""

    step: int
    answer: str


def by_question(events: Iterable[Event]) -> dict[str, list[Sample]]:
    """The answers to each question by step; of two at one step, the later one counts."""
    found: dict[str, dict[int, Sample]] = {}
    for event in events:
        if event.kind == "sample":
            prompt, answer = event.fields.get("prompt", ""), event.fields.get("answer", "")
            found.setdefault(str(prompt), {})[event.step] = Sample(event.step, str(answer))
    return {
        prompt: [samples[step] for step in sorted(samples)] for prompt, samples in found.items()
    }


class Place(msgspec.Struct, frozen=True):
    """Which question and which look the operator watches."""

    question: int = 0
    back: int = 0
    """Looks before the newest; 0 follows the newest as they come."""

    def next_question(self) -> Place:
        """The next question, at its newest look."""
        return Place(self.question + 1)

    def moved(self, back: int, looks: int) -> Place:
        """Some looks further back, as far as there are any."""
        return Place(self.question, min(max(self.back + back, 0), max(looks - 1, 0)))


def before_place(samples: dict[str, list[Sample]], place: Place) -> Sample | None:
    """The answer one look before the one that is watched; None at the first."""
    found = at_place(samples, place)
    if found is None or found[2] < 2:
        return None
    return samples[found[0]][found[2] - 2]


def at_place(samples: dict[str, list[Sample]], place: Place) -> tuple[str, Sample, int, int] | None:
    """Question, sample, number of the look and of all looks; None while there is none."""
    if not samples:
        return None
    questions = list(samples)
    question = questions[place.question % len(questions)]
    looks = samples[question]
    number = max(len(looks) - place.back, 1)
    return question, looks[number - 1], number, len(looks)
