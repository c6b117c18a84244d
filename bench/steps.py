"""What a page asks of the database, counted by the database itself: statements, and the steps they took.

SQLite's steps are those of its virtual machine; PostgreSQL's are the blocks of eight kilobytes a statement looked at.
Neither depends on the clock, the machine or what else runs on it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa

from blankett.engine.store import Store

#: The virtual machine's steps between two looks at it.
STRIDE = 1


@dataclass(frozen=True)
class Steps:
    """What was asked."""

    statements: int
    steps: int
    #: Blocks more that what was looked up in indexes may take where these are a level deeper, on PostgreSQL.
    looks: int = 0


class Meter(Protocol):
    """Counts what a store is asked."""

    def measure(self, do: Callable[[], object]) -> Steps:
        """Return what was asked while *do* ran."""
        ...


def meter_of(store: Store) -> Meter:
    """Return what counts the steps of *store*, from its next connection on."""
    store.engine.dispose()
    return SqliteMeter(store) if store.is_sqlite else PostgresMeter(store)


class SqliteMeter:
    """Counts the steps of SQLite's virtual machine."""

    def __init__(self, store: Store) -> None:
        self.steps = self.statements = 0
        sa.event.listen(store.engine, "connect", self._watch)

    def _watch(self, connection: sqlite3.Connection, _: object) -> None:
        connection.set_progress_handler(self._step, STRIDE)
        connection.set_trace_callback(self._begin)

    def _step(self) -> int:
        self.steps += STRIDE
        return 0

    def _begin(self, sql: str) -> None:
        # What the index of words reads of its own tables is steps, but no statement of ours.
        self.statements += "'search_token_" not in sql

    def measure(self, do: Callable[[], object]) -> Steps:
        """Return what was asked while *do* ran."""
        self.steps = self.statements = 0
        do()
        return Steps(self.statements, self.steps)


class PostgresMeter:
    """Counts the blocks that PostgreSQL looks at, by asking it to explain what it was asked."""

    def __init__(self, store: Store) -> None:
        self.asked: list[tuple[Any, Any]] = []
        self.store = store
        sa.event.listen(store.engine, "connect", self._watch)

    def _watch(self, connection: psycopg.Connection[Any], _: object) -> None:
        asked = self.asked

        class Watching(psycopg.Cursor[Any]):
            def execute(self, query: Any, params: Any = None, **how: Any) -> Watching:
                asked.append((query, params))
                super().execute(query, params, **how)
                return self

        connection.cursor_factory = Watching

    def measure(self, do: Callable[[], object]) -> Steps:
        """Return what was asked while *do* ran."""
        self.asked.clear()
        do()
        selects = [each for each in self.asked if str(each[0]).lstrip("( ").startswith(("SELECT", "WITH"))]
        steps = looks = 0
        with self.store.engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            with psycopg.Cursor(driver) as cursor:
                for query, params in selects:
                    cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + str(query), params)
                    (found,) = cursor.fetchone() or ("[]",)
                    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
                    steps += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
                    looks += _looks(plan)
        return Steps(len(selects), steps, looks)


def _looks(plan: dict[str, Any]) -> int:
    """Return how many blocks more a plan's looks into indexes may take where its trees are a level deeper."""
    own, asked = 0, plan.get("Index Cond", "")
    if "Index" in plan["Node Type"]:
        rows = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        own = plan["Actual Loops"] * max(1, round(rows if "ANY" in asked else plan["Actual Rows"]))
        # Rows that are told by a list share pages with their neighbours as long as they are few.
        own *= 2 if "ANY" in asked else 1
        # An index of words is entered for each word, in the tree of words and then in the tree of its places.
        words = asked.count("''") // 2 if "tokens @@" in asked else 0
        own += 2 * plan["Actual Loops"] * words
    return own + sum(map(_looks, plan.get("Plans", ())))
