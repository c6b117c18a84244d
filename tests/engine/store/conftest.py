"""Stores to test with: SQLite always, PostgreSQL where its wheel is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.stores import empty_store

from blankett.engine.language.loader import read_blueprint
from blankett.engine.language.model import Blueprint
from blankett.engine.store import (
    NewEvent,
    SlotMap,
    Store,
    StoredRecord,
    Writing,
    edges_of,
    give_slots,
    new_id,
    slot_row,
    tables,
    wanted_slots,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give an empty store in a file."""
    found = empty_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield found
    found.close()


@pytest.fixture(scope="session")
def session_postgres_store(postgres_url: str) -> Iterator[Store]:
    """Give one store on PostgreSQL for all tests."""
    found = Store(postgres_url)
    found.create_schema()
    yield found
    found.close()


@pytest.fixture
def postgres_store(session_postgres_store: Store) -> Store:
    """Give an empty store on PostgreSQL."""
    # Numbers of names are never taken back, which a store that knows them goes by.
    names = ", ".join(f'"{name}"' for name in tables.metadata.tables if name != "known_name")
    with session_postgres_store.engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {names}")
    return session_postgres_store


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_store(request: pytest.FixtureRequest) -> Store:
    """Give an empty store, once on each database."""
    found: Store = request.getfixturevalue("store" if request.param == "sqlite" else "postgres_store")
    return found


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

SHOP = """
blueprint: shop
language: 1
title: Shop
roles:
  sales: {title: Sales}
forms:
  customer:
    title: Customer
    life: reference
    key: code
    show: "{name}"
    fields:
      code: {type: text, unique: yes}
      name: {type: text}
    grants:
      - {who: sales, may: all}
  order:
    title: Order
    show: "{record.number} {customer.name}"
    number: {pattern: "SO-{year}-{counter:3}", policy: gapless, at: create}
    fields:
      customer: {type: link, to: customer}
      subject: {type: text, index: yes}
      total: {type: number, index: yes}
      due: {type: date, index: yes}
      urgent: {type: yes_no, index: yes}
      channel: {type: choice, options: [phone, mail], index: yes}
      note: {type: long_text}
      lines:
        type: table
        fields:
          item: {type: link, to: customer}
          quantity: {type: number}
    states:
      draft: {start: true}
      done: {final: true}
    actions:
      finish: {from: draft, to: done, by: sales}
    grants:
      - {who: sales, may: all}
"""


@pytest.fixture(scope="session")
def shop() -> Blueprint:
    """Give a small blueprint with customers and orders."""
    return read_blueprint(SHOP)


@pytest.fixture(scope="session")
def order_slots(shop: Blueprint) -> SlotMap:
    """Give the slots of the shop's orders."""
    return SlotMap(give_slots(SlotMap(), wanted_slots(shop, shop.forms["order"]), {}, ready=True).new)


@dataclass
class Shelf:
    """Puts records of the shop into a store the way the engine does: row, slots, edges, event, together."""

    shop: Blueprint
    slots: SlotMap
    made: int = 0

    def order(self, **values: Any) -> StoredRecord:
        """Return a new order with *values* (FEEL values; properties of the record by their own names)."""
        self.made += 1
        at = NOW + timedelta(seconds=self.made)
        properties = {
            name: values.pop(name) for name in ("number", "state", "title", "owner", "workspace") if name in values
        }
        form = self.shop.forms["order"]
        data = {key: form.fields[key].type.to_stored(value, form.fields[key]) for key, value in values.items()}
        return StoredRecord(
            organisation="acme", id=new_id(at), workspace=properties.pop("workspace", "main"), blueprint="shop",
            version=1, form="order", state=properties.pop("state", "draft"), created_at=at, created_by="anna",
            changed_at=at, data=data, **properties,
        )  # fmt: skip

    def row(self, record: StoredRecord, titles: Mapping[str, str]) -> dict[str, Any]:
        """Return the slots of an order."""
        form = self.shop.forms["order"]
        values = {
            key: form.fields[key].type.from_stored(value, form.fields[key])
            for key, value in record.data.items()
            if key not in record.hidden
        }
        return slot_row(self.slots, form, values, titles)

    def put(self, writing: Writing, record: StoredRecord, titles: Mapping[str, str] | None = None) -> StoredRecord:
        """Insert an order with all that belongs to it."""
        writing.insert_record(record, self.row(record, titles or {}))
        writing.put_edges("acme", record.id, edges_of(self.shop.forms["order"], record.data))
        payload = {
            "data": dict(record.data),
            "record": {"state": record.state, "number": record.number, "title": record.title, "version": 1},
        }
        writing.append_event(
            NewEvent(
                organisation="acme", record=record.id, at=record.created_at, actor="anna", kind="create", version=1,
                payload=payload,
            )
        )  # fmt: skip
        return record

    def fill(self, store: Store, rows: Iterable[Mapping[str, Any]]) -> list[StoredRecord]:
        """Put one order for each of *rows* and return them."""
        with store.writing() as writing:
            return [self.put(writing, self.order(**values)) for values in rows]


@pytest.fixture(scope="session")
def make_shelf(shop: Blueprint, order_slots: SlotMap) -> Callable[[], Shelf]:
    """Give what makes something that puts orders into a store."""
    return lambda: Shelf(shop, order_slots)


@pytest.fixture
def shelf(shop: Blueprint, order_slots: SlotMap) -> Shelf:
    """Give what puts orders into a store."""
    return Shelf(shop, order_slots)
