"""The author's texts put into words."""

from __future__ import annotations

import pytest

from blankett.engine.fields.reader import NOTHING
from blankett.engine.records.explain.filled_text import MISSING, fill_gaps


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"Sent back: {MISSING}", "Sent back"),
        (f"The goods are here: Opened. {MISSING}", "The goods are here: Opened."),
        (f"You know them best – {MISSING}.", "You know them best."),
        (f"{MISSING} – {MISSING}", ""),
        (f"A {MISSING} of B", "A – of B"),
        (f"财务未同意退款：{MISSING}。", "财务未同意退款。"),
        ("Nothing is missing.", "Nothing is missing."),
    ],
)
def test_an_empty_value_at_the_end_of_a_text_is_left_out_with_what_leads_to_it(text: str, said: str) -> None:
    assert fill_gaps(text, NOTHING) == said
