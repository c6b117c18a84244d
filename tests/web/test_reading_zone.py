"""Somebody without a time zone of their own reads and types every moment in the organisation's, wherever it stands.

The workspace has another zone, which is that of formulas, and the server's clock a third.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from blankett.engine.store import Member
from blankett.web.services import Services

from .conftest import ORGANISATION, ROOM, Clock, Visitor, publish
from .pages import form_pairs, with_values
from .test_entry import made
from .test_records import act

DESK = """
blueprint: desk
language: 1
title: Desk
roles: {clerk: {title: Clerk}}
messages: {taken: "Due {due_at}"}
forms:
  ticket:
    title: Ticket
    plural: Tickets
    show: "{subject}"
    fields:
      subject: {type: text, required: yes}
      due_at: {type: datetime, index: yes}
    states: {new: {title: New, start: true}, open: {title: Open}, done: {title: Done, final: true}}
    actions:
      take: {title: Take it, from: new, to: open, by: clerk, effects: [{notify: {role: clerk, send: taken}}]}
      finish: {title: Finish it, from: open, to: done, by: clerk, when: due_at < now()}
    rules: {late: {at: save, when: due_at > now(), then: [{warn: "Due {due_at}"}]}}
    grants: [{who: clerk, may: all}]
    lists: {all: {title: All, columns: [subject, due_at]}}
"""
#: In the organisation's zone: the moment that was typed, and the one at which everything is done.
DUE, DONE = "14:00", "18:30"
#: What it was before, which the history tells.
BEFORE = "13:00"
#: Page → what of the clock stands there.
PAGES = {
    "/forms/desk/ticket": {DUE},
    "/records/{ticket}": {BEFORE, DUE, DONE},
    "/records/{ticket}/edit": {DUE},
    "/records/{ticket}/what-if": {DUE},
    "/records/{ticket}/actions/finish/why": {DUE, DONE},
    "/records/{ticket}/events/2/why": {DUE, DONE},
    "/records/{ticket}/as?person=wu": {DUE, DONE},
    "/inbox?view=notices": {DUE, DONE},
    "/blueprints/desk/versions": {DONE},
    "/blueprints/desk/versions/1": {DONE},
}


@pytest.fixture
def tokyo(services: Services, clock: Clock) -> None:
    """An organisation in Tokyo, whose workspace is in New York."""
    with services.store.writing() as writing:
        found = writing.organisation(ORGANISATION)
        assert found is not None
        writing.put_organisation(replace(found, zone="Asia/Tokyo"))
        (room,) = writing.workspaces(ORGANISATION)
        writing.put_workspace(replace(room, zone="America/New_York"))
        for user in ("anna", "admin"):
            writing.put_member(
                Member(
                    organisation=ORGANISATION, workspace=ROOM, user=user, roles=frozenset({"clerk"}), administers=True
                )
            )
    publish(services.store, DESK, clock())


def clocks(page: str) -> set[str]:
    """Return the times of day on a page, also those that a tooltip says."""
    said = re.sub(r'datetime="[^"]*"', "", page)
    return set(re.findall(r"(?<![\d:T-])[0-2]\d:[0-5]\d(?![\d:])", said))


@pytest.fixture
def ticket(tokyo: None, anna: Visitor) -> str:
    """The id of a ticket that is due at 14:00 in Tokyo and was taken once."""
    new = "/forms/desk/ticket/new"
    typed = with_values(form_pairs(anna.get(new).text), subject="Lamp", due_at="21/11/2026 13:00")
    made_at = made(anna.post(new, [*typed, ("_do", "save")]))
    edit = f"/records/{made_at}/edit"
    anna.post(edit, [*with_values(form_pairs(anna.get(edit).text), due_at="21/11/2026 14:00"), ("_do", "save")])
    assert act(anna, made_at, "take") == 303
    return made_at


def test_every_page_has_the_organisations_zone(ticket: str, anna: Visitor, signed_in: Callable[[str], Visitor]) -> None:
    found = {}
    for address in PAGES:
        visitor = signed_in("wu") if "notices" in address else anna  # whoever does something is not told of it
        answer = visitor.get(address.format(ticket=ticket))
        assert answer.status_code == 200, address
        found[address] = clocks(answer.text)
    assert found == PAGES
    assert DONE in clocks(signed_in("admin").get("/security-log").text)  # where other clocks have written too


def test_a_record_that_is_gone_was_so_in_the_organisations_zone(tokyo: None, anna: Visitor) -> None:
    new = "/forms/desk/ticket/new"
    lamp = made(anna.post(new, [*with_values(form_pairs(anna.get(new).text), subject="Lamp"), ("_do", "save")]))
    address = f"/records/{lamp}/discard"
    assert anna.post(address, form_pairs(anna.get(address + "?seen=1").text, address)).status_code == 303
    gone = anna.get(f"/records/{lamp}")
    assert (gone.status_code, clocks(gone.text)) == (410, {DONE})
