"""From the fields of one row to the turns of a conversation, one function per format."""

from __future__ import annotations

from engine.intake.conversation import Draft, Turn, role_of
from engine.intake.outcomes import Flaw, Format, Mapping, SkipRule
from engine.intake.transcript import looks_like_transcript, split_turns

Fields = dict[str, object]

_TURN_HINT = 'Write each turn as {"role": ..., "content": ...}, both texts.'
_TEXT_HINT = "Fill it in, or take the row out."


def draft_of(shape: Format, fields: Fields, mapping: Mapping, line: int) -> Draft | Flaw | SkipRule:
    """The conversation in one row; `turns` rows are grouped elsewhere, one row a turn."""
    if shape in ("chat", "sharegpt"):
        return _turn_list(fields, mapping)
    if shape == "alpaca":
        return _alpaca(fields, mapping)
    if shape == "pairs":
        return _pair(fields, mapping)
    if shape == "preference":
        return _preference(fields, mapping)
    return _transcript(fields, mapping, line)


def text_of(value: object) -> str | None:
    """A cell or JSON value as text; None stays None, numbers are written out."""
    if value is None or isinstance(value, str):
        return value
    return str(value)


def labels(fields: Fields, mapping: Mapping) -> tuple[str, str]:
    """Group key and intent of a row, as they stand there."""
    conversation = text_of(fields.get(mapping.conversation)) or ""
    return conversation, text_of(fields.get(mapping.intent)) or ""


def _turn_list(fields: Fields, mapping: Mapping) -> Draft | Flaw:
    items = fields.get(mapping.text)
    if not isinstance(items, list):
        return Flaw(
            f"there is no list of turns in {mapping.text!r}; found: {', '.join(fields)}"[:200],
            "Correct the row, or map the field with --map text=FIELD.",
        )
    turns = _turns(items)
    if isinstance(turns, Flaw):
        return turns
    if turns:
        turns = _with_system(fields, turns)
    log = any(isinstance(item, list) for item in items)
    return Draft(tuple(turns), *labels(fields, mapping), log=log)


def _turns(items: list[object]) -> list[Turn] | Flaw:
    turns: list[Turn] = []
    for at, item in enumerate(items, 1):
        turn = _turn(item)
        if turn is None:
            return Flaw(f"turn {at} has no speaker or no text", _TURN_HINT)
        turns.append(turn)
    return turns


def _turn(item: object) -> Turn | None:
    if isinstance(item, list) and len(item) == 2:
        who, what = item
        return Turn(who, what) if isinstance(who, str) and isinstance(what, str) else None
    if not isinstance(item, dict):
        return None
    who = next((item[k] for k in ("role", "from", "speaker") if k in item), None)
    keys = [k for k in ("content", "value", "text") if k in item]
    if not isinstance(who, str) or not (keys or "tool_calls" in item or "function_call" in item):
        return None
    what = item[keys[0]] if keys else None
    if isinstance(what, list):
        what = _parts(what)
        if what is None:
            return None
    if what is None and ("tool_calls" in item or "function_call" in item):
        return Turn("tool", None)
    return Turn(who, what) if what is None or isinstance(what, str) else None


def _parts(parts: list[object]) -> str | None:
    """The text of a content given in parts; None when a part is not text."""
    texts = [p.get("text") if isinstance(p, dict) else p for p in parts]
    kept = [t for t in texts if isinstance(t, str)]
    return "\n".join(kept) if len(kept) == len(texts) else None


def _alpaca(fields: Fields, mapping: Mapping) -> Draft | Flaw:
    lowered = {name.strip().lower(): value for name, value in fields.items()}
    if "instruction" not in lowered or "output" not in lowered:
        return Flaw(f"no instruction or no output; found: {', '.join(fields)}"[:200], _TEXT_HINT)
    asked = text_of(lowered["instruction"]) or ""
    extra = text_of(lowered.get("input")) or ""
    prompt = f"{asked}\n\n{extra}" if asked.strip() and extra.strip() else asked or extra
    turns = [Turn("user", prompt), Turn("assistant", text_of(lowered["output"]))]
    history = lowered.get("history")
    if isinstance(history, list):
        pairs = [p for p in history if isinstance(p, list) and len(p) == 2]
        turns = [Turn(w, text_of(t)) for p in pairs for w, t in _speak(p)] + turns
    system = text_of(lowered.get("system"))
    if system and system.strip():
        turns = [Turn("system", system), *turns]
    return Draft(tuple(turns), *labels(fields, mapping))


