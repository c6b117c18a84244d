"""Queries on the short way to the driver answer as SQLAlchemy does on the long one."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.sql.base import Executable

from blankett.engine import library_shortcuts
from blankett.engine.store import Store, Workspace
from blankett.engine.store.prepared_queries import asked_of
from blankett.engine.store.transaction import Transaction

_metadata = sa.MetaData()
_item = sa.Table(
    "item",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String),
    sa.Column("live", sa.Boolean),
    sa.Column("price", sa.Numeric(10, 2)),
)
_i = _item.c
ROWS: list[dict[str, Any]] = [
    {"id": 1, "name": "a", "live": True, "price": 1}, {"id": 2, "name": "b", "live": False, "price": 2},
    {"id": 3, "name": None, "live": None, "price": None}, {"id": 4, "name": "d", "live": True, "price": 4},
]  # fmt: skip
_all = sa.select(_i.id, _i.name).order_by(_i.id)
#: What is asked, and the values it is asked with, one after the other.
QUESTIONS: dict[str, tuple[Executable, list[dict[str, Any]]]] = {
    "everything": (_all, [{}, {}, {}]),
    "a value": (_all.where(_i.name == sa.bindparam("named")), [{"named": name} for name in ("a", "b", "x", None)]),
    "a list": (
        _all.where(_i.id.in_(sa.bindparam("ids", expanding=True)), _i.name != sa.bindparam("but")),
        [{"ids": ids, "but": "a"} for ids in ([1, 2], [2], [], [1, 2, 3, 4], (4, 2))],
    ),
    "a list that is written": (_all.where(_i.name.in_(["a", "d"]), _i.id > sa.bindparam("least")), [{"least": 1}] * 3),
    "constants": (_all.where(_i.name == "d").limit(sa.bindparam("most")), [{"most": most} for most in (1, 0, 1)]),
    "two lists": (
        _all.where(sa.or_(_i.id.in_([1, 2]), _i.id.in_(sa.bindparam("ids", expanding=True)))),
        [{"ids": ids} for ids in ([4], [3, 4], [4])],
    ),
    "types that are turned": (
        sa.select(_i.live, _i.price, sa.func.count()).where(_i.live == sa.bindparam("live")).group_by(_i.price),
        [{"live": live} for live in (True, False, True)],
    ),
}


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        _metadata.create_all(connection)
        connection.execute(_item.insert(), ROWS)
        yield connection
    engine.dispose()


@pytest.mark.parametrize(("statement", "asked"), QUESTIONS.values(), ids=QUESTIONS.keys())
def test_the_short_way_answers_as_the_long_one(
    statement: Executable, asked: list[dict[str, Any]], connection: sa.Connection
) -> None:
    transaction = Transaction(connection)
    for values in [asked[0], *asked]:
        expected = [tuple(row) for row in connection.execute(statement, values)]
        assert [tuple(row) for row in transaction.rows(statement, values)] == expected
        first = transaction.first(statement, values)
        assert (None if first is None else tuple(first)) == (expected[0] if expected else None)
    assert asked_of(statement, connection.dialect) is not None


def test_closed_shortcuts_leave_the_long_way(connection: sa.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(library_shortcuts.VARIABLE, "off")
    library_shortcuts.is_open.cache_clear()
    transaction = Transaction(connection)
    answers = [[tuple(row) for row in transaction.rows(sa.select(_i.id), {})] for _ in range(3)]
    statement = sa.select(_i.name)
    assert [asked_of(statement, connection.dialect) for _ in range(3)] == [None] * 3
    assert answers == [[(1,), (2,), (3,), (4,)]] * 3
    monkeypatch.undo()
    library_shortcuts.is_open.cache_clear()


@pytest.mark.parametrize("library", library_shortcuts.TRIED)
def test_shortcuts_are_taken_with_versions_they_were_tried_with(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    for number in (f"{library_shortcuts.TRIED[library][0]}.7", "99.0"):
        monkeypatch.setattr(library_shortcuts, "version", lambda _, number=number: number)
        library_shortcuts.is_open.cache_clear()
        taken.append(library_shortcuts.is_open(library))
    library_shortcuts.is_open.cache_clear()
    assert taken == [True, False]


def test_a_query_goes_the_long_way_at_first(connection: sa.Connection) -> None:
    statement = sa.select(_i.id)
    assert asked_of(statement, connection.dialect) is None
    assert asked_of(statement, connection.dialect) is not None


def test_what_is_asked_of_one_database_is_ready_for_the_next(connection: sa.Connection) -> None:
    statement = sa.select(_i.id)
    other = sa.create_engine("sqlite://").dialect
    assert asked_of(statement, other) is None
    first, second = asked_of(statement, other), asked_of(statement, connection.dialect)
    assert first is not None
    assert second is not None
    assert (first is second, first.sql == second.sql) == (False, True)


def test_what_is_kept_of_statements_lets_a_store_go() -> None:
    left = []
    for _ in range(3):
        store = Store("sqlite://")
        store.create_schema()
        for _ in range(3):
            with store.writing() as writing:
                writing.put_workspace(Workspace(organisation="acme", id="sales", title="Sales"))
                assert [place.id for place in writing.workspaces("acme")] == ["sales"]
        left.append(weakref.ref(store.engine.dialect))
        del store, writing
    gc.collect()
    # That of the first store may stay: with it the statements were compiled, for all of its kind.
    assert [dialect() for dialect in left[1:]] == [None, None]
