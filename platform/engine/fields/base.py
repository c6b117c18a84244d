"""What every field type can do: read a submitted text or an API value, check it, store it, show it, index it.

One class per type, one explicit list (`blankett.engine.fields.FIELD_TYPES`). A type looks at one value alone;
what needs other fields or other records (required, visible, unique, checks) belongs to the engine. Emptiness is handled
here once: no type ever sees an empty text or null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Protocol
from zoneinfo import ZoneInfo

from blankett.engine import feel
from blankett.engine.calendar.clock_run import ClockRun
from blankett.engine.feel.sql import Kind
from blankett.engine.fields.cells import Cells
from blankett.engine.formula import Formula, Place, Template, Words

#: A field's value in memory: a FEEL value, except that link and user fields hold an id.
Value = str | Decimal | bool | date | time | datetime | timedelta | ClockRun | tuple[str, ...] | list["Line"] | None
#: A line of a table: its stable id under "id", and a value per column.
Line = dict[str, Value]
#: What `json.dumps` takes: the form a value has in the store and in the API.
Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

SlotKind = Literal["text", "number", "date"]
#: What an id stands for.
Pointed = Literal["record", "person", "department"]
#: How a list is asked for values of a type: from one to another, one of those that are listed, by what an id points to,
#: or by words in a text.
FilterKind = Literal["range", "options", "pointer", "words"]
OptionKind = Literal[
    "whole", "text", "value", "formula", "choices", "pattern", "form", "role", "fields", "word", "currency", "yes_no",
    "states", "states_or_actions", "length", "calendar",
]  # fmt: skip

#: Slots hold numbers as integers of this many decimals.
SLOT_SCALE = 6
#: Characters that nobody sees: a text of them alone is empty.
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff"
_UNSEEN = dict.fromkeys(map(ord, UNSEEN))
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

    def department_by_text(self, text: str) -> Sequence[tuple[str, str]]:
        """Return (id, title) of the open departments whose key or title is *text*, at most 2."""
        ...


@dataclass(frozen=True)
class TextReading:
    """What reading a submitted text needs to know of the person and the day."""

    #: Babel's name of the locale: ``en``, ``de``, ``zh_Hans``.
    locale: str = "en"
    #: Resolves what was typed into link and user fields; without one the text is taken as the id.
    lookup: Lookup | None = None
    #: The ISO 4217 code a money value is in, when it is known: bounds the decimals.
    currency: str | None = None
    #: The zone of moments that say none, where the locale has none.
    zone: tzinfo | None = None
    #: The person's day, for what counts from it: "fri", "+7", "3/12". Without one such texts say nothing.
    today: date | None = None


def is_blank(text: str) -> bool:
    """Tell whether nobody sees anything of a text."""
    return not text or (not text[0].isalnum() and not text.translate(_UNSEEN).strip())


class VersionChange(Protocol):
    """What is known of the change from one version to the next while values follow; `publish.fit` has one."""

    def option(self, old: Field, key: str) -> str:
        """Return what an option of *old* becomes."""
        ...

    def leads_elsewhere(self, old: Field, new: Field) -> bool:
        """Tell whether a link leads to another form than before; a form that was renamed is the same one."""
        ...


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
    #: What it is called elsewhere: ``"string str varchar"``; to be suggested to whoever writes that.
    synonyms: ClassVar[str] = ""
    #: Keys of its own: ``(TypeOption("decimals", "whole", "digits after the point", least=0, most=6),)``.
    options: ClassVar[tuple[TypeOption, ...]] = ()

    # What a value is ------------------------------------------------------------------------------------------------

    #: What its value is the id of: ``"record"``; None for values that stand for themselves.
    points_to: ClassVar[Pointed | None] = None
    #: Whether its value is lines, each with columns of their own.
    has_lines: ClassVar[bool] = False
    #: Whether its value is an amount in a currency.
    has_currency: ClassVar[bool] = False
    #: Whether the values of lines make a sum: of amounts and counts, not of shares or marks.
    adds_up: ClassVar[bool] = False
    #: Whether a person can leave it empty; a box that is ticked or not always says something.
    is_clearable: ClassVar[bool] = True
    #: Whether what becomes of a record gives its value, and nobody and no formula does; a form's fields alone have it.
    runs_by_itself: ClassVar[bool] = False
    #: Whether its constants in a blueprint are any text, also one that looks like a formula.
    is_free_text: ClassVar[bool] = False
    #: Whether it can hold the code of a currency.
    holds_code: ClassVar[bool] = False
    #: Whether records can be found by it as their `key`: short, typed by people, one text for one value.
    can_be_key: ClassVar[bool] = False
    #: Whether formulas see its value in another form than it is kept in: `in_formulas`.
    changes_in_formulas: ClassVar[bool] = False
    #: Names for today and for who asks, which formulas know and a constant of the type is not: ``today()``.
    takes_moments: ClassVar[bool] = False

    def feel_type(self, of: Field) -> feel.Type:
        """Return the static type of its value in a formula.

        The caller sets nullability, currency paths and the columns of tables.
        """
        raise NotImplementedError

    def cases(self, of: Field) -> Sequence[tuple[str, Value]]:
        """Return (text of the control, value) of every value there is, where they are few and listed."""
        return ()

    def in_formulas(self, value: Value, zone: ZoneInfo) -> object:
        """Return a value as formulas see it; *zone*: the workspace's."""
        return value

    def is_like(self, other: FieldType) -> bool:
        """Tell whether *other* is the same type."""
        return type(self) is type(other)

    # In lists -------------------------------------------------------------------------------------------------------

    #: The kind of slot its values are indexed in, or None when lists cannot sort or filter by it.
    slot: ClassVar[SlotKind | None] = None
    #: What a slot's column is in a condition, where it is not what the slot is.
    column: ClassVar[Kind | None] = None
    #: Whether its texts are words of people: sorted as their language sorts, and searched.
    is_worded: ClassVar[bool] = False
    #: How a list is asked for its values.
    filter: ClassVar[FilterKind] = "words"
    #: Whether its values are days, alone or with a time: a calendar offers them, and they date a record in a table.
    is_day: ClassVar[bool] = False
    #: Whether its values have an order that means something: the smallest, the latest.
    is_ordered: ClassVar[bool] = False
    #: The class of the values that `min` and `max` bind, None where they bind none; what is wrong with others.
    bounded: ClassVar[type[Any] | None] = None
    outside: ClassVar[tuple[str, str]] = ("field.too_small", "field.too_large")
    #: Whether its values tell records of a table apart at a glance, without a look at other records.
    tells_apart: ClassVar[bool] = False
    #: Whether the first filled field of the type names a record that has neither a title nor a number.
    names_record: ClassVar[bool] = False

    @property
    def sql_kind(self) -> Kind | None:
        """Return what its column is in a condition; None for a type without a slot."""
        return self.column or self.slot

    # From version to version ----------------------------------------------------------------------------------------

    #: Whether its values become values of other types, and theirs its own; ids and lines do not.
    is_convertible: ClassVar[bool] = True

    def convert(self, value: Value, old: Field, new: Field, reading: TextReading) -> Value | Fault:
        """Return *value* of *old*, a field of another type, as *new*, a field of this one, holds it."""
        if not (self.is_convertible and old.type.is_convertible):
            return Fault("type_changed")
        read = self.read_api(old.type.to_api(value, old), new, reading)
        return Fault("does_not_convert") if isinstance(read, Fault) else read

    def keep(self, value: Value, old: Field, new: Field, change: VersionChange) -> Value | Fault:
        """Return *value* of *old* as *new*, a field of the same type with other options, holds it; a fault named after
        its reason: ``option_gone`` with the `keys` of options. Narrower bounds change nothing: they bind what is typed.
        """
        return value

    def may_lose(self, old: Field, new: Field, change: VersionChange) -> bool:
        """Tell whether `keep` might refuse a value."""
        return False

    def options_in(self, kept: str) -> tuple[str, ...]:
        """Return the options that a slot's text says."""
        return (kept,)

    # In decision tables ---------------------------------------------------------------------------------------------

    #: Whether a table's column can have it from a field.
    is_cell: ClassVar[bool] = True
    #: How its values stand in the cells of decision tables, DMN files and spreadsheets.
    cells: ClassVar[Cells] = Cells()
    #: Whether a table's column can have the type by its name alone.
    is_column: ClassVar[bool] = False

    # On pages -------------------------------------------------------------------------------------------------------

    #: The widget that draws it: a macro of ``templates/fields/``.
    widget: ClassVar[str] = "text"
    #: How many of the six columns of a section its control needs.
    width: ClassVar[int] = 2
    #: How many letters an ordinary value has that stands in one line, for which cells keep room; 0 for words.
    letters: ClassVar[int] = 0
    #: Which keys a phone shows for it: HTML's `inputmode`, ``"tel"``; empty for those of words, with their spelling.
    keyboard: ClassVar[str] = ""
    #: Whether a scanner types it, whose Enter must not send the form.
    is_scanned: ClassVar[bool] = False
    #: Whether values line up on the right.
    is_number: ClassVar[bool] = False
    #: Whether a value can be many lines, of which a page shows the first.
    is_long: ClassVar[bool] = False
    #: Whether a typed text is read from today on ("+7"), so that what was read of it travels with it.
    is_read_from_today: ClassVar[bool] = False

    #: Whether a control posts a text for each part of a value: `joined` makes one of them.
    joins_posted: ClassVar[bool] = False

    def joined(self, texts: Iterable[str]) -> str:
        """Return the texts that a control posted as the one text that was typed."""
        return [*texts][-1]

    def widget_of(self, of: Field) -> str:
        """Return the widget of a field."""
        return self.widget

    def width_of(self, of: Field) -> int:
        """Return how many of the six columns of a section the control of a field needs."""
        return self.width

    def blank(self, of: Field) -> str:
        """Return what stands in the control of a line that nobody touched."""
        return ""

    def address(self, value: Value) -> str:
        """Return where a value leads: ``mailto:…``, ``tel:…``, ``https://…``; empty for nowhere."""
        return ""

    def measure(self, of: Field) -> str:
        """Return the sign of what is measured, which stands beside the label: ``%``."""
        return ""

    # Reading: None for empty, a value, or a fault. -------------------------------------------------------------------

    def read_text(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the value a person typed as *text* in their locale; empty and blank texts are None."""
        text = text.strip()
        if is_blank(text):
            return None
        return self._checked(self.parse(text, of, reading), of, reading)

    def read_api(self, raw: Json, of: Field, reading: TextReading) -> Value | Fault:
        """Return the value *raw* stands for in the API and in blueprints: ISO dates, plain decimals."""
        if raw is None or (isinstance(raw, str) and is_blank(raw)):
            return None
        return self._checked(self.parse_api(raw, of, reading), of, reading)

    def _checked(self, value: Value | Fault, of: Field, reading: TextReading) -> Value | Fault:
        if value is None or isinstance(value, Fault):
            return value
        fault = self.check(value, of)
        return value if fault is None else self.in_currency(fault, reading.currency)

    def in_currency(self, fault: Fault, currency: str | None) -> Fault:
        """Return what `check` found as it is told of a value in *currency*."""
        return fault

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the value of a text that is not blank."""
        raise NotImplementedError

    def parse_option(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the one of its listed values that a filter's *text* asks for."""
        return self.parse(text, of, reading)

    def parse_bound(self, text: str, of: Field, reading: TextReading, *, is_last: bool) -> Value | Fault:
        """Return the first value, or the *last*, that a range typed as *text* takes in."""
        return self.parse(text, of, reading)

    def parse_api(self, raw: Json, of: Field, reading: TextReading) -> Value | Fault:
        """Return the value of an API value that is not empty."""
        raise NotImplementedError

    def check(self, value: Value, of: Field) -> Fault | None:
        """Return what is wrong with a value of the right kind: too long, below `min`, no such option.

        A `min` or `max` that is a formula is not looked at here: the engine evaluates it and calls `check_between`.
        """
        if self.bounded is None:
            return None
        return self.check_between(value, *self.bounds(of))

    def judges(self, of: Field) -> bool:
        """Tell whether `check` may find something wrong with a value that is the field's own."""
        return type(self).check is not FieldType.check or (self.bounded is not None and self.bounds(of) != (None, None))

    def bounds(self, of: Field) -> tuple[object, object]:
        """Return the least and the greatest value there can be; None where there is none."""
        return of.options.get("min"), of.options.get("max")

    def check_between(self, value: Value, least: object, most: object) -> Fault | None:
        """Return a fault when *value* is below *least* or above *most*; a bound of another kind does not bind."""
        kind = self.bounded
        if kind is None or not isinstance(value, kind):
            return None
        given: Any = value
        too_low, too_high = self.outside
        if isinstance(least, kind) and given < least:
            return Fault(too_low, {"min": least})
        if isinstance(most, kind) and given > most:
            return Fault(too_high, {"max": most})
        return None

    def from_feel(self, value: object, of: Field, currency: str | None = None) -> Value | Fault:
        """Return the value a formula gave, rounded to what the field stores; null is None. Ignores min and max."""
        raise NotImplementedError

    def from_formula(self, value: object, of: Field, zone: tzinfo | None, currency: str | None = None) -> Value | Fault:
        """Return the value that a formula of a record gave, as `from_feel` does; *zone*: the workspace's."""
        return self.from_feel(value, of, currency)

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

    def spelling(self, value: Value) -> str:
        """Return another way to write a worded value, by which a search finds it too; empty for none."""
        return ""

    def slot_value(self, value: Value) -> str | int | None:
        """Return what is kept in a slot: a text, or what stands for a long one; 6 decimals; days since 1970."""
        return None


class StoredAsText(FieldType):
    """What types share whose values are texts, kept and typed as they are: a text, the key of an option, an id."""

    def to_stored(self, value: Value, of: Field) -> Json:
        """Return the text."""
        return value if isinstance(value, str) else None

    def from_stored(self, stored: Json, of: Field) -> Value:
        """Return the text."""
        return stored if isinstance(stored, str) else None

    def to_text(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the text, empty for None."""
        return value if isinstance(value, str) else ""


# A field of a type ---------------------------------------------------------------------------------------------------


EMPTY: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True)
class Setting:
    """A key documented as *value*: plain YAML read by the field's type, or a formula when it starts with ``=``."""

    constant: Value = None
    formula: Formula | None = None

    def evaluate(self, names: Mapping[str, object], moment: feel.Moment) -> object:
        """Return the constant, or what the formula gives for *names*."""
        return self.constant if self.formula is None else self.formula.evaluate(names, moment)


@dataclass(frozen=True)
class Option:
    """One value of a choice."""

    key: str
    title: Words
    retired: bool = False
    was: str | None = None


@dataclass(frozen=True)
class FieldCheck:
    """A condition on one field, with what to say when it does not hold."""

    that: Formula
    message: Template | None
    #: ``written`` or ``always``: when it binds although only the day, a rate or a linked record moved.
    binds: str = "written"


@dataclass(frozen=True)
class Field:
    """A named value of a form, or a column of a table."""

    key: str
    type: FieldType
    title: Words
    help: Words | None
    place: Place
    #: The table it is a column of, or None: ``lines`` for the column ``lines.amount``.
    table: str | None = None
    required: bool | Formula = False
    visible: Formula | None = None
    editable: bool | Formula = True
    default: Setting | None = None
    compute: Formula | None = None
    fill: Formula | None = None
    unique: bool = False
    check: FieldCheck | None = None
    #: Roles that may read it, or None when it is not private. Derived privacy is in ``Form.private_sources``.
    private: frozenset[str] | None = None
    #: Private fields whose values this field may show although it is derived from them.
    declassify: frozenset[str] = frozenset()
    #: Whether it is for the house alone, and not printed; None: see `Form.is_internal`.
    internal: bool | None = None
    index: bool = False
    #: States at whose entry a live compute is stored.
    snapshot: tuple[str, ...] = ()
    #: True when `compute` uses links, rates, today() or now(), directly or through another live field.
    live: bool = False
    retired: bool = False
    was: str | None = None
    #: When `min`, `max` and `required` bind: ``written`` or ``always``, as of a field's check.
    binds: str = "written"
    #: Checked options of the type: ``{"decimals": 2, "min": Decimal(0)}``.
    options: Mapping[str, object] = field(default_factory=lambda: EMPTY)
    #: Of money: a code, or the path of the currency field from the field's own scope: ``("currency",)`` in the form,
    #: ``("parent", "currency")`` in a column, ``("inputs", "currency")`` for what an action asks.
    currency: str | tuple[str, ...] | None = None
    #: Of numbers: what is counted, in each language; `options["unit"]` has it in the first.
    unit: Words | None = None
    #: Of texts: what is said of one that does not match the pattern, in each language.
    pattern_message: Words | None = None
    #: The list under the blueprint's `options` that its options are from, or None.
    option_list: str | None = None
    #: Options that are none any more → the option their records then have.
    ended: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    #: The columns when the type is ``table``, in order.
    columns: Mapping[str, Field] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def path(self) -> tuple[str, ...]:
        """Return ``("lines", "amount")`` for a column, ``("total",)`` for a field."""
        return (self.table, self.key) if self.table else (self.key,)

    @property
    def is_stored(self) -> bool:
        """Tell whether the record holds a value: not a live compute, unless it is snapshot."""
        return not self.live or bool(self.snapshot)

    @property
    def is_typed(self) -> bool:
        """Tell whether a person or an effect may ever give it a value: nothing works it out."""
        return self.compute is None and not self.type.runs_by_itself

    @property
    def is_needed(self) -> bool:
        """Tell whether a person may have to type it: it may be required, and nothing gives it a value."""
        is_given = self.compute is not None or self.fill is not None or self.default is not None
        return self.required is not False and not is_given and self.editable is not False and not self.retired

    @property
    def is_fixed(self) -> bool:
        """Tell whether it is a table whose lines nobody may add or remove; what fills it may."""
        return self.options.get("fixed") is True

    @property
    def links_to(self) -> str | None:
        """Return the full name of the form of the records that a link points to; None for other fields."""
        return str(self.options.get("to")) if self.type.points_to == "record" else None

    def option_titles(self) -> Mapping[str, Option]:
        """Return the options of a choice by key; empty for other types."""
        found = self.options.get("options")
        return found if isinstance(found, Mapping) else MappingProxyType({})
