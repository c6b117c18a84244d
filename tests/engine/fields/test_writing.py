"""Values as they are stored, shown, typed and indexed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blankett.engine.feel.values import Reference
from blankett.engine.fields import FIELD_TYPES, TYPES_BY_NAME, Fault, TextReading
from blankett.engine.language.model import Field, Place, Words

D = Decimal


def make_field(type_name: str, columns: dict[str, Field] | None = None, **options: object) -> Field:
    """Return a field of a type with checked options."""
    type_ = TYPES_BY_NAME[type_name]
    return Field("x", type_, Words({"en": "X"}), None, Place(1, 1), options=options, columns=columns or {})


NBSP = "\u00a0"
SHOWN = [
    ("number", {}, D("1234567.5"), "en", None, "1,234,567.5"),
    ("number", {}, D("1234567.5"), "de", None, "1.234.567,5"),
    ("number", {}, D("1E+3"), "en", None, "1,000"),
    ("number", {}, D("-1234"), "en", None, "-1,234"),
    ("number", {"unit": Words({"en": "days", "zh": "天"})}, D("3"), "en", None, f"3{NBSP}days"),
    ("number", {"unit": Words({"en": "days", "zh": "天"})}, D("3"), "zh_Hans", None, f"3{NBSP}天"),
    ("number", {}, D("1234567"), "en_IN", None, "12,34,567"),
    ("money", {}, D("1234.5"), "en", "EUR", "€1,234.50"),
    ("money", {}, D("-1234.5"), "en", "EUR", "-€1,234.50"),
    ("money", {}, D("1234.5"), "de", "EUR", f"1.234,50{NBSP}€"),
    ("money", {}, D("1234.5"), "da", "DKK", f"1.234,50{NBSP}kr."),
    ("money", {}, D("1234"), "zh_Hans", "CNY", "¥1,234.00"),
    ("money", {}, D("1234"), "en", "JPY", "¥1,234"),
    ("money", {}, D("1234.5"), "en", None, "1,234.50"),
    ("percent", {}, D("0.125"), "en", None, "12.5%"),
    ("percent", {}, D("0.125"), "de", None, f"12,5{NBSP}%"),
    ("date", {}, date(2026, 11, 22), "en", None, "Nov 22, 2026"),
    ("date", {}, date(2026, 11, 22), "de", None, "22.11.2026"),
    ("date", {}, date(2026, 11, 22), "zh_Hans", None, "2026年11月22日"),
    ("yes_no", {}, True, "en", None, "yes"),
    ("text", {}, None, "en", None, ""),
]


@pytest.mark.parametrize(("type_name", "options", "value", "locale", "currency", "expected"), SHOWN)
def test_values_are_shown_as_the_locale_writes_them(
    type_name: str, options: dict[str, object], value: object, locale: str, currency: str | None, expected: str
) -> None:
    unit = options.pop("unit", None)
    of = replace(make_field(type_name, **options), unit=unit)
    assert of.type.show(value, of, locale, currency) == expected


STORED = [
    ("number", D("1.50"), "1.5", 1_500_000),
    ("number", D("1E+3"), "1000", 1_000_000_000),
    ("number", D("-0.000001"), "-0.000001", -1),
    ("money", D("9000000000000"), "9000000000000", 9_000_000_000_000_000_000),
    ("percent", D("0.125"), "0.125", 125_000),
    ("date", date(1970, 1, 2), "1970-01-02", 1),
    ("yes_no", True, True, 1),
    ("yes_no", False, False, 0),
    ("choice", "phone", "phone", "phone"),
    ("text", "x" * 300, "x" * 300, "x" * 300),
    ("long_text", "a\nb", "a\nb", None),
    ("link", "c1", "c1", "c1"),
    ("email", "a@b.example", "a@b.example", "a@b.example"),
]


@pytest.mark.parametrize(("type_name", "value", "stored", "slot"), STORED)
def test_values_have_one_stored_form_and_one_slot_value(
    type_name: str, value: object, stored: object, slot: object
) -> None:
    of = make_field(type_name)
    kept = of.type.to_stored(value, of)
    assert (kept, of.type.slot_value(value), of.type.from_stored(kept, of)) == (stored, slot, value)


def test_a_stored_table_comes_back_with_every_column() -> None:
    of = make_field("table", {"product": make_field("text"), "quantity": make_field("number")})
    lines = [{"id": "l1", "product": None, "quantity": D("2.50")}]
    stored = of.type.to_stored(lines, of)
    assert (stored, of.type.from_stored(stored, of)) == ([{"id": "l1", "quantity": "2.5"}], lines)


numbers = st.decimals(min_value=-(10**12), max_value=10**12, places=6)


@given(numbers, st.sampled_from(["en", "de", "da", "nb", "zh_Hans", "fr", "en_IN", "de_CH"]))
def test_what_is_typed_and_shown_reads_back_the_same(number: Decimal, locale: str) -> None:
    of = make_field("number")
    typed, shown = of.type.to_text(number, of, locale), of.type.show(number, of, locale)
    assert [of.type.read_text(text, of, TextReading(locale)) for text in (typed, shown)] == [number, number]


@given(st.text(max_size=80), st.sampled_from(FIELD_TYPES), st.sampled_from(["en", "de", "zh_Hans"]))
def test_any_text_gives_a_value_or_a_fault_never_an_exception(text: str, type_: object, locale: str) -> None:
    of = make_field(type_.name, options={}, fields={}, to="a.b")
    value = of.type.read_text(text, of, TextReading(locale))
    assert isinstance(value, Fault) or of.type.from_stored(of.type.to_stored(value, of), of) == value or value is None


def test_formulas_give_references_where_ids_are_kept() -> None:
    of = make_field("link", to="shop.customer")
    assert of.type.from_feel(Reference("c1", "ACME"), of) == "c1"


WRONG = [("number", "x"), ("number", True), ("date", "2026-01-01"), ("yes_no", D(1)), ("text", D(1)), ("link", D(1))]


@pytest.mark.parametrize(("type_name", "value"), WRONG)
def test_a_formula_that_gives_another_kind_of_value_is_a_fault(type_name: str, value: object) -> None:
    of = make_field(type_name, to="a.b")
    assert isinstance(of.type.from_feel(value, of), Fault)


@pytest.mark.parametrize(
    ("name", "value", "address"),
    [
        ("email", "a b+c@d.example", "mailto:a%20b%2Bc@d.example"),
        ("url", "https://a.example/x?y=z", "https://a.example/x?y=z"),
        ("url", "javascript:alert(1)", ""),
        ("phone", "+44 (0)20 7946 0000", "tel:+442079460000"),
        ("phone", "33 12 34 56 x7", "tel:33123456;ext=7"),
        ("phone", "none", ""),
        ("text", "https://a.example", ""),
        ("url", None, ""),
    ],
)
def test_a_value_leads_where_it_is_safe(name: str, value: str | None, address: str) -> None:
    assert TYPES_BY_NAME[name].address(value) == address
