"""What the pages show: values put into words for the templates."""

from __future__ import annotations

import base64
import functools
import itertools
import json
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from bench.by_hand.accounts import Person
from bench.by_hand.database import Prepared
from bench.by_hand.order_form import TYPED, Draft
from bench.by_hand.orders import WAYS, events_of, lines_of
from bench.by_hand.tables import customer, order, user
from bench.by_hand.words import (
    ACTIONS,
    CHANNELS,
    DONE,
    FIELDS,
    KINDS,
    STATES,
    Clock,
    amount,
    full_day,
    long_moment,
    money,
    number,
    percent,
    short_day,
)

LIST = "/forms/bench/order"
PAGE, TASKS, COUNTED, WAITING = 50, 100, 1_000, 100
#: Parameter of the list → the column it filters or sorts by.
COLUMNS: Mapping[str, sa.Column[Any]] = {
    "record.number": order.c.number,
    "customer": customer.c.name,
    "channel": order.c.channel,
    "ordered": order.c.ordered,
    "promised": order.c.promised,
    "record.state": order.c.state,
    "total": order.c.total,
}
HEADS = {"record.number": "Number", "customer": "Customer", "channel": "Channel", "ordered": "Ordered",
         "promised": "Promised", "record.state": "State", "total": "Total"}  # fmt: skip
FILTERS = ("record.state", "customer", "channel", "ordered", "promised", "total")
TASK_OF = {"draft": "Submit", "review": "Approve", "approved": "Ship"}
#: What lies ahead of each state.
AHEAD = {"draft": ("review", "approved", "shipped"), "review": ("approved", "shipped"), "approved": ("shipped",)}

_is_waiting = sa.text(
    "(\"order\".state IN ('draft', 'approved') OR \"order\".state = 'review' AND \"order\".total < 100000000)"
)


def intent() -> str:
    """Return what a form that is sent twice carries both times."""
    return secrets.token_urlsafe(12)


# What waits -----------------------------------------------------------------------------------------------------------


def waiting_for(connection: sqlite3.Connection, person: Person) -> str:
    """Return how many orders wait for somebody, in few words."""
    rooms = tuple(person.roles)
    found = _count_waiting(len(rooms)).value(connection, **_rooms(rooms))
    return "" if not found else str(found) if found < WAITING else f"{WAITING}+"


@functools.cache
def _count_waiting(rooms: int) -> Prepared:
    chosen = sa.select(sa.literal_column("1")).select_from(order).where(_in_rooms(rooms), _is_waiting).limit(WAITING)
    return Prepared(sa.select(sa.func.count()).select_from(chosen.subquery()))


@functools.cache
def _tasks(rooms: int) -> Prepared:
    return Prepared(
        sa.select(
            order.c.id, order.c.number, order.c.state, order.c.since,
            customer.c.name.label("customer_name"), user.c.name.label("mover"),
        )
        .select_from(order)
        .outerjoin(customer, customer.c.id == order.c.customer)
        .join(user, user.c.id == order.c.moved_by)
        .where(_in_rooms(rooms), _is_waiting)
        .order_by(order.c.since, order.c.id)
        .limit(sa.bindparam("most"))
        .offset(sa.bindparam("skip"))
    )  # fmt: skip


def _in_rooms(rooms: int) -> sa.ColumnElement[bool]:
    if rooms == 1:
        return order.c.workspace == sa.bindparam("room_0")
    return sa.or_(*(order.c.workspace == sa.bindparam(f"room_{at}") for at in range(rooms)))


def _rooms(rooms: Sequence[str]) -> dict[str, str]:
    return {f"room_{at}": room for at, room in enumerate(rooms)}


