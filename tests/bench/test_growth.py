"""Pages cost the same however many records there are: the database's own steps, counted without a clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from bench.growth import Company, Errand, start_company
from bench.steps import Meter, Steps, meter_of

FEW, MANY = 2_000, 20_000
#: So much more it may be: pages of an index are fuller. On PostgreSQL, which counts blocks, a look may take one more;
#: an index of words is entered once for each word, through two trees.
TOLERANCE = 0.1


#: Three of ten of so many wait: at both more than a page counts.
FEW_OPEN, MANY_OPEN = 7_000, 20_000


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def company(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Company]:
    """Give a company with few orders, on each database."""
    url = f"sqlite:///{tmp_path / 'blankett.sqlite'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("make_postgres_database")()
    found = start_company(url)
    yield found
    found.store.close()


def measured(company: Company, meter: Meter) -> dict[str, Steps]:
    """Return what everything the clerk does asks of the database."""
    for errand in company.errands.values():  # statements are prepared, plans made
        errand.put_away(errand.do(errand.prepare()))
    found = {}
    for name, errand in company.errands.items():
        found[name], came = measured_errand(errand, meter)
        errand.put_away(came)
    return found


def measured_errand(errand: Errand, meter: Meter) -> tuple[Steps, object]:
    """Return what an errand asks of the database, and what came of it."""
    ready, came = errand.prepare(), []
    return meter.measure(lambda: came.append(errand.do(ready))), came[0]


def grown(few: Mapping[str, Steps], many: Mapping[str, Steps]) -> dict[str, tuple[int, int]]:
    """Return what takes more steps among many records, with the steps among few and many."""
    return {
        name: (few[name].steps, many[name].steps)
        for name in few
        if many[name].steps > (1 + TOLERANCE) * few[name].steps + few[name].looks
    }


def statements(found: Mapping[str, Steps]) -> dict[str, int]:
    return {name: steps.statements for name, steps in found.items()}


def test_pages_take_no_more_steps_among_many_records(company: Company) -> None:
    meter = meter_of(company.store)
    company.grow(FEW)
    few = measured(company, meter)
    company.grow(MANY)
    many = measured(company, meter)
    assert statements(many) == statements(few)
    assert grown(few, many) == {}


def test_pages_take_no_more_steps_where_three_of_ten_records_wait(company: Company) -> None:
    meter = meter_of(company.store)
    company.grow_open(FEW_OPEN)
    few = measured(company, meter)
    company.grow_open(MANY_OPEN)
    many = measured(company, meter)
    assert statements(many) == statements(few)
    assert grown(few, many) == {}
