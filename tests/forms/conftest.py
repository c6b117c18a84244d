"""A small order form, built by hand: forms need no blueprint file."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import pytest

from blankett.engine.fields import TYPES_BY_NAME
from blankett.engine.fields.base import TextReading
from blankett.engine.language.model import Field, Form, Option, Place, Section, Words

HERE = Place(1, 1)


def words(text: str) -> Words:
    return Words({"en": text, "zh": f"中{text}"})


def make_field(key: str, type: str, *, table: str | None = None, **rest: object) -> Field:
    title = key.replace("_", " ").capitalize()
    return Field(key=key, type=TYPES_BY_NAME[type], title=words(title), help=None, place=HERE, table=table, **rest)  # type: ignore[arg-type]


def make_form(fields: Sequence[Field], sections: Sequence[Section] = ()) -> Form:
    by_key = {field.key: field for field in fields}
    return Form(
        blueprint="shop", key="order", title=words("Order"), plural=words("Orders"), help=None, icon="file-text",
        life="process", key_field=None, show=None, number=None, currency=None,
        fields=by_key, sections=tuple(sections) or (Section("details", words("Details"), tuple(by_key), HERE),),
        checks={}, states={}, actions={}, grants=(), lists={}, place=HERE,
    )  # fmt: skip


class Reads:
    """A formula of which only is known what it reads."""

    def __init__(self, *names: str) -> None:
        self.reads = frozenset((name,) for name in names)


@pytest.fixture
def order_form() -> Form:
    """Customer, channel, urgent, promised, discount, total, and lines of product, quantity, price, amount."""
    columns = {
        "product": make_field("product", "link", table="lines", options=MappingProxyType({"to": "shop.product"})),
        "quantity": make_field("quantity", "number", table="lines", options=MappingProxyType({"decimals": 0})),
        "price": make_field("price", "money", table="lines"),
        "amount": make_field("amount", "money", table="lines", compute=Reads("quantity", "price")),
    }
    channels = {key: Option(key, words(key.capitalize())) for key in ("phone", "email")}
    return make_form(
        [
            make_field("customer", "link", options=MappingProxyType({"to": "shop.customer"})),
            make_field("channel", "choice", options=MappingProxyType({"options": channels})),
            make_field("urgent", "yes_no"),
            make_field("promised", "date"),
            make_field("discount", "percent"),
            make_field("note", "long_text", options=MappingProxyType({"max_length": 50})),
            make_field("total", "money", compute=Reads("lines")),
            make_field("lines", "table", columns=columns, options=MappingProxyType({"max": 5})),
        ]
    )


@pytest.fixture
def reading() -> TextReading:
    return TextReading("en_GB")
