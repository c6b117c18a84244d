"""Exchange rates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from blankett.engine.store import Member, Rate
from blankett.web.services import Services

SignedIn = Callable[[str], Any]


@pytest.fixture
def admin(signed_in: SignedIn) -> Any:
    return signed_in("admin")


def rates(services: Services) -> list[Rate]:
    with services.store.reading() as reading:
        return reading.rates("acme")


def said(page: str) -> list[str]:
    found = re.search(r'class="b-errors".*?<ul>(.*?)</ul>', page, re.S)
    return re.findall(r">([^<>]+)</a>", found[1]) if found else []


def test_without_rates_the_page_teaches(admin: Any) -> None:
    page = admin.get("/rates").text
    assert "No rates yet" in page
    assert 'value="EUR"' in page
    assert 'value="20/11/2026"' in page


def test_a_rate_is_entered(admin: Any, services: Services) -> None:
    typed = {"source": "eur", "target": "DKK", "value": "7.4595", "day": "2026-11-20"}
    answer = admin.post("/rates", typed)
    assert answer.status_code == 303
    assert rates(services) == [Rate("EUR", "DKK", date(2026, 11, 20), Decimal("7.4595"))]
    assert "1 EUR is 7.4595 DKK from 20 Nov 2026 on." in admin.get("/rates").text


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"source": "EURO"}, ["Enter a currency by its three letters, like EUR."]),
        ({"target": "EUR"}, ["Choose two different currencies."]),
        ({"day": "soon"}, ["Enter a day such as 20/11/2026."]),
        ({"day": "0001-01-01"}, ["Enter a day such as 20/11/2026."]),
        ({"value": "0"}, ["Enter a number above zero."]),
        ({"value": "-3"}, ["Enter a number above zero."]),
        ({"value": "NaN"}, ["Enter a number above zero."]),
        ({"value": "7,46"}, ["“7,46” is not how numbers are written here. Write it as 7.46."]),
        ({"value": "9" * 40}, ["Enter at most 9 digits before the decimal sign and 10 after it."]),
        ({"value": "0.00000000001"}, ["Enter at most 9 digits before the decimal sign and 10 after it."]),
        (
            {"source": "", "value": ""},
            ["Enter a currency by its three letters, like EUR.", "Enter a number above zero."],
        ),
    ],
    ids=["no currency", "same", "no day", "too early", "zero", "below", "NaN", "comma", "huge", "tiny", "empty"],
)
def test_a_bad_rate_is_refused_with_what_was_typed(
    admin: Any, services: Services, typed: dict[str, str], wrong: list[str]
) -> None:
    whole = {"source": "EUR", "target": "DKK", "value": "7.46", "day": "2026-11-20", **typed}
    answer = admin.post("/rates", whole)
    assert (answer.status_code, said(answer.text)) == (422, wrong)
    assert all(f'value="{text}"' in answer.text for text in whole.values())
    assert rates(services) == []


def test_a_rate_of_the_same_day_is_replaced_only_when_it_was_seen(admin: Any, services: Services) -> None:
    day = date(2026, 11, 20)
    with services.store.writing() as writing:
        writing.put_rate("acme", Rate("EUR", "DKK", day, Decimal("74.6")))
    typed = {"source": "EUR", "target": "DKK", "value": "7.46", "day": "2026-11-20"}
    answer = admin.post("/rates", typed)
    assert answer.status_code == 409
    assert "1 EUR is 74.6 DKK on this day already" in answer.text
    assert '<button class="btn" name="replaces" value="74.6">Replace it with 7.46</button>' in answer.text
    with services.store.writing() as writing:
        writing.put_rate("acme", Rate("EUR", "DKK", day, Decimal("7.5")))
    assert admin.post("/rates", {**typed, "replaces": "74.6"}).status_code == 409
    assert admin.post("/rates", {**typed, "replaces": "7.5"}).status_code == 303
    assert rates(services) == [Rate("EUR", "DKK", day, Decimal("7.46"))]


def test_entering_the_same_rate_twice_is_one_rate(admin: Any, services: Services) -> None:
    typed = {"source": "EUR", "target": "DKK", "value": "7.46", "day": "2026-11-20"}
    assert [admin.post("/rates", typed).status_code for _ in range(2)] == [303, 303]
    assert len(rates(services)) == 1


def test_the_list_tells_what_holds_now(admin: Any, services: Services) -> None:
    with services.store.writing() as writing:
        for day, value in ((date(2026, 1, 1), "7.40"), (date(2026, 11, 1), "7.46"), (date(2026, 12, 1), "7.50")):
            writing.put_rate("acme", Rate("EUR", "DKK", day, Decimal(value)))
        writing.put_rate("acme", Rate("EUR", "NOK", date(2026, 1, 1), Decimal("11.7")))
    rows = re.findall(r"<tr><th scope=.row.*?</tr>", admin.get("/rates?currency=DKK").text, re.S)
    shown = [re.sub(r"<[^>]+>|\s+", " ", row).split() for row in rows]
    assert [(row[4], row[-1]) for row in shown] == [("7.5", "yet"), ("7.46", "now"), ("7.4", "2026")]


def test_an_administrator_of_a_workspace_looks_and_does_not_enter(services: Services, signed_in: SignedIn) -> None:
    with services.store.writing() as writing:
        writing.put_member(Member(organisation="acme", workspace="sales", user="olga", administers=True))
    olga = signed_in("olga")
    assert "Rates are entered by administrators of the organisation." in olga.get("/rates").text
    typed = {"source": "EUR", "target": "DKK", "value": "7.46", "day": "2026-11-20"}
    assert olga.post("/rates", typed).status_code == 403
