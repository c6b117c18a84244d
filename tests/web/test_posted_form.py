"""The body of a posted form, read as the standard library reads it."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blankett.web.posted_form import LONGEST_NAME, read_pairs

from .conftest import Visitor

#: What bodies are made of: what separates, what is encoded, well and badly, and other letters.
PIECES = ("&", "=", "+", "%", "%2", "%2F", "%c3", "%A9", "%C3%A9", "%00", "%FF", "é", "表", "a", "lines", "0", ";", " ")


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_every_body_is_read_as_the_standard_library_reads_it(body: str) -> None:
    assert read_pairs(body) == parse_qsl(body, keep_blank_values=True, errors="werkzeug.url_quote")


@pytest.mark.parametrize("length", [LONGEST_NAME, 10 * LONGEST_NAME])
def test_a_name_of_any_length_is_decoded(length: int) -> None:
    assert read_pairs(f"{'%41' * length}=1") == [("A" * length, "1")]


def test_a_body_that_is_no_text_holds_no_values_and_so_no_token(anna: Visitor) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert anna.client.post("/forms/shop/order/new", data=b"channel=\xff", headers=kind).status_code == 400
