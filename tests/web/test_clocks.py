"""Clocks on pages: the record's own, the list that sorts by them, the inbox with the working time that is left."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.engine.records.test_clocks import DESK

from blankett.engine.store import Member
from blankett.engine.verify import verify
from blankett.web.services import Services

from .conftest import ORGANISATION, ROOM, Clock, Visitor, publish
from .pages import form_pairs, words

NEW = "/forms/desk/ticket/new"


@pytest.fixture
def desk(services: Services, anna: Visitor) -> Visitor:
    """Somebody who answers tickets, at the desk."""
    text = DESK.replace(
        "    grants:\n",
        "    lists:\n      all: {columns: [urgent, response, resolution], sort: [response]}\n    grants:\n",
    )
    publish(services.store, text, services.clock())
    with services.store.writing() as writing:
        blueprint = services.engine.catalog.view(writing, ORGANISATION, services.clock()).blueprint("desk", 1)
        writing.give_calendars(ORGANISATION, blueprint.calendars.values(), "en")
        writing.put_member(Member(organisation=ORGANISATION, workspace=ROOM, user="anna", roles=frozenset({"agent"})))
    return anna


def reported(visitor: Visitor) -> str:
    """Make a ticket, report it, and return its address."""
    pairs = [pair for pair in form_pairs(visitor.get(NEW).text) if pair[0] != "_do"]
    address = str(visitor.post(NEW, [*pairs, ("_do", "save")]).headers["Location"])
    act(visitor, address, "report")
    return address


def act(visitor: Visitor, address: str, action: str) -> None:
    """Take an action of a record."""
    page = f"{address}/actions/{action}"
    answer = visitor.post(page, form_pairs(visitor.get(page).text, page))
    assert answer.status_code == 303, words(answer.text)


def shown(visitor: Visitor, address: str) -> str:
    """Return the words of a page."""
    return " ".join(words(visitor.get(address).text).replace("\xa0", " ").split())


def test_a_clock_is_on_the_page_in_the_list_and_in_the_inbox(
    desk: Visitor, clock: Clock, services: Services, signed_in: Callable[[str], Visitor]
) -> None:
    assert "Response" not in shown(desk, NEW)  # nobody types it
    first = reported(desk)  # on Friday at 10:30 in Copenhagen
    assert "Response 23 Nov 2026 11:30 · 8 h of working time left" in shown(desk, first)
    assert "Resolution 27 Nov 2026 09:30 · 38 h of working time left" in shown(desk, first)
    clock.pass_by(hours=2)
    second = reported(desk)
    assert "23 Nov 11:30 6 h of working time left" in shown(desk, "/inbox")

    # The list sorts by when they are due; one that stands still is due at no time.
    listed = shown(desk, "/forms/desk/ticket?sort=response")
    assert listed.index("11:30") < listed.index("13:30")
    act(desk, first, "ask")
    clock.pass_by(days=3)
    desk = signed_in("anna")
    assert "Response paused · 6 h of working time left" in shown(desk, first)
    assert "11:30 27" not in shown(desk, "/forms/desk/ticket?sort=response")
    act(desk, first, "back")
    assert "24 Nov 2026 09:30 · 6 h of working time left" in shown(desk, first)

    # Late, and then answered.
    clock.pass_by(days=2)
    desk = signed_in("anna")
    assert "14 h late" in shown(desk, "/inbox")
    act(desk, second, "solve")
    assert "Response too late" in shown(desk, second)
    assert verify(services.store) == []
