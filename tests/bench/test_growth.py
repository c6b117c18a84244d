"""Pages cost the same however many records there are: the database's own steps, counted without a clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.growth import start_company
from bench.steps import meter_of

FEW, MANY = 2_000, 20_000
#: So much more it may be: pages of an index are fuller. On PostgreSQL, which counts blocks, a look may take one more;
#: an index of words is entered once for each word, through two trees.
TOLERANCE = 0.1


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_pages_take_no_more_steps_among_many_records(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'blankett.sqlite'}"
    if database == "postgresql":
        url = request.getfixturevalue("make_postgres_database")()
    company = start_company(url)
    meter = meter_of(company.store)
    counted = []
    for orders in (FEW, MANY):
        company.grow(orders)
        for do in company.pages.values():  # statements are prepared, plans made
            do()
        counted.append({name: meter.measure(do) for name, do in company.pages.items()})
    company.store.close()
    few, many = counted
    assert {name: many[name].statements for name in many} == {name: few[name].statements for name in few}
    grown = {
        name: (few[name].steps, many[name].steps)
        for name in few
        if many[name].steps > (1 + TOLERANCE) * few[name].steps + few[name].looks
    }
    assert grown == {}
