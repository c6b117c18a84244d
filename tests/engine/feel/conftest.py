"""A small order form for formulas to be checked against, and the golden files of what is said about them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from blankett.engine import feel

GOLDEN = Path(__file__).parent / "golden"

LINE = feel.Context(
    {
        "product": feel.RecordType("product", nullable=True),
        "quantity": feel.Number(nullable=True),
        "price": feel.Number(("parent", "currency"), nullable=True),
        "amount": feel.Number(("parent", "currency"), nullable=True),
    }
)
FORMS = {
    "product": feel.Context(
        {
            "name": feel.Text(),
            "price": feel.Number(("currency",), nullable=True),
            "floor_price": feel.Number(("currency",), nullable=True),
            "currency": feel.Text(),
        }
    ),
    "customer": feel.Context(
        {
            "name": feel.Text(),
            "tier": feel.Text(("gold", "silver", "new"), nullable=True),
            "balance": feel.Number(("currency",), nullable=True),
            "currency": feel.Text(),
            "parent_company": feel.RecordType("customer", nullable=True),
        }
    ),
    "user": feel.Context({"name": feel.Text(), "department": feel.Text(nullable=True)}),
}
ORDER: dict[str, feel.Type] = {
    "customer": feel.RecordType("customer", nullable=True),
    "currency": feel.Text(nullable=True),
    "urgent": feel.Boolean(nullable=True),
    "lines": feel.ListOf(LINE),
    "total": feel.Number(("currency",)),
    "discount": feel.Number(nullable=True),
    "rebate": feel.Number(is_percent=True),
    "nights": feel.Number(),
    "note": feel.Text(nullable=True),
    "due": feel.Date(nullable=True),
    "start": feel.Date(),
    "at": feel.DateTime(),
    "team": feel.ListOf(feel.RecordType("user")),
    "user": feel.RecordType("user"),
    "record": feel.Context({"number": feel.Text(nullable=True), "created_by": feel.RecordType("user")}),
    "old": feel.Context({"total": feel.Number(("currency",), nullable=True)}),
}
FUNCTIONS = {
    "approvers": feel.FunctionType(
        {"total": feel.Number(), "tier": feel.Text(), "urgent": feel.Boolean(nullable=True)},
        feel.Context({"role": feel.Text(), "days": feel.Number()}),
    ),
    "fee": feel.FunctionType({"total": feel.Number()}, feel.Number()),
}


@pytest.fixture
def order_scope() -> feel.Scope:
    """The names of an order."""
    return feel.Scope(ORDER, FUNCTIONS, FORMS.get, calendars=("office", "stores"))


@pytest.fixture
def line_scope(order_scope: feel.Scope) -> feel.Scope:
    """The names inside a line of an order: its columns, and the order as `parent`."""
    return feel.Scope({**LINE.fields, "parent": feel.Context(ORDER)}, FUNCTIONS, FORMS.get)


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare a text with a golden file; `GOLDEN=write` writes the file instead."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("GOLDEN") == "write":
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare
