"""What of a model's items is process, read key by key: two forms with the same have records that behave alike.

The grammar says of each key what it is part of (`kinds.Part`). Here stands only which attribute of which class holds
which key; one that is not named otherwise holds the key of its own name. A test finds what was forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from blankett.engine.effects import EFFECTS, OF_ACTIONS, Effect
from blankett.engine.fields.base import PROCESS, FieldType
from blankett.engine.language.grammar import SHAPES_BY_NAME
from blankett.engine.language.model import (
    Action,
    Approval,
    ApprovalStep,
    Approver,
    Blueprint,
    BlueprintMessage,
    Check,
    DecisionPoint,
    Destination,
    Fact,
    Field,
    FieldCheck,
    Form,
    Formula,
    Grant,
    ListView,
    NeededVotes,
    Numbering,
    Option,
    Role,
    Rule,
    Section,
    Setting,
    State,
    Table,
    TableCell,
    TableInput,
    TableOutput,
    TableResult,
    TableRow,
    Template,
    Timer,
    TimerLength,
    TimerRepeat,
    Who,
    Words,
    WorkCalendar,
)

#: What an item says, in values that can be compared and hashed.
Meaning = tuple[object, ...] | str | bool | Decimal | date | time | timedelta | int | None


#: What names a form of a version → what names it in every version.
FormNames = Mapping[str, str]
OWN_NAMES: FormNames = MappingProxyType({})
#: The attribute of effects and facts, and the option of links, that names a form.
FORM_ATTRIBUTE, FORM_OPTION = "form", "to"


@dataclass(frozen=True)
class Held:
    """How a class of the model holds the keys of a shape."""

    shape: str
    #: Attribute → the keys it holds, where its name is not the key's.
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    #: Attributes that follow from the others, or that only say where the item stands.
    derived: frozenset[str] = frozenset()
    #: Attributes whose words count too, because pages show them by the record's own version.
    worded: frozenset[str] = frozenset()
    #: Properties that hold a key of their own name.
    properties: tuple[str, ...] = ()
    #: A further shape whose keys it holds: that of the map its own stands in.
    around: str = ""

    @property
    def shapes(self) -> tuple[str, ...]:
        """Return the shapes whose keys it holds."""
        return (self.shape, self.around) if self.around else (self.shape,)


_PLACED = frozenset({"key", "place"})
_COLUMN = Held(
    "table_column",
    {"written": ("type",), "listed": ("values",), "field": ("decimals", "currency")},
    frozenset({"place", "type", "may_be_empty"}),
    properties=("title",),
)


def _effect_held(effect: type[Effect]) -> Held:
    """Return how an effect holds the keys of its map, or the one key that it is."""
    shape = effect.shape or ("effect" if effect in OF_ACTIONS else "outcome")
    return Held(
        shape,
        {name: (key,) if isinstance(key, str) else key for name, key in effect.held.items()},
        frozenset({"place"}),
        around="effect",
    )


#: Class of item → how it holds its keys: for `process_of`, and for the texts of a difference (`diff`). A new class
#: or attribute of the model stands here, or a test fails.
HELD: Mapping[type, Held] = {
    Blueprint: Held("blueprint", {"key": ("blueprint",)}, frozenset({"source", "digest", "places", "settle"})),
    Role: Held("role", derived=_PLACED),
    WorkCalendar: Held("calendar", derived=_PLACED),
    Section: Held("section", derived=_PLACED),
    Grant: Held("grant", derived=frozenset({"place"})),
    ListView: Held("list", derived=_PLACED),
    BlueprintMessage: Held("message", {"text": ("subject",)}, frozenset({"place"})),
    Form: Held(
        "form",
        {"key_field": ("key",)},
        frozenset(
            {
                "blueprint",
                "key",
                "place",
                "order",
                "link_paths",
                "private_sources",
                "private_roles",
                "ended",
                "tables",
                "messages",
                "conditions",
                "first_key",
            }
        ),
    ),
    Field: Held(
        "field",
        {"columns": ("fields",)},
        frozenset({"key", "place", "table", "live", "options", "option_list", "ended"}),
    ),
    Option: Held("option", derived=frozenset({"key"})),
    FieldCheck: Held("field_check"),
    Numbering: Held("number", derived=frozenset({"place"})),
    Check: Held("check", derived=_PLACED),
    State: Held("state", {"stopped": ("final",)}, _PLACED | {"kind"}),
    Destination: Held("destination", derived=frozenset({"place"})),
    Action: Held("action", {"sources": ("from",), "destinations": ("to",)}, _PLACED, worded=frozenset({"ask"})),
    **{effect: _effect_held(effect) for effect in EFFECTS},
    Approval: Held("approval", derived=_PLACED),
    ApprovalStep: Held("approval_step", derived=_PLACED),
    Approver: Held("approver", {"who": ("role", "user")}, frozenset({"place"})),
    NeededVotes: Held("need", {"written": ("weight",)}),
    Rule: Held("rule", {"valid_from": ("valid",), "valid_to": ("valid",)}, _PLACED),
    Timer: Held("timer", derived=_PLACED),
    TimerRepeat: Held("timer_repeat", derived=frozenset({"place"})),
    Fact: Held(
        "fact",
        {"measure": ("count", "sum", "min", "max", "latest"), "form": ("count",), "field": ("sum",)},
        _PLACED | {"type"},
    ),
    Table: Held("table", {"inputs": ("in",), "outputs": ("out",)}, frozenset({"blueprint", "key", "scope", "place"})),
    TableInput: _COLUMN,
    TableOutput: replace(_COLUMN, keys={**_COLUMN.keys, "ranking": ("values",)}),
}


def process_of(form: Form, forms: FormNames = OWN_NAMES) -> Meaning:
    """Return all that makes records of *form* behave as they do, to be compared with that of another version.

    The tables its formulas call and the messages it sends are part of it. *forms*: what names a form in its version →
    what names it in every version, since one that has another key now is the same form.
    """
    return (_item(form, forms), _meaning(form.tables, forms), _meaning(form.messages, forms))


def _item(item: object, forms: FormNames, *, worded: bool = False) -> Meaning:
    """Return what an item's keys say that are process; with *worded* its words too."""
    held, variant = HELD[type(item)], item.type.name if isinstance(item, Field) else ""
    found: list[tuple[str, Meaning]] = [
        (
            name,
            _meaning(
                _named(getattr(item, name), name == FORM_ATTRIBUTE, forms), forms, worded=worded or name in held.worded
            ),
        )
        for name, is_process in _read(type(item), variant)  # type: ignore[arg-type]  # classes are hashable
        if is_process or worded
    ]
    if isinstance(item, Field):
        process = _process_keys(held.shape, variant)
        options = {
            key: _named(value, key == FORM_OPTION, forms)
            for key, value in item.options.items()
            if worded or key in process
        }
        found.append(("options", _meaning(options, forms, worded=worded)))
    return (type(item).__name__, *found)


