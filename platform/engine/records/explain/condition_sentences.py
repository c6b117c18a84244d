"""Conditions and values as sentences of ids and parameters: what explanations say, without words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from blankett.engine.feel.values import NO_END, Range, Reference
from blankett.engine.fields.base import Fault
from blankett.engine.fields.reader import FieldValue, PlainValue
from blankett.engine.language.model import Field, Form, Table, TableOutput
from blankett.engine.paths import LinkedForm, from_record, record_path, resolve
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.records.command import FieldProblem
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.evaluation_context import LineScope, Situation
from blankett.engine.records.explain.reasons import Reason
from blankett.engine.records.link_loader import Linked
from blankett.engine.sentences import Joined, Sentence, sentence
from blankett.engine.trace import Need, SeenValue, Several, Trace, TracedOperand, needs_of


def elsewhere(problem: FieldProblem, title: str) -> FieldProblem:
    """Return a problem of another record as one of the command's own: it stands at no field of this form."""
    params = {"title": title, "reason": Sentence(problem.message, problem.params)}
    return FieldProblem((), "effect.refused", params, problem.key, problem.place)


#: Between the steps of a path: ``Customer → Tier``.
STEP = " → "


def path_title(catalog: Catalog, form: Form, path: tuple[str, ...]) -> Joined:
    """Return the title of what *path* leads to from a form's names: ``Customer → Tier``; keys where none is."""
    return Joined(tuple(path_titles(catalog, form, path)), STEP)


def path_titles(catalog: Catalog, form: Form, path: tuple[str, ...]) -> list[object]:
    """Return the titles of the steps of *path*."""
    steps = record_path(path)
    if "old" in path:
        return [sentence("name.before", title=path_title(catalog, form, steps))]
    if steps and steps[0] in _ROOTS and steps[0] not in form.fields:
        return [_ROOTS[steps[0]](form, steps)]
    found = resolve(steps, LinkedForm(form, catalog.find_form))
    titles: list[object] = [step.field.title for step in found.steps]
    if found.rest:
        titles += _unknown(found.steps[-1].owner.form if found.steps else form, found.rest)
    return titles


def field_at(catalog: Catalog, form: Form, path: tuple[str, ...]) -> Field | None:
    """Return the field that *path* leads to from a form's names, through tables and links; None for what is none."""
    return resolve(record_path(path), LinkedForm(form, catalog.find_form)).field


def form_at(catalog: Catalog, form: Form, path: tuple[str, ...]) -> Form | None:
    """Return the form of the record that *path* leads to; None where it leads to no record."""
    if not record_path(path):
        return form
    found = field_at(catalog, form, path)
    return catalog.find_form(found.links_to) if found is not None and found.links_to is not None else None


def _unknown(form: Form, steps: tuple[str, ...]) -> list[object]:
    """Return titles for steps that are no fields: a property of the record, or keys."""
    if steps[0] == "record" and len(steps) > 1:
        return [_property(form, steps)]
    return list(steps)


def _property(form: Form, steps: tuple[str, ...]) -> object:
    """Return what ``record.state`` and the like are called."""
    key = steps[1] if len(steps) > 1 else "title"
    return sentence(f"list.{key}") if key in TITLED else key


def _person_title(form: Form, steps: tuple[str, ...]) -> object:
    return sentence("name.you")


def _input(form: Form, steps: tuple[str, ...]) -> object:
    """Return the title of what an action asked."""
    asked = (action.ask.get(steps[-1]) for action in form.actions.values())
    found = next((field for field in asked if field is not None), None)
    return found.title if found is not None and len(steps) > 1 else steps[-1]


def _fact(form: Form, steps: tuple[str, ...]) -> object:
    """Return the title of what is counted over other records."""
    found: Any = form.facts.get(steps[-1])
    return found.title if found is not None else steps[-1]


#: Properties of a record that have titles.
TITLED = frozenset({"state", "number", "title", "created_at", "created_by", "changed_at", "owner", "assignee"})
_ROOTS = {"record": _property, "user": _person_title, "inputs": _input, "facts": _fact}


