"""What differs between two blueprints, in the author's words and by stable key; and the plain difference of two texts.

An item is the same item when it has the same key, or when the newer one says ``was: old_key``. What only follows from a
rename (a formula that now says the new key) is not told again. What a change does to records is told by
`blankett.engine.publish`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Literal

from blankett.engine.calendar import WEEKDAYS, written_hours
from blankett.engine.language.grammar import SHAPES_BY_NAME
from blankett.engine.language.grammar.decision_logic import MEASURES
from blankett.engine.language.model import (
    ApprovalStep,
    Approver,
    Blueprint,
    BlueprintMessage,
    Check,
    Destination,
    Fact,
    Field,
    FieldCheck,
    Form,
    Formula,
    Grant,
    NeededVotes,
    Place,
    Rule,
    Sample,
    Scenario,
    Section,
    Setting,
    State,
    TableInput,
    TableOutput,
    TableRow,
    Template,
    Timer,
    TimerLength,
    Who,
    Words,
    WorkCalendar,
)
from blankett.engine.language.sameness import HELD, attributes_of

#: An aspect's text by its name: ``{"required": "yes", "title": "Total", "title (zh)": "总额"}``; absent when not set.
Aspects = Mapping[str, str]


def aspects_of(item: object) -> Aspects:
    """Return the aspects of *item* that are set, in the order an author writes them."""
    found: dict[str, str] = {}
    if isinstance(item, BlueprintMessage) and item.body is None:
        return MappingProxyType(dict(_spread("text", item.text)))
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


def _who_aspect(who: Who) -> str:
    return ", ".join([*sorted(who.names), *(f"= {formula.text}" for formula in who.formulas)])


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

    def who(self, who: Who) -> str:
        """Return ``finance, = record.owner``."""
        return _who_aspect(who)

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


def _approver(approver: Approver) -> str:
    who = _who_aspect(approver.who)
    return f"{who} (weight {approver.weight})" if approver.weight != 1 else who


def _need(step: ApprovalStep) -> str:
    return "" if step.need.written == "any" else step.need.written


def _steps_together(step: ApprovalStep) -> str:
    return "\n".join(_step_text(each) for each in step.together.values())


def _step_text(step: ApprovalStep) -> str:
    """Return a step that stands beside others as one text: all it says, but for its words."""
    said = {
        "": ", ".join(map(_approver, step.approvers)),
        "need": _need(step),
        "when": text_of(step.when),
        "due": step.due or "",
        "overdue": step.overdue or "",
        "calendar": step.calendar or "",
        "comment": step.comment or "",
    }
    titles = " / ".join(step.title.by_language.values())
    return f"{step.key} ({titles}): " + ", ".join(f"{key} {text}".strip() for key, text in said.items() if text)


def _repeat(timer: Timer) -> str:
    return f"every {timer.repeat.every.text}, most {timer.repeat.most}" if timer.repeat is not None else ""


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


def _week_hours(calendar: WorkCalendar) -> str:
    week = zip(WEEKDAYS, calendar.hours, strict=True)
    return "\n".join(f"{day}: {written_hours(hours)}" for day, hours in week if hours)


def _own_days(calendar: WorkCalendar) -> str:
    days = ((day, own.title, written_hours(own.hours)) for day, own in sorted(calendar.days.items()))
    return "\n".join(f"{day}: {title}" + (f", {hours}" if hours else "") for day, title, hours in days)


_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (Formula, lambda value: value.text),
    (Setting, _setting),
    (Decimal, _number),
    (Who, _who_aspect),
    (FieldCheck, lambda value: value.that.text),
    (NeededVotes, lambda value: value.written),
    (TimerLength, lambda value: value.text),
    (time, lambda value: f"{value:%H:%M}"),
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
    ("calendar", "hours"): _week_hours,
    ("calendar", "days"): _own_days,
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
    ("approval", "repeats"): lambda approval: "" if approval.repeats == "ask" else approval.repeats,
    ("approval", "comment"): lambda approval: "" if approval.comment == "decline" else approval.comment,
    ("approval_step", "approvers"): lambda step: "\n".join(map(_approver, step.approvers)),
    ("approval_step", "need"): _need,
    ("approval_step", "together"): _steps_together,
    ("list", "sort"): lambda view: _sort(view.sort),
    ("rule", "priority"): lambda rule: rule.priority or "",
    ("rule", "valid"): _valid,
    ("rule", "then"): lambda rule: "\n".join(each.describe(AS_WRITTEN) for each in rule.then),
    ("timer", "repeat"): _repeat,
    ("timer", "then"): lambda timer: "\n".join(each.written(AS_WRITTEN) for each in timer.then),
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
    Field: (("message", _check_message), ("options", lambda field: field.option_list), ("becomes", _ended)),
}

#: Shape → keys that hold items `diff` tells one by one, or that never differ between two versions.
TOLD_APART: Mapping[str, frozenset[str]] = {
    "blueprint": frozenset(
        {
            "blueprint",
            "language",
            "roles",
            "forms",
            "tables",
            "options",
            "messages",
            "translations",
            "calendars",
            "samples",
            "scenarios",
        }
    ),
    "form": frozenset(
        {
            "fields",
            "sections",
            "checks",
            "states",
            "actions",
            "approvals",
            "rules",
            "facts",
            "timers",
            "grants",
            "lists",
        }
    ),
    "approval": frozenset({"steps"}),
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


Kind = Literal["added", "removed", "changed", "renamed", "moved"]
Items = Mapping[str, object]

#: Aspects whose order means nothing.
_SETS = frozenset({"includes", "may", "states", "read", "write", "hide", "private", "declassify", "at"})
#: Aspects a person reads: a key standing in them is a word like any other, but for the formulas in braces.
_TEMPLATES = frozenset({"title", "plural", "help", "confirm", "done", "message", "pattern_message", "show", "text"})
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[a-z][a-z0-9_]*|\s+')
_BRACES = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True)
class Difference:
    """One difference: what happened to which item, where it stands, and the texts before and after."""

    kind: Kind
    #: ``field``, ``column``, ``state``…
    item: str
    #: Keys from the top of the file, in the newer text (in the older one for what was removed).
    path: tuple[str, ...]
    #: Titles in every language: ``title`` of the item and ``owner``, the item it belongs to.
    params: Mapping[str, Words | str]
    #: In the newer text, or in the older one for what was removed.
    place: Place | None
    #: The key that changed, as the author writes it: ``required``, ``title (zh)``; None when the item came or went.
    aspect: str | None = None
    old: str | None = None
    new: str | None = None

    @property
    def subject(self) -> str:
        """Return the message id naming the item, which takes `params`: ``change.item.field``."""
        return f"change.item.{self.item}"

    @property
    def label(self) -> str:
        """Return the message id of what happened in one word: ``change.added``."""
        return f"change.{self.kind}"


@dataclass(frozen=True)
class TextLine:
    """A line of a plain difference; line numbers count from 1 and are None where the side lacks the line."""

    kind: Literal["same", "added", "removed", "gap"]
    text: str
    old: int | None = None
    new: int | None = None


def diff(old: Blueprint, new: Blueprint) -> tuple[Difference, ...]:
    """Return every difference in meaning from *old* to *new*, in the newer one's order, removals last in each group."""
    comparison = _Comparison(old, new, _renamed_keys(old, new))
    changes = [
        *comparison.aspects("blueprint", old, new, (), new.title, None),
        *comparison.group("role", old.roles, new.roles, ("roles",), None),
        *comparison.forms(),
        *comparison.tables(),
        *comparison.options(),
        *comparison.group("message", old.messages, new.messages, ("messages",), None),
        *comparison.group("calendar", old.calendars, new.calendars, ("calendars",), None),
        *comparison.samples(),
        *comparison.scenarios(),
    ]
    return tuple(changes)


