"""Texts are kept in fewer bytes, and read letter by letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blankett.engine.store.column_types import UNREADABLE, pack, unpack

HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (HASH, 33),
        (f"12 {HASH}", 35),
        ("", 1),
        ("a1b", 4),
        (f"012 {HASH}", None),
        ('{"actions":["submit"],"record":{"state":"review"}}', 20),
        ("Ærø 订单 " * 30, 60),
    ],
    ids=["hash", "numbered hash", "empty", "odd digits", "leading zero", "payload", "other letters"],
)
def test_a_text_is_read_as_it_was(text: str, size: int | None) -> None:
    kept = pack(text)
    assert unpack(kept) == text
    assert size is None or len(kept) <= size


@given(st.text())
def test_any_text_is_read_as_it_was(text: str) -> None:
    assert unpack(pack(text)) == text


def test_texts_kept_as_they_are_are_read() -> None:
    assert [unpack(HASH.encode()), unpack(b"\x01" + HASH.encode()), unpack(b"")] == [HASH, HASH, ""]


@pytest.mark.parametrize(
    "kept",
    [b"\xffx", b"\x01\xff", b"\x04\xff\xff", pack("a" * 99)[:-1], pack("a" * 99) + b"x"],
    ids=["before", "plain", "shortened", "cut", "longer"],
)
def test_what_nobody_packed_is_a_text_that_nobody_wrote(kept: bytes) -> None:
    assert unpack(kept) == UNREADABLE + kept.decode("latin-1")
