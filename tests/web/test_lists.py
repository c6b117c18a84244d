"""Lists: tabs, filters in the address, sort, search, pages; the inbox; search over all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from blankett.engine.store import StoredUser
from blankett.web.services import Services

from .conftest import HX, ORGANISATION, Clock, Visitor, publish
from .pages import form_pairs, with_values, words
from .test_entry import NEW, customer, made, order
from .test_records import act, sent

__all__ = ["customer", "sent"]

LIST = "/forms/shop/order"


@pytest.fixture
def orders(anna: Visitor, mette: Visitor, customer: str, clock: Clock) -> list[str]:
    """The ids of three orders in review, of 5, 10 and 15 DKK, the first of them approved, and of a draft."""
    made_orders = []
    for quantity, channel in (("2", "phone"), ("4", "web"), ("6", "phone")):
        clock.pass_by(minutes=1)
        values = {"line__quantity": quantity, "channel": channel, "their_number": f"K-{quantity}"}
        made_orders.append(made(anna.post(NEW, order(anna, do="action.submit", **values))))
    act(mette, made_orders[0], "approve")
    clock.pass_by(minutes=1)
    return [*made_orders, made(anna.post(NEW, order(anna, promised="2026-12-24")))]


def rows(page: str) -> list[str]:
    """Return the first cell of every row."""
    return [words(cell) for cell in re.findall(r'<th scope="row"[^>]*>(.*?)</th>', page, re.S)]


def numbers(visitor: Visitor, query: str = "") -> list[str]:
    """Return the numbers a list shows."""
    answer = visitor.get(f"{LIST}{query}")
    assert answer.status_code == 200, words(answer.text)
    return rows(answer.text)


def test_a_list_shows_its_columns_in_its_order(anna: Visitor, orders: list[str]) -> None:
    page = anna.get(LIST).text
    assert re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)', page) == [
        "Number",
        "Customer",
        "State",
        "Promised",
        "Total",
    ]
    assert rows(page) == ["SO-2026-0003", "SO-2026-0002", "SO-2026-0001", "Acme Ltd"]
    assert "4 records" in words(page)


def test_texts_of_a_list_are_escaped(mette: Visitor) -> None:
    name = '<b>O\'Neill & "Sons"</b>'
    mette.post("/forms/shop/customer/new", {"code": "<i>", "name": name, "currency": "EUR", "_do": "save"})
    page = mette.get("/forms/shop/customer").text
    assert ("<i>" in page, "<b>O" in page, name in words(page)) == (False, False, True)


def test_named_lists_are_tabs(anna: Visitor, orders: list[str]) -> None:
    page = anna.get(f"{LIST}?list=all").text
    tabs = re.findall(r'<a href="/forms/shop/order\?list=(\w+)"( aria-current="page")?>', page)
    assert tabs == [("open", ""), ("all", ' aria-current="page"')]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?record.state=approved", {"SO-2026-0001"}),
        ("?record.state=approved&record.state=draft", {"SO-2026-0001", "Acme Ltd"}),
        ("?list=all&channel=web", {"SO-2026-0002"}),
        ("?total.from=10", {"SO-2026-0002", "SO-2026-0003"}),
        ("?total.from=5&total.to=10", {"SO-2026-0001", "SO-2026-0002", "Acme Ltd"}),
        ("?promised.from=2026-12-01", {"Acme Ltd"}),
        ("?customer=acme", {"SO-2026-0001", "SO-2026-0002", "SO-2026-0003", "Acme Ltd"}),
        ("?customer=Acme+Ltd", {"SO-2026-0001", "SO-2026-0002", "SO-2026-0003", "Acme Ltd"}),
        ("?customer=nobody", set()),
        ("?q=0002", {"SO-2026-0002"}),
        ("?q=0002&record.state=approved", set()),
    ],
    ids=["state", "two states", "choice", "from", "between", "date", "link", "title", "none", "search", "two kinds"],
)  # fmt: skip
def test_filters_stand_in_the_address(anna: Visitor, orders: list[str], query: str, found: set[str]) -> None:
    assert set(numbers(anna, query)) == found


def test_a_filter_is_a_chip_that_can_be_edited_and_dropped(anna: Visitor, orders: list[str]) -> None:
    page = anna.get(f"{LIST}?record.state=review&total.from=10").text.replace("&amp;", "&")
    chips = re.findall(r'<span class="b-chip"><span>(.*?)</span><a href="(.*?)"[^>]*>(.*?)</a><a href="(.*?)"', page)
    assert [(title, shown, drop) for title, _, shown, drop in chips] == [
        ("State", "In review", f"{LIST}?total.from=10"),
        ("Total", "≥ 10", f"{LIST}?record.state=review"),
    ]
    edit = anna.get(chips[0][1]).text
    assert re.findall(r'name="record.state" value="(\w+)" checked', edit) == ["review"]
    assert '<input type="hidden" name="total.from" value="10">' in edit


def test_a_list_is_sorted_by_its_heads(anna: Visitor, orders: list[str]) -> None:
    assert numbers(anna, "?record.state=review&sort=total") == ["SO-2026-0002", "SO-2026-0003"]
    assert numbers(anna, "?record.state=review&sort=-total") == ["SO-2026-0003", "SO-2026-0002"]
    page = anna.get(f"{LIST}?sort=total").text
    assert re.search(r'aria-sort="ascending"><a href="/forms/shop/order\?sort=-total">Total', page)


def test_nothing_found_says_how_to_find_more(anna: Visitor, orders: list[str]) -> None:
    page = words(anna.get(f"{LIST}?q=nothing-like-it").text)
    assert "Nothing matches No record matches these filters." in page


def test_an_empty_list_shows_how_it_goes(anna: Visitor) -> None:
    page = words(anna.get(LIST).text)
    assert "No orders yet What a customer wants. Write the first one Draft In review Approved Done" in page


def test_who_cannot_make_a_record_is_told_what_they_may_see(anna: Visitor) -> None:
    page = words(anna.get("/forms/shop/customer").text)
    assert "No customers that you may see" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?colour=red", "there is no field colour"),
        ("?total.from=much", "“much” is not one"),
        ("?promised.from=soon", "“soon” is not one"),
        ("?channel=fax", "“fax” is none of them"),
        ("?sort=nothing", ""),
        ("?their_number=x", ""),
        ("?cost.from=1", ""),
        ("?lines=x", ""),
        ("?after=tampered", ""),
        ("?after=%00&q=%00", ""),
        ("?q=" + "x" * 5_000, None),
        ("?sort=" + ",".join(["-total"] * 50), None),
        ("?list=nothing", None),
    ],
)
def test_an_address_that_makes_no_sense_says_so(anna: Visitor, orders: list[str], query: str, said: str | None) -> None:
    answer = anna.get(LIST + query)
    assert answer.status_code == (200 if said is None else answer.status_code)
    assert answer.status_code in (200, 422)
    assert (said or "") in words(answer.text)


@pytest.mark.parametrize(
    "query",
    ["colour=red", "total.from=much", "channel=fax", "record.state=nowhere", "total=1&total=x", "promised.to=soon",
     "channel.from=web", "record.owner=anna", "their_number=" + "x" * 2_001],
)  # fmt: skip
def test_a_filter_that_cannot_be_used_lists_nothing(anna: Visitor, orders: list[str], query: str) -> None:
    answer = anna.get(f"{LIST}?{query}")
    assert (answer.status_code, rows(answer.text)) == (422, [])
    assert "cannot be used" in answer.text
    assert "Clear all" in answer.text


def test_a_filter_on_a_link_means_that_record(mette: Visitor, anna: Visitor, customer: str) -> None:
    for number in (1, 17, 170, 179):
        values = {"code": f"N{number}", "name": f"Customer {number}", "currency": "EUR", "_do": "save"}
        made_one = made(mette.post("/forms/shop/customer/new", values))
        made(anna.post(NEW, order(anna, customer=made_one, do="action.submit", their_number=f"K{number}")))
    only = words(anna.get(f"{LIST}?list=all&customer=Customer+17").text)
    assert ("Customer 17 " in only, "Customer 170" in only, "1 record" in only) == (True, False, True)
    assert "1 record" in words(anna.get(f"{LIST}?list=all&customer=N179").text)
    unclear = anna.get(f"{LIST}?list=all&customer=Customer+1").text
    assert "1 record" in words(unclear)
    several = anna.get(f"{LIST}?list=all&customer=omer").text
    assert (rows(several), "could be one of these" in several) == ([], True)
    address = re.search(r'<a href="([^"]+)">Customer 170</a>', several)
    assert address is not None
    page = anna.get(address[1].replace("&amp;", "&")).text
    assert ("1 record" in words(page), ">Customer 170</a>" in page) == (True, True)


def test_records_and_people_of_one_name_are_all_offered_and_told_apart(
    mette: Visitor, anna: Visitor, services: Services, clock: Clock
) -> None:
    for code in ("T1", "T2", "T3"):
        made(mette.post("/forms/shop/customer/new", {"code": code, "name": "Twin", "currency": "EUR", "_do": "save"}))
    offered = re.findall(r'<li><a href="[^"]+customer=\w+">([^<]+)</a>', anna.get(f"{LIST}?customer=Twin").text)
    assert sorted(offered) == ["Twin · T1", "Twin · T2", "Twin · T3"]
    publish(services.store, VISITS.replace("{type: phone}", "{type: user}"), clock())
    with services.store.writing() as writing:
        for name, active in (("a", True), ("b", True), ("c", False)):
            user = {"organisation": ORGANISATION, "id": name, "email": f"{name}@acme.example", "name": "Kim"}
            writing.insert_user(StoredUser(**user, active=active, created_at=clock(), changed_at=clock()))
    made(anna.post("/forms/visits/visit/new", {"who": "Ada", "phone": "a@acme.example", "_do": "save"}))
    page = anna.get("/forms/visits/visit?phone=Kim").text
    offered = re.findall(r'<li><a href="[^"]+phone=\w+">([^<]+)</a>', page)
    assert offered == ["Kim · a@acme.example", "Kim · b@acme.example", "Kim · c@acme.example"]
    assert [rows(anna.get(f"/forms/visits/visit?phone={id}").text) for id in "abc"] == [["Ada"], [], []]
    assert anna.get("/forms/visits/visit?phone=c").status_code == 200, "who has left is still found"


def test_private_fields_cannot_be_filtered_by_those_who_may_not_see_them(anna: Visitor, mette: Visitor) -> None:
    mette.post("/forms/shop/customer/new", {"code": "A", "name": "A", "currency": "EUR", "limit": "900", "_do": "save"})
    page = anna.get("/forms/shop/customer?limit.from=800")
    assert "900" not in words(page.text).replace("limit.from", "").replace("≥ 800", "")
    assert rows(page.text) in ([], ["A"])


def test_pages_follow_each_other_by_cursor(mette: Visitor) -> None:
    for number in range(53):
        values = {"code": f"C{number:02}", "name": f"Customer {number:02}", "currency": "EUR", "_do": "save"}
        assert mette.post("/forms/shop/customer/new", values).status_code == 303
    first = mette.get("/forms/shop/customer").text
    older = re.search(r'<a href="([^"]+after=[^"]+)">Older', first)
    assert (len(rows(first)), "53 records" in words(first)) == (50, True)
    assert older is not None
    second = mette.get(older[1].replace("&amp;", "&")).text
    assert len(set(rows(first)) & set(rows(second))) == 0
    assert (len(rows(second)), "Older" in second, "Newer" in second or "First page" in second) == (3, False, True)


def test_htmx_gets_the_list_alone(anna: Visitor, orders: list[str]) -> None:
    fragment = anna.get(f"{LIST}?record.state=review", **HX, **{"HX-Target": "div#list"}).text
    assert ("<html" in fragment, fragment.lstrip().startswith('<div class="b-stack b-stack--list" id="list">')) == (
        False,
        True,
    )
    assert "<title>Orders" in fragment
    assert "<html" in anna.get(LIST, **HX, **{"HX-History-Restore-Request": "true"}).text


def test_a_person_sees_what_their_roles_open(signed_in: Callable[[str], Visitor], orders: list[str]) -> None:
    assert 'href="/forms/shop/order"' not in signed_in("olga").get("/inbox").text
    assert 'href="/forms/shop/order"' in signed_in("wu").get("/inbox").text


def test_making_is_offered_to_those_who_may(anna: Visitor, mette: Visitor) -> None:
    assert "New customer" not in words(anna.get("/forms/shop/customer").text)
    assert "New customer" in words(mette.get("/forms/shop/customer").text)


# Search over all -----------------------------------------------------------------------------------------------------


def test_a_number_leads_straight_to_its_record(anna: Visitor, orders: list[str]) -> None:
    assert anna.get("/search?q=so-2026-0002").headers["Location"] == f"/records/{orders[1]}"


def test_words_find_records_of_every_form(anna: Visitor, orders: list[str]) -> None:
    page = words(anna.get("/search?q=acme").text)
    assert "Results for “acme” Customers Acme Ltd Orders" in page


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20", "?q=nothing-like-it", "?q=%25%27%22", "?q=%00"])
def test_a_search_without_hits_says_so(anna: Visitor, orders: list[str], query: str) -> None:
    answer = anna.get(f"/search{query}")
    assert (answer.status_code, rows(answer.text)) == (200, [])


def test_a_closed_record_is_found_by_number_and_words_wherever_lists_leave_it_out(
    anna: Visitor, mette: Visitor, orders: list[str]
) -> None:
    act(anna, orders[1], "cancel")
    assert anna.get("/search?q=SO-2026-0002").headers["Location"] == f"/records/{orders[1]}"
    assert orders[1] in anna.get("/search?q=acme").text
    nothing = anna.get(f"{LIST}?q=0002").text
    assert "Nothing matches" in nothing
    address = re.search(r'<a href="([^"]+)">All orders: 1 record</a>', nothing)
    assert address is not None
    assert rows(anna.get(address[1].replace("&amp;", "&")).text) == ["SO-2026-0002"]
    assert "Found elsewhere" not in anna.get(f"{LIST}?q=nothing-like-it").text


def test_more_hits_than_are_shown_lead_to_the_list(mette: Visitor) -> None:
    for number in range(10):
        values = {"code": f"C{number:02}", "name": f"Customer {number:02}", "currency": "EUR", "_do": "save"}
        assert mette.post("/forms/shop/customer/new", values).status_code == 303
    page = mette.get("/search?q=customer").text
    address = re.search(r'<a href="([^"]+)">Show all of them</a>', page)
    assert address is not None
    assert len(rows(mette.get(address[1].replace("&amp;", "&")).text)) == 10


# The inbox -----------------------------------------------------------------------------------------------------------


def test_what_one_can_take_on_waits_in_the_inbox_with_amount_and_sender(
    anna: Visitor, mette: Visitor, sent: str, clock: Clock
) -> None:
    page = words(mette.get("/inbox").text)
    assert "Approve: Acme Ltd SO-2026-0001 · Order · In review DKK 7.50 AL Anna Lindqvist 0 min" in page
    assert "Nothing waits for you" in words(anna.get("/inbox").text)
    clock.pass_by(days=3)
    assert "Anna Lindqvist 3 d" in words(mette.sign_in("mette") and mette.get("/inbox").text)


def test_the_badge_counts_tasks_on_every_page(anna: Visitor, mette: Visitor, sent: str) -> None:
    assert "1 task waits for you" in mette.get("/forms/shop/order").text
    assert "waits for you" not in anna.get("/forms/shop/order").text
    act(mette, sent, "send_back", why="Odd price")
    assert "1 task waits for you" in anna.get("/forms/shop/order").text
    act(anna, sent, "cancel")
    assert "waits for you" not in mette.get("/forms/shop/order").text


def test_tasks_stand_by_the_day_they_are_due(anna: Visitor, mette: Visitor, customer: str, clock: Clock) -> None:
    today = clock().date()
    for days in (-2, 0, 1, 5, None):
        day = "" if days is None else (today + timedelta(days=days)).isoformat()
        made(anna.post(NEW, order(anna, do="action.submit", promised=day)))
    page = words(mette.get("/inbox").text)
    places = [page.index(part) for part in ("Overdue 1 2 days late", "Today 1", "Later 2", "tomorrow", "5 days left")]
    assert places == sorted(places)
    assert "Without a day 1" in page


def test_more_than_could_be_looked_at_is_never_nothing(
    anna: Visitor, mette: Visitor, sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blankett.engine.records.read.inbox.MOST_COUNTED", 1)
    page = mette.get("/inbox").text
    assert "Waiting for me at least 1" in words(page)
    assert "at least 1 task waits for you" in page
    assert "Nothing waits for you" not in page
    assert '<a href="/forms/shop/order?list=all&amp;record.state=draft&amp;record.state=review' in page


def test_the_badge_counts_no_further_than_many_and_the_inbox_all(
    anna: Visitor, mette: Visitor, sent: str, customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blankett.web.inbox.badge.MOST_COUNTED", 2)
    assert "1 task waits for you" in mette.get("/forms/shop/order").text
    for _ in range(2):
        made(anna.post(NEW, order(anna, do="action.submit")))
    page = mette.get("/inbox").text
    assert ("Waiting for me 3" in words(page), "at least 2 tasks wait for you" in page) == (True, True)
    assert "at least 2 tasks wait for you" in mette.get("/forms/shop/order").text


def test_ones_own_open_records_are_listed(anna: Visitor, sent: str) -> None:
    assert "SO-2026-0001 Acme Ltd Order · In review" in words(anna.get("/inbox?view=mine").text)


def test_notices_are_shown_counted_and_marked_as_read(anna: Visitor, mette: Visitor, sent: str) -> None:
    act(mette, sent, "send_back", why="Odd price")
    page = anna.get("/inbox?view=notices").text
    assert "Order SO-2026-0001 Acme Ltd was sent back: Odd price" in words(page)
    assert "Notices 1" in words(page)
    until = re.search(r'name="until" value="(\w+)"', page)
    assert until is not None
    assert anna.post("/inbox/notices", {"until": until[1]}).status_code == 303
    assert "Notices 1" not in words(anna.get("/inbox?view=notices").text)


def test_nonsense_marks_nothing(anna: Visitor) -> None:
    assert anna.post("/inbox/notices", {"until": "x' OR 1=1"}).status_code == 303


DROPPED = """
blueprint: paint
language: 1
title: Paint
roles: {clerk: {}}
forms:
  pot:
    show: "Pot {color}"
    fields:
      color: {type: choice, options: {red: Red, blue: Blue}, index: yes}
    states: {draft: {start: true}, dry: {}, gone: {final: true}}
    actions: {go: {from: [draft, dry], to: gone, by: clerk}, wait: {from: draft, to: dry, by: clerk}}
    grants: [{who: clerk, may: all}]
    lists: {all: {columns: [color, record.state]}}
