"""What is kept between requests goes by what it depends on: when that changes, the next page is the new one.

The clock stands still, so that nothing is new only because it was kept for some seconds.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from markupsafe import Markup

from blankett.engine.store import Member
from blankett.web.kept_markup import DrawnColumn, KeptMarkup
from blankett.web.services import Services, services_over
from blankett.web.settings import Settings

from .conftest import Clock, Visitor, make_app, publish
from .pages import words
from .test_entry import customer, draft, edited, made
from .test_kept_markup import kept_macros

__all__ = ["customer", "draft"]

DESK = """
blueprint: desk
language: 1
title: Desk
roles: {clerk: {title: Clerk}, manager: {title: Manager}}
forms:
  ticket:
    title: Ticket
    plural: Tickets
    show: "{subject}"
    fields:
      subject: {type: text, required: yes}
      address: {type: text, index: yes}
      from_day: {type: date, index: yes}
    states: {new: {title: New, start: true}, open: {title: Open}, done: {title: Done, final: true}}
    actions:
      take: {title: Take it, from: new, to: open, by: clerk, when: address = user.email and from_day <= today()}
      finish: {title: Finish it, from: open, to: done, by: manager}
    grants:
      - {who: [clerk, manager], may: [view, create, edit], where: address != "nobody"}
    lists:
      mine: {title: Mine, columns: [subject, address], where: address = user.email}
      all: {title: All, columns: [subject]}
