"""Many orders in little time: rows of some models are copied in SQL, with their slots, edges, events and search text.

Only what must differ is worked out for each copy: id, number, title, day and what it is sorted and found by. Further
copies lie further back in time. The digests of the copied events stay those of the models: growth is measured on them,
`verify` is not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from blankett.engine.store import Store, new_id, tables
from blankett.engine.store.collation import collation_of
from blankett.engine.store.search import SearchWriting, fold
from blankett.engine.store.timestamps import write_moment

#: Copies made in one transaction.
PIECE = 5_000
#: From so many copies on indexes are made anew on PostgreSQL; kilobytes that making them may take, or SQLite.
LARGE, LARGE_CACHE = 50_000, 500_000
#: So many of a hundred copies are of the first model.
OF_THE_FIRST = 80

_made = sa.Table(
    "copied",
    sa.MetaData(),
    *(sa.Column(name, sa.Text()) for name in ("model", "id", "number", "title", "at", "search")),
    *(sa.Column(name, tables.words()) for name in ("number_key", "title_key")),
    *(sa.Column(name, sa.BigInteger()) for name in ("serial", "day", "amount")),
    sa.Index("copied_of", "model"),
    prefixes=["TEMPORARY"],
)
#: The edges of the models, which are found by what they point to.
_pointing = sa.Table(
    "copied_edge",
    sa.MetaData(),
    *(sa.Column(column.name, column.type) for column in tables.edge.c),
    prefixes=["TEMPORARY"],
)
#: Columns of a record that its copy has of its own, and where they come from.
_OWN: Mapping[str, str] = {
    **{name: name for name in ("id", "number", "title", "search", "number_key", "title_key", "serial")},
    "created_at": "at",
    "changed_at": "at",
}


@dataclass(frozen=True)
class Model:
    """What is read of an order that is copied."""

    id: str
    number: str
    title: str
    search: str
    at: datetime


def copy_orders(store: Store, organisation: str, models: Sequence[str], count: int, seed: int = 1) -> None:
    """Make *count* copies of the orders *models*, most of them of the first, each on some day of the year before."""
    chance = random.Random(seed)
    with store.reading() as reading:
        reading.records(organisation, models)  # so that the names of all they hold are known
    with store.engine.connect() as connection:
        if store.is_sqlite:
            connection.execution_options(blankett_writes=True)
            connection.exec_driver_sql(f"PRAGMA cache_size = -{LARGE_CACHE}")
            connection.commit()
        with connection.begin():
            indexes = _drop_indexes(connection) if not store.is_sqlite and count >= LARGE else []
            _point(connection, organisation, models)
            serial = connection.scalar(sa.select(sa.func.max(tables.record.c.serial))) or 0
        for start in range(0, count, PIECE):
            with connection.begin():
                found = _models(connection, organisation, models)
                made = list(_copies(found, min(PIECE, count - start), serial + start + 1, chance))
                _insert(connection, organisation, made)
        with connection.begin():
            connection.execute(sa.update(tables.counter).values(value=serial + count))
            for statement in indexes:
                connection.exec_driver_sql(statement)
        if store.is_sqlite:
            with connection.begin():  # what merging does while records come one by one
                connection.exec_driver_sql("INSERT INTO search_token (search_token) VALUES ('optimize')")
    store.engine.dispose()
    if not store.is_sqlite:
        # What autovacuum does a little later: what a look costs would hang on whether it came by meanwhile.
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")


def _drop_indexes(connection: sa.Connection) -> list[str]:
    """Drop what PostgreSQL makes sooner when all rows are there, and return the statements that make it again."""
    found = connection.execute(
        sa.text(
            "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index AS i "
            "JOIN pg_class AS c ON c.oid = i.indexrelid "
            "WHERE NOT i.indisunique AND i.indrelid IN ('record'::regclass, 'search_entry'::regclass)"
        )
    ).all()
    for name, _ in found:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    return [f"SET LOCAL maintenance_work_mem = '{LARGE_CACHE}kB'", *(made for _, made in found)]


def _models(connection: sa.Connection, organisation: str, ids: Sequence[str]) -> list[Model]:
    r = tables.record.c
    rows = connection.execute(
        sa.select(r.id, r.number, r.title, r.search, r.created_at).where(
            r.organisation == organisation, r.id.in_(list(ids))
        )
    )
    found = {row[0]: Model(*row[:4], datetime.fromisoformat(row[4])) for row in rows}
    return [found[id] for id in ids]


def _copies(models: Sequence[Model], count: int, serial: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield what is each copy's own."""
    key = collation_of("en").key
    for place in range(count):
        model = models[0] if chance.randrange(100) < OF_THE_FIRST else chance.choice(models)
        number = f"{model.number[:8]}{serial + place:06}"
        title = model.title.replace(model.number, number)
        at = model.at - timedelta(minutes=15 * (serial + place), seconds=chance.randint(0, 600))
        yield {
            "model": model.id,
            "id": new_id(at),
            "number": number,
            "serial": serial + place,
            "day": (serial + place) // 96,
            "amount": chance.randint(-9_000, 9_000) * 10**4,
            "title": title,
            "at": write_moment(at),
            "search": model.search.replace(fold(model.number), fold(number)),
            "number_key": key(number),
            "title_key": key(title),
        }


def _point(connection: sa.Connection, organisation: str, models: Sequence[str]) -> None:
    """Keep the edges of the models at hand."""
    g = tables.edge.c
    _pointing.create(connection, checkfirst=True)
    connection.execute(sa.delete(_pointing))
    found = sa.select(tables.edge).where(g.organisation == organisation, g.record.in_(list(models)))
    connection.execute(sa.insert(_pointing).from_select([column.name for column in g], found))


def _insert(connection: sa.Connection, organisation: str, made: Sequence[Mapping[str, Any]]) -> None:
    _made.create(connection, checkfirst=True)
    connection.execute(sa.delete(_made))
    connection.execute(sa.insert(_made), list(made))
    for table, key in ((tables.record, "id"), (tables.event, "record"), (tables.edge, "record")):
        source = _pointing if table is tables.edge else table
        own = _OWN if table is tables.record else {"record": "id"}
        taken = [(_made.c[own[column.name]] if column.name in own else _varied(column)) for column in source.c]
        # Said twice: few rows are read, by their key, however many there are.
        of_models = sa.and_(source.c.organisation == organisation, source.c[key].in_({row["model"] for row in made}))
        chosen = sa.select(*taken).join(_made, sa.and_(of_models, source.c[key] == _made.c.model))
        connection.execute(sa.insert(table).from_select([column.name for column in table.c], chosen))
    texts = {str(row["id"]): str(row["search"]) for row in made}
    SearchWriting(connection).put_entries(organisation, "bench.order", texts)


def _varied(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Return what a copy has in a column of its model: its days lie further back, its amounts differ."""
    if column.name in tables.DATE_SLOTS:
        return column - _made.c.day
    return column + _made.c.amount if column.name in tables.NUMBER_SLOTS else column
