"""A state or an option that is gone: what its records become, and who could still open them or act on them."""

from __future__ import annotations

from typing import Any

import pytest

from blankett.engine.publish import Move, Refused
from blankett.engine.publish.retirement import remedies_of, with_remedy

from .conftest import SHOP, Office, put_in, told

#: Rights only where a state is named, as many real blueprints have them.
NARROW = put_in(
    SHOP,
    (
        "      - {who: sales, may: all}\n    lists:",
        "      - {who: sales, may: create}\n"
        "      - {who: sales, may: [view, edit, comment], states: [draft, review, shipped]}\n    lists:",
    ),
)
GONE = (
    ("      review: {}\n", "      checking: {}\n"),
    ("to: review,", "to: checking,"),
    ("from: review,", "from: checking,"),
)
UNMAPPED = put_in(NARROW, *GONE, ("states: [draft, review, shipped]", "states: [draft, checking, shipped]"))
MAPPED = put_in(UNMAPPED, ("      checking: {}\n", "      checking: {}\n      review: {becomes: checking}\n"))
FEWER = put_in(SHOP, ("[phone, fax, web]", "[phone, web]"))
OPTIONS = put_in(SHOP, ("options: [phone, fax, web]", "options: {phone: Phone, web: Web, fax: {becomes: web}}"))
RENAMED = put_in(
    SHOP, ("options: [phone, fax, web]", "options: {phone: Phone, web: Web, mail: {title: Mail, was: fax}}")
)


def reviewed(office: Office) -> str:
    order = office.order(office.customer(), channel="fax")
    office.do("order", order, "submit")
    return order


def lost(office: Office, source: str, move: Move) -> list[tuple[Any, ...]]:
    found = office.preview(source).stranded[move]
    return [(each.message, each.form.say("en"), each.state.say("en"), each.count, len(each.examples)) for each in found]


def test_the_preview_names_records_that_nobody_could_open(office: Office) -> None:
    office.publish(NARROW)
    reviewed(office)
    expected = [("stranded.open", "Order", "Review", 1, 1)]
    assert (lost(office, UNMAPPED, "stay"), lost(office, UNMAPPED, "move")) == (expected, expected)


def test_a_right_taken_away_strands_records_whose_state_is_still_there(office: Office) -> None:
    office.publish(NARROW)
    reviewed(office)
    closed = put_in(NARROW, ("states: [draft, review, shipped]", "states: [draft, shipped]"))
    assert lost(office, closed, "stay") == [("stranded.open", "Order", "Review", 1, 1)]


def test_records_that_nobody_could_move_on_are_named_too(office: Office) -> None:
    office.publish(SHOP)
    reviewed(office)
    stuck = put_in(SHOP, ("ship: {from: review, to: shipped, by: sales}", "ship: {from: review, to: shipped}"),
                   ("      - do: ship\n", ""), ("{state: shipped, values: {total: 6}}", "{state: review}"))  # fmt: skip
    assert lost(office, stuck, "stay") == [("stranded.act", "Order", "Review", 1, 1)]


def test_nobody_is_stranded_by_a_change_that_leaves_rights_alone(office: Office) -> None:
    office.publish(NARROW)
    reviewed(office)
    assert lost(office, put_in(NARROW, ("title: Shop\n", "title: Store\n")), "stay") == []


@pytest.mark.parametrize("move", ["stay", "move"])
def test_a_state_that_becomes_another_strands_nobody(office: Office, move: Move) -> None:
    office.publish(NARROW)
    order = reviewed(office)
    assert lost(office, MAPPED, move) == []
    office.publish(MAPPED, move=move)
    assert office.engine.open(office.actor("anna"), order) is not None
    office.do("order", order, "ship")
    assert office.record(order).state == "shipped"


def test_records_move_into_the_state_that_theirs_becomes(office: Office) -> None:
    office.publish(NARROW)
    order = reviewed(office)
    office.publish(MAPPED, move="move")
    assert (office.record(order).version, office.record(order).state) == (2, "checking")


def test_a_state_can_be_mapped_a_version_later(office: Office) -> None:
    office.publish(NARROW)
    order = reviewed(office)
    office.publish(UNMAPPED)
    office.publish(MAPPED, move="move")
    assert (office.record(order).version, office.record(order).state) == (3, "checking")