def inbox(connection: sqlite3.Connection, person: Person, clock: Clock, skip: int) -> dict[str, Any]:
    """Return the context of the inbox."""
    rooms = tuple(person.roles)
    rows = _tasks(len(rooms)).rows(connection, **_rooms(rooms), most=TASKS + 1, skip=skip)
    tasks = []
    for row in rows[:TASKS]:
        since = datetime.fromisoformat(row.since)
        tasks.append(
            (row.id, TASK_OF[row.state], row.customer_name, row.number, STATES[row.state], row.mover, row.since,
             long_moment(since), clock.age(since))
        )  # fmt: skip
    return {
        "tasks": tasks,
        "before": skip - TASKS if skip else None,
        "behind": skip + TASKS if len(rows) > TASKS else None,
    }


# The list -------------------------------------------------------------------------------------------------------------


@functools.cache
def _list_statement(rooms: int, filters: tuple[str, ...], sort: str, after: bool, counted: bool) -> Prepared:
    where = [_in_rooms(rooms), *(COLUMNS[name] == sa.bindparam(f"f_{name.replace('.', '_')}") for name in filters)]
    is_linked = "customer" in filters
    if counted:
        chosen = sa.select(sa.literal_column("1")).select_from(
            order.join(customer, customer.c.id == order.c.customer) if is_linked else order
        )
        return Prepared(sa.select(sa.func.count()).select_from(chosen.where(*where).limit(COUNTED + 1).subquery()))
    column, is_down = COLUMNS[sort.removeprefix("-")], sort.startswith("-")
    if after:
        pair, last = sa.tuple_(column, order.c.id), sa.tuple_(sa.bindparam("last"), sa.bindparam("last_id"))
        where.append(pair < last if is_down else pair > last)
    return Prepared(
        sa.select(
            order.c.id, order.c.number, order.c.channel, order.c.ordered, order.c.promised, order.c.state,
            order.c.total, order.c.currency, customer.c.name.label("customer_name"), column.label("sorted"),
        )
        .select_from(order)
        .outerjoin(customer, customer.c.id == order.c.customer)
        .where(*where)
        .order_by(*(each.desc() if is_down else each.asc() for each in (column, order.c.id)))
        .limit(sa.bindparam("most"))
    )  # fmt: skip


def order_list(
    connection: sqlite3.Connection, person: Person, clock: Clock, asked: Mapping[str, str]
) -> dict[str, Any]:
    """Return the context of the list."""
    filters = {name: asked[name] for name in FILTERS if asked.get(name)}
    sort = asked.get("sort", "-ordered")
    if sort.removeprefix("-") not in COLUMNS:
        sort = "-ordered"
    rooms, names = tuple(person.roles), tuple(filters)
    values = {**_rooms(rooms), **{f"f_{name.replace('.', '_')}": value for name, value in filters.items()}}
    last, last_id = _read_cursor(asked.get("after"))
    rows = _list_statement(len(rooms), names, sort, last_id != "", False).rows(
        connection, **values, last=last, last_id=last_id, most=PAGE + 1
    )
    found: Any = _list_statement(len(rooms), names, sort, False, True).value(connection, **values)
    year = clock.today.year
    shown = [
        (row.id, row.number, row.customer_name, CHANNELS.get(row.channel, ""), short_day(row.ordered, year),
         short_day(row.promised, year), KINDS[row.state], STATES[row.state], money(row.total, row.currency))
        for row in rows[:PAGE]
    ]  # fmt: skip
    query = {**filters, "sort": sort}
    return {
        "rows": shown,
        "count": f"{min(found, COUNTED)}+ records"
        if found > COUNTED
        else f"{found} records"
        if found != 1
        else "1 record",
        "filters": filters,
        "chips": [
            (name, HEADS[name], _say(name, value), _address(_without(query, name))) for name, value in filters.items()
        ],
        "address": _address(query),
        "filterable": [(name, HEADS[name]) for name in FILTERS],
        "heads": [_head(name, title, filters, sort) for name, title in HEADS.items()],
        "sort": asked.get("sort", ""),
        "older": _address({**query, "after": _cursor(rows[PAGE - 1])}) if len(rows) > PAGE else "",
    }


def _head(name: str, title: str, filters: Mapping[str, str], sort: str) -> tuple[str, str, str, bool]:
    way = "" if sort.removeprefix("-") != name else "descending" if sort.startswith("-") else "ascending"
    return title, _address({**filters, "sort": f"-{name}" if way == "ascending" else name}), way, name == "total"


