"""Ids and moments sort by time, as they are kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from blankett.engine.store.ids import is_id, new_id
from blankett.engine.store.timestamps import from_days, read_moment, to_days, write_moment

NOW = datetime(2026, 3, 2, 9, 0, 0, 1500, tzinfo=UTC)


def test_an_id_is_the_moment_and_random_bytes_in_base_32() -> None:
    assert new_id(NOW, lambda count: b"\xff" * count) == "01KJPWD6M1ZZZZZZZZZZZZZZZZ"


def test_ids_sort_by_time_and_differ_within_a_millisecond() -> None:
    ids = [new_id(NOW + timedelta(milliseconds=step)) for step in range(200)]
    assert ids == sorted(ids)
    assert len({new_id(NOW) for _ in range(1000)}) == 1000
    assert all(map(is_id, ids))


@pytest.mark.parametrize("text", ["", "01", "01KJPWD6M1ZZZZZZZZZZZZZZZI", "01kjpwd6m1zzzzzzzzzzzzzzzz"])
def test_other_texts_are_no_ids(text: str) -> None:
    assert not is_id(text)


@pytest.mark.parametrize(
    ("moment", "kept"),
    [
        (NOW, "2026-03-02T09:00:00.001500Z"),
        (datetime(2026, 3, 2, 1, tzinfo=timezone(timedelta(hours=2))), "2026-03-01T23:00:00.000000Z"),
        (datetime(87, 1, 1, tzinfo=UTC), "0087-01-01T00:00:00.000000Z"),
    ],
)
def test_moments_are_kept_in_utc_with_one_width(moment: datetime, kept: str) -> None:
    assert write_moment(moment) == kept
    assert read_moment(kept) == moment


@pytest.mark.parametrize(("day", "kept"), [(date(1970, 1, 1), 0), (date(1969, 12, 31), -1), (date(2026, 3, 2), 20514)])
def test_days_count_from_1970(day: date, kept: int) -> None:
    assert (to_days(day), from_days(kept)) == (kept, day)