def test_a_state_may_become_one_that_was_renamed_since(office: Office) -> None:
    office.publish(NARROW)
    order = reviewed(office)
    office.publish(MAPPED)
    later = UNMAPPED.replace("checking", "control").replace("control: {}", "control: {was: checking}")
    office.publish(later, move="move")
    assert office.record(order).state == "control"


@pytest.mark.parametrize(("source", "expected"), [(OPTIONS, "web"), (RENAMED, "mail")], ids=["becomes", "was"])
def test_an_option_that_becomes_another_goes_along(shop: Office, source: str, expected: str) -> None:
    order = reviewed(shop)
    shop.publish(source, move="move")
    assert (shop.record(order).version, shop.record(order).data["channel"]) == (2, expected)


def test_an_option_in_use_of_a_reference_form_may_become_another(shop: Office) -> None:
    buyer = shop.customer(tier="gold")
    fewer = put_in(
        SHOP, ("options: [gold, plain]", "options: [silver, plain]"), ('buyer.tier = "gold"', 'buyer.tier = "silver"')
    )
    assert shop.refused(fewer).kind == "records"
    shop.publish(
        put_in(fewer, ("options: [silver, plain]", "options: {silver: Silver, plain: Plain, gold: {becomes: silver}}"))
    )
    assert shop.record(buyer).data["tier"] == "silver"


def test_an_option_that_was_renamed_is_shown_by_its_new_title_on_records_that_stay(shop: Office) -> None:
    order = reviewed(shop)
    shop.publish(RENAMED)
    view = shop.engine.open(shop.actor("anna"), order)
    assert view is not None
    channel = view.find("channel")
    assert channel is not None
    assert (view.version, channel.field.option_titles()[str(channel.value)].title.say("en")) == (1, "Mail")


# The preview's own way -----------------------------------------------------------------------------------------------


def test_what_the_preview_maps_is_said_in_the_text(office: Office) -> None:
    office.publish(NARROW)
    order = reviewed(office)
    (found,) = next(form for form in office.preview(UNMAPPED).impact.forms if form.form == "order").staying.values()
    assert found.remedy is not None
    assert sorted(found.remedy.choices) == ["checking", "draft", "shipped"]
    mapped = with_remedy(UNMAPPED, found.remedy, "checking")
    assert "      shipped: {final: true}\n      review: {becomes: checking}\n" in mapped
    office.publish(mapped, move="move")
    assert office.record(order).state == "checking"


def test_a_list_of_options_becomes_a_map_when_one_of_them_is_mapped(shop: Office) -> None:
    order = reviewed(shop)
    (found,) = next(form for form in shop.preview(FEWER).impact.forms if form.form == "order").staying.values()
    assert found.remedy is not None
    mapped = with_remedy(FEWER, found.remedy, "phone")
    assert "options: {phone: Phone, web: Web, fax: {becomes: phone}}" in mapped
    shop.publish(mapped, move="move")
    assert shop.record(order).data["channel"] == "phone"


def test_what_ended_is_known_to_nothing_else(shop: Office) -> None:
    wrong = put_in(MAPPED, ("ship: {from: checking,", "ship: {from: [checking, review],"))
    answer = shop.refused(wrong)
    assert isinstance(answer, Refused)
    assert [problem.message for problem in answer.problems if problem.is_error] == [
        "there is no state 'review' in 'order'."
    ]
    assert told(answer) == ["The text has 1 problem. Mend it first."]


def test_an_option_of_a_shared_list_is_mapped_in_the_list(shop: Office) -> None:
    names = ("channel: {type: choice, options: [phone, fax, web]", "channel: {type: choice, options: channels")
    shared = f"{put_in(SHOP, names)}options:\n  channels: [phone, fax, web]\n"
    shop.publish(shared)
    order = shop.order(shop.customer(), channel="fax")
    fewer = shared.replace("  channels: [phone, fax, web]", "  channels: [phone, web]")
    [remedy] = remedies_of(shop.preview(fewer).impact).values()
    mapped = with_remedy(fewer, remedy, "web")
    shop.publish(mapped, move="move")
    assert (remedy.name, mapped.splitlines()[-1], shop.record(order).data["channel"]) == (
        "options.channels.fax",
        "  channels: {phone: Phone, web: Web, fax: {becomes: web}}",
        "web",
    )