def _speak(pair: list[object]) -> list[tuple[str, object]]:
    return [("user", pair[0]), ("assistant", pair[1])]


def _pair(fields: Fields, mapping: Mapping) -> Draft | Flaw | SkipRule:
    """One answer; where a label says whether it is a good one, only those that are."""
    label = fields.get("label")
    if label is False:
        return "marked as a bad answer"
    missing = _missing(fields, (mapping.prompt, mapping.answer))
    if missing is not None:
        return missing
    turns = _answered(fields, mapping.prompt, fields[mapping.answer])
    if isinstance(turns, Flaw):
        return turns
    conversation, intent = labels(fields, mapping)
    return Draft(turns, conversation, "" if label is True else intent)


def _preference(fields: Fields, mapping: Mapping) -> Draft | Flaw:
    """The chosen side as the conversation; of the other, the last answer is kept."""
    missing = _missing(fields, (mapping.answer, mapping.rejected))
    if missing is not None:
        return missing
    chosen = _answered(fields, mapping.prompt, fields[mapping.answer])
    if isinstance(chosen, Flaw):
        return chosen
    other = _answered(fields, mapping.prompt, fields[mapping.rejected])
    said = () if isinstance(other, Flaw) else other
    answers = [t.content for t in said if role_of(t.speaker) == "assistant" and t.content]
    rejected = answers[-1] if answers else ""
    return Draft(chosen, *labels(fields, mapping), rejected=rejected)


def _missing(fields: Fields, columns: tuple[str, ...]) -> Flaw | None:
    for column in columns:
        if column not in fields:
            found = f"there is no {column!r}; found: {', '.join(fields)}"[:200]
            return Flaw(found, "Correct the row, or map the columns with --map role=column.")
    return None


def _answered(fields: Fields, prompt: str, answer: object) -> tuple[Turn, ...] | Flaw:
    """A prompt with an answer to it, each a text or a list of turns; an answer that begins with
    the customer is the whole conversation already."""
    replies = _spoken("assistant", answer, alone=not prompt)
    if isinstance(replies, Flaw):
        return replies
    if replies and role_of(replies[0].speaker) in ("user", "system"):
        return tuple(_with_system(fields, replies))
    opening = _spoken("user", fields.get(prompt))
    if isinstance(opening, Flaw):
        return opening
    return tuple(_with_system(fields, [*opening, *replies]))


def _spoken(speaker: str, value: object, *, alone: bool = False) -> list[Turn] | Flaw:
    """A text as one turn, a list as its turns; a text that stands alone may be a transcript."""
    if isinstance(value, list):
        return _turns(value)
    text = text_of(value)
    if alone and text is not None and looks_like_transcript(text):
        turns = split_turns(text.strip().replace("\r\n", "\n"), 1)
        return turns if isinstance(turns, Flaw) else list(turns)
    return [Turn(speaker, text)]


def _with_system(fields: Fields, turns: list[Turn]) -> list[Turn]:
    """With the row's own system prompt in front, where it has one."""
    system = fields.get("system")
    if isinstance(system, str) and system.strip() and role_of(turns[0].speaker) != "system":
        return [Turn("system", system), *turns]
    return turns


def _transcript(fields: Fields, mapping: Mapping, line: int) -> Draft | Flaw:
    text = fields.get(mapping.text)
    if not isinstance(text, str) or not text.strip():
        return Flaw(f"{mapping.text!r} holds no text", _TEXT_HINT)
    turns = split_turns(text.replace("\r\n", "\n"), 1)
    if isinstance(turns, Flaw):
        return turns
    return Draft(turns, *labels(fields, mapping), log=True)
