"""What of a blueprint's item a difference may name: for each kind of item, its aspects as (YAML key, text) in order.

Which keys there are, and in which order, the grammar says; which attribute holds them, `sameness.HELD`. Here stands
only how a key is read whose text is more than that. The texts are what the author would write, so that a change reads
"`required` from `yes` to `total > 0`". Nothing here compares; `blankett.engine.blueprint.diff` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from blankett.engine.blueprint.grammar import SHAPES_BY_NAME
from blankett.engine.blueprint.grammar_rules import MEASURES
from blankett.engine.blueprint.model import (
    Check,
    Destination,
    Fact,
    Field,
    FieldCheck,
    Form,
    Formula,
    Rule,
    Setting,
    State,
    Template,
    Who,
    Words,
)
from blankett.engine.blueprint.sameness import HELD, attributes_of
from blankett.engine.blueprint.tables import TableInput, TableOutput, TableRow

#: An aspect's text by its name: ``{"required": "yes", "title": "Total", "title (zh)": "总额"}``; absent when not set.
Aspects = Mapping[str, str]


def aspects_of(item: object) -> Aspects:
    """Return the aspects of *item* that are set, in the order an author writes them."""
    found: dict[str, str] = {}
    if isinstance(item, Template):
        return MappingProxyType(dict(_spread("text", item)))
    if isinstance(item, TableRow):
        cells = {each.column: each.text for each in item.cells}
        results = {each.column: each.text for each in item.results}
        texts = {"note": item.note or "", **cells, **results}
        return MappingProxyType({name: text for name, text in texts.items() if text})
    for name, read in readers_of(type(item)):  # type: ignore[arg-type]  # classes are hashable
        for key, text in _spread(name, read(item)):
            if text:
                found[key] = text
    if isinstance(item, Field):
        found.update((key, text) for key, text in _options(item) if text)
    return MappingProxyType(found)


def text_of(value: object) -> str:
    """Return *value* as the author would write it; empty for what is not set."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    return str(value)


def _spread(name: str, value: object) -> Iterable[tuple[str, str]]:
    """Yield one aspect, or one for each language of a text: ``title``, ``title (zh)``."""
    words = value.words if isinstance(value, Template) else value
    if not isinstance(words, Words):
        yield name, text_of(value)
        return
    for place, (language, text) in enumerate(words.by_language.items()):
        yield (name if place == 0 else f"{name} ({language})"), text


def _options(field: Field) -> Iterable[tuple[str, str]]:
    """Yield the options of the field's type, but not those that are items of their own."""
    for key, value in field.options.items():
        if key not in TOLD_APART["field"]:
            worded = {"unit": field.unit, "pattern_message": field.pattern_message}
            yield from _spread(key, worded.get(key, value))


def _setting(setting: Setting) -> str:
    if setting.formula is not None:
        return f"= {setting.formula.text}"
    return "no" if setting.constant is False else text_of(setting.constant)


def _number(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _who(who: Who) -> str:
    return f"= {who.formula.text}" if who.formula is not None else ", ".join(sorted(who.names))


def _values(values: Mapping[str, Setting]) -> str:
    return ", ".join(f"{key}: {_setting(setting)}" for key, setting in values.items())


def _destination(destination: Destination) -> str:
    return f"{destination.to} when {destination.when.text}" if destination.when is not None else destination.to


class AsWritten:
    """Writes parts of effects as their author did."""

    def setting(self, setting: Setting) -> str:
        """Return ``yes`` or ``= total * 2``."""
        return _setting(setting)

    def formula(self, formula: Formula | None) -> str:
        """Return the text of a formula, empty for none."""
        return text_of(formula)

    def said(self, text: Template) -> str:
        """Return a text in all its languages, in quotes."""
        return " / ".join(f'"{each}"' for each in text.words.by_language.values())


AS_WRITTEN = AsWritten()


def _valid(rule: Rule) -> str:
    first, last = rule.valid_from, rule.valid_to
    days = (f"from {first.isoformat()}" if first else "", f"to {last.isoformat()}" if last else "")
    return " ".join(filter(None, days))


def _counted(fact: Fact) -> str:
    return f"{fact.measure} {fact.form.partition('.')[2]}{f'.{fact.field}' if fact.field else ''}"


def _sort(sort: Iterable[tuple[str, bool]]) -> str:
    return ", ".join(("-" if descending else "") + column for column, descending in sort)


def _editable(field: Field) -> object:
    return "no" if field.editable is False else None if field.editable is True else field.editable


def _check_message(field: Field) -> object:
    return field.check.message if field.check else None


def _final(state: State) -> str:
    return "stopped" if state.stopped else text_of(state.final)


def _numbering(form: Form) -> str:
    return f"{form.number.pattern}, {form.number.policy}, at {form.number.at}" if form.number else ""


def _column_values(column: TableInput | TableOutput) -> object:
    if isinstance(column, TableOutput):
        return column.ranking
    return column.values or column.field.option_titles()


def _ended(item: Form | Field) -> str:
    return ", ".join(f"{key}: {now}" for key, now in item.ended.items())


def _binds(item: Field | Check) -> str:
    """Return `always` where the item, or the check of a field, binds always."""
    checks = isinstance(item, Field) and item.check is not None and item.check.binds == "always"
    return "always" if checks or item.binds == "always" else ""


_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (Formula, lambda value: value.text),
    (Setting, _setting),
    (Decimal, _number),
    (Who, _who),
    (FieldCheck, lambda value: value.that.text),
    ((frozenset, set), lambda value: ", ".join(sorted(map(str, value)))),
    ((tuple, list), lambda value: ", ".join(map(str, value))),
    (Mapping, lambda value: ", ".join(map(str, value))),
)

