"""A form of one published version, prepared for running: what to work out in which order, which values are links, what
is read.

Everything here follows from the form alone and is made once per process (`BlueprintCatalog`). A record's process is
pinned to its version; who may do what and how things are called is `current_version`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

from blankett.engine.feel.builtins.departments import BELONGS_TO
from blankett.engine.fields.base import FieldType
from blankett.engine.language.form_formulas import field_formulas, formulas_of, rule_formulas, template_formulas
from blankett.engine.language.model import Blueprint, DecisionPoint, Field, Form, Formula, Setting, rules_at
from blankett.engine.paths import ROOTS, Path, own_path
from blankett.engine.store.row_conditions import TIMELY, asks_departments

#: A condition with more cases than this is asked of the server.
MOST_CASES = 200
#: Names that stay as they are while a form is typed.
FIXED = frozenset({"record", "user", "old"})
#: Properties of a record that stay as they are while a command is carried out, and its number, which is drawn once.
LASTING = frozenset({"id", "number", "created_at", "created_by"})
#: Stands for every field, where a condition reads what cannot be followed.
EVERYTHING = "*"


@dataclass(frozen=True)
class VisibleCondition:
    """What the `visible` of a field reads, found once for a form."""

    field: Field
    formula: Formula
    #: Choices and yes/no fields whose values are looked at case by case, in order.
    choices: tuple[Path, ...]
    #: Fields of the form by whose change the condition may turn out otherwise, besides `choices`.
    watched: frozenset[str]


def conditions_of(form: Form) -> tuple[VisibleCondition, ...]:
    """Return the condition of every field and column of *form* that has one."""
    return tuple(
        _condition(form, field, field.visible)
        for field in form.every_field()
        if field.visible is not None and not field.retired
    )


def _condition(form: Form, field: Field, formula: Formula) -> VisibleCondition:
    reads = set(_paths(form, field.table, formula.reads))
    choices = tuple(sorted(path for path in reads if path != field.path and _is_choice(form, path)))
    others = reads - set(choices)
    if prod(len(cases_of(form, path)) for path in choices) > MOST_CASES or (field.table and others):
        choices, others = (), reads
    watched = {path[0] for path in _behind(form, others)} | {path[0] for path in _behind_choices(form, choices)}
    return VisibleCondition(field, formula, choices, frozenset(watched))


def _paths(form: Form, table: str | None, reads: Iterable[Path]) -> Iterator[Path]:
    """Yield the paths of the fields that a formula of the record, or of a column of *table*, reads; lines that the
    record itself reads are taken as a whole.
    """
    for path in reads:
        own = own_path(path, form.fields, table)
        if own is not None:
            yield own[:2] if table is not None and path[0] != "parent" else own[:1]
        elif path[0] not in FIXED:
            yield (EVERYTHING,)


def _is_choice(form: Form, path: Path) -> bool:
    found = form.find(path)
    return found is not None and found.is_typed and bool(cases_of(form, path))


def cases_of(form: Form, path: Path) -> tuple[tuple[str, object], ...]:
    """Return (text of the control, value) of everything the choice at *path* may hold; nothing for other fields."""
    found = form.find(path)
    if found is None:
        return ()
    values = found.type.cases(found)
    return (("", None), *values) if values else ()


def _behind(form: Form, paths: Iterable[Path]) -> set[Path]:
    """Return *paths*, and all whose change works them out, fills, shows or hides them."""
    found: set[Path] = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        field = form.find(path)
        for one in (field, *field.columns.values()) if field is not None else ():
            for formula in (one.compute, one.fill, one.visible, one.default.formula if one.default else None):
                waiting += _paths(form, one.table, formula.reads if formula is not None else ())
    return found


def _behind_choices(form: Form, choices: Iterable[Path]) -> set[Path]:
    """Return what changes one of *choices* without anybody typing there; that others of them show it is known."""
    found: set[Path] = set()
    for path in choices:
        field = form.find(path)
        if field is None:
            continue
        for formula in (field.fill, field.default.formula if field.default else None):
            found |= _behind(form, _paths(form, field.table, formula.reads if formula is not None else ()))
        shown_by = set(_paths(form, field.table, field.visible.reads if field.visible is not None else ()))
        found |= _behind(form, (one for one in shown_by if not _is_choice(form, one)))
    return found


@dataclass(frozen=True)
class CurrencySource:
    """Where the currency of an amount is read: a code, a column of the same line, or a field of the record."""

    code: str | None = None
    column: str | None = None
    field: str | None = None

    def of_stored(self, record: Mapping[str, Any], line: Mapping[str, Any] | None = None) -> str | None:
        """Return the code in stored values of a record, and of the line the amount stands in; None where none is."""
        if self.code is not None:
            return self.code
        held = line if self.column is not None else record
        code = held.get(self.column or self.field or "") if held is not None else None
        return code if isinstance(code, str) else None


def currency_source(field: Field) -> CurrencySource | None:
    """Return where the currency of a money field is read; None for other fields, or when nothing says."""
    named = field.currency
    if named is None or isinstance(named, str):
        return None if named is None else CurrencySource(code=named)
    if field.table is not None and len(named) == 1:
        return CurrencySource(column=named[0])
    return CurrencySource(field=named[-1])


@dataclass(frozen=True)
class NameShape:
    """How the values of a form's fields, or of a table's columns, become names in a formula."""

    #: Every key, so that a name is never missing.
    keys: tuple[str, ...]
    #: Links: (key, form). Users, departments, and tables with the shape of their lines.
    links: tuple[tuple[str, str], ...]
    users: tuple[str, ...]
    departments: tuple[str, ...]
    tables: tuple[tuple[str, NameShape], ...]
    #: Fields whose values formulas see in another form than they are kept in.
    changing: tuple[tuple[str, FieldType], ...]


@dataclass(frozen=True)
class ComputeStep:
    """One field or column with something to work out: its default, fill, compute or visible."""

    field: Field
    #: Field keys of the record, and columns of the same line, whose change fills it anew.
    fill_fields: frozenset[str]
    fill_columns: frozenset[str]
    currency: CurrencySource | None
    #: Field keys of the record whose values alone decide what it gives; None where anything else has a word in it: what
    #: is behind a link, the day, the reader, a fact.
    settled_by: frozenset[str] | None

    @property
    def key(self) -> str:
        """Return the key of the field or column."""
        return self.field.key

    @property
    def table(self) -> str | None:
        """Return the table it is a column of, or None."""
        return self.field.table


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """What must hold of the value of a field or column, found once for a form."""

    field: Field
    #: Of an amount: what says how many digits it has.
    currency: CurrencySource | None
    #: The `min` and `max` that are formulas.
    least: Formula | None
    most: Formula | None
    #: Of a table: what must hold of the cells of a line.
    columns: tuple[Demand, ...]
    #: Its type may find something wrong with a value.
    is_judged: bool
    #: Nothing can be wrong with a value that its type gave; nor with an empty field.
    takes_any: bool
    may_be_empty: bool


def _demand(field: Field) -> Demand:
    currency = currency_source(field)
    least, most = _bound(field.options.get("min")), _bound(field.options.get("max"))
    is_judged = field.type.judges(field)
    asks = is_judged or currency or least or most or field.columns or field.check
    return Demand(
        field,
        currency,
        least,
        most,
        tuple(_demand(column) for column in field.columns.values()),
        is_judged=is_judged,
        takes_any=not asks,
        may_be_empty=field.required is False and not field.columns,
    )


@dataclass(frozen=True, eq=False)
class Process:
    """A form of a published version, ready to run."""

    blueprint: Blueprint
    version: int
    form: Form

    @cached_property
    def shape(self) -> NameShape:
        """Return how the record's values become names."""
        return shape_of(self.form.fields)

    @cached_property
    def shapes(self) -> Mapping[str, NameShape]:
        """Return the shape of the lines of each table."""
        return dict(self.shape.tables)

    @cached_property
    def first_links(self) -> frozenset[tuple[str, ...]]:
        """Return the paths of the form's own links: ``{("customer",), ("lines", "product")}``."""
        return frozenset(field.path for field in self.form.every_field() if field.links_to is not None)

    @cached_property
    def pointers(self) -> tuple[Field, ...]:
        """Return the fields and columns that name another record, or a person."""
        return tuple(field for field in self.form.every_field() if field.type.points_to)

    @cached_property
    def all_paths(self) -> frozenset[Path]:
        """Return the paths of the form's own links, and what its formulas read through them."""
        return self.first_links | self.form.link_paths

    @cached_property
    def line_paths(self) -> frozenset[Path]:
        """Return those of `all_paths` that begin in lines of a table."""
        return frozenset(path for path in self.all_paths if self._is_table(path[0]))

    @cached_property
    def head_paths(self) -> frozenset[Path]:
        """Return those of `all_paths` that begin outside all tables."""
        return self.all_paths - self.line_paths

    def _is_table(self, key: str) -> bool:
        field = self.form.fields.get(key)
        return field is not None and bool(field.columns)

    @cached_property
    def steps(self) -> tuple[ComputeStep, ...]:
        """Return what `derive` works out, in dependency order."""
        found = (self.form.find(path) for path in self.form.order)
        return tuple(self._step(field) for field in found if field is not None and has_step(field))

    @cached_property
    def live_steps(self) -> tuple[ComputeStep, ...]:
        """Return the computes that are worked out when shown, in dependency order."""
        return tuple(step for step in self.steps if step.field.live)

    @cached_property
    def conditions(self) -> tuple[VisibleCondition, ...]:
        """Return what decides whether conditional fields and columns are shown."""
        return conditions_of(self.form)

    @cached_property
    def snapshots(self) -> tuple[Field, ...]:
        """Return the live fields and columns that are stored at the entry of some state."""
        return tuple(field for field in self.form.every_field() if field.live and field.snapshot)

    @cached_property
    def clocks(self) -> tuple[Field, ...]:
        """Return the fields whose value follows from the states a record is in, and when it came there."""
        return tuple(field for field in self.form.fields.values() if field.type.runs_by_itself)

    @cached_property
    def currencies(self) -> Mapping[tuple[str, ...], CurrencySource]:
        """Return where each amount's currency is read, by field path."""
        sources = {field.path: currency_source(field) for field in self.form.every_field()}
        return {path: source for path, source in sources.items() if source is not None}

    @cached_property
    def reads_old(self) -> bool:
        """Tell whether any formula of the form looks at the values before a change."""
        return any(
            path[0] == "old" for formula, _ in formulas_of(self.form, self.blueprint.messages) for path in formula.reads
        )

    @cached_property
    def reads_itself(self) -> bool:
        """Tell whether a value of the form, its title or what must hold of it is worked out of more than its values,
        its number and what is behind its links: the record's own state, a fact, what an action asked.
        """
        form = self.form
        read = [formula for field in form.every_field() for formula in field_formulas(field)]
        read += [where for field in form.every_field() if isinstance(where := field.options.get("where"), Formula)]
        read += [formula for check in form.checks.values() for formula in (check.that, check.when) if formula]
        read += [formula for formula, _ in template_formulas(form.show)] if form.show is not None else []
        return any(_moves_unwritten(formula.reads) for formula in read)

    @cached_property
    def guards_read_live(self) -> bool:
        """Tell whether the guard of some action, or a rule of its request, reads what is worked out when shown."""
        live = {step.field.path[0] for step in self.live_steps}
        guards = [action.when for action in self.form.actions.values() if action.when is not None]
        guards += [formula for rule in self.form.rules.values() for formula in rule_formulas(rule)]
        return any(path[0] in live for guard in guards for path in guard.reads)

    @cached_property
    def task_calls(self) -> frozenset[str]:
        """Return which of the functions whose answer changes with time have a word in whether somebody has a task:
        called by guards, grants, rules of requests with the facts they read, live fields, and tables these call.
        """
        form = self.form
        waiting = [formula for action in form.actions.values() for formula in (action.when, *action.by.formulas)]
        waiting += [formula for grant in form.grants for formula in (grant.where, *grant.who.formulas)]
        for key in form.actions:
            for rule in rules_at(form.rules, DecisionPoint("request", key)):
                waiting += rule_formulas(rule)
        waiting += [step.field.compute for step in self.live_steps]
        asked = [formula for formula in waiting if formula is not None]
        facts = {path[1] if path[1:] else None for formula in asked for path in formula.reads if path[0] == "facts"}
        asked += [
            fact.where for key, fact in form.facts.items() if fact.where is not None and (key in facts or None in facts)
        ]
        tables, called = self.blueprint.tables, set[str]()
        for formula in asked:  # grows on the way
            calls = formula.checked.calls - called
            if asks_departments(formula):
                called.add(BELONGS_TO)
            called |= calls
            for name in calls & tables.keys():
                asked.extend(tables[name].formulas())
        return frozenset(called & TIMELY)

    @cached_property
    def demands(self) -> tuple[Demand, ...]:
        """Return what must hold of the value of each field, in the form's order."""
        return tuple(map(_demand, self.form.fields.values()))

    @cached_property
    def demand_at(self) -> Mapping[Path, Demand]:
        """Return the same of fields and columns, by their path."""
        found = {demand.field.path: demand for demand in self.demands}
        return found | {column.field.path: column for demand in self.demands for column in demand.columns}

    def _step(self, field: Field) -> ComputeStep:
        reads = field.fill.reads if field.fill else ()
        paths = [(read, own_path(read, self.form.fields, field.table)) for read in reads]
        columns = {path[1] for read, path in paths if path and field.table is not None and read[0] != "parent"}
        record = {path[0] for read, path in paths if path and (field.table is None or read[0] == "parent")}
        return ComputeStep(
            field, frozenset(record), frozenset(columns), currency_source(field), self._settled_by(field)
        )

    def _settled_by(self, field: Field) -> frozenset[str] | None:
        found = {field.path[0]}
        currency = currency_source(field)
        if currency is not None and currency.field is not None:
            found.add(currency.field)
        if field.live or field.type.changes_in_formulas:
            return None
        for formula in (field.compute, field.fill, field.visible):
            if formula is None:
                continue
            if not formula.checked.calls.isdisjoint(TIMELY | self.blueprint.tables.keys()):
                return None
            for read in formula.reads - {("parent",)}:
                own = own_path(read, self.form.fields, field.table)
                of = None if own is None else self.form.find(own)
                if own is None or of is None or of.type.points_to is not None or of.type.changes_in_formulas:
                    return None
                found.add(own[0])
        return frozenset(found)