@cache
def _read(kind: type, variant: str) -> tuple[tuple[str, bool], ...]:
    """Return the attributes of a class, each with whether a key it holds is process; what only says where an item came
    from is left out.
    """
    held = HELD[kind]
    process = frozenset[str]().union(*(_process_keys(shape, variant) for shape in held.shapes))
    named = ((name, held.keys.get(name, (name,))) for name in attributes_of(kind))
    return tuple((name, not process.isdisjoint(keys)) for name, keys in named if "was" not in keys)


@cache
def _process_keys(shape: str, variant: str) -> frozenset[str]:
    found = SHAPES_BY_NAME[shape]
    return frozenset(key.name for key in (*found.keys, *found.variants.get(variant, ())) if key.part == PROCESS)


def attributes_of(kind: type) -> Iterator[str]:
    """Yield the attributes of a class that hold keys of the language, in its order."""
    held = HELD[kind]
    yield from (each.name for each in fields(kind) if each.name not in held.derived)
    yield from held.properties


def _named(value: object, is_form: bool, forms: FormNames) -> object:
    """Return what an attribute or an option holds, a form by the name that it has in every version."""
    return forms.get(value, value) if is_form and isinstance(value, str) else value


def _meaning(value: object, forms: FormNames, *, worded: bool = False) -> Meaning:
    """Return a value of the model so that equal ones mean the same, wherever in the text they stand."""
    if value is None or isinstance(value, (str, bool, int, Decimal, date, time, timedelta)):
        return value
    if isinstance(value, Formula):
        return ("formula", value.text.strip())
    if isinstance(value, TimerLength):
        return ("length", value.text)
    if isinstance(value, Setting):
        return ("setting", _meaning(value.constant, forms), _meaning(value.formula, forms))
    if isinstance(value, Template):
        return _meaning(value.words, forms)
    if isinstance(value, Words):
        return ("words", *value.by_language.items())
    if isinstance(value, FieldType):
        return value.name
    if isinstance(value, DecisionPoint):
        return str(value)
    if isinstance(value, Who):
        return ("who", _meaning(value.names, forms), _meaning(value.formulas, forms))
    if isinstance(value, TableRow):
        return ("row", _meaning(value.cells, forms), _meaning(value.results, forms))
    if isinstance(value, (TableCell, TableResult)):
        return (value.column, value.text.strip())
    if isinstance(value, (frozenset, set)):
        return ("set", *sorted(map(str, value)))
    if isinstance(value, Mapping):
        return ("map", *((str(key), _meaning(each, forms, worded=worded)) for key, each in value.items()))
    if isinstance(value, (tuple, list)):
        return ("list", *(_meaning(each, forms, worded=worded) for each in value))
    if is_dataclass(value):
        return _item(value, forms, worded=worded)
    raise TypeError(f"{type(value).__name__} has no meaning yet: say in sameness.py what of it is process")
