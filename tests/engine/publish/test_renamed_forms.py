"""A form that gets another key with `was` is the same form: none of its records is touched, and both keys find it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from bench.steps import meter_of
from tests.asked_engine import AskedEngine

from blankett.engine.publish import Published
from blankett.engine.records import Command, ListRequest, Refusal
from blankett.engine.records.blueprint_cache import load_published
from blankett.engine.records.read.record_list import ListPage
from blankett.engine.store import Store, new_id, tables
from blankett.engine.verify import verify

from .conftest import SHOP, Office, open_office, put_in, told

#: Orders are sales from now on, and customers clients.
RENAMED = put_in(
    SHOP,
    ("  order:\n    title: Order\n", "  sale:\n    was: order\n    title: Sale\n"),
    ("  customer:\n    title: Customer\n", "  client:\n    was: customer\n    title: Client\n"),
    ("to: customer, required", "to: client, required"),
    ("  customer:\n    - {code", "  client:\n    - {code"),
    ("      - create: order\n", "      - create: sale\n"),
)
#: The same, and sales go by another process.
STRICTER = put_in(
    RENAMED, ("      weight: {type: number,", "      urgent: {type: yes_no, default: no}\n      weight: {type: number,")
)
#: Other orders, which are no sales.
RETAKEN = put_in(
    STRICTER,
    ("    was: order\n", ""),
    (
        "samples:\n",
        "  order:\n    title: Purchase\n    fields: {what: {type: text, required: yes}}\n"
        "    grants: [{who: sales, may: all}]\nsamples:\n",
    ),
)
#: Another blueprint, whose jobs are about orders of the shop and make some.
WORKSHOP = """\
blueprint: workshop
language: 1
title: Workshop
roles:
  sales: {title: Sales}
forms:
  job:
    title: Job
    fields:
      order: {type: link, to: shop.order, required: yes}
      weight: {type: number, decimals: 2, compute: order.weight}
    states:
      open: {start: true}
      done: {final: true}
    actions:
      finish: {from: open, to: done, by: sales, effects: [{update: {link: order, set: {note: done}}}]}
    grants:
      - {who: sales, may: all}
"""
#: Another one, without what names orders of the shop.
PLAIN_WORKSHOP = """\
blueprint: workshop
language: 1
title: Workshop
roles:
  sales: {title: Sales}
forms:
  job:
    title: Job
    fields:
      weight: {type: number, decimals: 2}
    grants:
      - {who: sales, may: all}
"""
FINISH = """\
    states: {open: {start: true}, done: {final: true}}
    actions: {finish: {title: Finish, from: open, to: done, by: sales, %s}}