#: Test → the message of what is asked for: "less than {bound}". Those of moments read better with words of time.
WHAT: Mapping[str, str] = {
    "=": "test.equal", "!=": "test.unequal", "<": "test.less", "<=": "test.at_most", ">": "test.more",
    ">=": "test.at_least", "between": "test.between", "not between": "test.not_between", "in": "test.in",
    "not in": "test.not_in", "true": "test.yes", "false": "test.no", "null": "test.empty",
    "not null": "test.filled",
}  # fmt: skip
TIMELY: Mapping[str, str] = {
    "<": "test.before", "<=": "test.by", ">": "test.after", ">=": "test.from",
}  # fmt: skip

#: Where the ids of messages begin: a sentence that tells a need, the same as a part of a sentence, what was seen.
SENTENCE = "need."
CLAUSE = "clause."
SAW = "saw."
TREE = "tree."

#: Test of who acts → the message that tells it.
PERSONS: Mapping[str, str] = {"!=": "somebody_else", "=": "nobody_else"}
ACTING = ("user",)
#: Those a record names, who have words of their own.
STANDING = frozenset({"owner", "assignee", "created_by"})


class Teller:
    """Tells conditions over the records of one form. What the reader may not see is taken out before."""

    def __init__(
        self,
        catalog: Catalog,
        linked: Linked,
        process: Process,
        situation: Situation | None = None,
        line: LineScope | None = None,
        stored: Mapping[str, Any] | None = None,
    ) -> None:
        self.catalog = catalog
        self.linked = linked
        self.process = process
        self.form: Form = process.form
        self.blueprint = process.blueprint
        self.current = catalog.current(process)
        #: The record as it is, or the values that were stored, for the currency of its amounts.
        self.situation = situation
        self.stored = stored
        #: The line of a table whose names a condition sees, or None.
        self.line = line
        #: How the titles begin that stand under a table's title: its steps.
        self._table: list[object] = []

    # Needs ------------------------------------------------------------------------------------------------------------

    def need(self, need: Need) -> Reason:
        """Return what must become true, with what it is now."""
        return self._need(need, SENTENCE)

    def _need(self, need: Need, family: str) -> Reason:
        """Return *need* as a sentence, or as a clause of one: where its message's id begins."""
        trace = need.trace
        if need.ways:
            ways = tuple(self._way(way) for way in need.ways)
            return Reason(
                family + "either", {"ways": Joined(ways, sentence("need.or"))}, trace.place, ways, text=trace.text
            )
        if trace.operator in ("every", "some"):
            return self._lines_need(trace, family)
        message, params = self._test(trace)
        return Reason(family + message, params, trace.place, text=trace.text)

    def _way(self, way: Iterable[Need]) -> Reason:
        clauses = tuple(self._need(need, CLAUSE) for need in way)
        if len(clauses) == 1:
            return clauses[0]
        return Reason("plain", {"value": Joined(clauses, sentence("need.and"))}, parts=clauses)

    def _lines_need(self, trace: Trace, family: str) -> Reason:
        if trace.is_hidden:
            return Reason(family + "hidden", {}, trace.place)
        steps = self._list_steps(trace)
        title = Joined(tuple(steps), STEP)
        if trace.operator == "some" or not trace.parts:
            condition = trace.text or sentence("value.not_seen")
            return Reason(family + "some", {"title": title, "condition": condition}, trace.place, text=trace.text)
        with self._within(steps):
            parts = tuple(self._line(part) for part in trace.parts)
        words = Joined(parts, sentence("need.between"))
        return Reason(family + "every", {"title": title, "lines": words}, trace.place, parts, text=trace.text)

    def _line(self, part: Trace) -> Reason:
        words = Joined(tuple(self._need(need, CLAUSE) for need in needs_of(part)), sentence("need.and"))
        return Reason("need.line", {"number": str(part.number), "clause": words}, part.place, text=part.text)

    @contextmanager
    def _within(self, table: list[object]) -> Iterator[None]:
        """Leave the title of a table out of those of its columns, where its lines are told one by one."""
        before, self._table = self._table, table
        yield
        self._table = before

    def _list_steps(self, trace: Trace) -> list[object]:
        paths = [seen.path for seen in trace.seen]
        return self._steps(paths[0][:1]) if paths else [trace.text]

    # Tests ------------------------------------------------------------------------------------------------------------

    def _test(self, trace: Trace) -> tuple[str, dict[str, Any]]:
        """Return the end of the message and the parameters that tell one test."""
        if trace.is_hidden:
            return "hidden", {}
        if trace.test == "slow":
            return "slow", {"condition": trace.text}
        if (who := self._who(trace)) is not None:
            return who
        subject = trace.operands[0] if trace.operands else None
        if (
            subject is None
            or trace.test not in WHAT
            or (trace.test in ("true", "false") and not self._has_title(subject))
        ):
            return self._in_own_words(trace)
        title, value = self.subject(subject), self.value(subject.value, subject)
        bounds = trace.operands[1:]
        empty = next((each for each in bounds if each.value is None and each.path), None)
        if empty is not None and subject.value is not None:
            return "bound_empty", {"title": title, "bound": self.subject(empty)}
        if trace.test == "not null" and value is None:
            return "filled", {"title": title}
        return "test", {"title": title, "value": value, "what": self._what(trace, subject, bounds)}

    def _who(self, trace: Trace) -> tuple[str, dict[str, Any]] | None:
        """Return the words for ``user != record.owner`` and the like; None where the test asks for nobody in
        particular.
        """
        if trace.test not in PERSONS or len(trace.operands) != 2:
            return None
        acting, other = sorted(trace.operands, key=lambda each: _person(each.path) != ACTING)
        path = _person(other.path)
        if _person(acting.path) != ACTING or not path or path == ACTING:
            return None
        field = field_at(self.catalog, self.form, self._whole(path))
        if path[:-1] == ("record",) and path[-1] in STANDING:
            key = path[-1]
        elif field is not None and field.type.points_to == "person":
            key = "field"
        else:
            return None
        return PERSONS[trace.test], {
            "who": sentence(f"person.{key}", title=self.title(path)),
            "name": self._name(other.value) or sentence("person.nobody"),
            "acting": self._name(acting.value) or sentence("person.nobody"),
        }

    def _name(self, value: Any) -> str:
        """Return the name of a person, given as one or by their id; empty for nobody."""
        if isinstance(value, Reference):
            return self._reference(value)
        found = self.linked.person(value) if isinstance(value, str) else None
        return found.name if found is not None else str(value or "")

    def _has_title(self, operand: TracedOperand) -> bool:
        return bool(operand.path) or self._table_of(operand)[0] is not None

    def _in_own_words(self, trace: Trace) -> tuple[str, dict[str, Any]]:
        condition = trace.operands[0].text if trace.operands else trace.text
        values = self.values(trace)
        message = "not_text" if trace.test == "false" else "text"
        return (message if values else f"bare_{message}"), {"condition": condition, "values": values}

    def values(self, trace: Trace) -> tuple[object, ...]:
        """Return what *trace* saw, each value with its title; what the reader may not see is named as such."""
        if trace.is_hidden:
            return (sentence("value.not_seen"),)
        return tuple(Joined((self.title(seen.path), self.seen(seen)), ": ") for seen in trace.seen)

    def _what(self, trace: Trace, subject: TracedOperand, bounds: tuple[TracedOperand, ...]) -> Sentence:
        """Return what is asked for: "less than 10 000"."""
        is_timely = any(isinstance(each.value, date) for each in (subject, *bounds))
        message = (TIMELY if is_timely else {}).get(trace.test, WHAT[trace.test])
        words = [self._bound(each, subject) for each in bounds]
        if trace.test in ("between", "not between"):
            return sentence(message, low=words[0], high=words[-1])
        return sentence(message, bound=Joined(tuple(words), sentence("test.or")))

    def _bound(self, bound: TracedOperand, subject: TracedOperand) -> object:
        like = bound if (bound.path and not bound.function) or self._table_of(bound)[0] is not None else subject
        words = self.value(bound.value, like)
        if bound.path or bound.reads or bound.function in ("today", "now"):
            return sentence("test.bound", value=words, title=self.subject(bound))
        return words

    # The tree ---------------------------------------------------------------------------------------------------------

    def tree(self, trace: Trace) -> Reason:
        """Return a condition as a tree of what its parts asked for and saw."""
        if trace.operator in ("and", "or"):
            parts = tuple(self.tree(part) for part in trace.parts)
            return Reason(TREE + trace.operator, {}, trace.place, parts, trace.holds, trace.text)
        if trace.operator in ("every", "some") and not trace.is_hidden:
            steps = self._list_steps(trace)
            with self._within(steps):
                parts = tuple(self._numbered(part) for part in trace.parts)
            condition = trace.text or sentence("value.not_seen")
            params: dict[str, object] = {"title": Joined(tuple(steps), STEP), "condition": condition}
            return Reason(TREE + trace.operator, params, trace.place, parts, trace.holds, trace.text)
        message, params = self._test(trace)
        return Reason(SAW + message, params, trace.place, (), trace.holds, trace.text)

    def _numbered(self, part: Trace) -> Reason:
        inner = self.tree(part)
        params = {"number": str(part.number), "clause": inner}
        return Reason("need.line", params, part.place, inner.parts, part.holds, part.text)

    # Titles and values ------------------------------------------------------------------------------------------------

    def title(self, path: tuple[str, ...]) -> Joined:
        """Return what *path* is called."""
        return Joined(tuple(self._steps(path)), STEP)

    def _steps(self, path: tuple[str, ...]) -> list[object]:
        """Return the titles of the steps of *path*, without those of the table whose lines are told."""
        found = self._all_steps(path)
        taken = len(self._table)
        return found[taken:] if taken and len(found) > taken and found[:taken] == self._table else found

    def _whole(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """Return *path* from the record's names: a bare name in a line is its column."""
        return path if self.line is None else from_record(path, self.form.fields, self.line.table)

    def _all_steps(self, path: tuple[str, ...]) -> list[object]:
        if self.line is not None and self._whole(path) != path:
            return path_titles(self.catalog, self.form, self._whole(path))[1:]
        newest, now = self.current.newest, self.current.path(path)
        if newest is not None and newest.find(now) is not None:
            return path_titles(self.catalog, newest, now)
        return path_titles(self.catalog, self.form, path)

    def subject(self, operand: TracedOperand) -> object:
        """Return what is tested: a title, the number of something, or the author's words."""
        if operand.function in ("today", "now"):
            return sentence(f"operand.{operand.function}")
        table, output = self._table_of(operand)
        if table is not None:
            return Joined(tuple(each.title for each in (table, output) if each is not None), STEP)
        if operand.function and operand.path:
            return sentence(f"operand.{operand.function}", title=self.title(operand.path))
        return self.title(operand.path) if operand.path else self._with_titles(operand)

    def _with_titles(self, operand: TracedOperand) -> object:
        """Return what the author wrote with the titles of what it reads: "Unpaid invoices + Total"."""
        titles = {".".join(path): self.title(path) for path in operand.reads}
        if not titles:
            return operand.text
        names = "|".join(re.escape(name) for name in sorted(titles, key=len, reverse=True))
        # A text in quotes stays as it is.
        parts = re.split(rf'("(?:\\.|[^"\\])*")|(?<![\w.])({names})(?![\w.]|\s*\()', operand.text)
        pieces = [parts[0]]
        for quoted, name, plain in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            pieces += [quoted if quoted is not None else titles[name], plain]
        return Joined(tuple(pieces))

    def _table_of(self, operand: TracedOperand) -> tuple[Table | None, TableOutput | None]:
        """Return the table that *operand* asks, and which of its outputs; nothing where it asks none."""
        key, _, output = operand.function.partition(".")
        table = self.blueprint.tables.get(key) if operand.function and not operand.path else None
        return table, table.outputs.get(output) if table is not None else None

    def field(self, operand: TracedOperand) -> Field | None:
        """Return the field whose kind of value *operand* has; None where it is of no field."""
        table, output = self._table_of(operand)
        if table is not None:
            known = output or (next(iter(table.outputs.values())) if len(table.outputs) == 1 else None)
            return known.field if known is not None else None
        if operand.function == "count" or not operand.path:
            return None
        found = field_at(self.catalog, self.form, self._whole(operand.path))
        if found is None or found.table is not None or len(operand.path) > 1:
            return found
        return self.current.field(found)

    def seen(self, seen: SeenValue) -> object:
        """Return a value for a sentence."""
        if seen.is_hidden:
            return sentence("value.not_seen")
        return self.value(seen.value, TracedOperand("", seen.value, seen.path))

    def value(self, value: Any, like: TracedOperand) -> object:
        """Return *value*, which is of the kind of *like*, as a parameter; None for nothing."""
        if value is None or value == "" or value == []:
            return None
        if isinstance(value, Several):
            return sentence("value.several", count=value.count)
        if isinstance(value, list):
            return tuple(self.value(item, like) for item in value)
        if isinstance(value, Range):
            return self._range(value, like)
        if isinstance(value, Reference):
            return self._reference(value)
        if isinstance(value, datetime) and value.tzinfo is not None:
            return PlainValue(value.astimezone(self.linked.moment.zone))
        return self._of_field(value, like)

    def _of_field(self, value: Any, like: TracedOperand) -> object:
        if like.path[-2:] == ("record", "state") or like.path == ("state",):
            return self._state(str(value), like.path)
        field = self.field(like)
        if field is None or field.columns or field.type.points_to:
            return PlainValue(value)
        known = field.type.from_feel(value, field)
        if isinstance(known, Fault) or known != value:  # a bound may have more decimals than the field
            return PlainValue(value)
        return FieldValue(field, value, self._currency(field, like.path))

    def _currency(self, field: Field, path: tuple[str, ...]) -> str | None:
        """Return the currency of the amount at *path*; None where that is not known, as behind a link that says it in a
        field.
        """
        if isinstance(field.currency, str):
            return field.currency
        own = self.form.find(field.path)
        if own is None or self._whole(path) != own.path:
            return None
        source = self.process.currencies.get(own.path)
        if source is None or (source.column is not None and self.line is None):
            return None
        if self.situation is not None:
            return self.situation.currency(source, self.line)
        return source.of_stored(self.stored) if self.stored is not None else None

    def _state(self, key: str, path: tuple[str, ...]) -> object:
        form = form_at(self.catalog, self.form, path[:-2])
        state = form.states.get(key) if form is not None else None
        if state is None:
            return key
        return self.current.state_title(state) if form is self.form else state.title

    def _reference(self, value: Reference) -> str:
        """Return the title of a record or the name of a person."""
        if value.title:
            return value.title
        stored = self.linked.record(value.id)
        if stored is not None:
            return stored.title
        person = self.linked.person(value.id)
        return person.name if person is not None else value.id

    def _range(self, value: Range, like: TracedOperand) -> object:
        low, high = value.low is not NO_END, value.high is not NO_END
        ends = {
            "low": self.value(value.low, like) if low else "",
            "high": self.value(value.high, like) if high else "",
        }
        if low and high:
            if value.low == value.high:
                return ends["low"]
            return sentence("test.between", **ends)
        if low:
            return sentence("test.at_least" if value.low_closed else "test.more", bound=ends["low"])
        return sentence("test.at_most" if value.high_closed else "test.less", bound=ends["high"])


def _person(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path of the person whose id *path* may be."""
    return path[:-1] if len(path) > 1 and path[-1] == "id" else path
