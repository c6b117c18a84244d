"""Where a page of a list ended: the sort values of its last row, so that the next page starts behind it.

Unlike an offset it costs the same on every page, and a record that comes or goes meanwhile moves nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from blankett.engine.feel.sql import Condition
from blankett.engine.store.json_text import write_json
from blankett.engine.store.row_conditions import all_of, any_of
from blankett.engine.store.search import is_keepable

#: A value of a sort column as it is kept.
Kept = str | int | None
#: Longest cursor read.
LONGEST = 4000


@dataclass(frozen=True)
class Cursor:
    """The last row of a page."""

    values: tuple[Kept, ...]
    id: str

    def to_text(self) -> str:
        """Return the cursor for a URL."""
        return base64.urlsafe_b64encode(write_json([*self.values, self.id]).encode()).decode().rstrip("=")

    def without_first(self) -> Cursor:
        """Return the cursor for the sort columns behind the first."""
        return Cursor(self.values[1:], self.id)


def read_cursor(text: str, columns: int) -> Cursor | None:
    """Return the cursor of a list sorted by that many columns, or None when *text* is none."""
    if len(text) > LONGEST:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(found, list) or len(found) != columns + 1 or not isinstance(found[-1], str):
        return None
    if not all(_is_kept(value) for value in found):
        return None
    return Cursor(tuple(found[:-1]), found[-1])


def _is_kept(value: object) -> bool:
    if isinstance(value, str):
        return is_keepable(value)
    return value is None or (type(value) is int and abs(value) < 2**63)


@dataclass(frozen=True)
class SortColumn:
    """A column a list is sorted by. Empty ones come last, whichever way it is sorted."""

    element: sa.ColumnElement[str] | sa.ColumnElement[int]
    descending: bool
    #: Whether the values are whole numbers; texts otherwise.
    is_whole: bool
    is_nullable: bool = True

    def fits(self, value: Kept) -> bool:
        """Tell whether a cursor's value can be one of this column."""
        return self.is_nullable if value is None else isinstance(value, int) == self.is_whole

    def order(self) -> sa.UnaryExpression[str] | sa.UnaryExpression[int]:
        """Return the column as `ORDER BY` takes it."""
        ordered = self.element.desc() if self.descending else self.element.asc()
        return ordered.nulls_last() if self.is_nullable else ordered

    def after(self, value: Kept) -> list[Condition]:
        """Return where a row comes behind one with *value*; nothing comes behind an empty one."""
        if value is None:
            return []
        further = self.element < value if self.descending else self.element > value
        return [any_of(further, self.element.is_(None)) if self.is_nullable else further]

    def filled(self) -> SortColumn:
        """Return the column where only rows are asked for that are not empty in it."""
        return replace(self, is_nullable=False)

    def at_or_behind(self, value: Kept) -> Condition:
        """Return where a row has *value* or comes behind it, in a column that is never empty."""
        bound: Any = value
        found: Condition = self.element <= bound if self.descending else self.element >= bound
        return found

    def behind_both(self, first: SortColumn, value: Kept, id: str) -> Condition:
        """Return where a row comes behind one with *value* in *first* and *id* in this column, the last one."""
        row, last = sa.tuple_(first.element, self.element), sa.tuple_(sa.literal(value), sa.literal(id))
        found: Condition = row < last if self.descending else row > last
        return found

    def same(self, value: Kept) -> Condition:
        """Return where a row has *value* too."""
        return self.element.is_(None) if value is None else self.element == value


def behind(columns: Sequence[SortColumn], cursor: Cursor, id_column: SortColumn) -> Condition:
    """Return the condition of the rows that come after the cursor's."""
    alternatives: list[Condition] = []
    equal: list[Condition] = []
    for column, value in zip((*columns, id_column), (*cursor.values, cursor.id), strict=True):
        alternatives.extend(all_of(*equal, further) for further in column.after(value))
        equal.append(column.same(value))
    return any_of(*alternatives)
