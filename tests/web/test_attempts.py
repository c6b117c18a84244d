"""Guessing passwords is slowed down where it comes from, and never shuts out the person it aims at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from blankett.web.account.passwords import fault_of
from blankett.web.account.sign_in_limits import COOKIE, Attempts, Limit, network_of
from blankett.web.services import Services

from .conftest import PASSWORD, Clock, Visitor
from .pages import words

HERE, ELSEWHERE = "203.0.113.9", "198.51.100.7"


@pytest.fixture
def passing(app: Flask) -> list[float]:
    """Seconds that have passed, for counting attempts."""
    seconds = [1000.0]
    app.extensions["attempts"] = Attempts(lambda: seconds[0])
    return seconds


def attempt(visitor: Visitor, address: str, password: str = "guess", who: str = "anna") -> TestResponse:
    """Try to sign in from a network address."""
    values = {"email": f"{who}@acme.example", "password": password, "csrf_token": visitor.token()}
    return visitor.client.post("/sign-in", data=values, environ_overrides={"REMOTE_ADDR": address})


def test_the_wait_grows_and_is_told(app: Flask, passing: list[float]) -> None:
    guesser, waits = Visitor(app.test_client()), []
    assert [attempt(guesser, HERE).status_code for _ in range(8)] == [422] * 8
    for _ in range(9):
        refused = attempt(guesser, HERE)
        assert refused.status_code == 429
        waits.append(int(refused.headers["Retry-After"]))
        passing[0] += waits[-1]
        assert attempt(guesser, HERE).status_code == 422
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    refused = attempt(guesser, HERE, PASSWORD)
    assert "Too many wrong attempts from here. Try again in 60 min." in words(refused.text)
    assert 'value="anna@acme.example"' in refused.text


def test_guessing_from_elsewhere_never_shuts_out_the_owner(app: Flask, passing: list[float]) -> None:
    for number in range(40):
        attempt(Visitor(app.test_client()), f"198.51.{number}.7")
        attempt(Visitor(app.test_client()), ELSEWHERE)
    assert attempt(Visitor(app.test_client()), ELSEWHERE, PASSWORD).status_code == 429
    assert attempt(Visitor(app.test_client()), HERE, PASSWORD).status_code == 303


def test_a_known_device_gets_in_from_the_guesser_s_own_network(app: Flask, passing: list[float]) -> None:
    owner = Visitor(app.test_client())
    assert attempt(owner, HERE, PASSWORD).status_code == 303
    owner.post("/sign-out")
    for _ in range(12):
        attempt(Visitor(app.test_client()), HERE)
    assert attempt(Visitor(app.test_client()), HERE, PASSWORD).status_code == 429
    assert attempt(owner, HERE, PASSWORD).status_code == 303


def test_guessing_with_a_stolen_cookie_never_shuts_out_the_owner(app: Flask, passing: list[float]) -> None:
    owner, thief = Visitor(app.test_client()), Visitor(app.test_client())
    for visitor in (owner, thief):  # both browsers send the cookie that came with the password
        assert attempt(visitor, HERE, PASSWORD).status_code == 303
        visitor.post("/sign-out")
    stolen = owner.client.get_cookie(COOKIE)
    assert stolen is not None
    thief.client.set_cookie(COOKIE, stolen.value)
    assert [attempt(thief, ELSEWHERE).status_code for _ in range(18)] == [422] * 16 + [429, 429]
    assert attempt(owner, HERE, PASSWORD).status_code == 303


def test_a_device_is_known_for_those_who_signed_in_there_only(app: Flask, passing: list[float]) -> None:
    shared = Visitor(app.test_client())
    attempt(shared, HERE, PASSWORD, "mette")
    shared.post("/sign-out")
    statuses = [attempt(shared, HERE).status_code for _ in range(9)]
    assert statuses == [422] * 8 + [429]


def test_a_new_password_makes_devices_unknown(app: Flask, passing: list[float], services: Services) -> None:
    owner = Visitor(app.test_client())
    attempt(owner, HERE, PASSWORD)
    user = services.accounts.user_called("acme", "anna@acme.example")
    assert user is not None
    services.accounts.change_password(user, "another long password")
    assert [attempt(owner, HERE).status_code for _ in range(9)] == [422] * 8 + [429]


def test_many_accounts_from_one_network_are_slowed_down_too(app: Flask, passing: list[float]) -> None:
    guesser = Visitor(app.test_client())
    statuses = [attempt(guesser, HERE, who=f"person{number}").status_code for number in range(62)]
    assert statuses[:60] == [422] * 60
    assert 429 in statuses[60:]


def test_who_remembers_in_time_begins_anew(app: Flask, passing: list[float]) -> None:
    owner = Visitor(app.test_client())
    for _ in range(7):
        attempt(owner, HERE)
    assert attempt(owner, HERE, PASSWORD).status_code == 303
    other = Visitor(app.test_client())
    assert [attempt(other, HERE).status_code for _ in range(8)] == [422] * 8


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blankett.web.account.sign_in_limits.MOST_KEYS", 10)
    attempts = Attempts(lambda: 0.0)
    for number in range(100):
        attempts.take([("account", str(number), "net")])
    assert len(attempts._known) == 10


def test_waits_have_an_end() -> None:
    limit = Limit(free=2, first=10, longest=45)
    assert [limit.wait_after(failures) for failures in (1, 2, 3, 4, 500)] == [0, 10, 20, 40, 45]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("unix", "unix"),
    ],
)
def test_a_network_is_what_one_subscriber_chooses_from(address: str, network: str) -> None:
    assert network_of(address) == network


# Passwords ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("1234567890", "account.password_common"),
        ("password123", "account.password_common"),
        ("Password123!", "account.password_common"),
        ("qwertyuiop", "account.password_common"),
        ("aaaaaaaaaaaa", "account.password_common"),
        ("Lindqvist1", "account.password_common"),
        ("nordlys2026", "account.password_common"),
        ("annalindqvist26", "account.password_common"),
        ("Nordlys-Anna!2026", "account.password_common"),
        ("4nn4l1ndqv1st", "account.password_common"),
        ("tsivqdnil1234", "account.password_common"),
        ("Blankett2026", "account.password_common"),
        ("Summer2026!", "account.password_common"),
        ("p a s s w o r d", "account.password_common"),
        ("Anna keeps nine bees", None),
        ("short", "account.password_short"),
        ("x" * 201, "account.password_long"),
        ("a long enough password", None),
        ("雨天出门记得带上一把旧伞", None),
        ("7kqm-x2ch-vvfe-pw8t", None),
    ],
)
def test_a_new_password_is_long_enough_and_no_common_one(password: str, fault: str | None) -> None:
    assert fault_of(password, "Anna Lindqvist", "anna@nordlys.example", "Nordlys") == fault


def test_a_first_password_is_changed_before_anything_else(app: Flask, services: Services, clock: Clock) -> None:
    user = services.accounts.user_called("acme", "anna@acme.example")
    assert user is not None
    services.accounts.change_password(user, "handed over in person", is_first=True)
    anna = Visitor(app.test_client())
    assert anna.sign_in("anna", "handed over in person").status_code == 303
    for page in ("/inbox", "/forms/shop/order", "/settings"):
        assert anna.get(page).headers["Location"] == "/first-password"

    def send(address: str, **values: str) -> TestResponse:
        token = anna.get("/first-password").text.partition('name="csrf_token" value="')[2].partition('"')[0]
        return anna.post(address, {**values, "csrf_token": token}, csrf=False)

    kept = send("/settings/theme", theme="dark")
    assert (kept.status_code, 'action="/first-password"' in kept.text) == (401, True)
    own = {"old": "handed over in person", "new": "only anna knows this one"}
    assert send("/first-password", **{**own, "new": own["old"]}).status_code == 422
    assert send("/first-password", **{**own, "old": "wrong"}).status_code == 422
    assert send("/first-password", **own).headers["Location"] == "/inbox"
    assert anna.get("/inbox").status_code == 200
    assert anna.get("/first-password").headers["Location"] == "/inbox"


# Sessions -------------------------------------------------------------------------------------------------------------


def test_one_sees_where_one_is_signed_in_and_ends_it(signed_in: Callable[[str], Visitor]) -> None:
    here, there, third = signed_in("anna"), signed_in("anna"), signed_in("anna")
    page = here.get("/settings").text
    assert words(page).count("Last seen just now") == 2
    assert words(page).count("This browser") == 1
    one = page.partition('name="session" value="')[2].partition('"')[0]
    assert here.post("/settings/sessions", {"session": one}).status_code == 303
    assert sorted(visitor.get("/inbox").status_code for visitor in (here, there, third)) == [200, 200, 303]
    assert here.post("/settings/sessions", {"session": ""}).status_code == 303
    assert sorted(visitor.get("/inbox").status_code for visitor in (here, there, third)) == [200, 303, 303]


def test_nobody_ends_sessions_of_others(signed_in: Callable[[str], Visitor], services: Services) -> None:
    anna, mette = signed_in("anna"), signed_in("mette")
    user = services.accounts.user_called("acme", "mette@acme.example")
    assert user is not None
    with services.store.reading() as reading:
        (session,) = services.accounts.sessions_of(reading, user)
    anna.post("/settings/sessions", {"session": session.id})
    assert mette.get("/inbox").status_code == 200


# What browsers keep ---------------------------------------------------------------------------------------------------


def test_only_files_with_their_version_are_kept(anna: Visitor) -> None:
    kept = {}
    for address in ("/static/blankett.css?v=1", "/static/blankett.css", "/health", "/inbox"):
        with anna.get(address) as answer:
            kept[address] = answer.headers["Cache-Control"]
    assert kept == {
        "/static/blankett.css?v=1": "public, max-age=31536000",
        "/static/blankett.css": "no-cache",
        "/health": "no-store",
        "/inbox": "private, no-cache",
    }


# Rights that were taken away ------------------------------------------------------------------------------------------


def test_notices_follow_rights(anna: Visitor, mette: Visitor, services: Services, clock: Clock) -> None:
    from blankett.engine.store import Member, Notification

    values = {"code": "ACME", "name": "Acme Ltd", "currency": "DKK", "tier": "gold", "limit": "900", "_do": "save"}
    record = mette.post("/forms/shop/customer/new", values).headers["Location"].rpartition("/")[2]
    told = Notification(
        organisation="acme", user="anna", id="01ARZ3NDEKTSV4RRFFQ69G5FAV", at=clock(), record=record, message="note",
        text="Acme Ltd owes 900",
    )  # fmt: skip
    with services.store.writing() as writing:
        writing.put_notifications([told])
    assert "Acme Ltd owes 900" in anna.get("/inbox?view=notices").text
    nothing = Member(organisation="acme", workspace="sales", user="anna", roles=frozenset())
    with services.store.writing() as writing:
        writing.put_member(replace(nothing))
    page = anna.get("/inbox?view=notices").text
    assert "Acme Ltd owes 900" not in page
    assert "This was about something you may no longer see." in words(page)
