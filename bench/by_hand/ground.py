"""The twin's data: the same people, customers, products and orders as the product's database, under the same ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bench.by_hand import tables
from bench.by_hand.accounts import hasher
from bench.by_hand.database import Database
from bench.by_hand.order_form import TYPED
from bench.by_hand.orders import hash_of
from blankett.engine.store import StoredRecord
from blankett.engine.store.json_text import write_json
from blankett.engine.store.timestamps import write_moment

#: Fields of an order that are stored as they are.
_AS_THEY_ARE = ("customer", "channel", "reference", "ordered", "currency", "deliver_to", "promised")


class TwinGround:
    """Fills the twin's new database at *path* while the product's is laid."""

    def __init__(self, path: str) -> None:
        self.database = Database(path)
        tables.metadata.create_all(self.database.engine)

    def put_people(self, people: Sequence[tuple[str, str, str]], workspace: str, password: str) -> None:
        """Put the people (id, name, e-mail): all are managers of the workspace and sign in with *password*."""
        kept = hasher.hash(password)
        with self.database.engine.begin() as to:
            to.execute(sa.insert(tables.workspace), [{"id": workspace, "title": "Bench"}])
            for id, name, email in people:
                to.execute(sa.insert(tables.user), [{"id": id, "name": name, "email": email, "password": kept}])
                to.execute(sa.insert(tables.member), [{"user": id, "workspace": workspace, "role": "manager"}])
            rate = {"base": "EUR", "quote": "DKK", "day": "2020-01-01", "rate": "7.46"}
            to.execute(sa.insert(tables.rate), [rate])
            to.execute(sa.insert(tables.counter), [{"name": "order", "value": 0}])

    def put_records(self, records: Sequence[StoredRecord]) -> None:
        """Put records of the bench's three forms, those of one form at a time."""
        with self.database.engine.begin() as to:
            for form, put in _PUTS.items():
                found = [record for record in records if record.form == form]
                if found:
                    put(to, found)

    def put_count(self, serial: int) -> None:
        """Put the number drawn last."""
        with self.database.engine.begin() as to:
            to.execute(sa.update(tables.counter).values(value=serial))
            to.exec_driver_sql("ANALYZE")
        self.database.close()


def _put_customers(to: sa.Connection, records: Sequence[StoredRecord]) -> None:
    names = ("name", "tier", "currency", "address")
    rows = [{"id": record.id, **{name: record.data.get(name) for name in names}} for record in records]
    to.execute(sa.insert(tables.customer), rows)


def _put_products(to: sa.Connection, records: Sequence[StoredRecord]) -> None:
    rows = [
        {"id": record.id, "name": record.data["name"], "price": _cents(record.data["price"]), "active": 1}
        for record in records
    ]
    to.execute(sa.insert(tables.product), rows)


def _put_orders(to: sa.Connection, records: Sequence[StoredRecord]) -> None:
    to.execute(sa.insert(tables.order), [_order(record) for record in records])
    to.execute(sa.insert(tables.order_line), [line for record in records for line in _lines(record)])
    to.execute(sa.insert(tables.event), [_event(record) for record in records])


_PUTS: Mapping[str, Callable[[sa.Connection, Sequence[StoredRecord]], None]] = {
    "customer": _put_customers,
    "product": _put_products,
    "order": _put_orders,
}


def _order(record: StoredRecord) -> dict[str, Any]:
    data, at = record.data, write_moment(record.created_at)
    discount, days = data.get("discount"), data.get("payment_days")
    found = {
        "id": record.id, "number": record.number, "workspace": record.workspace, "owner": record.created_by,
        "state": record.state, "since": at, "moved_by": record.created_by, "revision": record.revision,
        "changed_by": record.created_by,
        **{name: data.get(name) for name in _AS_THEY_ARE},
        "payment_days": None if days is None else int(str(days)),
        "urgent": int(bool(data.get("urgent"))),
        "discount": None if discount is None else int(Decimal(str(discount)) * 10_000),
        "goods": _cents(data["goods"]), "total": _cents(data["total"]),
        "filled": " ".join(sorted(name for name in record.filled if "/" not in name)),
        "last_hash": _event(record)["hash"],
    }  # fmt: skip
    assert found.keys() >= {*TYPED}
    return found


def _lines(record: StoredRecord) -> Iterator[dict[str, Any]]:
    lines: Any = record.data["lines"]
    for at, line in enumerate(lines, 1):
        yield {
            "order": record.id, "position": at, "id": line["id"], "product": line["product"],
            "quantity": int(line["quantity"]), "price": _cents(line["price"]), "amount": _cents(line["amount"]),
            "filled": int(f"lines/{line['id']}/price" in record.filled),
        }  # fmt: skip


def _event(record: StoredRecord) -> dict[str, Any]:
    payload = write_json(dict(record.data))
    values = {
        "order": record.id, "sequence": 1, "at": write_moment(record.created_at), "user": record.created_by,
        "kind": "create", "state": record.state,
    }  # fmt: skip
    return {**values, "payload": payload, "hash": hash_of("", values, payload)}


def _cents(amount: Any) -> int:
    return int(Decimal(str(amount)) * 100)
