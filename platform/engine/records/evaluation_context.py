"""The names a formula sees: a record's values as FEEL knows them, kept up to date while the record is worked out.

A `Situation` holds one record's values in memory (`values`, as the fields know them) and beside them its `names` (as
formulas see them: hidden fields null, links and users as references, lines with their columns). `put` writes both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from weakref import ref
from zoneinfo import ZoneInfo

from blankett.engine import feel
from blankett.engine.feel.values import Reference
from blankett.engine.fields.base import Fault, Line, Value
from blankett.engine.language.model import Field, Formula
from blankett.engine.records.command import NEW_LINE
from blankett.engine.records.compiled_form import ComputeStep, CurrencySource, NameShape, Process
from blankett.engine.records.link_loader import Linked, record_properties
from blankett.engine.store import StoredRecord

#: Where a moment is until the workspace is known.
UTC = ZoneInfo("UTC")

#: What a formula may know of the record itself, besides its fields.
Ambient = Mapping[str, Any]


class LineScope:
    """One line of a table: its values, what `lines` shows of it, and the names its columns' formulas see.

    The names are given when somebody first asks for those of any line.
    """

    __slots__ = ("_situation", "context", "id", "names", "table", "values")
    context: dict[str, Any]
    names: dict[str, Any]

    def __init__(self, table: str, values: Line, situation: Situation | None = None) -> None:
        #: Only as long as it is there: it holds its lines.
        self._situation = ref(situation) if situation is not None else None
        self.table = table
        self.values = values
        self.id = str(values["id"])

    def give_names(self, shape: NameShape, linked: Linked, parent: Reference, ambient: Ambient) -> None:
        """Make the names of the line from its values."""
        self.context = formula_names(self.values, shape, linked)
        self.names = {**ambient, **self.context, "parent": parent}
        self.context["id"] = self.id.removeprefix(NEW_LINE)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Give the lines their names when one is first asked for: only then a slot is empty."""
            situation = self._situation() if self._situation is not None else None
            if name not in ("context", "names") or situation is None:
                raise AttributeError(name)
            situation.name_lines()
            return object.__getattribute__(self, name)

    def put(self, key: str, name: Any) -> None:
        """Let formulas see *name* as the column's value."""
        self.context[key] = name
        self.names[key] = name


