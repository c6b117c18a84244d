"""What of a blueprint's item a difference may name: for each kind of item, its aspects as (YAML key, text) in order.

The texts are what the author would write, so that a change reads "`required` from `yes` to `total > 0`". Nothing here
compares; `blankett.engine.blueprint.diff` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from blankett.engine.blueprint.model import (
    ActEffect,
    Action,
    AssignEffect,
    Blueprint,
    Check,
    CreateEffect,
    Effect,
    Fact,
    Field,
    FieldCheck,
    Form,
    Formula,
    Grant,
    ListView,
    NotifyEffect,
    Option,
    Role,
    Rule,
    Section,
    SetEffect,
    Setting,
    State,
    Table,
    Template,
    UpdateEffect,
    Who,
    Words,
)
from blankett.engine.blueprint.rules import RefuseOutcome, RequireOutcome, WarnOutcome
from blankett.engine.blueprint.tables import TableInput, TableOutput, TableRow

if TYPE_CHECKING:
    from blankett.engine.blueprint.rules import Outcome

#: An aspect's text by its name: ``{"required": "yes", "title": "Total", "title (zh)": "总额"}``; absent when not set.
Aspects = Mapping[str, str]


def aspects_of(item: object) -> Aspects:
    """Return the aspects of *item* that are set, in the order an author writes them."""
    readers = ASPECTS[type(item)]
    found: dict[str, str] = {}
    for name, read in readers:
        for key, text in _spread(name, read(item)):
            if text:
                found[key] = text
    if isinstance(item, Field):
        found.update(_options(item))
    if isinstance(item, TableRow):
        found.update((cell.column, cell.text) for cell in item.cells)
        found.update((result.column, result.text) for result in item.results)
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
        if key not in ("options", "fields") and text_of(value):
            yield key, text_of(value)


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


def _target(effect: UpdateEffect | ActEffect) -> str:
    if effect.link is not None:
        return effect.link
    return f"{effect.form} where {effect.where.text}" if effect.where is not None else str(effect.form)


def _effect(effect: Effect) -> str:
    match effect:
        case SetEffect():
            return f"set {_values(effect.values)}"
        case CreateEffect():
            made = f"create {effect.form} with {_values(effect.values)}"
            return f"{made} link {effect.link}" if effect.link else made
        case UpdateEffect():
            return f"update {_target(effect)} set {_values(effect.values)}"
        case AssignEffect():
            return f"assign {_setting(effect.to)}"
        case NotifyEffect():
            return f"notify {effect.role or text_of(effect.user)} {effect.message}"
        case ActEffect():
            return f"act {effect.action} on {_target(effect)} {_values(effect.inputs)}".rstrip()


def _outcome(outcome: Outcome) -> str:
    match outcome:
        case RefuseOutcome() | WarnOutcome():
            word = "refuse" if isinstance(outcome, RefuseOutcome) else "warn"
            at = f" at {outcome.field}" if outcome.field else ""
            texts = outcome.message.words.by_language.values()
            return f"{word}{at} " + " / ".join(f'"{text}"' for text in texts)
        case RequireOutcome():
            return f"require {', '.join(sorted(outcome.roles))}"
        case _:
            return _effect(outcome)


def _valid(rule: Rule) -> str:
    first, last = rule.valid_from, rule.valid_to
    days = (f"from {first.isoformat()}" if first else "", f"to {last.isoformat()}" if last else "")
    return " ".join(filter(None, days))


def _counted(fact: Fact) -> str:
    return f"{fact.measure} {fact.form.partition('.')[2]}{f'.{fact.field}' if fact.field else ''}"


def _sort(sort: Iterable[tuple[str, bool]]) -> str:
    return ", ".join(("-" if descending else "") + column for column, descending in sort)


def _required(field: Field) -> object:
    return field.required


def _editable(field: Field) -> object:
    return "no" if field.editable is False else None if field.editable is True else field.editable


def _check_message(field: Field) -> object:
    return field.check.message if field.check else None


def _final(state: State) -> str:
    return "stopped" if state.stopped else text_of(state.final)


def _numbering(form: Form) -> str:
    return f"{form.number.pattern}, {form.number.policy}, at {form.number.at}" if form.number else ""


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

#: Class of item → its aspects: (YAML key, how it is read). A new key of the language is one row here.
ASPECTS: Mapping[type, tuple[tuple[str, Reader], ...]] = {
    Blueprint: (
        ("title", lambda item: item.title),
        ("help", lambda item: item.help),
        ("languages", lambda item: item.languages),
    ),
    Role: (("title", lambda item: item.title), ("includes", lambda item: item.includes - {item.key})),
    Form: (
        ("title", lambda item: item.title),
        ("plural", lambda item: item.plural),
        ("help", lambda item: item.help),
        ("icon", lambda item: item.icon),
        ("life", lambda item: item.life),
        ("key", lambda item: item.key_field),
        ("show", lambda item: item.show),
        ("number", _numbering),
        ("currency", lambda item: item.currency),
        ("amount", lambda item: item.amount),
        ("due", lambda item: item.due),
        ("retired", lambda item: item.retired),
        ("becomes", _ended),
    ),
    Field: (
        ("title", lambda item: item.title),
        ("help", lambda item: item.help),
        ("type", lambda item: item.type.name),
        ("required", _required),
        ("visible", lambda item: item.visible),
        ("editable", _editable),
        ("default", lambda item: item.default),
        ("compute", lambda item: item.compute),
        ("fill", lambda item: item.fill),
        ("unique", lambda item: item.unique),
        ("check", lambda item: item.check),
        ("binds", _binds),
        ("message", _check_message),
        ("private", lambda item: item.private),
        ("declassify", lambda item: item.declassify),
        ("index", lambda item: item.index),
        ("snapshot", lambda item: item.snapshot),
        ("becomes", _ended),
        ("retired", lambda item: item.retired),
    ),
    Option: (("title", lambda item: item.title), ("retired", lambda item: item.retired)),
    Section: (("title", lambda item: item.title), ("fields", lambda item: item.fields)),
    Check: (
        ("that", lambda item: item.that),
        ("message", lambda item: item.message),
        ("field", lambda item: item.field),
        ("when", lambda item: item.when),
        ("binds", _binds),
    ),
    State: (
        ("title", lambda item: item.title),
        ("help", lambda item: item.help),
        ("start", lambda item: item.start),
        ("final", _final),
        ("held", lambda item: item.held),
        ("due", lambda item: item.due),
        ("retired", lambda item: item.retired),
    ),
    Action: (
        ("title", lambda item: item.title),
        ("help", lambda item: item.help),
        ("from", lambda item: item.sources),
        ("to", lambda item: item.to),
        ("by", lambda item: item.by),
        ("when", lambda item: item.when),
        ("message", lambda item: item.message),
        ("confirm", lambda item: item.confirm),
        ("done", lambda item: item.done),
        ("task", lambda item: "no" if item.task is False else item.task),
        ("effects", lambda item: "\n".join(map(_effect, item.effects))),
    ),
    Grant: (
        ("who", lambda item: item.who),
        ("may", lambda item: item.may),
        ("states", lambda item: item.states),
        ("where", lambda item: item.where),
        ("read", lambda item: item.read),
        ("write", lambda item: item.write),
        ("hide", lambda item: item.hide),
        ("deny", lambda item: item.deny),
    ),
    ListView: (
        ("title", lambda item: item.title),
        ("columns", lambda item: item.columns),
        ("where", lambda item: item.where),
        ("sort", lambda item: _sort(item.sort)),
    ),
    Table: (
        ("title", lambda item: item.title),
        ("help", lambda item: item.help),
        ("hit", lambda item: item.hit),
        ("default", lambda item: _values(item.default)),
    ),
    TableInput: (
        ("type", lambda item: item.written),
        ("title", lambda item: item.title),
        ("help", lambda item: item.field.help),
        ("values", lambda item: item.values or item.field.option_titles()),
        ("decimals", lambda item: item.field.options.get("decimals")),
        ("currency", lambda item: item.field.currency),
    ),
    TableOutput: (
        ("type", lambda item: item.written),
        ("title", lambda item: item.title),
        ("help", lambda item: item.field.help),
        ("values", lambda item: item.ranking),
        ("decimals", lambda item: item.field.options.get("decimals")),
        ("currency", lambda item: item.field.currency),
    ),
    Rule: (
        ("title", lambda item: item.title),
        ("help", lambda item: item.help),
        ("at", lambda item: item.at),
        ("priority", lambda item: item.priority or ""),
        ("when", lambda item: item.when),
        ("unless", lambda item: item.unless),
        ("valid", _valid),
        ("then", lambda item: "\n".join(map(_outcome, item.then))),
    ),
    Fact: (
        ("title", lambda item: item.title),
        ("counts", _counted),
        ("where", lambda item: item.where),
    ),
    TableRow: (("note", lambda item: item.note),),
    Template: (("text", lambda item: item),),
}