def pair_keys(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, str]:
    """Return old key → new key for the items that live on: the same key, or a `was`; a rename taken back counts too."""
    pairs = {key: key for key in old if key in new}
    for key, item in new.items():
        before = _was(item)
        if key not in old and before in old and before not in new:
            pairs[before] = key
    for key, item in old.items():
        before = _was(item)
        if key not in pairs and before in new and before not in old:
            pairs[key] = before
    return pairs


def text_diff(old: str, new: str, context: int = 3) -> tuple[TextLine, ...]:
    """Return the plain difference of two texts, line by line, with *context* unchanged lines around each change."""
    before, after = old.splitlines(), new.splitlines()
    found: list[TextLine] = []
    reached = 0
    for group in difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(context):
        if group[0][1] > reached:
            found.append(TextLine("gap", ""))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                found += [TextLine("same", before[i1 + n], i1 + n + 1, j1 + n + 1) for n in range(i2 - i1)]
                continue
            found += [TextLine("removed", before[n], n + 1, None) for n in range(i1, i2)]
            found += [TextLine("added", after[n], None, n + 1) for n in range(j1, j2)]
        reached = group[-1][2]
    if found and reached < len(before):
        found.append(TextLine("gap", ""))
    return tuple(found)


@dataclass(frozen=True)
class _Comparison:
    """Two blueprints side by side; each method yields the changes of one part."""

    old: Blueprint
    new: Blueprint
    #: Old key → new key of everything renamed, to see what merely follows from a rename.
    renamed: Mapping[str, str]

    def forms(self) -> Iterator[Difference]:
        """Yield the changes of forms and of all that stands in them."""
        yield from self.group("form", self.old.forms, self.new.forms, ("forms",), None)
        for before, after in pair_keys(self.old.forms, self.new.forms).items():
            yield from self.form(self.old.forms[before], self.new.forms[after])

    def form(self, old: Form, new: Form) -> Iterator[Difference]:
        """Yield the changes of what stands in one form."""
        top = ("forms", new.key)
        yield from self.fields("field", old.fields, new.fields, (*top, "fields"), new.title)
        yield from self.group("section", _authored(old), _authored(new), (*top, "sections"), new.title)
        yield from self.group("check", old.checks, new.checks, (*top, "checks"), new.title)
        yield from self.group("state", old.states, new.states, (*top, "states"), new.title)
        yield from self.group("action", old.actions, new.actions, (*top, "actions"), new.title)
        for before, after in pair_keys(old.actions, new.actions).items():
            asked, asks, owner = old.actions[before].ask, new.actions[after].ask, new.actions[after].title
            yield from self.fields("input", asked, asks, (*top, "actions", after, "ask"), owner)
        yield from self.group("approval", old.approvals, new.approvals, (*top, "approvals"), new.title)
        for before, after in pair_keys(old.approvals, new.approvals).items():
            was, now = old.approvals[before], new.approvals[after]
            yield from self.group("step", was.steps, now.steps, (*top, "approvals", after, "steps"), now.title)
        yield from self.group("rule", old.rules, new.rules, (*top, "rules"), new.title)
        yield from self.group("fact", old.facts, new.facts, (*top, "facts"), new.title)
        yield from self.group("timer", old.timers, new.timers, (*top, "timers"), new.title)
        yield from self.grants(old, new)
        yield from self.group("list", old.lists, new.lists, (*top, "lists"), new.title)

    def fields(
        self, item: str, old: Mapping[str, Field], new: Mapping[str, Field], path: tuple[str, ...], owner: Words
    ) -> Iterator[Difference]:
        """Yield the changes of fields, and of the columns and options in them."""
        yield from self.group(item, old, new, path, owner)
        for before, after in pair_keys(old, new).items():
            was, now, top = old[before], new[after], (*path, after)
            if was.option_list is None or was.option_list != now.option_list:
                yield from self.group("option", was.option_titles(), now.option_titles(), (*top, "options"), now.title)
            if was.columns and now.columns:
                yield from self.fields("column", was.columns, now.columns, (*top, "fields"), now.title)

    def grants(self, old: Form, new: Form) -> Iterator[Difference]:
        """Yield the changes of grants. They have no keys: equal ones are the same, then those for the same people."""
        left = _written_grants(self.old, old)
        found: list[tuple[Grant | None, Grant]] = []
        for grant in _written_grants(self.new, new):
            twin = next((other for other in left if aspects_of(other) == aspects_of(grant)), None)
            if twin is not None:
                left.remove(twin)
            else:
                found.append((None, grant))
        for _, grant in found:
            who = text_of(grant.who)
            before = next((other for other in left if text_of(other.who) == who), None)
            title = _who(grant.who, self.new)
            if before is None:
                yield self.change("added", "grant", grant.place.path, title, new.title, grant.place)
                continue
            left.remove(before)
            yield from self.aspects("grant", before, grant, grant.place.path, title, new.title, grant.place)
        for grant in left:
            yield self.change("removed", "grant", grant.place.path, _who(grant.who, self.old), new.title, grant.place)

    def tables(self) -> Iterator[Difference]:
        """Yield the changes of tables, of their columns and rows."""
        yield from self.group("table", self.old.tables, self.new.tables, ("tables",), None)
        for before, after in pair_keys(self.old.tables, self.new.tables).items():
            old, new, top = self.old.tables[before], self.new.tables[after], ("tables", after)
            yield from self.group("table_input", old.inputs, new.inputs, (*top, "in"), new.title)
            yield from self.group("table_output", old.outputs, new.outputs, (*top, "out"), new.title)
            old_rows, new_rows = matched_rows(old.rows, new.rows)
            yield from self.group("table_row", old_rows, new_rows, (*top, "rows"), new.title)

    def group(
        self, item: str, old: Items, new: Items, path: tuple[str, ...], owner: Words | None
    ) -> Iterator[Difference]:
        """Yield what was added, renamed, moved, changed and removed among keyed items."""
        pairs = pair_keys(old, new)
        before = {after: key for key, after in pairs.items()}
        moved = _moved([pairs[key] for key in old if key in pairs], list(new)) if item in _ORDERED else {}
        for key, thing in new.items():
            top, title = (*path, key), _title(key, thing)
            place = self._place(self.new, top, thing)
            if key not in before:
                yield self.change("added", item, top, title, owner, place)
                continue
            if before[key] != key:
                yield self.change("renamed", item, top, title, owner, place, old=before[key], new=key)
            if key in moved:
                yield self.change("moved", item, top, title, owner, place, new=moved[key])
            yield from self.aspects(item, old[before[key]], thing, top, title, owner, place)
        for key, thing in old.items():
            if key not in pairs:
                top = (*path, key)
                yield self.change("removed", item, top, _title(key, thing), owner, self._place(self.old, top, thing))

    def aspects(
        self,
        item: str,
        old: object,
        new: object,
        path: tuple[str, ...],
        title: Words | str,
        owner: Words | None,
        place: Place | None = None,
    ) -> Iterator[Difference]:
        """Yield a change for each aspect of one item that says something else."""
        before, after = aspects_of(old), aspects_of(new)
        for aspect in dict.fromkeys((*after, *before)):
            was, now = before.get(aspect), after.get(aspect)
            if was == now or (was and now and self._is_same(aspect, was, now)):
                continue
            there = self._aspect_place(path, aspect) or place
            yield self.change("changed", item, path, title, owner, there, aspect=aspect, old=was, new=now)

    def options(self) -> Iterator[Difference]:
        """Yield the changes of lists of options that fields share, once for all of these."""
        old, new = self.old.options, self.new.options
        for key in dict.fromkeys((*new, *old)):
            path = ("options", key)
            if key in old and key in new:
                title = Words({self.new.languages[0]: key})
                yield from self.group("option", old[key], new[key], path, title)
            else:
                kind: Kind = "added" if key in new else "removed"
                there = self.new if key in new else self.old
                yield self.change(kind, "option_list", path, key, None, there.places.get(path))

    def samples(self) -> Iterator[Difference]:
        """Yield one change for each form whose samples differ."""
        old, new = _samples(self.old.samples), _samples(self.new.samples)
        for key in dict.fromkeys((*new, *old)):
            if old.get(key) != new.get(key):
                title = self.new.forms[key].title if key in self.new.forms else key
                place = self.new.places.get(("samples", key))
                counts = (str(len(old.get(key, ()))), str(len(new.get(key, ()))))
                yield self.change("changed", "sample", ("samples", key), title, None, place, "samples", *counts)

    def scenarios(self) -> Iterator[Difference]:
        """Yield the scenarios that came, went, or say something else."""
        old = {scenario.name: scenario for scenario in self.old.scenarios}
        new = {scenario.name: scenario for scenario in self.new.scenarios}
        for name, scenario in new.items():
            path = ("scenarios", name)
            if name not in old:
                yield self.change("added", "scenario", path, name, None, scenario.place)
            elif _steps(old[name]) != _steps(scenario):
                counts = (str(len(old[name].steps)), str(len(scenario.steps)))
                yield self.change("changed", "scenario", path, name, None, scenario.place, "steps", *counts)
        for name, scenario in old.items():
            if name not in new:
                yield self.change("removed", "scenario", ("scenarios", name), name, None, scenario.place)

    def change(
        self,
        kind: Kind,
        item: str,
        path: tuple[str, ...],
        title: Words | str,
        owner: Words | None,
        place: Place | None,
        aspect: str | None = None,
        old: str | None = None,
        new: str | None = None,
    ) -> Difference:
        """Return the change, with the titles its message takes."""
        params: dict[str, Words | str] = {"title": title, "owner": owner if owner is not None else self.new.title}
        return Difference(kind, item, path, params, place, aspect, old, new)

    def _place(self, blueprint: Blueprint, path: tuple[str, ...], item: object) -> Place | None:
        there = None if isinstance(item, TableRow) else blueprint.places.get(path)
        return there or getattr(item, "place", None)

    def _aspect_place(self, path: tuple[str, ...], aspect: str) -> Place | None:
        name, _, language = aspect.partition(" (")
        if language:
            there = ("translations", language.rstrip(")"), *path)
            return self.new.places.get((*there, name)) or self.new.places.get(there)
        return self.new.places.get((*path, name))

    def _is_same(self, aspect: str, old: str, new: str) -> bool:
        """Tell whether *new* is *old* but for white space and renamed keys."""
        name = aspect.partition(" (")[0]
        if name in _SETS:
            before = {self._plain(part, self.renamed) for part in old.split(", ")}
            return before == {self._plain(part, {}) for part in new.split(", ")}
        if name in _TEMPLATES:
            return _BRACES.sub(lambda part: self._plain(part[0], self.renamed), old) == _BRACES.sub(
                lambda part: self._plain(part[0], {}), new
            )
        return self._plain(old, self.renamed) == self._plain(new, {})

    @staticmethod
    def _plain(text: str, renamed: Mapping[str, str]) -> str:
        def put(token: re.Match[str]) -> str:
            return " " if token[0].isspace() else renamed.get(token[0], token[0])

        return _TOKEN.sub(put, text).strip()


