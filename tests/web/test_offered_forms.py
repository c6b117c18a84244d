"""What the side list offers: the forms one may use, and no others."""

from __future__ import annotations

from collections.abc import Callable

from blankett.engine.store import Member
from blankett.web.services import Services

from .conftest import ORGANISATION, ROOM, Clock, Visitor, publish
from .pages import words

OFFERED = """
blueprint: rooms
language: 1
title: Rooms
roles: {clerk: {}}
forms:
  handed:
    title: Handed over
    fields: {t: {type: text}}
    grants: [{who: clerk, may: create}, {who: [owner, assignee], may: view}]
  named:
    title: Named in it
    fields: {t: {type: text}, u: {type: user}}
    grants: [{who: clerk, may: create}, {who: = u, may: view}]
  open: {title: Open to all, fields: {t: {type: text}}, grants: [{who: everyone, may: all}]}
"""


def test_somebody_without_a_role_is_offered_what_everyone_may_use(
    services: Services, clock: Clock, signed_in: Callable[[str], Visitor]
) -> None:
    publish(services.store, OFFERED, clock())
    with services.store.writing() as writing:
        writing.put_member(Member(organisation=ORGANISATION, workspace=ROOM, user="olga", roles=frozenset()))
        writing.put_member(Member(organisation=ORGANISATION, workspace=ROOM, user="anna", roles=frozenset({"clerk"})))
    seen = {who: words(signed_in(who).get("/inbox").text) for who in ("olga", "anna")}
    titles = ("Handed over", "Named in it", "Open to all", "Orders")
    assert [title for title in titles if title in seen["olga"]] == ["Open to all"]
    assert [title for title in titles if title in seen["anna"]] == list(titles)


def test_a_form_without_sections_has_no_empty_bar(
    services: Services, clock: Clock, signed_in: Callable[[str], Visitor]
) -> None:
    publish(services.store, OFFERED, clock())
    page = signed_in("anna").get("/forms/rooms/open/new").text
    assert "<header></header>" not in page
    assert '<h2 id="s-details-title"></h2>' not in page
    assert 'aria-label="New open to all"' in page
