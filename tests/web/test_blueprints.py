"""The gallery, a blueprint's text with what is found in it, its draft, publishing it, its versions."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from blankett.engine.access import load_actor
from blankett.engine.calendar import CalendarDefinition, Span, Week
from blankett.engine.language.model import Words
from blankett.engine.publish import FormImpact, Impact, candidate
from blankett.engine.publish.convert import MoveReason, Remedy
from blankett.engine.publish.impact import Class
from blankett.engine.records import Command, Receipt
from blankett.engine.store import Member, StoredCalendar
from blankett.web.services import Services
from blankett.web.studio.differences import shown_impact

SignedIn = Callable[[str], Any]


@pytest.fixture
def admin(signed_in: SignedIn) -> Any:
    return signed_in("admin")


@pytest.fixture
def olga(services: Services, signed_in: SignedIn) -> Any:
    """Somebody who administers the workspace and nothing else."""
    with services.store.writing() as writing:
        writing.put_member(Member(organisation="acme", workspace="sales", user="olga", administers=True))
    return signed_in("olga")


@pytest.fixture
def shop(services: Services) -> str:
    """The published text."""
    return text_of(services)


def text_of(services: Services, number: int = 1, key: str = "shop") -> str:
    with services.store.reading() as reading:
        found = reading.version("acme", key, number)
    assert found is not None
    return found.source


def newest(services: Services, key: str = "shop") -> int:
    with services.store.reading() as reading:
        return reading.newest_versions("acme").get(key, 0)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def typed_in(page: str) -> str:
    """Return what stands in the text area of the blueprint's text."""
    found = re.search(r'<textarea[^>]*name="source"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert found is not None
    return html.unescape(found[1])


def words(fragment: str) -> str:
    """Return a piece of a page without its tags."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", fragment))).strip()


def problems(page: str) -> list[str]:
    return [words(row) for row in re.findall(r'<li><span class="b-(?:bad|warn)">.*?</li>', page, re.S)]


def save(visitor: Any, source: str, revision: str = "0", do: str = "save", key: str = "shop") -> Any:
    return visitor.post(f"/blueprints/{key}", {"source": source, "revision": revision, "_do": do})


def make_order(services: Services, *, total: str = "10", submit: bool = True) -> str:
    """Make an order as Anna, in review when *submit* says so, and return its id."""
    with services.store.reading() as reading:
        actor = load_actor(reading, "acme", "anna")
        manager = load_actor(reading, "acme", "mette")
    assert actor is not None
    assert manager is not None
    customer = services.engine.apply(
        Command(
            intent="",
            actor=manager,
            blueprint="shop",
            form="customer",
            workspace="sales",
            values={"code": f"C{newest_id(services)}", "name": "Müller", "currency": "EUR"},
        )
    )
    assert isinstance(customer, Receipt), customer
    order = services.engine.apply(
        Command(
            intent="",
            actor=actor,
            blueprint="shop",
            form="order",
            workspace="sales",
            values={
                "customer": customer.record,
                "lines": [{"item": "Truck", "quantity": Decimal(1), "price": Decimal(total)}],
            },
            action="submit" if submit else None,
        )
    )
    assert isinstance(order, Receipt), order
    return order.record


def newest_id(services: Services) -> int:
    with services.store.reading() as reading:
        return sum(count for *_, count in reading.pinned_counts("acme", "shop"))


def version_of(services: Services, record: str) -> int:
    with services.store.reading() as reading:
        found = reading.record("acme", record)
    assert found is not None
    return found.version


# Gallery ---------------------------------------------------------------------------------------------------------


def test_the_gallery_lists_blueprints_by_workspace(admin: Any, services: Services) -> None:
    make_order(services)
    page = admin.get("/blueprints").text
    rows = re.findall(r"<tr><th scope=\"row\".*?</tr>", page, re.S)
    assert [words(row) for row in rows] == ["Shop 1 Customers, Orders 1 Ada Min, 09:30 Open Shop Clone… Shop"]
    assert "Use this template : Order management" in words(page)


@pytest.mark.parametrize(
    "address",
    [
        "/blueprints",
        "/blueprints/shop",
        "/blueprints/shop/changes",
        "/blueprints/shop/publish",
        "/blueprints/shop/versions",
        "/blueprints/shop/versions/1",
        "/blueprints/shop/versions/1/text",
        "/blueprints/shop/text",
        "/blueprints/shop/clone",
        "/templates/leave_request",
        "/new-blueprint",
    ],
)
def test_staff_are_refused_and_administrators_of_the_workspace_are_not(anna: Any, olga: Any, address: str) -> None:
    assert (anna.get(address).status_code, olga.get(address).status_code) == (403, 200)


def test_what_is_not_there_is_not_found(admin: Any) -> None:
    addresses = [
        "/blueprints/nothing",
        "/blueprints/shop/versions/9",
        "/templates/nothing",
        "/blueprints/nothing/clone",
    ]
    assert [admin.get(address).status_code for address in addresses] == [404] * 4


# The text --------------------------------------------------------------------------------------------------------


def test_the_published_text_is_shown_to_the_character(admin: Any, shop: str) -> None:
    page = admin.get("/blueprints/shop").text
    assert typed_in(page) == shop
    assert (hidden(page, "revision"), hidden(page, "base")) == ("0", "1")
    assert "The text is that of the published version." in page


def test_saving_keeps_a_draft_and_publishes_nothing(admin: Any, services: Services, shop: str) -> None:
    source = shop.replace("title: Shop", "title: Our shop")
    answer = save(admin, source.replace("\n", "\r\n"))
    assert answer.status_code == 303
    page = admin.get("/blueprints/shop").text
    assert typed_in(page) == source
    assert "Draft of version 2" in page
    assert "1 change since version 1" in words(page)
    assert "The blueprint , title : Shop Our shop" in words(page)
    assert newest(services) == 1


def test_a_text_with_mistakes_can_be_saved_and_each_is_told_with_its_place(admin: Any, shop: str) -> None:
    source = shop.replace("to: review\n", "to: reviw\n", 1)
    line = source[: source.index("to: reviw")].count("\n") + 1
    assert save(admin, source).status_code == 303
    page = admin.get("/blueprints/shop").text
    column = source.splitlines()[line - 1].index("reviw") + 1
    told = problems(page)
    assert told[0].startswith(
        f"Error: There is no state 'reviw' in 'order'. Did you mean “review”? shop.yaml:{line}:{column}"
    )
    assert f'data-line="{line}" data-column="{column}" data-problem="error"' in page
    assert 'data-fix="review" data-found="reviw"' in page
    assert "1 error" in re.search(r"<title>(.*?)</title>", page)[1]  # type: ignore[index]


def test_checking_saves_nothing_and_keeps_what_was_typed(admin: Any, services: Services, shop: str) -> None:
    source = shop.replace("title: Shop", "titel: Shop")
    for answer in (save(admin, source, do="check"), admin.post("/blueprints/shop/check", {"source": source})):
        assert answer.status_code == 200
        assert typed_in(answer.text) == source
        assert "of the text as typed, not saved yet" in answer.text
        assert problems(answer.text)
    with services.store.reading() as reading:
        assert reading.draft("acme", "shop") is None


def test_a_check_gives_way_to_one_of_a_newer_text(
    admin: Any, services: Services, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = candidate.Candidates.of

    def check_while_asked_anew(candidates: candidate.Candidates, catalog: Any, source: str) -> candidate.Candidate:
        # As another request of the same person does, with a newer text.
        with services.questions.newest(("acme", "admin", ("text", "shop"))):
            pass
        return check(candidates, catalog, source)

    monkeypatch.setattr(candidate.Candidates, "of", check_while_asked_anew)
    answer = admin.post("/blueprints/shop/check", {"source": shop + "# newer"})
    assert (answer.status_code, "A newer text of yours is being checked." in answer.text) == (409, True)
    monkeypatch.undo()
    assert admin.post("/blueprints/shop/check", {"source": shop + "# newer"}).status_code == 200


def test_htmx_gets_only_what_was_found(admin: Any, shop: str) -> None:
    headers = {"HX-Request": "true", "HX-Target": "div#findings"}
    answer = admin.post("/blueprints/shop/check", {"source": shop}, **headers)
    assert answer.text.startswith('<div class="b-split__found" id="findings">')
    assert "<textarea" not in answer.text


SCENARIOS = """
samples:
  customer:
    - {code: M, name: Müller, currency: EUR}

scenarios:
  a small order is approved:
    as: anna (clerk)
    steps:
      - create: order
        with: {customer: M, lines: [{item: Truck, quantity: 1, price: 10}]}
      - do: submit
      - expect: {state: review}
  a wish:
    as: anna (clerk)
    steps:
      - create: order
        with: {customer: M, lines: [{item: Truck, quantity: 1, price: 10}]}
      - do: submit
      - expect: {state: done}
"""


def test_scenarios_are_run_and_told_with_what_was_expected_and_found(admin: Any, shop: str) -> None:
    source = shop + SCENARIOS
    page = words(save(admin, source, do="check").text)
    line = source.splitlines().index("      - expect: {state: done}") + 1
    assert "1 of 2 scenarios fails" in page
    assert re.search(rf"Failed: a wish :{line} state: expected done, found review\.", page)
    assert "No scenario takes: Approve, Send back, Finish, Put away, Cancel" in page


@pytest.mark.parametrize(
    "source",
    ["", "\t", "blueprint: [", "a: &x 1\nb: *x", "[" * 100_000, "x" * 1_100_000, "blueprint: shop\n" * 2],
    ids=["empty", "tab", "open bracket", "alias", "100,000 brackets", "too large", "twice"],
)
def test_any_text_gets_problems_and_never_breaks_the_page(admin: Any, source: str) -> None:
    answer = save(admin, source, do="check")
    assert answer.status_code == 200
    assert problems(answer.text)
    assert typed_in(answer.text) == source


def test_a_text_that_cannot_be_kept_is_refused_and_stays_in_the_page(admin: Any, services: Services) -> None:
    answer = save(admin, "x" * 1_100_000)
    assert answer.status_code == 422
    assert "The text is larger than a blueprint may be." in answer.text
    assert typed_in(answer.text) == "x" * 1_100_000
    answer = save(admin, "blueprint: sh\0op")
    assert answer.status_code == 422
    assert "The text has characters that cannot be stored." in answer.text
    with services.store.reading() as reading:
        assert reading.draft("acme", "shop") is None


def test_two_people_saving_the_same_text_both_keep_theirs(admin: Any, olga: Any, services: Services, shop: str) -> None:
    hers, his = shop.replace("title: Shop", "title: Hers"), shop.replace("title: Shop", "title: His")
    assert save(olga, hers).status_code == 303
    answer = save(admin, his)
    assert answer.status_code == 409
    assert "Olga Strand saved this text at" in answer.text
    assert typed_in(answer.text) == his
    theirs = re.search(r'<textarea[^>]*id="i-theirs"[^>]*>\n(.*?)</textarea>', answer.text, re.S)
    assert theirs is not None
    assert html.unescape(theirs[1]) == hers
    with services.store.reading() as reading:
        kept = reading.draft("acme", "shop")
    assert kept is not None
    assert kept.source == hers
    assert save(admin, his, revision=hidden(answer.text, "revision")).status_code == 303


def test_a_check_meanwhile_does_not_hide_somebody_elses_save(admin: Any, olga: Any, shop: str) -> None:
    assert save(olga, shop.replace("title: Shop", "title: Hers")).status_code == 303
    page = save(admin, shop.replace("title: Shop", "title: His"), do="check").text
    assert hidden(page, "revision") == "0"
    assert save(admin, typed_in(page), revision="0").status_code == 409


def test_a_draft_is_thrown_away_only_as_it_was_seen(admin: Any, services: Services, shop: str) -> None:
    save(admin, shop.replace("title: Shop", "title: One"))
    first = hidden(admin.get("/blueprints/shop/changes").text, "revision")
    save(admin, shop.replace("title: Shop", "title: Two"), revision=first)
    assert admin.post("/blueprints/shop/discard", {"revision": first}).status_code == 409
    second = hidden(admin.get("/blueprints/shop/changes").text, "revision")
    assert admin.post("/blueprints/shop/discard", {"revision": second}).status_code == 303
    assert typed_in(admin.get("/blueprints/shop").text) == shop


def test_changes_are_shown_in_words_and_line_by_line(admin: Any, shop: str) -> None:
    save(admin, shop.replace("title: Shop", "title: Our shop"))
    page = admin.get("/blueprints/shop/changes").text
    rows = [words(row) for row in re.findall(r'<tr class="is-(?:added|removed)">.*?</tr>', page, re.S)]
    line = shop.splitlines().index("title: Shop") + 1
    assert rows == [f"{line} Removed − title: Shop", f"{line} Added + title: Our shop"]
    assert "The blueprint , title : Shop Our shop" in words(page)


def test_the_text_is_a_file_too(admin: Any, shop: str) -> None:
    answer = admin.get("/blueprints/shop/text")
    assert (answer.text, answer.headers["Content-Disposition"]) == (shop, 'attachment; filename="shop.yaml"')
    assert admin.get("/blueprints/shop/versions/1/text").text == shop


# Publishing ------------------------------------------------------------------------------------------------------

WITH_STATE = (
    ("      approved:  {title: Approved}", "      packed: {title: Packed}\n      approved:  {title: Approved}"),
    (
        "      finish: {title: Finish, from: approved,",
        "      pack: {title: Pack, from: approved, to: packed, by: clerk}\n"
        "      finish: {title: Finish, from: [approved, packed],",
    ),
    (
        "      promised: {type: date}",
        "      promised: {type: date}\n      fax: {type: text, title: Fax, required: yes}",
    ),
)


def changed(shop: str, *pairs: tuple[str, str]) -> str:
    for before, after in pairs:
        assert before in shop
        shop = shop.replace(before, after)
    return shop


def publish(visitor: Any, key: str = "shop", again: int | None = None, **chosen: str) -> Any:
    address = f"/blueprints/{key}/publish" + (f"?again={again}" if again else "")
    page = visitor.get(address).text
    values = {"base": hidden(page, "base"), "digest": hidden(page, "digest"), "move": "stay", "note": "", **chosen}
    return visitor.post(address, values)


def test_a_new_state_and_a_required_field_are_previewed_and_published_and_open_orders_go_on(
    admin: Any, anna: Any, services: Services, shop: str
) -> None:
    record = make_order(services)
    answer = save(admin, changed(shop, *WITH_STATE), do="publish")
    assert answer.headers["Location"] == "/blueprints/shop/publish"
    page = words(admin.get("/blueprints/shop/publish").text)
    assert "Publish version 2" in page
    assert "Field Fax on Order" in page
    assert "State Packed of Order" in page
    assert re.search(r"Order Can move 1 Go on under version 2 if you choose so", page)
    # Without a choice the browser sends nothing; and what is counted at the head is what the classes add up to.
    choices = re.findall(r'<input[^>]*name="move"[^>]*>', admin.get("/blueprints/shop/publish").text)
    assert [("required" in choice, "checked" in choice) for choice in choices] == [(True, False)] * 2
    assert "Open records: 1," in page
    assert "Other forms Not affected 1 Nothing changes in Customer, whose records are never open or closed." in page
    answer = publish(admin, move="move", note="The warehouse asked for it")
    assert answer.headers["Location"] == "/blueprints/shop/versions"
    page = words(admin.get("/blueprints/shop/versions").text)
    assert "Version 2 is published. 1 open record moved to it." in page
    assert "Version 2 newest Ada Min, 09:30 The warehouse asked for it" in page
    assert (newest(services), version_of(services, record)) == (2, 2)
    assert anna.get(f"/records/{record}").status_code == 200


@pytest.mark.parametrize(
    ("who", "told"),
    [
        (
            "admin",
            "Calendars that stay as they are The organisation has a calendar House (office) already, and keeps it as "
            "it is; what this text says otherwise: hours, holidays. Records count",
        ),
        ("wu", "保持不变的日历 组织已有日历“House”（office），发布后保持不变；本文本与其不同之处：hours、holidays。"),
    ],
)
def test_the_page_that_publishes_names_calendars_that_the_organisation_keeps_otherwise(
    signed_in: SignedIn, services: Services, shop: str, who: str, told: str
) -> None:
    kept = StoredCalendar("office", "House", CalendarDefinition("UTC", (Week(((Span(480, 960),),) + ((),) * 6),)))
    with services.store.writing() as writing:
        assert writing.put_calendar("acme", kept)
        writing.put_member(Member(organisation="acme", workspace="sales", user=who, administers=True))
    visitor = signed_in(who)
    calendars = "calendars:\n  office: {zone: UTC, hours: {monday: 9:00-17:00}, holidays: DK}\n"
    save(visitor, f"{shop}\n{calendars}")
    assert told in words(visitor.get("/blueprints/shop/publish").text)


def test_open_orders_stay_when_that_is_chosen(admin: Any, services: Services, shop: str) -> None:
    record = make_order(services)
    save(admin, changed(shop, *WITH_STATE))
    assert publish(admin, move="stay").status_code == 303
    assert (newest(services), version_of(services, record)) == (2, 1)


def test_what_becomes_of_open_records_must_be_chosen(admin: Any, services: Services, shop: str) -> None:
    make_order(services)
    save(admin, changed(shop, *WITH_STATE))
    answer = publish(admin, move="", note="Why not")
    assert answer.status_code == 422
    assert "Choose what becomes of the open records." in answer.text
    assert "Why not</textarea>" in answer.text
    assert newest(services) == 1


def test_records_that_must_stay_are_told_with_the_reason(admin: Any, services: Services, shop: str) -> None:
    record = make_order(services)
    gone = changed(
        shop,
        ("      review:    {title: In review}\n", ""),
        ("        from: draft\n        to: review\n", "        from: draft\n        to: approved\n"),
        ("from: [draft, review], to: cancelled", "from: draft, to: cancelled"),
        ("states: [draft, review, approved, cancelled, done]", "states: [draft, approved, cancelled, done]"),
        ('where: record.state in ["draft", "review", "approved"]', 'where: record.state in ["draft", "approved"]'),
    )
    gone = re.sub(r"      approve:\n.*?(?=      finish)", "", gone, flags=re.S).replace(
        '\nmessages:\n  sent_back: "Order {record.title} was sent back: {inputs.why}"\n', "\n"
    )
    save(admin, gone)
    page = admin.get("/blueprints/shop/publish").text
    assert "Must stay 1 The state In review is gone. Show 1 SO-2026-0001 Version 1" in words(page)
    assert f'href="/records/{record}"' in page
    assert publish(admin, move="move").status_code == 303
    assert version_of(services, record) == 1


def test_the_preview_writes_into_the_text_what_becomes_of_a_state(admin: Any, services: Services, shop: str) -> None:
    record = make_order(services)
    renamed = shop.replace("      review:    {title: In review}", "      checking:  {title: Checking}")
    renamed = re.sub(r"(?<=[ \[,\"])review(?=[\],\"\n])", "checking", renamed)
    save(admin, renamed)
    page = admin.get("/blueprints/shop/publish").text
    assert "The state In review is gone." in words(page)
    assert 'name="ended" value="order.review"' in page
    wrong = admin.post("/blueprints/shop/publish/becomes", {"ended": "order.review", "becomes": "review"})
    assert wrong.status_code == 422
    answer = admin.post("/blueprints/shop/publish/becomes", {"ended": "order.review", "becomes": "checking"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/blueprints/shop/publish")
    page = admin.get("/blueprints/shop/publish").text
    assert "is gone" not in words(page)
    assert "review: {becomes: checking}" in html.unescape(admin.get("/blueprints/shop").text)
    assert publish(admin, move="move").status_code == 303
    assert version_of(services, record) == 2


def test_an_option_of_a_shared_list_is_mapped_in_one_place_of_the_page(services: Services, app: Flask) -> None:
    remedy = Remedy(("options", "sizes"), "s", {"m": Words({"en": "Medium"})})
    forms = []
    for form in ("order", "item"):
        reason = MoveReason("stay.option_gone", ("size",), Words({"en": "Size"}), "s")
        places = (reason, replace(reason, path=("lines", "size")))
        staying = {place: Class(place, 1, remedy=remedy) for place in places}
        forms.append(FormImpact(form, Words({"en": form.title()}), False, open=1, must_stay=1, staying=staying))
    with app.test_request_context():
        shown = shown_impact(Impact(tuple(forms)), "en")
    assert [[found.choices for found in each.classes] for each in shown] == [[(("m", "Medium"),), ()], [(), ()]]


def test_the_page_that_publishes_checks_and_tries_the_text_once(
    admin: Any, services: Services, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    for name in ("check_blueprint", "run_scenarios"):
        original = getattr(candidate, name)

        def counting(*args: Any, name: str = name, original: Any = original, **more: Any) -> Any:
            counted.append(name)
            return original(*args, **more)

        monkeypatch.setattr(candidate, name, counting)
    make_order(services)
    save(admin, shop.replace("In review", "Being reviewed", 1))
    admin.get("/blueprints/shop")
    assert publish(admin, move="stay").status_code == 303
    assert sorted(counted) == ["check_blueprint", "run_scenarios"]


def test_a_text_with_errors_is_not_published(admin: Any, services: Services, shop: str) -> None:
    save(admin, shop.replace("to: review\n", "to: reviw\n", 1))
    page = admin.get("/blueprints/shop/publish").text
    assert 'aria-disabled="true" aria-describedby="why-not"' in page
    assert "has 1 problem. Mend it first." in words(page)
    answer = publish(admin)
    assert (answer.status_code, newest(services)) == (422, 1)


def test_a_text_with_a_failing_scenario_is_not_published(admin: Any, services: Services, shop: str) -> None:
    save(admin, shop + SCENARIOS)
    page = words(admin.get("/blueprints/shop/publish").text)
    assert "1 of 2 scenarios fails a wish" in page
    answer = publish(admin)
    assert (answer.status_code, newest(services)) == (422, 1)
    assert "1 scenario fails. Mend the blueprint or the scenario first." in answer.text


def test_a_text_saved_after_the_preview_is_not_published_unseen(
    admin: Any, olga: Any, services: Services, shop: str
) -> None:
    save(admin, shop.replace("title: Shop", "title: One"))
    page = admin.get("/blueprints/shop/publish").text
    revision = hidden(olga.get("/blueprints/shop").text, "revision")
    save(olga, shop.replace("title: Shop", "title: Two"), revision=revision)
    values = {"base": hidden(page, "base"), "digest": hidden(page, "digest"), "move": "stay", "note": "Mine"}
    answer = admin.post("/blueprints/shop/publish", values)
    assert (answer.status_code, newest(services)) == (409, 1)
    assert "Somebody saved another text since you opened this page." in answer.text
    assert "Mine</textarea>" in answer.text


def test_two_people_publishing_at_once_are_told(admin: Any, olga: Any, services: Services, shop: str) -> None:
    save(admin, shop.replace("title: Shop", "title: One"))
    page = admin.get("/blueprints/shop/publish").text
    values = {"base": hidden(page, "base"), "digest": hidden(page, "digest"), "move": "stay", "note": ""}
    assert publish(olga).status_code == 303
    save(admin, shop.replace("title: Shop", "title: One").replace("Customers", "Clients"))
    revision = hidden(admin.get("/blueprints/shop/publish").text, "digest")
    answer = admin.post("/blueprints/shop/publish", {**values, "digest": revision})
    assert (answer.status_code, newest(services)) == (409, 2)
    assert "Version 2 was published meanwhile by Olga Strand." in answer.text


def test_rights_that_change_stand_apart(admin: Any, shop: str) -> None:
    save(
        admin,
        changed(
            shop,
            ("{who: clerk, may: [view, edit, comment], states", "{who: clerk, may: [view, comment], states"),
        ),
    )
    page = admin.get("/blueprints/shop/publish").text
    rights = re.search(r'<section[^>]*aria-labelledby="p4">(.*?)</section>', page, re.S)
    assert rights is not None
    assert "What Clerk may do with Order , may : comment, edit, view comment, view" in words(rights[1])


def test_an_action_that_is_new_says_who_may_take_it(admin: Any, shop: str) -> None:
    save(admin, changed(shop, *WITH_STATE))
    page = admin.get("/blueprints/shop/publish").text
    rights = re.search(r'<section[^>]*aria-labelledby="p4">(.*?)</section>', page, re.S)
    assert rights is not None
    assert "Added Action Pack on Order , by : clerk" in words(rights[1])


def test_nothing_changed_is_not_published(admin: Any) -> None:
    page = words(admin.get("/blueprints/shop/publish").text)
    assert "The text is the same as that of version 1." in page
    assert publish(admin).status_code == 422


# Versions --------------------------------------------------------------------------------------------------------


def test_an_old_version_is_published_again_as_the_next_one(admin: Any, services: Services, shop: str) -> None:
    save(admin, shop.replace("title: Shop", "title: Shoppe"))
    assert publish(admin).status_code == 303
    page = words(admin.get("/blueprints/shop/publish?again=1").text)
    assert "Publish version 1 again, as version 3" in page
    assert "The blueprint , title : Shoppe Shop" in page
    assert publish(admin, again=1, note="Back").status_code == 303
    assert (newest(services), text_of(services, 3)) == (3, shop)


def test_the_text_of_a_version_can_be_read(admin: Any, shop: str) -> None:
    page = admin.get("/blueprints/shop/versions/1").text
    lines = re.findall(r'<li id="L\d+"><span class="ln">\d+</span><span class="tx">(.*?)</span></li>', page, re.S)
    assert [html.unescape(line) for line in lines] == shop.split("\n")
    assert "Publish again" not in page
