"""What formulas of a new version read of records that have not moved to it: renamed fields at once, new ones later."""

from __future__ import annotations

from decimal import Decimal

from blankett.engine.publish.readiness import Publication
from blankett.engine.publish.results import Published
from blankett.engine.publish.rollout import Pace
from blankett.words import say

from .conftest import SHOP, Office, put_in

#: Customers have a town, which orders show.
TOWNS = put_in(
    SHOP,
    (
        "      phone: {type: text}\n",
        "      phone: {type: text}\n      town: {type: text, default: Kiel}\n      fax: {type: text}\n",
    ),
    (
        "      note: {type: text}\n",
        "      note: {type: text}\n      town: {type: text, compute: buyer.town}\n",
    ),
)
#: Phones, notes and prices have other keys, and returns, which are new, read them.
OTHER_KEYS = put_in(
    SHOP,
    ("      note: {type: text}\n", "      remark: {was: note, type: text}\n"),
    ("          price: {type: number,", "          unit_price: {was: price, type: number,"),
    ("quantity: 2, price: 3", "quantity: 2, unit_price: 3"),
    ("compute: quantity * price", "compute: quantity * unit_price"),
    (
        "samples:\n",
        "  return:\n    title: Return\n    fields:\n      order: {type: link, to: order, required: yes}\n"
        "      remark: {type: text, compute: order.remark}\n"
        "      dearest: {type: number, compute: max(order.lines.unit_price)}\n"
        "    grants: [{who: sales, may: all}]\nsamples:\n",
    ),
)


def opened(office: Office, id: str) -> dict[str, object]:
    found = office.engine.open(office.actor("anna"), id)
    assert found is not None
    return dict(found.values)


def test_new_fields_that_formulas_read_are_told_until_the_records_have_followed(shop: Office) -> None:
    assert shop.preview(TOWNS).late == ()
    buyer = shop.customer()
    shop.customer("BOLT")
    (late,) = shop.preview(TOWNS).late
    assert say("en", "publish.late_field", form=late.form, field=late.field, count=late.count) == (
        "2 records of Customer follow right behind the publish; until they have, "
        "formulas find nothing in their new field Town."
    )
    answer = shop.publisher.publish(shop.actor("boss"), Publication(source=TOWNS, skip_scenarios=True), Pace(0))
    assert isinstance(answer, Published)
    order = shop.order(buyer)
    assert opened(shop, order)["town"] is None
    shop.publisher.finish(answer.rollout.row)
    shop.do("order", order, note="looked at again")
    assert opened(shop, order)["town"] == "Kiel"
    assert shop.preview(SHOP).late == ()


def test_a_record_of_an_older_version_is_read_by_the_keys_that_its_fields_have_now(shop: Office) -> None:
    order = shop.order(shop.customer(), note="a note of before")
    shop.publish(OTHER_KEYS)
    assert shop.record(order).version == 1
    found = opened(shop, shop.do("return", order=order).record)
    assert (found["remark"], found["dearest"]) == ("a note of before", Decimal(3))
