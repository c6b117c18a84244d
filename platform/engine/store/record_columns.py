"""Where the fields and properties of a form's records stand in the record table, with and without a reader's mask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.functions import FunctionElement

from blankett.engine.feel.sql import Condition, Kind, SqlColumn
from blankett.engine.fields.base import SLOT_SCALE
from blankett.engine.fields.text import SLOT_BEGINNING, SLOT_LENGTH, kept_text
from blankett.engine.language.model import Field, Form
from blankett.engine.paths import Path
from blankett.engine.store import tables
from blankett.engine.store.row_conditions import is_always, is_never
from blankett.engine.store.slots import Part, SlotMap, is_worded
from blankett.engine.store.sql_expressions import written
from blankett.engine.store.timestamps import from_days, read_moment

_r = tables.record.c
#: Properties of a record by name.
PROPERTIES: Mapping[str, SqlColumn] = {
    "id": SqlColumn("text", _r.id),
    "number": SqlColumn("text", _r.number),
    "state": SqlColumn("text", _r.state),
    "title": SqlColumn("text", _r.title),
    "owner": SqlColumn("user", _r.owner),
    "assignee": SqlColumn("user", _r.assignee),
    "department": SqlColumn("department", _r.department),
    "created_by": SqlColumn("user", _r.created_by),
    "created_at": SqlColumn("datetime", _r.created_at),
    "changed_at": SqlColumn("datetime", _r.changed_at),
}

#: The sort keys of properties.
KEYS_OF_PROPERTIES: Mapping[Path, sa.ColumnElement[Any]] = {
    ("record", "number"): _r.number_key,
    ("record", "title"): _r.title_key,
}

SCALE = Decimal(10) ** SLOT_SCALE

#: What reads the values of each kind of column; others are kept as they are.
READERS: Mapping[str, Callable[[Any], Any]] = {
    "number": lambda kept: None if kept is None else Decimal(kept) / SCALE,
    "date": lambda kept: None if kept is None else from_days(kept),
    "boolean": lambda kept: None if kept is None else bool(kept),
    "datetime": lambda kept: None if kept is None else read_moment(kept),
    "time": lambda kept: None if kept is None else time.fromisoformat(kept),
    "duration": lambda kept: None if kept is None else timedelta(microseconds=kept),
}


@dataclass(frozen=True)
class FormColumns:
    """The columns of a form. A field without a slot has none."""

    form: Form
    slots: SlotMap
    #: State as records may have it → as it is called here, of states with several names.
    states: Mapping[str, str] = field(default_factory=dict)

    def column(self, path: Path) -> SqlColumn | None:
        """Return the column at *path*, or None: ("customer",) is the linked record's id, ("customer", "title") its
        title.
        """
        if path == ("record", "state") and self.states:
            return SqlColumn("text", sa.case(dict(self.states), value=_r.state, else_=_r.state))
        if path[0] == "record":
            return PROPERTIES.get(path[1]) if len(path) == 2 else None
        of = self.form.fields.get(path[0])
        kind = of.type.sql_kind if of is not None else None
        if of is None or kind is None:
            return None
        if len(path) == 1:
            return self._slot(kind, self.slots.find(of), of)
        if path[1:] == ("title",) and of.links_to is not None:
            return self._slot("text", self.slots.find(of, "title"))
        return self._slot("text", self.slots.find(of)) if path[1:] == ("id",) else None

    def sort_key(self, path: Path) -> SqlColumn | None:
        """Return the column that says where the text at *path* is sorted, or None: it is sorted by its own column."""
        if path in KEYS_OF_PROPERTIES:
            return SqlColumn("text", KEYS_OF_PROPERTIES[path])
        of = self.form.fields.get(path[0])
        part: Part = "title" if path[1:] == ("title",) else "value"
        slot = self.slots.find(of, part) if of is not None and is_worded(of, part) else None
        return SqlColumn("text", _r[tables.KEY_OF_SLOT[slot]]) if slot is not None else None

    @staticmethod
    def _slot(kind: Kind, slot: str | None, of: Field | None = None) -> SqlColumn | None:
        if slot is None:
            return None
        if of is None or kind != "text":
            return SqlColumn(kind, _r[slot], SLOT_SCALE)
        return SqlColumn(kind, _r[slot], SLOT_SCALE, kept_text, whole_text(_r[slot], of))


def whole_text(slot: sa.ColumnElement[str], of: Field) -> sa.ColumnElement[str] | None:
    """Return the text of a field whose slot does not hold every text whole; None where it does."""
    longest = of.options.get("max_length") or getattr(of.type, "longest", 0)
    if not isinstance(longest, int) or longest <= SLOT_LENGTH:
        return None
    names = [of.key, *([of.was] if of.was else [])]
    held = sa.func.coalesce(*(DataText(_r.data, sa.literal(name)) for name in names), slot)
    return sa.case((sa.func.length(slot) > SLOT_BEGINNING, held), else_=slot)


@written(postgresql="(({0})::json ->> {1})", sqlite="json_extract({0}, '$.' || {1})")
class DataText(FunctionElement[str]):
    """The text of a field in a record's data, or NULL."""

    type = sa.Text()
    name = "data_text"
    inherit_cache = True


@dataclass(frozen=True)
class NamedColumns:
    """The columns of a form by the names that formulas of another version know."""

    columns: FormColumns
    #: The formulas' path → the form's.
    path: Callable[[Path], Path]

    def column(self, path: Path) -> SqlColumn | None:
        """Return the column at *path*, or None where there is none."""
        if path[0] == "record":
            return self.columns.column(path)
        return self.columns.column((*self.path(path[:1]), *path[1:]))


@dataclass(frozen=True)
class MaskedColumns:
    """The columns as a reader sees them: empty in the rows whose access does not open the field."""

    columns: FormColumns
    #: Field path → where the reader may see the field.
    opens: Callable[[Path], Condition]

    def column(self, path: Path) -> SqlColumn | None:
        """Return the column at *path* under the mask, or None where there is none."""
        column = self.columns.column(path)
        if column is None or path[0] == "record":
            return column
        return under_mask(column, self.opens(path[:1]))


def under_mask(column: SqlColumn, seen: Condition) -> SqlColumn:
    """Return *column*, empty where *seen* does not hold."""
    if is_always(seen):
        return column
    if is_never(seen):
        return SqlColumn(column.kind, sa.cast(sa.null(), column.element.type), column.scale)
    whole = None if column.whole is None else sa.case((seen, column.whole), else_=sa.null())
    return replace(column, element=sa.case((seen, column.element), else_=sa.null()), whole=whole)


def cell_reader(column: SqlColumn) -> Callable[[Any], Any]:
    """Return what reads the value of what stands in a column."""
    return READERS.get(column.kind, _as_it_is)


def _as_it_is(kept: Any) -> Any:
    return kept


def shown_path(form: Form, path: Path) -> Path:
    """Return the path of what people see for *path*: the title for a link."""
    of = form.fields.get(path[0])
    return (*path, "title") if of is not None and len(path) == 1 and of.links_to is not None else path
