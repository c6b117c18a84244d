"""What every effect of an action, and every outcome of a rule, knows of itself: one class a word of the language.

A class holds all facts of its word: the keys it has, how it is read and checked, what it reads, writes and reaches, how
it is carried out, and what it is called in traces, differences and explanations. `EFFECTS` of the package lists them.
The loader hands `read` a `Reader`, which stands for the form whose action or rule it is; the write path hands `run` a
`Door`; the rounds of rules hand `decide` a `Verdict`. How these do their part is theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal, Protocol, Self, TypeVar

from blankett.engine.fields.base import PROCESS, Part, Setting
from blankett.engine.formula import Formula, Place, Template, Who

#: How a key of an effect is written; the grammar says what that is.
KeyKind = Literal[
    "values", "own_values", "value", "keys", "said", "roles", "form", "link", "formula", "action", "role", "message",
    "template", "field", "who", "timer",
]  # fmt: skip
#: When a rule's outcome has its turn: between the rounds, in the last of them, or once after it.
Stage = Literal["between", "last", "after"]
#: What the sentence that tells an effect was done says of it.
ToldOf = Literal["field", "form", "reached", "action", "roles", "timer", "nothing"]
#: A decision point is looked at when the record is saved, or before or after an action.
Moment = Literal["save", "request", "completed"]

NOTHING: Mapping[str, Setting] = MappingProxyType({})
#: What an effect's own record is called in its traces and descriptions.
OWN = "this"


@dataclass(frozen=True)
class EffectKey:
    """A key in the map under an effect's word."""

    name: str
    kind: KeyKind
    #: One line for the language reference.
    help: str
    required: bool = False
    part: Part = PROCESS


# What is handed to an effect ------------------------------------------------------------------------------------------


class ReachedRecords(Protocol):
    """The other records an effect reaches, while it is read."""

    @property
    def link(self) -> str | None:
        """Return the link field of this record that names one, or None."""

    @property
    def form(self) -> str | None:
        """Return the full name of the form whose records are meant, or None."""


class Items(Protocol):
    """What a record is made for each of, while an effect is read."""

    @property
    def table(self) -> str | None:
        """Return the table whose lines they are, or None."""

    @property
    def formula(self) -> Formula | None:
        """Return the formula that gives them, or None."""


class EffectReader(Protocol):
    """One effect as it is written, in the scope of the form whose it is. What is wrong is told with its place.

    Each method takes the name of a key and returns None, or nothing, where it is missing or wrong.
    """

    @property
    def place(self) -> Place:
        """Return where the effect stands."""

    @property
    def is_outcome(self) -> bool:
        """Tell whether it is a rule's."""

    def below(self, key: str) -> EffectReader:
        """Return the reader of the map under *key*."""

    def own_values(self, key: str, *, tables: bool) -> Mapping[str, Setting]:
        """Return values for fields of this form; without *tables* lines are a problem."""

    def values(
        self, key: str, target: ReachedRecords, *, that: ReachedRecords | Items | None = None
    ) -> Mapping[str, Setting]:
        """Return values for fields of the target; *that*: what formulas know by this name."""

    def items(self, key: str) -> Items | None:
        """Return the lines of a table, or what a formula gives that must be a list."""

    def line_link(self, key: str, target: ReachedRecords, items: Items) -> str | None:
        """Return a link column of the items' table that may point at the target's records: ``lines.task``."""

    def target(self, *, link: str | None, form: str, own: bool = False) -> ReachedRecords | None:
        """Return the records that a link field or a form names; with *own* this very record, where neither is there
        and it may be meant.
        """

    def link(self, key: str, target: ReachedRecords) -> str | None:
        """Return a link field of this form that may point at the target's records."""

    def where(self, key: str, target: ReachedRecords) -> Formula | None:
        """Return the condition that picks records of the target."""

    def action(self, key: str, target: ReachedRecords) -> str | None:
        """Return the key of an action of the target's form."""

    def inputs(self, key: str, target: ReachedRecords, action: str) -> Mapping[str, Setting]:
        """Return answers to what an action asks; one that must be answered and is not is a problem."""

    def person(self, key: str) -> Setting | None:
        """Return a formula that gives a person."""

    def told(self, *, role: str, user: str, who: str) -> Who:
        """Return whom one of three keys names: a role, people by a formula, or several of both and owner and
        assignee.
        """

    def address(self, key: str, message: str) -> Formula | None:
        """Return a formula that gives an e-mail address or several, to which *message* goes: a letter."""

    def text(self, key: str, *, beside: str) -> Formula | None:
        """Return a formula that gives a text; it says nothing without the key *beside* it."""

    def roles(self, key: str) -> frozenset[str]:
        """Return the keys of one role or several."""

    def message(self, key: str) -> str | None:
        """Return the key of a message, whose text is checked in this scope."""

    def timer(self, key: str) -> str | None:
        """Return the key of a timer of this form."""

    def said(self, word: str) -> tuple[Template, str | None] | None:
        """Return the text under *word*, and the field it stands at."""


