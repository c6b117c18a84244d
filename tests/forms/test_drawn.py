"""What a control says beside its label."""

from __future__ import annotations

import pytest

from blankett.forms.controls import GridColumn, says


@pytest.mark.parametrize(
    ("label", "measure", "expected"),
    [
        ("Total in EUR", "EUR", True),
        ("Total (EUR)", "EUR", True),
        ("折合EUR总额", "EUR", True),
        ("Discount %", "%", True),
        ("Total", "EUR", False),
        ("EUROPE", "EUR", False),
        ("Weight", "", False),
    ],
)
def test_a_label_says_a_measure_as_a_word_of_its_own(label: str, measure: str, expected: bool) -> None:
    assert says(label, measure) is expected


def test_a_currency_is_told_once() -> None:
    assert GridColumn("total", "Total in EUR", True, currency="EUR").measure == ""
    assert GridColumn("total", "Total in EUR", True, currency="DKK").measure == "DKK"
    assert GridColumn("total", "Total", True, currency="EUR").measure == "EUR"
