"""The page of versions while a version takes the records along: how far it is, for everybody, until it is through."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.jobs import do_jobs

from blankett.engine.jobs.runs import retry_job, stop_job
from blankett.engine.publish.rollout import Progress, resume_rollouts, take_step
from blankett.engine.store import Member
from blankett.engine.store.jobs import jobs_in_state
from blankett.engine.store.rollouts import newest_rollout, put_rollout, unfinished_rollouts
from blankett.web.services import Services

from .test_blueprints import make_order, publish, save, text_of, version_of, words

SignedIn = Callable[[str], Any]
POLL = {"HX-Request": "true", "HX-Target": "section#rollout"}


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a step look at one record, and the request of a publish take one step."""
    monkeypatch.setattr("blankett.engine.publish.rollout.PIECE", 1)
    monkeypatch.setattr("blankett.web.studio.publish.MOST_STEPS", 1)


@pytest.fixture
def admin(signed_in: SignedIn) -> Any:
    return signed_in("admin")


@pytest.fixture
def orders(services: Services, admin: Any) -> list[str]:
    """Make three orders, and publish a version that moves two of them; the third is a draft, and there are none."""
    made = [make_order(services, submit=number > 0) for number in range(3)]
    save_without_drafts(admin, services)
    assert publish(admin, move="move").status_code == 303
    return made


def save_without_drafts(admin: Any, services: Services) -> None:
    newer = text_of(services).replace("      draft:     {", "      begun:     {", 1)
    save(admin, re.sub(r"(?<=[ \[,\"])draft(?=[\],\"\n])", "begun", newer))


def test_the_page_of_versions_tells_how_far_it_is_until_it_is_through(
    admin: Any, services: Services, orders: list[str], signed_in: SignedIn
) -> None:
    page = admin.get("/blueprints/shop/versions").text
    assert "Version 2 takes the records along" in words(page)
    assert "1 of 3 records are through." in words(page)
    assert "are through.</strong> <span" in page
    assert 'hx-get="/blueprints/shop/versions/rollout"' in page
    assert "Records are taken along in the background" in words(page)
    polled = admin.get("/blueprints/shop/versions/rollout", **POLL).text
    assert polled.startswith("<section")
    assert "1 of 3 records are through." in words(polled)
    assert [version_of(services, order) for order in orders] == [1, 1, 1]
    with services.store.writing() as writing:
        writing.put_member(Member(organisation="acme", workspace="sales", user="olga", administers=True))
    olga = signed_in("olga")
    assert "1 of 3 records are through." in words(olga.get("/blueprints/shop/versions").text)
    do_jobs(services.engine)
    polled = olga.get("/blueprints/shop/versions/rollout", **POLL)
    assert (polled.status_code, polled.headers["HX-Redirect"]) == (204, "/blueprints/shop/versions")
    page = olga.get("/blueprints/shop/versions").text
    assert "versions/rollout" not in page
    told = (
        "Version 2 and the records Ada Min, 09:30 2 open records moved. "
        "1 record that should have moved stays on its version. 1 record of Order stays, because: "
        f"The state Draft is gone. without a number, …{orders[0][-6:]} To the list"
    )
    assert told in words(page)
    assert 'href="/forms/shop/order?record.state=draft"' in page
    assert told in words(admin.get("/blueprints/shop/versions").text)
    assert [version_of(services, order) for order in orders] == [1, 2, 2]


def test_a_rollout_whose_job_was_stopped_says_that_nobody_goes_on(
    admin: Any, services: Services, orders: list[str], signed_in: SignedIn
) -> None:
    with services.store.writing() as writing:
        (job,) = jobs_in_state(writing, "acme", "waiting", 9)
        stop_job(writing, job, services.clock())
        writing.put_member(Member(organisation="acme", workspace="sales", user="olga", administers=True))
    held_up = "1 of 3 records are through. Nobody goes on with it: its job has failed or was stopped."
    for page in ("/blueprints/shop/versions", "/blueprints/shop/versions/rollout"):
        told = admin.get(page, **POLL).text
        assert held_up in words(told)
        assert '<a href="/jobs">' in told
    olgas = signed_in("olga").get("/blueprints/shop/versions").text
    assert held_up in words(olgas)
    assert '<a href="/jobs">' not in olgas
    with services.store.writing() as writing:
        assert retry_job(writing, replace(job, state="stopped"), services.clock()) is not None
    assert "Records are taken along in the background" in words(admin.get("/blueprints/shop/versions").text)


