"""What every field type can do: read a submitted text or an API value, check it, store it, show it, index it.

One class per type, one explicit list (`blankett.engine.fields.FIELD_TYPES`). A type looks at one value alone;
what needs other fields or other records (required, visible, unique, checks) belongs to the engine. Emptiness is handled
here once: no type ever sees an empty text or null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

if TYPE_CHECKING:
    from blankett.engine.blueprint.model import Field
    from blankett.engine.feel import types as feel_types

#: A field's value in memory: a FEEL value, except that link and user fields hold an id.
Value = str | Decimal | bool | date | time | datetime | timedelta | list["Line"] | None
#: A line of a table: its stable id under "id", and a value per column.
Line = dict[str, Value]
#: What `json.dumps` takes: the form a value has in the store and in the API.
Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

SlotKind = Literal["text", "number", "date"]
OptionKind = Literal[
    "whole", "text", "value", "formula", "choices", "pattern", "form", "role", "fields", "word", "currency", "yes_no"
]

#: Slots hold numbers as integers of this many decimals.
SLOT_SCALE = 6
#: The largest number a field takes: a slot's 64 bits hold it at six decimals.
LARGEST = Decimal("9000000000000")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value was not taken: a message id with parameters, worded in the reader's language at the edge."""

    message: str
    params: Mapping[str, object] = field(default_factory=dict)


#: What a key of the language says of records that exist: how they behave, by their own version until they move; what
#: holds for all of them as the newest version says (rights, lists, tests); or only how they look and are called, as the
#: newest version says too.
Part = Literal["process", "current", "display"]
PROCESS: Part = "process"
CURRENT: Part = "current"
DISPLAY: Part = "display"


@dataclass(frozen=True)
class TypeOption:
    """A key a field of the type may have in a blueprint, besides those common to all fields."""

    key: str
    kind: OptionKind
    #: One line for the language reference.
    help: str
    required: bool = False
    #: For `kind="word"`: the words allowed.
    words: tuple[str, ...] = ()
    #: For `kind="whole"`: bounds of the option itself.
    least: int | None = None
    most: int | None = None
    _: KW_ONLY
    part: Part


class Lookup(Protocol):
    """Finds records and people by what a person typed; the store gives one, tests pass a dict."""

    def link_by_text(self, form: str, text: str) -> Sequence[tuple[str, str]]:
        """Return (id, title) of records of *form* ("blueprint.form"): id, key, number or title is *text*; at most 2."""
        ...

    def user_by_text(self, text: str) -> Sequence[tuple[str, str]]:
        """Return (id, name) of the people whose id, e-mail or name is *text*, at most 2."""
        ...


@dataclass(frozen=True)
class Reading:
    """What reading a submitted text needs to know of the person and the day."""

    #: Babel's name of the locale: ``en``, ``de``, ``zh_Hans``.
    locale: str = "en"
    #: Resolves what was typed into link and user fields; without one the text is taken as the id.
    lookup: Lookup | None = None
    #: The ISO 4217 code a money value is in, when it is known: bounds the decimals.
    currency: str | None = None
    #: The person's day, for what counts from it: "fri", "+7", "3/12". Without one such texts say nothing.
    today: date | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """How a value is written: as it is typed into a field, and as people read it. A fault's `readings` are such."""

    typed: str
    shown: str


class FieldType:
    """A type of field. Subclasses set the class attributes and override what differs; they hold no state."""

    #: The word in a blueprint: ``money``.
    name: ClassVar[str]
    #: One line for the language reference.
    help: ClassVar[str]
    #: Keys of its own: ``(TypeOption("decimals", "whole", "digits after the point", least=0, most=6),)``.
    options: ClassVar[tuple[TypeOption, ...]] = ()
    #: The kind of slot its values are indexed in, or None when lists cannot sort or filter by it.
    slot: ClassVar[SlotKind | None] = None
    #: The widget that draws it: a macro of ``templates/fields/``.
    widget: ClassVar[str] = "text"
    #: Whether values line up on the right.
    is_number: ClassVar[bool] = False

    def feel_type(self, of: Field) -> feel_types.Type:
        """Return the static type of its value in a formula.

        The caller sets nullability, currency paths and the columns of tables.
        """
        raise NotImplementedError

    # Reading: None for empty, a value, or a fault. -------------------------------------------------------------------

    def read_text(self, text: str, of: Field, reading: Reading) -> Value | Fault:
        """Return the value a person typed as *text* in their locale; empty and blank texts are None."""
        text = text.strip()
        if not text:
            return None
        return self._checked(self.parse(text, of, reading), of)

    def read_api(self, raw: Json, of: Field, reading: Reading) -> Value | Fault:
        """Return the value *raw* stands for in the API and in blueprints: ISO dates, plain decimals."""
        if raw is None or raw == "":
            return None
        return self._checked(self.parse_api(raw, of, reading), of)

    def _checked(self, value: Value | Fault, of: Field) -> Value | Fault:
        if value is None or isinstance(value, Fault):
            return value
        return self.check(value, of) or value

    def parse(self, text: str, of: Field, reading: Reading) -> Value | Fault:
        """Return the value of a text that is not blank."""
        raise NotImplementedError

    def parse_api(self, raw: Json, of: Field, reading: Reading) -> Value | Fault:
        """Return the value of an API value that is not empty."""
        raise NotImplementedError

    def check(self, value: Value, of: Field) -> Fault | None:
        """Return what is wrong with a value of the right kind: too long, below `min`, no such option.

        A `min` or `max` that is a formula is not looked at here: the engine evaluates it and calls `check_between`.
        """
        return None

    def check_between(self, value: Value, least: object, most: object) -> Fault | None:
        """Return a fault when *value* is below *least* or above *most*; a bound that is None does not bind."""
        return None

    def from_feel(self, value: object, of: Field, currency: str | None = None) -> Value | Fault:
        """Return the value a formula gave, rounded to what the field stores; null is None. Ignores min and max."""
        raise NotImplementedError

    # Writing --------------------------------------------------------------------------------------------------------

    def to_stored(self, value: Value, of: Field) -> Json:
        """Return the canonical form that is stored: decimals as text without trailing zeros, ISO dates."""
        raise NotImplementedError

    def from_stored(self, stored: Json, of: Field) -> Value:
        """Return the value of a stored form; the inverse of `to_stored`."""
        raise NotImplementedError

    def to_api(self, value: Value, of: Field) -> Json:
        """Return the value as the API and blueprints write it (a percent 0.30 as "30")."""
        return self.to_stored(value, of)

    def to_text(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the value as a person types it into the field; empty for None."""
        raise NotImplementedError

    def echo(self, text: str, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return how a typed *text* was read, where that is not what was typed; empty where it is."""
        return ""

    def show(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the value as people read it; empty for None. Links, users and choices are titled by the caller."""
        return self.to_text(value, of, locale, currency)

    def slot_value(self, value: Value) -> str | int | None:
        """Return what is kept in a slot: a text, or what stands for a long one; 6 decimals; days since 1970."""
        return None