"""
#: What names them there → the part that is told, and the form or table that has it.
NAMINGS = {
    "    facts: {waiting: {title: Waiting, count: shop.order}}\n": "Waiting of Job",
    FINISH % "effects: [{create: {form: shop.order}}]": "Finish of Job",
    FINISH % "effects: [{update: {form: shop.order, where: note = null, set: {note: done}}}]": "Finish of Job",
    FINISH % "effects: [{act: {form: shop.order, where: note = null, action: submit}}]": "Finish of Job",
    FINISH % "ask: {which: {type: link, to: shop.order, title: Which}}": "Which of Job",
    "    rules: {more: {title: More, at: save, when: weight > old.weight, then: [{create: {form: shop.order}}]}}\n": (
        "More of Job"
    ),
    "tables:\n"
    "  rates:\n"
    "    title: Rates\n"
    "    hit: first\n"
    "    in: {heavy: {type: shop.order.weight, title: Weight}}\n"
    "    out: {rate: {type: number}}\n"
    "    rows: [[-, 1]]\n": "Weight of Rates",
}


EITHER_DATABASE = pytest.mark.parametrize(
    "make_shop", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


def rows(office: Office) -> Counter[tuple[Any, ...]]:
    """Return every row that says something of records."""
    kept = (tables.record, tables.event, tables.edge, tables.unique_value, tables.search_entry, tables.slot)
    with office.store.engine.connect() as connection:
        return Counter(
            (of.name, *row) for of in kept for row in connection.execute(sa.text(f"SELECT * FROM {of.name}"))
        )


def listed(office: Office, form: str, search: str = "") -> list[str]:
    """Return the ids that a list of a form shows to Anna, and that are counted there."""
    request = ListRequest(blueprint="shop", form=form, search=search)
    page = office.engine.query(office.actor("anna"), request)
    assert isinstance(page, ListPage), page
    count = office.engine.count(office.actor("anna"), request)
    assert getattr(count, "number", None) == len(page.rows)
    return sorted(row.id for row in page.rows)


def acted(office: Office, form: str, record: str, action: str) -> str | None:
    """Let Anna take an action on a page that calls the form so; return the state the record is in then."""
    return office.do(form, record, action).state


@pytest.fixture
def make_shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Office]]:
    """Give what makes a shop, on SQLite unless a test says otherwise; what stands in each is verified at the end."""
    is_sqlite = getattr(request, "param", "sqlite") == "sqlite"
    make_postgres: Callable[[], str] = request.getfixturevalue("make_postgres_database") if not is_sqlite else str
    made: list[Office] = []

    def make() -> Office:
        made.append(open_office(f"sqlite:///{tmp_path / str(len(made))}.db" if is_sqlite else make_postgres()))
        made[-1].publish(SHOP)
        return made[-1]

    yield make
    for office in made:
        office.store.fault_points = None
        broken = verify(office.store, load=load_published)
        office.store.close()
        assert broken == []


@pytest.fixture
def shop(make_shop: Callable[[], Office]) -> Office:
    return make_shop()


@EITHER_DATABASE
def test_nothing_of_the_records_is_written(shop: Office) -> None:
    first = shop.order(shop.customer())
    shop.do("order", first, "submit")
    shop.do("order", first, "ship")
    shop.order(shop.customer("BOLT"))
    before, points = rows(shop), Counter[str]()
    shop.store.fault_points = lambda point: points.update([point])
    # An order links to a client now, which is the customer of before: its process is the same.
    assert [(each.form, each.unaffected, each.open) for each in shop.preview(RENAMED).impact.forms] == [
        ("client", 2, 2),
        ("sale", 1, 1),
    ]
    answer = shop.publish(RENAMED, move="move")
    assert (answer.followed, answer.moved, answer.rollout.is_done) == (0, 0, True)
    assert not shop.publisher.has_left_behind(shop.actor("boss"), "shop")
    assert rows(shop) == before
    assert not any(point.startswith(("record.", "event.", "unique.", "slot.")) for point in points)


def test_a_publish_asks_no_more_where_there_are_more_records(make_shop: Callable[[], Office]) -> None:
    asked = []
    for orders in (1, 12):
        office = make_shop()
        buyer, meter = office.customer(), meter_of(office.store)
        for _ in range(orders):
            office.order(buyer)
        office.now += timedelta(hours=1)  # what was changed just now is looked at again
        asked.append(meter.measure(lambda office=office: office.publish(RENAMED, skip_scenarios=True)).statements)  # type: ignore[misc]
    assert asked[0] == asked[1]


@EITHER_DATABASE
def test_records_of_before_and_after_are_one_form(shop: Office) -> None:
    buyer = shop.customer()
    old = shop.order(buyer, note="before")
    shop.do("order", old, "submit")
    shop.publish(STRICTER)
    new = shop.do("sale", buyer=buyer, channel="web", note="now").record
    assert acted(shop, "sale", new, "submit") == "review"
    assert {(shop.record(id).version, shop.record(id).number) for id in (old, new)} == {(1, "SO-0001"), (2, "SO-0002")}
    for form in ("sale", "order"):  # the address of before leads to the same list
        assert listed(shop, form) == sorted((old, new))
        assert listed(shop, form, "acme") == sorted((old, new))
        assert listed(shop, form, "so-0002") == [new]
    opened = shop.engine.open(shop.actor("anna"), buyer)
    assert opened is not None
    assert [(group.form.key, [record.id for record in group.records]) for group in opened.related] == [
        ("sale", [new, old])
    ]
    assert sorted(item.id for item in shop.engine.inbox(shop.actor("anna")).items) == sorted((old, new))
    assert {item.form for item in shop.engine.inbox(shop.actor("anna")).items} == {"sale"}
    # A page of before calls it an order still; one of now a sale.
    assert acted(shop, "order", old, "ship") == "shipped"
    assert acted(shop, "sale", new, "ship") == "shipped"


def test_who_reads_a_field_that_ended_is_said_by_the_last_version_that_had_it(shop: Office) -> None:
    old = shop.order(shop.customer(), note="secret")
    private = put_in(
        RENAMED,
        ("  sales: {title: Sales}\n", "  sales: {title: Sales}\n  head: {title: Head}\n"),
        ("      note: {type: text}\n", "      note: {type: text, private: [head]}\n"),
    )
    shop.publish(private)
    gone = put_in(
        private,
        ("  sale:\n    was: order\n", "  deal:\n    was: sale\n"),
        ("    was: customer\n", ""),
        ("- create: sale", "- create: deal"),
        ("      note: {type: text, private: [head]}\n", ""),
    )
    shop.publish(gone)
    opened = shop.engine.open(shop.actor("anna"), old)
    assert opened is not None
    assert (shop.record(old).version, "secret" in repr(opened)) == (1, False)


def test_values_that_are_unique_stay_so(shop: Office) -> None:
    buyer = shop.customer("ACME")
    shop.publish(RENAMED)
    command = Command(
        intent="x", actor=shop.actor("anna"), blueprint="shop", form="client", values={"code": "ACME", "name": "Other"}
    )
    answer = shop.engine.apply(command)
    assert isinstance(answer, Refusal)
    assert [problem.path for problem in answer.problems] == [("code",)]
    assert shop.order(buyer, note="by the former key")


def test_records_that_stay_can_be_moved_later(shop: Office) -> None:
    old = shop.order(shop.customer())
    assert shop.publish(STRICTER).moved == 0
    assert (shop.record(old).form, shop.record(old).version) == ("order", 1)
    shop.publisher.move_left_behind(shop.actor("boss"), "shop")
    assert (shop.record(old).form, shop.record(old).version) == ("order", 2)
    assert listed(shop, "sale") == [old]


def test_a_form_that_takes_the_key_of_another_is_another(shop: Office) -> None:
    buyer = shop.customer()
    old = shop.order(buyer)
    shop.publish(STRICTER)
    shop.publish(RETAKEN)
    new = shop.do("order", what="Steel").record
    assert (listed(shop, "order"), listed(shop, "sale")) == ([new], [old])
    assert shop.record(new).form == "order@3"
    counter = shop.counter
    shop.restart()
    shop.counter = counter
    assert (listed(shop, "order"), listed(shop, "sale")) == ([new], [old])
    assert acted(shop, "sale", old, "submit") == "review"
    shop.publish(STRICTER, move="move")
    shop.publish(RETAKEN, move="move")
    assert listed(shop, "order") == [new]  # it was away, and is back
    with pytest.raises(AssertionError):
        shop.do("order", old, "ship")


def test_a_renaming_can_be_taken_back(shop: Office) -> None:
    old = shop.order(shop.customer())
    shop.publish(RENAMED)
    new = shop.do("sale", buyer=shop.do("client", code="BOLT", name="Bolt").record, channel="web").record
    shop.publish(SHOP)
    assert listed(shop, "order") == sorted((old, new))
    assert {shop.record(id).form for id in (old, new)} == {"order"}


def test_the_text_of_before_a_renaming_that_is_not_told_any_more_is_refused(shop: Office) -> None:
    old = shop.order(shop.customer())
    shop.publish(STRICTER)
    shop.publish(put_in(STRICTER, ("    was: order\n", ""), ("    was: customer\n", "")))
    said = (
        f"The form {title} had the key {key} before it was called {was}, and {was} is gone in this text. Write "
        f"`was: {was}` at the form, so that its records go on with it; a form that is another one needs another key."
        for title, key, was in (("Customer", "customer", "client"), ("Order", "order", "sale"))
    )
    assert told(shop.refused(SHOP))[:2] == [*said]
    back = put_in(
        SHOP,
        ("  order:\n    title", "  order:\n    was: sale\n    title"),
        ("  customer:\n    title", "  customer:\n    was: client\n    title"),
    )
    shop.publish(back, move="move")
    assert listed(shop, "order") == [old]


def check_naming(shop: Office, workshop: str, part: str) -> None:
    """Check that the *workshop* keeps the key of orders from going to another form, because of a *part* of it."""
    shop.order(shop.customer())
    shop.publish(workshop, skip_scenarios=True)
    shop.publish(STRICTER)
    assert told(shop.refused(RETAKEN)) == [
        f"order would mean another form from now on, and {part}, in version 1 of another blueprint, names it and means "
        "what is called sale today. Choose another key."
    ]
    shop.publish(workshop.replace("shop.order", "shop.sale"), skip_scenarios=True)
    shop.publish(RETAKEN)


def test_a_key_that_another_blueprint_links_to_goes_to_no_other_form(shop: Office) -> None:
    check_naming(shop, WORKSHOP, "Order of Job")


@pytest.mark.parametrize("naming", NAMINGS)
def test_a_key_that_another_blueprint_names_goes_to_no_other_form(shop: Office, naming: str) -> None:
    check_naming(shop, PLAIN_WORKSHOP + naming, NAMINGS[naming])


def test_a_blueprint_that_says_the_new_key_of_a_form_means_the_same_one(shop: Office) -> None:
    order = shop.order(shop.customer())
    shop.publish(WORKSHOP, skip_scenarios=True)
    command = Command(
        intent="x", actor=shop.actor("anna"), blueprint="workshop", form="job",
        values={"order": order},
    )  # fmt: skip
    job = shop.engine.apply(command)
    assert not isinstance(job, Refusal)
    shop.publish(STRICTER)
    now = WORKSHOP.replace("shop.order", "shop.sale")
    assert [(each.open, each.unaffected) for each in shop.preview(now, "workshop").impact.forms] == [(1, 1)]
    shop.publish(now, skip_scenarios=True)
    stricter = now.replace("      weight: {", "      urgent: {type: yes_no, default: no}\n      weight: {")
    assert shop.publish(stricter, skip_scenarios=True, move="move").moved == 1
    moved = shop.record(job.record)
    assert (moved.version, moved.data["order"]) == (3, order)


def test_a_renaming_that_is_told_a_version_late_is_refused_with_what_to_do(shop: Office) -> None:
    old = shop.order(shop.customer())
    shop.publish(put_in(RENAMED, ("    was: order\n", "")))
    assert told(shop.refused(RENAMED, move="move")) == [
        "`was: order` comes too late for Sale: sale has been a form of its own since a version that did not say it, "
        "and the records of order ended there. Leave it out; or publish the text of the version that had order again, "
        "and rename it in the version after that."
    ]
    shop.publish(SHOP, move="move")
    shop.publish(RENAMED, move="move")
    assert listed(shop, "sale") == [old]


def test_another_server_sees_the_new_key_at_its_next_request(shop: Office) -> None:
    old = shop.order(shop.customer())
    other = Office(Store(shop.store.url), shop.now)
    other.engine = AskedEngine(other.store, other.clock, new_id)
    assert listed(other, "order") == [old]
    shop.publish(RENAMED)
    assert listed(other, "sale") == [old]
    other.now, other.counter = shop.now, itertools.count(100)
    assert acted(other, "sale", old, "submit") == "review"
    other.store.close()


def test_another_blueprint_still_finds_the_form_that_it_names(shop: Office) -> None:
    old = shop.order(shop.customer(), weight=Decimal(2))
    shop.publish(WORKSHOP, skip_scenarios=True)
    job = shop.do("workshop.job", order=old).record
    answer = shop.publish(RENAMED)
    assert isinstance(answer, Published)
    new = shop.do("workshop.job", order=shop.do("sale", old, note="again").record).record
    for id in (job, new):
        opened = shop.engine.open(shop.actor("anna"), id)
        assert opened is not None
        assert opened.values["weight"] == Decimal(2)
    assert acted(shop, "workshop.job", job, "finish") == "done"
    assert shop.record(old).data["note"] == "done"
