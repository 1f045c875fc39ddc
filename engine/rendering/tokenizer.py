"""A model's tokenizer and chat template from its folder: `tokenizers` and jinja, no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import ModelError


class ChatTokenizer:
    """What rendering asks of a tokenizer, by the names that transformers uses."""

    def __init__(
        self, tokenizer: Any, template: str, special: Mapping[str, str], ends: Sequence[int] = ()
    ) -> None:
        """special: `eos_token`, `bos_token`, ...; ends: ids at which the model stops generating."""
        self._tokenizer = tokenizer
        self._template = _compiled(template)
        self._special = dict(special)
        self._settle_end(ends)

    @property
    def eos_token(self) -> str:
        """The end token as text; empty when the model has none."""
        return self._special.get("eos_token", "")

    @property
    def eos_token_id(self) -> int | None:
        """The end token's id."""
        return self._id("eos_token")

    @property
    def bos_token_id(self) -> int | None:
        """The start token's id."""
        return self._id("bos_token")

    def __call__(self, text: str, add_special_tokens: bool = True) -> dict[str, list[int]]:
        """Token ids of a text."""
        encoded = self._tokenizer.encode(text, add_special_tokens=add_special_tokens)
        return {"input_ids": encoded.ids}

    def apply_chat_template(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        tokenize: bool = False,
        add_generation_prompt: bool = False,
    ) -> str:
        """The conversation as the template writes it; TemplateError when it refuses the turns."""
        return str(
            self._template.render(
                messages=list(messages),
                tools=None,
                documents=None,
                add_generation_prompt=add_generation_prompt,
                **self._special,
            )
        )

    def _id(self, name: str) -> int | None:
        token = self._special.get(name)
        found = self._tokenizer.token_to_id(token) if token else None
        return None if found is None else int(found)

    def _settle_end(self, ends: Sequence[int]) -> None:
        """Gemma's turns end with another token than its tokenizer's: then that is the end token."""
        tail = self.closing()
        written = self(tail, add_special_tokens=False)["input_ids"]
        if self.eos_token_id in written:
            return
        closing = next((token for token in written if token in ends), None)
        if closing is not None:
            self._special["eos_token"] = str(self._tokenizer.id_to_token(closing))

    def closing(self) -> str:
        """What the template writes behind an answer; empty when it refuses even a plain one."""
        from jinja2 import TemplateError

        turns = [{"role": "user", "content": "ask"}, {"role": "assistant", "content": "reply"}]
        try:
            return self.apply_chat_template(turns).rpartition("reply")[2]
        except TemplateError:
            return ""


@lru_cache(maxsize=4)
def load_tokenizer(folder: str) -> ChatTokenizer:
    """The tokenizer of a model's folder; raises ModelError naming what it lacks."""
    from tokenizers import Tokenizer

    place = Path(folder)
    if not place.is_dir():
        raise ModelError(f"{folder} is not on this machine.", "The preflight of a run checks them.")
    try:
        tokenizer = Tokenizer.from_file(str(place / "tokenizer.json"))
    # tokenizers raises nothing more exact.
    except Exception as error:
        raise ModelError(
            f"{place} has no tokenizer.json that can be read: {error}.",
            "The preflight of a run checks them.",
        ) from error
    config = _read(place / "tokenizer_config.json")
    generation = _read(place / "generation_config.json").get("eos_token_id")
    ends = generation if isinstance(generation, list) else [generation]
    return ChatTokenizer(
        tokenizer,
        _template_of(place, config),
        _special_tokens(config, _read(place / "special_tokens_map.json")),
        [int(end) for end in ends if end is not None],
    )


def template_hash(folder: str) -> str:
    """SHA-256 of the chat template in a model's folder; empty where none can be read."""
    place = Path(folder)
    try:
        template = _template_of(place, _read(place / "tokenizer_config.json"))
    except ModelError:
        return ""
    return hashlib.sha256(template.encode()).hexdigest()


def _read(path: Path) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        raise ModelError(f"{path} cannot be read: {error}.", "Fetch the model again.") from error
    return found if isinstance(found, dict) else {}


def _template_of(place: Path, config: Mapping[str, Any]) -> str:
    """The template of its own file, else of the configuration (the one named default)."""
    own = place / "chat_template.jinja"
    if own.is_file():
        return own.read_text(encoding="utf-8")
    written = config.get("chat_template")
    if isinstance(written, list):
        named = {entry.get("name"): entry.get("template") for entry in written}
        written = named.get("default")
    if not isinstance(written, str) or not written:
        raise ModelError(f"{place} has no chat template.", "Use an instruction-tuned model.")
    return written


def _special_tokens(*sources: Mapping[str, Any]) -> dict[str, str]:
    """`eos_token` and its like; written as a text or as an object with its content."""
    found: dict[str, str] = {}
    for source in sources:
        for name, token in source.items():
            text = token.get("content") if isinstance(token, dict) else token
            if name.endswith("_token") and isinstance(text, str):
                found.setdefault(name, text)
    return found


def _compiled(template: str) -> Any:
    """The template in the environment that transformers gives it, sandboxed."""
    import jinja2
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_generation_block(), loopcontrols]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    try:
        return environment.from_string(template)
    except jinja2.TemplateError as error:
        raise ModelError(
            f"The chat template cannot be read: {error}.", "Correct the model's folder."
        ) from error


def _generation_block() -> Any:
    """`{% generation %}` marks answers for other tools; here it writes what it holds."""
    from jinja2 import nodes
    from jinja2.ext import Extension

    class Generation(Extension):
        tags = {"generation"}

        def parse(self, parser: Any) -> Any:
            line = next(parser.stream).lineno
            body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
            return nodes.Scope(body, lineno=line)

    return Generation


def _to_json(value: Any, ensure_ascii: bool = False, indent: int | None = None, **more: Any) -> str:
    """jinja's own filter escapes HTML, which no template of a model wants."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, **more)


def _refuse(message: str) -> str:
    from jinja2 import TemplateError

    raise TemplateError(message)
