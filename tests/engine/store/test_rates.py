"""Currency rates: the newest of the day, either way round, or through a third currency."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from blankett.engine.store import Rate, Store
from blankett.engine.store.exchange_rates import RateTable

RATES = [
    Rate("EUR", "DKK", date(2026, 1, 1), Decimal("7.46")),
    Rate("EUR", "DKK", date(2026, 2, 1), Decimal("7.5")),
    Rate("EUR", "NOK", date(2026, 1, 1), Decimal("12")),
    Rate("CNY", "EUR", date(2026, 1, 1), Decimal("0.125")),
]


@pytest.mark.parametrize(
    ("source", "target", "day", "rate"),
    [
        ("EUR", "EUR", date(1900, 1, 1), "1"),
        ("EUR", "DKK", date(2025, 12, 31), None),
        ("EUR", "DKK", date(2026, 1, 31), "7.46"),
        ("EUR", "DKK", date(2026, 2, 1), "7.5"),
        ("DKK", "EUR", date(2026, 3, 1), "0.1333333333333333333333333333333333"),
        ("EUR", "CNY", date(2026, 3, 1), "8"),
        ("CNY", "NOK", date(2026, 3, 1), "1.5"),
        ("NOK", "CNY", date(2026, 3, 1), "0.6666666666666666666666666666666666"),
        ("EUR", "USD", date(2026, 3, 1), None),
    ],
    ids=["same", "before any", "older", "on its day", "inverse", "inverse whole", "cross", "cross back", "unknown"],
)
def test_a_rate_of_a_day(store: Store, source: str, target: str, day: date, rate: str | None) -> None:
    with store.writing() as writing:
        for known in RATES:
            writing.put_rate("acme", known)
    with store.reading() as reading:
        assert reading.rate("acme", source, target, day) == (None if rate is None else Decimal(rate))
        assert reading.rate("other", source, "XXX", day) is None


def test_a_rate_is_entered_over_the_one_of_its_day(any_store: Store) -> None:
    with any_store.writing() as writing:
        writing.put_rate("acme", RATES[0])
        writing.put_rate("acme", Rate("EUR", "DKK", date(2026, 1, 1), Decimal("7.40")))
        writing.put_rate("acme", RATES[2])
        assert writing.rates("acme") == [Rate("EUR", "DKK", date(2026, 1, 1), Decimal("7.40")), RATES[2]]


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_is_above_zero(store: Store, value: str) -> None:
    with store.writing() as writing, pytest.raises(ValueError, match="a rate is above zero"):
        writing.put_rate("acme", Rate("EUR", "DKK", date(2026, 1, 1), Decimal(value)))


def test_each_question_is_asked_once() -> None:
    asked: list[str] = []

    def find(source: str, target: str, day: date) -> list[Rate]:
        asked.append(source)
        return [RATES[0]]

    table = RateTable(find)
    found = [table(source, "DKK", date(2026, 1, 5)) for source in ("EUR", "EUR", "DKK", "USD", "USD")]
    assert found == [Decimal("7.46"), Decimal("7.46"), Decimal(1), None, None]
    assert asked == ["EUR", "USD"]
