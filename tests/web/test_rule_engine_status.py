"""The page of the engine of rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from blankett.engine.rules import Failure, Faults, rule_sets
from blankett.engine.rules.durable import faults as noted_faults
from blankett.engine.rules.durable.faults import NotedFault, note_fault
from blankett.engine.store import StoredTrial, store_trials
from blankett.web.admin import rule_engine_status
from blankett.web.services import Services
from blankett.web.settings import SettingsError, settings_from_environment

SignedIn = Callable[[str], Any]
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noted_faults, "_kept", noted_faults.KeptFaults())


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str | None], None]:
    """Let an engine be chosen, and a version of the library be installed."""

    def choose(chosen: str, version: str | None) -> None:
        monkeypatch.setattr(rule_engine_status, "chosen_engine", lambda: chosen)
        monkeypatch.setattr(rule_engine_status, "library_version", lambda: version)

    return choose


def cells(page: str) -> list[list[str]]:
    shown = page.partition("<template")[0]  # the calendar's table is no part of the page yet
    rows = re.findall(r"<tr>(?!<th scope=.col)(.*?)</tr>", shown, re.S)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in rows]


@pytest.mark.parametrize(
    ("chosen", "version", "words"),
    [
        ("durable", "2.0.28", ["<dd>durable-rules</dd>", "<dd>2.0.28</dd>", "has answered whenever it was asked"]),
        ("python", "2.0.28", ["<dd>Blankett itself</dd>", "<dd>2.0.28</dd>", "BLANKETT_RULES_ENGINE says so"]),
        ("python", None, ["<dd>Not installed</dd>", "because durable-rules is not installed"]),
    ],
    ids=["durable-rules", "switched off", "not installed"],
)
def test_the_page_says_what_decides(
    signed_in: SignedIn, engine: Callable[..., None], chosen: str, version: str | None, words: list[str]
) -> None:
    engine(chosen, version)
    page = signed_in("admin").get("/rule-engine").text
    assert [word for word in words if word not in page] == []


def test_faults_are_counted_and_the_newest_come_first(signed_in: SignedIn, engine: Callable[..., None]) -> None:
    engine("durable", "2.0.28")
    for number in range(60):
        note_fault(NotedFault(NOON.replace(minute=number), "orders.order submit", f"fault {number}"))
    page = signed_in("admin").get("/rule-engine").text
    rows = cells(page)
    assert len(rows) == 50
    assert rows[0][1:] == ["orders.order submit", "fault 59"]
    assert "2026" in rows[0][0]
    assert '<span class="b-count">60</span>' in page
    assert "10 older faults are not shown." in page


def test_rules_that_failed_their_trial_are_listed(signed_in: SignedIn, services: Services) -> None:
    with services.store.writing() as writing:
        store_trials(writing, "acme", [StoredTrial("f1", "orders.order save", "crashed with signal 11", NOON)])
    page = signed_in("admin").get("/rule-engine").text
    assert [row[:2] for row in cells(page)] == [["orders.order save", "crashed with signal 11"]]


def test_only_administrators_come_in(signed_in: SignedIn) -> None:
    assert signed_in("anna").get("/rule-engine").status_code == 403
    assert 'href="/rule-engine"' not in signed_in("anna").get("/inbox").text
    assert 'href="/rule-engine"' in signed_in("admin").get("/inbox").text


def test_nothing_of_a_record_is_in_what_is_kept() -> None:
    assert set(NotedFault.__slots__) == {"at", "rules", "message"}
    assert set(Faults.__slots__) == {"count", "latest", "since"}


@pytest.mark.parametrize("asked", ["drools", "durable "])
def test_an_engine_that_there_is_not_stops_the_start(asked: str) -> None:
    environment = {"BLANKETT_MODE": "production", "BLANKETT_SECRET": "x" * 40, "BLANKETT_RULES_ENGINE": asked}
    with pytest.raises(SettingsError) as refused:
        settings_from_environment(environment)
    assert str(refused.value) == f"BLANKETT_RULES_ENGINE is {asked!r}; it must be durable or python."


def test_the_preview_of_publishing_names_rules_that_failed_their_trial(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = Failure("f1", "crashed with signal 11")
    monkeypatch.setattr(rule_sets, "chosen_engine", lambda: "durable")
    monkeypatch.setattr(rule_sets, "try_rules", lambda sets: [failure] * len(sets))
    with services.store.reading() as reading:
        stored = reading.version("acme", "shop", 1)
    assert stored is not None
    admin = signed_in("admin")
    admin.post("/blueprints/shop", {"source": f"{stored.source}\n# anew\n", "revision": "0", "_do": "save"})
    page = " ".join(re.sub(r"<[^>]+>", " ", admin.get("/blueprints/shop/publish").text).split())
    assert (
        "The rules of shop.order (save) failed when they were tried: Blankett will decide them itself, "
        "not durable-rules. crashed with signal 11" in page
    )
