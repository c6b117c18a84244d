"""Posts nobody's browser would send: each gets a clear answer below 500, and nothing is saved by halves."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import HX, Visitor
from .pages import Pair, words
from .test_entry import NEW, customer, draft, edited, order

__all__ = ["customer", "draft"]

#: A control and what is typed into it.
HOSTILE: list[list[Pair]] = [
    [("lines", "text")],
    [("lines.x", "1")],
    [("lines.+a.item.more", "1")],
    [("lines.+a.id", "other")],
    [("lines.+a.__class__", "x")],
    [("lines.01ARZ3NDEKTSV4RRFFQ69G5FAV.item", "somebody else's line")],
    [(f"lines.+{number}.item", "x") for number in range(1_001)],
    [("customer", "01ARZ3NDEKTSV4RRFFQ69G5FAV")],
    [("customer", "x"), ("_picked", "customer=01ARZ3NDEKTSV4RRFFQ69G5FAV|x")],
    [("customer", "x"), ("_picked", "customer")],
    [("_picked", "=|"), ("_filled", "="), ("_shown", "=x"), ("_typed", ""), ("_undo", "nothing")],
    [("_revision", "99999999999999999999"), ("_do", "save")],
    [("_do", "action.nothing")],
    [("_do", "action.approve")],
    [("_do", "x" * 10_000)],
    [("_drop", "lines.nothing"), ("_do", "save")],
    [("_drop", "channel.x")],
    [("_add", "nothing")],
    [("_add", "channel")],
    [("_keep", "theirs"), ("_theirs", "channel=fax")],
    [("_keep.lines.+a.item", "theirs"), ("_theirs", "lines.+a.item=x")],
    [("_intent", "i" * 100_000)],
    [("promised", "9999-99-99")],
    [("promised", "0000-01-01")],
    [("lines.+a.price", "1" * 10_000), ("lines.+a.item", "x")],
    [("lines.+a.price", "NaN"), ("lines.+a.quantity", "Infinity")],
    [("lines.+a.price", "-0"), ("lines.+a.quantity", "٣")],
    [("urgent", "yes")] * 500,
    [("their_number", "\ufffe\u202e\u200b")],
    [("their_number", "{{ 7 * 7 }}{% raise %}")],
    [("cost", "1"), ("_do", "save")],
    [("", "nameless")],
    [(".", "dots"), ("..", "dots"), ("lines..", "dots")],
]


@pytest.mark.parametrize("to", ["new", "edit", "recalculate", "pick"])
def test_a_hostile_post_gets_a_clear_answer(anna: Visitor, customer: str, draft: str, to: str) -> None:
    address = {"new": NEW, "edit": f"/records/{draft}/edit"}.get(to) or f"{NEW}/{to}"
    base = edited(anna, draft) if to == "edit" else order(anna)
    for pairs in HOSTILE:
        answer = anna.post(address, [*base, *pairs], **(HX if to in ("recalculate", "pick") else {}))
        assert answer.status_code in (200, 303, 403, 404, 409, 422), (pairs[0], words(answer.text))


@pytest.mark.parametrize("address", ["comments", "actions/submit", "actions/cancel", "edit", "edit/pick"])
def test_a_record_that_is_somebody_elses_is_not_told_from_none(anna: Visitor, customer: str, address: str) -> None:
    for record in ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "..%2f..%2fetc", "'--", "0" * 26):
        answer = anna.post(f"/records/{record}/{address}", {"comment": "x"})
        assert (answer.status_code, "There is nothing here" in words(answer.text)) == (404, True)


NAMES = st.text(max_size=12) | st.sampled_from(
    "customer channel urgent promised their_number reason total lines lines.+a.item lines.+a.price lines.+b.quantity "
    "_picked _filled _shown _typed _undo _do _drop _add".split()
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["", "yes", "2026-12-24", "1e5", "-1", "ACME", "lines.+a", "currency=EUR", "a=b|c"]
)


@given(pairs=st.lists(st.tuples(NAMES, TEXTS), max_size=12))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_post_gets_a_clear_answer(anna: Visitor, customer: str, pairs: list[Pair]) -> None:
    for address in (NEW, f"{NEW}/recalculate"):
        answer = anna.post(address, pairs)
        # 400: the first of two tokens counts, and one that was made up is none
        assert answer.status_code in (200, 303, 400, 403, 409, 422), words(answer.text)