"""
LIST = "/forms/desk/ticket?list=mine"


@pytest.fixture
def ticket(services: Services, clock: Clock, anna: Visitor) -> str:
    """A ticket that waits for Anna, on pages that everybody has looked at."""
    publish(services.store, DESK, clock())
    values = {"subject": "Broken lamp", "address": "anna@acme.example", "from_day": "2026-11-20", "_do": "save"}
    return made(anna.post("/forms/desk/ticket/new", values))


def shown(visitor: Visitor, ticket: str) -> tuple[bool, bool, bool, bool]:
    """Return whether it waits by the badge, by the inbox, in the list of one's own, and on its own page; each page is
    asked twice, so that the second comes from what is kept.
    """
    looks = []
    for _ in range(2):
        listed, record = visitor.get(LIST).text, visitor.get(f"/records/{ticket}").text
        looks.append(
            (
                "1 task waits for you" in words(listed),
                "Broken lamp" in words(visitor.get("/inbox").text),
                "Broken lamp" in words(listed),
                f"/records/{ticket}/actions/take?" in record,
            )
        )
    assert looks[0] == looks[1]
    return looks[0]


EVERYWHERE, NOWHERE = (True, True, True, True), (False, False, False, False)


def change_user(services: Services, who: str, **values: str) -> None:
    """Change a person as another process does."""
    with services.store.writing() as writing:
        found = writing.user("acme", who)
        assert found is not None
        assert writing.update_user(replace(found, **values))  # type: ignore[arg-type]


def test_a_fact_of_the_person_that_guards_and_lists_read(anna: Visitor, ticket: str, services: Services) -> None:
    assert shown(anna, ticket) == EVERYWHERE
    change_user(services, "anna", email="other@acme.example")
    assert shown(anna, ticket) == NOWHERE
    change_user(services, "anna", email="anna@acme.example")
    assert shown(anna, ticket) == EVERYWHERE


def test_roles(anna: Visitor, ticket: str, services: Services) -> None:
    assert shown(anna, ticket) == EVERYWHERE
    for roles, wanted in (({"manager"}, (False, False, True, False)), ({"clerk"}, EVERYWHERE), (set(), NOWHERE)):
        with services.store.writing() as writing:
            writing.put_member(Member(organisation="acme", workspace="sales", user="anna", roles=frozenset(roles)))
        assert shown(anna, ticket) == wanted


def test_rights_that_a_new_version_gives_and_takes(
    anna: Visitor, ticket: str, services: Services, clock: Clock
) -> None:
    assert shown(anna, ticket) == EVERYWHERE
    publish(services.store, DESK.replace("to: open, by: clerk", "to: open, by: manager"), clock(), 2)
    assert shown(anna, ticket) == (False, False, True, False)
    publish(services.store, DESK.replace('address != "nobody"', 'address = "nobody"'), clock(), 3)
    assert shown(anna, ticket) == NOWHERE
    publish(services.store, DESK, clock(), 4)
    assert shown(anna, ticket) == EVERYWHERE


def frame(visitor: Visitor) -> tuple[str, ...]:
    """Return where the side list and the menu lead, and how the form is called there; the page is asked twice."""
    _, first, second = (visitor.get("/places").text for _ in range(3))  # the first says what was done
    assert words(first) == words(second)
    wanted = ("/forms/desk/ticket", "/forms/desk/ticket/new", "/blueprints", "/security-log")
    titles = (title for title in ("Tickets", "Requests") if title in words(first))
    return *(address for address in wanted if f'href="{address}"' in first), *titles


def test_where_somebody_may_go(anna: Visitor, ticket: str, services: Services, clock: Clock) -> None:
    ticket_places, studio = ("/forms/desk/ticket", "/forms/desk/ticket/new"), ("/blueprints", "/security-log")

    def put_member(*roles: str, administers: bool = False) -> None:
        rights = {"roles": frozenset(roles), "administers": administers}
        with services.store.writing() as writing:
            writing.put_member(Member(organisation="acme", workspace="sales", user="anna", **rights))

    put_member("clerk")
    assert frame(anna) == (*ticket_places, "Tickets")
    put_member("clerk", administers=True)
    assert frame(anna) == (*ticket_places, studio[0], "Tickets")
    put_member()
    assert frame(anna) == ()
    put_member("clerk")
    publish(services.store, DESK.replace("plural: Tickets", "plural: Requests"), clock(), 2)
    assert frame(anna) == (*ticket_places, "Requests")
    publish(services.store, DESK.replace("may: [view, create, edit]", "may: [view]"), clock(), 3)
    assert frame(anna) == (ticket_places[0], "Tickets")
    with services.store.writing() as writing:
        user = writing.user("acme", "anna")
        assert user is not None
        assert writing.update_user(replace(user, is_admin=True))
    assert frame(anna) == (ticket_places[0], *studio, "Tickets")
    change_user(services, "anna", language="zh")
    assert "Blueprints" not in words(anna.get("/places").text)


def test_the_day(anna: Visitor, services: Services, clock: Clock, ticket: str) -> None:
    tomorrow = {"subject": "Broken lamp", "address": "anna@acme.example", "from_day": "2026-11-21", "_do": "save"}
    later = made(anna.post("/forms/desk/ticket/new", tomorrow))
    assert "1 task waits for you" in words(anna.get(LIST).text)
    assert f"/records/{later}/actions/take?" not in anna.get(f"/records/{later}").text
    clock.pass_by(hours=14, minutes=29, seconds=59)
    anna.sign_in("anna")
    assert "1 task waits for you" in words(anna.get(LIST).text)
    clock.pass_by(seconds=1)
    assert "2 tasks wait for you" in words(anna.get(LIST).text)
    assert f"/records/{later}/actions/take?" in anna.get(f"/records/{later}").text


def test_the_zone_of_the_organisation(anna: Visitor, ticket: str, services: Services, clock: Clock) -> None:
    clock.pass_by(hours=13)  # 22:30 in UTC, the next day in China
    anna.sign_in("anna")
    tomorrow = {"subject": "Lamp", "address": "anna@acme.example", "from_day": "2026-11-21", "_do": "save"}
    made(anna.post("/forms/desk/ticket/new", tomorrow))
    assert "1 task waits for you" in words(anna.get(LIST).text)
    with services.store.writing() as writing:
        found = writing.organisation("acme")
        assert found is not None
        writing.put_organisation(replace(found, zone="Asia/Shanghai"))
    assert "2 tasks wait for you" in words(anna.get(LIST).text)


def test_the_language(anna: Visitor, ticket: str, services: Services) -> None:
    pages = (LIST, "/inbox", f"/records/{ticket}")
    assert ['<html lang="en' in anna.get(page).text for page in pages] == [True, True, True]
    change_user(services, "anna", language="zh")
    assert ['<html lang="zh' in anna.get(page).text for page in pages] == [True, True, True]
    assert "1 task waits" not in words(anna.get(LIST).text)
    change_user(services, "anna", language="en")
    assert "1 task waits for you" in words(anna.get(LIST).text)


def test_a_title_elsewhere(anna: Visitor, mette: Visitor, customer: str, draft: str) -> None:
    # What a list shows of a link is stored with the record, and renewed when that is written.
    pages = (f"/records/{draft}", f"/records/{customer}", "/forms/shop/customer")
    for page in pages:
        assert "Acme Ltd" in words(anna.get(page).text)
    assert 'value="Acme Ltd"' in anna.get(f"/records/{draft}/edit").text
    assert mette.post(f"/records/{customer}/edit", edited(mette, customer, name="Bolts Inc")).status_code == 303
    for page in pages:
        assert "Bolts Inc" in words(anna.get(page).text), page
    assert 'value="Bolts Inc"' in anna.get(f"/records/{draft}/edit").text


def test_what_another_process_does(
    anna: Visitor, ticket: str, services: Services, settings: Settings, clock: Clock
) -> None:
    assert shown(anna, ticket) == EVERYWHERE
    elsewhere = Visitor(make_app(settings, services_over(settings, services.store, clock)).test_client())
    elsewhere.sign_in("anna")
    sent = edited(elsewhere, ticket, address="wu@acme.example")
    assert elsewhere.post(f"/records/{ticket}/edit", sent).status_code == 303
    assert shown(anna, ticket) == NOWHERE


FORM = "/forms/desk/ticket/new"


def test_the_titles_and_rules_of_a_form_that_a_new_version_changes(
    anna: Visitor, ticket: str, services: Services, clock: Clock
) -> None:
    def looks() -> list[tuple[bool, bool, str]]:
        pages = [anna.get(address).text for _ in range(2) for address in (FORM, f"/records/{ticket}/edit")]
        return [
            ("Topic" in page, 'aria-required="true"' in page, "tickets" if "Tickets</a>" in page else "notes")
            for page in pages
        ]

    assert looks() == [(False, True, "tickets")] * 4
    changed = DESK.replace("subject: {type: text, required: yes}", "subject: {title: Topic, type: text}")
    publish(services.store, changed.replace("plural: Tickets", "plural: Notes"), clock(), 2)
    # The record stays with its version's process.
    assert looks() == [(True, False, "notes"), (True, True, "notes")] * 2


def test_the_language_and_look_of_the_person(anna: Visitor, ticket: str, services: Services) -> None:
    def looks() -> set[tuple[bool, bool, bool]]:
        pages = [anna.get(FORM).text for _ in range(2)]
        return {("optional" in words(page), "Settings" in words(page), 'value="light"' in page) for page in pages}

    assert looks() == {(True, True, False)}
    change_user(services, "anna", language="zh", theme="dark")
    assert looks() == {(False, False, True)}
    change_user(services, "anna", language="en", theme="light")
    assert looks() == {(True, True, False)}


def test_the_side_list_of_somebody_whose_roles_change(anna: Visitor, ticket: str, services: Services) -> None:
    seen = []
    for roles in ({"clerk"}, set(), {"clerk"}):
        with services.store.writing() as writing:
            writing.put_member(Member(organisation="acme", workspace="sales", user="anna", roles=frozenset(roles)))
        seen += ["Tickets</a>" in anna.get("/settings").text for _ in range(2)]
    assert seen == [True, True, False, False, True, True]


HOSTILE = """<b>"Lamp"</b> & 'so' {{ 1 }} \ue0000;"""


def rows_anew(macro: Any, layout: object, columns: Sequence[Sequence[str]]) -> Markup:
    """Return each row of a table as its macro draws it from the texts, or the markup, of its cells."""
    cells = [[*map(Markup, column)] if isinstance(column, DrawnColumn) else column for column in columns]
    return Markup("").join(macro(layout, row) for row in zip(*cells, strict=True))


def drawn_macros(app: Flask) -> set[str]:
    """Return the names of the macros of which an application keeps something, but those kept at their places."""
    part: Any = app.jinja_env.globals["kept_part"]
    kept = part.__self__
    return {key[0] for drawings in (kept._parts, kept._controls, kept._rows) for key in drawings.made}


def note_places(app: Flask) -> set[str]:
    """Return a set in which the names of the macros appear of which an application keeps something at its place."""
    each: Any = app.jinja_env.globals["kept_each"]
    names: set[str] = set()

    def noted(macro: Any, values: Sequence[Any]) -> Markup:
        drawn: Markup = each(macro, values)
        names.update(key[0] for value in values for key in value.of.drawings)
        return drawn

    app.jinja_env.globals.update(kept_each=noted)
    return names


def test_pages_from_what_is_kept_are_those_drawn_anew(
    anna: Visitor, customer: str, draft: str, ticket: str, settings: Settings, services: Services, app: Flask
) -> None:
    again, anew = make_app(settings, services), KeptMarkup(is_open=False)
    again.jinja_env.globals.update(
        kept_part=anew.part, kept_each=anew.each, kept_control=anew.control, kept_rows=rows_anew
    )
    at_places = note_places(app)
    values = {"subject": HOSTILE, "address": HOSTILE, "_do": "save"}
    hostile = made(anna.post("/forms/desk/ticket/new", values))
    anna.post(f"/records/{hostile}/comments", {"comment": HOSTILE})
    anna.post(f"/records/{hostile}/edit", edited(anna, hostile, subject=f"{HOSTILE} again"))
    anna.post(f"/records/{ticket}/actions/take", {"_revision": "1"})
    records = (draft, customer, ticket, hostile)
    pages = ["/inbox", LIST, FORM, *(f"/records/{id}{rest}" for id in records for rest in ("", "/edit"))]
    pages += ["/forms/desk/ticket?list=all", "/forms/shop/order", "/forms/shop/customer"]
    for language in ("en", "zh"):
        change_user(services, "anna", language=language)
        other = Visitor(again.test_client())
        other.sign_in("anna")
        for page in pages:
            first, second, third = (without_chance(each.get(page).text) for each in (anna, anna, other))
            assert second == third, page
            assert first == third, page
    assert kept_macros() - drawn_macros(app) - at_places == set()


def without_chance(page: str) -> str:
    """Return a page without what is another text each time, and without what is said once."""
    page = re.sub(r'(csrf_token" value=|"X-CSRFToken": |name="_intent" value=)"[^"]*"', r'\1""', page)
    page = re.sub(r"lines\.\+[0-9A-Z]{16}", "lines.+NEW", page)
    return re.sub(r'<div class="b-note is-good" role="status">.*?</div></div>', "", page, flags=re.DOTALL)


def test_what_a_record_says_of_others_and_of_time(
    anna: Visitor, mette: Visitor, draft: str, services: Services, clock: Clock
) -> None:
    address = f"/records/{draft}"
    assert "Anna Lindqvist created it 09:30" in words(anna.get(address).text)
    change_user(services, "anna", name="Anna Berg")
    assert "AB Anna Berg created it 09:30" in words(anna.get(address).text)
    answer = mette.post(f"{address}/comments", {"comment": "Call them"})
    assert answer.status_code == 303, words(answer.text)
    assert "Mette Holm commented 09:30 Call them AB Anna Berg created it 09:30" in words(anna.get(address).text)
    clock.pass_by(days=1)
    anna.sign_in("anna")
    assert "Anna Berg created it Fri 09:30" in words(anna.get(address).text)
    change_user(services, "anna", zone="Asia/Shanghai")
    assert "Anna Berg created it Fri 17:30" in words(anna.get(address).text)


def test_titles_of_states_and_actions_that_a_new_version_changes(
    anna: Visitor, ticket: str, services: Services, clock: Clock
) -> None:
    assert ["Take it…" in words(anna.get(f"/records/{ticket}").text) for _ in range(2)] == [False, False]
    before = words(anna.get(f"/records/{ticket}").text)
    assert ("Take it" in before, "Grab it" in before, "Fresh" in before) == (True, False, False)
    changed = DESK.replace("title: Take it", "title: Grab it").replace("title: New,", "title: Fresh,")
    publish(services.store, changed, clock(), 2)
    after = words(anna.get(f"/records/{ticket}").text)
    assert ("Take it" in after, "Grab it" in after, "Fresh" in after) == (False, True, True)


def test_what_may_be_read_of_a_record(anna: Visitor, ticket: str, services: Services, clock: Clock) -> None:
    address, roles = f"/records/{ticket}", frozenset({"clerk"})
    with services.store.writing() as writing:
        writing.put_member(Member(organisation="acme", workspace="sales", user="anna", roles=roles))

    def said() -> tuple[bool, bool, bool]:
        first, second = (words(anna.get(address).text) for _ in range(2))
        assert first == second
        return "Address anna@acme.example" in first, "Address" in first, "Where to anna@acme.example" in first

    anna.get(address)  # it says what was done
    assert said() == (True, True, False)
    private = DESK.replace("address: {type: text, index: yes}", "address: {type: text, index: yes, private: [manager]}")
    publish(services.store, private.replace(" when: address = user.email and", " when:"), clock(), 2)
    assert said() == (False, False, False)
    titled = DESK.replace("address: {type: text, index: yes}", "address: {type: text, index: yes, title: Where to}")
    publish(services.store, titled, clock(), 3)
    assert said() == (False, False, True)


@pytest.mark.parametrize("page", ["/records/{}", "/records/{}/edit", "/inbox", "/forms/shop/order"])
def test_a_page_leaves_next_to_nothing_to_the_collector(anna: Visitor, draft: str, page: str) -> None:
    left = []
    for _ in range(4):
        gc.collect()
        gc.disable()
        try:
            assert anna.get(page.format(draft)).status_code == 200
            left.append(gc.collect())
        finally:
            gc.enable()
    # Circles of Flask's own: a request and its environment, what finds its route, the client of tests.
    assert min(left) < 40
