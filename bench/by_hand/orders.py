"""Orders as they are stored: found, made, changed, acted on; with their numbers, events and receipts."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bench.by_hand.accounts import Person
from bench.by_hand.database import Prepared
from bench.by_hand.order_form import TYPED, Draft, refuse_approve, refuse_submit
from bench.by_hand.tables import counter, customer, event, order, order_line, product, receipt, user
from bench.by_hand.words import ACTIONS, STATES, Clock

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Action:
    """What can be done with an order."""

    sources: tuple[str, ...]
    to: str
    by: str
    #: Returns why it is refused, or None.
    refuse: Callable[[int, str | None], str | None] = lambda total, currency: None
    asks_reason: bool = False
    #: Whether it brings the order on.
    is_forward: bool = True


WAYS: Mapping[str, Action] = {
    "submit": Action(("draft",), "review", "sales", refuse_submit),
    "approve": Action(("review",), "approved", "manager", refuse_approve),
    "send_back": Action(("review",), "draft", "manager", asks_reason=True, is_forward=False),
    "ship": Action(("approved",), "shipped", "sales"),
    "cancel": Action(("draft", "review"), "cancelled", "sales", is_forward=False),
}

_find_order = Prepared(
    sa.select(
        order, customer.c.name.label("customer_name"), customer.c.tier, user.c.name.label("mover")
    )
    .outerjoin(customer, customer.c.id == order.c.customer)
    .join(user, user.c.id == order.c.moved_by)
    .where(order.c.id == sa.bindparam("id"))
)  # fmt: skip
_find_lines = Prepared(
    sa.select(order_line, product.c.name.label("product_name"))
    .outerjoin(product, product.c.id == order_line.c.product)
    .where(order_line.c.order == sa.bindparam("id"))
    .order_by(order_line.c.position)
)
_find_events = Prepared(
    sa.select(
        event.c.sequence, event.c.at, event.c.kind, event.c.state, user.c.name,
        # The first event holds the whole order, which no page shows.
        sa.case((event.c.sequence == 1, None), else_=event.c.payload).label("payload"),
    )
    .join(user, user.c.id == event.c.user)
    .where(event.c.order == sa.bindparam("id"))
    .order_by(event.c.sequence.desc())
)  # fmt: skip
_find_receipt = Prepared(
    sa.select(receipt.c.order).where(receipt.c.user == sa.bindparam("by"), receipt.c.intent == sa.bindparam("of"))
)
_put_receipt = Prepared(sa.insert(receipt))
_put_event = Prepared(sa.insert(event))
_draw_number = Prepared(
    sa.update(counter).where(counter.c.name == "order").values(value=counter.c.value + 1).returning(counter.c.value)
)
_put_order = Prepared(sa.insert(order))
_put_line = Prepared(sa.insert(order_line))
_drop_lines = Prepared(sa.delete(order_line).where(order_line.c.order == sa.bindparam("id")))
_CHANGED = (*TYPED, "goods", "total", "filled", "revision", "changed_by", "last_hash")
_MOVED = ("revision", "changed_by", "last_hash", "state", "since", "moved_by")
_change_order, _move_order = (
    Prepared(
        sa.update(order).where(order.c.id == sa.bindparam("at_id")).values({name: sa.bindparam(name) for name in names})
    )
    for names in (_CHANGED, _MOVED)
)
_write_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Refused(Exception):
    """What somebody wants cannot be done; says why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Stale(Exception):
    """The order was changed since its page was drawn."""


def new_id() -> str:
    """Return an id that sorts by its time: 26 letters and digits."""
    number = int(time.time() * 1000) << 80 | secrets.randbits(80)
    return "".join([ALPHABET[number >> shift & 31] for shift in range(125, -1, -5)])


def find_order(connection: sqlite3.Connection, person: Person, id: str) -> Any | None:
    """Return an order with its customer's name, or None when it is not there or not for *person*."""
    row = _find_order.row(connection, id=id)
    return row if row is not None and person.may("sales", row.workspace) else None


def lines_of(connection: sqlite3.Connection, id: str) -> list[Any]:
    """Return an order's lines with the names of their products."""
    return _find_lines.rows(connection, id=id)


def events_of(connection: sqlite3.Connection, id: str) -> list[Any]:
    """Return an order's events, the newest first."""
    return _find_events.rows(connection, id=id)


def done_before(connection: sqlite3.Connection, person: Person, intent: str) -> str | None:
    """Return the order that a form was already taken for, or None."""
    found: str | None = _find_receipt.value(connection, by=person.id, of=intent)
    return found


def create(
    connection: sqlite3.Connection, person: Person, draft: Draft, clock: Clock, intent: str, submit: bool
) -> Any:
    """Make an order and return its (id, number)."""
    workspace = next(key for key, roles in person.roles.items() if "sales" in roles)
    id, state = new_id(), "review" if submit else "draft"
    serial = _draw_number.value(connection)
    number = f"SO-{clock.today.year}-{serial:06}"
    values = {**_stored(draft), "number": number, "state": state}
    lines = _lines_of(id, draft)
    kind = "submit" if submit else "create"
    noted = _note(id, person, clock, kind, state, {**values, "lines": lines}, 1, "")
    _put_order.run(
        connection, id=id, workspace=workspace, owner=person.id, since=clock.iso, moved_by=person.id, revision=1,
        changed_by=person.id, last_hash=noted["hash"], **values,
    )  # fmt: skip
    _put_line.run_many(connection, lines)
    _put_event.run(connection, **noted)
    _put_receipt.run(connection, user=person.id, intent=intent, order=id, at=clock.iso)
    return id, number


