"""What points where: one row for each (record, field, target), read from the target's end.

Where a record points is in its own data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select

from blankett.engine.fields.base import Json
from blankett.engine.language.model import Form
from blankett.engine.store import tables
from blankett.engine.store.records import COLUMNS, StoredRecord, from_row
from blankett.engine.store.transaction import Transaction

#: (path, target id): ``("customer", "01J…")``, ``("lines.product", "01J…")``.
Edge = tuple[str, str]
NO_EDGES: frozenset[Edge] = frozenset()

_e = tables.edge.c
_r = tables.record.c
_here = _e.organisation == bindparam("organisation")
#: The newest edges first, from the end of their index; only the records of these are looked up.
_newest = (
    select(_e.path, _e.record)
    .where(_here, _e.target == bindparam("target"))
    .order_by(_e.record.desc())
    .limit(bindparam("limit"))
    .subquery()
)
_to = (
    select(_newest.c.path, *COLUMNS)
    .join(tables.record, (_r.organisation == bindparam("organisation")) & (_r.id == _newest.c.record))
    .order_by(_newest.c.record.desc())
)
_pointing = (
    select(_e.record)
    .distinct()
    .where(_here, _e.target == bindparam("target"), _e.record > bindparam("after"))
    .order_by(_e.record)
    .limit(bindparam("limit"))
)
_insert = insert(tables.edge)
_remove = delete(tables.edge).where(
    _here, _e.record == bindparam("record"), _e.path == bindparam("path"), _e.target == bindparam("target")
)


@dataclass(frozen=True)
class Neighbour:
    """A record at the other end of an edge, and the link field (of the record that points) it goes through."""

    path: str
    record: StoredRecord


def edges_of(form: Form, data: Mapping[str, Json]) -> frozenset[Edge]:
    """Return the edges of a record of *form* with *data* (stored values); hidden links point too."""
    return frozenset(_each_edge(form, data))


def _each_edge(form: Form, data: Mapping[str, Json]) -> Iterator[Edge]:
    for field in form.fields.values():
        value = data.get(field.key)
        if not value:
            continue
        if field.links_to is not None:
            yield field.key, str(value)
        elif isinstance(value, list):
            links = [column.key for column in field.columns.values() if column.links_to is not None]
            for line in value:
                for key in links:
                    if isinstance(line, dict) and line.get(key):
                        yield f"{field.key}.{key}", str(line[key])


class EdgeReading(Transaction):
    """Walks along edges. Asks nobody whether the reader may see the other end."""

    def edges_to(self, organisation: str, target: str, limit: int = 100) -> list[Neighbour]:
        """Return at most *limit* records that link to *target*, the newest first."""
        rows = self.rows(_to, {"organisation": organisation, "target": target, "limit": limit})
        found = sorted((Neighbour(row[0], from_row(row[1:])) for row in rows), key=lambda each: each.path)
        return sorted(found, key=lambda each: each.record.id, reverse=True)

    def pointing_at(self, organisation: str, target: str, limit: int = 100, after: str = "") -> list[str]:
        """Return the ids of at most *limit* records that link to *target*, behind the id *after*, by id."""
        bound = {"organisation": organisation, "target": target, "limit": limit, "after": after}
        return [row[0] for row in self.rows(_pointing, bound)]


class EdgeWriting(EdgeReading):
    """Keeps the edges of a record."""

    def put_edges(
        self, organisation: str, record: str, now: Collection[Edge], before: Collection[Edge] = NO_EDGES
    ) -> None:
        """Make *record* point where *now* says; *before* is where it points according to its data until now."""
        new = frozenset(now)
        old = frozenset(before)
        if gone := sorted(old - new):
            self.do("edge.delete", _remove, [_bound(organisation, record, edge) for edge in gone])
        if come := sorted(new - old):
            self.do("edge.insert", _insert, [_bound(organisation, record, edge) for edge in come])


def _bound(organisation: str, record: str, edge: Edge) -> dict[str, object]:
    return {"organisation": organisation, "record": record, "path": edge[0], "target": edge[1]}
