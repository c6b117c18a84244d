"""A posted order form: its texts read, links looked up, fills and totals worked out, and what is wrong with it."""

from __future__ import annotations

import functools
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from bench.by_hand.database import Prepared
from bench.by_hand.tables import customer, product, rate
from bench.by_hand.words import CHANNELS, CURRENCIES, FIELDS, full_day, money, typed_amount, typed_day

#: The fields of an order that somebody types, in their order.
TYPED = (
    "customer",
    "channel",
    "reference",
    "ordered",
    "currency",
    "payment_days",
    "deliver_to",
    "promised",
    "urgent",
    "discount",
)
#: Those that must have a value before the order goes on.
REQUIRED = ("customer", "channel", "ordered", "currency", "promised")
LINE = ("product", "quantity", "price")
TOP = 100_000_000

_day = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})|(\d{4})-(\d{2})-(\d{2})")
_customer_by_id = Prepared(sa.select(customer).where(customer.c.id == sa.bindparam("id")))
_customer_by_name = Prepared(sa.select(customer).where(customer.c.name == sa.bindparam("name")).limit(2))
_rate = Prepared(
    sa.select(rate.c.rate)
    .where(rate.c.base == "EUR", rate.c.quote == sa.bindparam("to"), rate.c.day <= sa.bindparam("at"))
    .order_by(rate.c.day.desc())
    .limit(1)
)
_product_by_name = Prepared(
    sa.select(product).where(product.c.name == sa.bindparam("name"), product.c.active == 1).limit(2)
)


@functools.cache
def _products(count: int) -> Prepared:
    return Prepared(sa.select(product).where(product.c.id.in_([sa.bindparam(f"id_{at}") for at in range(count)])))


class Fault(ValueError):
    """A text that is no value of its field; says what to do."""


@dataclass(slots=True)
class Line:
    """A line as it was typed, and what came of it."""

    #: What the names of its inputs begin with: "lines.+F403B08C98C5CC0A".
    path: str
    texts: dict[str, str]
    product: str | None = None
    quantity: int | None = None
    price: int | None = None
    amount: int | None = None
    is_filled: bool = False
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Return the line's id."""
        return self.path.removeprefix("lines.").removeprefix("+")


@dataclass(slots=True)
class Draft:
    """An order as it was typed, and what came of it."""

    texts: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    #: Names of the fields that follow the customer.
    filled: set[str] = field(default_factory=set)
    #: Field → what is wrong with its text.
    faults: dict[str, str] = field(default_factory=dict)
    is_gold: bool = False
    customer_name: str = ""

    @property
    def has_faults(self) -> bool:
        """Tell whether some text could not be read."""
        return bool(self.faults) or any(line.faults for line in self.lines)


def read_draft(
    connection: sqlite3.Connection, form: MultiDict[str, str], today: date, stored: Draft | None = None
) -> Draft:
    """Read a posted form; *stored* is the order as it was before, for one that is changed."""
    draft = Draft({name: _text(form, name) for name in TYPED})
    if stored is None:
        for name, text in (("ordered", today.isoformat()), ("payment_days", "30")):
            draft.texts[name] = draft.texts[name] or text
    given = dict(part.split("=", 1) for part in form.getlist("_filled") if "=" in part)
    picked = dict(part.split("=", 1) for part in form.getlist("_picked") if "=" in part)
    for name in TYPED[1:]:
        text = draft.texts[name]
        try:
            draft.values[name] = READERS[name](text) if text else None
        except Fault as fault:
            draft.values[name], draft.faults[name] = None, str(fault)
    _read_customer(connection, draft, picked.get("customer"), stored)
    for name, source in (("currency", "currency"), ("deliver_to", "address")):
        if not draft.texts[name] or given.get(name) == draft.texts[name]:
            draft.filled.add(name)
            draft.values[name] = draft.values.get(f"_{source}")
            draft.texts[name] = draft.values[name] or ""
    if not draft.is_gold:
        draft.texts["discount"], draft.values["discount"] = "", None
        draft.faults.pop("discount", None)
    _read_lines(connection, draft, form, given, picked, stored)
    work_out_totals(draft)
    return draft


def _text(form: MultiDict[str, str], name: str) -> str:
    values = form.getlist(name)
    return values[-1].replace("\r\n", "\n").strip() if values else ""


# Reading one text -----------------------------------------------------------------------------------------------------


def _read_text(text: str, most: int) -> str:
    if len(text) > most:
        raise Fault(f"Use at most {most} characters; this is {len(text)}.")
    return text


def _read_choice(text: str, options: Mapping[str, str]) -> str:
    if text not in options:
        raise Fault(f"Choose one of the options; “{text}” is none of them.")
    return text


def _read_day(text: str) -> str:
    found = _day.fullmatch(text)
    if found:
        day, month, year = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
        if 1 <= int(month) <= 12 and 1 <= int(day) <= _days_of(int(year), int(month)):
            return f"{year}-{int(month):02}-{int(day):02}"
    raise Fault(f"Enter a day such as 31/12/2026; “{text}” is not one.")