#: What the write path refuses with.
Refused = TypeVar("Refused")
#: The same, where it is only given back.
Refused_co = TypeVar("Refused_co", covariant=True)


class Door(Protocol[Refused_co]):
    """The way of an effect to the write path: each method does one thing with the records of a command, or says why it
    cannot.
    """

    def set(self, values: Mapping[str, Setting]) -> Refused_co | None:
        """Give fields of this record new values."""

    def create(self, form: str, values: Mapping[str, Setting], link: str | None) -> Refused_co | None:
        """Make a record, and let *link* of this record point at it."""

    def create_each(
        self, form: str, each: str | Formula | None, values: Mapping[str, Setting], link: str | None
    ) -> Refused_co | None:
        """Make a record for each line of a table, or each item of a list, and let *link* of the line point at it."""

    def update(self, target: Targeted, values: Mapping[str, Setting]) -> Refused_co | None:
        """Give fields of other records new values."""

    def act(self, target: Targeted, action: str, inputs: Mapping[str, Setting]) -> Refused_co | None:
        """Take an action on other records."""

    def assign(self, to: Setting) -> Refused_co | None:
        """Hand the record to a person."""

    def notify(self, to: Who, message: str) -> Refused_co | None:
        """Tell people."""

    def start(self, timer: str) -> Refused_co | None:
        """Let a timer of this record run from now on."""

    def stop(self, timer: str) -> Refused_co | None:
        """Let a timer of this record run no more."""

    def write_to(self, address: Formula, language: Formula | None, message: str) -> Refused_co | None:
        """Write to the addresses that a formula gives, in the language that another does."""


class Verdict(Protocol):
    """What the last round of rules comes to."""

    def refuse(self, outcome: Saying) -> None:
        """Refuse the command with the outcome's message."""

    def warn(self, outcome: Saying) -> None:
        """Carry the command out, and say the outcome's message."""

    def require(self, roles: frozenset[str]) -> None:
        """Let only who holds one of *roles* go on."""