"""


def test_an_option_that_only_older_records_have_keeps_its_words_and_can_be_filtered(
    services: Services, anna: Visitor, clock: Clock
) -> None:
    publish(services.store, DROPPED, clock())
    made(anna.post("/forms/paint/pot/new", {"color": "red", "_do": "save"}))
    old = made(anna.post("/forms/paint/pot/new", {"color": "blue", "_do": "save"}))
    act(anna, old, "wait")
    newer = DROPPED.replace("red: Red", "crimson: Crimson").replace("dry: {}, ", "").replace("[draft, dry]", "draft")
    publish(services.store, newer.replace(", wait: {from: draft, to: dry, by: clerk}", ""), clock(), 2)
    made(anna.post("/forms/paint/pot/new", {"color": "crimson", "_do": "save"}))
    address = "/forms/paint/pot"
    assert sorted(rows(anna.get(address).text)) == ["Blue", "Crimson", "Red"]
    assert rows(anna.get(f"{address}?color=red").text) == ["Red"]
    assert '<span>Color</span><a href="/forms/paint/pot?color=red&amp;filter=color" class="b-open-chip">Red<' in (
        anna.get(f"{address}?color=red").text
    )
    assert re.findall(r'value="(\w+)"> (\w+)', anna.get(f"{address}?filter=color").text) == [
        ("crimson", "Crimson"), ("blue", "Blue"), ("red", "Red")
    ]  # fmt: skip
    assert rows(anna.get(f"{address}?record.state=dry").text) == ["Blue"]
    assert (rows(anna.get(f"{address}?color=green").text), anna.get(f"{address}?color=green").status_code) == ([], 422)


MARKED = """
blueprint: marked
language: 1
languages: [en]
title: Marked
roles: {clerk: {}}
forms:
  pot:
    fields:
      name: {type: text}
      tags: {type: choices, options: {new: New, sale: Reduced}}
      mark: {type: rating, max: 10}
    states: {draft: {start: true}, gone: {final: yes}}
    actions: {go: {from: draft, to: gone, by: clerk}}
    grants: [{who: clerk, may: all}]
    lists: {all: {columns: [name, tags, mark]}}