def change(
    connection: sqlite3.Connection, person: Person, row: Any, stored: Draft, draft: Draft, clock: Clock, intent: str
) -> None:
    """Store a changed order."""
    changes = changes_of(stored, draft)
    if changes:
        what = {"changes": changes, "followed": [path for path in changes if is_following(path, draft)]}
        what["currencies"] = stored.values["currency"], draft.values["currency"]
        noted = _follow(row, person, clock, "edit", None, what)
        _change_order.run(
            connection, at_id=row.id, revision=row.revision + 1, changed_by=person.id, last_hash=noted["hash"],
            **_stored(draft),
        )  # fmt: skip
        if any(path.startswith("lines/") for path in changes):
            _drop_lines.run(connection, id=row.id)
            _put_line.run_many(connection, _lines_of(row.id, draft))
        _put_event.run(connection, **noted)
    _put_receipt.run(connection, user=person.id, intent=intent, order=row.id, at=clock.iso)


def act(
    connection: sqlite3.Connection,
    person: Person,
    row: Any,
    name: str,
    clock: Clock,
    intent: str,
    revision: int,
    reason: str,
) -> str:
    """Take an action and return the new state; raise `Refused` or `Stale`."""
    action = WAYS[name]
    if not person.may(action.by, row.workspace):
        raise Refused(403, f"{ACTIONS[name]} is not for you.")
    if row.state not in action.sources:
        moved = f"{row.mover} moved this record to {STATES[row.state]} ({clock.short(_moment(row.since))})"
        raise Refused(409, f"{ACTIONS[name]} cannot be done now: {moved}. Open it again.")
    if revision != row.revision:
        raise Stale
    if (sentence := action.refuse(row.total, row.currency)) is not None:
        raise Refused(422, sentence)
    if action.asks_reason and not reason:
        raise Refused(422, "Fill in “Reason”.")
    noted = _follow(row, person, clock, name, action.to, {"reason": reason} if reason else {})
    _move_order.run(
        connection, at_id=row.id, revision=row.revision + 1, changed_by=person.id, last_hash=noted["hash"],
        state=action.to, since=clock.iso, moved_by=person.id,
    )  # fmt: skip
    _put_event.run(connection, **noted)
    _put_receipt.run(connection, user=person.id, intent=intent, order=row.id, at=clock.iso)
    return action.to


def changes_of(stored: Draft, draft: Draft) -> dict[str, tuple[Any, Any]]:
    """Return path → (before, after) of what differs; in the words of a line for its columns."""
    found = {
        name: (stored.values[name], draft.values[name])
        for name in (*TYPED, "goods", "total")
        if stored.values[name] != draft.values[name]
    }
    if "customer" in found:
        found["customer"] = (stored.customer_name, draft.customer_name)
    before, after = ({line.id: line for line in each.lines} for each in (stored, draft))
    for at, id in enumerate(dict.fromkeys((*before, *after)), 1):
        old, new = before.get(id), after.get(id)
        for column in ("product", "quantity", "price", "amount"):
            pair = getattr(old, column, None), getattr(new, column, None)
            if pair[0] != pair[1]:
                names = [each.texts["product"] if each else None for each in (old, new)]
                found[f"lines/{at}/{column}"] = (names[0], names[1]) if column == "product" else pair
    return found


def is_following(path: str, draft: Draft) -> bool:
    """Tell whether a change follows from what somebody typed."""
    if path.startswith("lines/"):
        _, at, column = path.split("/")
        line = draft.lines[int(at) - 1] if int(at) <= len(draft.lines) else None
        return column == "amount" or (column == "price" and line is not None and line.is_filled)
    return path in ("goods", "total") or path in draft.filled or (path == "discount" and not draft.is_gold)


def _stored(draft: Draft) -> dict[str, Any]:
    found = {name: draft.values[name] for name in (*TYPED, "goods", "total")}
    found["filled"] = " ".join(sorted(draft.filled))
    return found


def _lines_of(id: str, draft: Draft) -> list[dict[str, Any]]:
    return [
        {
            "order": id, "position": at, "id": line.id, "product": line.product, "quantity": line.quantity,
            "price": line.price, "amount": line.amount, "filled": int(line.is_filled),
        }
        for at, line in enumerate(draft.lines, 1)
    ]  # fmt: skip


def _follow(row: Any, person: Person, clock: Clock, kind: str, state: str | None, what: Any) -> dict[str, Any]:
    return _note(row.id, person, clock, kind, state, what, row.revision + 1, row.last_hash)


def _note(
    id: str, person: Person, clock: Clock, kind: str, state: str | None, what: Any, sequence: int, previous: str
) -> dict[str, Any]:
    """Return an event; its hash covers it and the one before."""
    payload = _write_json(what)
    values = {"order": id, "sequence": sequence, "at": clock.iso, "user": person.id, "kind": kind, "state": state}
    return {**values, "payload": payload, "hash": hash_of(previous, values, payload)}


def hash_of(previous: str, values: Mapping[str, Any], payload: str) -> str:
    """Return the hash of an event over the one before, its own values and its payload."""
    said = _write_json([previous, *values.values(), payload])
    return hashlib.sha256(said.encode()).hexdigest()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
