"""What a page knows of when its fields are shown is what working the form out says, case by case."""

from __future__ import annotations

import pytest

from blankett.engine.records.command import FieldVisibility, FormPreview

from .conftest import TRADE, Trade

#: A form in which conditions hang on each other, on what is typed, filled and linked.
MORE = """      channel: {type: choice, options: {phone: Phone, web: Web shop}, default: phone, index: true}
      kind: {type: choice, options: [gift, loan], visible: 'channel = "phone"'}
      wrapped: {type: yes_no, visible: 'kind = "gift"'}
      ribbon: {type: text, visible: 'wrapped and channel = "phone"'}
      dear: {type: text, visible: 'kind = "gift" and note != null'}
      by_currency: {type: text, visible: 'currency = "DKK"'}
"""
CHANNEL = MORE.splitlines(keepends=True)[0]


def of(preview: FormPreview, *path: str) -> FieldVisibility:
    return next(one for one in preview.visibility if one.path == path)


@pytest.fixture
def wider(trade: Trade) -> Trade:
    assert CHANNEL in TRADE
    trade.publish(TRADE.replace(CHANNEL, MORE))
    return trade


def test_each_case_is_what_the_form_does(wider: Trade) -> None:
    start = wider.preview("anna", "order", customer=wider.customers["NORD"], note="x")
    found = of(start, "ribbon")
    assert found.choices == (("channel",), ("wrapped",))
    shown = {("phone", "yes")}
    assert found.shown == shown
    for channel in ("phone", "web"):
        after = wider.preview("anna", "order", channel=channel, kind="gift", wrapped=True, note="x")
        assert ("ribbon" not in after.hidden) is (channel == "phone")


def test_what_else_it_hangs_on_is_watched(wider: Trade) -> None:
    preview = wider.preview("anna", "order", note="x")
    assert (of(preview, "caller").choices, of(preview, "caller").watched) == ((("channel",),), frozenset())
    assert of(preview, "caller").shown == {("phone",)}
    assert (of(preview, "dear").choices, of(preview, "dear").watched) == ((("kind",),), {"note"})
    assert (of(preview, "dear").shown, of(wider.preview("anna", "order"), "dear").shown) == ({("gift",)}, frozenset())
    assert (of(preview, "discount").choices, of(preview, "discount").watched) == ((), {"customer"})
    # The currency is filled from the customer: a choice, and not known before the customer is.
    assert (of(preview, "by_currency").choices, of(preview, "by_currency").watched) == ((("currency",),), {"customer"})


def test_columns_have_one_answer_for_all_lines(wider: Trade) -> None:
    found = of(wider.preview("anna", "order"), "lines", "rush_fee")
    assert (found.choices, found.shown, found.watched) == ((("lines", "rush"),), {("yes",)}, frozenset())


def test_nothing_is_told_of_fields_that_may_not_be_read(trade: Trade) -> None:
    secret = "      secret: {type: text, private: [manager], max_length: 100}\n"
    trade.publish(TRADE.replace(secret, secret.replace("max_length", "visible: 'channel = \"web\"', max_length")))
    assert ("secret",) not in {one.path for one in trade.preview("anna", "order").visibility}
    assert of(trade.preview("max", "order"), "secret").shown == {("web",)}
