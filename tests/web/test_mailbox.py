"""The mailbox: letters and what became of them, for administrators, who read what they may; and how they are sent."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from blankett.engine.letters.transport import mail_setting
from blankett.engine.store import Member
from blankett.engine.store.outbox import StoredLetter
from blankett.web.services import Services

from .pages import words
from .test_records import customer, draft, sent

__all__ = ["customer", "draft", "sent"]

SignedIn = Callable[[str], Any]
SETTING = {"host": "mail.example.com", "port": "587", "security": "starttls", "sender": "shop@example.com"}


@pytest.fixture
def admin(signed_in: SignedIn) -> Any:
    return signed_in("admin")


def put_letter(services: Services, record: str, **more: Any) -> StoredLetter:
    """Write a letter about a record to a customer."""
    now = services.clock()
    letter = StoredLetter(
        organisation="acme", id="01", at=now, changed_at=now, record=record, message="sent_back",
        subject="Back to you", body="It is **back**. <b>x</b>", address="kim@example.com",
    )  # fmt: skip
    letter = replace(letter, **more)
    with services.store.writing() as writing:
        writing.put_letters([letter])
    return letter


def make_manager(services: Services, user: str) -> None:
    """Let somebody see the records of the shop."""
    with services.store.writing() as writing:
        writing.put_member(Member(organisation="acme", workspace="sales", user=user, roles=frozenset({"manager"})))


def test_an_administrator_reads_a_letter_as_its_reader_does(admin: Any, services: Services, sent: str) -> None:
    make_manager(services, "admin")
    put_letter(services, sent)
    page = admin.get("/mailbox?letter=01").text
    assert "What would have gone out. Nothing is sent" in words(page)
    assert '<article class="b-letter" lang="en"><p>It is <strong>back</strong>. &lt;b&gt;x&lt;/b&gt;</p>' in page
    assert f'href="/records/{sent}"' in page


def test_who_may_not_see_the_record_reads_only_whom_it_went_to(admin: Any, services: Services, sent: str) -> None:
    put_letter(services, sent)
    page = words(admin.get("/mailbox?letter=01").text)
    assert "kim@example.com" in page
    assert "(not for you to read)" in page
    assert ("Back to you" in page, "It is" in page, sent in page) == (False, False, False)


def test_a_letter_that_failed_says_why_and_is_sent_again(admin: Any, services: Services, sent: str) -> None:
    put_letter(services, sent, state="failed", reason="letters.why_refused", detail="550 <no>")
    page = admin.get("/mailbox?tab=failed&letter=01").text
    assert "The mail server refused it for good. 550 <no>" in words(page)
    assert "<no>" not in page
    for said in ("It is sent again.", "It has been sent, or is on its way."):
        answer = admin.post("/mailbox/01/again", {})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/mailbox?letter=01")
        assert said in words(admin.get("/mailbox").text)
    assert admin.post("/mailbox/99/again", {}).status_code == 404


def test_older_letters_stand_on_a_further_page(admin: Any, services: Services, sent: str) -> None:
    for number in range(40):
        put_letter(services, sent, id=f"{number:02d}", address=f"kim{number}@example.com")
    page = words(admin.get("/mailbox").text)
    assert ("kim39@example.com" in page, "kim9@example.com" in page, "Older letters" in page) == (True, False, True)
    page = words(admin.get("/mailbox?before=10").text)
    assert ("kim9@example.com" in page, "Older letters" in page) == (True, False)


@pytest.mark.parametrize("address", ["/mailbox", "/mailbox/sending"])
def test_the_mailbox_is_for_administrators(signed_in: SignedIn, address: str) -> None:
    assert signed_in("anna").get(address).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"port": "0"}, "The port is a number from 1 to 65535"),
        ({"port": "mail"}, "The port is a number from 1 to 65535"),
        ({"port": "70000"}, "The port is a number from 1 to 65535"),
        ({"sender": "nobody"}, "Write the address that letters come from"),
        ({"sender": "shöp@example.com"}, "Write the address that letters come from"),
        ({"host": "https://mail.example.com"}, "Write the server's name alone"),
        ({"site": "example.com"}, "The address begins with https:// or http://."),
    ],
)
def test_a_wrong_setting_is_told_and_nothing_typed_is_lost(
    admin: Any, services: Services, wrong: dict[str, str], said: str
) -> None:
    answer = admin.post("/mailbox/sending", {**SETTING, "sender_name": "The shop", **wrong})
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert 'value="The shop"' in answer.text
    with services.store.reading() as reading:
        assert mail_setting(reading, "acme").host == ""


def test_a_setting_is_kept_and_told_in_the_log(admin: Any, services: Services) -> None:
    assert admin.post("/mailbox/sending", SETTING).status_code == 303
    assert "Letters go out through mail.example.com." in words(admin.get("/mailbox").text)
    assert "setting changed" in words(admin.get("/security-log").text)


def test_a_setting_is_tried_before_it_is_kept(admin: Any, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(smtplib, "SMTP", refuse)
    answer = admin.post("/mailbox/sending", {**SETTING, "test": "yes"})
    assert "The letter was not taken: ConnectionRefusedError: [Errno 111] refused" in words(answer.text)
    assert "Name a mail server first" in words(admin.post("/mailbox/sending", {"port": "587", "test": "yes"}).text)
    with services.store.reading() as reading:
        assert mail_setting(reading, "acme").host == ""
