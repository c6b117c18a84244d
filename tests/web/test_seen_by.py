"""A record through somebody else's eyes: what they see, why the rest is not there, and nothing for who may not ask."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from blankett.engine.store import Member
from blankett.web.services import Services

from .conftest import ORGANISATION, ROOM, Visitor
from .pages import words
from .test_entry import NEW, customer, made, order

__all__ = ["customer"]


@pytest.fixture
def sent(anna: Visitor, customer: str) -> str:
    """The id of an order in review."""
    return made(anna.post(NEW, order(anna, do="action.submit")))


@pytest.fixture
def chief(services: Services, signed_in: Callable[[str], Visitor]) -> Visitor:
    """A manager who administers the workspace."""
    with services.store.writing() as writing:
        writing.put_member(
            Member(
                organisation=ORGANISATION, workspace=ROOM, user="mette", roles=frozenset({"manager"}), administers=True
            )
        )
    return signed_in("mette")


def test_an_administrator_sees_what_somebody_else_sees(chief: Visitor, sent: str) -> None:
    page = chief.get(f"/records/{sent}/as?person=anna")
    assert page.status_code == 200
    text = words(page.text)
    assert "This is how Anna Lindqvist sees this record." in text
    assert "Roles here: Clerk" in text
    assert "shown: Customer" in text
    assert "not shown: Cost Private, or worked out from what is: only for Manager." in text
    assert "not shown: Reason Hidden by its own condition." in text
    assert "“Urgent” is no and must be yes." in text
    assert "Approve shown, but off Only for: Manager." in text
    assert "Cancel can be taken now" in text
    assert "Finish not here in this state Can be taken from: Approved." in text


def test_the_page_names_the_record_and_leads_back_to_it(chief: Visitor, sent: str) -> None:
    page = chief.get(f"/records/{sent}/as").text
    head = page[page.index('<div class="b-head">') : page.index("</h1>")]
    assert re.findall(r'href="([^"]+)"', head) == ["/forms/shop/order", f"/records/{sent}"]
    assert words(head).endswith("As somebody else sees it · SO-2026-0001 Acme Ltd")


def test_who_may_not_open_the_record_is_told_its_form_only(signed_in: Callable[[str], Visitor], sent: str) -> None:
    page = signed_in("admin").get(f"/records/{sent}/as").text
    head = page[page.index('<div class="b-head">') : page.index("</h1>")]
    assert f'href="/records/{sent}"' not in head
    assert words(head) == "Order As somebody else sees it · Order"


def test_nothing_can_be_posted_there(chief: Visitor, sent: str) -> None:
    address = f"/records/{sent}/as?person=anna"
    page = chief.get(address).text
    main = page[page.index("<main") : page.index("</main>")]
    assert re.findall(r'method="post"', main) == []
    assert chief.post(address).status_code == 405


def test_a_person_without_roles_sees_nothing_and_it_is_said_why(chief: Visitor, sent: str, services: Services) -> None:
    with services.store.writing() as writing:
        writing.put_member(Member(organisation=ORGANISATION, workspace=ROOM, user="olga", roles=frozenset()))
    text = words(chief.get(f"/records/{sent}/as?person=olga").text)
    assert "Olga Strand does not see this record at all." in text
    assert "is for Clerk." in text


def test_who_administers_everything_sees_no_value_they_may_not_read(
    signed_in: Callable[[str], Visitor], sent: str
) -> None:
    page = signed_in("admin").get(f"/records/{sent}/as?person=mette")
    assert page.status_code == 200
    text = words(page.text)
    assert "shown: Customer a value you may not read yourself" in text
    assert "Acme Ltd" not in page.text
    assert "SO-" not in page.text
    assert "2.50" not in page.text


@pytest.mark.parametrize("who", ["anna", "olga", "wu"])
def test_nobody_else_may_ask(signed_in: Callable[[str], Visitor], sent: str, who: str) -> None:
    visitor = signed_in(who)
    assert visitor.get(f"/records/{sent}/as").status_code == 403
    assert visitor.get(f"/records/{sent}/as?person=mette").status_code == 403


def test_who_administers_another_workspace_may_not_ask(
    services: Services, signed_in: Callable[[str], Visitor], sent: str
) -> None:
    from blankett.engine.store import Workspace

    with services.store.writing() as writing:
        writing.put_workspace(Workspace(organisation=ORGANISATION, id="other", title="Other"))
        writing.put_member(
            Member(organisation=ORGANISATION, workspace="other", user="anna", roles=frozenset(), administers=True)
        )
    assert signed_in("anna").get(f"/records/{sent}/as?person=mette").status_code == 404


@pytest.mark.parametrize("person", ["nobody", "olga", "x" * 500, "%00"])
def test_who_is_not_of_the_workspace_cannot_be_asked_for(chief: Visitor, sent: str, person: str) -> None:
    assert chief.get(f"/records/{sent}/as?person={person}").status_code == 404


def test_the_record_offers_it_to_administrators_only(chief: Visitor, anna: Visitor, sent: str) -> None:
    link = f'href="/records/{sent}/as"'
    assert link in chief.get(f"/records/{sent}").text
    assert link not in anna.get(f"/records/{sent}").text


def test_a_record_that_is_not_there_is_not_found(chief: Visitor) -> None:
    assert chief.get("/records/none/as").status_code == 404
    assert chief.get(f"/records/{'x' * 300}/as").status_code == 404
