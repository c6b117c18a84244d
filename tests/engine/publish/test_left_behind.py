"""What would become of records that keep an older version is told before they are moved, as before a publish."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from blankett.engine.language.model import Blueprint, Form
from blankett.engine.publish.impact import Impact
from blankett.engine.publish.left_behind import LeftBehind
from blankett.engine.publish.publisher import Publisher
from blankett.engine.publish.results import Refused
from blankett.engine.publish.rollout import Rollout
from blankett.engine.records import Engine
from blankett.engine.records.blueprint_cache import BlueprintCatalog, load_published
from blankett.engine.store import new_id

from .conftest import SHOP, Office, put_in, told

#: Orders go by another process, which knows no fax.
NO_FAX = put_in(
    SHOP,
    ("[phone, fax, web]", "[phone, web]"),
    ("      note: {type: text}\n", "      note: {type: text, max_length: 20}\n"),
)


def fill(office: Office) -> list[str]:
    """Make three orders, one of them by fax."""
    buyer = office.customer()
    return [office.order(buyer, channel=channel) for channel in ("web", "fax", "phone")]


def preview(office: Office, **more: bool) -> LeftBehind:
    found = office.publisher.preview_left_behind(office.actor("boss"), "shop", **more)
    assert isinstance(found, LeftBehind), told(found)
    return found


def sorted_of(impact: Impact) -> list[tuple[str, int, int, list[tuple[str, int, list[str]]]]]:
    return [
        (
            form.form,
            form.can_move,
            form.must_stay,
            [(each.message, found.count, [of.id for of in found.examples]) for each, found in form.staying.items()],
        )
        for form in impact.forms
    ]


def test_what_moving_later_would_do_is_told_and_then_done(shop: Office) -> None:
    orders = fill(shop)
    before = shop.preview(NO_FAX).impact
    shop.publish(NO_FAX, skip_scenarios=True)
    found = preview(shop)
    assert (found.number, found.counting, found.not_filled) == (2, None, ())
    assert sorted_of(found.impact) == [("order", 2, 1, [("stay.option_gone", 1, [orders[1]])])]
    assert [each for each in sorted_of(before) if each[0] == "order"] == sorted_of(found.impact)
    done = shop.publisher.move_left_behind(shop.actor("boss"), "shop")
    assert isinstance(done, Rollout)
    assert (done.progress.moved, done.progress.stayed) == (found.impact.can_move, found.impact.must_stay)
    assert [shop.record(id).version for id in orders] == [2, 1, 2]
    assert sorted_of(preview(shop).impact)[0][1:3] == (0, 1)  # they can be looked at again


def test_nothing_to_move_is_refused_and_so_are_strangers(shop: Office) -> None:
    shop.order(shop.customer())
    refused = [
        shop.publisher.preview_left_behind(shop.actor(who), key)
        for who, key in (("boss", "shop"), ("anna", "shop"), ("boss", "chop"))
    ]
    assert [(each.kind, *told(each)) for each in refused if isinstance(each, Refused)] == [
        ("invalid", "No record keeps an older version that could go to version 1."),
        ("forbidden", "Only people who may administer the workspace can change this text."),
        ("missing", "There is no blueprint “chop”."),
    ]


def test_many_records_are_counted_beside(shop: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = fill(shop)
    shop.publish(NO_FAX, skip_scenarios=True)
    monkeypatch.setattr("blankett.engine.publish.preview.MOST_AWAITED", 2)
    begun: list[Callable[[], None]] = []
    shop.publisher = Publisher(shop.engine, run=begun.append)
    waiting = preview(shop, waits=False)
    assert waiting.counting is not None
    assert (waiting.counting.seen, waiting.counting.total, waiting.impact.must_stay) == (0, len(orders), 0)
    preview(shop, waits=False)
    begun.pop()()
    assert begun == []  # one count for all who look
    found = preview(shop, waits=False)
    assert (found.counting, found.impact.can_move, found.impact.must_stay) == (None, 2, 1)
    assert preview(shop).impact is found.impact


def test_a_second_look_at_the_versions_loads_none_that_are_older(shop: Office) -> None:
    shop.order(shop.customer())
    for title in ("My shop", "Our shop", "A shop"):
        shop.publish(SHOP.replace("title: Shop", f"title: {title}"))
    loaded: list[str] = []

    def load(text: str, find: Callable[[str], Form | None], edition: int) -> Blueprint:
        loaded.append(text)
        return load_published(text, find, edition)

    shop.engine = Engine(shop.store, shop.clock, new_id, BlueprintCatalog(load))
    shop.publisher = Publisher(shop.engine)
    shop.engine.catalog.versions.older_text = 0
    assert not shop.publisher.has_left_behind(shop.actor("boss"), "shop")
    first = len(loaded)
    assert first == 2  # the newest, and the one that the records have
    for _ in range(3):
        assert not shop.publisher.has_left_behind(shop.actor("boss"), "shop")
    assert len(loaded) == first
