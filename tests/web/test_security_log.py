"""The security log: sign-ins, failures counted by account and minute, changed rights; sealed with the chain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from flask import Flask

from blankett.engine.store import Member, Rate
from blankett.engine.verify import verify
from blankett.web.account.failed_sign_ins import note_failures
from blankett.web.services import Services
from blankett.work.chores import Chores

from .conftest import Clock, Visitor
from .pages import words


def test_sign_ins_and_rights_are_told_with_who_and_when(
    app: Flask, signed_in: Callable[[str], Visitor], services: Services, clock: Clock
) -> None:
    stranger = Visitor(app.test_client())
    for _ in range(3):
        stranger.sign_in("anna", "guess")
    clock.pass_by(minutes=2)
    note_failures(app)
    admin = signed_in("admin")
    admin.post("/workspaces/sales/members", {"name": "Nils Holm", "email": "nils@acme.example", "administers": "yes"})
    page = words(admin.get("/security-log").text)
    assert "The machine itself failed to sign in anna@acme.example times: 3; network: 127.0.0.0/24" in page
    assert "Ada Min signed in Ada Min" in page
    assert "Ada Min rights given or changed Sales" in page
    assert "administers: yes" in page
    assert "address: nils@acme.example" in page


def test_it_is_for_administrators(anna: Visitor) -> None:
    assert anna.get("/security-log").status_code == 403


def test_older_acts_are_a_page_away(signed_in: Callable[[str], Visitor], services: Services) -> None:
    admin = signed_in("admin")
    with services.store.writing() as writing:
        for number in range(120):
            roles = frozenset({f"role{number}"})
            writing.put_member(Member(organisation="acme", workspace="sales", user="wu", roles=roles))
    first = admin.get("/security-log").text
    assert ("roles: role119" in first, "roles: role1<" in first) == (True, False)
    address = first.partition('href="?before=')[2].partition('"')[0]
    assert "roles: role1<" in admin.get(f"/security-log?before={address}").text


def test_what_is_written_is_sealed_and_holds(anna: Visitor, services: Services) -> None:
    Chores(services.store, services.clock).do()
    with services.store.reading() as reading:
        first, unsealed = reading.head("acme"), reading.unsealed_count("acme")
    assert first is not None
    assert unsealed == 0
    Chores(services.store, services.clock).do()  # nothing new: no seal of nothing
    with services.store.reading() as reading:
        assert reading.head("acme") == first
    assert [found for found in verify(services.store) if found.promise in ("seal", "act")] == []


def test_a_rate_is_named_by_its_day(signed_in: Callable[[str], Visitor], services: Services) -> None:
    with services.store.writing() as writing:
        writing.put_rate("acme", Rate("EUR", "DKK", date(2025, 3, 1), Decimal("7.46")))
    admin = signed_in("admin")
    assert "EUR · DKK · 1 Mar 2025 rate: 7.46" in words(admin.get("/security-log?view=rates").text)
    # Rates come by the hundred: what else happened is not to be looked for among them.
    assert "7.46" not in words(admin.get("/security-log").text)


def test_a_view_of_the_log_goes_on_in_its_own(signed_in: Callable[[str], Visitor], services: Services) -> None:
    admin = signed_in("admin")
    with services.store.writing() as writing:
        for number in range(101):
            writing.put_rate("acme", Rate("EUR", "DKK", date(2025, 3, 1) + timedelta(number), Decimal(number + 1)))
    page = admin.get("/security-log?view=rates").text
    older = page.partition("view=rates&amp;before=")[2].partition('"')[0]
    assert "1 Mar 2025 rate: 1 " in words(admin.get(f"/security-log?view=rates&before={older}").text) + " "
    assert "signed in" in words(admin.get("/security-log?view=sign_ins").text)
    assert "signed in" not in words(admin.get("/security-log?view=rights").text)


def test_workspaces_and_roles_are_told_by_name(signed_in: Callable[[str], Visitor], services: Services) -> None:
    admin = signed_in("admin")
    admin.post("/workspaces", {"title": "Returns", "parent": "sales", "zone": ""})
    with services.store.writing() as writing:
        roles = frozenset({"clerk", "manager"})
        writing.put_member(Member(organisation="acme", workspace="sales", user="wu", roles=roles))
    page = words(admin.get("/security-log").text)
    assert ("roles: Clerk, Manager" in page, "inside: Sales" in page, "None" in page) == (True, True, False)