def _days_of(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _read_number(text: str, example: str = "250") -> Decimal:
    try:
        found = Decimal(text.replace(",", ""))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise Fault(f"Enter a number such as {example}; “{text}” is not one.")
    return found


def _read_whole(text: str, least: int, most: int | None = None) -> int:
    found = _read_number(text)
    if found != found.to_integral_value():
        raise Fault("Enter a whole number.")
    if found < least:
        raise Fault(f"Enter {least} or more.")
    if most is not None and found > most:
        raise Fault(f"Enter {most} or less.")
    return int(found)


def _read_percent(text: str) -> int:
    found = _read_number(text.removesuffix("%").rstrip(), "250.50")
    if found < 0:
        raise Fault("Enter 0% or more.")
    if found > 30:
        raise Fault("Enter 30% or less.")
    return int((found * 100).to_integral_value(ROUND_HALF_UP))


def _read_money(text: str, currency: str | None) -> int:
    found = _read_number(text, "250.50") * 100
    if found < 0:
        raise Fault("Enter 0 or more.")
    if found != found.to_integral_value():
        raise Fault(f"{currency or 'This'} has fewer decimals than this.")
    return int(found)


READERS: Mapping[str, Callable[[str], Any]] = {
    "channel": lambda text: _read_choice(text, CHANNELS),
    "reference": lambda text: _read_text(text, 40),
    "ordered": _read_day,
    "currency": lambda text: _read_choice(text, CURRENCIES),
    "payment_days": lambda text: _read_whole(text, 0, 90),
    "deliver_to": lambda text: _read_text(text, 400),
    "promised": _read_day,
    "urgent": lambda text: int(text == "yes"),
    "discount": _read_percent,
}


# Links, lines, totals -------------------------------------------------------------------------------------------------


def _read_customer(connection: sqlite3.Connection, draft: Draft, pick: str | None, stored: Draft | None) -> None:
    text = draft.texts["customer"]
    draft.values["customer"] = None
    if not text:
        return
    id, _, label = (pick or "").partition("|")
    found = None
    if label == text:
        found = _customer_by_id.row(connection, id=id)
    else:
        rows = _customer_by_name.rows(connection, name=text)
        found = rows[0] if len(rows) == 1 else None
    if found is None:
        draft.faults["customer"] = f"Nothing is called “{text}”. Choose from the list."
        return
    draft.values.update(customer=found.id, _currency=found.currency, _address=found.address)
    draft.customer_name, draft.is_gold = found.name, found.tier == "gold"
    if stored is not None and found.id == stored.values["customer"]:
        # What was filled stays while the customer does.
        draft.values.update(_currency=stored.values["currency"], _address=stored.values["deliver_to"])


def _read_lines(
    connection: sqlite3.Connection,
    draft: Draft,
    form: MultiDict[str, str],
    given: Mapping[str, str],
    picked: Mapping[str, str],
    stored: Draft | None,
) -> None:
    lines: dict[str, Line] = {}
    for name in form:
        if name.startswith("lines."):
            path, _, column = name.rpartition(".")
            line = lines.get(path)
            if line is None:
                line = lines[path] = Line(path, {"product": "", "quantity": "", "price": ""})
            if column in line.texts:
                line.texts[column] = form[name].strip()
    # An empty line that is new is none.
    draft.lines = [line for line in lines.values() if any(line.texts.values()) or not line.path.startswith("lines.+")]
    old = {line.id: line for line in stored.lines} if stored is not None else {}
    is_same = stored is not None and all(stored.values[name] == draft.values[name] for name in ("currency", "ordered"))
    products = _find_products(connection, draft.lines, picked)
    factor: Decimal | None = None
    for line in draft.lines:
        found = _product_of(connection, line, products, picked, old.get(line.id))
        line.product = found.id if found is not None else None
        text = line.texts["quantity"]
        try:
            line.quantity = _read_whole(text, 1) if text else None
        except Fault as fault:
            line.faults["quantity"] = str(fault)
        text = line.texts["price"]
        if text and given.get(f"{line.path}.price") != text:
            try:
                line.price = _read_money(text, draft.values["currency"])
            except Fault as fault:
                line.faults["price"] = str(fault)
        else:
            line.is_filled = True
            before = old.get(line.id)
            if is_same and before is not None and before.product == line.product:
                line.price = before.price
            elif found is not None and draft.values["currency"] and draft.values["ordered"]:
                if factor is None:
                    factor = _factor(connection, draft.values["currency"], draft.values["ordered"])
                line.price = int((found.price * factor).to_integral_value(ROUND_HALF_UP))
            line.texts["price"] = typed_amount(line.price)
        if line.quantity is not None and line.price is not None:
            line.amount = line.quantity * line.price


def _find_products(connection: sqlite3.Connection, lines: Sequence[Line], picked: Mapping[str, str]) -> dict[str, Any]:
    ids = {picked.get(f"{line.path}.product", "").partition("|")[0] for line in lines} - {""}
    if not ids:
        return {}
    rows = _products(len(ids)).rows(connection, **{f"id_{at}": id for at, id in enumerate(ids)})
    return {row.id: row for row in rows}


def _product_of(
    connection: sqlite3.Connection, line: Line, products: Mapping[str, Any], picked: Mapping[str, str], old: Line | None
) -> Any:
    text = line.texts["product"]
    if not text:
        return None
    id, _, label = picked.get(f"{line.path}.product", "").partition("|")
    found = products.get(id) if label == text else None
    if label != text:
        rows = _product_by_name.rows(connection, name=text)
        found = rows[0] if len(rows) == 1 else None
    if found is None or (not found.active and (old is None or old.product != found.id)):
        line.faults["product"] = f"Nothing is called “{text}”. Choose from the list."
        return None
    return found


def _factor(connection: sqlite3.Connection, currency: str, day: str) -> Decimal:
    if currency == "EUR":
        return Decimal(1)
    found = _rate.value(connection, to=currency, at=day)
    return Decimal(found) if found is not None else Decimal("NaN")


def work_out_totals(draft: Draft) -> None:
    """Put goods and total into the draft's values."""
    goods = sum(line.amount or 0 for line in draft.lines)
    discount = draft.values["discount"] or 0
    draft.values["goods"] = goods
    draft.values["total"] = (
        int((Decimal(goods) * (10_000 - discount) / 10_000).to_integral_value(ROUND_HALF_UP)) if discount else goods
    )


# What is wrong --------------------------------------------------------------------------------------------------------


def faults_of(draft: Draft) -> Iterator[tuple[str, str]]:
    """Yield (path, sentence) of each text that could not be read."""
    for name, sentence in draft.faults.items():
        yield name, f"{FIELDS[name]}: {sentence}"
    for at, line in enumerate(draft.lines, 1):
        for name, sentence in line.faults.items():
            yield f"{line.path}.{name}", f"Line {at} {FIELDS[name]}: {sentence}"


def problems_of(draft: Draft, *, is_going_on: bool) -> list[tuple[str, str]]:
    """Return (path, sentence) of all that is wrong. *is_going_on*: more is asked of what is no draft."""
    found = list(faults_of(draft))
    if is_going_on:
        missing = [*_missing(draft)]
        if not found and (refusal := refuse_submit(draft.values["total"], draft.values["currency"])):
            missing.insert(0, ("", refusal))
        found += missing
    order = {name: at for at, name in enumerate((*TYPED, "lines"), 1)}
    order.update(
        {
            f"{line.path}.{name}": 100 + at * 10 + column
            for at, line in enumerate(draft.lines)
            for column, name in enumerate(LINE)
        }
    )
    found.sort(key=lambda each: order.get(each[0], 0))
    promised, ordered = draft.values["promised"], draft.values["ordered"]
    if is_going_on and not found and promised < ordered:
        found.append(("promised", f"The promised day {full_day(promised)} is before the day of the order."))
    return found


def _missing(draft: Draft) -> Iterator[tuple[str, str]]:
    for name in REQUIRED:
        if draft.values[name] is None and name not in draft.faults:
            yield name, f"Fill in “{FIELDS[name]}”."
    if not draft.lines:
        yield "lines", "Lines: Add a line."
    for at, line in enumerate(draft.lines, 1):
        for name in LINE:
            if getattr(line, name) is None and name not in line.faults:
                yield f"{line.path}.{name}", f"Line {at}: Fill in “{FIELDS[name]}”."


def refuse_submit(total: int, currency: str | None) -> str | None:
    """Return why an order may not be submitted, or None."""
    if total > 0:
        return None
    return f"“Total” is {money(total, currency)} and must be more than {money(0, currency)}."


def refuse_approve(total: int, currency: str | None) -> str | None:
    """Return why an order may not be approved, or None."""
    if total < TOP:
        return None
    return f"“Total” is {money(total, currency)} and must be less than {money(TOP, currency)}."


# A stored order, as its form shows it ---------------------------------------------------------------------------------


def draft_of(row: Any, lines: Sequence[Any]) -> Draft:
    """Return a stored order as its form shows it."""
    values = {name: getattr(row, name) for name in (*TYPED, "goods", "total")}
    texts = {
        "customer": row.customer_name or "",
        "channel": row.channel or "",
        "reference": row.reference or "",
        "ordered": typed_day(row.ordered),
        "currency": row.currency or "",
        "payment_days": "" if row.payment_days is None else str(row.payment_days),
        "deliver_to": row.deliver_to or "",
        "promised": typed_day(row.promised),
        "urgent": "yes" if row.urgent else "no",
        "discount": "" if row.discount is None else f"{row.discount / 100:g}",
    }
    drawn = [
        Line(
            f"lines.{line.id}",
            {
                "product": line.product_name or "",
                "quantity": "" if line.quantity is None else str(line.quantity),
                "price": typed_amount(line.price),
            },
            line.product, line.quantity, line.price, line.amount, bool(line.filled),
        )
        for line in lines
    ]  # fmt: skip
    return Draft(texts, values, drawn, set(row.filled.split()), {}, row.tier == "gold", row.customer_name or "")
