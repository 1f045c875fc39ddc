"""The frozen structs that cross boundaries between rooms: messages, examples, cases, answers."""

from __future__ import annotations

from typing import Literal

import msgspec

Role = Literal["system", "user", "assistant", "tool"]

AssertionKind = Literal[
    "contains",
    "not_contains",
    "any_of",
    "all_of",
    "none_of",
    "regex",
    "not_regex",
    "number",
    "yes_no",
    "json",
    "min_words",
    "max_words",
    "similarity",
    "refusal",
    "no_refusal",
    "last_number",
    "instruction",
    "python",
    "harness",
]


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One turn of a conversation, text as it came (control characters made visible at intake)."""

    role: Role
    content: str


class Assertion(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One checkable statement about an answer, tied to the business rule it comes from."""

    kind: AssertionKind
    value: str | float | bool | None = None
    """The text, pattern, amount, yes (true) / no (false), word count, similarity floor (0-1),
    JSON schema, instruction or task of lm-evaluation-harness as JSON, or `FILE.py:function`."""
    values: tuple[str, ...] = ()
    """Alternatives, for any_of, all_of and none_of."""
    unit: str = ""
    """Unit of a `number`: days, working days, dollars, percent, size; plural or not."""
    rule: str = ""
    """Id of the rule it stands for; empty when it stands alone."""
    critical: bool = False
    """A case passes only if every critical assertion holds and all others do as well;
    a failed critical one is also counted as a violation."""


class Example(msgspec.Struct, frozen=True, omit_defaults=True):
    """One candidate to learn from: a conversation that ends with an assistant turn."""

    messages: tuple[Message, ...]
    intent: str = ""
    conversation: str = ""
    """Group key: rows of one conversation never part in a split."""
    origin: str = ""
    """File name and line, for people: `chats.txt:218`."""
    tags: tuple[str, ...] = ()
    rejected: str = ""
    """Of a preference pair: the answer that was not chosen, for reference only."""

    @property
    def prompt(self) -> str:
        """The last user turn: what the final answer answers."""
        users = [m.content for m in self.messages if m.role == "user"]
        return users[-1] if users else ""

    @property
    def answer(self) -> str:
        """The final assistant turn."""
        return self.messages[-1].content if self.messages else ""


class Case(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One held-out or suite item. Exactly one of three shapes:

    generate    messages end with a user turn; the answer is judged by `assertions`
    choice      `choices` are scored by likelihood after the messages; `correct` is the right index
    text        `text` is scored by mean loss per token (after `messages`, which may be empty)
    """

    id: str
    messages: tuple[Message, ...] = ()
    reference: str = ""
    intent: str = ""
    cluster: str = ""
    """Cases of one fact or paraphrase family share a cluster; the statistics need to know."""
    assertions: tuple[Assertion, ...] = ()
    rules: tuple[str, ...] = ()
    """Ids of rules whose assertions the case inherits when it is frozen into a run."""
    choices: tuple[str, ...] = ()
    correct: int = -1
    text: str = ""
    tags: tuple[str, ...] = ()

    @property
    def prompt(self) -> str:
        """The last user turn."""
        users = [m.content for m in self.messages if m.role == "user"]
        return users[-1] if users else self.text

    @property
    def is_asked_elsewhere(self) -> bool:
        """Whether lm-evaluation-harness asks and scores it: the worker leaves it alone."""
        return any(a.kind == "harness" for a in self.assertions)


Gate = Literal["domain", "capability", "forgetting", "compliance", "over_refusal"]


class Suite(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A named, versioned list of cases that feeds one gate of the verdict."""

    name: str
    gate: Gate
    version: str
    cases: tuple[Case, ...]
    title: str = ""
    chance: float = 0.0
    """Pass rate of a guesser (for example 0.25 for four choices): headroom is measured from it."""
    system_prompt: bool = False
    """Whether the scope's system prompt stands before each case (domain and compliance: yes)."""
    max_new_tokens: int = 96
    licence: str = "Apache-2.0"


Arm = str
"""`base`, `prompted`, `tuned`, or a name given to imported answers."""


class OwnOutcome(msgspec.Struct, frozen=True):
    """What a check of the user's own said of an answer."""

    passed: bool
    reason: str


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one arm said to one case. One line of answers.jsonl."""

    suite: str
    case: str
    arm: Arm
    text: str = ""
    tokens: int = 0
    """Tokens generated, the end token not counted."""
    finished: bool = True
    """False when the length limit cut the answer."""
    choice: int = -1
    """Index of the likeliest choice, for choice cases."""
    nll: float | None = None
    """Sum of negative log-likelihood in nats over `nll_tokens`, for text cases and references."""
    nll_tokens: int = 0
    repeat: int = 0
    """0 for the answer itself; 1, 2... for the repeats of the noise floor."""
    own: dict[str, OwnOutcome] = {}
    """Outcomes of the user's own checks and of lm-evaluation-harness, by the assertion's value;
    never in answers.jsonl."""


class Scored(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the base model made of an example, its loss or its answer. One line of scores.jsonl."""

    example: int
    fingerprint: str
    loss: float | None = None
    """Mean over the trained tokens, nats; None when no token would be trained."""
    tokens: int = 0
    """Trained tokens that the loss is the mean of."""
    answer: str | None = None
    """What the base model answers; None on the line of a loss."""
    answer_tokens: int = 0
    finished: bool = True
    """False when the length limit cut the answer."""


class NumberedExample(msgspec.Struct, frozen=True):
    """An example with its id in the store, as checks, queue and split see it."""

    id: int
    example: Example


Severity = Literal["block", "decide", "review", "mark", "warn"]
"""block: cannot be accepted as it is; decide: a person chooses between answers; review: a person
looks; mark: noted, nothing to do; warn: about the whole set or of lesser weight."""


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing a check found, with the rows and the rule it concerns."""

    check: str
    severity: Severity
    examples: tuple[int, ...]
    """Ids of the rows concerned, the one to look at first; empty when it is about the whole set."""
    detail: str
    """One sentence for people: `says 30 days, rule R07 says 45 days`."""
    rule: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    """Character ranges in the first row's answer (or prompt, see `where`) to highlight."""
    where: Literal["prompt", "answer", ""] = ""
    case: str = ""
    """Id of the held-out case, for leaks."""