def _say(name: str, value: str) -> str:
    return STATES.get(value, value) if name == "record.state" else CHANNELS.get(value, value)


def _without(query: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in query.items() if key != name}


def _address(query: Mapping[str, str]) -> str:
    return f"{LIST}?{urlencode(query)}"


def _cursor(row: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([row.sorted, row.id]).encode()).decode()


def _read_cursor(text: str | None) -> tuple[Any, str]:
    try:
        last, last_id = json.loads(base64.urlsafe_b64decode(text or ""))
        return last, str(last_id)
    except ValueError:
        return None, ""


# A record -------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Offer:
    """An action on the record's page; refused with a reason."""

    name: str
    title: str
    is_forward: bool
    asks: bool
    reason: str | None


def record(connection: sqlite3.Connection, person: Person, clock: Clock, row: Any) -> dict[str, Any]:
    """Return the context of an order's page."""
    offers = []
    for name, action in WAYS.items():
        if row.state in action.sources and person.may(action.by, row.workspace):
            reason = action.refuse(row.total, row.currency)
            offers.append(Offer(name, ACTIONS[name], action.is_forward, action.asks_reason, reason))
    currency = row.currency
    lines = [
        (line.product, line.product_name, number(line.quantity), money(line.price, currency),
         money(line.amount, currency))
        for line in lines_of(connection, row.id)
    ]  # fmt: skip
    told = [told_of(event, clock) for event in events_of(connection, row.id)]
    facts, empty = _facts(row)
    past, ahead = _past(told), [STATES[name] for name in AHEAD.get(row.state, ())]
    # At most five states stand side by side; the others are folded.
    after = min(len(ahead), max(2, 4 - len(past)))
    before = min(len(past), 4 - after)
    return {
        "row": row,
        "kind": KINDS[row.state],
        "state": STATES[row.state],
        "since": clock.short(datetime.fromisoformat(row.since)),
        "past": past,
        "past_shown": past[len(past) - before :],
        "ahead": ahead,
        "ahead_shown": ahead[:after],
        "open": [each for each in offers if each.reason is None],
        "refused": [each for each in offers if each.reason is not None],
        "may_edit": row.state not in ("shipped", "cancelled") and person.may("sales", row.workspace),
        "lines": lines,
        "goods": money(row.goods, currency),
        "total": money(row.total, currency),
        "facts": facts,
        "empty": empty,
        "events": told,
        "printed": long_moment(clock.now),
        "intent": intent(),
    }


@dataclass(slots=True)
class Told:
    """An event as the timeline tells it."""

    sequence: int
    name: str
    said: str
    at: str
    long: str
    short: str
    state: str
    kind: str
    is_why: bool
    reason: str
    changed: list[tuple[str, str, str]]
    followed: list[tuple[str, str, str]]


def told_of(event: Any, clock: Clock) -> Told:
    at = datetime.fromisoformat(event.at)
    what = json.loads(event.payload) if event.payload is not None else {}
    changed: list[tuple[str, str, str]] = []
    followed: list[tuple[str, str, str]] = []
    for path, (before, after) in what.get("changes", {}).items():
        name = path.rpartition("/")[2]
        line = path.split("/")[1] if "/" in path else ""
        title = f"Line {line}, Lines / {FIELDS[name]}" if line else FIELDS[name]
        was, now = what["currencies"]
        into = followed if path in what["followed"] else changed
        into.append((title, _value(name, before, was), _value(name, after, now)))
    said = DONE.get(event.kind) or f"changed {len(changed)} field{'s' if len(changed) != 1 else ''}"
    return Told(
        event.sequence, event.name, said, event.at, long_moment(at), clock.short(at), STATES.get(event.state, ""),
        KINDS.get(event.state, ""), event.kind in ("submit", "approve"), what.get("reason", ""), changed, followed,
    )  # fmt: skip


