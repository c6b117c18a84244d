"""`blankett calendar`: calendars are listed and tried, and get the public holidays that are known now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType

import pytest
from click.testing import CliRunner, Result

from blankett.cli import main
from blankett.engine.calendar import CalendarDefinition, Span, Week
from blankett.engine.calendar.public_holidays import public_holidays
from blankett.engine.store import Organisation, Store, StoredCalendar

WEEK = Week(((Span(480, 960),),) * 5 + ((), ()))
#: As a package of long ago knew them.
OLD = {date(2050, 12, 25): "Jul", date(2050, 12, 27): "Third day", date(2000, 5, 5): "Long past"}


@pytest.fixture
def database(tmp_path: Path, make_store: Callable[[Path], Store]) -> str:
    store = make_store(tmp_path / "company.sqlite")
    with store.writing() as writing:
        writing.put_organisation(Organisation(id="acme", title="Acme", created_at=datetime(2026, 1, 1, tzinfo=UTC)))
        definition = CalendarDefinition("Europe/Copenhagen", (WEEK,), "DK", MappingProxyType(OLD))
        assert writing.put_calendar("acme", StoredCalendar("office", "Office", definition))
    store.close()
    return store.url


def run(database: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["calendar", *arguments, "--database", database])


def kept(database: str) -> StoredCalendar:
    store = Store(database)
    with store.reading() as reading:
        found = reading.calendar("acme", "office")
    store.close()
    assert found is not None
    return found


def test_calendars_are_listed(database: str) -> None:
    assert run(database, "list").output.split() == ["office", "Office", "Europe/Copenhagen", "DK"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["office", "8 working hours", "--from", "2026-11-27T15:00"], 0, "Mon 2026-11-30 15:00 CET\n"),
        (["office", "1 working day", "--from", "2050-12-26T10:00+00:00"], 0, "Wed 2050-12-28 11:00 CET\n"),
        (["office", "2 business days"], 2, "'2 business days' is no length; write '2 working days'.\n"),
        (["office", "1 day", "--from", "soon"], 2, "'soon' is no time; write it as 2026-11-30T15:20.\n"),
        (
            ["office", "9 working days", "--from", "2099-12-30T10:00"],
            1,
            "That is beyond the years that calendars know.\n",
        ),
        (["shop", "1 day"], 1, "There is no calendar 'shop'; there are: office.\n"),
    ],
    ids=["over a week end", "in another zone", "no length", "no time", "too far", "no calendar"],
)
def test_a_length_is_tried(database: str, arguments: list[str], status: int, said: str) -> None:
    result = run(database, "ends", *arguments)
    assert (result.exit_code, result.output) == (status, said)


def test_holidays_are_shown_before_they_are_taken_over(database: str) -> None:
    shown = run(database, "holidays", "office").output.splitlines()
    assert {"2050-12-25  Jul -> Juledag", "2050-12-27  Third day -> -"} <= set(shown)
    assert shown[-1].endswith(" days would change")
    assert dict(kept(database).definition.holidays) == OLD
    assert run(database, "holidays", "office", "--take").output.splitlines()[-1].endswith(" days change")
    found = kept(database)
    today = datetime.now(UTC).date()
    assert found.revision == 2
    assert {day: name for day, name in found.definition.holidays.items() if day > today} == {
        day: name for day, name in public_holidays("DK").days.items() if day > today
    }
    assert found.definition.holidays[date(2000, 5, 5)] == "Long past"
    assert run(database, "holidays", "office").output == "0 days would change\n"


def test_an_unknown_region_is_refused(database: str) -> None:
    result = run(database, "holidays", "office", "--region", "XX")
    assert (result.exit_code, result.output) == (
        2,
        "No public holidays are known of 'XX'; write a country, DK, or one with its region, DE-MV.\n",
    )
    assert kept(database).revision == 1