#: Items whose order means something to the reader of a page.
_ORDERED = frozenset(
    {
        "field",
        "column",
        "input",
        "section",
        "state",
        "action",
        "step",
        "rule",
        "list",
        "option",
        "table_input",
        "table_row",
    }
)


def _moved(kept: list[str], order: list[str]) -> dict[str, str]:
    """Return, for each of the *kept* keys that changed its place, the key it now follows ("" for the first)."""
    now = [key for key in order if key in set(kept)]
    steady: set[str] = set()
    for block in difflib.SequenceMatcher(None, kept, now, autojunk=False).get_matching_blocks():
        steady.update(kept[block.a : block.a + block.size])
    wandered = set(now) - steady
    return {key: order[place - 1] if place else "" for place, key in enumerate(order) if key in wandered}


def matched_rows(old: Sequence[TableRow], new: Sequence[TableRow]) -> tuple[dict[str, TableRow], dict[str, TableRow]]:
    """Return the rows of two tables by keys under which they are the same.

    Rows with keys have theirs. The others are the same where they say the same, and between such rows in their order;
    they keep the number they have in the newer table, those that are gone are called by their old one.
    """
    before = {row.key: row for row in old if row.has_key}
    after = {row.key: row for row in new}
    left, right = ([row for row in rows if not row.has_key] for rows in (old, new))
    was, now = ([tuple(aspects_of(row).items()) for row in rows] for rows in (left, right))
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        paired = min(i2 - i1, j2 - j1) if tag in ("equal", "replace") else 0
        before.update({right[j1 + place].key: left[i1 + place] for place in range(paired)})
        before.update({f"({row.key})": row for row in left[i1 + paired : i2]})
    places = {row.key: row.number for row in old}
    ordered = sorted(before.items(), key=lambda pair: places[pair[1].key])
    return dict(ordered), after


