"""What a publish does to records: those that can move, those that must stay, and those that follow."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from blankett.engine.publish import FormImpact, Impact
from blankett.engine.publish.retirement import remedies_of, with_remedy
from blankett.engine.records import Command, Receipt
from blankett.engine.store import Reading, replay, tables

from .conftest import SHOP, Office, put_in, told

REVIEWED = put_in(SHOP, ("      review: {}\n", "      checking: {was: review}\n"), ("to: review,", "to: checking,"),
                  ("from: review,", "from: checking,"))  # fmt: skip

NOTE = "      note: {type: text}\n"
#: A new field that must be filled in.
ASKING = put_in(
    SHOP,
    (NOTE, f"{NOTE}      city: {{type: text, required: yes}}\n"),
    ("lines: [{article", "city: Rostock, lines: [{article"),
)
WITHOUT_REVIEW = put_in(
    SHOP,
    ("      review: {}\n", ""),
    ("to: review,", "to: shipped,"),
    ("      ship: {from: review, to: shipped, by: sales}\n", ""),
    ("      - do: ship\n", ""),
)


def of_form(impact: Impact, form: str) -> FormImpact:
    return next(found for found in impact.forms if found.form == form)


def classes(office: Office, source: str, form: str = "order") -> dict[str, Any]:
    """Return how the preview of *source* sorts the records of *form*."""
    found = of_form(office.preview(source).impact, form)
    staying = {
        (
            reason.message,
            str(getattr(reason.title, "by_language", {}).get("en", reason.title)),
            reason.value,
        ): group.count
        for reason, group in found.staying.items()
    }
    return {"open": found.open, "same": found.unaffected, "move": found.can_move, "stay": found.must_stay, **staying}


@pytest.fixture
def orders(shop: Office) -> dict[str, str]:
    """Make an order of each state and channel, and return their ids."""
    buyer = shop.customer()
    found = {
        "draft": shop.order(buyer),
        "fax": shop.order(buyer, channel="fax", note="12"),
        "review": shop.order(buyer, note="12.50"),
        "shipped": shop.order(buyer),
    }
    shop.do("order", found["review"], "submit")
    shop.do("order", found["shipped"], "submit")
    shop.do("order", found["shipped"], "ship")
    return found


# Classes --------------------------------------------------------------------------------------------------------------


def test_a_change_of_words_and_rights_affects_no_record(shop: Office, orders: dict[str, str]) -> None:
    worded = put_in(
        SHOP, ("    title: Order\n", "    title: Sales order\n"), ("submit: {from", "submit: {title: Send, from")
    )
    assert classes(shop, worded) == {"open": 3, "same": 3, "move": 0, "stay": 0}
    shop.publish(worded, move="move")
    assert {shop.record(id).version for id in orders.values()} == {1}


def test_a_new_field_lets_every_open_record_move(shop: Office, orders: dict[str, str]) -> None:
    more = ASKING
    assert classes(shop, more) == {"open": 3, "same": 0, "move": 3, "stay": 0}
    answer = shop.publish(more, move="move")
    assert (answer.moved, answer.stayed) == (3, 0)
    assert {name: shop.record(id).version for name, id in orders.items()} == {
        "draft": 2, "fax": 2, "review": 2, "shipped": 1,
    }  # fmt: skip


def test_a_required_field_is_asked_at_the_next_save(shop: Office, orders: dict[str, str]) -> None:
    more = ASKING
    shop.publish(more, move="move")
    command = Command(intent="a", actor=shop.actor("anna"), blueprint="shop", form="order", record=orders["review"])
    refused = shop.engine.apply(command.__class__(**{**command.__dict__, "action": "ship"}))
    assert [(problem.path, problem.message) for problem in refused.problems] == [(("city",), "field.required")]  # type: ignore[union-attr]
    accepted = shop.engine.apply(Command(**{**command.__dict__, "action": "ship", "values": {"city": "Rostock"}}))
    assert isinstance(accepted, Receipt)


def test_stay_leaves_every_record_on_its_version(shop: Office, orders: dict[str, str]) -> None:
    more = put_in(SHOP, ("      note: {type: text}\n", "      note: {type: text}\n      city: {type: text}\n"))
    answer = shop.publish(more)
    assert (answer.moved, answer.stayed) == (0, 3)
    assert {shop.record(id).version for id in orders.values()} == {1}
    shop.do("order", orders["draft"], "submit")
    assert shop.record(orders["draft"]).state == "review"


def test_a_state_that_is_gone_keeps_its_records(shop: Office, orders: dict[str, str]) -> None:
    short = WITHOUT_REVIEW
    assert classes(shop, short) == {
        "open": 3, "same": 0, "move": 2, "stay": 1, ("stay.state_gone", "Review", ""): 1,
    }  # fmt: skip
    answer = shop.publish(short, move="move")
    assert (answer.moved, answer.stayed) == (2, 1)
    assert (shop.record(orders["review"]).version, shop.record(orders["review"]).state) == (1, "review")
    shop.do("order", orders["review"], "ship")
    assert shop.record(orders["review"]).state == "shipped"


def test_a_renamed_state_takes_its_records_along(shop: Office, orders: dict[str, str]) -> None:
    shop.publish(REVIEWED, move="move")
    assert (shop.record(orders["review"]).version, shop.record(orders["review"]).state) == (2, "checking")


def test_an_option_that_is_gone_keeps_those_that_have_it(shop: Office, orders: dict[str, str]) -> None:
    modern = put_in(SHOP, ("[phone, fax, web]", "[phone, web]"))
    assert classes(shop, modern) == {
        "open": 3, "same": 0, "move": 2, "stay": 1, ("stay.option_gone", "Channel", "fax"): 1,
    }  # fmt: skip
    shop.publish(modern, move="move")
    assert {name: shop.record(id).version for name, id in orders.items()}["fax"] == 1


def test_one_look_tells_every_state_and_option_that_is_gone_and_each_can_be_mapped(office: Office) -> None:
    """Of a choice, of several, in lines, and of a record whose state is gone as well."""
    unit = "          unit: {type: choice, options: [box, piece]}\n"
    marked = put_in(
        SHOP,
        (NOTE, f"{NOTE}      marks: {{type: choices, options: [late, rush, gift]}}\n"),
        ("          article", f"{unit}          article"),
    )
    office.publish(marked)
    lines = [{"article": "Bolt", "quantity": Decimal(1), "price": Decimal(1), "unit": "box"}]
    more = {"marks": ("late", "gift"), "channel": "fax", "lines": lines}
    order = office.order(office.customer(), **more)
    office.order(str(office.record(order).data["buyer"]), marks=("gift",))
    office.do("order", order, "submit")
    short = put_in(
        marked.replace(SHOP[SHOP.index("    states:") :], WITHOUT_REVIEW[WITHOUT_REVIEW.index("    states:") :]),
        ("[late, rush, gift]", "[rush, gift]"),
        ("[box, piece]", "[piece]"),
        ("[phone, fax, web]", "[phone, web]"),
    )
    assert classes(office, short) == {
        "open": 2,
        "same": 0,
        "move": 1,
        "stay": 1,
        ("stay.state_gone", "Review", ""): 1,
        ("stay.option_gone", "Channel", "fax"): 1,
        ("stay.option_gone", "Marks", "late"): 1,
        ("stay.option_gone", "Lines: Unit", "box"): 1,
    }
    remedies = remedies_of(office.preview(short).impact)
    assert sorted(remedies) == ["order.channel.fax", "order.lines.unit.box", "order.marks.late", "order.review"]
    for remedy in remedies.values():
        short = with_remedy(short, remedy, next(iter(remedy.choices)))
    assert office.publish(short, move="move").moved == 2
    there = office.record(order)
    assert (there.state, there.data["channel"], there.data["marks"]) == ("draft", "phone", "rush, gift")
    assert [line["unit"] for line in there.data["lines"]] == ["piece"]  # type: ignore[index, union-attr]


def test_a_value_that_cannot_convert_keeps_its_record(shop: Office, orders: dict[str, str]) -> None:
    buyer = shop.record(orders["draft"]).data["buyer"]
    shop.order(str(buyer), note="by hand")
    typed = put_in(SHOP, ("      note: {type: text}\n", "      note: {type: number, decimals: 2}\n"))
    assert classes(shop, typed) == {
        "open": 4, "same": 0, "move": 3, "stay": 1, ("stay.does_not_convert", "Note", "by hand"): 1,
    }  # fmt: skip
    shop.publish(typed, move="move")
    assert shop.record(orders["review"]).data["note"] == "12.5"
    assert "note" not in shop.record(orders["draft"]).data


@pytest.mark.parametrize("point", ["weight: {type: number, decimals: 1}", "weight: {type: yes_no}"])
def test_digits_and_types_that_would_be_lost_keep_their_record(shop: Office, point: str) -> None:
    buyer = shop.customer()
    exact, round_ = shop.order(buyer, weight=Decimal("1.25")), shop.order(buyer, weight=Decimal("1"))
    shop.publish(put_in(SHOP, ("weight: {type: number, decimals: 2}", point)), move="move")
    moved = {id: shop.record(id).version for id in (exact, round_)}
    assert moved == {exact: 1, round_: 1 if "yes_no" in point else 2}


def test_a_private_value_is_not_told_in_a_reason(shop: Office) -> None:
    buyer = shop.customer()
    shop.order(buyer, note="secret words")
    typed = put_in(SHOP, ("      note: {type: text}\n", "      note: {type: number, private: [sales]}\n"))
    assert ("stay.does_not_convert", "Note", "") in classes(shop, typed)


def test_examples_name_the_first_records(shop: Office) -> None:
    buyer = shop.customer()
    made = [shop.order(buyer, channel="fax") for _ in range(7)]
    found = of_form(shop.preview(put_in(SHOP, ("[phone, fax, web]", "[phone, web]"))).impact, "order")
    (group,) = found.staying.values()
    assert (group.count, [example.id for example in group.examples]) == (7, made[:5])
    assert {(example.title, example.owner, example.version) for example in group.examples} == {("Acme", "anna", 1)}


def test_a_preview_writes_nothing(shop: Office, orders: dict[str, str]) -> None:
    shop.preview(REVIEWED)
    assert {shop.record(id).version for id in orders.values()} == {1}
    assert [head.number for head in shop.publisher.versions(shop.actor("boss"), "shop")] == [1]  # type: ignore[union-attr]


# Moving ---------------------------------------------------------------------------------------------------------------


def test_a_moved_record_carries_its_values_under_their_new_keys(shop: Office, orders: dict[str, str]) -> None:
    renamed = put_in(
        SHOP,
        ("      note: {type: text}\n", "      remark: {type: text, was: note}\n"),
        (
            "          price: {type: number, decimals: 2, required: yes}",
            "          each: {type: number, was: price, decimals: 2, required: yes}",
        ),
        ("compute: quantity * price", "compute: quantity * each"),
        ("quantity: 2, price: 3}", "quantity: 2, each: 3}"),
    )
    before = shop.record(orders["review"])
    shop.publish(renamed, move="move")
    after = shop.record(orders["review"])
    (line,) = after.data["lines"]  # type: ignore[misc]
    assert after.data["remark"] == "12.50"
    assert "note" not in after.data
    assert {key: value for key, value in line.items() if key != "id"} == {  # type: ignore[union-attr]
        "article": "Bolt", "quantity": "2", "each": "3", "amount": "6",
    }  # fmt: skip
    assert line["id"] == before.data["lines"][0]["id"]  # type: ignore[index,call-overload]
    assert (after.number, after.owner, after.changed_at, after.revision) == (
        before.number, before.owner, before.changed_at, before.revision + 1,
    )  # fmt: skip


def test_moving_is_one_event_from_which_the_record_can_be_replayed(shop: Office, orders: dict[str, str]) -> None:
    shop.publish(REVIEWED, move="move")
    assert shop.events(orders["review"]) == [("create", 1), ("act", 1), ("migrate", 2)]
    record = shop.record(orders["review"])
    with shop.store.reading() as reading:
        events = list(reversed(reading.events("acme", record.id)))
    found = replay(events)
    assert {key: value for key, value in found.data.items() if value is not None} == dict(record.data)
    assert (found.record["state"], found.record["version"]) == ("checking", 2)
    assert (events[-1].actor, events[-1].payload["from_version"]) == ("boss", 1)


def test_a_new_formula_and_a_new_default_are_worked_out(shop: Office, orders: dict[str, str]) -> None:
    richer = put_in(
        SHOP,
        (
            "      note: {type: text}\n",
            "      note: {type: text}\n      urgent: {type: yes_no, default: no}\n"
            "      twice: {type: number, compute: total * 2}\n      copied: {type: text, fill: note}\n",
        ),
        (
            "          article: {type: text, required: yes}\n",
            "          article: {type: text, required: yes}\n          unit: {type: text, default: piece}\n",
        ),
    )
    shop.publish(richer, move="move")
    record = shop.record(orders["fax"])
    assert (record.data["urgent"], record.data["twice"], record.data["copied"]) == (False, "12", "12")
    assert record.data["lines"][0]["unit"] == "piece"  # type: ignore[index,call-overload]
    assert record.filled == {"copied"}


def test_what_a_moved_record_hides_is_found_anew(shop: Office, orders: dict[str, str]) -> None:
    assert shop.record(orders["draft"]).hidden == {"discount"}
    shop.publish(put_in(SHOP, ('visible: buyer.tier = "gold"', 'visible: channel = "phone"')), move="move")
    assert shop.record(orders["draft"]).hidden == set()
    assert shop.record(orders["fax"]).hidden == {"discount"}


def test_a_record_that_stayed_can_move_with_a_later_version(shop: Office, orders: dict[str, str]) -> None:
    shop.publish(put_in(SHOP, ("      note: {type: text}\n", "      remark: {type: text, was: note}\n")))
    third = put_in(SHOP, ("      note: {type: text}\n", "      comment: {type: text, was: remark}\n"))
    shop.publish(third, move="move")
    assert shop.record(orders["review"]).data["comment"] == "12.50"
    assert shop.events(orders["review"])[-1] == ("migrate", 3)


def test_going_back_moves_records_back(shop: Office, orders: dict[str, str]) -> None:
    shop.publish(REVIEWED, move="move")
    shop.publish(SHOP, move="move")
    record = shop.record(orders["review"])
    assert (record.version, record.state) == (3, "review")


# Slots ----------------------------------------------------------------------------------------------------------------


def slots_of(office: Office, form: str) -> dict[tuple[str, str], tuple[str, bool]]:
    with office.store.reading() as reading:
        return {
            (place.path, place.part): (place.slot, place.ready)
            for place in reading.slot_maps("acme", "shop")[form].places
        }


def column(office: Office, slot: str, form: str = "order") -> list[object]:
    with office.store.reading() as reading:
        found = select(tables.record.c[slot]).where(tables.record.c.form == f"shop.{form}").order_by(tables.record.c.id)
        return [row[0] for row in reading.connection.execute(found)]


def test_records_that_stay_are_found_by_a_new_column_too(shop: Office, orders: dict[str, str]) -> None:
    shop.publish(
        put_in(SHOP, ("columns: [record.number, buyer, total]", "columns: [record.number, buyer, total, note]"))
    )
    slot, ready = slots_of(shop, "order")["note", "value"]
    assert ready
    assert column(shop, slot) == [None, "12", "12.50", None]
    assert {shop.record(id).version for id in orders.values()} == {1}
    assert {shop.record(orders["fax"]).revision} == {1}


def test_a_renamed_field_goes_on_with_its_slot(shop: Office, orders: dict[str, str]) -> None:
    before = slots_of(shop, "order")["total", "value"]
    renamed = put_in(
        SHOP,
        ("      total: {type: number", "      sum_of_lines: {was: total, type: number"),
        ("columns: [record.number, buyer, total]", "columns: [record.number, buyer, sum_of_lines]"),
        ("values: {total: 6}", "values: {sum_of_lines: 6}"),
    )
    shop.publish(renamed, move="move")
    assert slots_of(shop, "order")["sum_of_lines", "value"] == before
    assert column(shop, before[0]) == [6_000_000] * 4


def test_another_type_takes_another_slot(shop: Office, orders: dict[str, str]) -> None:
    listed = put_in(SHOP, ("      note: {type: text}\n", "      note: {type: text, index: yes}\n"))
    shop.publish(listed)
    text_slot, _ = slots_of(shop, "order")["note", "value"]
    shop.publish(
        put_in(SHOP, ("      note: {type: text}\n", "      note: {type: number, decimals: 2, index: yes}\n")),
        move="move",
    )
    with shop.store.reading() as reading:
        places = {
            place.slot: place for place in reading.slot_maps("acme", "shop")["order"].places if place.path == "note"
        }
    (number_slot,) = places.keys() - {text_slot}
    assert (text_slot[0], number_slot[0], places[number_slot].ready) == ("t", "n", True)
    assert column(shop, number_slot) == [None, 12_000_000, 12_500_000, None]


def test_more_columns_than_fit_are_refused(shop: Office) -> None:
    fields = "".join(f"      d{number}: {{type: date, index: yes}}\n" for number in range(20))
    assert shop.refused(put_in(SHOP, (NOTE, fields))).kind == "problems"
    assert shop.refused(put_in(SHOP, (NOTE, fields)), blueprint="shop").kind == "problems"


# Titles ---------------------------------------------------------------------------------------------------------------


def test_titles_are_current_on_records_that_stay(shop: Office, orders: dict[str, str]) -> None:
    shop.publish(put_in(SHOP, ('"{record.number} {buyer.name}"', '"{buyer.name}: {channel}"')))
    assert [shop.record(id).title for id in orders.values()] == [
        "Acme: Phone",
        "Acme: Fax",
        "Acme: Phone",
        "Acme: Phone",
    ]
    assert shop.events(orders["draft"]) == [("create", 1), ("backfill", 1)]


def test_the_title_of_a_linked_record_is_renewed_in_lists(shop: Office, orders: dict[str, str]) -> None:
    slot, _ = slots_of(shop, "order")["buyer", "title"]
    assert column(shop, slot) == ["Acme"] * 4
    shop.publish(put_in(SHOP, ('    show: "{name}"\n', '    show: "{code} {name}"\n')))
    assert column(shop, slot) == ["ACME Acme"] * 4


# Records that follow --------------------------------------------------------------------------------------------------


def test_reference_records_move_with_every_publish(shop: Office) -> None:
    buyer = shop.customer(phone="123")
    fields = "      telephone: {type: text, was: phone}\n      city: {type: text, required: yes}\n"
    more = put_in(
        SHOP,
        ("      phone: {type: text}\n", fields),
        ("{code: ACME, name: Acme}", "{code: ACME, name: Acme, city: Kiel}"),
    )
    answer = shop.publish(more)
    record = shop.record(buyer)
    assert (answer.followed, record.version, record.data["telephone"]) == (1, 2, "123")
    assert shop.events(buyer) == [("create", 1), ("migrate", 2)]


def test_a_publish_is_refused_while_a_reference_record_has_an_option_that_is_gone(shop: Office) -> None:
    shop.customer("ACME", tier="gold")
    shop.customer("BRIX", tier="gold")
    shop.customer("CORK")
    plain = put_in(SHOP, ("[gold, plain]", "[silver, plain]"), ('buyer.tier = "gold"', 'buyer.tier = "silver"'))
    answer = shop.refused(plain)
    assert answer.kind == "records"
    assert told(answer) == ["2 records of Customer cannot follow: Tier is “gold”, which is no option any more."]
    assert [example.title for example in answer.obstacles[0].examples] == ["Acme", "Brix"]
    preview = shop.preview(plain)
    assert preview.obstacles["stay"] == preview.obstacles["move"] == answer.obstacles
    assert of_form(preview.impact, "customer").is_blocked


def test_a_publish_is_refused_while_reference_values_would_not_be_unique(shop: Office) -> None:
    shop.customer("ACME", phone="1")
    shop.customer("BRIX", phone="1")
    answer = shop.refused(put_in(SHOP, ("phone: {type: text}", "phone: {type: text, unique: yes}")))
    assert told(answer) == [
        "1 record of Customer cannot follow: Phone must be unique now, and another record has the same."
    ]
    assert [head.number for head in shop.publisher.versions(shop.actor("boss"), "shop")] == [1]  # type: ignore[union-attr]


def test_a_publish_tells_records_that_would_not_be_unique_together(shop: Office) -> None:
    shop.customer("ACME", phone="1", tier="gold")
    shop.customer("BRIX", phone="1", tier="gold")
    shop.customer("CORK", phone="1")
    together = put_in(SHOP, ("    key: code\n", "    key: code\n    unique: {phone_and_tier: [phone, tier]}\n"))
    said = "1 record of Customer cannot follow: Phone, Tier must be unique now, and another record has the same."
    preview = shop.preview(together)
    assert told(shop.refused(together)) == [said]
    assert [preview.obstacles[move] for move in ("stay", "move")] == [shop.refused(together).obstacles] * 2


def test_a_reference_form_that_is_in_use_cannot_go(shop: Office, orders: dict[str, str]) -> None:
    start, end = SHOP.index("  customer:\n    title: Customer"), SHOP.index("  order:\n    title: Order")
    without = put_in(
        SHOP[:start] + SHOP[end:],
        ("buyer: {type: link, to: customer, required: yes}", "buyer: {type: text, required: yes}"),
        ('    show: "{record.number} {buyer.name}"\n', ""),
        (', visible: buyer.tier = "gold"', ""),
        ("samples:\n  customer:\n    - {code: ACME, name: Acme}\n", ""),
    )
    assert "1 record of Customer cannot follow: The form Customer is gone." in told(shop.refused(without))


def test_a_field_that_orders_under_way_read_cannot_go(shop: Office, orders: dict[str, str]) -> None:
    plain = put_in(SHOP, ("      tier: {type: choice, options: [gold, plain], default: plain}\n", ""),
                   (', visible: buyer.tier = "gold"', ""))  # fmt: skip
    answer = shop.refused(plain)
    assert told(answer) == [
        "Tier of Customer is read by version 1 of Order, and 3 records under way have that version. "
        "Keep the field with `retired: true`."
    ]
    preview = shop.preview(plain)
    assert (len(preview.obstacles["stay"]), preview.obstacles["move"]) == (1, ())
    assert shop.publish(plain, move="move").moved == 3


def test_a_field_that_is_retired_may_still_be_read(shop: Office, orders: dict[str, str]) -> None:
    retired = put_in(
        SHOP, ("default: plain}", "default: plain, retired: true}"), (', visible: buyer.tier = "gold"', "")
    )
    assert shop.preview(retired).obstacles["stay"] == ()
    assert shop.publish(retired).number == 2


# Current --------------------------------------------------------------------------------------------------------------


def test_a_right_that_is_taken_away_is_gone_for_records_that_stay(shop: Office, orders: dict[str, str]) -> None:
    strict = put_in(
        SHOP,
        ("  sales: {title: Sales}\n", "  sales: {title: Sales}\n  boss: {title: Boss}\n"),
        ("ship: {from: review, to: shipped, by: sales}", "ship: {from: review, to: shipped, by: boss}"),
        ("      - do: ship\n", "      - as: max (boss)\n      - do: ship\n"),
        ("      - {who: sales, may: all}\n    lists:", "      - {who: [sales, boss], may: all}\n    lists:"),
    )
    shop.publish(strict)
    command = Command(
        intent="x", actor=shop.actor("anna"), blueprint="shop", form="order", record=orders["review"], action="ship"
    )
    refused = shop.engine.apply(command)
    assert (shop.record(orders["review"]).version, refused.kind) == (1, "forbidden")  # type: ignore[union-attr]


def test_an_action_that_is_gone_can_still_be_taken_by_those_who_could(shop: Office, orders: dict[str, str]) -> None:
    short = WITHOUT_REVIEW
    shop.publish(short)
    shop.do("order", orders["review"], "ship")
    assert shop.record(orders["review"]).state == "shipped"


def test_words_are_current_on_records_that_stay(shop: Office, orders: dict[str, str]) -> None:
    shop.publish(put_in(SHOP, ("      review: {}\n", "      review: {title: With the boss}\n"),
                        ("      note: {type: text}\n", "      note: {type: text, title: Remark}\n"),
                        ("ship: {from: review", "ship: {title: Send off, from: review")))  # fmt: skip
    view = shop.engine.open(shop.actor("anna"), orders["review"])
    assert view is not None
    titles = {found.field.key: found.title for section in view.sections for found in section.fields}
    assert (view.version, titles["note"], view.state and view.state.title) == (1, "Remark", "With the boss")
    assert [action.title for action in view.actions] == ["Send off"]


def test_a_record_written_across_a_publish_gets_its_version_and_slots(
    shop: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing_on = shop.store.writing_on

    def writing_after_the_publish(reading: Reading) -> Any:
        # Between the evaluation and the lock the note gets a list column, and so a slot.
        monkeypatch.setattr(shop.store, "writing_on", writing_on)
        shop.publish(put_in(SHOP, ("columns: [record.number, buyer, total]", "columns: [record.number, buyer, note]")))
        return writing_on(reading)

    buyer = shop.customer()
    monkeypatch.setattr(shop.store, "writing_on", writing_after_the_publish)
    order = shop.order(buyer, note="Ring first")
    slot, _ = slots_of(shop, "order")["note", "value"]
    assert shop.record(order).version == 2
    assert column(shop, slot) == ["Ring first"]


def test_publishing_loads_the_newest_version_and_those_that_open_records_have(
    shop: Office, orders: dict[str, str]
) -> None:
    for number in range(2, 6):
        shop.publish(put_in(SHOP, ("note: {type: text}", f"note: {{type: text, max_length: {number}00}}")))
    shop.restart()
    load, loads = shop.engine.catalog.load, []
    shop.engine.catalog.load = lambda *text: loads.append(text[0]) or load(*text)  # type: ignore[func-returns-value]
    assert shop.publish(put_in(SHOP, ("note: {type: text}", "note: {type: text, max_length: 600}"))).stayed == 3
    assert [text.count("00}") for text in loads] == [1, 0]
    assert len(shop.publisher.versions(shop.actor("boss"), "shop")) == 6
    assert len(loads) == 2