Reader = Callable[[Any], object]


def _measured(measure: str) -> Reader:
    return lambda fact: _counted(fact) if fact.measure == measure else ""


#: (Shape, key) → how it is read where its text is more than what one attribute holds.
READERS: Mapping[tuple[str, str], Reader] = {
    ("role", "includes"): lambda role: role.includes - {role.key},
    ("form", "number"): _numbering,
    ("form", "unique"): lambda form: "\n".join(f"{key}: {', '.join(fields)}" for key, fields in form.unique.items()),
    ("field", "type"): lambda field: field.type.name,
    ("field", "editable"): _editable,
    ("field", "internal"): lambda field: "no" if field.internal is False else field.internal,
    ("field", "binds"): _binds,
    ("check", "binds"): _binds,
    ("state", "final"): _final,
    ("action", "to"): lambda action: ", ".join(map(_destination, action.destinations)),
    ("action", "task"): lambda action: "no" if action.task is False else action.task,
    ("action", "effects"): lambda action: "\n".join(each.written(AS_WRITTEN) for each in action.effects),
    ("list", "sort"): lambda view: _sort(view.sort),
    ("rule", "priority"): lambda rule: rule.priority or "",
    ("rule", "valid"): _valid,
    ("rule", "then"): lambda rule: "\n".join(each.describe(AS_WRITTEN) for each in rule.then),
    **{("fact", measure): _measured(measure) for measure in MEASURES},
    ("table", "default"): lambda table: _values(table.default),
    ("table_column", "help"): lambda column: column.field.help,
    ("table_column", "values"): _column_values,
    ("table_column", "decimals"): lambda column: column.field.options.get("decimals"),
    ("table_column", "currency"): lambda column: column.field.currency,
}

#: Class of item → what it tells beside its own keys: what its parts say that are no items for themselves.
OF_PARTS: Mapping[type, tuple[tuple[str, Reader], ...]] = {
    Form: (("becomes", _ended),),
    Field: (("message", _check_message), ("becomes", _ended)),
}

#: Shape → keys that hold items `diff` tells one by one, or that never differ between two versions.
TOLD_APART: Mapping[str, frozenset[str]] = {
    "blueprint": frozenset(
        {"blueprint", "language", "roles", "forms", "tables", "messages", "translations", "samples", "scenarios"}
    ),
    "form": frozenset({"fields", "sections", "checks", "states", "actions", "rules", "facts", "grants", "lists"}),
    "field": frozenset({"fields", "options"}),
    "option": frozenset({"becomes"}),
    "state": frozenset({"becomes"}),
    "action": frozenset({"ask"}),
    "table": frozenset({"in", "out", "rows"}),
}


@cache
def readers_of(kind: type) -> tuple[tuple[str, Reader], ...]:
    """Return the keys of a class of item with how each is read, in the order of the language reference."""
    held = HELD[kind]
    keys = [key.name for key in SHAPES_BY_NAME[held.shape].keys if key.name != "was"]
    apart = TOLD_APART.get(held.shape, frozenset())
    return (
        *((key, READERS.get((held.shape, key)) or _attribute(kind, key)) for key in keys if key not in apart),
        *OF_PARTS.get(kind, ()),
    )


def _attribute(kind: type, key: str) -> Reader:
    """Return what reads the one attribute that holds *key*."""
    found = [name for name in attributes_of(kind) if key in HELD[kind].keys.get(name, (name,))]
    if len(found) != 1:
        raise TypeError(f"{kind.__name__} holds {key!r} in {found}: say in aspects.py how a difference tells it")
    return attrgetter(found[0])