"""


def test_options_and_marks_of_an_older_version_are_shown_and_found_as_it_has_them(
    services: Services, anna: Visitor, clock: Clock
) -> None:
    publish(services.store, MARKED, clock())
    address = "/forms/marked/pot"
    made(
        anna.post(f"{address}/new", [("name", "A"), ("tags", "new"), ("tags", "sale"), ("mark", "9"), ("_do", "save")])
    )
    publish(services.store, MARKED.replace("sale: Reduced", "rest: Rest").replace("max: 10", "max: 5"), clock(), 2)
    made(anna.post(f"{address}/new", {"name": "B", "tags": "rest", "mark": "4", "_do": "save"}))
    lines = re.findall(r'<tr><th scope="row".*?</tr>', anna.get(address).text, re.S)
    assert sorted(map(words, lines)) == ["A New, Reduced 9/10", "B Rest 4/5"]
    assert rows(anna.get(f"{address}?tags=sale").text) == ["A"]
    offered = re.findall(r'value="(\w+)"[^>]*> (\w+)', anna.get(f"{address}?filter=tags").text)
    assert offered == [("new", "New"), ("rest", "Rest"), ("sale", "Reduced")]
    assert anna.get(f"{address}?tags=none").status_code == 422


VISITS = """
blueprint: visits
language: 1
languages: [en]
title: Visits
roles: {clerk: {}}
forms:
  visit:
    plural: Visits
    fields:
      who: {type: text, required: yes}
      phone: {type: phone}
      page: {type: url}
      day: {type: date}
      at: {type: datetime}
      paid: {type: money, currency: EUR}
      mark: {type: rating}
      share: {type: percent}
    grants: [{who: clerk, may: all}]
    lists: {all: {columns: [who, phone, page, at, paid, mark, share, day]}}
