"""The settings of the data checks, a struct each with its defaults; a scope may change any."""

from __future__ import annotations

from typing import Annotated

import msgspec

from engine.records import Severity

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
"""A fraction of 1."""
Count = Annotated[int, msgspec.Meta(ge=0)]
AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]


class CheckSettings(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What every check has."""

    on: bool = True
    """Whether the check runs."""
    severity: Severity = "warn"
    """How its findings are treated."""


class Schema(CheckSettings, frozen=True):
    """Broken conversations and control characters."""

    severity: Severity = "block"


class Template(CheckSettings, frozen=True):
    """Rows as the model's real chat template renders them."""

    severity: Severity = "block"
    model: str = ""
    """A fetched model, a local folder or a hub id; empty: the one that trained last, or trains by
    default."""
    max_length: AtLeastOne = 1024
    """Tokens per row, prompt and answer together: what is longer would be cut."""


class ExactDuplicate(CheckSettings, frozen=True):
    """Rows that are equal in normal form."""

    severity: Severity = "mark"


class NearDuplicate(CheckSettings, frozen=True):
    """Rows that are nearly the same."""

    severity: Severity = "mark"
    near: Share = 0.8
    """Jaccard of character 5-grams from which rows form a cluster."""
    ratio: Annotated[float, msgspec.Meta(ge=0.0, le=100.0)] = 90.0
    """Edit ratio (0-100) that must confirm it."""
    similar: Share = 0.7
    """Jaccard from which rows are shown as similar; at most `near`."""


class Conflict(CheckSettings, frozen=True):
    """Nearly the same question, answers that disagree."""

    severity: Severity = "decide"
    similar: Share = 0.7
    """Jaccard from which two questions count as the same."""


class Contradiction(CheckSettings, frozen=True):
    """Answers that break a business rule."""

    severity: Severity = "decide"
    assertions: bool = True
    """Whether the assertions of a rule are held against answers to the questions it governs;
    typed facts always are."""


class Leak(CheckSettings, frozen=True):
    """Rows whose question stands in the held-out set."""

    severity: Severity = "block"
    """Of equal and near questions; similar ones are reviewed."""
    near: Share = 0.8
    similar: Share = 0.7
    """Jaccard from which a question is reviewed; at most `near`."""
    gram: AtLeastOne = 13
    """So many words in a row shared with a held-out item are a leak..."""
    gram_words: AtLeastOne = 20
    """...if that item has so many words."""
    turn_words: AtLeastOne = 4
    """A turn with fewer words inside a longer conversation is no question of its own."""


class Secret(CheckSettings, frozen=True):
    """Passwords, keys, tokens."""

    severity: Severity = "review"
    allow: tuple[str, ...] = ()
    """Texts that are no secret: a key of the documentation, say."""


class PersonalData(CheckSettings, frozen=True):
    """Somebody's e-mail, phone number, address, name."""

    severity: Severity = "review"
    allow: tuple[str, ...] = ()
    """Texts that are nobody's: the shop's own address. What the rules print is allowed already."""
    leave_out: tuple[str, ...] = ()
    """Kinds not looked for: `name`, `order id`, ..."""


class OffScope(CheckSettings, frozen=True):
    """Rows about something else."""

    severity: Severity = "review"


class Truncated(CheckSettings, frozen=True):
    """Answers that stop in the middle of a sentence."""

    words: AtLeastOne = 5
    """Shorter answers may end as they like."""


class Refusals(CheckSettings, frozen=True):
    """Refusals where an answer is wanted."""


class Balance(CheckSettings, frozen=True):
    """Intents with too few rows."""

    fewest: Count = 8
    """Rows per intent."""


class SameOpening(CheckSettings, frozen=True):
    """One opening that many answers share."""

    share: Share = 0.3
    words: AtLeastOne = 3
    """Words that make an opening."""
    fewest: Count = 20
    """Rows; below this a share says little."""


class Repetition(CheckSettings, frozen=True):
    """Answers that go round in circles."""

    times: AtLeastOne = 3
    """How often one sentence may not be said."""
    distinct: Share = 0.6
    """Share of three-word sequences that must be distinct, from 20 words on."""


class LengthOutlier(CheckSettings, frozen=True):
    """Answers far longer or shorter than the others."""

    z: Annotated[float, msgspec.Meta(gt=0.0)] = 3.5
    """Robust z (median and MAD) of the number of words."""
    fewest: Count = 20
    """Rows; below this a median says little."""


class StaleDate(CheckSettings, frozen=True):
    """Years gone by, spoken of as if they were now."""

    years: Count = 0
    """So many years back are still of today."""


class Mojibake(CheckSettings, frozen=True):
    """Text that was decoded with the wrong encoding."""


class Checks(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The settings of every check, by its name."""

    schema: Schema = Schema()
    template: Template = Template()
    conflict: Conflict = Conflict()
    contradiction: Contradiction = Contradiction()
    leak: Leak = Leak()
    secret: Secret = Secret()
    personal_data: PersonalData = PersonalData()
    off_scope: OffScope = OffScope()
    exact_duplicate: ExactDuplicate = ExactDuplicate()
    near_duplicate: NearDuplicate = NearDuplicate()
    truncated: Truncated = Truncated()
    refusals: Refusals = Refusals()
    balance: Balance = Balance()
    same_opening: SameOpening = SameOpening()
    repetition: Repetition = Repetition()
    length_outlier: LengthOutlier = LengthOutlier()
    stale_date: StaleDate = StaleDate()
    mojibake: Mojibake = Mojibake()

    def named(self, name: str) -> CheckSettings:
        """The settings of one check; a check without any has those that every check has."""
        found = getattr(self, name, None)
        return found if isinstance(found, CheckSettings) else CheckSettings()

    def settled(self) -> Checks:
        """The same, written shortest: what equals a default is that default."""
        changed = [n for n in self.__struct_fields__ if (v := self.named(n)) != type(v)()]
        if not changed:
            return DEFAULTS
        return msgspec.structs.replace(DEFAULTS, **{n: self.named(n) for n in changed})

    def running(self) -> tuple[str, ...]:
        """Names of the checks that are on."""
        return tuple(name for name in self.__struct_fields__ if self.named(name).on)


DEFAULTS = Checks()


def find_setting_problems(checks: Checks) -> list[str]:
    """What is out of range, a sentence each."""
    problems: list[str] = []
    for name in checks.__struct_fields__:
        settings = checks.named(name)
        try:
            msgspec.convert(msgspec.to_builtins(settings), type(settings))
        except msgspec.ValidationError as error:
            problems.append(f"checks.{name}: {error}")
    for name, pair in (("near_duplicate", checks.near_duplicate), ("leak", checks.leak)):
        if pair.similar > pair.near:
            problems.append(
                f"checks.{name}: similar is {pair.similar:g}, more than near, {pair.near:g}"
            )
    return problems
