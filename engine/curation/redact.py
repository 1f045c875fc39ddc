"""Personal data replaced by labels: `[e-mail]`, `[phone]`, `[name]`."""

from __future__ import annotations

import msgspec

from engine.curation.personal import find_personal_data
from engine.records import Example, Message
from engine.scope import Scope


def public_words(scope: Scope) -> str:
    """What the scope itself prints, and what it allows, in lower case."""
    allowed = scope.checks.personal_data.allow
    return "\n".join((scope.system_prompt, *(r.text for r in scope.rules), *allowed)).lower()


def redact_text(text: str, public: str = "") -> tuple[str, int]:
    """The text with each place of personal data replaced, and how many there were.

    What stands in `public` too, such as the shop's own phone number, is nobody's secret.
    """
    spans = [s for s in find_personal_data(text) if s.text.lower() not in public]
    for span in reversed(spans):
        label = "number" if span.kind == "spelled-out digits" else span.kind
        text = f"{text[: span.start]}[{label}]{text[span.end :]}"
    return text, len(spans)


def redact_example(example: Example, public: str = "") -> tuple[Example, int]:
    """The example with every turn but the system's redacted, and how many places there were."""
    messages: list[Message] = []
    places = 0
    for message in example.messages:
        if message.role != "system":
            text, count = redact_text(message.content, public)
            message = Message(message.role, text)  # noqa: PLW2901
            places += count
        messages.append(message)
    return msgspec.structs.replace(example, messages=tuple(messages)), places
