"""Which column plays which part: guessed from names, checked against what the file has."""

from __future__ import annotations

from collections.abc import Mapping as Names
from collections.abc import Sequence

import msgspec

from engine.errors import ColumnError
from engine.intake.conversation import role_of
from engine.intake.outcomes import Format, Mapping
from engine.intake.transcript import looks_like_transcript

_GUESSES: dict[str, str] = {
    "prompt": "prompt question instruction user customer query request input user_message",
    "answer": "answer completion response output assistant agent reply assistant_message",
    "rejected": "rejected rejected_answer rejected_response",
    "conversation": "conversation_id conversation conv_id convo_id conversationid chat_id chat "
    "dialogue_id dialog_id thread_id thread ticket_id ticket session_id session id",
    "speaker": "speaker role from author sender who party",
    "text": "text message content utterance body value transcript dialogue",
    "intent": "intent label topic category",
}
_NEEDED: dict[Format, tuple[str, ...]] = {
    "chat": ("text",),
    "sharegpt": ("text",),
    "alpaca": (),
    "pairs": ("prompt", "answer"),
    "preference": ("answer", "rejected"),
    "turns": ("conversation", "speaker", "text"),
    "transcript": ("text",),
    "faq": (),
}
_TURN_LISTS = ("messages", "conversations", "conversation", "turns", "dialogue", "chat")


def guess_mapping(fields: Names[str, object], given: Mapping) -> Mapping:
    """What was given, filled up with columns whose names say what they are."""
    known = {name.strip().lower(): name for name in fields}
    picked = {"only": given.only}
    for role, names in _GUESSES.items():
        chosen = getattr(given, role)
        found = next((known[n] for n in names.split() if n in known), "")
        picked[role] = chosen or found
    return Mapping(**picked)


def match_format(fields: Names[str, object], given: Mapping) -> tuple[Format, Mapping] | None:
    """The format a row's fields speak for, with its mapping; None when they speak for none."""
    mapping = guess_mapping(fields, given)
    if given.rejected or {"chosen", "rejected"} <= known_names(fields):
        return "preference", complete("preference", fields, given)
    found = _turn_list(fields, given.text)
    if found:
        first = next(iter(_as_list(fields[found])))
        shape: Format = "sharegpt" if isinstance(first, dict) and "value" in first else "chat"
        return shape, narrow(shape, msgspec.structs.replace(mapping, text=found))
    if {"instruction", "output"} <= known_names(fields) and not (given.prompt or given.answer):
        return "alpaca", narrow("alpaca", mapping)
    if mapping.speaker and mapping.text and mapping.conversation:
        return "turns", narrow("turns", mapping)
    if mapping.prompt and mapping.answer and mapping.prompt != mapping.answer:
        return "pairs", narrow("pairs", mapping)
    found = given.text or transcript_field(fields)
    if found:
        return "transcript", narrow("transcript", msgspec.structs.replace(mapping, text=found))
    return None


def narrow(shape: Format, mapping: Mapping) -> Mapping:
    """Only the parts that this format reads, so that a preview shows nothing idle."""
    used = {*_NEEDED[shape], "conversation", "intent", "only"}
    if shape == "preference":
        used.add("prompt")
    kept = {role: getattr(mapping, role) for role in used}
    if kept["conversation"] in {kept.get(r) for r in _NEEDED[shape] if r != "conversation"}:
        kept["conversation"] = ""
    return Mapping(**kept)


def complete(shape: Format, fields: Names[str, object], given: Mapping) -> Mapping:
    """The mapping for a format the operator asked for."""
    mapping = guess_mapping(fields, given)
    if shape in ("chat", "sharegpt") and not given.text:
        mapping = msgspec.structs.replace(mapping, text=_turn_list(fields, ""))
    if shape == "preference":
        mapping = _preferred(fields, mapping, given)
    if shape == "transcript" and not given.text:
        mapping = msgspec.structs.replace(mapping, text=transcript_field(fields))
    return narrow(shape, mapping)


def check_columns(name: str, shape: Format, mapping: Mapping, columns: Sequence[str]) -> None:
    """Raise ColumnError, naming the columns there are, when a needed one is missing."""
    listed = ", ".join(columns[:12]) + (", ..." if len(columns) > 12 else "")
    chosen = [getattr(mapping, role) for role in _GUESSES]
    chosen.append(mapping.only.partition(":")[0])
    for column in chosen:
        if column and column not in columns:
            raise ColumnError(
                f"{name}, line 1: there is no column {column!r}; found: {listed}.",
                "Name one of them with --map role=column.",
            )
    missing = [role for role in _NEEDED[shape] if not getattr(mapping, role)]
    if missing:
        raise ColumnError(
            f"{name}, line 1: no column for {' and '.join(missing)} ({shape}); found: {listed}.",
            " ".join(f"Add --map {role}=COLUMN." for role in missing),
        )


def known_names(fields: Names[str, object]) -> set[str]:
    """Names of columns as they are compared."""
    return {name.strip().lower() for name in fields}


def _preferred(fields: Names[str, object], mapping: Mapping, given: Mapping) -> Mapping:
    """The chosen side is the answer; where it holds the whole conversation, no prompt is needed."""
    chosen = next((n for n in fields if n.strip().lower() == "chosen"), mapping.answer)
    return msgspec.structs.replace(mapping, answer=given.answer or chosen)


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _turn_list(fields: Names[str, object], given: str) -> str:
    """The field that holds a list of turns: the named one, a usual one, or any that does."""
    names = [given] if given else [*_TURN_LISTS, *fields]
    return next((name for name in names if holds_turns(fields.get(name))), "")


def holds_turns(value: object) -> bool:
    """Whether a value is a list of turns, judged by its first."""
    items = _as_list(value)
    if not items:
        return False
    first = items[0]
    if isinstance(first, dict):
        return bool({"role", "from", "speaker"} & set(first))
    return (
        isinstance(first, list)
        and len(first) == 2
        and isinstance(first[0], str)
        and role_of(first[0]) is not None
    )


def transcript_field(fields: Names[str, object]) -> str:
    """The first field whose text reads like a transcript, or an empty string."""
    return next(
        (
            n
            for n, value in fields.items()
            if isinstance(value, str) and looks_like_transcript(value)
        ),
        "",
    )
