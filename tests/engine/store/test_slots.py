"""Which field has which slot, for life."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from blankett.engine.language.loader import read_blueprint
from blankett.engine.store import SlotMap, SlotPlace, Store, Want, give_slots, slot_row, wanted_slots

STOCK = """
blueprint: stock
language: 1
title: Stock
roles:
  sales: {title: Sales}
forms:
  product:
    title: Product
    life: reference
    key: code
    show: "{code}"
    fields:
      code: {type: text, unique: yes}
      kind: {type: choice, options: [a, b]}
      price: {type: money, currency: currency}
      currency: {type: choice, options: [EUR, DKK]}
      active: {type: yes_no}
      owner_of: {type: user}
      weight: {type: number}
      plain: {type: text}
      note: {type: long_text}
    lists:
      all: {title: All, columns: [code, price], where: weight > 3, sort: [-kind]}
    grants:
      - {who: sales, may: all}
      - {who: "= owner_of", may: [view]}
  order:
    title: Order
    show: "{product.code}"
    fields:
      product: {type: link, to: product, where: active = true}
    grants:
      - {who: sales, may: all}
"""


def test_what_is_asked_for_has_a_slot() -> None:
    stock = read_blueprint(STOCK)
    assert wanted_slots(stock, stock.forms["product"]) == (
        Want("code", "value", "text"),
        Want("kind", "value", "text"),
        Want("price", "value", "number"),
        Want("currency", "value", "text"),
        Want("active", "value", "number"),
        Want("owner_of", "value", "text"),
        Want("weight", "value", "number"),
    )
    assert wanted_slots(stock, stock.forms["order"]) == (
        Want("product", "value", "text"),
        Want("product", "title", "text"),
    )


def test_slots_are_given_in_order_and_never_taken_away() -> None:
    first = give_slots(SlotMap(), [Want("a", "value", "text"), Want("b", "value", "number")], {}, ready=True)
    assert first.new == (SlotPlace("a", "value", "t1"), SlotPlace("b", "value", "n1"))
    later = give_slots(SlotMap(first.new), [Want("c", "value", "text"), Want("b", "value", "number")], {}, ready=False)
    assert later.new == (SlotPlace("c", "value", "t2", ready=False),)


def test_a_renamed_field_keeps_its_slot_and_a_retyped_one_takes_a_new_one() -> None:
    slots = SlotMap((SlotPlace("total", "value", "n1"),))
    given = give_slots(
        slots, [Want("sum", "value", "number"), Want("total", "value", "text")], {"sum": "total"}, ready=False
    )
    assert given.new == (SlotPlace("sum", "value", "n1"), SlotPlace("total", "value", "t1", ready=False))


def test_slots_run_out() -> None:
    wants = [Want(f"day{number}", "value", "date") for number in range(10)]
    given = give_slots(SlotMap(), wants, {}, ready=True)
    assert [place.slot for place in given.new] == [f"d{number}" for number in range(1, 9)]
    assert given.left_over == tuple(wants[8:])


def test_a_row_holds_what_lists_compare(shop: Any, order_slots: SlotMap) -> None:
    values = {
        "customer": "c1", "subject": "x" * 300, "total": Decimal("12.5"), "due": date(1970, 1, 11), "urgent": True,
        "channel": None, "note": "n",
    }  # fmt: skip
    row = slot_row(order_slots, shop.forms["order"], values, {"c1": "ACME"})
    assert row == {"t1": "c1", "t2": "ACME", "t3": "x" * 300, "n1": 12_500_000, "d1": 10, "n2": 1, "t4": None}


def test_a_slot_that_is_not_ready_is_written_and_not_asked(store: Store, shop: Any) -> None:
    form = shop.forms["order"]
    places = (SlotPlace("subject", "value", "t1", ready=False), SlotPlace("gone", "value", "t2"))
    with store.writing() as writing:
        writing.put_slots("acme", "shop", "order", places)
        before = writing.slot_maps("acme", "shop")["order"]
        writing.mark_slots_ready("acme", "shop", "order")
        after = writing.slot_maps("acme", "shop")["order"]
        assert writing.slot_maps("other", "shop") == {}
    assert before.places == places
    assert slot_row(before, form, {"subject": "s"}, {}) == {"t1": "s", "t2": None}
    assert (before.find(form.fields["subject"]), after.find(form.fields["subject"])) == (None, "t1")


def test_old_and_new_names_of_a_field_write_one_slot(shop: Any) -> None:
    slots = SlotMap((SlotPlace("subject", "value", "t1"), SlotPlace("was_subject", "value", "t1")))
    assert slot_row(slots, shop.forms["order"], {"subject": "s"}, {}) == {"t1": "s"}