def _moves_unwritten(reads: Collection[Path]) -> bool:
    """Tell whether what is read may be something else later in a command although no value was written."""
    steps = {(path[at], *path[at + 1 : at + 2]) for path in reads for at in range(len(path))}
    # A path is among the reads with each beginning of it: `record` alone is read where nothing of it is.
    is_whole = ("record",) in steps and not any(step[0] == "record" and step[1:] for step in steps)
    moving = any(step[0] == "record" and step[1:] and step[1] not in LASTING for step in steps)
    return is_whole or moving or any(path[0] in ROOTS and ROOTS[path[0]].moves for path in reads)


def has_step(field: Field) -> bool:
    """Tell whether there is anything to work out for *field*."""
    return bool(field.default or field.fill or field.compute or field.visible)


def shape_of(fields: Mapping[str, Field]) -> NameShape:
    """Return how the values of *fields* become names; links name their form in full."""
    return NameShape(
        keys=tuple(fields),
        links=tuple((key, field.links_to) for key, field in fields.items() if field.links_to is not None),
        users=tuple(key for key, field in fields.items() if field.type.points_to == "person"),
        departments=tuple(key for key, field in fields.items() if field.type.points_to == "department"),
        tables=tuple((key, shape_of(field.columns)) for key, field in fields.items() if field.columns),
        changing=tuple((key, field.type) for key, field in fields.items() if field.type.changes_in_formulas),
    )


def _bound(option: object) -> Formula | None:
    """Return the formula of an option, or None for a constant."""
    if isinstance(option, Setting):
        return option.formula
    return option if isinstance(option, Formula) else None
