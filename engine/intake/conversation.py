"""Turns as they were found, settled into one example: roles resolved, silence dropped, tail cut."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TypeAlias

import msgspec

from engine.intake.outcomes import Flaw, SkipRule
from engine.records import Example, Message, Role
from engine.visible import make_visible

_NAMES: dict[Role, str] = {
    "user": "user human customer client caller visitor buyer shopper guest member consumer "
    "prompter",
    "assistant": "assistant gpt agent bot chatbot model support rep representative advisor adviser "
    "associate operator staff ai supervisor manager specialist shop seller store helpdesk",
    "system": "system developer instructions",
    "tool": "tool function function_call tool_call observation action ipython function_response",
}
ROLES: dict[str, Role] = {name: role for role, names in _NAMES.items() for name in names.split()}

_ROLE_HINT = "Rename it to user, assistant, system or tool."
_ORDER_HINT = "Write user and assistant turns in alternation, beginning with a user turn."


class Turn(msgspec.Struct, frozen=True):
    """One turn as the file has it; `content` is None where the file says null."""

    speaker: str
    content: str | None
    line: int = 0


class Draft(msgspec.Struct, frozen=True):
    """A conversation before it is settled."""

    turns: tuple[Turn, ...]
    conversation: str = ""
    intent: str = ""
    rejected: str = ""
    tags: tuple[str, ...] = ()
    log: bool = False
    """A log of people talking: bursts of one speaker are joined and an opening greeting of the
    agent is left out. Where turns were written for training, both are flaws."""


class Settled(msgspec.Struct, frozen=True):
    """An example and what was left out or joined to get there."""

    example: Example
    notes: tuple[str, ...]


class _Said(msgspec.Struct, frozen=True):
    role: Role
    content: str
    at: int
    """Position in the draft, from 1, for messages to people."""


_Step: TypeAlias = list[_Said] | Flaw


def role_of(speaker: str) -> Role | None:
    """The role a speaker's name stands for: `Customer`, `Agent (Maria)`, `support agent`."""
    words = re.findall(r"[a-z_]+", speaker.lower().split("(")[0])
    joined = "_".join(words)
    if joined in ROLES:
        return ROLES[joined]
    roles = {ROLES[word] for word in words if word in ROLES}
    return roles.pop() if len(roles) == 1 and len(words) <= 3 else None


def settle(draft: Draft, origin: str) -> Settled | Flaw | SkipRule:
    """One example that ends with an assistant turn, or why there is none."""
    notes: list[str] = []
    said = _resolve(draft)
    if isinstance(said, Flaw):
        return said
    if said and all(s.role == "system" for s in said):
        return "only a system turn"
    if draft.log:
        said = _join_bursts(_drop_idle_tools(_drop_opening(said, notes), notes), notes)
    said = _cut_tail(said, notes)
    flaw = _order_flaw(said)
    if flaw is not None:
        return flaw
    example = Example(
        messages=tuple(Message(s.role, s.content) for s in said),
        intent=make_visible(draft.intent.strip()),
        conversation=make_visible(draft.conversation.strip()),
        origin=make_visible(origin),
        tags=draft.tags,
        rejected=make_visible(draft.rejected.strip()),
    )
    return Settled(example, tuple(notes))


def _resolve(draft: Draft) -> _Step:
    """Turns with roles and words; an assistant turn that only called a tool says nothing."""
    roles = [role_of(turn.speaker) for turn in draft.turns]
    with_tools = "tool" in roles
    said: list[_Said] = []
    for at, (turn, role) in enumerate(zip(draft.turns, roles, strict=True), 1):
        if role is None:
            where = f"line {turn.line}" if turn.line else f"turn {at}"
            speaker = make_visible(turn.speaker[:40])
            return Flaw(f"{where} has the unknown role {speaker!r}", _ROLE_HINT)
        content = make_visible((turn.content or "").strip())
        if with_tools and role == "assistant" and content in ("", "None"):
            continue
        if not content:
            if role == "tool":
                continue
            return Flaw(f"turn {at} ({role}) is empty", "Fill it in, or take the turn out.")
        said.append(_Said(role, content, at))
    return said


def _drop_opening(said: list[_Said], notes: list[str]) -> list[_Said]:
    first = next((i for i, s in enumerate(said) if s.role == "user"), len(said))
    kept = [s for s in said[:first] if s.role == "system"]
    if first == len(said):
        return said
    if dropped := first - len(kept):
        notes.append(f"{_count(dropped, 'turn')} before the customer's first left out")
    noise = sum(s.role == "system" for s in said[first:])
    if noise:
        notes.append(f"{_count(noise, 'system turn')} in the middle left out")
    return kept + [s for s in said[first:] if s.role != "system"]


def _drop_idle_tools(said: list[_Said], notes: list[str]) -> list[_Said]:
    """Leave out tool turns that no answer makes use of: entries a system made in the log."""
    kept: list[_Said] = []
    used = False
    for s in reversed(said):
        used = s.role == "assistant" or (s.role == "tool" and used)
        if used or s.role != "tool":
            kept.append(s)
    if len(kept) < len(said):
        notes.append(f"{_count(len(said) - len(kept), 'tool turn')} without an answer left out")
    return kept[::-1]


def _join_bursts(said: list[_Said], notes: list[str]) -> list[_Said]:
    joined: list[_Said] = []
    for s in said:
        if joined and joined[-1].role == s.role and s.role in ("user", "assistant"):
            last = joined[-1]
            joined[-1] = _Said(s.role, f"{last.content}\n{s.content}", last.at)
        else:
            joined.append(s)
    if len(joined) < len(said):
        notes.append(f"{_count(len(said) - len(joined), 'turn')} joined to the one before")
    return joined


def _cut_tail(said: list[_Said], notes: list[str]) -> list[_Said]:
    last = max((i for i, s in enumerate(said) if s.role == "assistant"), default=-1)
    if last >= 0 and last + 1 < len(said):
        notes.append(f"{_count(len(said) - last - 1, 'turn')} after the last answer cut")
    return said[: last + 1] if last >= 0 else said


def _order_flaw(said: list[_Said]) -> Flaw | None:
    roles = {s.role for s in said}
    if "assistant" not in roles:
        return Flaw("there is no assistant turn", "Add the answer, or take the row out.")
    if "user" not in roles:
        return Flaw("there is no user turn", "Add the question, or take the row out.")
    spoken = [s for s in said if s.role != "system"]
    systems = len(said) - len(spoken)
    if systems > 1 or any(s.role == "system" for s in said[systems:]):
        return Flaw("a system turn stands after the first turn", "Keep one, at the beginning.")
    if spoken[0].role != "user":
        return Flaw(f"the first turn is {spoken[0].role}, not user", _ORDER_HINT)
    for before, after in pairwise(spoken):
        if before.role == after.role != "tool":
            where = f"turns {before.at} and {after.at} are both {after.role}"
            return Flaw(f"roles do not alternate: {where}", _ORDER_HINT)
        if before.role == "tool" and after.role == "user":
            return Flaw(f"turn {before.at} (tool) is never answered", _ORDER_HINT)
    return None


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