def _was(item: object) -> str:
    return getattr(item, "was", None) or ""


def _who(who: Who, blueprint: Blueprint) -> Words | str:
    """Return whom a grant names: the title of its one role, otherwise what the author wrote."""
    only = next(iter(who.names)) if len(who.names) == 1 and not who.formulas else ""
    return blueprint.roles[only].title if only in blueprint.roles else text_of(who)


def _title(key: str, item: object) -> Words | str:
    if isinstance(item, TableRow):
        return item.key
    title = getattr(item, "title", None)
    return title if isinstance(title, Words) else key


def _authored(form: Form) -> dict[str, Section]:
    """Return the sections the author wrote: those made from the fields change with them and are not told."""
    return {section.key: section for section in form.sections if "sections" in section.place.path}


def _written_grants(blueprint: Blueprint, form: Form) -> list[Grant]:
    """Return the grants as the author wrote them: loading splits one whose `edit` ends with the final states."""
    written: dict[Place, Grant] = {}
    for grant in form.grants:
        has_states = (*grant.place.path, "states") in blueprint.places
        before = written.get(grant.place)
        may = grant.may | before.may if before else grant.may
        written[grant.place] = replace(grant, may=may, states=grant.states if has_states else None)
    return list(written.values())


def _samples(samples: Iterable[Sample]) -> dict[str, list[Mapping[str, object]]]:
    found: dict[str, list[Mapping[str, object]]] = {}
    for sample in samples:
        found.setdefault(sample.form, []).append(sample.values)
    return found