class Situation:
    """One record's values and names. Mutable: `compute.derive` and effects write through `put`.

    The names of lines, and the records that lines link to, are made and loaded when a formula that reads them is
    evaluated: most actions look at no line.
    """

    __slots__ = (
        "__weakref__",
        "_names",
        "_this",
        "_unnamed",
        "ambient",
        "filled",
        "frozen",
        "hidden",
        "lines",
        "linked",
        "process",
        "uncounted",
        "values",
        "writes",
    )

    def __init__(
        self,
        process: Process,
        linked: Linked,
        values: dict[str, Any],
        ambient: Ambient,
        hidden: frozenset[str] = frozenset(),
        filled: frozenset[str] = frozenset(),
        frozen: frozenset[str] = frozenset(),
    ) -> None:
        self.process = process
        self.linked = linked
        self.values = values
        self.ambient = ambient
        #: Paths "field" or "table/line id/column".
        self.hidden = set(hidden)
        self.filled = set(filled)
        #: Live fields whose value was stored at the entry of a state, as paths.
        self.frozen = set(frozen)
        #: Facts that a formula wanted and that cannot be counted now.
        self.uncounted: list[str] = []
        #: How often a value was given, shown or hidden: the same number means that nothing has changed.
        self.writes = 0
        self._names = {**formula_names(values, process.shape, linked), **ambient}
        record = ambient["record"]
        self._this = Reference(record.id, record.title, self._names)
        self.lines: dict[str, list[LineScope]] = {}
        #: Tables whose lines have no names yet.
        self._unnamed: set[str] = set()
        for table, _ in process.shape.tables:
            self.read_lines(table)
        for path in self.hidden:
            if path in self._names and path not in self.lines:
                self._names[path] = None

    @property
    def moment(self) -> feel.Moment:
        """Return the one moment of the evaluation."""
        return self.linked.moment

    @property
    def names(self) -> dict[str, Any]:
        """Return everything that formulas of the record see."""
        if self._unnamed:
            self.name_lines()
        return self._names

    @property
    def this(self) -> Reference:
        """Return the record itself, as `parent` and `this` give it."""
        if self._unnamed:
            self.name_lines()
        return self._this

    def names_for(self, formula: Formula, line: LineScope | None = None) -> dict[str, Any]:
        """Return the names that *formula*, of the record or of a column of *line*, sees."""
        if line is not None:
            return line.names
        if self._unnamed and any(path[0] in self._unnamed for path in formula.reads):
            self.name_lines()
        return self._names

    def read_lines(self, table: str) -> None:
        """Make the lines of a table from its values."""
        self.lines[table] = [LineScope(table, line, self) for line in self.values.get(table) or ()]
        self._unnamed.add(table)

    def name_lines(self) -> None:
        """Give the lines of all tables their names."""
        self.linked.load_paths(self.process.line_paths, self.process, self.values)
        unnamed, self._unnamed = self._unnamed, set()
        for table in unnamed:
            shape = self.process.shapes[table]
            for scope in self.lines[table]:
                scope.give_names(shape, self.linked, self._this, self.ambient)
            self._names[table] = None if table in self.hidden else [scope.context for scope in self.lines[table]]
        for path in self.hidden:
            table, _, rest = path.partition("/")
            if rest and table in unnamed:
                line_id, _, column = rest.partition("/")
                for scope in self.lines[table]:
                    if scope.id == line_id:
                        scope.put(column, None)

    def add_name(self, name: str, value: Any) -> None:
        """Let the formulas of the record and of its lines see *value* as *name*."""
        self._names[name] = value
        self.ambient = {**self.ambient, name: value}
        for table in self.lines.keys() - self._unnamed:
            for line in self.lines[table]:
                line.names[name] = value

    def name_of(self, field: Field, value: Value) -> Any:
        """Return *value* as formulas see it."""
        return name_of(field, value, self.linked)

    def put(self, field: Field, value: Value, line: LineScope | None = None) -> None:
        """Give a field, or a column of *line*, a new value that formulas see at once unless it is hidden."""
        self.writes += 1
        is_hidden = bool(self.hidden) and path_of(field, line) in self.hidden
        if line is not None:
            line.values[field.key] = value
            if line.table not in self._unnamed:
                line.put(field.key, None if is_hidden else self.name_of(field, value))
            return
        self.values[field.key] = value
        if field.columns:
            self.read_lines(field.key)
        else:
            self._names[field.key] = None if is_hidden else self.name_of(field, value)

    def show(self, field: Field, visible: bool, line: LineScope | None = None) -> bool:
        """Hide or show a field to formulas; return whether that changed anything."""
        self.writes += 1
        path = path_of(field, line)
        was_hidden = path in self.hidden
        if visible:
            self.hidden.discard(path)
        else:
            self.hidden.add(path)
        if line is not None:
            if line.table not in self._unnamed:
                line.put(field.key, self.name_of(field, line.values.get(field.key)) if visible else None)
        elif field.key not in self._unnamed and (was_hidden or not visible):
            self._names[field.key] = self._named(field) if visible else None
        return was_hidden == visible

    def _named(self, field: Field) -> Any:
        if field.columns:
            return [scope.context for scope in self.lines[field.key]]
        return self.name_of(field, self.values.get(field.key))

    def currency(self, source: CurrencySource | None, line: LineScope | None = None) -> str | None:
        """Return the ISO 4217 code that *source* names now; None while it is empty."""
        if source is None:
            return None
        if source.code is not None:
            return source.code
        held = self.values if source.column is None or line is None else line.values
        code = held.get(source.column or source.field or "")
        return code if isinstance(code, str) else None

    def currency_at(self, field: Field, line: LineScope | None = None) -> str | None:
        """Return the currency of a money field or column now; None for other fields."""
        return self.currency(self.process.currencies.get(field.path), line)

    def cells(self, paths: Iterable[str]) -> list[Cell]:
        """Return (path, field, line) of what *paths* name, sorted; what is none of the record's is left out."""
        lines = {(line.table, line.id): line for scopes in self.lines.values() for line in scopes}
        found: list[Cell] = []
        for path in sorted(paths):
            parts = split_path(path)
            field = self.process.form.find((parts[0], parts[-1]) if len(parts) == 3 else parts)
            if field is not None and (len(parts) == 1 or parts[:2] in lines):
                found.append((parts, field, lines[parts[0], parts[1]] if len(parts) == 3 else None))
        return found

    def scope_of(self, line: LineScope | None) -> dict[str, Any]:
        """Return the names any formula of the record, or of a column of *line*, sees."""
        return self.names if line is None else line.names

    def work_out(self, step: ComputeStep, line: LineScope | None = None) -> Value | Fault:
        """Return what the field's `compute` gives now, rounded to what it stores."""
        formula = step.field.compute
        assert formula is not None
        found = formula.compiled.evaluate(self.names_for(formula, line), self.linked.moment)
        return step.field.type.from_formula(
            found, step.field, self.linked.moment.zone, self.currency(step.currency, line)
        )

    def refresh_live(self) -> None:
        """Work out the computes that are not stored, in dependency order; those stored at a state's entry stay."""
        for step in self.process.live_steps:
            if step.field.compute is None:
                continue
            for line in self.lines[step.table] if step.table else (None,):
                path = path_of(step.field, line)
                if path in self.frozen:
                    continue
                try:
                    found = self.work_out(step, line)
                except feel.BudgetExceeded:
                    found = None  # a page shows the rest; saving says what is wrong
                self.put(step.field, None if isinstance(found, Fault) else found, line)


