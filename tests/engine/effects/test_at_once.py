"""Destinations, conditional effects and records made one a line, by two people at once and after a restart."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.asked_engine import AskedEngine
from tests.engine.records.company import Company

from blankett.engine.records import Command, Receipt, Refusal
from blankett.engine.records.blueprint_cache import BlueprintCatalog
from blankett.engine.scenarios import stage
from blankett.engine.scenarios.stage import ORGANISATION, WORKSPACE
from blankett.engine.store import Store

TRAVEL = Path("docs/examples/effects.yaml").read_text(encoding="utf-8")


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    """Return a company in a file, for several connections at once."""
    url = f"sqlite:///{tmp_path / 'travel.db'}"
    monkeypatch.setattr(stage, "Store", lambda _url, **parts: Store(url, **parts))
    made = Company(TRAVEL, sara="staff", hugo="head", hilda="head", ada="accounts")
    yield made
    made.stage.store.close()


def restart(company: Company) -> None:
    """Go on with an engine that remembers nothing."""
    counter = itertools.count(10_000)
    now = company.stage.now
    company.engine = AskedEngine(
        company.stage.store, lambda: now, lambda at: f"{next(counter):026d}", BlueprintCatalog()
    )


def handed_in(company: Company, total: int = 90) -> str:
    trips = [
        {"id": f"+{at}", "place": place, "day": date(2026, 4, at)} for at, place in ((1, "Hanover"), (3, "Berlin"))
    ]
    claim = company.done("sara", "claim", purpose="Fair", total=Decimal(total), trips=trips).record
    company.done("sara", "claim", claim, action="ask")
    return claim


def at_once(*works: Callable[[], object]) -> list[object]:
    start, results = threading.Barrier(len(works)), list[object]([None] * len(works))

    def run(number: int) -> None:
        start.wait(10)
        results[number] = works[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def command(company: Company, name: str, claim: str, **parts: Any) -> Callable[[], object]:
    asked = Command(
        intent="",
        actor=company.actor(name),
        blueprint="travel",
        form="claim",
        record=claim,
        workspace=WORKSPACE,
        **parts,
    )
    return lambda: company.engine.apply(asked)


def counts(company: Company) -> dict[str, int]:
    return {form: len(company.page("ada", form).rows) for form in ("booking", "reminder")}


def test_of_two_who_grant_at_once_one_makes_the_records(company: Company) -> None:
    claim = handed_in(company)
    answers = at_once(*(command(company, name, claim, action="grant") for name in ("hugo", "hilda", "hugo", "hilda")))
    assert sorted(type(answer).__name__ for answer in answers) == ["Receipt", "Refusal", "Refusal", "Refusal"]
    assert counts(company) == {"booking": 2, "reminder": 3}


def test_a_restart_remembers_which_records_were_made(company: Company) -> None:
    claim = handed_in(company, total=1400)
    restart(company)
    company.done("ada", "claim", claim, action="check")
    restart(company)
    receipt = company.done("hugo", "claim", claim, action="grant")
    restart(company)
    assert isinstance(command(company, "hilda", claim, action="grant")(), Refusal)
    assert (len(receipt.created), counts(company)) == (5, {"booking": 2, "reminder": 3})
    view = company.view("sara", claim)
    assert view is not None
    assert view.state.key == "granted"


@pytest.mark.parametrize("round_", range(4))
def test_where_an_action_leads_is_decided_by_what_is_stored_then(company: Company, round_: int) -> None:
    claim = company.done("sara", "claim", purpose="Fair", total=Decimal(90)).record
    answers = at_once(
        command(company, "sara", claim, action="ask"), command(company, "sara", claim, values={"total": Decimal(5000)})
    )
    with company.stage.store.reading() as reading:
        stored = reading.record(ORGANISATION, claim)
        events = reading.events(ORGANISATION, claim)[::-1]
    assert stored is not None
    total, asked = Decimal(stored.data["total"]), [at for at, event in enumerate(events) if event.action == "ask"]
    changed = [at for at, event in enumerate(events) if event.action is None and at]
    was_large = total > 1000 and bool(changed) and bool(asked) and changed[0] < asked[0]
    assert all(isinstance(answer, (Receipt, Refusal)) for answer in answers)
    assert stored.state == ("draft" if not asked else "checked" if was_large else "asked")
