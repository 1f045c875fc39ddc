"""Rows as the model's real chat template renders them: trained tokens, length, end and start."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import ModelError, RunError
from engine.records import Case, Example, Finding, Message, NumberedExample
from engine.rendering.rows import Row, training_row
from engine.rendering.tokenizer import ChatTokenizer, load_tokenizer
from engine.scope import Scope

_PROBE = Example((Message("user", "ask"), Message("assistant", "reply")))
_NO_LIMIT = 1 << 30


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Blocks rows that would train nothing, would be cut, or that the template refuses.

    `checks.template.model` names the model's folder. What is wrong with every row, such as an end
    token that the template never writes, is one finding about the whole set. Without a tokenizer
    at hand the one finding says so.
    """
    settings = scope.checks.template
    if not settings.model or not rows:
        return []
    try:
        tokenizer = load_tokenizer(settings.model)
    except ModelError as error:
        return [Finding("template", "warn", (), f"rows were not rendered: {error}")]
    of_all = _problems(_render(tokenizer, _PROBE, scope.system_prompt, _NO_LIMIT), tokenizer)
    found = [Finding("template", settings.severity, (), f"{p} in any row") for p in of_all]
    for row in rows:
        rendered = _render(tokenizer, row.example, scope.system_prompt, settings.max_length)
        for problem in _problems(rendered, tokenizer):
            if problem not in of_all:
                found.append(Finding("template", settings.severity, (row.id,), problem))
    return found


def _render(
    tokenizer: ChatTokenizer, example: Example, system_prompt: str, max_length: int
) -> Row | str:
    """The row, or why the template refuses its turns."""
    try:
        return training_row(tokenizer, example, system_prompt, max_length)
    except RunError as error:
        return error.message.rstrip(".")


def _problems(rendered: Row | str, tokenizer: ChatTokenizer) -> list[str]:
    if isinstance(rendered, str):
        return [rendered]
    ids = rendered.ids
    found: list[str] = []
    if rendered.targets == 0:
        found.append("no token is trained")
    if rendered.cut:
        whole = len(rendered) + rendered.cut
        found.append(f"cut by {rendered.cut} tokens: {whole} in all, {len(rendered)} allowed")
    elif not ids or ids[-1] != tokenizer.eos_token_id or not rendered.trained[-1]:
        found.append("the end token is not trained")
    if len(ids) > 1 and ids[0] == ids[1] == tokenizer.bos_token_id:
        found.append("two start tokens")
    return found