def _value(name: str, value: Any, currency: str | None) -> str:
    if value is None:
        return "empty"
    if name in ("price", "amount", "goods", "total"):
        return money(value, currency)
    if name in ("ordered", "promised"):
        return full_day(value)
    if name == "discount":
        return f"{percent(value)}%"
    if name == "urgent":
        return "Yes" if value else "No"
    return CHANNELS.get(value, str(value)) if name == "channel" else str(value)


def _past(told: Sequence[Told]) -> list[tuple[str, str, str, bool]]:
    """Return the states an order has left: (title, who moved it on, when, whether it went back)."""
    moves = [each for each in reversed(told) if each.state]
    order = list(STATES.values())
    return [
        (each.state, following.name, following.short, order.index(following.state) < order.index(each.state))
        for each, following in itertools.pairwise(moves)
    ]


def _facts(row: Any) -> tuple[list[tuple[str, str, str, str]], list[str]]:
    """Return (title, words, address, class) of the fields with a value, and the titles of those without."""
    facts = [
        ("Customer", row.customer_name, f"/records/{row.customer}", ""),
        ("Channel", CHANNELS.get(row.channel), "", ""),
        ("Reference", row.reference, "", ""),
        ("Ordered", full_day(row.ordered), "", ""),
        ("Currency", row.currency, "", ""),
        ("Payment days", None if row.payment_days is None else str(row.payment_days), "", "b-tnum"),
        ("Deliver to", row.deliver_to, "", ""),
        ("Promised", full_day(row.promised), "", ""),
        ("Urgent", "Yes" if row.urgent else "No", "", ""),
    ]
    if row.tier == "gold":
        facts.append(("Discount", None if row.discount is None else f"{percent(row.discount)}%", "", "b-tnum"))
    return [fact for fact in facts if fact[1]], [fact[0] for fact in facts if not fact[1]]


# A form ---------------------------------------------------------------------------------------------------------------


_NO_FAULTS = dict.fromkeys(TYPED, "")


def entry(draft: Draft, problems: Sequence[tuple[str, str]] = (), typed: bool = False) -> dict[str, Any]:
    """Return the context of an order's form. *typed*: what is shown was typed just now."""
    currency = draft.values["currency"]
    return {
        "texts": draft.texts,
        "values": draft.values,
        "customer_id": draft.values["customer"],
        "is_gold": draft.is_gold,
        "filled": draft.filled,
        "faults": {**_NO_FAULTS, **draft.faults},
        "lines": draft.lines,
        "currency": currency,
        "amounts": [amount(line.amount) for line in draft.lines],
        "goods": money(draft.values["goods"], currency),
        "total": money(draft.values["total"], currency),
        "problems": [(path.replace("+", "%2B"), sentence) for path, sentence in problems],
        "is_typed": typed,
    }


def empty_draft(clock: Clock) -> Draft:
    """Return what a new order begins with."""
    texts = dict.fromkeys(TYPED, "")
    texts.update(ordered=f"{clock.today:%d/%m/%Y}", payment_days="30", urgent="no")
    values: dict[str, Any] = {**dict.fromkeys(TYPED), "goods": 0, "total": 0}
    return Draft(texts, values)


def shown_texts(draft: Draft) -> list[tuple[str, str]]:
    """Return (path, text) of everything a form showed when it was opened."""
    found = [(name, draft.texts[name]) for name in TYPED if name != "discount" or draft.is_gold]
    return [*found, *((f"{line.path}.{name}", text) for line in draft.lines for name, text in line.texts.items())]


def differing(stored: Draft, draft: Draft, form: Mapping[str, Sequence[str]]) -> list[tuple[str, str, str]]:
    """Return (field, what is stored, what was typed) of the fields that both have changed since the form was opened."""
    opened = dict(part.split("=", 1) for part in form.get("_shown", ()) if "=" in part)
    return [
        (name, stored.texts[name], draft.texts[name])
        for name in TYPED
        if stored.texts[name] != draft.texts[name] and opened.get(name) not in (stored.texts[name], draft.texts[name])
    ]