#: (path, field or column, the line it stands in).
Cell = tuple[tuple[str, ...], Field, LineScope | None]


def name_of(field: Field, value: Value, linked: Linked) -> Any:
    """Return *value* of a field as formulas see it."""
    if value is None:
        return None
    pointed = field.type.points_to
    if pointed is None:
        return field.type.in_formulas(value, linked.moment.zone) if field.type.changes_in_formulas else value
    return linked.pointed(pointed, str(value))


def formula_names(values: Mapping[str, Any], shape: NameShape, linked: Linked) -> dict[str, Any]:
    """Return *values* as formulas see them; a key without a value is null. Tables are left to the caller."""
    names: dict[str, Any] = {key: values.get(key) for key in shape.keys}
    for key, _ in shape.links:
        if names[key] is not None:
            names[key] = linked.reference(names[key])
    for key in shape.departments:
        names[key] = linked.department(names[key])
    for key in shape.users:
        if names[key] is not None:
            names[key] = linked.user(names[key])
    for key, type in shape.changing:
        if names[key] is not None:
            names[key] = type.in_formulas(names[key], linked.moment.zone)
    return names


def default_of(
    field: Field, names: Mapping[str, Any], moment: feel.Moment, currency: str | None = None
) -> Value | Fault:
    """Return the default of a field, column or question, as it would be stored; None where it has none."""
    setting = field.default
    if setting is None or setting.formula is None:
        return None if setting is None else setting.constant
    return field.type.from_formula(setting.evaluate(names, moment), field, moment.zone, currency)


def path_of(field: Field, line: LineScope | None = None) -> str:
    """Return ``"total"``, or ``"lines/<line id>/price"`` for a column of *line*."""
    return field.key if line is None else f"{field.table}/{line.id}/{field.key}"


def split_path(path: str) -> tuple[str, ...]:
    """Return ``("lines", "<line id>", "price")`` for ``"lines/<line id>/price"``."""
    return tuple(path.split("/"))


def decode(process: Process, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored data as values in memory: a key for every field, None for what is empty, [] for a table without
    lines.
    """
    values: dict[str, Any] = {}
    for key, field in process.form.fields.items():
        stored = data.get(key)
        if stored is not None:
            values[key] = field.type.from_stored(stored, field)
        else:
            values[key] = [] if field.columns else None
    return values


def frozen_in(process: Process, data: Mapping[str, Any]) -> frozenset[str]:
    """Return the paths of live fields that *data* holds a stored value of."""
    found: set[str] = set()
    for field in process.snapshots:
        if field.table is None:
            if field.key in data:
                found.add(field.key)
            continue
        for line in data.get(field.table) or ():
            if field.key in line:
                found.add(f"{field.table}/{line['id']}/{field.key}")
    return frozenset(found)


def record_names(stored: StoredRecord, linked: Linked) -> Reference:
    """Return the name `record`: a link to the record itself, with its properties."""
    return Reference(stored.id, stored.title, record_properties(stored, linked))


def situation_of(process: Process, stored: StoredRecord, linked: Linked, ambient: Ambient | None = None) -> Situation:
    """Return the situation of a record as it is stored, live fields not yet worked out."""
    return Situation(
        process,
        linked,
        decode(process, stored.data),
        {"record": record_names(stored, linked), **(ambient or {})},
        stored.hidden,
        stored.filled,
        frozen_in(process, stored.data),
    )


class StoredNames(Mapping[str, Any]):
    """The names of a record as it is stored, as those of `situation_of`, each made when a formula reads it."""

    __slots__ = ("_known", "_linked", "_process", "_stored")

    def __init__(self, process: Process, stored: StoredRecord, linked: Linked, beside: Mapping[str, Any]) -> None:
        self._process = process
        self._stored = stored
        self._linked = linked
        #: What was read; from the beginning what formulas see *beside* the record.
        self._known: dict[str, Any] = dict(beside)

    def __getitem__(self, key: str) -> Any:
        """Return what formulas see as *key*. Raises KeyError for a name that the record does not have."""
        if key not in self._known:
            self._known[key] = self._read(key)
        return self._known[key]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._process.form.fields, "record", *self._known)))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def _read(self, key: str) -> Any:
        if key == "record":
            return record_names(self._stored, self._linked)
        field = self._process.form.fields[key]
        if field.columns:
            return situation_of(self._process, self._stored, self._linked).names[key]
        stored = self._stored.data.get(key)
        if stored is None or key in self._stored.hidden:
            return None
        return name_of(field, field.type.from_stored(stored, field), self._linked)


def live_names(process: Process, stored: StoredRecord, linked: Linked) -> Mapping[str, Any]:
    """Return the live fields of a stored record as names, worked out now."""
    if not process.live_steps:
        return {}
    situation = situation_of(process, stored, linked)
    situation.refresh_live()
    return {step.key: situation.names[step.key] for step in process.live_steps if step.table is None}
