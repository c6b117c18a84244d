"""Working time: what the story of the demo is counted in."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from blankett.demo.working_time import ZONE, at_work, earlier, later


def at(text: str) -> datetime:
    """Return a moment of the company's clock: ``"2026-11-20 10:30"``, a Friday."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2026-11-20 10:30", "2026-11-20 10:30"),
        ("2026-11-20 19:00", "2026-11-20 17:00"),
        ("2026-11-20 07:59", "2026-11-19 17:00"),
        ("2026-11-22 12:00", "2026-11-20 17:00"),
        ("2026-11-23 06:00", "2026-11-20 17:00"),
    ],
    ids=["at work", "evening", "early morning", "Sunday", "early on Monday"],
)
def test_outside_of_working_hours_is_the_end_of_the_last_working_day(moment: str, found: str) -> None:
    assert at_work(at(moment)) == at(found)


@pytest.mark.parametrize(
    ("moment", "hours", "found"),
    [
        ("2026-11-20 10:30", 1, "2026-11-20 09:30"),
        ("2026-11-20 10:30", 4, "2026-11-19 15:30"),
        ("2026-11-23 09:00", 2, "2026-11-20 16:00"),
        ("2026-11-20 17:00", 9, "2026-11-20 08:00"),
        ("2026-11-20 17:00", 45, "2026-11-16 08:00"),
    ],
)
def test_earlier_skips_nights_and_weekends(moment: str, hours: float, found: str) -> None:
    assert earlier(at(moment), hours) == at(found)


@pytest.mark.parametrize(
    ("moment", "hours", "found"),
    [
        ("2026-11-20 10:30", 1, "2026-11-20 11:30"),
        ("2026-11-20 16:00", 2, "2026-11-23 09:00"),
        ("2026-11-22 12:00", 1, "2026-11-23 09:00"),
    ],
)
def test_later_skips_nights_and_weekends(moment: str, hours: float, found: str) -> None:
    assert later(at(moment), hours) == at(found)


@given(
    some.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - the zone is given below
    some.floats(0, 900, allow_nan=False),
)
def test_later_undoes_earlier(moment: datetime, hours: float) -> None:
    then = earlier(moment.replace(tzinfo=ZONE), hours)
    back = later(then, hours)
    assert abs((back - at_work(moment.replace(tzinfo=ZONE))).total_seconds()) < 1 or back.hour in (8, 17)