# Effects --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Effect:
    """An effect or an outcome. Subclasses say what differs; each is frozen, made by the loader and only read."""

    #: The key in a blueprint: ``set``.
    word: ClassVar[str]
    #: One line for the language reference, where the word is a key.
    help: ClassVar[str]
    #: How what follows the word is written.
    kind: ClassVar[KeyKind] = "keys"
    #: For ``kind = "keys"``: its map: name, words in messages, line in the reference, keys.
    shape: ClassVar[str] = ""
    shape_words: ClassVar[str] = ""
    about: ClassVar[str] = ""
    keys: ClassVar[tuple[EffectKey, ...]] = ()
    #: Exactly one of these keys must be there.
    one_of: ClassVar[tuple[str, ...]] = ()
    #: Attribute → the key, or keys, that it holds, where its name is not the key's.
    held: ClassVar[Mapping[str, str | tuple[str, ...]]] = MappingProxyType({})
    #: Its turn among a rule's outcomes.
    stage: ClassVar[Stage] = "after"
    #: The id of the sentence that tells it was done; `told_of` is what its `{who}` or `{title}` stands for.
    told: ClassVar[str]
    told_of: ClassVar[ToldOf] = "nothing"
    #: Whether nothing comes of a command for which a rule with it fires.
    refuses: ClassVar[bool] = False
    #: Whether a rule with it may keep somebody from going on.
    may_refuse: ClassVar[bool] = False
    #: Whether it may change other records, which may lead its own on.
    reaches_on: ClassVar[bool] = False

    place: Place
    #: Done only while this holds, looked at when its turn comes; None: always. Only effects of actions have it.
    when: Formula | None = None

    @classmethod
    def read(cls, reader: EffectReader) -> Self | None:
        """Return the effect as it is written; None where it cannot be read. Tells what is wrong."""
        raise NotImplementedError(f"{cls.__name__} does not say how it is read")

    def run(self, door: Door[Refused]) -> Refused | None:
        """Do it, or return why it cannot be done."""
        raise NotImplementedError(f"{type(self).__name__} is nothing that is done")

    def decide(self, verdict: Verdict) -> None:
        """Say what it has to say of the last round."""

    def nonsense_at(self, moment: Moment, *, sees_change: bool) -> str | None:
        """Return why a rule cannot have it at a point, or None. *sees_change*: its condition reads `old`."""
        return None

    # What it reads ----------------------------------------------------------------------------------------------------

    @property
    def settings(self) -> Iterable[Setting]:
        """Return every value it gives to anything."""
        return ()

    def formulas(self) -> Iterator[Formula]:
        """Yield its formulas that read its own record; not those in its text or message."""
        if self.when is not None:
            yield self.when
        yield from self.own_formulas()

    def own_formulas(self) -> Iterator[Formula]:
        """Yield the formulas under its word."""
        yield from (setting.formula for setting in self.settings if setting.formula is not None)

    @property
    def picking(self) -> Formula | None:
        """Return the condition by which it picks other records, or None."""
        return None

    @property
    def text(self) -> Template | None:
        """Return what it says itself, or None."""
        return None

    @property
    def sends(self) -> str | None:
        """Return the key of the message it sends, or None."""
        return None

    @property
    def leaves_house(self) -> bool:
        """Tell whether what it sends goes to somebody who is no user."""
        return False

    @property
    def named_roles(self) -> frozenset[str]:
        """Return the roles it names."""
        return frozenset()

    # What it writes ---------------------------------------------------------------------------------------------------

    @property
    def given(self) -> Mapping[str, Setting]:
        """Return what it gives to fields of its own record."""
        return NOTHING

    @property
    def field_values(self) -> Mapping[str, Setting]:
        """Return what it gives to fields of any record."""
        return self.given

    @property
    def assignee(self) -> Setting | None:
        """Return whom it hands its own record to, or None."""
        return None

    @property
    def makes(self) -> str | None:
        """Return the full name of the form of which it makes a record, or None."""
        return None

    @property
    def makes_again(self) -> bool:
        """Tell whether it makes one record after another, and the same ones again whenever it is done again."""
        return False

    @property
    def target(self) -> Targeted | None:
        """Return the other records it reaches, or None."""
        return None

    @property
    def takes(self) -> str | None:
        """Return the key of the action that it takes on other records, or None."""
        return None

    def writes(self, own: str, reached: str) -> Iterator[tuple[str, Collection[str]]]:
        """Yield (full name of a form, fields it gives values); *own* is the form it is in, *reached* its target's."""
        if self.given:
            yield own, self.given.keys()

    # What it is called ------------------------------------------------------------------------------------------------

    def describe(self, write: Write) -> str:
        """Return it on one line of a difference, as an author would write it: ``set hold: yes``."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it is described")

    def written(self, write: Write) -> str:
        """Return what it does, and when."""
        return f"when {write.formula(self.when)} {self.describe(write)}" if self.when else self.describe(write)

    def trace(self, changed: Collection[str] | None = None) -> tuple[str, ...]:
        """Return what it did, as events keep it: its word and what it is about. *changed*: of what it sets, only
        that.
        """
        return (self.word,)

    def meanings(self, write: Write) -> Iterator[tuple[str, ...]]:
        """Yield what it does, to be compared: two with the same are one too many."""
        yield self.word, self.describe(write)


class Write(Protocol):
    """Writes parts of an effect as their author did."""

    def setting(self, setting: Setting) -> str:
        """Return ``yes`` or ``= total * 2``."""

    def formula(self, formula: Formula | None) -> str:
        """Return the text of a formula, empty for none."""

    def who(self, who: Who) -> str:
        """Return ``finance, = record.owner``."""

    def said(self, text: Template) -> str:
        """Return a text in all its languages, in quotes."""


def values_text(values: Mapping[str, Setting], write: Write) -> str:
    """Return ``hold: yes, owed: = total``."""
    return ", ".join(f"{key}: {write.setting(setting)}" for key, setting in values.items())


@dataclass(frozen=True)
class Targeted:
    """The other records an effect reaches: the one a link field names, or all of *form* where *where* holds; with
    neither, the very record whose it is.
    """

    link: str | None
    #: The full name of a form.
    form: str | None
    where: Formula | None = None

    @property
    def is_own(self) -> bool:
        """Tell whether it is no other record."""
        return self.link is None and self.form is None

    def describe(self, write: Write) -> str:
        """Return ``shipment``, ``orders.order where customer = this``, or ``this``."""
        if self.is_own:
            return OWN
        if self.link is not None:
            return self.link
        return f"{self.form} where {write.formula(self.where)}" if self.where is not None else str(self.form)


@dataclass(frozen=True, kw_only=True)
class Reaching(Effect):
    """An effect on other records."""

    reaches_on: ClassVar[bool] = True
    one_of: ClassVar[tuple[str, ...]] = ("link", "form")

    link: str | None
    form: str | None
    where: Formula | None

    @property
    def picking(self) -> Formula | None:
        """Return the condition by which it picks other records, or None."""
        return self.where

    @property
    def target(self) -> Targeted:
        """Return the other records it reaches."""
        return Targeted(self.link, self.form, self.where)


@dataclass(frozen=True, kw_only=True)
class Saying(Effect):
    """An outcome that says something of the last round."""

    kind: ClassVar[KeyKind] = "said"
    shape: ClassVar[str] = "rule_message"
    shape_words: ClassVar[str] = "a message of a rule"
    about: ClassVar[str] = "What a rule says, and where."
    keys: ClassVar[tuple[EffectKey, ...]] = (
        EffectKey("message", "template", "What is said.", required=True),
        EffectKey("field", "field", "The field it stands at."),
    )
    stage: ClassVar[Stage] = "last"

    message: Template
    #: The field the message stands at, or None for the whole record.
    field: str | None

    @classmethod
    def read(cls, reader: EffectReader) -> Self | None:
        """Return the outcome with its text."""
        said = reader.said(cls.word)
        return cls(message=said[0], field=said[1], place=reader.place) if said is not None else None

    @property
    def text(self) -> Template:
        """Return what it says."""
        return self.message

    def describe(self, write: Write) -> str:
        """Return ``refuse at total "…"``."""
        at = f" at {self.field}" if self.field else ""
        return f"{self.word}{at} {write.said(self.message)}"

    def meanings(self, write: Write) -> Iterator[tuple[str, ...]]:
        """Yield the text and its field."""
        yield self.word, write.said(self.message), str(self.field)
