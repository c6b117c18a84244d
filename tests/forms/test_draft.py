"""Posted texts become typed values, or faults at their controls; everything typed stays at hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from blankett.engine.fields.base import Fault, TextReading
from blankett.engine.language.model import Form
from blankett.forms.draft import Draft, read_form
from blankett.forms.schemas import schema_of
from blankett.forms.submission import Submission, read_submission

NAMES = {"ACME Ltd": "id-acme", "Bolt": "id-bolt"}


def bound(form: Form, pairs: list[tuple[str, str]], reading: TextReading) -> Draft:
    """Bind, and look up by name what was typed into links."""
    found = read_form(form.fields, schema_of(form.fields), read_submission(form, pairs), reading)
    for name, text in list(found.unresolved.items()):
        found.settle(name, NAMES.get(text) or Fault("field.no_such_record", {"value": text}))
    return found


def test_texts_become_values_by_their_types(order_form: Form, reading: TextReading) -> None:
    found = bound(
        order_form,
        [
            ("customer", "ACME Ltd"), ("channel", "phone"), ("urgent", "no"), ("urgent", "yes"),
            ("promised", "2026-12-24"), ("discount", "12.5"), ("note", "  "), ("lines", ""),
            ("lines.L1.product", "Bolt"), ("lines.L1.quantity", "1,200"), ("lines.L1.price", "0.75"),
            ("lines.+n.product", ""), ("lines.+n.quantity", ""), ("lines.+n.price", ""),
        ],
        reading,
    )  # fmt: skip
    assert found.is_valid
    assert found.values == {
        "customer": "id-acme",
        "channel": "phone",
        "urgent": True,
        "promised": date(2026, 12, 24),
        "discount": Decimal("0.125"),
        "note": None,
        "lines": [{"id": "L1", "product": "id-bolt", "quantity": Decimal(1200), "price": Decimal("0.75")}],
    }


def test_lines_keep_the_order_of_the_page(order_form: Form, reading: TextReading) -> None:
    pairs = [(f"lines.{id}.quantity", "1") for id in ("+b", "L2", "+a")]
    lines = bound(order_form, pairs, reading).values["lines"]
    assert isinstance(lines, list)
    assert [line["id"] for line in lines] == ["+b", "L2", "+a"]


def test_a_table_on_the_page_without_lines_is_empty(order_form: Form, reading: TextReading) -> None:
    assert bound(order_form, [("lines", "")], reading).values == {"lines": []}
    assert bound(order_form, [], reading).values == {}


def test_faults_stand_at_their_controls_and_the_rest_is_read(order_form: Form, reading: TextReading) -> None:
    found = bound(
        order_form,
        [
            ("customer", "Nobody"), ("promised", "tomorrow"), ("channel", "email"),
            ("lines.L1.quantity", "many"), ("lines.L1.price", "2"), ("lines.L2.quantity", "3"), ("lines.L2.price", "x"),
        ],
        reading,
    )  # fmt: skip
    assert {name: fault.message for name, fault in found.faults.items()} == {
        "customer": "field.no_such_record",
        "promised": "field.not_a_date",
        "lines.L1.quantity": "field.not_a_number",
        "lines.L2.price": "field.not_a_number",
    }
    many = Fault("field.not_a_number", {"value": "many", "example": "250"})
    x = Fault("field.not_a_number", {"value": "x", "example": "250.50"})
    assert found.values == {
        "customer": Fault("field.no_such_record", {"value": "Nobody"}),
        "promised": Fault("field.not_a_date", {"value": "tomorrow", "example": "31/12/2026"}),
        "channel": "email",
        "lines": [
            {"id": "L1", "price": Decimal(2), "quantity": many},
            {"id": "L2", "quantity": Decimal(3), "price": x},
        ],
    }
    assert found.submission.text("promised") == "tomorrow"


@pytest.mark.parametrize(
    ("pairs", "unknown"),
    [
        ([("colour", "red")], ("colour",)),
        ([("lines.L1.colour", "red")], ("lines.L1.colour",)),
        ([("other.L1.product", "x")], ("other.L1.product",)),
        ([("lines.<script>.product", "x")], ("lines.<script>.product",)),
        ([("lines..product", "x")], ("lines..product",)),
    ],
    ids=["field", "column", "table", "line id", "no line id"],
)
def test_what_the_form_does_not_have_is_refused(
    order_form: Form, reading: TextReading, pairs: list[tuple[str, str]], unknown: tuple[str, ...]
) -> None:
    found = bound(order_form, pairs, reading)
    assert (found.is_valid, found.unknown) == (False, unknown)


def test_computed_fields_cannot_be_posted(order_form: Form, reading: TextReading) -> None:
    found = bound(order_form, [("total", "1"), ("lines.L1.amount", "1")], reading)
    assert {name: fault.message for name, fault in found.faults.items()} == {
        "total": "field.computed",
        "lines.L1.amount": "field.computed",
    }


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("note", "a\x00b", "field.bad_characters"),
        ("note", "a\ud800b", "field.bad_characters"),
        ("note", "x" * 1_000_000, "field.too_long"),
        ("discount", "9" * 5_000, "field.number_too_large"),
        ("discount", "NaN", "field.not_a_number"),
        ("discount", "1e999", "field.not_a_number"),
        ("customer", "x" * 100_000, "field.no_such_record"),
        ("urgent", "perhaps", "field.not_yes_no"),
        ("channel", "fax", "field.no_such_option"),
        ("lines.L1.price", "Infinity", "field.not_a_number"),
    ],
    ids=["nul", "surrogate", "long", "huge", "nan", "exponent", "long link", "not yes or no", "no option", "infinity"],
)
def test_hostile_texts_are_faults(order_form: Form, reading: TextReading, name: str, text: str, message: str) -> None:
    found = bound(order_form, [(name, text)], reading)
    assert [found.faults[name].message, list(found.faults)] == [message, [name]]
    assert found.submission.text(name) == text


def test_lines_that_are_too_many_are_read_all_the_same(order_form: Form, reading: TextReading) -> None:
    found = bound(order_form, [(f"lines.L{n}.quantity", "1") for n in range(6)], reading)
    assert (found.faults, len(found.values["lines"])) == ({}, 6)


def test_thousands_of_lines_are_one_fault(order_form: Form, reading: TextReading) -> None:
    found = bound(order_form, [(f"lines.L{n}.quantity", "x") for n in range(1001)], reading)
    assert {name: fault.message for name, fault in found.faults.items()} == {"lines": "field.too_many_lines"}


def test_a_picked_title_stands_for_its_id(order_form: Form, reading: TextReading) -> None:
    picked = ("_picked", "customer=id-acme|The one in Bergen")
    assert bound(order_form, [("customer", "The one in Bergen"), picked], reading).values == {"customer": "id-acme"}
    typed_over = bound(order_form, [("customer", "Bolt"), picked], reading)
    assert typed_over.values == {"customer": "id-bolt"}


@pytest.mark.parametrize(
    ("pairs", "typed"),
    [
        ([("note", "")], set()),
        ([("note", "hello")], {"note"}),
        ([("note", "filled"), ("_filled", "note=filled")], set()),
        ([("note", "changed"), ("_filled", "note=filled")], {"note"}),
        ([("note", ""), ("_filled", "note=filled")], {"note"}),
        ([("note", ""), ("_typed", "note")], {"note"}),
        ([("note", "mine"), ("_typed", "note"), ("_undo", "note")], set()),
        ([("note", "same"), ("_shown", "note=same")], set()),
        ([("note", "other"), ("_shown", "note=same")], {"note"}),
        ([("note", ""), ("_shown", "note=same")], {"note"}),
        ([("lines.+a.price", "5")], {"lines/+a/price"}),
        ([("note", "a=b"), ("_filled", "note=a=b")], set()),
    ],
    ids=[
        "empty", "typed", "filled", "filled, changed", "filled, emptied", "emptied before", "undone", "as it was",
        "changed", "emptied", "cell", "equals sign",
    ],
)  # fmt: skip
def test_what_a_person_typed_is_told_from_what_was_filled(
    order_form: Form, reading: TextReading, pairs: list[tuple[str, str]], typed: set[str]
) -> None:
    assert bound(order_form, pairs, reading).typed == typed


def test_what_the_page_carries_is_read(order_form: Form) -> None:
    found = read_submission(
        order_form,
        [("_intent", "i" * 500), ("_revision", "7"), ("_do", "action.submit"), ("_touched", "note"), ("_other", "x")],
    )
    assert found == Submission(intent="i" * 100, revision=7, do="action.submit", touched={"note"})


@pytest.mark.parametrize("text", ["", "-1", "٣", "1e3", "9" * 30], ids=["empty", "negative", "arabic", "float", "huge"])
def test_a_revision_that_is_no_number_is_none(order_form: Form, text: str) -> None:
    assert read_submission(order_form, [("_revision", text)]).revision is None


@pytest.mark.parametrize(
    ("name", "edit"), [("_drop", ("drop", "lines.L1")), ("_add", ("add", "lines.L1")), ("_undo", ("undo", "lines.L1"))]
)
def test_buttons_that_change_the_form_are_read(order_form: Form, name: str, edit: tuple[str, str]) -> None:
    assert read_submission(order_form, [(name, "lines.L1")]).edit == edit


def test_lines_are_dropped_and_added(order_form: Form) -> None:
    found = read_submission(order_form, [("lines.L1.quantity", "1"), ("lines.L2.quantity", "2")])
    found.drop_line("lines.L1")
    found.drop_line("lines.none")
    found.drop_line("nothing")
    found.add_lines("lines", ["+x"])
    assert list(found.lines["lines"]) == ["L2", "+x"]
