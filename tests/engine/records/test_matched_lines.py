"""Lines before and after a change are told apart by their ids."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from blankett.engine.records.matched_lines import match_lines
from blankett.engine.records.write.validate import _written_lines

LINES = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from("abcd")}, optional={"x": st.integers(0, 2), "y": st.integers(0, 1)}),
    unique_by=lambda line: line["id"],
    max_size=4,
)


def test_lines_that_stay_come_in_order_and_those_that_went_behind_them() -> None:
    before = [{"id": "a", "x": 1}, {"id": "b", "x": 2, "y": 3}, {"id": "c"}]
    now = [{"id": "+n", "x": 1}, {"id": "b", "x": 4, "z": None}, {"id": "c"}]
    found = [(line.id, line.number, line.came, line.went, line.changed()) for line in match_lines(before, now)]
    assert found == [
        ("+n", 1, True, False, ["x"]),
        ("b", 2, False, False, ["x", "y"]),
        ("c", 3, False, False, []),
        ("a", 1, False, True, ["x"]),
    ]


def test_a_table_without_lines_has_none_to_match() -> None:
    assert [*match_lines(None, [])] == []
    assert [line.went for line in match_lines([{"id": "a"}], None)] == [True]


@given(LINES, LINES)
def test_what_was_written_of_lines_is_what_differs(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> None:
    old, new = ({line["id"]: line for line in lines} for lines in (before, now))
    both = [(key, old.get(key, {}), new.get(key, {})) for key in old | new]
    differs = [(id, key) for id, was, line in both for key in ("x", "y") if was.get(key) != line.get(key)]
    expected = {f"lines/{id}/{key}" for id, key in differs if id in new} | {f"lines/{key}" for _, key in differs}
    if differs or old.keys() != new.keys():
        expected.add("lines")
    assert _written_lines("lines", before, now) == expected