"""


def test_a_list_calls_linked_records_as_they_are_called_now(anna: Visitor, mette: Visitor, orders: list[str]) -> None:
    page = mette.get("/forms/shop/customer")
    address = re.findall(r'href="(/records/[^"/]+)', page.text)[0] + "/edit"
    made(mette.post(address, [*with_values(form_pairs(mette.get(address).text), name="Acme Nord"), ("_do", "save")]))
    anna.get(LIST)  # what was said once of the draft is gone
    page_of_orders = words(anna.get(LIST).text)
    assert ("Acme Nord" in page_of_orders, page_of_orders.count("Acme Ltd")) == (True, 1), "one title of a draft"


@pytest.fixture
def visits(services: Services, anna: Visitor, clock: Clock) -> str:
    """The address of a list of two visits of the same hour on two days."""
    publish(services.store, VISITS, clock())
    contact = {"phone": "+45 33 12 34 56", "page": "x.example", "paid": "7", "mark": "4", "share": "30", "_do": "save"}
    for who, day in (("Ada", "2026-12-03"), ("Bo", "2026-12-04")):
        made(anna.post("/forms/visits/visit/new", {"who": who, "day": day, "at": f"{day} 09:00", **contact}))
    return "/forms/visits/visit"


def test_numbers_to_dial_and_pages_are_links_in_lists(anna: Visitor, visits: str) -> None:
    page = anna.get(visits).text
    assert re.findall(r'<td[^>]*><div[^>]*><a href="([^"]+)" rel="([^"]+)">([^<]+)', page)[:2] == [
        ("tel:+4533123456", "noopener noreferrer", "+45 33 12 34 56"),
        ("https://x.example", "noopener noreferrer", "https://x.example"),
    ]


def test_a_phone_shows_an_amount_and_no_mark_or_share_and_when_with_its_hour(anna: Visitor, visits: str) -> None:
    cells = re.findall(r'<td class="([^"]+)">(?:<div[^>]*>)?(?:<a [^>]*>)?([^<]+)', anna.get(f"{visits}?sort=who").text)
    assert [text for kind, text in cells[:7] if "b-hide-s" not in kind] == [
        "+45 33 12 34 56",
        "3 Dec 2026 09:00",
        "€7.00",
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("day.from=4/12/2026", ["Bo"]),
        ("day.to=3 dec", ["Ada"]),
        ("at.from=4/12/2026", ["Bo"]),
        ("at.to=3/12/2026", ["Ada"]),
        ("at.from=3/12/2026 9:01", ["Bo"]),
        ("at.to=2/12/2026", []),
        ("at.from=3/12/2026&at.to=3/12/2026", ["Ada"]),
    ],
)
def test_days_are_filtered_by_as_they_are_typed_and_a_day_takes_in_its_hours(
    anna: Visitor, visits: str, query: str, found: list[str]
) -> None:
    assert rows(anna.get(f"{visits}?{query}").text) == found


def test_a_filter_by_days_is_shown_in_the_readers_way_and_goes_on_in_everybodys(anna: Visitor, visits: str) -> None:
    page = anna.get(f"{visits}?day.from=3/12&at.to=4/12/2026&filter=day").text
    assert re.findall(r'class="b-open-chip">([^<]+)', page) == ["≥ 3 Dec 2026", "≤ 4 Dec 2026 23:59:59"]
    assert re.findall(r'name="(day\.\w+)" value="([^"]*)"[^>]*data-day', page) == [
        ("day.from", "03/12/2026"),
        ("day.to", ""),
    ]
    assert 'name="at.to" value="2026-12-04T23:59:59Z"' in page
    assert "day.from=2026-12-03&amp;at.to=2026-12-04T23%3A59%3A59Z&amp;sort=who" in page
    assert anna.get(f"{visits}?day.from=2026-12-03&at.to=2026-12-04T23%3A59%3A59Z").status_code == 200
    assert anna.get(f"{visits}?day.from=soon").status_code == 422
