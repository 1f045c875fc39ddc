"""From the fields of one row to the turns of a conversation, one function per format."""

from __future__ import annotations

from engine.intake.conversation import Draft, Turn
from engine.intake.outcomes import Flaw, Format, Mapping
from engine.intake.transcript import split_turns

Fields = dict[str, object]

_TURN_HINT = 'Write each turn as {"role": ..., "content": ...}, both texts.'
_TEXT_HINT = "Fill it in, or take the row out."


def draft_of(shape: Format, fields: Fields, mapping: Mapping, line: int) -> Draft | Flaw:
    """The conversation in one row; `turns` rows are grouped elsewhere, one row a turn."""
    if shape in ("chat", "sharegpt"):
        return _turn_list(fields, mapping)
    if shape == "alpaca":
        return _alpaca(fields, mapping)
    if shape == "pairs":
        return _pair(fields, mapping)
    return _transcript(fields, mapping, line)


def text_of(value: object) -> str | None:
    """A cell or JSON value as text; None stays None, numbers are written out."""
    if value is None or isinstance(value, str):
        return value
    return str(value)


def _labels(fields: Fields, mapping: Mapping) -> tuple[str, str]:
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
    system = fields.get("system")
    if isinstance(system, str) and system.strip():
        turns = [Turn("system", system), *turns]
    log = any(isinstance(item, list) for item in items)
    return Draft(tuple(turns), *_labels(fields, mapping), log=log)


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
    return Draft(tuple(turns), *_labels(fields, mapping))


def _speak(pair: list[object]) -> list[tuple[str, object]]:
    return [("user", pair[0]), ("assistant", pair[1])]


def _pair(fields: Fields, mapping: Mapping) -> Draft | Flaw:
    for column in (mapping.prompt, mapping.answer):
        if column not in fields:
            found = f"there is no {column!r}; found: {', '.join(fields)}"[:200]
            return Flaw(found, "Correct the row, or map the columns with --map role=column.")
    prompt, answer = fields[mapping.prompt], fields[mapping.answer]
    if isinstance(prompt, list) and isinstance(answer, list):
        turns = _turns([*prompt, *answer])
        if isinstance(turns, Flaw):
            return turns
    else:
        turns = [Turn("user", text_of(prompt)), Turn("assistant", text_of(answer))]
    return Draft(tuple(turns), *_labels(fields, mapping))


def _transcript(fields: Fields, mapping: Mapping, line: int) -> Draft | Flaw:
    text = fields.get(mapping.text)
    if not isinstance(text, str) or not text.strip():
        return Flaw(f"{mapping.text!r} holds no text", _TEXT_HINT)
    turns = split_turns(text.replace("\r\n", "\n"), 1)
    if isinstance(turns, Flaw):
        return turns
    return Draft(turns, *_labels(fields, mapping), log=True)