def _steps(scenario: Scenario) -> list[tuple[object, ...]]:
    person: tuple[object, ...] = (scenario.as_.key, scenario.as_.roles)
    return [person, *((step.kind, step.subject, step.values) for step in scenario.steps)]


def _renamed_keys(old: Blueprint, new: Blueprint) -> dict[str, str]:
    """Return old key → new key of every form, field, column, state and action that was renamed."""
    found: dict[str, str] = {}

    def note(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, str]:
        pairs = pair_keys(before, after)
        found.update({was: now for was, now in pairs.items() if was != now})
        return pairs

    for was, now in note(old.forms, new.forms).items():
        old_form, new_form = old.forms[was], new.forms[now]
        for before, after in note(old_form.fields, new_form.fields).items():
            note(old_form.fields[before].columns, new_form.fields[after].columns)
        note(old_form.states, new_form.states)
        note(old_form.actions, new_form.actions)
        note(old_form.facts, new_form.facts)
        for before, after in note(old_form.approvals, new_form.approvals).items():
            note(old_form.approvals[before].steps, new_form.approvals[after].steps)
    for was, now in note(old.tables, new.tables).items():
        note(old.tables[was].inputs, new.tables[now].inputs)
        note(old.tables[was].outputs, new.tables[now].outputs)
    return found