def test_a_job_that_was_stopped_holds_up_no_later_rollout_of_the_same_version(
    admin: Any, services: Services, orders: list[str]
) -> None:
    with services.store.writing() as writing:
        (job,) = jobs_in_state(writing, "acme", "waiting", 9)
        stop_job(writing, job, services.clock())
    assert resume_rollouts(services.engine, "acme", "a command") == []
    with services.store.writing() as writing:
        row = newest_rollout(writing, "acme", "shop")
        assert row is not None
        now = services.clock() + timedelta(seconds=1)
        put_rollout(writing, replace(row, at=now, ended_at=None, progress=Progress().to_json()))
    page = words(admin.get("/blueprints/shop/versions").text)
    assert ("records are through." in page, "Nobody goes on with it" in page) == (True, False)


def test_a_job_is_as_far_as_the_command_that_takes_its_steps(admin: Any, services: Services, orders: list[str]) -> None:
    with services.store.reading() as reading:
        (row,) = unfinished_rollouts(reading, "acme")
    take_step(services.engine, row, "a command")
    assert do_jobs(services.engine) == ["wait"]
    with services.store.reading() as reading:
        (job,) = jobs_in_state(reading, "acme", "running", 9)
    assert (job.done, job.total) == (2, 3)
    assert "2 of 3 records" in words(admin.get("/jobs").text)


def test_a_rollout_asked_for_without_its_place_leads_to_the_versions(admin: Any, orders: list[str]) -> None:
    answer = admin.get("/blueprints/shop/versions/rollout")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/blueprints/shop/versions")


def test_who_may_not_publish_sees_no_rollout(signed_in: SignedIn, orders: list[str]) -> None:
    assert signed_in("anna").get("/blueprints/shop/versions/rollout", **POLL).status_code == 403


def test_pages_of_records_answer_meanwhile(signed_in: SignedIn, orders: list[str]) -> None:
    anna = signed_in("anna")
    assert [anna.get(f"/records/{order}").status_code for order in orders[1:]] == [200, 200]
    assert anna.get("/forms/shop/order").status_code == 200


def test_what_stayed_is_moved_from_the_page(admin: Any, services: Services) -> None:
    orders = [make_order(services, submit=True) for _ in range(3)]
    save_without_drafts(admin, services)
    assert publish(admin, move="stay").status_code == 303
    do_jobs(services.engine)
    page = admin.get("/blueprints/shop/versions").text
    assert "Records that have not ended still go by older versions." in words(page)
    looked = admin.get("/blueprints/shop/versions/move").text
    assert "Can move 3 Go on under version 2 if you choose so." in words(looked)
    assert "Move records to version 2" in words(looked)
    assert [version_of(services, order) for order in orders] == [1, 1, 1]
    answer = admin.post("/blueprints/shop/versions/move", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/blueprints/shop/versions")
    page = admin.get("/blueprints/shop/versions").text
    assert ("1 of 3 records are through." in words(page), "versions/move" in page) == (True, False)
    again = admin.post("/blueprints/shop/versions/move", {})
    assert (again.status_code, "Version 2 is still taking the records along." in words(again.text)) == (409, True)
    do_jobs(services.engine)
    assert [version_of(services, order) for order in orders] == [2, 2, 2]
    page = admin.get("/blueprints/shop/versions").text
    assert ("3 open records moved." in words(page), "versions/move" in page) == (True, False)


def test_records_whose_process_is_the_same_are_not_offered_to_be_moved(admin: Any, services: Services) -> None:
    order = make_order(services, submit=True)
    save(admin, text_of(services).replace("\ntitle: ", "\ntitle: My ", 1))
    assert publish(admin, move="move").status_code == 303
    do_jobs(services.engine)
    page = admin.get("/blueprints/shop/versions").text
    assert (version_of(services, order), "versions/move" in page) == (1, False)
    answer = admin.post("/blueprints/shop/versions/move", {})
    assert (answer.status_code, version_of(services, order)) == (422, 1)
    assert "No record keeps an older version that could go to version 2." in words(answer.text)
